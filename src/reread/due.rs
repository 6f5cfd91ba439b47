//! What each generated file has to state, from the configuration and without a look at any template.

use std::borrow::Cow;

use super::url_map::{BACKEND_SERVICE, NEW_HOSTS};
use super::{Kind, Subject, deployment_md};
use crate::config::environment::{ExecutionEnvironment, Ingress, LoadBalancingScheme, VpcEgress};
use crate::deployment::{
    Attachment, BaseImages, Deployment, Frontend, Image, LoadBalancer, ProbeTimes, Registered, SENT_URI_VARIABLE,
    Service,
};
use crate::knative::IMAGE_LABEL;
use crate::units::{CODESPACE_NAME, NetworkName};

/// What the files call nginx's upstream among themselves.
pub(super) const UPSTREAM: &str = "backend";
pub(super) const LOOPBACK: &str = "127.0.0.1";
const STATIC_FILES: &str = "/srv/portal";
const RUN_FOLDER: &str = "/tmp/portal";
const APP_FOLDER: &str = "/app";
const PING: &str = "/ping";
const FALLBACK: &str = "files, else /__spa-fallback.html";
/// Where Reflex's own paths lead.
const REFLEX_LOCATIONS: &[(&str, &str)] = &[
    ("= /ping", "the backend"),
    ("= /_event", "the backend"),
    ("/_event/", "the backend"),
    ("= /_upload", "the backend"),
    ("/_upload/", "the backend"),
    ("~ ^/(?:_health|_all_routes|auth-codespace)(?:/|$)", "404"),
    ("/assets/", "files, else =404"),
    ("/", FALLBACK),
];

/// A fact that a file is to state.
#[derive(Debug)]
pub(super) struct Due<'d> {
    pub(super) subject: Subject,
    pub(super) key: Cow<'d, str>,
    pub(super) value: Cow<'d, str>,
    /// Whether the file may leave it out.
    pub(super) optional: bool,
}

/// What a file is to state, as it is put together.
#[derive(Debug, Default)]
pub(super) struct Dues<'d>(Vec<Due<'d>>);

impl<'d> Dues<'d> {
    pub(super) fn add(&mut self, subject: Subject, key: impl Into<Cow<'d, str>>, value: impl Into<Cow<'d, str>>) {
        self.0.push(Due { subject, key: key.into(), value: value.into(), optional: false });
    }

    pub(super) fn add_optional(
        &mut self,
        subject: Subject,
        key: impl Into<Cow<'d, str>>,
        value: impl Into<Cow<'d, str>>,
    ) {
        self.0.push(Due { subject, key: key.into(), value: value.into(), optional: true });
    }

    fn http(&mut self, key: &'static str, image: &Image) {
        // HTTP/1.1 is what there is without a word.
        match image.http2 {
            true => self.add(Subject::Http, key, "HTTP/2"),
            false => self.add_optional(Subject::Http, key, "HTTP/1.1"),
        }
    }
}

/// What a secret's version is called in a fact.
pub(super) fn secret(name: &str, version: &str) -> String {
    format!("version {version} of the secret {name}")
}

/// A file of an image.
pub(super) fn of_image(kind: Kind, image: &Image) -> Vec<Due<'_>> {
    let mut dues = Dues::default();
    match kind {
        Kind::NginxConf => nginx_conf(image, &mut dues),
        Kind::StartSh => start_sh(image, &mut dues),
        Kind::Dockerfile => dockerfile(image, &mut dues),
        Kind::Dockerignore => copied(image).into_iter().for_each(|(path, _)| dues.add(Subject::Copied, path, "")),
        _ => {}
    }
    dues.0
}

