//! DEPLOYMENT.md: how this one environment is deployed, checked, mended and changed, for the person who does it.

use serde::Serialize;

use crate::config::environment::{
    Ingress, LoadBalancerMode, LoadBalancingScheme, ServedBy, StateManager, TokenDelivery,
};
use crate::deployment::{Callback, Deployment, RedirectUriEntry, SENT_URI_VARIABLE, Service};
use crate::markdown::Prose;
use crate::meaning::consequences;
use crate::meaning::token_delivery::{self, Meaning, Point};
use crate::template;
use crate::units::CODESPACE_NAME;

mod picture;
mod symptoms;

/// DEPLOYMENT.md of an environment; a short page where nothing is deployed.
pub(super) fn render(deployment: &Deployment) -> String {
    let header = super::environment_header(deployment);
    let page = Page::of(deployment);
    match &deployment.service {
        Some(service) => {
            let page = Deployed { page, run: run(deployment, service), setup: setup(deployment, service) };
            template::render("DEPLOYMENT.md.j2", &header, &page)
        }
        None => template::render("DEPLOYMENT.local.md.j2", &header, &page),
    }
}

/// What every page shows.
#[derive(Serialize)]
struct Page {
    environment: String,
    file: String,
    stage: &'static str,
    strategy: &'static str,
    websocket: bool,
    http2: bool,
    description: Option<String>,
    alternative_of: Option<String>,
    portal_env: String,
    /// What portal.env leaves open until a codespace's name is known.
    open_variables: Vec<Open>,
    api_env: Option<String>,
    /// The same of api.env.
    open_api_variables: Vec<Open>,
    /// Whether the portal gets secrets.
    has_secrets: bool,
    dockerfile: String,
    rxconfig: String,
    source: String,
    /// For `docker run --publish`.
    published_port: String,
    /// What the client asks where its page came from a container on this machine: `http://localhost:8080`.
    local_url: String,
    /// Where the API is that the portal calls.
    api_address: Option<String>,
    client: String,
    redirect_uris: Vec<Uri>,
    /// Those that wait for a codespace's name.
    open_uris: Vec<Uri>,
    javascript_origins: Vec<String>,
    /// How the API's token comes back, where it signs anybody in.
    delivery: Option<Delivery>,
}

/// How the API's token comes back.
#[derive(Serialize)]
struct Delivery {
    key: &'static str,
    summary: Prose,
    points: Vec<Topic>,
    /// What Cloud Run's log is to leave out.
    exclusion: Option<String>,
}

/// A variable whose value has a codespace's name in it.
#[derive(Serialize)]
struct Open {
    /// `NAME=VALUE`, cut at each place where the name belongs.
    pieces: Vec<String>,
}

#[derive(Serialize)]
struct Uri {
    uri: String,
    about: Prose,
    sent: bool,
}

/// What is shown where there is a service.
#[derive(Serialize)]
struct Deployed {
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    run: Running,
    #[serde(flatten)]
    setup: Setup,
}

/// The service as it runs.
#[derive(Serialize)]
struct Running {
    project: String,
    region: String,
    service: String,
    hosts: Vec<String>,
    /// `https://` and the first host.
    url: Option<String>,
    /// The same, as a plain request and as a WebSocket's address.
    plain_url: Option<String>,
    socket_url: Option<String>,
    callback_path: Option<String>,
    callback_by_api: bool,
    internal_only: bool,
    picture: Prose,
    consequences: Vec<Topic>,
    symptoms: Vec<Shown>,
    error_filter: String,
    balancer_filter: Option<String>,
    other_setting: String,
    redis: bool,
    /// Whether the load balancer writes a log of requests.
    balancer_logs: bool,
    token_in_query: bool,
}

#[derive(Serialize)]
struct Topic {
    topic: Prose,
    text: Prose,
}

#[derive(Serialize)]
struct Shown {
    seen: Prose,
    causes: Vec<ShownCause>,
}

#[derive(Serialize)]
struct ShownCause {
    text: Prose,
    found: Prose,
}

