use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "javascript-origin-disagrees",
    summary: "A JavaScript origin is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "What these files list is registered with Google by hand. Google answers code in the browser that calls it from any other origin with `origin_mismatch`.",
    sources: &["https://support.google.com/cloud/answer/15549257"],
    examples: examples!("javascript-origin-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::JavascriptOrigin]);
}
