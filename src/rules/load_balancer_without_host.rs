use super::{Check, Rule, at_value, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-without-host",
    summary: "A load balancer is to be made, but there is no host to make a certificate for.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    if deployment.load_balancer.is_some() && deployment.hosts.is_empty() {
        let message = "a load balancer needs a host: its certificate is for a name".to_owned();
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["load_balancer", "mode"], message)
                .at(deployment.source, value(&["hosts"]), "names no host")
                .help("add `hosts = [\"portal.example.com\"]`, or write `mode = \"none\"`"),
        );
    }
}
