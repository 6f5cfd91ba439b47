//! Where questions go: the origin of an address, and which machine stands for it.

use std::fmt;

use crate::units;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Whether it is https.
    pub tls: bool,
    /// The host's name or address, as URLs have it: an IPv6 address in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Site {
    /// The https site of a host.
    pub fn https(host: &str) -> Self {
        Self { tls: true, host: host.to_owned(), port: 443 }
    }

    /// The http site of the same host.
    pub(super) fn plain(&self) -> Self {
        Self { tls: false, host: self.host.clone(), port: 80 }
    }

    /// The port that the scheme has anyway.
    pub(super) fn has_default_port(&self) -> bool {
        self.port == if self.tls { 443 } else { 80 }
    }

    /// What stands in `Host`.
    pub(super) fn authority(&self) -> String {
        if self.has_default_port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Whether it is this machine.
    pub(super) fn is_local(&self) -> bool {
        let address = self.bare_host().parse::<std::net::IpAddr>();
        let own = |address: std::net::IpAddr| address.is_loopback() || address.is_unspecified();
        address.map_or(self.host == "localhost" || self.host.ends_with(".localhost"), own)
    }

    /// The host as connections and certificates take it: an IPv6 address without its brackets.
    pub(super) fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether the host is an address, so that there is no name to look up.
    pub(super) fn is_address(&self) -> bool {
        self.bare_host().parse::<std::net::IpAddr>().is_ok()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "https" } else { "http" }, self.authority())
    }
}

/// An address in its parts, as a server or a user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) site: Site,
    /// The port as it is written.
    pub(super) port: Option<u16>,
    /// The path; `/` where there is none.
    pub(super) path: String,
    query: String,
}

impl Address {
    /// Reads an absolute http or https address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = address.find('/').map_or((address, "/"), |slash| address.split_at(slash));
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
            Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
            None => (authority, None),
        };
        let legal = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let bracketed = host.strip_prefix('[').map(|rest| rest.strip_suffix(']').unwrap_or_default());
        let is_host = match bracketed {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.chars().all(legal),
        };
        if !is_host {
            return None;
        }
        let site = Site { tls, host: host.to_ascii_lowercase(), port: port.unwrap_or(if tls { 443 } else { 80 }) };
        Some(Self { site, port, path: path.to_owned(), query: query.to_owned() })
    }

    /// A parameter of the query, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| units::percent_decoded(value))
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// Scheme, host and path: what may be shown.
    pub(super) fn shown(&self) -> String {
        format!("{}{}", self.site, self.path)
    }
}

/// That connections to one host and port go elsewhere, as curl's `--connect-to` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// The host and port that it is for; without them the portal's.
    from: Option<(String, u16)>,
    /// Where the connection goes.
    to: (String, u16),
}

impl Connect {
    /// Where connections to a site go, if this is for it. `main` says whether the site is the portal's own.
    pub(super) fn target(&self, site: &Site, main: bool) -> Option<(&str, u16)> {
        let meant = match &self.from {
            Some((host, port)) => *host == site.host && *port == site.port,
            None => main,
        };
        meant.then_some((self.to.0.as_str(), self.to.1))
    }
}

impl std::str::FromStr for Connect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "is no place to connect to\nhelp: write HOST:PORT, or as curl: FOR_HOST:FOR_PORT:HOST:PORT".to_owned();
        // The colons of an IPv6 address stand in brackets.
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let from = if rest.starts_with('[') { rest.find(']').ok_or_else(wrong)? } else { 0 };
            let end = rest[from..].find(':').map_or(rest.len(), |colon| from + colon);
            parts.push(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        let pair = |host: &str, port: &str| {
            let port = port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(wrong)?;
            if host.is_empty() { Err(wrong()) } else { Ok((host.to_ascii_lowercase(), port)) }
        };
        match parts.as_slice() {
            [host, port] => Ok(Self { from: None, to: pair(host, port)? }),
            [for_host, for_port, host, port] => {
                Ok(Self { from: Some(pair(for_host, for_port)?), to: pair(host, port)? })
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let address =
            Address::parse("https://Demo.example.com:8443/a/b?x=1&redirect_uri=https%3A%2F%2Fy%2Fz#f").unwrap();
        assert_eq!(address.site, Site { tls: true, host: "demo.example.com".to_owned(), port: 8443 });
        assert_eq!(address.shown(), "https://demo.example.com:8443/a/b");
        assert_eq!(address.parameter("redirect_uri").unwrap(), "https://y/z");
        assert_eq!(address.parameter("state"), None);
        assert_eq!(address.target(), "/a/b?x=1&redirect_uri=https%3A%2F%2Fy%2Fz");
        assert_eq!(Address::parse("http://[::1]:80").unwrap().site.to_string(), "http://[::1]");
        for wrong in [
            "/relative",
            "ftp://x",
            "https://",
            "https://u@x/",
            "https://x:99999/",
            "https://x:0/",
            "https://x:/",
            "https://::1/",
            "http://[::1",
            "http://[x]/",
            "http://[]/",
            "http://x]/",
            "http://[::1]x/",
        ] {
            assert_eq!(Address::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        let is_local = |host: &str| Site::https(host).is_local();
        assert!(
            ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0", "[::]", "portal.localhost"]
                .into_iter()
                .all(is_local)
        );
        assert!(!["127.example.com", "10.0.0.1", "[2001:db8::1]", "localhost.example.com"].into_iter().any(is_local));
    }

    #[test]
    fn connections_go_where_they_are_told() {
        let portal = Site::https("pp.example.com");
        let to = |text: &str, site: &Site, main| {
            let connect: Connect = text.parse().unwrap();
            connect.target(site, main).map(|(host, port)| format!("{host} {port}"))
        };
        assert_eq!(to("127.0.0.1:8443", &portal, true).unwrap(), "127.0.0.1 8443");
        assert_eq!(to("[::1]:8443", &portal, true).unwrap(), "[::1] 8443");
        assert_eq!(to("127.0.0.1:8443", &portal.plain(), false), None);
        assert_eq!(to("pp.example.com:80:127.0.0.1:8080", &portal.plain(), false).unwrap(), "127.0.0.1 8080");
        assert_eq!(to("pp.example.com:80:127.0.0.1:8080", &portal, true), None);
        for wrong in ["", "x", "x:", ":1", "x:0", "a:1:b", "a:1:b:2:c", "[::1"] {
            assert!(wrong.parse::<Connect>().is_err(), "{wrong}");
        }
    }
}
