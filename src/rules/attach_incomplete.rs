use super::{Check, Findings, Levels, Rule};
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "attach-incomplete",
    summary: "A load balancer that exists is to lead to the portal, but its scheme or its URL map is not named.",
    levels: Levels::ERROR,
    why: "A backend service goes with forwarding rules of its own scheme alone, and Terraform's default is the classic one. The hosts are added to a URL map, which must be named.",
    sources: &[
        "https://github.com/hashicorp/terraform-provider-google/blob/main/website/docs/guides/version_8_upgrade.html.markdown",
        "https://cloud.google.com/sdk/gcloud/reference/compute/url-maps/add-path-matcher",
    ],
    examples: examples!("attach-incomplete"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(load_balancer) = &deployment.load_balancer else { return };
    let Some(attached) = &load_balancer.attached else { return };
    let mut report = |missing: bool, message: &str, help: &str| {
        if missing {
            findings.push(findings.at_value(deployment, &["load_balancer", "mode"], message).help(help));
        }
    };
    report(
        load_balancer.load_balancing_scheme.is_none(),
        "the load balancer's scheme is not named",
        "write `load_balancing_scheme = \"EXTERNAL_MANAGED\"`, or `\"EXTERNAL\"` if it is a classic one: `gcloud compute forwarding-rules describe NAME --global` shows it",
    );
    report(
        attached.url_map.is_none(),
        "the load balancer's URL map is not named",
        "write `url_map = \"...\"`: `gcloud compute url-maps list --global` shows the names",
    );
}
