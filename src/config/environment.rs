//! `envs/<environment>.toml`: where one copy of the portal runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;
use super::lint::Lint;
use crate::limits;
use crate::units::{
    Bounded, BucketName, Cpu, Description, Duration, EnvironmentName, Host, ImageRef, JavascriptOrigin, LabelKey,
    Memory, NetworkName, Origin, PortalPath, ProjectId, ProjectNumber, RedirectUri, Region, SecretName, SecretVersion,
    ServiceAccount, ServiceName, Text, Url, UrlMapName, VariableName, VariableValue,
};

/// One place where the portal runs. The environment is named by its file: `envs/demo.toml` is `demo`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentFile {
    /// Where portal.toml is, from this file: `../portal.toml`.
    pub portal: PortalPath,
    /// How far from production this is, and so how strict the rules are.
    pub stage: Stage,
    /// How the browser and the backend keep in touch.
    pub strategy: Strategy,
    /// End-to-end HTTP/2 (`h2c`) from Cloud Run to nginx, for uploads above 32Mi. Only with the strategy
    /// `websocket-free`: a WebSocket does not survive it.
    #[serde(default)]
    pub http2: bool,
    /// What this environment is for: shown in the Cloud Run console and on the load balancer.
    pub description: Option<Description>,
    /// The environment whose service this one deploys in another form (another strategy, say). Without it, two
    /// environments with one service are an error.
    pub alternative_of: Option<EnvironmentName>,
    /// Where this portal answers, without scheme. Certificates and OAuth callbacks follow from it.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// Where the state of open tabs is kept.
    #[serde(default)]
    pub state_manager: StateManager,
    /// How many proxies in front of nginx add to `X-Forwarded-For`; entries before theirs may be forged and are
    /// dropped. Default: 2 behind a load balancer (`[load_balancer]`, or an `ingress` that lets nobody else in), else 1.
    pub forwarded_hops: Option<Bounded<0, 3>>,
    /// The Cloud Run service. Without it, only variables and redirect URIs are written (a GitHub codespace, say).
    pub cloud_run: Option<CloudRun>,
    /// The API service that owns sign-in.
    pub api: Option<Api>,
    /// Environment variables of the portal. Any text is passed on as it stands.
    #[serde(default)]
    pub variables: BTreeMap<VariableName, VariableValue>,
    /// Environment variables whose value is in Secret Manager: `NAME = { secret = "...", version = "1" }`. Never a
    /// value.
    #[serde(default)]
    pub secrets: BTreeMap<VariableName, SecretRef>,
    /// Sign-in with Google: redirect URIs beside those of `hosts`, and how the token comes back.
    #[serde(default)]
    pub oauth: Oauth,
    /// The load balancer in front of the service.
    #[serde(default)]
    pub load_balancer: LoadBalancer,
    /// Allowances: findings of this environment that are to pass.
    #[serde(default)]
    pub lint: Lint,
}

/// How far from production an environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A developer's own machine or codespace.
    Development,
    /// Shown to others; may lose state and be replaced at any time.
    Demo,
    /// User acceptance tests: as production, with test data.
    Uat,
    /// The real thing.
    Production,
}

impl Stage {
    /// Every stage, the strictest last.
    pub const ALL: [Self; 4] = [Self::Development, Self::Demo, Self::Uat, Self::Production];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Demo => "demo",
            Self::Uat => "uat",
            Self::Production => "production",
        }
    }
}

/// How the browser and the backend keep in touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Socket.IO over long polling: ordinary requests, each at most half a minute. Needs session affinity.
    WebsocketFree,
    /// Socket.IO over one WebSocket a tab, which Cloud Run ends after at most an hour; the client connects again.
    Websocket,
}

/// Where the state of open tabs is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateManager {
    /// In the instance's memory: gone when the instance ends or a request lands on another one.
    #[default]
    Memory,
    /// In files of the instance, which on Cloud Run are its memory too.
    Disk,
    /// In Redis, shared by all instances. Needs `REFLEX_REDIS_URL` among the secrets.
    Redis,
}

