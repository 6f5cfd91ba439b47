//! load_balancer.tf: the global external Application Load Balancer in front of the service.

use crate::deployment::Deployment;
use crate::template;

pub(super) fn render(deployment: &Deployment) -> Option<String> {
    let load_balancer = deployment.load_balancer.as_ref()?;
    load_balancer.created.as_ref()?;
    Some(template::render("load_balancer.tf.j2", &super::environment_header(deployment), load_balancer))
}
