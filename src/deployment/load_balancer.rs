//! The load balancer that leads to the service.

use serde::Serialize;

use crate::config::environment::LoadBalancingScheme;
use crate::units::{BucketName, Host, ProjectId, RedirectUri, Region, UrlMapName};

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
