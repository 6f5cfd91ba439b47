//! What every renderer and every rule reads: the two input files with all defaults and derived facts settled.
//!
//! Ports, timeouts, strategy and hosts stand here once; no artifact takes them from anywhere else. The types hold
//! plain facts; [`resolve`](crate::resolve) decides them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app_files::AppFiles;
use crate::config::environment::{
    ExecutionEnvironment, Ingress, LoadBalancerMode, SecretRef, Stage, StateManager, VpcEgress,
};
use crate::config::lint::Allow;
use crate::finding::SourceId;
use crate::layout;
use crate::source::KeyPath;
use crate::units::{
    Cpu, Description, EnvironmentName, Host, ImageRef, LabelKey, Memory, NetworkName, Origin, ProjectId, ProjectNumber,
    PythonVersion, Region, ServiceAccount, Text, Url, UrlPath, VariableName, VariableValue,
};

mod image;
mod load_balancer;
mod oauth;

pub use image::{ApiLocation, App, BaseImages, ContainerTimeouts, Image, Location};
pub use load_balancer::{Attachment, Certificate, Frontend, FrontendNames, LoadBalancer};
pub use oauth::{Callback, CookieScope, OauthClient, OwnAddress, RedirectUriEntry, Registered, SignIn, UriOrigin};

/// The API's variable for the redirect URI that it sends to Google.
pub const SENT_URI_VARIABLE: &str = "GOOGLE_REDIRECT_URI";
/// Where the redirect URIs and origins of an OAuth client are edited.
pub const CONSOLE: &str = "https://console.cloud.google.com/auth/clients";
/// Reflex's variable for where Redis is.
pub const REDIS_URL_VARIABLE: &str = "REFLEX_REDIS_URL";
/// Reflex's variable for the origins whose pages may open a socket.
pub const CORS_ORIGINS_VARIABLE: &str = "REFLEX_CORS_ALLOWED_ORIGINS";

/// portal.toml, resolved.
#[derive(Debug, Clone)]
pub struct Portal {
    /// portal.toml among the read files.
    pub source: SourceId,
    /// The app.
    pub app: App,
    /// The Python of the image.
    pub python: PythonVersion,
    /// Base images.
    pub images: BaseImages,
    /// Where the author decided what may also be left to a default.
    pub keys: PortalKeys,
    /// What is known of the app's files.
    pub files: AppFiles,
    /// Ports of the container.
    pub ports: Ports,
    /// The app's own paths.
    pub backend_paths: Vec<UrlPath>,
    /// The API's paths.
    pub api_paths: Vec<UrlPath>,
    /// The OAuth callback on the portal's hosts.
    pub callback_path: UrlPath,
    /// Where sign-in begins on the API.
    pub login_path: Option<UrlPath>,
    /// The author's allowances.
    pub allow: Vec<Allow>,
}

/// The keys of portal.toml that decide a value: its own key where that is written, else the one that its default
/// follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalKeys {
    /// The ASGI application.
    pub asgi: KeyPath,
    /// The image of Node. Its default suits some versions of Reflex and not others.
    pub node_image: KeyPath,
    /// The image of Python.
    pub python_image: KeyPath,
}

/// The ports of the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ports {
    /// nginx listens here and Cloud Run sends here.
    pub container: u32,
    /// uvicorn listens here, on the loopback address only.
    pub backend: u32,
}

/// One environment, resolved.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The environment's file among the read files.
    pub source: SourceId,
    /// portal.toml among the read files.
    pub portal_source: SourceId,
    /// The environment's name.
    pub environment: EnvironmentName,
    /// Its file, from portal.toml's folder, as headers name it.
    pub file: String,
    /// How far from production.
    pub stage: Stage,
    /// The environment whose service this one deploys in another form.
    pub alternative_of: Option<EnvironmentName>,
    /// What it is for.
    pub description: Option<Description>,
    /// Where the portal answers.
    pub hosts: Vec<Host>,
    /// Where state is kept.
    pub state_manager: StateManager,
    /// The largest request body that portal.toml asks for, in mebibytes, whatever of it reaches this environment.
    pub max_upload: u64,
    /// Whether rxconfig.py tells Reflex where Redis is.
    pub redis_in_code: bool,
    /// What the image's files are rendered from.
    pub image: Image,
    /// The Cloud Run service, if there is one.
    pub service: Option<Service>,
    /// The API, if there is one.
    pub api: Option<Api>,
    /// Variables as the author wrote them.
    pub variables: BTreeMap<VariableName, VariableValue>,
    /// Variables that portalgen derives.
    pub derived_variables: BTreeMap<&'static str, String>,
    /// Variables whose value is a secret.
    pub secrets: BTreeMap<VariableName, SecretRef>,
    /// What is registered with Google.
    pub oauth: OauthClient,
    /// Whether there is to be a load balancer.
    pub load_balancer_mode: LoadBalancerMode,
    /// The load balancer, if portalgen makes one or its backend.
    pub load_balancer: Option<LoadBalancer>,
    /// The author's allowances.
    pub allow: Vec<Allow>,
    /// Keys that are written and change nothing, and why.
    pub without_effect: Vec<WithoutEffect>,
}

impl Deployment {
    /// Whether somebody has to agree before anything is deployed.
    pub fn asks_before_deploying(&self) -> bool {
        self.stage > Stage::Demo
    }

