//! What the platforms allow: numbers and names that portalgen does not choose, each with its source.
//!
//! Read in November 2026.

/// Regions that have Cloud Run. The list grows: an unknown, well-formed region is a warning, not an error.
///
/// Source: <https://docs.cloud.google.com/run/docs/locations>.
pub const REGIONS: &[&str] = &[
    "africa-south1",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-southwest1",
    "europe-west1",
    "europe-west10",
    "europe-west12",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "me-central1",
    "me-central2",
    "me-west1",
    "northamerica-northeast1",
    "northamerica-northeast2",
    "southamerica-east1",
    "southamerica-west1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
    "us-west2",
    "us-west3",
    "us-west4",
];

/// Variables that Cloud Run sets itself and refuses in a service.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/environment-variables>.
pub const RESERVED_VARIABLES: &[&str] = &["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"];

/// How the names of variables begin that Google may have reserved.
///
/// Source: a validator of manifests; Google's pages do not say so.
/// <https://github.com/justinswe/rules_cloudrun/blob/7bec80745ddd4f447b5afa00d28b3cc83bec0b01/docs/validation.md>
pub const GOOGLE_VARIABLE_PREFIX: &str = "X_GOOGLE_";

/// Bytes: the longest value of a variable.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/overview-environment-variables>.
pub const VARIABLE_VALUE_MAX: usize = 32768;

/// Variables of a container, secrets among them, at most.
///
/// Source: <https://docs.cloud.google.com/run/quotas>.
pub const VARIABLES_MAX: usize = 1000;

/// Annotations that Cloud Run takes on the Service alone.
///
/// Source: `ObjectMeta.annotations` of the Cloud Run Admin API v1, and
/// <https://docs.cloud.google.com/run/docs/reference/yaml/v1>.
pub const SERVICE_ANNOTATIONS: &[&str] = &[
    "run.googleapis.com/binary-authorization",
    "run.googleapis.com/binary-authorization-breakglass",
    "run.googleapis.com/custom-audiences",
    "run.googleapis.com/default-url-disabled",
    "run.googleapis.com/description",
    "run.googleapis.com/iap-enabled",
    "run.googleapis.com/ingress",
    "run.googleapis.com/invoker-iam-disabled",
    "run.googleapis.com/launch-stage",
    "run.googleapis.com/manualInstanceCount",
    "run.googleapis.com/maxScale",
    "run.googleapis.com/minScale",
    "run.googleapis.com/scalingMode",
];

/// Annotations that Cloud Run takes on the Revision alone.
///
/// Source: as above.
pub const REVISION_ANNOTATIONS: &[&str] = &[
    "autoscaling.knative.dev/maxScale",
    "autoscaling.knative.dev/minScale",
    "run.googleapis.com/cloudsql-instances",
    "run.googleapis.com/container-dependencies",
    "run.googleapis.com/cpu-throttling",
    "run.googleapis.com/encryption-key",
    "run.googleapis.com/execution-environment",
    "run.googleapis.com/health-check-disabled",
    "run.googleapis.com/network-interfaces",
    "run.googleapis.com/secrets",
    "run.googleapis.com/sessionAffinity",
    "run.googleapis.com/startup-cpu-boost",
    "run.googleapis.com/vpc-access-connector",
    "run.googleapis.com/vpc-access-egress",
];

/// Seconds: the longest that Cloud Run lets one request last, and so one WebSocket.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/request-timeout>.
pub const REQUEST_TIMEOUT_MAX: u64 = 3600;

/// Seconds: what Cloud Run allows a request when nothing is written.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/request-timeout>.
pub const REQUEST_TIMEOUT_DEFAULT: u64 = 300;

/// Seconds: how long Reflex's server holds a poll when there is nothing to say, before it pings.
///
/// Source: `REFLEX_SOCKET_INTERVAL` of Reflex 0.8.24.post1.
pub const PING_INTERVAL: u64 = 25;

/// Seconds: what a poll may take beyond the time that it is held.
pub const POLL_RESERVE: u64 = 5;

/// Requests at once in an instance, at most; an open WebSocket is one.
///
/// Source: <https://docs.cloud.google.com/run/docs/about-concurrency>.
pub const CONCURRENCY_MAX: u32 = 1000;

/// Requests at once in an instance of one CPU or more when nothing is written.
///
/// Source: <https://docs.cloud.google.com/run/docs/about-concurrency>.
pub const CONCURRENCY_DEFAULT: u32 = 80;

/// Characters: the longest name of a service.
///
/// Source: the API's own rejection; the console stops at [`SERVICE_NAME_IN_CONSOLE_MAX`].
pub const SERVICE_NAME_MAX: usize = 63;

/// Characters: the longest name of a service that the console takes. With a project number of 12 digits, a name above 50
/// has no address that can be told beforehand: its first label would be longer than 63.
///
/// Source: <https://docs.cloud.google.com/run/docs/triggering/https-request>.
pub const SERVICE_NAME_IN_CONSOLE_MAX: usize = 49;

/// Paths that never reach a container of Cloud Run: this one, and everything below the other.
///
/// Source: <https://docs.cloud.google.com/run/docs/known-issues>.
pub const RESERVED_PATHS: (&str, &str) = ("/eventlog", "/_ah/");

/// Characters of a service's description, at most.
///
/// Source: <https://run.googleapis.com/$discovery/rest?version=v2>.
pub const DESCRIPTION_MAX: usize = 512;

/// Labels of a resource, at most.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/labels>.
pub const LABELS_MAX: usize = 64;

