use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "upload-without-http2",
    summary: "portal.toml asks for uploads that Cloud Run takes over HTTP/2 only, and no environment has it.",
    levels: Levels::WARNING,
    why: "Over HTTP/1 Cloud Run takes requests of at most 32 MiB, and nginx refuses what is larger. End-to-end HTTP/2 has no such limit.",
    sources: &["https://docs.cloud.google.com/run/quotas"],
    examples: examples!("upload-without-http2"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    let Some(first) = deployments.iter().find(|deployment| deployment.service.is_some()) else { return };
    let (most, upload) = (limits::HTTP1_BODY_MAX_MIB, first.max_upload);
    if upload > most && !deployments.iter().any(|deployment| deployment.image.http2) {
        findings.push(
            findings
                .finding(format!("no environment takes an upload of {upload}Mi: without HTTP/2, {most}Mi is the most"))
                .at(first.portal_source, value(&["app", "max_upload"]), "")
                .help(format!(
                    "write `max_upload = \"{most}Mi\"`, or `http2 = true` in an environment without WebSockets"
                )),
        );
    }
}
