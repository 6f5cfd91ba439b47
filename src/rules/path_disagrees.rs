use super::{Check, Findings, Levels, Rule};
use crate::reread::{Artifacts, Subject};

pub(super) static RULE: Rule = Rule {
    id: "path-disagrees",
    summary: "A file or folder of the image is another in one generated file than in the next.",
    levels: Levels::ERROR,
    why: "The build fails where the Dockerfile copies what .dockerignore hides or what is not there; nginx and start.sh find their files only where the Dockerfile put them.",
    sources: &[],
    examples: examples!("path-disagrees"),
    check: Check::Artifacts(check),
};

fn check(artifacts: &Artifacts<'_>, findings: &mut Findings<'_>) {
    findings.push_disagreements(artifacts, &[Subject::Copied, Subject::Inside]);
}