/// The Cloud Run service.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudRun {
    /// The project ID (not its name or number).
    pub project: ProjectId,
    /// The project's number, which the console's start page shows: 12 digits. It makes the run.app address known: a
    /// portal without `hosts` gets its redirect URI by it, `portalgen verify` can ask whether the address is closed,
    /// and no other project's is taken for it.
    pub project_number: Option<ProjectNumber>,
    /// The region of the service, such as `asia-south1`.
    pub region: Region,
    /// The service's name. Default: `<portal's name>-<environment>`, or that of `alternative_of`.
    pub service: Option<ServiceName>,
    /// The image to deploy, with a tag or, better, a digest.
    pub image: ImageRef,
    /// Who can reach the service at all.
    #[serde(default)]
    pub ingress: Ingress,
    /// Whether the service answers on its run.app address. Switch it off behind a load balancer, unless a callback
    /// still uses that address.
    #[serde(default = "yes")]
    pub default_url: bool,
    /// Whether anyone may call the service without a Google identity: `true` for a public portal, and behind a load
    /// balancer, which cannot sign its requests.
    #[serde(default)]
    pub allow_unauthenticated: bool,
    /// The service account that the portal runs as. Default: the project's Compute Engine account, which may do too
    /// much.
    pub service_account: Option<ServiceAccount>,
    /// Instances that are kept warm. 0 saves money and costs a start of several seconds.
    #[serde(default = "no_instance")]
    pub min_instances: Bounded<0, 1000>,
    /// Instances at most. Above 1, state in memory is lost whenever a request lands on another instance.
    pub max_instances: Bounded<1, 1000>,
    /// CPUs of an instance: 1, 2, 4, 6 or 8, or a fraction from 0.08 to below 1. Default: 1.
    #[schemars(extend("default" = 1))]
    pub cpu: Option<Cpu>,
    /// Memory of an instance, files written at run time included: `512Mi`, `1Gi`. Default: `512Mi`.
    #[schemars(extend("default" = defaults::MEMORY))]
    pub memory: Option<Memory>,
    /// Requests that one instance handles at once; an open WebSocket is one. 1 to 1000, default 80 (1 with less than
    /// one CPU).
    pub concurrency: Option<Bounded<1, { limits::CONCURRENCY_MAX }>>,
    /// How long one request may take, and one WebSocket live: at most `1h`. Default: `1h` with the strategy
    /// `websocket`, `300s` without. nginx waits as long for each part of an answer, however long the whole takes.
    pub timeout: Option<Duration>,
    /// Send a browser's requests to the same instance. Long polling breaks without it as soon as there are two
    /// instances, and every rollout makes two.
    #[serde(default = "yes")]
    pub session_affinity: bool,
    /// CPU only while a request is handled (request-based billing). Switch off if work must go on in between.
    #[serde(default = "yes")]
    pub cpu_throttling: bool,
    /// More CPU while an instance starts.
    #[serde(default = "yes")]
    pub cpu_boost: bool,
    /// The sandbox. Default: Cloud Run picks.
    pub execution_environment: Option<ExecutionEnvironment>,
    /// Labels of the service and its revisions, for billing and logs. Cloud Run takes lower-case letters, digits, `-`
    /// and `_` in a value, at most 63.
    #[serde(default)]
    pub labels: BTreeMap<LabelKey, Text>,
    /// The VPC network for Direct VPC egress, to reach a Redis with a private address, say.
    pub network: Option<NetworkName>,
    /// The subnet for Direct VPC egress, in the service's region.
    pub subnet: Option<NetworkName>,
    /// What goes through the network. Default with a network: `private-ranges-only`.
    pub vpc_egress: Option<VpcEgress>,
}

fn yes() -> bool {
    true
}

fn no_instance() -> Bounded<0, 1000> {
    Bounded::constant(0)
}

/// Who can reach the service at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ingress {
    /// The whole internet, on the run.app address too.
    #[default]
    All,
    /// The load balancer and the project's own networks: the run.app address cannot be used to go round the load
    /// balancer.
    InternalAndCloudLoadBalancing,
    /// The project's own networks only.
    Internal,
}

/// The sandbox that an instance runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionEnvironment {
    /// First generation: faster cold starts.
    Gen1,
    /// Second generation: full Linux compatibility, at least 512Mi.
    Gen2,
}

