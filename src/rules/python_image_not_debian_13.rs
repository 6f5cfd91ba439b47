use super::{Check, Findings, Levels, Rule, is_alpine, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "python-image-not-debian-13",
    summary: "The base image is of Alpine Linux, or of a Debian whose nginx is too old for `http2 = true`.",
    levels: Levels::ERROR,
    why: "The Dockerfile installs nginx with `apt-get`, which Alpine Linux does not have. `http2 on` came with nginx 1.25.1: Debian 13 has 1.26, Debian 12 has 1.22, and nginx ends at a directive that it does not know.",
    sources: &["https://nginx.org/en/docs/http/ngx_http_v2_module.html"],
    examples: examples!("python-image-not-debian-13"),
    check: Check::Environment(check),
};

/// Releases before Debian 13.
const OLD: &[&str] = &["bookworm", "bullseye", "buster"];

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let image = &deployment.image.images.python;
    let python_image = (deployment.portal_source, value(&["container", "python_image"]));
    let old = image.tag().unwrap_or_default().split('-').find(|part| OLD.contains(part));
    let finding = if is_alpine(image) {
        findings.finding(format!("`{image}` is Alpine Linux, which has no `apt-get` to install nginx with")).at(
            python_image.0,
            python_image.1,
            "",
        )
    } else if let (Some(release), true) = (old, deployment.image.http2) {
        findings.at_value(deployment, &["http2"], format!("the nginx of Debian {release} knows no `http2 on`")).at(
            python_image.0,
            python_image.1,
            "Debian 13 is `trixie`",
        )
    } else {
        return;
    };
    let help = "write an image of Debian 13, whose tag ends in `-slim-trixie`, or remove `python_image`";
    findings.push(finding.help(help));
}
