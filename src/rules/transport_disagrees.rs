use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "transport-disagrees",
    summary: "The transport, or HTTP/2, is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "The client is built for one transport and the backend is started for one; with different ones no page connects. Cloud Run speaks HTTP/2 to a port named `h2c` alone, and nginx has to be told to answer it.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/http2"],
    examples: examples!("transport-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Transport, Subject::Http]);
}
