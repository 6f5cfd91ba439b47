use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;
use crate::{limits, units};

pub(super) static RULE: Rule = Rule {
    id: "unknown-region",
    summary: "Cloud Run was not known to be in this region when portalgen was released.",
    levels: Levels::WARNING,
    why: "A region that is spelt as no known one is most likely a slip, and the deployment would be refused. The list grows, so it is no error.",
    sources: &["https://docs.cloud.google.com/run/docs/locations"],
    examples: examples!("unknown-region"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let region = service.region.as_str();
    if !limits::REGIONS.contains(&region) {
        let help = match units::closest(region, limits::REGIONS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? If the region is new, all is well"),
            None => "look it up on Cloud Run's page of locations; if the region is new, all is well".to_owned(),
        };
        let message = format!("`{region}` is no region that is known to have Cloud Run");
        findings.push(findings.at_value(deployment, &["cloud_run", "region"], message).help(help));
    }
}
