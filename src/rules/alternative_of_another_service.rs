use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;
use crate::units;

pub(super) static RULE: Rule = Rule {
    id: "alternative-of-another-service",
    summary: "`alternative_of` names no environment, or one that deploys another service.",
    levels: Levels::ERROR,
    why: "`alternative_of` says that two environments are forms of one service, of which one is deployed at a time: they may share hosts, a load balancer and its Terraform state. With another service behind it, the two would take those from each other.",
    sources: &[],
    examples: examples!("alternative-of-another-service"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    for deployment in deployments {
        let Some(target) = &deployment.alternative_of else { continue };
        let finding = |message: String| findings.finding(message).at(deployment.source, value(&["alternative_of"]), "");
        let others = deployments.iter().filter(|other| other.environment != deployment.environment);
        let Some(other) = others.clone().find(|other| other.environment == *target) else {
            let names: Vec<_> = others.map(|other| other.environment.as_str()).collect();
            if *target == deployment.environment {
                findings.push(finding(format!("`{target}` is this environment itself")).help("remove the line"));
                continue;
            }
            let help = match units::closest(target.as_str(), names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "remove the line: this is the only environment".to_owned(),
                None => format!("the other environments are {}", names.join(", ")),
            };
            findings.push(finding(format!("there is no other environment `{target}`")).help(help));
            continue;
        };
        let place = |d: &Deployment| d.service.as_ref().map(|s| (s.project.clone(), s.region.clone(), s.name.clone()));
        if other.alternative_of.is_some() {
            findings.push(
                finding(format!("`{target}` is itself an alternative"))
                    .at(other.source, value(&["alternative_of"]), "of this one")
                    .help("name the environment that is none"),
            );
        } else if place(deployment) != place(other) {
            findings.push(
                finding(format!("`{}` deploys another service than `{target}`", deployment.environment))
                    .at(other.source, value(&["cloud_run", "service"]), "this one")
                    .help("let both have the same project, region and service, or remove `alternative_of`"),
            );
        }
    }
}
