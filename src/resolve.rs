//! From what the author wrote to what every renderer and rule reads. All defaults and every derived fact are settled
//! here, once; questionable combinations pass, for the rules to see.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::app_files::AppFiles;
use crate::config::defaults::{CALLBACK_PATH, MAX_UPLOAD, MEMORY, NODE_IMAGE};
use crate::config::environment::{
    LoadBalancerMode, LoadBalancingScheme, ServedBy, StateManager, Strategy, TokenDelivery,
};
use crate::config::portal::ApiPath;
use crate::config::{EnvironmentFile, PortalFile, environment};
use crate::deployment::{
    Api, ApiLocation, App, Attachment, BaseImages, Callback, Certificate, ContainerTimeouts, CookieScope, Deployment,
    Frontend, FrontendNames, Image, LoadBalancer, Location, OauthClient, OwnAddress, Portal, PortalKeys, Ports,
    ProbeTimes, RedirectUriEntry, Service, SignIn, UriOrigin, WithoutEffect,
};
use crate::finding::SourceId;
use crate::source::KeyPath;
use crate::units::{Bounded, Cpu, Duration, EnvironmentName, Host, ImageRef, Memory, RedirectUri, UrlPath};
use crate::{layout, limits, units};

/// How long the container may take to answer its startup probe. Cloud Run's pages allow 240 or 600 seconds.
const STARTUP_SECONDS: u32 = 120;

/// portal.toml. `files` is what lies where [`app`] says.
pub fn portal(file: &PortalFile, source: SourceId, files: AppFiles) -> Portal {
    Portal {
        source,
        app: app(file),
        python: file.app.python.clone(),
        images: base_images(file),
        keys: portal_keys(file),
        files,
        ports: ports(file),
        backend_paths: file.app.backend_paths.clone(),
        api_paths: file.api.paths.iter().map(|api| api.path.clone()).collect(),
        callback_path: callback_path(file),
        login_path: file.oauth.login_path.clone(),
        allow: file.lint.allow.clone(),
    }
}

/// What an image is rendered from.
pub fn image(file: &PortalFile, strategy: Strategy, http2: bool) -> Image {
    let websocket = strategy == Strategy::Websocket;
    let name = if websocket { "websocket" } else { "websocket-free" };
    let variant = if http2 { format!("{name}-http2") } else { name.to_owned() };
    let ports = ports(file);
    let app = &file.app;
    let max_upload = max_upload(file);
    // What Cloud Run refuses anyway, nginx refuses in words.
    let max_upload = if http2 { max_upload } else { max_upload.min(limits::HTTP1_BODY_MAX_MIB) };
    Image {
        directory: format!("{}/{}", layout::OUT, layout::image_folder(&variant)),
        variant,
        websocket,
        transport: if websocket { "websocket" } else { "polling" },
        http2,
        ports,
        timeouts: container_timeouts(strategy),
        app: self::app(file),
        images: base_images(file),
        api_url: format!("http://localhost:{}", ports.container),
        client_max_body_size: max_upload << 20,
        worker_connections: 4 * limits::CONCURRENCY_MAX + 96,
        backend_locations: app.backend_paths.iter().map(location).collect(),
        api_locations: file.api.paths.iter().map(api_location).collect(),
    }
}

/// The app inside the image.
pub fn app(file: &PortalFile) -> App {
    let app = &file.app;
    App {
        source: app.source.clone(),
        package: app.package.to_string(),
        asgi: app
            .asgi
            .clone()
            .unwrap_or_else(|| format!("{0}.{0}:app", app.package).parse().expect("made of a checked package name")),
        lock: app.lock.clone(),
        include: app.include.clone(),
        reflex: app.reflex.clone(),
    }
}

fn base_images(file: &PortalFile) -> BaseImages {
    let constant = |text: String| text.parse::<ImageRef>().expect("made of checked parts");
    BaseImages {
        python: (file.container.python_image.clone())
            .unwrap_or_else(|| constant(format!("python:{}-slim-trixie", file.app.python))),
        node: file.container.node_image.clone().unwrap_or_else(|| constant(NODE_IMAGE.to_owned())),
    }
}

/// Which keys of portal.toml decide what may be left to a default.
pub fn portal_keys(file: &PortalFile) -> PortalKeys {
    let key = |written: bool, own: [&str; 2], other: &str| KeyPath::new(if written { own } else { ["app", other] });
    PortalKeys {
        asgi: key(file.app.asgi.is_some(), ["app", "asgi"], "package"),
        node_image: key(file.container.node_image.is_some(), ["container", "node_image"], "reflex"),
        python_image: key(file.container.python_image.is_some(), ["container", "python_image"], "python"),
    }
}

