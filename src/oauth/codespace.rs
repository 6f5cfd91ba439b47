//! A GitHub codespace, whose address is known only to whoever is in it. It is printed and never written to a file.

use crate::units::{CODESPACE_NAME, Host, fits_codespace};

/// The variable of every codespace that holds its name.
///
/// Source: <https://docs.github.com/en/codespaces/developing-in-a-codespace/default-environment-variables-for-your-codespace>.
pub const NAME_VARIABLE: &str = "CODESPACE_NAME";
/// The variable of every codespace that holds the domain of its forwarded ports. Source: the same page.
pub const DOMAIN_VARIABLE: &str = "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN";
/// The domain that forwarded ports have where nothing else is said, and that the environments' files write.
const USUAL_DOMAIN: &str = "app.github.dev";
/// The name and the largest port are one label of at most 63.
const NAME_MAX: usize = 63 - "-65535".len();

/// What is known of the codespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codespace {
    name: Option<String>,
    domain: Option<Host>,
}

/// What cannot be a codespace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The name.
    Name,
    /// The domain.
    Domain,
}

impl Codespace {
    /// A codespace of this name, with its ports below this domain. What is not known is nothing.
    ///
    /// # Errors
    ///
    /// If one of the two cannot stand in an address.
    pub fn new(name: Option<&str>, domain: Option<&str>) -> Result<Self, Wrong> {
        let legal = |name: &&str| {
            name.len() <= NAME_MAX
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !name.starts_with('-')
                && !name.ends_with('-')
                && !name.is_empty()
        };
        let name = name.map(|name| Some(name).filter(legal).map(str::to_owned).ok_or(Wrong::Name)).transpose()?;
        let domain = domain.map(|domain| domain.parse().map_err(|_| Wrong::Domain)).transpose()?;
        Ok(Self { name, domain })
    }

    /// Its name, where it is known.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// An address whose codespace is left open, with the name filled in; nothing while that is not known.
    pub fn filled(&self, written: &str) -> Option<String> {
        Some(self.below_domain(written).replace(CODESPACE_NAME, self.name.as_deref()?))
    }

    /// Whether an address is the written one in any codespace.
    pub fn fits(&self, written: &str, address: &str) -> bool {
        let fits = |written: &str| written.contains(CODESPACE_NAME) && fits_codespace(written, address);
        fits(written) || fits(&self.below_domain(written))
    }

    fn below_domain(&self, written: &str) -> String {
        let Some(domain) = &self.domain else { return written.to_owned() };
        let Some((before, after)) = written.split_once(CODESPACE_NAME) else { return written.to_owned() };
        let end = after.find(['/', ':', '?']).unwrap_or(after.len());
        let (host, rest) = after.split_at(end);
        let host = match host.strip_suffix(USUAL_DOMAIN).filter(|label| label.ends_with('.')) {
            Some(label) => format!("{label}{domain}"),
            None => host.to_owned(),
        };
        format!("{before}{CODESPACE_NAME}{host}{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "https://<codespace-name>-8000.app.github.dev/cb";

    #[test]
    fn the_name_and_the_domain_are_filled_in() {
        let filled = |name, domain| Codespace::new(name, domain).unwrap().filled(WRITTEN);
        assert_eq!(filled(None, Some("preview.app.github.dev")), None);
        assert_eq!(filled(Some("a-b"), None).as_deref(), Some("https://a-b-8000.app.github.dev/cb"));
        let elsewhere = filled(Some("a-b"), Some("preview.app.github.dev"));
        assert_eq!(elsewhere.as_deref(), Some("https://a-b-8000.preview.app.github.dev/cb"));
        let other = Codespace::new(Some("a"), Some("github.example.com")).unwrap();
        assert_eq!(other.filled("https://<codespace-name>-1.other.dev").as_deref(), Some("https://a-1.other.dev"));
    }

    #[test]
    fn what_cannot_stand_in_an_address_is_refused() {
        for name in ["", "-a", "a-", "a.b", "A", "a b", "a/b", "é", &"a".repeat(58)] {
            assert_eq!(Codespace::new(Some(name), None), Err(Wrong::Name), "{name}");
        }
        for domain in ["", "app.github.dev/x", "https://app.github.dev", "a b"] {
            assert_eq!(Codespace::new(None, Some(domain)), Err(Wrong::Domain), "{domain}");
        }
    }

    #[test]
    fn any_codespace_fits() {
        let codespace = Codespace::new(None, Some("preview.app.github.dev")).unwrap();
        for fits in ["https://x-8000.app.github.dev/cb", "https://x-y-8000.preview.app.github.dev/cb"] {
            assert!(codespace.fits(WRITTEN, fits), "{fits}");
        }
        for other in ["https://-8000.app.github.dev/c", "https://a.b-8000.app.github.dev/cb", "https://x/cb"] {
            assert!(!codespace.fits(WRITTEN, other), "{other}");
        }
        assert!(!codespace.fits("https://x/cb", "https://x/cb"), "nothing is open in it");
    }
}
