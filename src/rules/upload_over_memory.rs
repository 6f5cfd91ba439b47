use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::limits;

pub(super) static RULE: Rule = Rule {
    id: "upload-over-memory",
    summary: "The largest upload takes more than half of an instance's memory.",
    levels: Levels::WARNING,
    why: "The files of an instance are its memory. An upload lies there as it comes in, and again where the app keeps it; one that leaves no room ends the instance, and with it every open tab of it.",
    sources: &["https://docs.cloud.google.com/run/docs/container-contract"],
    examples: examples!("upload-over-memory"),
    check: Check::Environment(check),
};

/// The numbers of CPUs that an instance can have.
const WHOLE_CPUS: [u32; 5] = [1, 2, 4, 6, 8];

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (upload, memory) = (deployment.image.client_max_body_size >> 20, service.memory.mebibytes());
    if 2 * upload > memory {
        let enough = 2 * upload;
        let smaller = "a smaller `max_upload` in portal.toml";
        // More memory may need more CPUs.
        let holds = |cpu: f64| limits::memory_band(cpu, false).1 >= enough;
        let help = match WHOLE_CPUS.into_iter().find(|cpus| holds(f64::from(*cpus))) {
            _ if holds(service.cpu.get()) => format!("write `memory = \"{enough}Mi\"` or more, or {smaller}"),
            Some(cpus) => format!("write `cpu = {cpus}` and `memory = \"{enough}Mi\"`, or {smaller}"),
            None => format!("write {smaller}: no instance has {enough}Mi"),
        };
        findings.push(
            findings
                .finding(format!(
                    "an upload may be {upload}Mi, and an instance has {} of memory for it",
                    service.memory
                ))
                .at(deployment.source, value(&["cloud_run", "memory"]), "")
                .at(deployment.portal_source, value(&["app", "max_upload"]), "the largest upload")
                .help(help),
        );
    }
}
