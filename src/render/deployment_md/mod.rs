//! DEPLOYMENT.md: how this one environment is deployed, checked, mended and changed, for the person who does it.

use serde::Serialize;

use crate::config::environment::{Ingress, ServedBy, Stage, StateManager, TokenDelivery};
use crate::consequences;
use crate::deployment::{Callback, Deployment, RedirectUriEntry, SENT_URI_VARIABLE, Service};
use crate::layout;
use crate::markdown::Prose;
use crate::template;
use crate::token_delivery::{self, Meaning, Point};

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
    /// `out/demo`, with which the paths below begin.
    service_yaml: String,
    portal_env: String,
    api_env: Option<String>,
    dockerfile: String,
    rxconfig: String,
    source: String,
    container_port: u32,
    backend_port: u32,
    /// For `docker run -p`.
    published_port: String,
    local_url: String,
    api_url: Option<String>,
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
    first_host: Option<String>,
    callback_path: Option<String>,
    callback_by_api: bool,
    internal_only: bool,
    picture: Prose,
    consequences: Vec<Topic>,
    symptoms: Vec<Shown>,
    error_filter: String,
    balancer_filter: Option<String>,
    other_strategy: String,
    other_setting: String,
    memory: bool,
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
    image: String,
    by_tag: bool,
    apis: Vec<&'static str>,
    repository: Option<Repository>,
    roles: Vec<&'static str>,
    account: Option<Account>,
    secrets: Vec<Secret>,
    bucket: Option<Bucket>,
    subnet: Option<Subnet>,
    network: Option<String>,
    deploy: String,
    create: bool,
    attach: Option<Attach>,
    terraform_folder: Option<String>,
    local_state: bool,
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
    name: String,
    url: String,
}

#[derive(Serialize)]
struct Subnet {
    name: String,
}

/// What the owner of a URL map gets.
#[derive(Serialize)]
struct Attach {
    url_map: Option<String>,
    hcl: String,
    script: String,
}

impl Page {
    fn of(deployment: &Deployment) -> Self {
        let image = &deployment.image;
        let artifact = |name: &str| format!("{}/{}/{name}", layout::OUT, deployment.environment);
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
            stage: stage(deployment.stage),
            strategy: strategy(image.websocket),
            websocket: image.websocket,
            http2: image.http2,
            description: deployment.description.as_ref().map(ToString::to_string),
            alternative_of: deployment.alternative_of.as_ref().map(ToString::to_string),
            service_yaml: artifact("service.yaml"),
            portal_env: artifact("portal.env"),
            api_env: deployment.api.is_some().then(|| artifact("api.env")),
            dockerfile: format!("{}/Dockerfile", image.directory),
            rxconfig: format!("{}/rxconfig.py", image.app.source),
            source: image.app.source.to_string(),
            container_port: port,
            backend_port: image.ports.backend,
            published_port: format!("{port}:{port}"),
            local_url: image.api_url.clone(),
            api_url: deployment.api.as_ref().map(|api| api.url.to_string()),
            client: deployment.oauth.name.clone(),
            redirect_uris: known.into_iter().map(uri).collect(),
            open_uris: open.into_iter().map(uri).collect(),
            javascript_origins: deployment.oauth.javascript_origins.iter().map(ToString::to_string).collect(),
            delivery: token_delivery::meaning(deployment).map(delivery),
        }
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Development => "development",
        Stage::Demo => "demo",
        Stage::Uat => "uat",
        Stage::Production => "production",
    }
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
        first_host,
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
        other_strategy: other.to_owned(),
        other_setting: format!("strategy={other}"),
        memory: deployment.state_manager != StateManager::Redis,
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
    let folder = format!("{}/{}", layout::OUT, deployment.environment);
    let load_balancer = deployment.load_balancer.as_ref();
    let repository = repository(service);
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
    ];
    let attached = load_balancer.and_then(|load_balancer| load_balancer.attached.as_ref());
    Setup {
        image: service.image.to_string(),
        by_tag,
        apis: needed.into_iter().filter(|(needed, _)| *needed).map(|(_, api)| api).collect(),
        repository,
        roles: roles.into_iter().filter(|(needed, _)| *needed).map(|(_, role)| role).collect(),
        account: service.service_account.as_ref().map(|account| {
            let email = account.to_string();
            let own = format!("@{}.iam.gserviceaccount.com", service.project);
            Account {
                member: format!("serviceAccount:{email}"),
                name: email.strip_suffix(&own).map(str::to_owned),
                email,
            }
        }),
        secrets: deployment
            .secrets
            .iter()
            .map(|(variable, secret)| Secret {
                variable: variable.to_string(),
                name: secret.secret.to_string(),
                version: secret.version.to_string(),
            })
            .collect(),
        bucket: bucket.map(|bucket| Bucket { name: bucket.to_string(), url: format!("gs://{bucket}") }),
        subnet: service.subnet.as_ref().map(|subnet| Subnet { name: subnet.to_string() }),
        network: service.network.as_ref().map(ToString::to_string),
        deploy: format!("{folder}/deploy.sh"),
        create: load_balancer.is_some_and(|load_balancer| load_balancer.created.is_some()),
        attach: attached.map(|attached| Attach {
            url_map: attached.url_map.as_ref().map(ToString::to_string),
            hcl: format!("{folder}/url_map.hcl"),
            script: format!("{folder}/add-path-matcher.sh"),
        }),
        terraform_folder: load_balancer.map(|_| folder.clone()),
        local_state: load_balancer.is_some() && bucket.is_none(),
        needs_yes: deployment.stage > Stage::Demo,
    }
}

/// The repository of an image of Artifact Registry: `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`
/// (<https://cloud.google.com/artifact-registry/docs/docker/names>).
fn repository(service: &Service) -> Option<Repository> {
    let mut parts = service.image.as_str().split('/');
    let (host, project, name) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next()?;
    Some(Repository {
        host: host.to_owned(),
        location: host.strip_suffix("-docker.pkg.dev")?.to_owned(),
        foreign: project != service.project.as_str(),
        project: project.to_owned(),
        name: name.to_owned(),
    })
}

/// The variable's name stands in the template; it may not become another.
const _: () = assert!(matches!(SENT_URI_VARIABLE.as_bytes(), b"GOOGLE_REDIRECT_URI"));