/// How long a request lasts at most where nothing else is said, in seconds: a WebSocket for as long as Cloud Run lets it
/// live; a poll answers in half a minute, and what else is asked may take Cloud Run's default.
fn request_timeout(strategy: Strategy) -> u64 {
    match strategy {
        Strategy::Websocket => limits::REQUEST_TIMEOUT_MAX,
        Strategy::WebsocketFree => limits::REQUEST_TIMEOUT_DEFAULT,
    }
}

fn container_timeouts(strategy: Strategy) -> ContainerTimeouts {
    ContainerTimeouts {
        proxy_read: request_timeout(strategy),
        graceful_shutdown: 5,
        // The container says what went wrong before the probe ends it.
        startup: u64::from(STARTUP_SECONDS) - 10,
    }
}

/// One environment. `file` is its path from portal.toml's folder.
pub fn deployment(
    portal_file: &PortalFile,
    portal: &Portal,
    environment: &EnvironmentName,
    file: &str,
    source: SourceId,
    written: &EnvironmentFile,
) -> Deployment {
    let service = written.cloud_run.as_ref().map(|cloud_run| service(portal_file, environment, written, cloud_run));
    let api = written.api.as_ref().map(|api| Api {
        url: api.url.clone(),
        public_url: api.public_url.clone(),
        secrets: api.secrets.clone(),
    });
    let oauth = oauth(portal_file, written, service.as_ref());
    let load_balancer = match (&service, written.load_balancer.mode) {
        (Some(service), LoadBalancerMode::Create | LoadBalancerMode::Attach) => {
            Some(load_balancer(written, service, &oauth))
        }
        _ => None,
    };
    // Where only a load balancer gets in, there is one, whoever made it.
    let shut = service.as_ref().is_some_and(|s| s.ingress == environment::Ingress::InternalAndCloudLoadBalancing);
    let behind = load_balancer.is_some() || shut;
    let forwarded_hops = written.forwarded_hops.map_or(if behind { 2 } else { 1 }, Bounded::get);
    let derived_variables = derived_variables(written, api.as_ref(), service.as_ref().map(|_| forwarded_hops));
    Deployment {
        source,
        portal_source: portal.source,
        environment: environment.clone(),
        file: file.to_owned(),
        stage: written.stage,
        alternative_of: written.alternative_of.clone(),
        description: written.description.clone(),
        hosts: written.hosts.clone(),
        state_manager: written.state_manager,
        redis_in_code: portal.files.has_redis_url(),
        max_upload: max_upload(portal_file),
        image: image(portal_file, written.strategy, written.http2),
        service,
        api,
        variables: written.variables.clone(),
        derived_variables,
        secrets: written.secrets.clone(),
        oauth,
        load_balancer_mode: written.load_balancer.mode,
        load_balancer,
        allow: written.lint.allow.clone(),
        without_effect: without_effect(written),
    }
}

fn without_effect(written: &EnvironmentFile) -> Vec<WithoutEffect> {
    let mut without_effect = Vec::new();
    if written.load_balancer.mode == LoadBalancerMode::None && written.load_balancer.state_bucket.is_some() {
        let why = "there is no load balancer, and so no state";
        without_effect.push(WithoutEffect { path: &["load_balancer", "state_bucket"], why });
    }
    if written.load_balancer.mode != LoadBalancerMode::Attach {
        let why = "it is for a load balancer that is there already: `mode = \"attach\"`";
        if written.load_balancer.load_balancing_scheme.is_some() {
            without_effect.push(WithoutEffect { path: &["load_balancer", "load_balancing_scheme"], why });
        }
        if written.load_balancer.url_map.is_some() {
            without_effect.push(WithoutEffect { path: &["load_balancer", "url_map"], why });
        }
    }
    if written.cloud_run.is_none() && written.forwarded_hops.is_some() {
        let why = "there is no Cloud Run service that could be told";
        without_effect.push(WithoutEffect { path: &["forwarded_hops"], why });
    }
    without_effect
}

fn ports(file: &PortalFile) -> Ports {
    Ports { container: file.container.port.get(), backend: file.container.backend_port.get() }
}

fn constant_memory(text: &str) -> Memory {
    text.parse().expect("a legal constant")
}

