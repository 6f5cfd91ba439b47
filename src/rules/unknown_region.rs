use super::{Check, Rule, at_value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};
use crate::{limits, units};

pub(super) static RULE: Rule = Rule {
    id: "unknown-region",
    summary: "The region is none that had Cloud Run when portalgen was made.",
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Vec<Finding>) {
    let Some(service) = &deployment.service else { return };
    let region = service.region.as_str();
    if !limits::REGIONS.contains(&region) {
        let help = match units::closest(region, limits::REGIONS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? If the region is new, all is well"),
            None => "look it up on Cloud Run's page of locations; if the region is new, all is well".to_owned(),
        };
        let message = format!("`{region}` is no region that is known to have Cloud Run");
        findings.push(at_value(RULE.id, Level::Warning, deployment, &["cloud_run", "region"], message).help(help));
    }
}
