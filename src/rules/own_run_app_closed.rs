use super::{Check, Findings, Levels, Rule, at_uri, element, value};
use crate::config::environment::{Ingress, ServedBy};
use crate::deployment::{Deployment, UriOrigin};

pub(super) static RULE: Rule = Rule {
    id: "own-run-app-closed",
    summary: "An address that browsers are sent to is the portal's own run.app address, which does not answer them.",
    levels: Levels::ERROR,
    why: "With `default_url = false` the run.app address is gone, and with `ingress = \"internal-and-cloud-load-balancing\"` nobody gets in there but through a load balancer. A sign-in that comes back to it is lost.",
    sources: &["https://docs.cloud.google.com/run/docs/securing/ingress"],
    examples: examples!("own-run-app-closed"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (key, closed) = match (service.default_url, service.ingress) {
        (false, _) => ("default_url", "switches it off"),
        (true, Ingress::InternalAndCloudLoadBalancing) => ("ingress", "lets no browser in there"),
        // Within the project's own networks, browsers use this very address.
        (true, Ingress::All | Ingress::Internal) => return,
    };
    // A service of the same name may be the API, in another project or region.
    let api = deployment.api.as_ref().map(|api| api.url.host());
    let is_own = |host: &str| service.is_at(host) && Some(host) != api;
    let hosts = deployment.hosts.iter().enumerate().filter(|(_, host)| is_own(host.as_str()));
    let hosts = hosts.map(|(i, _)| element(deployment.source, &["hosts"], i, &[]));
    let uris = deployment.oauth.redirect_uris.iter();
    let uris = uris.filter(|entry| entry.origin != UriOrigin::Host && entry.served_by != ServedBy::Elsewhere);
    let uris = uris.filter(|entry| is_own(entry.uri.host())).map(|entry| at_uri(deployment, entry));
    let public = deployment.api.iter().filter_map(|api| api.public_url.as_ref()).map(|url| url.host());
    let public = public.filter(|host| is_own(host));
    let public = public.map(|_| (deployment.source, value(&["api", "public_url"])));
    // With a load balancer of its own, the run.app address is closed for a reason.
    let help = match deployment.load_balancer.is_some() {
        true => "write an address on one of the portal's `hosts`",
        false => "write an address on one of the portal's `hosts`, or open the run.app address",
    };
    for (source, at) in hosts.chain(uris).chain(public) {
        findings.push(
            findings
                .finding("the portal's own run.app address answers no browser")
                .at(source, at, "")
                .at(deployment.source, value(&["cloud_run", key]), closed)
                .help(help),
        );
    }
}