fn nginx_conf<'d>(image: &'d Image, dues: &mut Dues<'d>) {
    dues.add(Subject::ContainerPort, "listen", image.ports.container.to_string());
    dues.add(Subject::BackendPort, "server", image.ports.backend.to_string());
    dues.add(Subject::BackendAddress, "server", LOOPBACK);
    dues.add(Subject::Upstream, "upstream", UPSTREAM);
    dues.http("http2", image);
    for directive in ["proxy_read_timeout", "proxy_send_timeout"] {
        dues.add(Subject::ProxyTimeout, directive, image.timeouts.proxy_read.to_string());
    }
    dues.add(Subject::Setting, "client_max_body_size", image.client_max_body_size.to_string());
    dues.add(Subject::Setting, "worker_connections", image.worker_connections.to_string());
    dues.add(Subject::Inside, "folder of static files", STATIC_FILES);
    dues.add_optional(Subject::Inside, "folder of run-time files", RUN_FOLDER);
    // What was uploaded is not shown as a page.
    for header in ["$content_disposition", "$content_security_policy"] {
        dues.add(Subject::Map, header, "~^/_upload/");
    }
    // A page that is asked for with a query is kept by nobody.
    dues.add(Subject::Map, "$page_cache", "~[?]");
    for (path, leads_to) in REFLEX_LOCATIONS {
        dues.add(Subject::Location, *path, *leads_to);
    }
    for location in &image.backend_locations {
        dues.add(Subject::Location, location_key(&location.path, location.exact), "the backend");
    }
    for api in &image.api_locations {
        let key = location_key(&api.path, api.exact);
        let leads_to = if api.strip { "the API, less the path" } else { "the API" };
        if api.strip {
            dues.add_optional(Subject::Rewrite, key.clone(), api.pattern.as_str());
        }
        dues.add(Subject::Location, key, leads_to);
    }
}

/// How nginx writes a path that it matches alone, and one that it matches with all below.
pub(super) fn location_key(path: &str, exact: bool) -> Cow<'_, str> {
    if exact { format!("= {path}").into() } else { path.into() }
}

fn start_sh<'d>(image: &'d Image, dues: &mut Dues<'d>) {
    dues.add(Subject::ContainerPort, "default_port", image.ports.container.to_string());
    dues.add(Subject::BackendPort, "backend_port", image.ports.backend.to_string());
    dues.add(Subject::BackendAddress, "--host", LOOPBACK);
    dues.add(Subject::Transport, "--ws", image.transport);
    dues.add(Subject::StartupLimit, "startup_limit", image.timeouts.startup.to_string());
    dues.add(Subject::GracefulLimit, "graceful_limit", image.timeouts.graceful_shutdown.to_string());
    dues.add(Subject::ProbePath, "readiness check", PING);
    dues.add(Subject::Inside, "folder of run-time files", RUN_FOLDER);
    dues.add(Subject::Inside, "nginx.conf", format!("{APP_FOLDER}/nginx.conf"));
    dues.add(Subject::Setting, "asgi", image.app.asgi.as_str());
    // Polling does not work with more, and state is in the memory of one.
    dues.add(Subject::Setting, "workers", "1");
}

fn dockerfile<'d>(image: &'d Image, dues: &mut Dues<'d>) {
    dues.add(Subject::ContainerPort, "EXPOSE", image.ports.container.to_string());
    let (origin, port) = image.api_url.rsplit_once(':').unwrap_or((&image.api_url, ""));
    // Without a port the origin is another.
    dues.add_optional(Subject::ContainerPort, "REFLEX_API_URL", port);
    dues.add(Subject::Setting, "REFLEX_API_URL", origin);
    dues.add(Subject::Transport, "REFLEX_TRANSPORT", image.transport);
    let BaseImages { node, python } = &image.images;
    for (stage, base) in [("node", node), ("packages", python), ("app", python), ("portal", python)] {
        dues.add(Subject::Setting, format!("FROM ... AS {stage}"), base.as_str());
    }
    for (path, target) in copied(image) {
        dues.add(Subject::Copied, path, target);
    }
    dues.add(Subject::Inside, "folder of static files", STATIC_FILES);
    dues.add(Subject::Inside, "start.sh", format!("{APP_FOLDER}/start.sh"));
}

