//! deploy.sh: from the image to the portal that answers, as one script that can be run again at any time.

use serde::Serialize;

use crate::config::environment::{LoadBalancerMode, Stage};
use crate::deployment::Deployment;
use crate::knative::IMAGE_LABEL;
use crate::template;
use crate::units::Host;

/// What the script is rendered from. A conditional part of it asks for no more than a field.
#[derive(Debug, Serialize)]
struct DeploySh<'d> {
    environment: &'d str,
    /// The environment's file, from the repository's root.
    environment_file: &'d str,
    /// Where the script lies, from the repository's root.
    folder: String,
    stage: Stage,
    /// Whether somebody has to confirm a deployment.
    confirmed: bool,
    /// The environment whose service this one deploys in another form.
    alternative_of: Option<&'d str>,
    project: &'d str,
    region: &'d str,
    service: &'d str,
    image: &'d str,
    /// Which of portal.toml's images it is: the strategy, and `-http2` where that is on.
    variant: &'d str,
    /// The label by which a revision says that.
    image_label: &'static str,
    /// The image without tag and digest.
    repository: &'d str,
    /// Whether the image is named by its digest, and so never built.
    by_digest: bool,
    /// The image's registry, where gcloud can sign Docker in to it.
    google_registry: Option<&'d str>,
    dockerfile: String,
    hosts: &'d [Host],
    /// Whether callers need no Google identity.
    allow_unauthenticated: bool,
    /// Whether load_balancer.tf makes the load balancer.
    create: bool,
    /// Whether load_balancer.tf makes a backend for one that exists.
    attach: bool,
    /// The URL map that gets the hosts.
    url_map: Option<&'d str>,
    /// Whether Terraform's state would be a file on one machine, above stage development.
    state_refused: bool,
}

pub(super) fn render(deployment: &Deployment) -> Option<String> {
    let service = deployment.service.as_ref()?;
    let load_balancer = deployment.load_balancer.as_ref();
    let mode = load_balancer.map(|_| deployment.load_balancer_mode);
    let attached = load_balancer.and_then(|load_balancer| load_balancer.attached.as_ref());
    let context = DeploySh {
        environment: deployment.environment.as_str(),
        environment_file: &deployment.file,
        folder: deployment.folder(),
        stage: deployment.stage,
        confirmed: deployment.asks_before_deploying(),
        alternative_of: deployment.alternative_of.as_ref().map(|name| name.as_str()),
        project: service.project.as_str(),
        region: service.region.as_str(),
        service: &service.name,
        image: service.image.as_str(),
        variant: &deployment.image.variant,
        image_label: IMAGE_LABEL,
        repository: service.image.repository(),
        by_digest: service.image.has_digest(),
        google_registry: service.image.google_registry(),
        dockerfile: deployment.image.dockerfile(),
        hosts: &deployment.hosts,
        allow_unauthenticated: service.allow_unauthenticated,
        create: mode == Some(LoadBalancerMode::Create),
        attach: mode == Some(LoadBalancerMode::Attach),
        url_map: attached.and_then(|attached| attached.url_map.as_ref()).map(|name| name.as_str()),
        state_refused: deployment.refuses_local_state(),
    };
    Some(template::render("deploy.sh.j2", &super::environment_header(deployment), &context))
}
