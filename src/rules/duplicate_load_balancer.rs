use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::LoadBalancingScheme;
use crate::deployment::{Deployment, LoadBalancer};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-load-balancer",
    summary: "Two load balancers of one project would have the same names, or one would be made from two states, or in two ways.",
    levels: Levels::ERROR,
    why: "A load balancer's resources are global and named after the service; Terraform keeps what it made in a state. Two environments with one name and two states would each try to make the other's resources. With one state, a load balancer of its own in the one and a backend for another in the other, each apply would remove what the other made.",
    sources: &["https://developer.hashicorp.com/terraform/language/state"],
    examples: examples!("duplicate-load-balancer"),
    check: Check::Environments(check),
};

/// What cannot be two things at a time: who made it, and its scheme.
fn kind(load_balancer: &LoadBalancer) -> (bool, Option<LoadBalancingScheme>) {
    (load_balancer.created.is_some(), load_balancer.load_balancing_scheme)
}

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    for (i, later) in deployments.iter().enumerate() {
        for earlier in &deployments[..i] {
            let (Some(one), Some(other)) = (&later.load_balancer, &earlier.load_balancer) else { continue };
            if (&one.project, &one.service) != (&other.project, &other.service) {
                continue;
            }
            let names = format!("`{}` and `{}`", earlier.environment, later.environment);
            let mode = value(&["load_balancer", "mode"]);
            let finding = |message: String| {
                findings.finding(message).at(later.source, mode.clone(), "").at(
                    earlier.source,
                    mode.clone(),
                    "the other",
                )
            };
            if one.region != other.region {
                findings.push(
                    finding(format!("the load balancers of {names} would have the same names"))
                        .help("give one of the services another name: a load balancer and its backend are global, and named after it"),
                );
            } else if kind(one) != kind(other) {
                findings.push(
                    finding(format!(
                        "{names} make the backend of one service in two ways, and each undoes the other's"
                    ))
                    .help("write the same `mode` and the same scheme for both, or let one have `mode = \"none\"`"),
                );
            } else if one.state_bucket.is_none() || one.state_bucket != other.state_bucket {
                findings.push(
                    finding(format!("{names} share a load balancer, but not its Terraform state"))
                        .help("write the same `state_bucket` for both, or let one have `mode = \"none\"`"),
                );
            }
        }
    }
}
