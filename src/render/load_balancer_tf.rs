//! load_balancer.tf: the global external Application Load Balancer in front of the service, or its backend alone; and
//! what the owner of a URL map adds to it for that: url_map.hcl and add-path-matcher.sh.

use crate::deployment::{Deployment, LoadBalancer};
use crate::template;

pub(super) fn render(deployment: &Deployment) -> Option<String> {
    file("load_balancer.tf.j2", deployment, complete(deployment)?)
}

/// url_map.hcl, for a map that Terraform owns.
pub(super) fn url_map(deployment: &Deployment) -> Option<String> {
    file("url_map.hcl.j2", deployment, attached(deployment)?)
}

/// add-path-matcher.sh, for a map that it does not own.
pub(super) fn add_path_matcher(deployment: &Deployment) -> Option<String> {
    file("add-path-matcher.sh.j2", deployment, attached(deployment)?)
}

/// Where the author leaves something out, a rule says so.
fn complete(deployment: &Deployment) -> Option<&LoadBalancer> {
    let load_balancer = deployment.load_balancer.as_ref()?;
    load_balancer.load_balancing_scheme?;
    Some(load_balancer)
}

fn attached(deployment: &Deployment) -> Option<&LoadBalancer> {
    let load_balancer = complete(deployment)?;
    let attached = load_balancer.attached.as_ref()?;
    (attached.url_map.is_some() && !attached.hosts.is_empty()).then_some(load_balancer)
}

fn file(name: &str, deployment: &Deployment, load_balancer: &LoadBalancer) -> Option<String> {
    Some(template::render(name, &super::environment_header(deployment), load_balancer))
}
