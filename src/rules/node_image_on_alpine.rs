use super::{Check, Findings, Levels, Rule, is_alpine};
use crate::deployment::Portal;
use crate::finding::At;

pub(super) static RULE: Rule = Rule {
    id: "node-image-on-alpine",
    summary: "Node is taken from an image of Alpine Linux, and cannot run in one of Debian.",
    levels: Levels::ERROR,
    why: "The Dockerfile copies the program `node` into an image of Debian. Alpine's is linked with musl, which Debian does not have, so the build of the frontend could not start it.",
    sources: &["https://hub.docker.com/_/node"],
    examples: examples!("node-image-on-alpine"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let image = &portal.images.node;
    if is_alpine(image) {
        findings.push(
            findings
                .finding(format!("the Node of `{image}` is made for Alpine Linux, and the portal's image is Debian"))
                .at(portal.source, At::Value(portal.keys.node_image.clone()), "")
                .help("write an image of Debian, such as `node_image = \"node:24-trixie-slim\"`, or remove it"),
        );
    }
}
