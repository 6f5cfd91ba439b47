use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "egress-without-network",
    summary: "`vpc_egress` says what goes through a network, but no network is named.",
    levels: Levels::ERROR,
    why: "Cloud Run refuses an egress setting on a service that is in no network.",
    sources: &["https://docs.cloud.google.com/run/docs/reference/yaml/v1"],
    examples: examples!("egress-without-network"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    if service.vpc_egress.is_some() && service.network.is_none() && service.subnet.is_none() {
        let message = "`vpc_egress` needs a network, and none is named".to_owned();
        findings.push(
            findings
                .at_value(deployment, &["cloud_run", "vpc_egress"], message)
                .help("add `network` or `subnet`, or remove `vpc_egress`"),
        );
    }
}
