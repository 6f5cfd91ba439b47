use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Portal;
use crate::{limits, version};

pub(super) static RULE: Rule = Rule {
    id: "reflex-too-old",
    summary: "The Reflex version is older than the Dockerfile can build.",
    levels: Levels::ERROR,
    why: "Since Reflex 0.8 `reflex export` leaves the client in `.web/build/client`, from where the Dockerfile copies it. Before, that was `.web/_static`.",
    sources: &["https://github.com/reflex-dev/reflex/releases"],
    examples: examples!("reflex-too-old"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let reflex = &portal.app.reflex;
    if version::is_below(reflex.as_str(), limits::REFLEX_WITH_BUILD_FOLDER) {
        findings.push(
            findings
                .finding(format!("Reflex {reflex} leaves the built client where the Dockerfile does not look"))
                .at(portal.source, value(&["app", "reflex"]), "")
                .help("move the app to Reflex 0.8 or newer, and lock that"),
        );
    }
}
