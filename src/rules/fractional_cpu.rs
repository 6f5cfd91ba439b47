use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::ExecutionEnvironment;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "fractional-cpu",
    summary: "An instance with less than one CPU is asked for what Cloud Run gives only to whole ones.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses the service: \"Total cpu < 1 is not supported with concurrency > 1\", nor with CPU always allocated, nor in the second generation.",
    sources: &["https://docs.cloud.google.com/run/docs/configuring/services/cpu"],
    examples: examples!("fractional-cpu"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.cpu.get() >= 1.0 {
        return;
    }
    let mut report = |key: &str, message: &str, instead: &str| {
        findings.push(
            findings
                .finding(message)
                .at(deployment.source, value(&["cloud_run", key]), "")
                .at(deployment.source, value(&["cloud_run", "cpu"]), "less than one CPU")
                .help(format!("write `cpu = 1`{instead}")),
        );
    };
    if service.concurrency > 1 {
        report("concurrency", "less than one CPU handles one request at a time", "");
    }
    if !service.cpu_throttling {
        report(
            "cpu_throttling",
            "less than one CPU cannot be allocated always",
            ", or remove `cpu_throttling = false`",
        );
    }
    if service.execution_environment == Some(ExecutionEnvironment::Gen2) {
        report("execution_environment", "gen2 needs a whole CPU", ", or remove `execution_environment`");
    }
}
