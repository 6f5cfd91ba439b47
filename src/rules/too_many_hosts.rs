use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "too-many-hosts",
    summary: "The load balancer would need more certificates than one proxy takes.",
    levels: Levels::ERROR,
    why: "Each host has a certificate of its own, so that a new one does not interrupt the others; an HTTPS proxy takes 15.",
    sources: &["https://github.com/hashicorp/terraform-provider-google/tree/v7.45.0"],
    examples: examples!("too-many-hosts"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let (hosts, most) = (deployment.hosts.len(), limits::CERTIFICATES_MAX);
    if deployment.load_balancer.as_ref().is_some_and(|balancer| balancer.created.is_some()) && hosts > most {
        let message = format!("{hosts} hosts need {hosts} certificates; one load balancer takes {most}");
        findings.push(
            findings
                .at_value(deployment, &["hosts"], message)
                .help(format!("name at most {most} hosts, or split them over two environments")),
        );
    }
}
