use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::{limits, version};

pub(super) static RULE: Rule = Rule {
    id: "reflex-without-polling",
    summary: "An environment is to do without WebSockets, which this Reflex version cannot.",
    levels: Levels::ERROR,
    why: "`transport` came with Reflex 0.8.19. The server of an older one takes WebSockets alone, and the image without WebSockets opens none: every click would be lost.",
    sources: &["https://github.com/reflex-dev/reflex/releases"],
    examples: examples!("reflex-without-polling"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let reflex = &deployment.image.app.reflex;
    let below = |floor| version::is_below(reflex.as_str(), floor);
    // One that is older still cannot be built at all, which another rule says.
    let cannot = below(limits::REFLEX_WITH_TRANSPORT) && !below(limits::REFLEX_WITH_BUILD_FOLDER);
    if cannot && !deployment.image.websocket {
        findings.push(
            findings
                .at_value(deployment, &["strategy"], format!("Reflex {reflex} knows no transport but WebSockets"))
                .at(deployment.portal_source, value(&["app", "reflex"]), "polling came with 0.8.19")
                .help("write `strategy = \"websocket\"`, or move the app to a newer Reflex"),
        );
    }
}
