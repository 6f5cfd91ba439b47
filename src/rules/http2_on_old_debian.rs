use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "http2-on-old-debian",
    summary: "The base image is of a Debian whose nginx is too old for `http2 = true`.",
    levels: Levels::ERROR,
    why: "`http2 on` came with nginx 1.25.1: Debian 13 has 1.26, Debian 12 has 1.22, and nginx ends at a directive that it does not know.",
    sources: &["https://nginx.org/en/docs/http/ngx_http_v2_module.html"],
    examples: examples!("http2-on-old-debian"),
    check: Check::Environment(check),
};

/// Releases before Debian 13.
const OLD: &[&str] = &["bookworm", "bullseye", "buster"];

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let tag = deployment.image.images.python.tag().unwrap_or_default();
    let old = tag.split('-').find(|part| OLD.contains(part));
    if let (Some(release), true) = (old, deployment.image.http2) {
        findings.push(
            findings
                .at_value(deployment, &["http2"], format!("the nginx of Debian {release} knows no `http2 on`"))
                .at(deployment.portal_source, value(&["container", "python_image"]), "Debian 13 is `trixie`")
                .help("write an image of Debian 13, whose tag ends in `-slim-trixie`, or remove `python_image`"),
        );
    }
}
