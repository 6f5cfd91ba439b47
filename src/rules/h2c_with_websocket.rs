use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "h2c-with-websocket",
    summary: "End-to-end HTTP/2 is on with the WebSocket strategy: no socket would open.",
    levels: Levels::ERROR,
    why: "A WebSocket opens with an HTTP/1.1 upgrade. End-to-end HTTP/2 has none, Cloud Run drops the CONNECT that would stand in for it, and nginx does not speak it either: users see a 503.",
    sources: &["https://docs.cloud.google.com/run/docs/triggering/websockets"],
    examples: examples!("h2c-with-websocket"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    if deployment.image.http2 && deployment.image.websocket {
        findings.push(
            findings
                .finding("a WebSocket does not survive end-to-end HTTP/2 on Cloud Run")
                .at(deployment.source, value(&["http2"]), "")
                .at(deployment.source, value(&["strategy"]), "needs HTTP/1.1 to the container")
                .help("remove `http2`, or choose `strategy = \"websocket-free\"`"),
        );
    }
}