/// What the build takes from the repository, and where it puts it.
fn copied(image: &Image) -> Vec<(String, String)> {
    let app = &image.app;
    let of_app = |path: &str| (format!("{}/{path}", app.source), format!("{APP_FOLDER}/{path}"));
    let mut copied = vec![(app.lock.to_string(), "/tmp/requirements.lock".to_owned())];
    copied.extend([of_app("rxconfig.py"), of_app(&app.package)]);
    copied.extend(app.include.iter().map(|path| of_app(path.as_str())));
    let generated = ["nginx.conf", "start.sh"];
    copied.extend(generated.map(|name| (format!("{}/{name}", image.directory), format!("{APP_FOLDER}/"))));
    copied
}

/// A file of an environment.
pub(super) fn of_environment(kind: Kind, deployment: &Deployment) -> Vec<Due<'_>> {
    let mut dues = Dues::default();
    match (kind, &deployment.service, &deployment.load_balancer) {
        (Kind::ServiceYaml, Some(service), _) => service_yaml(deployment, service, &mut dues),
        (Kind::LoadBalancerTf, _, Some(load_balancer)) => load_balancer_tf(load_balancer, &mut dues),
        (Kind::UrlMapHcl | Kind::AddPathMatcherSh, _, Some(load_balancer)) => {
            if let Some(attached) = &load_balancer.attached {
                attachment(kind, load_balancer, attached, &mut dues);
            }
        }
        (Kind::DeploySh, Some(service), _) => deploy_sh(deployment, service, &mut dues),
        (Kind::CloudbuildYaml, Some(service), _) => cloudbuild_yaml(deployment, service, &mut dues),
        (Kind::RedirectUris | Kind::OauthClient, ..) => registered(deployment, &mut dues),
        (Kind::DeploymentMd, ..) => deployment_md::due(deployment, &mut dues),
        (Kind::PortalEnv, ..) => {
            for (name, value) in variables(deployment) {
                // The format has no way to write a line break, and an open name is left to the reader.
                match value.contains(['\n', '\r']) || value.contains(CODESPACE_NAME) {
                    true => dues.add_optional(Subject::Variable, name, value),
                    false => dues.add(Subject::Variable, name, value),
                }
            }
            // A secret's value is the reader's to fill in, too.
            for name in deployment.secrets.keys() {
                dues.add_optional(Subject::Variable, name.as_str(), ANYTHING);
            }
        }
        (Kind::ApiEnv, ..) => sent(deployment, &mut dues),
        _ => {}
    }
    dues.0
}

/// The redirect URI that the API sends.
pub(super) fn sent<'d>(deployment: &'d Deployment, dues: &mut Dues<'d>) {
    if let Some(uri) = &deployment.oauth.redirect_uri {
        match uri.has_placeholder() {
            true => dues.add_optional(Subject::SentUri, SENT_URI_VARIABLE, uri.as_str()),
            false => dues.add(Subject::SentUri, SENT_URI_VARIABLE, uri.as_str()),
        }
    }
}

/// Stands for any value; no variable can hold it.
const ANYTHING: &str = "\0";

