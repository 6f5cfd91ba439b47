use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "too-many-hosts",
    summary: "The load balancer would need more certificates than one proxy takes.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let hosts = deployment.hosts.len();
    if deployment.load_balancer.is_some() && hosts > limits::CERTIFICATES_MAX {
        let message = format!("{hosts} hosts need {hosts} certificates; one load balancer takes 15");
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["hosts"], message)
                .help("name at most 15 hosts, or split them over two environments"),
        );
    }
}
