use super::{Check, Rule, value};
use crate::deployment::Deployment;
use crate::finding::{Finding, Level};

pub(super) static RULE: Rule = Rule {
    id: "duplicate-service",
    summary: "Two environments deploy one service, so each would undo the other.",
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Vec<Finding>) {
    for (i, later) in deployments.iter().enumerate() {
        for earlier in &deployments[..i] {
            let (Some(one), Some(other)) = (&later.service, &earlier.service) else { continue };
            let same = (&one.name, &one.region, &one.project) == (&other.name, &other.region, &other.project);
            let meant = [later, earlier].iter().any(|d| d.alternative_of.is_some());
            if same && !meant {
                let message =
                    format!("`{}` and `{}` both deploy `{}`", earlier.environment, later.environment, one.name);
                findings.push(
                    Finding::new(RULE.id, Level::Error, message)
                        .at(later.source, value(&["cloud_run", "service"]), "")
                        .at(earlier.source, value(&["cloud_run", "service"]), "the same service")
                        .help(format!(
                            "give one of them another `service`, or say that it is another form of the same one: `alternative_of = \"{}\"`",
                            earlier.environment
                        )),
                );
            }
        }
    }
}
