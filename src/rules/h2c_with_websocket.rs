use super::{Check, Rule, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "h2c-with-websocket",
    summary: "End-to-end HTTP/2 is on with the WebSocket strategy: no socket would open.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    if deployment.image.http2 && deployment.image.websocket {
        findings.push(
            Finding::new(RULE.id, Level::Error, "a WebSocket does not survive end-to-end HTTP/2 on Cloud Run")
                .at(deployment.source, value(&["http2"]), "")
                .at(deployment.source, value(&["strategy"]), "needs HTTP/1.1 to the container")
                .help("remove `http2`, or choose `strategy = \"websocket-free\"`"),
        );
    }
}
