//! What every renderer and every rule reads: the two input files with all defaults and derived facts settled.
//!
//! Ports, timeouts, strategy and hosts stand here once; no artifact takes them from anywhere else. The types hold
//! plain facts; [`resolve`](crate::resolve) decides them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::app_files::AppFiles;
use crate::config::environment::{
    ExecutionEnvironment, Ingress, LoadBalancerMode, LoadBalancingScheme, SecretRef, ServedBy, Stage, StateManager,
    TokenDelivery, VpcEgress,
};
use crate::config::lint::Allow;
use crate::finding::SourceId;
use crate::layout;
use crate::source::KeyPath;
use crate::units::{
    AsgiTarget, BucketName, Cpu, Description, EnvironmentName, ExactVersion, Host, ImageRef, JavascriptOrigin,
    LabelKey, Memory, NetworkName, Origin, ProjectId, ProjectNumber, PythonVersion, RedirectUri, Region, RelativePath,
    ServiceAccount, SourceFolder, Text, Url, UrlMapName, UrlPath, VariableName, VariableValue,
};

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

/// What the four files of one image are rendered from: portal.toml, the strategy and HTTP/2, and nothing of any
/// environment, so that one digest can be promoted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Image {
    /// The strategy, and `-http2` where it is on: the folder's name.
    pub variant: String,
    /// Where the files lie, from the repository's root.
    pub directory: String,
    /// Whether the strategy is `websocket`.
    pub websocket: bool,
    /// Reflex's name for it: `websocket` or `polling`.
    pub transport: &'static str,
    /// Whether nginx speaks cleartext HTTP/2.
    pub http2: bool,
    /// Ports.
    pub ports: Ports,
    /// Times of the container, in seconds.
    pub timeouts: ContainerTimeouts,
    /// The app.
    pub app: App,
    /// Base images.
    pub images: BaseImages,
    /// `api_url` of the build: a localhost address, which the client replaces by the page's own.
    pub api_url: String,
    /// The largest request body in bytes.
    pub client_max_body_size: u64,
    /// Connections of one nginx worker: two for each of the most requests that an instance gets, and room.
    pub worker_connections: u32,
    /// The app's own paths, as nginx routes them to the backend.
    pub backend_locations: Vec<Location>,
    /// The API's paths.
    pub api_locations: Vec<ApiLocation>,
}

impl Image {
    /// Its Dockerfile, from the repository's root.
    pub fn dockerfile(&self) -> String {
        format!("{}/Dockerfile", self.directory)
    }
}

/// Times inside the container, in seconds. They depend on the strategy alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ContainerTimeouts {
    /// How long nginx waits for the backend to say something.
    pub proxy_read: u64,
    /// How long uvicorn lets requests end after SIGTERM; Cloud Run kills after 10.
    pub graceful_shutdown: u64,
    /// How long the backend may take to answer its first `/ping`.
    pub startup: u64,
}

/// The app inside the image.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct App {
    /// The folder with rxconfig.py.
    pub source: SourceFolder,
    /// The Python package.
    pub package: String,
    /// The ASGI application.
    pub asgi: AsgiTarget,
    /// The lock file.
    pub lock: RelativePath,
    /// Further files of `source`.
    pub include: Vec<RelativePath>,
    /// The Reflex version.
    pub reflex: ExactVersion,
}

impl App {
    /// Whether the image has this module of the app at the top, which the backend could import.
    pub fn carries(&self, module: &str) -> bool {
        let included = self.include.iter().any(|path| {
            let top = path.as_str().split('/').next().unwrap_or_default();
            top == module || top.strip_suffix(".py") == Some(module)
        });
        included || module == self.package || module == "rxconfig"
    }
}

/// The images that the Dockerfile starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaseImages {
    /// Python on Debian 13.
    pub python: ImageRef,
    /// Node, for the build of the frontend only.
    pub node: ImageRef,
}

/// A path and who matches it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Location {
    /// The path.
    pub path: String,
    /// The path alone, and nothing below it.
    pub exact: bool,
}

/// A path of the API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiLocation {
    /// The path.
    pub path: String,
    /// The path alone, and nothing below it.
    pub exact: bool,
    /// Whether the path is taken away before the request is passed on.
    pub strip: bool,
    /// A regular expression whose first group is what follows the path.
    pub pattern: String,
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

