use super::{Check, Findings, Levels, Rule, public_paths};
use crate::deployment::Portal;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "reserved-path",
    summary: "A path of the app, the API or the callback is one that Cloud Run keeps for itself.",
    levels: Levels::ERROR,
    why: "Requests for `/eventlog` and for everything below `/_ah/` are answered before they reach a container.",
    sources: &["https://docs.cloud.google.com/run/docs/known-issues"],
    examples: examples!("reserved-path"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let (whole, below) = limits::RESERVED_PATHS;
    for (path, (source, at)) in public_paths(portal) {
        if path.as_str() == whole || path.as_str().starts_with(below) {
            findings.push(
                findings
                    .finding(format!("no request for `{path}` reaches a container: Cloud Run keeps it for itself"))
                    .at(source, at, "")
                    .help(format!("choose a path other than `{whole}`, and none below `{below}`")),
            );
        }
    }
}
