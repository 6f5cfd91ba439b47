use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "egress-without-network",
    summary: "`vpc_egress` says what goes through a network, but no network is named.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    if service.vpc_egress.is_some() && service.network.is_none() && service.subnet.is_none() {
        let message = "there is no network for `vpc_egress` to speak of".to_owned();
        findings.push(
            at_value(RULE.id, Level::Error, deployment, &["cloud_run", "vpc_egress"], message)
                .help("add `network` or `subnet`, or remove `vpc_egress`"),
        );
    }
}