/// What must be there, and how it is made.
#[derive(Serialize)]
struct Setup {
    service_yaml: String,
    image: String,
    by_tag: bool,
    /// For sed: puts a digest into the place of the image's tag.
    pin: String,
    apis: Vec<&'static str>,
    repository: Option<Repository>,
    /// For who deploys, and for who makes what must be there.
    roles: Vec<&'static str>,
    roles_once: Vec<&'static str>,
    account: Option<Account>,
    secrets: Vec<Secret>,
    bucket: Option<Bucket>,
    subnet: Option<Subnet>,
    network: Option<String>,
    deploy: String,
    create: bool,
    /// Whether hosts lead to the service by what portalgen has no part in.
    led_by_others: bool,
    attach: Option<Attach>,
    terraform_folder: Option<String>,
    local_state: bool,
    /// Whether deploy.sh refuses that.
    state_refused: bool,
    needs_yes: bool,
}

/// A repository of Artifact Registry.
#[derive(Serialize)]
struct Repository {
    host: String,
    location: String,
    project: String,
    name: String,
    /// Whether it belongs to another project than the service.
    foreign: bool,
}

/// What the service runs as.
#[derive(Serialize)]
struct Account {
    email: String,
    member: String,
    /// Its name, where it is one of the service's project.
    name: Option<String>,
}

#[derive(Serialize)]
struct Secret {
    variable: String,
    name: String,
    version: String,
}

#[derive(Serialize)]
struct Bucket {
    url: String,
}

#[derive(Serialize)]
struct Subnet {
    name: String,
}

/// The load balancer that must be there, and what the owner of its URL map gets.
#[derive(Serialize)]
struct Attach {
    url_map: Option<String>,
    scheme: Option<LoadBalancingScheme>,
    hcl: String,
    script: String,
}

impl Page {
    fn of(deployment: &Deployment) -> Self {
        let image = &deployment.image;
        let artifact = |name: &str| format!("{}/{name}", deployment.folder());
        let uri = |entry: &RedirectUriEntry| Uri {
            uri: entry.uri.to_string(),
            about: prose(match entry.served_by {
                ServedBy::Portal if deployment.oauth.callback == Callback::Api => {
                    "answered by the API, to which the portal passes it on"
                }
                ServedBy::Portal => "answered by the portal",
                ServedBy::Api => "answered by the API",
                ServedBy::Elsewhere => "answered elsewhere",
            }),
            sent: deployment.oauth.redirect_uri.as_ref() == Some(&entry.uri),
        };
        let (open, known): (Vec<_>, Vec<_>) =
            deployment.oauth.redirect_uris.iter().partition(|entry| entry.uri.has_placeholder());
        let port = image.ports.container;
        Self {
            environment: deployment.environment.to_string(),
            file: deployment.file.clone(),
            stage: deployment.stage.as_str(),
            strategy: strategy(image.websocket),
            websocket: image.websocket,
            http2: image.http2,
            description: deployment.description.as_ref().map(ToString::to_string),
            alternative_of: deployment.alternative_of.as_ref().map(ToString::to_string),
            portal_env: artifact("portal.env"),
            open_variables: open_variables(deployment),
            api_env: deployment.api.is_some().then(|| artifact("api.env")),
            open_api_variables: deployment
                .oauth
                .redirect_uri
                .iter()
                .filter(|uri| uri.has_placeholder())
                .map(|uri| open_variable(SENT_URI_VARIABLE, uri.as_str()))
                .collect(),
            has_secrets: !deployment.secrets.is_empty(),
            dockerfile: format!("{}/Dockerfile", image.directory),
            rxconfig: format!("{}/rxconfig.py", image.app.source),
            source: image.app.source.to_string(),
            published_port: format!("{port}:{port}"),
            local_url: image.api_url.clone(),
            api_address: deployment.api.as_ref().map(|api| api.url.to_string()),
            client: deployment.oauth.name.clone(),
            redirect_uris: known.into_iter().map(uri).collect(),
            open_uris: open.into_iter().map(uri).collect(),
            javascript_origins: deployment.oauth.javascript_origins.iter().map(ToString::to_string).collect(),
            delivery: token_delivery::meaning(deployment).map(delivery),
        }
    }
}

/// Those of portal.env that wait for a codespace's name.
fn open_variables(deployment: &Deployment) -> Vec<Open> {
    let derived = deployment.derived_variables.iter().map(|(name, value)| (*name, value.as_str()));
    let own = deployment.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let open = derived.chain(own).filter(|(_, value)| value.contains(CODESPACE_NAME));
    open.map(|(name, value)| open_variable(name, value)).collect()
}