/// What an environment registers with the OAuth client.
#[derive(Debug, Clone, PartialEq)]
pub struct OauthClient {
    /// The client's name in the console.
    pub name: String,
    /// Who answers the callback on the portal's own hosts.
    pub callback: Callback,
    /// Whether it is known where the portal itself takes the callback.
    pub own_address: OwnAddress,
    /// URIs on the portal that a page would answer.
    pub unanswered: Vec<RedirectUriEntry>,
    /// What the API sends, if the author says so.
    pub redirect_uri: Option<RedirectUri>,
    /// Every URI to register, sorted, each once.
    pub redirect_uris: Vec<RedirectUriEntry>,
    /// Where URIs are written that stand elsewhere too.
    pub repeated: Vec<RedirectUriEntry>,
    /// Every JavaScript origin to register, as the author lists them.
    pub javascript_origins: Vec<JavascriptOrigin>,
    /// How the API hands its token to the portal.
    pub token_delivery: TokenDelivery,
    /// How browsers sign in through the API, if any callback is its own.
    pub sign_in: Option<SignIn>,
}

impl OauthClient {
    /// Every redirect URI and every JavaScript origin to register.
    pub fn registered(&self) -> impl Iterator<Item = Registered<'_>> {
        let uris = self.redirect_uris.iter().map(Registered::Uri);
        uris.chain(self.javascript_origins.iter().enumerate().map(|(i, origin)| Registered::Origin(i, origin)))
    }
}

/// What is registered with Google.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Registered<'d> {
    /// A redirect URI.
    Uri(&'d RedirectUriEntry),
    /// A JavaScript origin, and which of the list.
    Origin(usize, &'d JavascriptOrigin),
}

impl<'d> Registered<'d> {
    /// What it is, for a message.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Uri(_) => "redirect URI",
            Self::Origin(..) => "JavaScript origin",
        }
    }

    /// Its host.
    pub fn host(self) -> &'d str {
        match self {
            Self::Uri(entry) => entry.uri.host(),
            Self::Origin(_, origin) => origin.host(),
        }
    }

    /// Whether a codespace's name is still to be filled in.
    pub fn has_placeholder(self) -> bool {
        match self {
            Self::Uri(entry) => entry.uri.has_placeholder(),
            Self::Origin(_, origin) => origin.has_placeholder(),
        }
    }

    /// The key of the environment's file that it follows from.
    pub fn key(self) -> KeyPath {
        match self {
            Self::Uri(entry) => entry.key(),
            Self::Origin(i, _) => KeyPath::new(["oauth", "javascript_origins"]).index(i),
        }
    }
}

impl RedirectUriEntry {
    /// The key of the environment's file that it follows from.
    pub fn key(&self) -> KeyPath {
        match self.origin {
            UriOrigin::Host => KeyPath::new(["hosts"]),
            UriOrigin::RunApp => KeyPath::new(["cloud_run", "project_number"]),
            UriOrigin::Sent => KeyPath::new(["oauth", "redirect_uri"]),
            UriOrigin::Listed(i) => KeyPath::new(["oauth", "redirect_uris"]).index(i).key("uri"),
        }
    }

    /// Who answers it, in words.
    pub fn served(&self) -> &'static str {
        match (self.served_by, self.answered_by) {
            (ServedBy::Portal, Callback::Api) => "served by the portal, which passes it on to the API",
            (ServedBy::Portal, Callback::App) => "served by the portal",
            (ServedBy::Portal, Callback::Nobody) => "on the portal, which answers it with a page",
            (ServedBy::Api, _) => "served by the API",
            (ServedBy::Elsewhere, _) => "served elsewhere",
        }
    }
}

/// How browsers sign in through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The hosts that browsers reach the API on: that of `public_url`; without one that of `url`, and the portal's own
    /// where they pass a callback on.
    pub hosts: BTreeSet<String>,
    /// Whether any redirect URI is on one of them.
    pub has_redirect_uri: bool,
    /// The key of `[api]` that says so.
    pub said_by: &'static str,
    /// Which hosts of the portal a cookie reaches that the API sets in its answer to the callback.
    pub cookie: CookieScope,
}

