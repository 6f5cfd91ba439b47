//! The two addresses that a Cloud Run service has below run.app.
//!
//! Source: <https://docs.cloud.google.com/run/docs/triggering/https-request>.

use crate::deployment::Service;
use crate::units::{Host, Parts};

/// A host below run.app, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunApp<'h> {
    /// `SERVICE-HASH-REGION.a.run.app`, the region in two letters.
    Hashed { service: &'h str, hash: &'h str, region: &'h str },
    /// `SERVICE-NUMBER.REGION.run.app`, with the project's number.
    Numbered { service: &'h str, number: &'h str, region: &'h str },
}

impl<'h> RunApp<'h> {
    /// The parts of a host in lower case, if it is one.
    pub(super) fn of(host: &'h str) -> Option<Self> {
        let (label, domain) = host.split_once('.')?;
        let all = |text: &str, legal: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| legal(&byte));
        let (rest, last) = label.rsplit_once('-')?;
        if domain == "a.run.app" {
            let (service, hash) = rest.rsplit_once('-')?;
            let legal = hash.len() == 10
                && all(hash, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && last.len() == 2
                && all(last, u8::is_ascii_lowercase);
            return (legal && !service.is_empty()).then_some(Self::Hashed { service, hash, region: last });
        }
        let region = domain.strip_suffix(".run.app").filter(|region| !region.contains('.'))?;
        let legal = all(last, u8::is_ascii_digit) && !rest.is_empty();
        legal.then_some(Self::Numbered { service: rest, number: last, region })
    }

    /// The service's name, with the tag of a revision in front where there is one.
    pub(super) fn service(self) -> &'h str {
        match self {
            Self::Hashed { service, .. } | Self::Numbered { service, .. } => service,
        }
    }
}

/// The other address of the service that answers on one below run.app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherForm {
    /// With the number, if the service is in the project and the region of this environment's.
    Known(String),
    /// It has a hash, or the project's number is not known.
    Unknown,
}

/// The same address in the other form of its host; nothing where the host is not below run.app.
pub(super) fn other_form(address: &str, service: Option<&Service>) -> Option<OtherForm> {
    let parts = Parts::of(address)?;
    let numbered = match RunApp::of(parts.host)? {
        RunApp::Numbered { .. } => None,
        RunApp::Hashed { service: name, .. } => service.and_then(|service| {
            let host = format!("{name}-{}.{}.run.app", service.project_number?, service.region);
            host.parse::<Host>().ok()
        }),
    };
    let known = |host: Host| {
        let port = parts.port.map(|port| format!(":{port}")).unwrap_or_default();
        OtherForm::Known(format!("{}://{host}{port}{}", parts.scheme, parts.rest))
    };
    Some(numbered.map_or(OtherForm::Unknown, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let hashed = RunApp::Hashed { service: "waooaw-api-demo", hash: "ryvhxvrdna", region: "el" };
        assert_eq!(RunApp::of("waooaw-api-demo-ryvhxvrdna-el.a.run.app"), Some(hashed));
        let numbered = RunApp::Numbered { service: "api", number: "123", region: "asia-south1" };
        assert_eq!(RunApp::of("api-123.asia-south1.run.app"), Some(numbered));
        for other in [
            "api.a.run.app",
            "-ryvhxvrdna-el.a.run.app",
            "api-ryvhxvrdn-el.a.run.app",
            "api-ryvhxvrdna-els.a.run.app",
            "api-123.asia.south1.run.app",
            "-123.asia-south1.run.app",
            "api-x.asia-south1.run.app",
            "api-123.run.app",
            "run.app",
        ] {
            assert_eq!(RunApp::of(other), None, "{other}");
        }
    }
}