fn max_upload(file: &PortalFile) -> u64 {
    file.app.max_upload.clone().unwrap_or_else(|| constant_memory(MAX_UPLOAD)).mebibytes()
}

fn callback_path(file: &PortalFile) -> UrlPath {
    file.oauth.callback_path.clone().unwrap_or_else(|| CALLBACK_PATH.parse().expect("a legal constant"))
}

fn location(path: &UrlPath) -> Location {
    Location { path: path.to_string(), exact: !path.is_prefix() }
}

fn api_location(api: &ApiPath) -> ApiLocation {
    ApiLocation {
        path: api.path.to_string(),
        exact: !api.path.is_prefix(),
        strip: api.strip,
        // Of the characters that a path may hold, the full stop alone means something in a regular expression.
        pattern: format!("^{}(.*)", api.path.as_str().replace('.', r"\.")),
    }
}

fn service(
    portal: &PortalFile,
    environment: &EnvironmentName,
    written: &EnvironmentFile,
    cloud_run: &environment::CloudRun,
) -> Service {
    let named_after = written.alternative_of.as_ref().unwrap_or(environment);
    let name = cloud_run.service.as_ref().map_or_else(|| format!("{}-{named_after}", portal.name), ToString::to_string);
    let cpu = cloud_run.cpu.unwrap_or(Cpu::ONE);
    let run_app_host = |number| format!("{name}-{number}.{}.run.app", cloud_run.region).parse().ok();
    Service {
        run_app_host: cloud_run.project_number.and_then(run_app_host),
        name,
        project: cloud_run.project.clone(),
        project_number: cloud_run.project_number,
        region: cloud_run.region.clone(),
        image: cloud_run.image.clone(),
        ingress: cloud_run.ingress,
        default_url: cloud_run.default_url,
        allow_unauthenticated: cloud_run.allow_unauthenticated,
        service_account: cloud_run.service_account.clone(),
        min_instances: cloud_run.min_instances.get(),
        max_instances: cloud_run.max_instances.get(),
        cpu,
        memory: cloud_run.memory.clone().unwrap_or_else(|| constant_memory(MEMORY)),
        startup_probe: ProbeTimes { period_seconds: 2, timeout_seconds: 2, failure_threshold: STARTUP_SECONDS / 2 },
        liveness_probe: ProbeTimes { period_seconds: 30, timeout_seconds: 10, failure_threshold: 3 },
        concurrency: cloud_run
            .concurrency
            .map_or(if cpu.get() < 1.0 { 1 } else { limits::CONCURRENCY_DEFAULT }, Bounded::get),
        timeout_seconds: cloud_run.timeout.as_ref().map_or(request_timeout(written.strategy), Duration::seconds),
        session_affinity: cloud_run.session_affinity,
        cpu_throttling: cloud_run.cpu_throttling,
        cpu_boost: cloud_run.cpu_boost,
        execution_environment: cloud_run.execution_environment,
        labels: cloud_run.labels.clone(),
        network: cloud_run.network.clone(),
        subnet: cloud_run.subnet.clone(),
        vpc_egress: cloud_run.vpc_egress,
    }
}

/// The variables that follow from other keys, and which only portalgen sets.
pub const DERIVED_VARIABLES: &[(&str, &str)] = &[
    ("BACKEND_PUBLIC_URL", "`[api] public_url`"),
    ("BACKEND_URL", "`[api] url`"),
    ("FORWARDED_HOPS", "`forwarded_hops`"),
    ("REFLEX_STATE_MANAGER_MODE", "`state_manager`"),
];

fn derived_variables(
    written: &EnvironmentFile,
    api: Option<&Api>,
    forwarded_hops: Option<u32>,
) -> BTreeMap<&'static str, String> {
    let mut variables = BTreeMap::new();
    if let Some(api) = api {
        variables.insert("BACKEND_URL", api.url.to_string());
        let public = api.public_url.as_ref().map_or_else(|| api.url.to_string(), ToString::to_string);
        variables.insert("BACKEND_PUBLIC_URL", public);
    }
    if let Some(hops) = forwarded_hops {
        variables.insert("FORWARDED_HOPS", hops.to_string());
    }
    let state_manager = match written.state_manager {
        StateManager::Memory => "memory",
        StateManager::Disk => "disk",
        StateManager::Redis => "redis",
    };
    variables.insert("REFLEX_STATE_MANAGER_MODE", state_manager.to_owned());
    variables
}

