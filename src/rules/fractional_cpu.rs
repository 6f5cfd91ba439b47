use super::{Check, Rule, value};
use crate::config::environment::ExecutionEnvironment;
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "fractional-cpu",
    summary: "An instance with less than one CPU is asked for what Cloud Run gives only to whole ones.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    if service.cpu.get() >= 1.0 {
        return;
    }
    let mut report = |key: &str, message: &str, help: &str| {
        findings.push(
            Finding::new(RULE.id, Level::Error, message)
                .at(deployment.source, value(&["cloud_run", key]), "")
                .at(deployment.source, value(&["cloud_run", "cpu"]), "less than one CPU")
                .help(format!("{help}, or give the instance `cpu = 1`")),
        );
    };
    if service.concurrency > 1 {
        report("concurrency", "less than one CPU handles one request at a time", "write `concurrency = 1`");
    }
    if !service.cpu_throttling {
        report("cpu_throttling", "less than one CPU cannot be allocated always", "remove `cpu_throttling = false`");
    }
    if service.execution_environment == Some(ExecutionEnvironment::Gen2) {
        report("execution_environment", "gen2 needs a whole CPU", "remove `execution_environment`");
    }
}