fn open_variable(name: &str, value: &str) -> Open {
    Open { pieces: format!("{name}={value}").split(CODESPACE_NAME).map(str::to_owned).collect() }
}

fn strategy(websocket: bool) -> &'static str {
    if websocket { "websocket" } else { "websocket-free" }
}

fn delivery(meaning: Meaning) -> Delivery {
    let point = |point: Point| Topic { topic: prose(point.topic), text: Prose(point.text) };
    Delivery {
        key: meaning.delivery,
        summary: Prose(meaning.summary),
        points: meaning.points.into_iter().map(point).collect(),
        exclusion: meaning.log_exclusion.map(|log| log.exclusion),
    }
}

fn run(deployment: &Deployment, service: &Service) -> Running {
    let websocket = deployment.image.websocket;
    let first_host = deployment.hosts.first().map(ToString::to_string);
    let load_balancer = deployment.load_balancer.as_ref();
    let other = strategy(!websocket);
    let filter = |clauses: &[String]| clauses.join(" AND ");
    let attached = load_balancer.and_then(|load_balancer| load_balancer.attached.as_ref()?.url_map.as_ref());
    let created = load_balancer.and_then(|load_balancer| Some(&load_balancer.created.as_ref()?.names.url_map));
    let url_map = attached.map(ToString::to_string).or(created.cloned());
    let balancer_logs = load_balancer.is_some_and(|load_balancer| load_balancer.log_requests);
    let symptoms = symptoms::of(deployment).into_iter().map(|(symptom, causes)| Shown {
        seen: Prose(symptom.seen.to_owned()),
        causes: causes
            .into_iter()
            .map(|cause| ShownCause { text: prose(cause.text), found: found(cause.found) })
            .collect(),
    });
    // Who else would answer the callback than the API is asked by `verify` alone.
    let callback = deployment.oauth.redirect_uris.iter().find(|entry| entry.served_by == ServedBy::Portal);
    Running {
        project: service.project.to_string(),
        region: service.region.to_string(),
        service: service.name.clone(),
        hosts: deployment.hosts.iter().map(ToString::to_string).collect(),
        url: first_host.as_ref().map(|host| format!("https://{host}")),
        plain_url: first_host.as_ref().map(|host| format!("http://{host}/about")),
        socket_url: first_host.as_ref().map(|host| format!("wss://{host}/_event/?EIO=4&transport=websocket")),
        callback_path: callback.map(|entry| entry.uri.path().to_owned()),
        callback_by_api: deployment.oauth.callback == Callback::Api,
        internal_only: service.ingress == Ingress::Internal,
        picture: Prose(picture::picture(deployment, service)),
        // What must be there has a section of its own.
        consequences: consequences::of(deployment)
            .into_iter()
            .filter(|consequence| consequence.topic != consequences::PREREQUISITES)
            .map(|consequence| Topic { topic: prose(consequence.topic), text: Prose(consequence.text) })
            .collect(),
        symptoms: symptoms.collect(),
        error_filter: filter(&[
            "resource.type=\"cloud_run_revision\"".to_owned(),
            format!("resource.labels.service_name=\"{}\"", service.name),
            "severity>=ERROR".to_owned(),
        ]),
        balancer_filter: url_map.filter(|_| balancer_logs).map(|url_map| {
            filter(&[
                "resource.type=\"http_load_balancer\"".to_owned(),
                format!("resource.labels.url_map_name=\"{url_map}\""),
                "httpRequest.status>=500".to_owned(),
            ])
        }),
        other_setting: format!("strategy={other}"),
        redis: deployment.state_manager == StateManager::Redis,
        balancer_logs,
        token_in_query: deployment.oauth.sign_in.is_some() && deployment.oauth.token_delivery == TokenDelivery::Query,
    }
}

fn prose(text: &str) -> Prose {
    Prose(text.to_owned())
}

fn found(found: symptoms::Found) -> Prose {
    Prose(match found {
        symptoms::Found::Rule(id) => format!("`lint`: `{id}`"),
        symptoms::Found::Check(check, cause) => format!("`verify`, {check}: `{cause}`"),
        symptoms::Found::Client => "`oauth check`".to_owned(),
    })
}