fn oauth(portal: &PortalFile, written: &EnvironmentFile, service: Option<&Service>) -> OauthClient {
    let callback_path = callback_path(portal);
    // Google registers nothing on a host that is not public, which a rule says.
    let on_host = |host: &Host| format!("https://{host}{callback_path}").parse::<RedirectUri>().ok();
    let callback = callback(portal, written, callback_path.as_str());
    let entry = |uri: RedirectUri, served_by, origin| RedirectUriEntry {
        answered_by: match served_by {
            ServedBy::Portal => self::callback(portal, written, uri.path()),
            ServedBy::Api => Callback::Api,
            ServedBy::Elsewhere => Callback::Nobody,
        },
        uri,
        served_by,
        origin,
    };
    // Unless another line says otherwise, what the API sends is answered by the API, or by the portal on its hosts.
    // A service of the portal's name may be the API all the same, in another project or region.
    let is_api = |host: &str| written.api.as_ref().is_some_and(|api| api.url.host() == host);
    let on_run_app = |host: &str| service.is_some_and(|service| service.is_at(host)) && !is_api(host);
    let on_portal =
        |uri: &RedirectUri| written.hosts.iter().any(|host| host.as_str() == uri.host()) || on_run_app(uri.host());
    // A page would answer where nobody takes the callback: such a host is nothing to register.
    let hosts = written.hosts.iter().filter(|_| callback != Callback::Nobody);
    // They come first: a URI that is listed again keeps the portal as its server.
    let mut entries: Vec<_> =
        hosts.filter_map(on_host).map(|uri| entry(uri, ServedBy::Portal, UriOrigin::Host)).collect();
    let listed = || written.oauth.redirect_uris.iter().enumerate();
    let named = listed().map(|(_, registered)| &registered.uri).chain(&written.oauth.redirect_uri);
    // Whoever names one of the service's two addresses has chosen; one with a tag is one revision's.
    let chosen = named.map(RedirectUri::host).any(|host| on_run_app(host) && !host.contains("---"));
    let on_run_app_alone = callback != Callback::Nobody && !chosen && is_on_run_app_alone(written, service);
    let run_app_host = service.and_then(|service| service.run_app_host.as_ref());
    let run_app_host = run_app_host.filter(|host| on_run_app_alone && !is_api(host.as_str()));
    entries.extend(run_app_host.and_then(on_host).map(|uri| entry(uri, ServedBy::Portal, UriOrigin::RunApp)));
    let own_address = match service.map(|service| (service.project_number, &service.run_app_host)) {
        Some((None, _)) if on_run_app_alone => OwnAddress::NumberMissing,
        Some((Some(_), None)) if on_run_app_alone => OwnAddress::HashOnly,
        _ => OwnAddress::Known,
    };
    entries.extend(listed().map(|(i, listed)| entry(listed.uri.clone(), listed.served_by, UriOrigin::Listed(i))));
    entries.extend(written.oauth.redirect_uri.iter().map(|uri| {
        let served_by = if on_portal(uri) { ServedBy::Portal } else { ServedBy::Api };
        entry(uri.clone(), served_by, UriOrigin::Sent)
    }));
    let mut seen = BTreeSet::new();
    let (mut entries, repeated): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| seen.insert(entry.uri.clone()));
    entries.sort();
    OauthClient {
        name: portal.oauth.client.to_string(),
        callback,
        own_address,
        unanswered: entries
            .iter()
            .filter(|entry| entry.served_by == ServedBy::Portal && entry.answered_by == Callback::Nobody)
            .cloned()
            .collect(),
        redirect_uri: written.oauth.redirect_uri.clone(),
        repeated,
        javascript_origins: written.oauth.javascript_origins.clone(),
        token_delivery: written.oauth.token_delivery,
        sign_in: sign_in(written, service, &entries),
        redirect_uris: entries,
    }
}

/// Whether browsers reach the portal on its run.app address and on no other.
fn is_on_run_app_alone(written: &EnvironmentFile, service: Option<&Service>) -> bool {
    let open = |service: &Service| service.default_url && service.ingress == environment::Ingress::All;
    written.hosts.is_empty() && written.load_balancer.mode == LoadBalancerMode::None && service.is_some_and(open)
}