/// Which hosts a cookie reaches that the API sets in its answer to the callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieScope {
    /// The callback arrives on the portal's one host: the cookie is for that host alone.
    Host,
    /// The cookie is for every host of this domain, the narrowest that the callback's host and the portal's share.
    Domain(String),
    /// The callback arrives on another site than the portal's: no cookie reaches it.
    Nowhere,
    /// The portal's hosts are not named.
    Unknown,
}

/// Whether it is known where the portal itself takes the OAuth callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAddress {
    /// What is to be known is: it is on `hosts`, on a run.app address that is known, or nowhere.
    Known,
    /// On the run.app address, which follows from the project's number, and that is not said.
    NumberMissing,
    /// On the run.app address, which has a hash only: the service's name is too long for the form with the number.
    HashOnly,
}

/// Who answers the OAuth callback on the portal's own hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callback {
    /// The API: nginx passes the path on.
    Api,
    /// The app itself, by a route of its own.
    App,
    /// Nobody: a page would come in its place.
    Nobody,
}

/// A redirect URI to register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RedirectUriEntry {
    /// The URI, to the letter.
    pub uri: RedirectUri,
    /// Who answers on its host.
    pub served_by: ServedBy,
    /// Where the author wrote it.
    pub origin: UriOrigin,
    /// Who answers it in the end: whoever the portal passes it on to, the API, or nobody of this environment's.
    pub answered_by: Callback,
}

/// Where a redirect URI comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UriOrigin {
    /// From `hosts`.
    Host,
    /// From `cloud_run.project_number`: the portal has no hosts, and takes the callback on its run.app address.
    RunApp,
    /// `oauth.redirect_uri`.
    Sent,
    /// An entry of `oauth.redirect_uris`.
    Listed(usize),
}

/// The load balancer that leads to the service: made by load_balancer.tf, or there already and given a backend by it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadBalancer {
    /// The project's ID.
    pub project: ProjectId,
    /// The service's region, and so the endpoint group's.
    pub region: Region,
    /// The service's name.
    pub service: String,
    /// The backend service's description.
    pub description: String,
    /// The scheme of the backend service and of the forwarding rules. Nothing where an attached one's is not said,
    /// which a rule refuses.
    pub load_balancing_scheme: Option<LoadBalancingScheme>,
    /// The bucket for Terraform's state.
    pub state_bucket: Option<BucketName>,
    /// Where in the bucket.
    pub state_prefix: String,
    /// The endpoint group's name.
    pub network_endpoint_group: String,
    /// The backend service's name.
    pub backend_service: String,
    /// What is in front of the backend service, where load_balancer.tf makes that too.
    pub created: Option<Frontend>,
    /// Where the backend service is to be used, where the load balancer is there already.
    pub attached: Option<Attachment>,
    /// Whether it logs requests, each with its whole URL. Not where a token may stand in one.
    pub log_requests: bool,
    /// The redirect URIs of this environment, for the record.
    pub redirect_uris: Vec<RedirectUri>,
}

/// What is in front of the backend service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frontend {
    /// The resources' names.
    pub names: FrontendNames,
    /// One certificate for each host.
    pub certificates: Vec<Certificate>,
}

/// The names of what is in front of the backend service: at most 63 characters, and new where a change replaces the
/// resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each field is named as the Terraform resource whose name it holds")]
pub struct FrontendNames {
    pub address: String,
    pub url_map: String,
    pub redirect_url_map: String,
    pub ssl_policy: String,
    pub https_proxy: String,
    pub http_proxy: String,
    pub https_forwarding_rule: String,
    pub http_forwarding_rule: String,
}

/// What the owner of a URL map adds to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attachment {
    /// The map. Nothing where the author does not say it, which a rule refuses.
    pub url_map: Option<UrlMapName>,
    /// The name of the path matcher to add: the service's.
    pub path_matcher: String,
    /// The path of the backend service, which the path matcher leads to: `projects/.../backendServices/...`.
    pub default_service: String,
    /// The hosts that it is for.
    pub hosts: Vec<Host>,
}

/// A managed certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Certificate {
    /// The host that it is for.
    pub host: Host,
    /// Its name, which follows from the host.
    pub name: String,
}
