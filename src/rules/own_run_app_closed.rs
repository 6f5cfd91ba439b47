use super::{Check, Findings, Levels, Rule, at_uri, element, value};
use crate::config::environment::{Ingress, ServedBy};
use crate::deployment::{Deployment, Service, UriOrigin};

pub(super) static RULE: Rule = Rule {
    id: "own-run-app-closed",
    summary: "An address that browsers are sent to is the portal's own run.app address, which does not answer them.",
    levels: Levels::ERROR,
    why: "With `default_url = false` the run.app address is gone, and with an `ingress` other than `all` nobody gets in there from outside. A sign-in that comes back to it is lost.",
    sources: &["https://docs.cloud.google.com/run/docs/securing/ingress"],
    examples: examples!("own-run-app-closed"),
    check: Check::Environment(check),
};

fn check(deployment: &Deployment, findings: &mut Findings<'_>) {
    let Some(service) = &deployment.service else { return };
    let (key, closed) = match (service.default_url, service.ingress) {
        (false, _) => ("default_url", "switches it off"),
        (true, Ingress::InternalAndCloudLoadBalancing | Ingress::Internal) => ("ingress", "lets no browser in there"),
        (true, Ingress::All) => return,
    };
    // A service of the same name may be the API, in another project or region.
    let api = deployment.api.as_ref().map(|api| api.url.host());
    let is_own = |host: &str| is_of(host, service) && Some(host) != api;
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

/// Whether a host is one of the service's run.app addresses: `<service>-<hash>-<region's letters>.a.run.app`, or
/// `<service>-<project number>.<region>.run.app`, each with `<tag>---` in front or without.
fn is_of(host: &str, service: &Service) -> bool {
    let Some((label, domain)) = host.split_once('.') else { return false };
    let untagged = label.split_once("---").map(|(_, rest)| rest);
    let rests = [Some(label), untagged].into_iter().flatten();
    let mut rests = rests.filter_map(|label| label.strip_prefix(service.name.as_str())?.strip_prefix('-'));
    let all = |text: &str, legal: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| legal(&byte));
    match domain {
        "a.run.app" => rests.any(|rest| {
            rest.split_once('-').is_some_and(|(hash, region)| {
                hash.len() == 10
                    && all(hash, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    && region.len() == 2
                    && all(region, u8::is_ascii_lowercase)
            })
        }),
        _ => {
            let region = domain.strip_suffix(".run.app") == Some(service.region.as_str());
            region && rests.any(|rest| all(rest, u8::is_ascii_digit))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::SourceId;
    use crate::resolve;

    #[test]
    fn another_services_address_is_not_ours() {
        let portal = toml::from_str(include_str!("../../tests/fixtures/minimal/portal.toml")).unwrap();
        let demo = toml::from_str(include_str!("../../tests/fixtures/minimal/envs/demo.toml")).unwrap();
        let (name, source) = ("demo".parse().unwrap(), SourceId(0));
        let resolved = resolve::portal(&portal, source, crate::app_files::AppFiles::default());
        let service = resolve::deployment(&portal, &resolved, &name, "envs/demo.toml", source, &demo).service.unwrap();
        assert_eq!((service.name.as_str(), service.region.as_str()), ("portal-demo", "europe-west1"));
        for (host, ours) in [
            ("portal-demo-ryvhxvrdna-ew.a.run.app", true),
            ("next---portal-demo-ryvhxvrdna-ew.a.run.app", true),
            ("portal-demo-123456789012.europe-west1.run.app", true),
            ("next---portal-demo-123456789012.europe-west1.run.app", true),
            ("portal-demo-123456789012.us-east1.run.app", false),
            ("portal-demo-api-ryvhxvrdna-ew.a.run.app", false),
            ("portal-demo-api-123456789012.europe-west1.run.app", false),
            ("api-portal-demo-ryvhxvrdna-ew.a.run.app", false),
            ("portal-ryvhxvrdna-ew.a.run.app", false),
            ("portal-demo.a.run.app", false),
            ("portal-demo-ew.a.run.app", false),
            ("portal-demo-.europe-west1.run.app", false),
            ("portal-demo-ryvhxvrdna-ew.example.com", false),
            ("portal-demo-123456789012.europe-west1.example.com", false),
            ("localhost", false),
        ] {
            assert_eq!(is_of(host, &service), ours, "{host}");
        }
    }
}
