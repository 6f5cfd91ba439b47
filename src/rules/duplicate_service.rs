use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "duplicate-service",
    summary: "Two environments deploy one service, so each would undo the other.",
    levels: Levels::ERROR,
    why: "`gcloud run services replace` replaces the whole service: whichever environment is deployed last removes the other.",
    sources: &["https://cloud.google.com/sdk/gcloud/reference/run/services/replace"],
    examples: examples!("duplicate-service"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    for (i, later) in deployments.iter().enumerate() {
        for earlier in &deployments[..i] {
            let (Some(one), Some(other)) = (&later.service, &earlier.service) else { continue };
            let same = (&one.name, &one.region, &one.project) == (&other.name, &other.region, &other.project);
            let meant = [later, earlier].iter().any(|d| d.alternative_of.is_some());
            if same && !meant {
                let message =
                    format!("`{}` and `{}` both deploy `{}`", earlier.environment, later.environment, one.name);
                findings.push(
                    findings.finding(message)
                        .at(later.source, value(&["cloud_run", "service"]), "")
                        .at(earlier.source, value(&["cloud_run", "service"]), "the same service")
                        .help(format!(
                            "give one of them another `service`, or say that it is another form of the same one: `alternative_of = \"{}\"`",
                            earlier.environment
                        )),
                );
                // Each is compared with the first of them.
                break;
            }
        }
    }
}
