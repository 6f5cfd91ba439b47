use super::{Check, Rule, value};
use crate::deployment::Portal;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "ports-collide",
    summary: "nginx and the backend are given the same port.",
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Vec<Finding>) {
    if portal.ports.container == portal.ports.backend {
        let message = format!("nginx and the backend cannot both listen on port {}", portal.ports.backend);
        findings.push(
            Finding::new(RULE.id, Level::Error, message)
                .at(portal.source, value(&["container", "backend_port"]), "")
                .at(portal.source, value(&["container", "port"]), "nginx's port")
                .help("leave them at 8080 and 8000"),
        );
    }
}
