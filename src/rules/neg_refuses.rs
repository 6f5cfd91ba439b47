use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "neg-refuses",
    summary: "The load balancer's backend service has an argument that it cannot have in front of Cloud Run.",
    levels: Levels::ERROR,
    why: "A backend service with a serverless endpoint group supports no timeout, no health check, no port name and no balancing policy, and its session affinity does nothing: all of these are the Cloud Run service's. For WebSockets Cloud Run wants no HTTP/2 end to end.",
    sources: &[
        "https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts",
        "https://docs.cloud.google.com/run/docs/triggering/websockets",
    ],
    examples: examples!("neg-refuses"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    for statement in artifacts.statements(Subject::RefusedByNeg) {
        let clause = match &*statement.fact.key {
            "protocol" => format!("with `{statement}` no WebSocket gets through to Cloud Run"),
            "session_affinity" => format!("`{statement}` does nothing in front of Cloud Run"),
            _ => format!("`{statement}` is not supported in front of Cloud Run"),
        };
        findings.push_said(artifacts.say_at(statement.file, &statement.fact.statement, &clause));
    }
}
