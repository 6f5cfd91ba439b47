use super::{Check, Findings, Levels, Rule, public_paths};
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "path-ending-in-z",
    summary: "A path of the app, the API or the callback ends in `z`, as some that Google keeps for itself do.",
    levels: Levels::WARNING,
    why: "Some paths that end in `z` never reach a container: `/healthz` from outside gets Google's own 404. Google advises against all of them.",
    sources: &["https://docs.cloud.google.com/run/docs/known-issues"],
    examples: examples!("path-ending-in-z"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    for (path, (source, at)) in public_paths(portal) {
        if path.as_str().ends_with('z') {
            findings.push(
                findings
                    .finding(format!("requests for `{path}` may not reach the container: it ends in `z`"))
                    .at(source, at, "")
                    .help("choose a path that ends in another letter"),
            );
        }
    }
}
