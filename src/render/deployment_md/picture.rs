//! The environment's topology as a Mermaid flowchart: who asks whom, on which port, by which paths, and for how long.

use std::fmt::Write;

use crate::config::environment::{Ingress, ServedBy, StateManager};
use crate::deployment::{Callback, Deployment, Service};
use crate::escape::mermaid_label;

/// At most so many characters of paths in one line of a label.
const PATHS_IN_LINE: usize = 26;

/// Names stay in one piece: by default a label is broken after 200 pixels.
const WIDE_LABELS: &str = "%%{init: {\"flowchart\": {\"wrappingWidth\": 420}}}%%\n";

/// The picture's lines.
#[derive(Default)]
struct Picture {
    text: String,
}

impl Picture {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "  {line}").expect("a string takes every write");
    }

    fn node(&mut self, id: &str, lines: &[String]) {
        self.line(&format!("{id}[{}]", mermaid_label(lines)));
    }

    fn store(&mut self, id: &str, lines: &[String]) {
        self.line(&format!("{id}[({})]", mermaid_label(lines)));
    }

    fn edge(&mut self, from: &str, to: &str, lines: &[String]) {
        self.line(&format!("{from} -->|{}| {to}", mermaid_label(lines)));
    }

    /// What happens now and then, or before.
    fn aside(&mut self, from: &str, to: &str, lines: &[String]) {
        self.line(&format!("{from} -.->|{}| {to}", mermaid_label(lines)));
    }
}

/// The picture of an environment with a service.
pub(super) fn picture(deployment: &Deployment, service: &Service) -> String {
    let mut picture = Picture::default();
    picture.text.push_str(WIDE_LABELS);
    picture.text.push_str("flowchart TB\n");
    picture.node("browser", &[line("Browser")]);
    let entrance = entrance(&mut picture, deployment, service);
    container(&mut picture, deployment, service);
    let protocol = if deployment.image.http2 { "HTTP/2 without TLS (h2c)" } else { "HTTP/1.1" };
    let port = deployment.image.ports.container;
    let lasts = format!("at most {} s a request", service.timeout_seconds);
    // To the box and not into it: an arrow would cross its title.
    picture.edge(entrance, "run", &[format!("{protocol}, port {port}"), lasts]);
    let image = &deployment.image;
    let mut to_backend = vec![line("/ping"), line("/_event"), line("/_upload")];
    to_backend.extend(image.backend_locations.iter().map(|location| location.path.clone()));
    let mut lines = in_lines(&to_backend);
    lines.push(format!("waits {} s", image.timeouts.proxy_read));
    picture.edge("nginx", "backend", &lines);
    if let Some(api) = &deployment.api {
        picture.node("api", &[line("API"), api.url.to_string()]);
        let paths = image.api_locations.iter().map(|location| {
            if location.strip { format!("{} (removed)", location.path) } else { location.path.clone() }
        });
        let paths: Vec<_> = paths.collect();
        if paths.is_empty() {
            picture.edge("backend", "api", &[line("https, BACKEND_URL")]);
        } else {
            let mut lines = in_lines(&paths);
            lines.push(line("https"));
            picture.edge("nginx", "api", &lines);
        }
    }
    stores(&mut picture, deployment);
    sign_in(&mut picture, deployment);
    picture.text.trim_end().to_owned()
}

fn line(text: &str) -> String {
    text.to_owned()
}

/// The way from the browser to the container; returns the last node of it.
fn entrance(picture: &mut Picture, deployment: &Deployment, service: &Service) -> &'static str {
    let hosts: Vec<_> = deployment.hosts.iter().map(ToString::to_string).collect();
    let https = [line("https, port 443"), line("http, port 80: redirect")];
    let (created, attached) = match &deployment.load_balancer {
        Some(load_balancer) => (load_balancer.created.as_ref(), load_balancer.attached.as_ref()),
        None => (None, None),
    };
    if created.is_none() && attached.is_none() && service.ingress != Ingress::InternalAndCloudLoadBalancing {
        let mut lines = if hosts.is_empty() { vec![line("the service's run.app address")] } else { hosts };
        if service.ingress == Ingress::Internal {
            lines.push(line("from the project's networks only"));
        }
        picture.node("address", &lines);
        picture.edge("browser", "address", &https);
        return "address";
    }
    let hosts = if hosts.is_empty() { vec![line("its hosts")] } else { hosts };
    picture.node("hosts", &hosts);
    let mut lines = vec![line("Load balancer")];
    match (created, attached) {
        (Some(created), _) => lines.push(created.names.url_map.clone()),
        (_, Some(attached)) => {
            lines.push(line("there already: URL map"));
            lines.extend(attached.url_map.as_ref().map(ToString::to_string));
        }
        _ => lines.push(line("made by somebody else")),
    }
    lines.push(line("ends a request after 60 minutes"));
    picture.node("balancer", &lines);
    picture.edge("browser", "hosts", &https);
    picture.line("hosts --> balancer");
    "balancer"
}

fn container(picture: &mut Picture, deployment: &Deployment, service: &Service) {
    let title = [format!("Cloud Run: {}", service.name), format!("{}, {}", service.project, service.region)];
    picture.line(&format!("subgraph run[{}]", mermaid_label(&title)));
    let ports = deployment.image.ports;
    picture.node("nginx", &[format!("nginx, port {}", ports.container), line("pages and /assets/ from files")]);
    picture.node("backend", &[line("Reflex"), format!("127.0.0.1:{}", ports.backend)]);
    picture.line("end");
}

fn stores(picture: &mut Picture, deployment: &Deployment) {
    if deployment.state_manager == StateManager::Redis {
        picture.store("redis", &[line("Redis"), line("state of open tabs")]);
        picture.edge("backend", "redis", &[line("REFLEX_REDIS_URL")]);
    }
    if !deployment.secrets.is_empty() {
        let names: Vec<_> = deployment.secrets.values().map(|secret| secret.secret.to_string()).collect();
        picture.store("secrets", &[vec![line("Secret Manager")], in_lines(&names)].concat());
        picture.aside("run", "secrets", &[line("when an instance starts")]);
    }
}

/// Where Google sends a browser back to, once it has signed in.
fn sign_in(picture: &mut Picture, deployment: &Deployment) {
    let Some(sent) = &deployment.oauth.redirect_uri else { return };
    picture.node("google", &[line("Google"), line("sign-in")]);
    picture.aside("browser", "google", &[line("signs in")]);
    let entry = deployment.oauth.redirect_uris.iter().find(|entry| entry.uri == *sent);
    let to = match entry.map(|entry| entry.served_by) {
        Some(ServedBy::Portal) if deployment.oauth.callback == Callback::App => "backend",
        Some(ServedBy::Portal | ServedBy::Api) | None if deployment.api.is_some() => "api",
        _ => return,
    };
    picture.aside("google", to, &[line("sends the browser to"), sent.path().to_owned()]);
}

/// Words put together to lines that are not too wide.
fn in_lines(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 2 + word.chars().count() <= PATHS_IN_LINE => {
                last.push_str(", ");
                last.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}
