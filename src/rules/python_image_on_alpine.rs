use super::{Check, Findings, Levels, Rule, is_alpine};
use crate::deployment::Portal;
use crate::finding::At;

pub(super) static RULE: Rule = Rule {
    id: "python-image-on-alpine",
    summary: "The base image is made for Alpine Linux.",
    levels: Levels::ERROR,
    why: "The Dockerfile installs nginx with `apt-get`, which Alpine Linux does not have, so the build of the image ends there.",
    sources: &["https://hub.docker.com/_/python"],
    examples: examples!("python-image-on-alpine"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let image = &portal.images.python;
    if is_alpine(image) {
        findings.push(
            findings
                .finding(format!("`{image}` is Alpine Linux, which has no `apt-get` to install nginx with"))
                .at(portal.source, At::Value(portal.keys.python_image.clone()), "")
                .help("write an image of Debian 13, whose tag ends in `-slim-trixie`, or remove `python_image`"),
        );
    }
}