/// Whether a text is what is due. A codespace's name may be filled in.
pub(super) fn agrees(due: &str, said: &str) -> bool {
    let filled_in = || {
        let (before, after) = due.split_once(CODESPACE_NAME)?;
        let name = said.strip_prefix(before)?.strip_suffix(after)?;
        Some(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    due == said || due == ANYTHING || filled_in() == Some(true)
}

fn variables(deployment: &Deployment) -> impl Iterator<Item = (&str, &str)> {
    let derived = deployment.derived_variables.iter().map(|(name, value)| (*name, value.as_str()));
    derived.chain(deployment.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn service_yaml<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    let image = &deployment.image;
    dues.add(Subject::Service, "name", service.name.as_str());
    dues.add_optional(Subject::Project, "namespace", service.project.as_str());
    dues.add(Subject::Region, "location", service.region.as_str());
    dues.add(Subject::ContainerPort, "containerPort", image.ports.container.to_string());
    dues.http("name", image);
    dues.add(Subject::ProbePath, "startupProbe", PING);
    dues.add(Subject::ProbePath, "livenessProbe", PING);
    dues.add(Subject::RequestTimeout, "timeoutSeconds", service.timeout_seconds.to_string());
    dues.add(Subject::Setting, "containerConcurrency", service.concurrency.to_string());
    dues.add(Subject::Setting, "image", service.image.as_str());
    dues.add(Subject::Setting, "cpu", service.cpu.to_string());
    dues.add(Subject::Setting, "memory", service.memory.as_str());
    if let Some(account) = &service.service_account {
        dues.add(Subject::Setting, "serviceAccountName", account.as_str());
    }
    for (label, value) in &service.labels {
        dues.add(Subject::Setting, format!("label {label}"), value.as_str());
        dues.add(Subject::Setting, format!("revision's label {label}"), value.as_str());
    }
    dues.add(Subject::Setting, format!("revision's label {IMAGE_LABEL}"), image.variant.as_str());
    annotations(deployment, service, dues);
    probe("startupProbe", service.startup_probe, dues);
    probe("livenessProbe", service.liveness_probe, dues);
    for (name, value) in variables(deployment) {
        dues.add(Subject::Variable, name, value);
    }
    for (name, reference) in &deployment.secrets {
        dues.add(Subject::Variable, name.as_str(), secret(reference.secret.as_str(), reference.version.as_str()));
    }
}

fn annotations<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    let mut add = |key: &'static str, value: Cow<'d, str>| dues.add(Subject::Setting, key, value);
    let ingress = match service.ingress {
        Ingress::All => "all",
        Ingress::InternalAndCloudLoadBalancing => "internal-and-cloud-load-balancing",
        Ingress::Internal => "internal",
    };
    add("run.googleapis.com/ingress", ingress.into());
    if let Some(description) = &deployment.description {
        add("run.googleapis.com/description", description.as_str().into());
    }
    add("autoscaling.knative.dev/minScale", service.min_instances.to_string().into());
    add("autoscaling.knative.dev/maxScale", service.max_instances.to_string().into());
    add("run.googleapis.com/sessionAffinity", service.session_affinity.to_string().into());
    add("run.googleapis.com/cpu-throttling", service.cpu_throttling.to_string().into());
    add("run.googleapis.com/startup-cpu-boost", service.cpu_boost.to_string().into());
    match service.execution_environment {
        Some(ExecutionEnvironment::Gen1) => add("run.googleapis.com/execution-environment", "gen1".into()),
        Some(ExecutionEnvironment::Gen2) => add("run.googleapis.com/execution-environment", "gen2".into()),
        None => {}
    }
    if service.network.is_some() || service.subnet.is_some() {
        let egress = match service.vpc_egress {
            Some(VpcEgress::AllTraffic) => "all-traffic",
            Some(VpcEgress::PrivateRangesOnly) | None => "private-ranges-only",
        };
        add("run.googleapis.com/vpc-access-egress", egress.into());
        let part = |key: &str, name: &Option<NetworkName>| name.as_ref().map(|name| format!("\"{key}\":\"{name}\""));
        let parts = [part("network", &service.network), part("subnetwork", &service.subnet)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        add("run.googleapis.com/network-interfaces", format!("[{{{}}}]", parts.join(",")).into());
    }
    // Off is what there is without a word.
    let switches = [
        ("run.googleapis.com/default-url-disabled", !service.default_url),
        ("run.googleapis.com/invoker-iam-disabled", service.allow_unauthenticated),
    ];
    for (key, on) in switches {
        match on {
            true => dues.add(Subject::Setting, key, "true"),
            false => dues.add_optional(Subject::Setting, key, "false"),
        }
    }
}

fn probe(name: &str, times: ProbeTimes, dues: &mut Dues<'_>) {
    let numbers = [
        ("periodSeconds", times.period_seconds),
        ("timeoutSeconds", times.timeout_seconds),
        ("failureThreshold", times.failure_threshold),
    ];
    for (number, value) in numbers {
        dues.add(Subject::Probe, format!("{name}.{number}"), value.to_string());
    }
}

fn deploy_sh<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    dues.add(Subject::Setting, "environment", deployment.environment.as_str());
    dues.add(Subject::Setting, "environment_file", deployment.file.as_str());
    dues.add(Subject::Setting, "folder", deployment.folder());
    dues.add(Subject::Setting, "stage", deployment.stage.as_str());
    dues.add(Subject::Project, "project", service.project.as_str());
    dues.add(Subject::Region, "region", service.region.as_str());
    dues.add(Subject::Service, "service", service.name.as_str());
    dues.add(Subject::Setting, "image", service.image.as_str());
    dues.add(Subject::Setting, "repository", service.image.repository());
    dues.add(Subject::Setting, "variant", deployment.image.variant.as_str());
    if !service.image.has_digest() {
        dues.add(Subject::Setting, "dockerfile", deployment.image.dockerfile());
    }
    if let Some(other) = &deployment.alternative_of {
        dues.add(Subject::Setting, "alternative_of", other.as_str());
    }
    let attached = deployment.load_balancer.as_ref().and_then(|load_balancer| load_balancer.attached.as_ref());
    if let Some(url_map) = attached.and_then(|attached| attached.url_map.as_ref()) {
        dues.add(Subject::Setting, "url_map", url_map.as_str());
    }
    for host in &deployment.hosts {
        dues.add(Subject::Host, host.as_str(), "");
    }
}

fn cloudbuild_yaml<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    dues.add(Subject::Setting, "dockerfile", deployment.image.dockerfile());
    dues.add(Subject::Setting, "--platform", "linux/amd64");
    dues.add(Subject::Setting, "--tag", service.image.as_str());
    dues.add(Subject::Setting, "image", service.image.as_str());
    // Docker reads the Dockerfile's own .dockerignore only then.
    dues.add(Subject::Setting, "DOCKER_BUILDKIT", "1");
}

fn load_balancer_tf<'d>(load_balancer: &'d LoadBalancer, dues: &mut Dues<'d>) {
    let neg = "google_compute_region_network_endpoint_group.portal";
    dues.add(Subject::ResourceName, neg, load_balancer.network_endpoint_group.as_str());
    dues.add(Subject::ResourceName, BACKEND_SERVICE, load_balancer.backend_service.as_str());
    if let Some(scheme) = load_balancer.load_balancing_scheme {
        dues.add(Subject::Setting, BACKEND_SCHEME, scheme_name(scheme));
    }
    match load_balancer.log_requests {
        true => dues.add(Subject::Setting, REQUEST_LOG, "true"),
        false => dues.add_optional(Subject::Setting, REQUEST_LOG, "false"),
    }
    if let Some(created) = &load_balancer.created {
        frontend(created, dues);
    }
    dues.add(Subject::Project, "provider", load_balancer.project.as_str());
    dues.add(Subject::Region, neg, load_balancer.region.as_str());
    dues.add(Subject::Service, neg, load_balancer.service.as_str());
    dues.add(Subject::Setting, "description", load_balancer.description.as_str());
    if let Some(bucket) = &load_balancer.state_bucket {
        dues.add(Subject::Setting, "bucket", bucket.as_str());
        // Its other parts are facts of their own.
        let root = load_balancer.state_prefix.split('/').next().unwrap_or_default();
        dues.add(Subject::Setting, "prefix", root);
    }
    for uri in &load_balancer.redirect_uris {
        dues.add(Subject::RedirectUri, uri.as_str(), "");
    }
}

