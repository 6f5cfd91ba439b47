use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "host-disagrees",
    summary: "A generated file names other hosts than the environment: the load balancer's certificates or rules, or DEPLOYMENT.md.",
    levels: Levels::ERROR,
    why: "A host without a certificate on the proxy fails at TLS, and a certificate for a host that does not point to the load balancer is never issued. A host without a rule in the URL map is answered by whatever else is behind the load balancer.",
    sources: &["https://cloud.google.com/load-balancing/docs/ssl-certificates/google-managed-certs"],
    examples: examples!("host-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Host]);
}
