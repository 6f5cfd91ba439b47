use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "ports-collide",
    summary: "nginx and the backend are given the same port.",
    levels: Levels::ERROR,
    why: "One of the two would find its port taken, and the container would end.",
    sources: &[],
    examples: examples!("ports-collide"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    if portal.ports.container == portal.ports.backend {
        let message = format!("nginx and the backend cannot both listen on port {}", portal.ports.backend);
        findings.push(
            findings
                .finding(message)
                .at(portal.source, value(&["container", "backend_port"]), "")
                .at(portal.source, value(&["container", "port"]), "nginx's port")
                .help("leave them at 8080 and 8000"),
        );
    }
}
