use super::{Check, Findings, Levels, Rule};
use crate::config::environment::Ingress;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "browsers-refused",
    summary: "The service is open to the whole internet, but asks callers for a Google identity, which no browser sends.",
    levels: Levels::WARNING,
    why: "Without `allow_unauthenticated` Cloud Run answers 403 to every call that carries no identity token. Only where `allUsers` is bound to the service by other means, or callers bring a token, is that right.",
    sources: &["https://docs.cloud.google.com/run/docs/authenticating/public"],
    examples: examples!("browsers-refused"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    // Behind a load balancer of ours another rule says so; one of the owner's may sign its requests by IAP.
    let open = service.ingress == Ingress::All && deployment.load_balancer.is_none();
    if open && !service.allow_unauthenticated {
        findings.push(
            findings
                .at_value(
                    deployment,
                    &["cloud_run", "allow_unauthenticated"],
                    "a browser without a Google identity gets a 403",
                )
                .help("write `allow_unauthenticated = true`, unless `allUsers` may call the service anyway"),
        );
    }
}