/// Characters of a label's value, at most.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/labels>.
pub const LABEL_VALUE_MAX: usize = 63;

/// Characters of a label's key, at most.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/labels>.
pub const LABEL_KEY_MAX: usize = 63;

/// Characters of one label of a host name, at most, and so of every name that becomes one (RFC 1035, 2.3.4).
///
/// Source: <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>.
pub const DNS_LABEL_MAX: usize = 63;

/// Characters: the longest name of a Compute Engine resource (RFC 1035).
///
/// Source: `ValidateGCEName` of the Terraform provider for Google Cloud 7.45.0.
pub const COMPUTE_NAME_MAX: usize = 63;

/// Paths that Reflex's backend serves itself (0.8.24.post1, `Endpoint`), and the files of the built client that every
/// portal has: an app's or an API's path may not lie over them.
pub const REFLEX_PATHS: &[&str] = &[
    "/ping",
    "/_event/",
    "/_upload/",
    "/_health",
    "/_all_routes",
    "/auth-codespace",
    "/assets/",
    "/index.html",
    "/404.html",
    "/__spa-fallback.html",
    "/sitemap.xml",
];

/// The memory in mebibytes that goes with a number of CPUs, least and most. `whole` is for an instance of the second
/// generation, or one whose CPU is always allocated.
///
/// Sources: <https://docs.cloud.google.com/run/docs/configuring/services/cpu> and
/// <https://docs.cloud.google.com/run/docs/configuring/services/memory-limits>.
pub fn memory_band(cpu: f64, whole: bool) -> (u64, u64) {
    const GIB: u64 = 1024;
    let floor = if whole { 512 } else { 128 };
    match cpu {
        c if c < 0.5 => (floor, 512),
        c if c < 1.0 => (floor, GIB),
        c if c < 2.0 => (floor, 4 * GIB),
        c if c < 4.0 => (floor, 8 * GIB),
        c if c < 6.0 => (2 * GIB, 16 * GIB),
        c if c < 8.0 => (4 * GIB, 24 * GIB),
        _ => (4 * GIB, 32 * GIB),
    }
}

/// Certificates of one HTTPS proxy, and so hosts of one load balancer, at most.
///
/// Source: `google_compute_target_https_proxy` of the Terraform provider for Google Cloud 7.45.0.
pub const CERTIFICATES_MAX: usize = 15;

/// Mebibytes: the largest request body that Cloud Run takes over HTTP/1. HTTP/2 to the container has no limit.
///
/// Source: <https://docs.cloud.google.com/run/quotas>.
pub const HTTP1_BODY_MAX_MIB: u64 = 32;

/// Domains of all redirect URIs and JavaScript origins of a project, at most.
///
/// Source: <https://support.google.com/cloud/answer/7650096>.
pub const OAUTH_DOMAINS_MAX: usize = 10;

/// The first Reflex whose build leaves the client in `.web/build/client`; before it, the folder was `.web/_static`.
///
/// Source: `Dirs.STATIC` of Reflex 0.7.14 and 0.8.0, <https://github.com/reflex-dev/reflex/releases>.
pub const REFLEX_WITH_BUILD_FOLDER: &[u64] = &[0, 8];

/// The first Reflex with a `transport`; before it, the server took WebSockets alone.
///
/// Source: `Config` of Reflex 0.8.18 and 0.8.19, <https://github.com/reflex-dev/reflex/releases>.
pub const REFLEX_WITH_TRANSPORT: &[u64] = &[0, 8, 19];

/// The first Reflex that can be imported beside SQLAlchemy without greenlet.
///
/// Source: reflex/model.py of Reflex 0.10.0 and 0.10.1, <https://github.com/reflex-dev/reflex/releases>.
pub const REFLEX_WITHOUT_GREENLET: &[u64] = &[0, 10, 1];

/// The first Reflex that does not bring SQLAlchemy along.
///
/// Source: the dependencies of Reflex 0.8.28.post1 and 0.9.0, <https://github.com/reflex-dev/reflex/releases>.
pub const REFLEX_WITHOUT_DATABASE: &[u64] = &[0, 9];

/// The oldest Node that builds the frontend of a Reflex version: from a version on, and Node's.
///
/// Source: `Node.MIN_VERSION` of Reflex 0.8.0, 0.9.2, 0.9.3, 0.9.8, 0.9.9 and 0.10.1,
/// <https://github.com/reflex-dev/reflex/releases>.
pub const NODE_FLOORS: &[(&[u64], &str)] = &[(&[0, 9, 9], "22.22.0"), (&[0, 9, 3], "22.12.0"), (&[0, 8], "20.19.0")];

/// The oldest Python that a Reflex version can be installed for: from a version on, and Python's.
///
/// Source: Requires-Python of Reflex 0.8.0, 0.9.13 and 0.10.0, <https://github.com/reflex-dev/reflex/releases>.
pub const PYTHON_FLOORS: &[(&[u64], &str)] = &[(&[0, 10], "3.11"), (&[0, 8], "3.10")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_bands_are_those_of_the_documentation() {
        let table = [
            (0.08, 128, 512),
            (0.499, 128, 512),
            (0.5, 128, 1024),
            (0.999, 128, 1024),
            (1.0, 128, 4096),
            (2.0, 128, 8192),
            (4.0, 2048, 16384),
            (6.0, 4096, 24576),
            (8.0, 4096, 32768),
        ];
        for (cpu, least, most) in table {
            assert_eq!(memory_band(cpu, false), (least, most), "{cpu} CPU");
            assert_eq!(memory_band(cpu, true), (least.max(512), most), "{cpu} CPU, whole");
        }
    }
}
