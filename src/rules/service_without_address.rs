use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "service-without-address",
    summary: "The run.app address is switched off, and no host is named that leads to the portal.",
    levels: Levels::WARNING,
    why: "With `default_url = false` the service has no address of its own. It is reached by a load balancer only, on the hosts that lead there, and certificates and OAuth callbacks follow from the `hosts` that are named.",
    sources: &["https://docs.cloud.google.com/run/docs/securing/ingress"],
    examples: examples!("service-without-address"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    // Where a load balancer is made, another rule asks for a host.
    if !service.default_url && deployment.hosts.is_empty() && deployment.load_balancer.is_none() {
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "default_url"], "nothing named here leads to the portal")
                .help("name the `hosts` that lead to it, or remove `default_url = false`"),
        );
    }
}
