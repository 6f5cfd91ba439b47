use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-without-host",
    summary: "A load balancer is to be made, but there is no host to make a certificate for.",
    levels: Levels::ERROR,
    why: "A Google-managed certificate is for a name, and without one nobody can connect by https.",
    sources: &["https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs"],
    examples: examples!("load-balancer-without-host"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    if deployment.load_balancer.is_some() && deployment.hosts.is_empty() {
        let message = "a load balancer needs a host: its certificate is for a name".to_owned();
        findings.push(
            findings
                .at_value(deployment, &["load_balancer", "mode"], message)
                .at(deployment.source, value(&["hosts"]), "names no host")
                .help("add `hosts = [\"portal.example.com\"]`, or remove `[load_balancer]`"),
        );
    }
}
