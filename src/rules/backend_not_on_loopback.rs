use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "backend-not-on-loopback",
    summary: "The backend and nginx do not meet on the loopback address.",
    levels: Levels::ERROR,
    why: "uvicorn believes the forwarded headers of whoever it hears from, so nobody but nginx beside it may reach it; and nginx finds it only where it listens.",
    sources: &[],
    examples: examples!("backend-not-on-loopback"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::BackendAddress]);
}