/// How browsers sign in through the API, if any URI is one that it answers.
fn sign_in(written: &EnvironmentFile, service: Option<&Service>, entries: &[RedirectUriEntry]) -> Option<SignIn> {
    let api = written.api.as_ref()?;
    let answered: Vec<_> = entries.iter().filter(|entry| entry.answered_by == Callback::Api).collect();
    if answered.is_empty() {
        return None;
    }
    let (hosts, said_by) = match &api.public_url {
        Some(public_url) => (BTreeSet::from([public_url.host()]), "public_url"),
        None => {
            let on_portal = answered.iter().filter(|entry| entry.served_by == ServedBy::Portal);
            (on_portal.map(|entry| entry.uri.host()).chain([api.url.host()]).collect(), "url")
        }
    };
    Some(SignIn {
        has_redirect_uri: entries.iter().any(|entry| hosts.contains(entry.uri.host())),
        hosts: hosts.into_iter().map(str::to_owned).collect(),
        said_by,
        cookie: match &written.oauth.redirect_uri {
            Some(sent) => cookie_scope(&written.hosts, service, &[sent.host()]),
            None => {
                let callbacks: Vec<_> = answered.iter().map(|entry| entry.uri.host()).collect();
                cookie_scope(&written.hosts, service, &callbacks)
            }
        },
    })
}

/// Which of the portal's hosts a cookie reaches that is set where a callback arrives.
fn cookie_scope(portal: &[Host], service: Option<&Service>, callbacks: &[&str]) -> CookieScope {
    let hosts: Vec<_> = portal.iter().map(Host::as_str).collect();
    let [first, ..] = callbacks else { return CookieScope::Unknown };
    if hosts.is_empty() {
        // A run.app address is a site of its own.
        return match service {
            Some(service) if callbacks.iter().all(|callback| service.is_at(callback)) => CookieScope::Host,
            Some(_) => CookieScope::Nowhere,
            None => CookieScope::Unknown,
        };
    }
    if hosts == [*first] && callbacks.iter().all(|callback| callback == first) {
        return CookieScope::Host;
    }
    let on_site = |host: &&&str| units::site(host) == units::site(first);
    let ours: Vec<_> = hosts.iter().filter(on_site).collect();
    if ours.is_empty() {
        return CookieScope::Nowhere;
    }
    let shares = |domain: &str| {
        let below = |host: &str| host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        ours.iter().copied().chain(callbacks.iter().filter(on_site)).all(|host| below(host))
    };
    // From the whole name upwards; the site itself is the last that they may share.
    let mut domain = *first;
    while !shares(domain) {
        domain = domain.split_once('.').map_or(units::site(first), |(_, above)| above);
    }
    CookieScope::Domain(domain.to_owned())
}

/// Who answers a path on the portal's own hosts.
fn callback(portal: &PortalFile, written: &EnvironmentFile, path: &str) -> Callback {
    if portal.app.backend_paths.iter().any(|own| own.covers(path)) {
        Callback::App
    } else if written.api.is_some() && portal.api.paths.iter().any(|api| api.path.covers(path)) {
        Callback::Api
    } else {
        Callback::Nobody
    }
}

fn load_balancer(written: &EnvironmentFile, service: &Service, oauth: &OauthClient) -> LoadBalancer {
    let name = |suffix: &str| compute_name(&service.name, suffix);
    let mode = written.load_balancer.mode;
    LoadBalancer {
        project: service.project.clone(),
        region: service.region.clone(),
        service: service.name.clone(),
        description: written
            .description
            .as_ref()
            .map_or_else(|| format!("Reflex portal {} on Cloud Run", service.name), ToString::to_string),
        load_balancing_scheme: match mode {
            LoadBalancerMode::Create => Some(LoadBalancingScheme::ExternalManaged),
            LoadBalancerMode::Attach | LoadBalancerMode::None => written.load_balancer.load_balancing_scheme,
        },
        state_bucket: written.load_balancer.state_bucket.clone(),
        state_prefix: format!("portalgen/{}/{}/{}", service.project, service.region, service.name),
        // Every argument forces a new endpoint group, and one in use cannot go: a new name, then the swap.
        network_endpoint_group: name(&format!("neg-{}", hash(&format!("{}/{}", service.region, service.name)))),
        backend_service: name("backend"),
        created: (mode == LoadBalancerMode::Create).then(|| Frontend {
            names: FrontendNames {
                address: name("address"),
                url_map: name("url-map"),
                redirect_url_map: name("http-redirect"),
                ssl_policy: name("ssl-policy"),
                https_proxy: name("https-proxy"),
                http_proxy: name("http-proxy"),
                https_forwarding_rule: name("https"),
                http_forwarding_rule: name("http"),
            },
            certificates: written
                .hosts
                .iter()
                .map(|host| Certificate { host: host.clone(), name: name(&format!("cert-{}", hash(host.as_str()))) })
                .collect(),
        }),
        attached: (mode == LoadBalancerMode::Attach).then(|| Attachment {
            url_map: written.load_balancer.url_map.clone(),
            path_matcher: service.name.clone(),
            default_service: format!("projects/{}/global/backendServices/{}", service.project, name("backend")),
            hosts: written.hosts.clone(),
        }),
        // A code has been used by the time that anybody reads it in a log; a token has not.
        log_requests: oauth.sign_in.is_none() || oauth.token_delivery != TokenDelivery::Query,
        redirect_uris: oauth
            .redirect_uris
            .iter()
            .map(|entry| entry.uri.clone())
            .filter(|uri| !uri.has_placeholder())
            .collect(),
    }
}