/// The scheme of the backend service.
pub(super) const BACKEND_SCHEME: &str = "google_compute_backend_service.portal.load_balancing_scheme";
/// Whether the load balancer logs requests.
pub(super) const REQUEST_LOG: &str = "log_config.enable";

pub(super) fn scheme_name(scheme: LoadBalancingScheme) -> &'static str {
    match scheme {
        LoadBalancingScheme::ExternalManaged => "EXTERNAL_MANAGED",
        LoadBalancingScheme::External => "EXTERNAL",
    }
}

/// What the owner of a URL map adds to it.
fn attachment<'d>(kind: Kind, load_balancer: &'d LoadBalancer, attached: &'d Attachment, dues: &mut Dues<'d>) {
    let matchers: &[&str] = if kind == Kind::UrlMapHcl { &["host_rule", "path_matcher"] } else { &["path_matcher"] };
    for key in matchers {
        dues.add(Subject::Service, *key, attached.path_matcher.as_str());
    }
    dues.add(Subject::ResourceName, BACKEND_SERVICE, load_balancer.backend_service.as_str());
    for host in &attached.hosts {
        dues.add(Subject::Host, host.as_str(), "");
    }
    if kind == Kind::UrlMapHcl {
        // The name alone will do in the same project.
        dues.add_optional(Subject::Project, "default_service", load_balancer.project.as_str());
        return;
    }
    dues.add(Subject::Project, "project", load_balancer.project.as_str());
    dues.add(Subject::Setting, NEW_HOSTS.0, NEW_HOSTS.1);
    if let Some(url_map) = &attached.url_map {
        dues.add(Subject::Setting, "url_map", url_map.as_str());
    }
}

