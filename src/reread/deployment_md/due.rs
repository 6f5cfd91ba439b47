//! What DEPLOYMENT.md has to state.

use super::super::Subject;
use super::super::due::{Dues, LOOPBACK, scheme_name, sent};
use super::{IMAGE, PINNED, SCHEME, URL_MAP, plain};
use crate::deployment::{Deployment, Registered, SENT_URI_VARIABLE, Service};
use crate::meaning::{consequences, token_delivery};
use crate::units::CODESPACE_NAME;

/// Paths that the page names, whoever answers them.
const NAMED: &[&str] =
    &["/", "/ping", "/_event", "/_event/", "/assets/", "/__spa-fallback.html", "/about", "/no/such/page"];

pub(in super::super) fn due<'d>(deployment: &'d Deployment, dues: &mut Dues<'d>) {
    let image = &deployment.image;
    let environment = deployment.environment.as_str();
    dues.add(Subject::Setting, "environment", environment);
    dues.add(Subject::Setting, "file", deployment.file.as_str());
    dues.add(Subject::Transport, "strategy", image.transport);
    dues.add_optional(Subject::ContainerPort, "--publish", image.ports.container.to_string());
    let folder = deployment.folder();
    for name in ["service.yaml", "portal.env", "api.env", "deploy.sh", "url_map.hcl", "add-path-matcher.sh"] {
        dues.add_optional(Subject::Setting, format!("path of {name}"), format!("{folder}/{name}"));
    }
    dues.add_optional(Subject::Setting, "path of folder", folder);
    dues.add(Subject::Setting, "path of Dockerfile", format!("{}/Dockerfile", image.directory));
    // The one that is sent is said to be that, and stands nowhere else.
    for registered in deployment.oauth.registered() {
        let (subject, address) = match registered {
            Registered::Uri(entry) => (Subject::RedirectUri, entry.uri.as_str()),
            Registered::Origin(_, origin) => (Subject::JavascriptOrigin, origin.as_str()),
        };
        let is_sent = deployment.oauth.redirect_uri.as_ref().is_some_and(|sent| sent.as_str() == address);
        match registered.has_placeholder() || is_sent {
            true => dues.add_optional(subject, address, ""),
            false => dues.add(subject, address, ""),
        }
    }
    sent(deployment, dues);
    let sent = deployment.oauth.redirect_uri.iter().map(|uri| (SENT_URI_VARIABLE, uri.as_str()));
    let derived = deployment.derived_variables.iter().map(|(name, value)| (*name, value.as_str()));
    let own = deployment.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in sent.chain(derived).chain(own).filter(|(_, value)| value.contains(CODESPACE_NAME)) {
        dues.add_optional(Subject::Variable, name, value);
    }
    dues.add_optional(Subject::Host, "localhost", "");
    if let Some(api) = &deployment.api {
        dues.add_optional(Subject::Host, api.url.host(), "");
    }
    for path in NAMED {
        dues.add_optional(Subject::Location, *path, "");
    }
    if let Some(service) = &deployment.service {
        deployed(deployment, service, dues);
    }
}

fn deployed<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    dues.add(Subject::Service, "service", service.name.as_str());
    dues.add(Subject::Project, "project", service.project.as_str());
    dues.add(Subject::Region, "region", service.region.as_str());
    dues.add(Subject::Setting, IMAGE, service.image.as_str());
    if let Some(account) = &service.service_account {
        dues.add(Subject::Setting, "serviceAccountName", account.as_str());
    }
    for host in &deployment.hosts {
        dues.add(Subject::Host, host.as_str(), "");
    }
    let other = if deployment.image.websocket { "websocket-free" } else { "websocket" };
    dues.add(Subject::Setting, "the other strategy", other);
    dues.add(Subject::Setting, "the transport of curl", "polling");
    dues.add(Subject::Setting, "the transport of wscat", "websocket");
    if !service.image.has_digest() {
        dues.add(Subject::Setting, PINNED, service.image.repository());
    }
    if let Some(repository) = service.image.artifact_registry() {
        dues.add_optional(Subject::Setting, "registry", repository.host);
        dues.add_optional(Subject::Setting, "repository's project", repository.project);
        dues.add_optional(Subject::Setting, "repository's location", repository.location);
    }
    if let Some(load_balancer) = &deployment.load_balancer {
        if let Some(bucket) = &load_balancer.state_bucket {
            dues.add(Subject::Setting, "bucket", bucket.as_str());
        }
        let created = load_balancer.created.as_ref().map(|created| created.names.url_map.as_str());
        if let (Some(_), Some(scheme)) = (&load_balancer.attached, load_balancer.load_balancing_scheme) {
            dues.add(Subject::Setting, SCHEME, scheme_name(scheme));
        }
        let attached = load_balancer.attached.as_ref().and_then(|attached| attached.url_map.as_ref());
        if let Some(url_map) = created.or(attached.map(|url_map| url_map.as_str())) {
            dues.add(Subject::ResourceName, URL_MAP, url_map);
        }
    }
    for point in token_delivery::meaning(deployment).into_iter().flat_map(|meaning| meaning.points) {
        dues.add_optional(Subject::Setting, point.topic, plain(&point.text));
    }
    for consequence in consequences::of(deployment) {
        dues.add_optional(Subject::Setting, consequence.topic, plain(&consequence.text));
    }
    picture(deployment, service, dues);
}

fn picture<'d>(deployment: &'d Deployment, service: &'d Service, dues: &mut Dues<'d>) {
    let image = &deployment.image;
    dues.add(Subject::ContainerPort, "picture", image.ports.container.to_string());
    dues.add(Subject::BackendPort, "picture", image.ports.backend.to_string());
    dues.add(Subject::BackendAddress, "picture", LOOPBACK);
    dues.add(Subject::Http, "picture", if image.http2 { "HTTP/2" } else { "HTTP/1.1" });
    dues.add(Subject::RequestTimeout, "picture", service.timeout_seconds.to_string());
    dues.add(Subject::ProxyTimeout, "picture", image.timeouts.proxy_read.to_string());
    dues.add(Subject::Location, "/assets/", "files");
    let own = image.backend_locations.iter().map(|location| location.path.as_str());
    for path in ["/ping", "/_event", "/_upload"].into_iter().chain(own) {
        dues.add(Subject::Location, path, "the backend");
    }
    for api in image.api_locations.iter().filter(|_| deployment.api.is_some()) {
        dues.add(Subject::Location, api.path.as_str(), if api.strip { "the API, less the path" } else { "the API" });
    }
    for entry in &deployment.oauth.redirect_uris {
        dues.add_optional(Subject::Location, entry.uri.path(), "");
    }
}