    /// Whether Terraform's state would be a file on one machine.
    pub fn has_local_state(&self) -> bool {
        self.load_balancer.as_ref().is_some_and(|load_balancer| load_balancer.state_bucket.is_none())
    }

    /// Whether it may not be applied for that: others than the one developer would have no state.
    pub fn refuses_local_state(&self) -> bool {
        self.stage > Stage::Development && self.has_local_state()
    }

    /// Where its files lie, from the repository's root: `out/demo`.
    pub fn folder(&self) -> String {
        format!("{}/{}", layout::OUT, self.environment)
    }

    /// The names that the author gives to variables, each with its table.
    pub fn variable_names(&self) -> impl Iterator<Item = (&'static str, &VariableName)> {
        let variables = self.variables.keys().map(|name| ("variables", name));
        variables.chain(self.secrets.keys().map(|name| ("secrets", name)))
    }

    /// The secrets of the portal and of the API, each with the keys of its table.
    pub fn secret_refs(&self) -> impl Iterator<Item = (&'static [&'static str], &VariableName, &SecretRef)> {
        let portal = self.secrets.iter().map(|(name, secret)| (&["secrets"][..], name, secret));
        let api = self.api.iter().flat_map(|api| &api.secrets);
        portal.chain(api.map(|(name, secret)| (&["api", "secrets"][..], name, secret)))
    }
}

/// A key that is written and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutEffect {
    /// The keys that lead to it.
    pub path: &'static [&'static str],
    /// Why it changes nothing.
    pub why: &'static str,
}

/// A Cloud Run service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name. A derived one can be too long, which a rule says.
    pub name: String,
    /// The project's ID.
    pub project: ProjectId,
    /// The project's number, where it is known.
    pub project_number: Option<ProjectNumber>,
    /// The host of its run.app address with the project's number. Nothing where that is not known, or where the first
    /// label would be longer than a label can be, so that Cloud Run gives no such address.
    pub run_app_host: Option<Host>,
    /// The region.
    pub region: Region,
    /// The image to deploy.
    pub image: ImageRef,
    /// Who can reach it.
    pub ingress: Ingress,
    /// Whether the run.app address answers.
    pub default_url: bool,
    /// Whether callers need no Google identity.
    pub allow_unauthenticated: bool,
    /// What it runs as.
    pub service_account: Option<ServiceAccount>,
    /// Instances kept warm.
    pub min_instances: u32,
    /// Instances at most.
    pub max_instances: u32,
    /// CPUs of an instance.
    pub cpu: Cpu,
    /// Memory of an instance.
    pub memory: Memory,
    /// Asks whether the container has started.
    pub startup_probe: ProbeTimes,
    /// Asks whether it still answers.
    pub liveness_probe: ProbeTimes,
    /// Requests at once in an instance.
    pub concurrency: u32,
    /// The longest request in seconds.
    pub timeout_seconds: u64,
    /// Whether a browser stays with its instance.
    pub session_affinity: bool,
    /// Whether CPU is given only while a request is handled.
    pub cpu_throttling: bool,
    /// Whether there is more CPU at start.
    pub cpu_boost: bool,
    /// The sandbox.
    pub execution_environment: Option<ExecutionEnvironment>,
    /// The author's labels.
    pub labels: BTreeMap<LabelKey, Text>,
    /// Direct VPC egress: network.
    pub network: Option<NetworkName>,
    /// Direct VPC egress: subnet.
    pub subnet: Option<NetworkName>,
    /// What goes through the network.
    pub vpc_egress: Option<VpcEgress>,
}

impl Service {
    /// Whether a host is one of the service's run.app addresses: `<service>-<hash>-<region's letters>.a.run.app`, or
    /// `<service>-<project number>.<region>.run.app`, each with `<tag>---` in front or without. Where the project's number
    /// is known, an address with another one is another project's.
    pub fn is_at(&self, host: &str) -> bool {
        let Some((label, domain)) = host.split_once('.') else { return false };
        let untagged = label.split_once("---").map(|(_, rest)| rest);
        let rests = [Some(label), untagged].into_iter().flatten();
        let mut rests = rests.filter_map(|label| label.strip_prefix(self.name.as_str())?.strip_prefix('-'));
        let all = |text: &str, legal: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| legal(&byte));
        match domain {
            "a.run.app" => rests.any(|rest| {
                rest.split_once('-').is_some_and(|(hash, region)| {
                    hash.len() == 10
                        && all(hash, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
                        && region.len() == 2
                        && all(region, u8::is_ascii_lowercase)
                })
            }),
            _ => {
                let region = domain.strip_suffix(".run.app") == Some(self.region.as_str());
                let number = self.project_number.map(|number| number.to_string());
                let ours =
                    |rest| number.as_ref().map_or_else(|| all(rest, u8::is_ascii_digit), |number| rest == number);
                region && rests.any(ours)
            }
        }
    }
}

/// How often a probe asks, and how long it is patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeTimes {
    /// Seconds from one question to the next.
    pub period_seconds: u32,
    /// Seconds that an answer may take, at most the period.
    pub timeout_seconds: u32,
    /// Questions in a row that may fail.
    pub failure_threshold: u32,
}

/// The API service.
#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    /// As the container calls it.
    pub url: Origin,
    /// As browsers call it, if that differs.
    pub public_url: Option<Url>,
    /// Its secrets.
    pub secrets: BTreeMap<VariableName, SecretRef>,
}