/// What is in front of the backend service.
fn frontend<'d>(frontend: &'d Frontend, dues: &mut Dues<'d>) {
    let names = &frontend.names;
    let resources = [
        ("google_compute_global_address.portal", &names.address),
        ("google_compute_url_map.portal", &names.url_map),
        ("google_compute_url_map.redirect", &names.redirect_url_map),
        ("google_compute_ssl_policy.portal", &names.ssl_policy),
        ("google_compute_target_https_proxy.portal", &names.https_proxy),
        ("google_compute_target_http_proxy.redirect", &names.http_proxy),
        ("google_compute_global_forwarding_rule.https", &names.https_forwarding_rule),
        ("google_compute_global_forwarding_rule.http", &names.http_forwarding_rule),
    ];
    for (address, name) in resources {
        dues.add(Subject::ResourceName, address, name.as_str());
    }
    for (rule, port) in [("https", "443"), ("http", "80")] {
        let address = format!("google_compute_global_forwarding_rule.{rule}");
        dues.add(Subject::Setting, format!("{address}.load_balancing_scheme"), "EXTERNAL_MANAGED");
        dues.add(Subject::Setting, format!("{address}.port_range"), port);
    }
    for certificate in &frontend.certificates {
        dues.add(Subject::Host, certificate.host.as_str(), "");
        let key = format!("certificate of {}", certificate.host);
        dues.add_optional(Subject::ResourceName, key, certificate.name.as_str());
    }
}

/// The lists of all environments' URIs and origins, or of one's.
fn registered<'d>(deployment: &'d Deployment, dues: &mut Dues<'d>) {
    for registered in deployment.oauth.registered() {
        let (subject, address) = match registered {
            Registered::Uri(entry) => (Subject::RedirectUri, entry.uri.as_str()),
            Registered::Origin(_, origin) => (Subject::JavascriptOrigin, origin.as_str()),
        };
        // Whoever knows the codespace's name may have filled it in.
        match registered.has_placeholder() {
            true => dues.add_optional(subject, address, ""),
            false => dues.add(subject, address, ""),
        }
    }
}

/// redirect-uris.txt of all environments together.
pub(super) fn of_all(deployments: &[Deployment]) -> Vec<Due<'_>> {
    let mut dues = Dues::default();
    deployments.iter().for_each(|deployment| registered(deployment, &mut dues));
    dues.0
}
