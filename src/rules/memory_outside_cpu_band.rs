use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::ExecutionEnvironment;
use crate::{deployment::Deployment, limits};

pub(super) static RULE: Rule = Rule {
    id: "memory-outside-cpu-band",
    summary: "The memory is more or less than Cloud Run gives an instance with this many CPUs.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses the service: \"Invalid value specified for container memory. For 1.0 CPU, memory must be between 512Mi and 4Gi inclusive.\"",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/memory-limits"],
    examples: examples!("memory-outside-cpu-band"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let gen2 = service.execution_environment == Some(ExecutionEnvironment::Gen2);
    let whole = gen2 || !service.cpu_throttling;
    let (least, most) = limits::memory_band(service.cpu.get(), whole);
    let memory = service.memory.mebibytes();
    if (least..=most).contains(&memory) {
        return;
    }
    let cpu = service.cpu.get();
    let cpus = if cpu > 1.0 { "CPUs" } else { "CPU" };
    let message = format!(
        "an instance with {cpu} {cpus} can have {} to {} of memory, not {}",
        show(least),
        show(most),
        service.memory
    );
    let bound = if memory < least { show(least) } else { show(most) };
    findings.push(
        findings
            .finding(message)
            .at(deployment.source, value(&["cloud_run", "memory"]), "")
            .at(deployment.source, value(&["cloud_run", "cpu"]), "with this many CPUs")
            .help(format!("write `memory = \"{bound}\"`, or another number of CPUs")),
    );
}

fn show(mebibytes: u64) -> String {
    if mebibytes.is_multiple_of(1024) { format!("{}Gi", mebibytes / 1024) } else { format!("{mebibytes}Mi") }
}
