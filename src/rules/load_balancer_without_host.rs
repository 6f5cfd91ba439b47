use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-without-host",
    summary: "A load balancer is to lead to the portal, but no host is named.",
    levels: Levels::ERROR,
    why: "A Google-managed certificate is for a name, and without one nobody can connect by https. The URL map of a load balancer that exists tells by the host where a request goes: a rule without one would take all that is left.",
    sources: &[
        "https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs",
        "https://cloud.google.com/sdk/gcloud/reference/compute/url-maps/add-path-matcher",
    ],
    examples: examples!("load-balancer-without-host"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(load_balancer) = deployment.load_balancer.as_ref().filter(|_| deployment.hosts.is_empty()) else { return };
    let message = match load_balancer.attached.is_some() {
        true => "a load balancer that exists needs a host: its URL map tells portals apart by it",
        false => "a load balancer needs a host: its certificate is for a name",
    };
    findings.push(
        findings
            .at_value(deployment, &["load_balancer", "mode"], message)
            .at(deployment.source, value(&["hosts"]), "names no host")
            .help("add `hosts = [\"portal.example.com\"]`, or remove `[load_balancer]`"),
    );
}