/// What goes through the VPC network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VpcEgress {
    /// Private addresses only; the rest goes out directly.
    PrivateRangesOnly,
    /// Everything.
    AllTraffic,
}

/// The API service that owns sign-in.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The API's address without a path, as the container calls it: `BACKEND_URL`.
    pub url: Origin,
    /// The API's address as browsers use it, where it differs: `BACKEND_PUBLIC_URL`. Default: `url`.
    pub public_url: Option<Url>,
    /// The API's own secrets, listed in api.env: `NAME = { secret = "...", version = "1" }`. Never a value.
    #[serde(default)]
    pub secrets: BTreeMap<VariableName, SecretRef>,
}

/// A value in Secret Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRef {
    /// The secret's name in the service's project.
    pub secret: SecretName,
    /// The version: a number, an alias, or `latest`, which is read anew whenever an instance starts.
    pub version: SecretVersion,
}

/// Sign-in with Google: redirect URIs beside those of `hosts`, and how the token comes back.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Oauth {
    /// The redirect URI that the API sends to Google: its `GOOGLE_REDIRECT_URI`.
    pub redirect_uri: Option<RedirectUri>,
    /// Further redirect URIs to register.
    pub redirect_uris: Vec<RegisteredUri>,
    /// Origins to register (`https://pp.demo.waooaw.com`), where code in the browser calls Google itself. Sign-in by
    /// the API needs none.
    pub javascript_origins: Vec<JavascriptOrigin>,
    /// How the API hands its own token to the portal once a user has signed in. api.env says what that asks of the API,
    /// and with `query` the load balancer logs no requests. Default: `query`.
    pub token_delivery: TokenDelivery,
}

/// How the API hands its own token to the portal once a user has signed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenDelivery {
    /// In a cookie that the API sets for the domain which it shares with the portal (`waooaw.com`), with `HttpOnly`,
    /// `Secure` and `SameSite`. No address ever holds the token. Hosts below `run.app` share no domain.
    Cookie,
    /// By a code in the address that works once and for a minute at most: the portal's backend exchanges it for the
    /// token.
    Code,
    /// In the address behind `#`, which browsers send to no server. It stays in the browser's history.
    Fragment,
    /// In the address behind `?`, as many APIs do it. It stays in the browser's history and in every log on the way,
    /// Cloud Run's own among them: api.env has the command that keeps it out of that one.
    #[default]
    Query,
}

/// A redirect URI to register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisteredUri {
    /// The URI, to the letter as it is sent.
    pub uri: RedirectUri,
    /// Who answers on that host.
    pub served_by: ServedBy,
}

/// Who answers on a redirect URI's host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServedBy {
    /// The portal, whose nginx passes the callback on to the API.
    Portal,
    /// The API itself.
    Api,
    /// Another service that shares the OAuth client.
    Elsewhere,
}

/// The load balancer in front of the service.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoadBalancer {
    /// Whether there is one, and who makes it.
    pub mode: LoadBalancerMode,
    /// For `attach`: the scheme of the load balancer's forwarding rule, which the backend service must share. `gcloud
    /// compute forwarding-rules describe NAME --global` shows it.
    pub load_balancing_scheme: Option<LoadBalancingScheme>,
    /// For `attach`: the name of the URL map that gets the hosts. `gcloud compute url-maps list` shows it.
    pub url_map: Option<UrlMapName>,
    /// The Cloud Storage bucket for Terraform's state. Without it the state is a file beside load_balancer.tf.
    pub state_bucket: Option<BucketName>,
}

/// Whether there is a load balancer, and who makes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoadBalancerMode {
    /// None: the portal answers on its run.app address.
    #[default]
    None,
    /// load_balancer.tf makes a global external Application Load Balancer for `hosts`.
    Create,
    /// There is one already, in the same project: load_balancer.tf makes the backend for it, and the owner of its URL
    /// map adds `hosts` by url_map.hcl or by add-path-matcher.sh.
    Attach,
}

/// What kind of global external Application Load Balancer it is, as Google Cloud names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LoadBalancingScheme {
    /// The present one, which Google recommends.
    ExternalManaged,
    /// The classic one.
    External,
}