fn setup(deployment: &Deployment, service: &Service) -> Setup {
    let folder = deployment.folder();
    let load_balancer = deployment.load_balancer.as_ref();
    let repository = repository(service);
    let account = service.service_account.as_ref().map(|account| {
        let email = account.to_string();
        let own = format!("@{}.iam.gserviceaccount.com", service.project);
        Account { member: format!("serviceAccount:{email}"), name: email.strip_suffix(&own).map(str::to_owned), email }
    });
    let by_tag = !service.image.has_digest();
    let networked = service.network.is_some() || service.subnet.is_some();
    let needed = [
        (true, "run.googleapis.com"),
        (repository.is_some(), "artifactregistry.googleapis.com"),
        (load_balancer.is_some() || networked, "compute.googleapis.com"),
        (!deployment.secrets.is_empty(), "secretmanager.googleapis.com"),
    ];
    let bucket = load_balancer.and_then(|load_balancer| load_balancer.state_bucket.as_ref());
    // https://cloud.google.com/run/docs/reference/iam/roles#additional-configuration and
    // https://cloud.google.com/load-balancing/docs/https/setting-up-https-serverless#permissions
    let roles = [
        (true, "roles/run.admin"),
        (true, "roles/iam.serviceAccountUser"),
        (repository.is_some() && by_tag, "roles/artifactregistry.writer"),
        (repository.is_some() && !by_tag, "roles/artifactregistry.reader"),
        (load_balancer.is_some(), "roles/compute.networkAdmin"),
        (load_balancer.is_some(), "roles/compute.instanceAdmin.v1"),
        (load_balancer.is_some_and(|load_balancer| load_balancer.created.is_some()), "roles/compute.securityAdmin"),
        (bucket.is_some(), "roles/storage.objectUser"),
        (true, "roles/logging.viewer"),
    ];
    let excludes = token_delivery::meaning(deployment).is_some_and(|meaning| meaning.log_exclusion.is_some());
    // Each by the command that needs it: https://cloud.google.com/iam/docs/understanding-roles
    let roles_once = [
        (true, "roles/serviceusage.serviceUsageAdmin"),
        (repository.is_some(), "roles/artifactregistry.admin"),
        (account.as_ref().is_some_and(|account| account.name.is_some()), "roles/iam.serviceAccountAdmin"),
        (!deployment.secrets.is_empty(), "roles/secretmanager.admin"),
        (bucket.is_some(), "roles/storage.admin"),
        (service.subnet.is_some() && load_balancer.is_none(), "roles/compute.networkViewer"),
        (load_balancer.is_some(), "roles/dns.admin"),
        (excludes, "roles/logging.configWriter"),
    ];
    let held = |roles: &[(bool, &'static str)]| roles.iter().filter(|(held, _)| *held).map(|(_, role)| *role).collect();
    let attached = load_balancer.and_then(|load_balancer| load_balancer.attached.as_ref());
    Setup {
        service_yaml: format!("{folder}/service.yaml"),
        image: service.image.to_string(),
        by_tag,
        pin: format!("s|image: {}$|image: {}@sha256:DIGEST|", service.image, service.image.repository()),
        apis: needed.into_iter().filter(|(needed, _)| *needed).map(|(_, api)| api).collect(),
        repository,
        roles: held(&roles),
        roles_once: held(&roles_once),
        account,
        secrets: deployment
            .secrets
            .iter()
            .map(|(variable, secret)| Secret {
                variable: variable.to_string(),
                name: secret.secret.to_string(),
                version: secret.version.to_string(),
            })
            .collect(),
        bucket: bucket.map(|bucket| Bucket { url: format!("gs://{bucket}") }),
        subnet: service.subnet.as_ref().map(|subnet| Subnet { name: subnet.to_string() }),
        network: service.network.as_ref().map(ToString::to_string),
        deploy: format!("{folder}/deploy.sh"),
        create: load_balancer.is_some_and(|load_balancer| load_balancer.created.is_some()),
        led_by_others: deployment.load_balancer_mode == LoadBalancerMode::None && !deployment.hosts.is_empty(),
        attach: attached.map(|attached| Attach {
            url_map: attached.url_map.as_ref().map(ToString::to_string),
            scheme: load_balancer.and_then(|load_balancer| load_balancer.load_balancing_scheme),
            hcl: format!("{folder}/url_map.hcl"),
            script: format!("{folder}/add-path-matcher.sh"),
        }),
        terraform_folder: load_balancer.map(|_| folder.clone()),
        local_state: deployment.has_local_state(),
        state_refused: deployment.refuses_local_state(),
        needs_yes: deployment.asks_before_deploying(),
    }
}

fn repository(service: &Service) -> Option<Repository> {
    let of = service.image.artifact_registry()?;
    Some(Repository {
        host: of.host.to_owned(),
        location: of.location.to_owned(),
        foreign: of.project != service.project.as_str(),
        project: of.project.to_owned(),
        name: of.repository.to_owned(),
    })
}

/// The variable's name stands in the template; it may not become another.
const _: () = assert!(matches!(SENT_URI_VARIABLE.as_bytes(), b"GOOGLE_REDIRECT_URI"));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::app_files::AppFiles;
    use crate::finding::SourceId;
    use crate::{resolve, workspace};

    const TEMPLATES: &str = concat!(
        include_str!("../../../templates/DEPLOYMENT.md.j2"),
        include_str!("../../../templates/DEPLOYMENT.local.md.j2")
    );

    /// Whether a template's expressions have this name or path, and not a longer one.
    fn is_used(path: &str) -> bool {
        let expressions = || TEMPLATES.split('{').filter_map(|rest| rest.split('}').next());
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        expressions().filter(|text| text.starts_with('%') || text.starts_with(' ')).any(|text| {
            text.match_indices(path).any(|(at, _)| {
                let whole =
                    !text[..at].ends_with(is_part) && !text[at + path.len()..].starts_with(|c| is_part(c) && c != '.');
                // A loop's own name is none of ours.
                whole && !text[..at].ends_with("for ")
            })
        })
    }

    /// Fields below `value`, which templates call `path`, that none of them uses.
    fn unused(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    if !is_used(&path) {
                        found.push(path.clone());
                    }
                    unused(&path, value, found);
                }
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let end = format!(" in {path} %}}");
                let names = TEMPLATES.split(&end).filter_map(|before| before.rsplit("{% for ").next());
                let name = names.map(str::trim).find(|name| name.chars().all(|c| c.is_ascii_lowercase())).expect(path);
                items.iter().for_each(|item| unused(name, item, found));
            }
            _ => {}
        }
    }

    /// A portal behind a load balancer that is there already.
    fn attached() -> Deployment {
        let portal_file =
            toml::from_str(include_str!("../../../tests/fixtures/minimal/portal.toml")).expect("a portal");
        let written = toml::from_str(include_str!("../../../tests/fixtures/attach/envs/demo.toml")).expect("a file");
        let portal = resolve::portal(&portal_file, SourceId(0), AppFiles::default());
        let name = "demo".parse().expect("a name");
        resolve::deployment(&portal_file, &portal, &name, "envs/demo.toml", SourceId(1), &written)
    }

    #[test]
    fn a_template_uses_every_field() {
        let loaded = |folder| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            workspace::load(&[], &root).expect("a portal").deployments
        };
        let mut seen = BTreeSet::new();
        for deployment in [loaded(""), loaded("tests/fixtures/hostile"), vec![attached()]].into_iter().flatten() {
            let page = Page::of(&deployment);
            let value = match &deployment.service {
                Some(service) => serde_json::to_value(Deployed {
                    page,
                    run: run(&deployment, service),
                    setup: setup(&deployment, service),
                }),
                None => serde_json::to_value(page),
            };
            let value = value.expect("a page can be written");
            let mut found = Vec::new();
            unused("", &value, &mut found);
            assert_eq!(found, Vec::<String>::new(), "{}", deployment.file);
            let there = value.as_object().expect("fields").iter().filter(|(_, value)| !value.is_null());
            seen.extend(there.map(|(name, _)| name.clone()));
        }
        // What is nowhere there has fields that nobody looked at.
        for name in ["attach", "repository", "account", "secrets", "bucket", "subnet", "delivery", "open_variables"] {
            assert!(seen.contains(name), "{name}");
        }
        assert!(!is_used("memory") && is_used("repository.name") && !is_used("repository.n"));
    }
}
