use super::{Check, Findings, Levels, Rule, value};
use crate::config::environment::Ingress;
use crate::deployment::Deployment;

pub(super) static RULE: Rule = Rule {
    id: "load-balancer-shut-out",
    summary: "The service does not let the load balancer in: every request would be refused.",
    levels: Levels::ERROR,
    why: "An external load balancer comes from outside and has no Google identity: a service that is internal, or that asks callers for one, answers 404 or 403 to everybody.",
    sources: &["https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts"],
    examples: examples!("load-balancer-shut-out"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let (Some(service), Some(_)) = (&deployment.service, &deployment.load_balancer) else { return };
    let mut report = |key: &str, message: &str, help: &str| {
        findings.push(
            findings
                .finding(message)
                .at(deployment.source, value(&["cloud_run", key]), "")
                .at(deployment.source, value(&["load_balancer", "mode"]), "the load balancer")
                .help(help),
        );
    };
    if service.ingress == Ingress::Internal {
        let help = "write `ingress = \"internal-and-cloud-load-balancing\"`";
        report("ingress", "an external load balancer does not get in", help);
    }
    if !service.allow_unauthenticated {
        let help = "write `allow_unauthenticated = true`, or `mode = \"none\"`";
        report("allow_unauthenticated", "a load balancer cannot sign its requests: each would be a 403", help);
    }
}
