use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "upload-over-memory",
    summary: "The largest upload takes more than half of an instance's memory.",
    levels: Levels::WARNING,
    why: "The files of an instance are its memory. An upload lies there as it comes in, and again where the app keeps it; one that leaves no room ends the instance, and with it every open tab of it.",
    sources: &["https://docs.cloud.google.com/run/docs/container-contract"],
    examples: examples!("upload-over-memory"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (upload, memory) = (deployment.image.client_max_body_size >> 20, service.memory.mebibytes());
    if 2 * upload > memory {
        findings.push(
            findings
                .finding(format!(
                    "an upload may be {upload}Mi, and an instance has {} of memory for it",
                    service.memory
                ))
                .at(deployment.source, value(&["cloud_run", "memory"]), "")
                .at(deployment.portal_source, value(&["app", "max_upload"]), "the largest upload")
                .help(format!(
                    "write `memory = \"{}Mi\"` or more, or a smaller `max_upload` in portal.toml",
                    2 * upload
                )),
        );
    }
}
