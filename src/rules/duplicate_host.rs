use super::{Check, Findings, Levels, Rule, related, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-host",
    summary: "A host is named twice: it can lead to one portal only.",
    levels: Levels::ERROR,
    why: "A host leads to one load balancer, and so to one portal: DNS has one address for it.",
    sources: &[],
    examples: examples!("duplicate-host"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    for (i, deployment) in deployments.iter().enumerate() {
        for (j, host) in deployment.hosts.iter().enumerate() {
            if deployment.hosts[..j].contains(host) {
                findings.push(
                    findings
                        .finding(format!("`{host}` stands here twice"))
                        .at(deployment.source, value(&["hosts"]), "")
                        .help("name it once"),
                );
            }
            for other in &deployments[..i] {
                if other.hosts.contains(host) && !related(deployment, other) {
                    let message =
                        format!("`{host}` is a host of `{}` and of `{}`", other.environment, deployment.environment);
                    findings.push(
                        findings
                            .finding(message)
                            .at(deployment.source, value(&["hosts"]), "")
                            .at(other.source, value(&["hosts"]), "here too")
                            .help("give each environment hosts of its own"),
                    );
                }
            }
        }
    }
}
