use super::{Check, Findings, Levels, Rule, floor, path, value};
use crate::deployment::Portal;
use crate::finding::At;
use crate::{limits, version};

pub(super) static RULE: Rule = Rule {
    id: "node-too-old",
    summary: "The image's Node is older than this Reflex version builds its frontend with.",
    levels: Levels::ERROR,
    why: "With npm, `reflex export` ends with `Reflex requires node version ... or higher` where Node is older: 20.19.0 for Reflex 0.8, 22.12.0 from 0.9.3 on, 22.22.0 from 0.9.9 on.",
    sources: &["https://github.com/reflex-dev/reflex/releases"],
    examples: examples!("node-too-old"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let (reflex, image) = (&portal.app.reflex, &portal.images.node);
    let Some(needed) = floor(limits::NODE_FLOORS, reflex) else { return };
    let tag = image.tag_of("node").unwrap_or_default();
    if !version::all_below(tag, &version::numbers(needed)) {
        return;
    }
    let by_reflex = path(&["app", "reflex"]);
    let finding = findings.finding(format!("Reflex {reflex} needs Node {needed} or newer, and `{image}` is older")).at(
        portal.source,
        At::Value(portal.keys.node_image.clone()),
        "",
    );
    let finding = match portal.keys.node_image == by_reflex {
        true => finding,
        false => finding.at(portal.source, value(&["app", "reflex"]), format!("needs Node {needed}")),
    };
    findings.push(finding.help("write a newer one below `[container]`: `node_image = \"node:24-trixie-slim\"`"));
}