/// `<service>-<suffix>`; where that is too long, the service's name is cut and its hash keeps it unique.
fn compute_name(service: &str, suffix: &str) -> String {
    let whole = format!("{service}-{suffix}");
    if whole.len() <= limits::COMPUTE_NAME_MAX {
        return whole;
    }
    let tail = format!("-{}-{suffix}", hash(service));
    let head = &service[..limits::COMPUTE_NAME_MAX.saturating_sub(tail.len()).min(service.len())];
    format!("{}{tail}", head.trim_end_matches('-'))
}

/// Eight hexadecimal digits.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_service_name_is_cut_and_stays_unique() {
        let long = "a".repeat(60);
        let other = format!("{}b", "a".repeat(59));
        let names = [&long, &other].map(|service| compute_name(service, "cert-12345678"));
        assert!(names.iter().all(|name| name.len() == limits::COMPUTE_NAME_MAX), "{names:?}");
        assert_ne!(names[0], names[1]);
        assert_eq!(compute_name("portal", "https"), "portal-https");
    }

    #[test]
    fn a_cookie_is_for_the_narrowest_domain_that_is_shared() {
        let scope = |hosts: &[&str], callbacks: &[&str]| {
            let hosts: Vec<Host> = hosts.iter().map(|host| host.parse().unwrap()).collect();
            cookie_scope(&hosts, None, callbacks)
        };
        let domain = |domain: &str| CookieScope::Domain(domain.to_owned());
        assert_eq!(scope(&["a.example.com"], &["a.example.com"]), CookieScope::Host);
        assert_eq!(scope(&["example.com"], &["api.example.com"]), domain("example.com"));
        assert_eq!(scope(&["pp.demo.example.com"], &["api.demo.example.com"]), domain("demo.example.com"));
        assert_eq!(scope(&["pp.example.com", "q.example.com"], &["pp.example.com"]), domain("example.com"));
        assert_eq!(scope(&["axample.com"], &["example.com"]), CookieScope::Nowhere);
        assert_eq!(scope(&["a.example.com", "b.other.org"], &["api.other.org"]), domain("other.org"));
        assert_eq!(scope(&["p-1.europe-west1.run.app"], &["a-1.europe-west1.run.app"]), CookieScope::Nowhere);
        assert_eq!(scope(&[], &["api.example.com"]), CookieScope::Unknown);
    }

    #[test]
    fn each_time_fits_into_the_next() {
        let text = include_str!("../tests/fixtures/minimal/portal.toml");
        let portal: PortalFile = toml::from_str(text).unwrap();
        let text = include_str!("../tests/fixtures/minimal/envs/demo.toml");
        for strategy in ["websocket", "websocket-free"] {
            let text = text.replace("\"websocket\"", &format!("\"{strategy}\""));
            let demo: EnvironmentFile = toml::from_str(&text).unwrap();
            let (name, source) = ("demo".parse().unwrap(), SourceId(0));
            let resolved = super::portal(&portal, source, AppFiles::default());
            let deployment = deployment(&portal, &resolved, &name, "envs/demo.toml", source, &demo);
            let (service, times) = (deployment.service.unwrap(), deployment.image.timeouts);
            assert!(times.proxy_read <= service.timeout_seconds, "nginx gives up before Cloud Run");
            assert!(service.timeout_seconds <= limits::REQUEST_TIMEOUT_MAX);
            assert!(times.graceful_shutdown + 2 < 10, "Cloud Run kills after 10 seconds");
            for probe in [service.startup_probe, service.liveness_probe] {
                assert!(probe.timeout_seconds <= probe.period_seconds);
            }
            let budget = u64::from(service.startup_probe.period_seconds * service.startup_probe.failure_threshold);
            assert!(times.startup < budget && budget <= 240, "{} {budget}", times.startup);
        }
    }
}
