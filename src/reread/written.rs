//! Where in TOML a fact of the generated files is decided.

use super::deployment_md::URL_MAP;
use super::{Subject, due};
use crate::config::environment::LoadBalancerMode;
use crate::deployment::{Deployment, Registered};
use crate::finding::SourceId;
use crate::knative::IMAGE_LABEL;
use crate::source::KeyPath;

/// A key that decides a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) source: SourceId,
    pub(super) path: KeyPath,
}

/// The settings that have a key, and whether it is portal.toml's.
const SETTINGS: &[(&str, bool, &[&str])] = &[
    ("--tag", false, &["cloud_run", "image"]),
    ("alternative_of", false, &["alternative_of"]),
    ("asgi", true, &["app", "asgi"]),
    ("autoscaling.knative.dev/maxScale", false, &["cloud_run", "max_instances"]),
    ("autoscaling.knative.dev/minScale", false, &["cloud_run", "min_instances"]),
    ("bucket", false, &["load_balancer", "state_bucket"]),
    ("client_max_body_size", true, &["app", "max_upload"]),
    ("containerConcurrency", false, &["cloud_run", "concurrency"]),
    ("cpu", false, &["cloud_run", "cpu"]),
    ("description", false, &["description"]),
    ("dockerfile", false, &["strategy"]),
    ("FROM ... AS node", true, &["container", "node_image"]),
    ("FROM ... AS app", true, &["container", "python_image"]),
    ("FROM ... AS packages", true, &["container", "python_image"]),
    ("FROM ... AS portal", true, &["container", "python_image"]),
    ("image", false, &["cloud_run", "image"]),
    (due::REQUEST_LOG, false, &["oauth", "token_delivery"]),
    ("memory", false, &["cloud_run", "memory"]),
    ("repository", false, &["cloud_run", "image"]),
    ("run.googleapis.com/cpu-throttling", false, &["cloud_run", "cpu_throttling"]),
    ("run.googleapis.com/default-url-disabled", false, &["cloud_run", "default_url"]),
    ("run.googleapis.com/description", false, &["description"]),
    ("run.googleapis.com/execution-environment", false, &["cloud_run", "execution_environment"]),
    ("run.googleapis.com/ingress", false, &["cloud_run", "ingress"]),
    ("run.googleapis.com/invoker-iam-disabled", false, &["cloud_run", "allow_unauthenticated"]),
    ("run.googleapis.com/network-interfaces", false, &["cloud_run", "network"]),
    ("run.googleapis.com/sessionAffinity", false, &["cloud_run", "session_affinity"]),
    ("run.googleapis.com/startup-cpu-boost", false, &["cloud_run", "cpu_boost"]),
    ("run.googleapis.com/vpc-access-egress", false, &["cloud_run", "vpc_egress"]),
    ("serviceAccountName", false, &["cloud_run", "service_account"]),
    ("stage", false, &["stage"]),
    ("url_map", false, &["load_balancer", "url_map"]),
    ("the other strategy", false, &["strategy"]),
];

/// The keys that decide a fact, the nearest first; none where nothing in TOML does.
pub(super) fn written(subject: Subject, key: &str, deployment: &Deployment) -> Vec<Written> {
    let portal = |path: &[&str]| at(deployment.portal_source, path);
    let environment = |path: &[&str]| at(deployment.source, path);
    match subject {
        Subject::ContainerPort => vec![portal(&["container", "port"])],
        Subject::BackendPort => vec![portal(&["container", "backend_port"])],
        Subject::Transport | Subject::ProxyTimeout => vec![environment(&["strategy"])],
        Subject::Http => vec![environment(&["http2"])],
        Subject::RequestTimeout => vec![environment(&["cloud_run", "timeout"]), environment(&["strategy"])],
        Subject::Location | Subject::Rewrite => location(key, deployment),
        Subject::ResourceName if key == URL_MAP && is_attached(deployment) => {
            vec![environment(&["load_balancer", "url_map"])]
        }
        Subject::Service | Subject::ResourceName => vec![environment(&["cloud_run", "service"]), portal(&["name"])],
        Subject::Project => vec![environment(&["cloud_run", "project"])],
        Subject::Region => vec![environment(&["cloud_run", "region"])],
        Subject::Host => vec![environment(&["hosts"])],
        Subject::RedirectUri => vec![registered(key, deployment, REDIRECT_URIS)],
        Subject::JavascriptOrigin => vec![registered(key, deployment, JAVASCRIPT_ORIGINS)],
        Subject::SentUri => vec![environment(&["oauth", "redirect_uri"])],
        Subject::Variable => vec![variable(key, deployment)],
        Subject::Copied => copied(key, deployment),
        Subject::Setting => setting(key, deployment),
        Subject::BackendAddress
        | Subject::Map
        | Subject::Upstream
        | Subject::ProbePath
        | Subject::Probe
        | Subject::StartupLimit
        | Subject::GracefulLimit
        | Subject::KeepAlive
        | Subject::Inside
        | Subject::Unquoted
        | Subject::WrongLevel
        | Subject::RefusedByNeg => Vec::new(),
    }
}

