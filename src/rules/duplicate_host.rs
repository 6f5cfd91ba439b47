use super::{Check, Rule, related, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-host",
    summary: "A host is named twice: it can lead to one portal only.",
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Vec<Finding>) {
    for (i, deployment) in deployments.iter().enumerate() {
        for (j, host) in deployment.hosts.iter().enumerate() {
            if deployment.hosts[..j].contains(host) {
                findings.push(
                    Finding::new(RULE.id, Level::Error, format!("`{host}` stands here twice"))
                        .at(deployment.source, value(&["hosts"]), "")
                        .help("name it once"),
                );
            }
            for other in &deployments[..i] {
                if other.hosts.contains(host) && !related(deployment, other) {
                    let message =
                        format!("`{host}` is a host of `{}` and of `{}`", other.environment, deployment.environment);
                    findings.push(
                        Finding::new(RULE.id, Level::Error, message)
                            .at(deployment.source, value(&["hosts"]), "")
                            .at(other.source, value(&["hosts"]), "here too")
                            .help("give each environment hosts of its own"),
                    );
                }
            }
        }
    }
}