/// Whether the load balancer is there already.
fn is_attached(deployment: &Deployment) -> bool {
    deployment.load_balancer.as_ref().is_some_and(|load_balancer| load_balancer.attached.is_some())
}

fn at(source: SourceId, path: &[&str]) -> Written {
    Written { source, path: KeyPath::new(path.iter().copied()) }
}

fn location(key: &str, deployment: &Deployment) -> Vec<Written> {
    let portal = |path: &[&str]| KeyPath::new(path.iter().copied());
    let image = &deployment.image;
    let named = |path: &str, exact: bool| super::due::location_key(path, exact) == key;
    let backend = image.backend_locations.iter().position(|location| named(&location.path, location.exact));
    let api = image.api_locations.iter().position(|location| named(&location.path, location.exact));
    let backend = backend.map(|i| portal(&["app", "backend_paths"]).index(i));
    let api = api.map(|i| portal(&["api", "paths"]).index(i).key("path"));
    backend.or(api).map(|path| Written { source: deployment.portal_source, path }).into_iter().collect()
}

fn registered(key: &str, deployment: &Deployment, list: &'static str) -> Written {
    let named = |registered: &Registered<'_>| match (registered, list) {
        (Registered::Uri(entry), REDIRECT_URIS) => entry.uri.as_str() == key,
        (Registered::Origin(_, origin), JAVASCRIPT_ORIGINS) => origin.as_str() == key,
        _ => false,
    };
    let path = deployment.oauth.registered().find(named).map(Registered::key);
    Written { source: deployment.source, path: path.unwrap_or_else(|| KeyPath::new(["oauth", list])) }
}

const REDIRECT_URIS: &str = "redirect_uris";
const JAVASCRIPT_ORIGINS: &str = "javascript_origins";

fn variable(key: &str, deployment: &Deployment) -> Written {
    let source = deployment.source;
    match key {
        _ if deployment.secrets.keys().any(|name| name.as_str() == key) => at(source, &["secrets", key, "secret"]),
        _ if deployment.variables.keys().any(|name| name.as_str() == key) => at(source, &["variables", key]),
        "BACKEND_URL" => at(source, &["api", "url"]),
        "BACKEND_PUBLIC_URL" => {
            let public = deployment.api.as_ref().is_some_and(|api| api.public_url.is_some());
            at(source, &["api", if public { "public_url" } else { "url" }])
        }
        "FORWARDED_HOPS" => at(source, &["forwarded_hops"]),
        "REFLEX_STATE_MANAGER_MODE" => at(source, &["state_manager"]),
        _ => at(source, &["variables", key]),
    }
}

fn copied(key: &str, deployment: &Deployment) -> Vec<Written> {
    let app = &deployment.image.app;
    let portal = |path: &[&str]| at(deployment.portal_source, path);
    if key == app.lock.as_str() {
        return vec![portal(&["app", "lock"])];
    }
    let below = key.strip_prefix(app.source.as_str()).and_then(|rest| rest.strip_prefix('/'));
    match below {
        Some(name) if name == app.package => vec![portal(&["app", "package"]), portal(&["app", "source"])],
        Some(name) => {
            let included = app.include.iter().position(|path| path.as_str() == name);
            let path = included.map(|i| KeyPath::new(["app", "include"]).index(i));
            vec![
                path.map_or_else(
                    || portal(&["app", "source"]),
                    |path| Written { source: deployment.portal_source, path },
                ),
            ]
        }
        // The generated files go where their image's folder is.
        None => Vec::new(),
    }
}

fn setting(key: &str, deployment: &Deployment) -> Vec<Written> {
    if key == "variant" || key.strip_prefix("revision's label ") == Some(IMAGE_LABEL) {
        return ["strategy", "http2"].map(|key| at(deployment.source, &[key])).into();
    }
    if let Some(label) = key.strip_prefix("revision's label ").or_else(|| key.strip_prefix("label ")) {
        return vec![at(deployment.source, &["cloud_run", "labels", label])];
    }
    if key == due::BACKEND_SCHEME && deployment.load_balancer_mode == LoadBalancerMode::Attach {
        return vec![at(deployment.source, &["load_balancer", "load_balancing_scheme"])];
    }
    let found = SETTINGS.iter().find(|(name, ..)| *name == key);
    let written = found
        .map(|(_, of_portal, path)| at(if *of_portal { deployment.portal_source } else { deployment.source }, path));
    written.into_iter().collect()
}
