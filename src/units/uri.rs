//! Addresses, to the letter. Google compares letter by letter, so nothing here normalises: what passes is emitted as it
//! was written.

use super::check::host as host_name;
use super::{BAD_VALUE, Invalid};

/// What stands for the name of a GitHub codespace, which is not known before it is made.
pub const CODESPACE_NAME: &str = "<codespace-name>";

/// Names each rule that a unit judges, and lists them all.
macro_rules! rules_of_values {
    ($($name:ident $id:literal)+) => {
        $( const $name: &str = $id; )+

        /// The ids of the rules that a unit judges when a file is read.
        pub const RULES_OF_VALUES: &[&str] = &[$($id),+];
    };
}

rules_of_values! {
    ORIGIN_DEFAULT_PORT "javascript-origin-default-port"
    ORIGIN_REFUSED "javascript-origin-refused"
    ORIGIN_WITH_PATH "javascript-origin-with-path"
    CHARACTERS "redirect-uri-characters"
    FRAGMENT "redirect-uri-fragment"
    GOOGLEUSERCONTENT "redirect-uri-googleusercontent"
    NOT_HTTPS "redirect-uri-not-https"
    NOT_PUBLIC "redirect-uri-not-public"
    PLACEHOLDER "redirect-uri-placeholder"
    RAW_IP "redirect-uri-raw-ip"
    TRAVERSAL "redirect-uri-traversal"
    USERINFO "redirect-uri-userinfo"
}

fn refuse(id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Result<(), Invalid> {
    Err(Invalid { id, message: message.into(), help: help.into() })
}

/// An address in its parts, as they stand in the text.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'t> {
    /// What stands before `://`.
    pub scheme: &'t str,
    /// What stands before an `@`.
    pub userinfo: Option<&'t str>,
    /// The host; an IPv6 address with its brackets.
    pub host: &'t str,
    /// What follows the host's colon.
    pub port: Option<&'t str>,
    /// Everything from the first `/`, `?` or `#` on.
    pub rest: &'t str,
}

impl<'t> Parts<'t> {
    /// The parts of a text; nothing where it has no `://`.
    pub fn of(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        // Browsers take a `\` for a `/`.
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (userinfo, address) = match authority.rsplit_once('@') {
            Some((userinfo, address)) => (Some(userinfo), address),
            None => (None, authority),
        };
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match address.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        };
        Some(Self { scheme, userinfo, host, port, rest })
    }

    /// The path, without query and fragment.
    pub fn path(&self) -> &'t str {
        &self.rest[..self.rest.find(['?', '#']).unwrap_or(self.rest.len())]
    }

    /// What follows the `?`.
    pub fn query(&self) -> Option<&'t str> {
        Some(self.rest.split('#').next()?.split_once('?')?.1)
    }

    /// Whether the port is written that the scheme has anyway.
    pub fn has_default_port(&self) -> bool {
        matches!((self.scheme, self.port), ("https", Some("443")) | ("http", Some("80")))
    }

    /// Scheme, host and port.
    fn origin(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.scheme, self.host)
    }
}

/// Whether a host is the machine itself, as Google spells it.
pub(super) fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// The registrable domain that a host belongs to; the host itself where it has none, as each host below the public
/// suffix `run.app` and the machine itself.
pub(super) fn site(host: &str) -> &str {
    if is_local(host) { host } else { psl::domain_str(host).unwrap_or(host) }
}

/// Whether the host's last label is a number, so that browsers take the whole for an IPv4 address: `0x7f.1`.
fn is_numeric(host: &str) -> bool {
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let number = |digits: &str, is_digit: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|b| is_digit(&b));
    number(last, u8::is_ascii_digit) || hex.is_some_and(|hex| number(hex, u8::is_ascii_hexdigit))
}

/// The text with its percent-encoding undone, once; what is no encoding stays.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, encoded(after)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// The byte that two hexadecimal digits stand for.
fn encoded(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// A host that Google registers, and that a managed certificate can be for.
pub(super) fn public_host(written: &str) -> Result<(), Invalid> {
    let plain = written.replace(CODESPACE_NAME, "codespace");
    let host = plain.as_str();
    if is_local(host) {
        return Ok(());
    }
    if host.starts_with('[') || is_numeric(host) {
        return refuse(
            RAW_IP,
            format!("`{}` is an IP address", host.escape_debug()),
            "write a host name; of addresses, only `127.0.0.1` and `[::1]` are taken",
        );
    }
    let lower = host.to_ascii_lowercase();
    if is_local(&lower) {
        return refuse(BAD_VALUE, format!("`{host}` has upper-case letters"), format!("write `{lower}`"));
    }
    if host == "googleusercontent.com" || host.ends_with(".googleusercontent.com") {
        return refuse(
            GOOGLEUSERCONTENT,
            format!("`{host}` is a host of Google's, for what users upload"),
            "write a host of your own",
        );
    }
    // Where the list has no rule, the last label counts as a suffix all the same, but as an unknown one.
    let public = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let name = |label: &str| host_name(&format!("{label}.com")).is_ok();
    if !public && host.split('.').all(name) {
        let last = written.rsplit('.').next().unwrap_or_default();
        return refuse(
            NOT_PUBLIC,
            format!("`{last}` is no public top-level domain"),
            "write a host name that the whole internet knows; for your own machine, `localhost`",
        );
    }
    host_name(host)
}

/// The parts of an address with a scheme in front.
fn absolute<'t>(text: &'t str, example: &str) -> Result<Parts<'t>, Invalid> {
    let wrong = |message, help| Err(Invalid { id: BAD_VALUE, message, help });
    let Some(parts) = Parts::of(text).filter(|parts| !parts.scheme.is_empty()) else {
        return wrong(
            format!("`{}` is no https address", text.escape_debug()),
            format!("write the whole address with its scheme, such as `{example}`"),
        );
    };
    let lower = parts.scheme.to_ascii_lowercase();
    if lower != parts.scheme && matches!(lower.as_str(), "https" | "http") {
        return wrong(format!("`{}` has upper-case letters", parts.scheme), format!("write `{lower}`"));
    }
    Ok(parts)
}

fn userinfo(parts: &Parts<'_>, id: &'static str) -> Result<(), Invalid> {
    if parts.userinfo.is_none() {
        return Ok(());
    }
    refuse(
        id,
        "the address holds a user name or a password",
        "leave out what stands before the `@`: credentials do not belong in this file",
    )
}

/// http leads to the machine itself alone.
fn https(parts: &Parts<'_>, text: &str, id: &'static str) -> Result<(), Invalid> {
    match parts.scheme {
        "https" => Ok(()),
        "http" if is_local(&parts.host.to_ascii_lowercase()) => Ok(()),
        scheme => refuse(
            id,
            format!("`{}` is not https", text.escape_debug()),
            format!(
                "write `https{}`: only localhost may be reached by plain http",
                text[scheme.len()..].escape_debug()
            ),
        ),
    }
}

fn port(parts: &Parts<'_>) -> Result<(), Invalid> {
    let legal =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0') && port.parse::<u16>().is_ok();
    match parts.port {
        Some(port) if !legal(port) => refuse(
            BAD_VALUE,
            format!("`{}` is no port", port.escape_debug()),
            "write a port from 1 to 65535, or none and no colon",
        ),
        _ => Ok(()),
    }
}

/// The parts of an address that nobody but the container and its clients uses.
fn address<'t>(text: &'t str, example: &str) -> Result<Parts<'t>, Invalid> {
    let parts = absolute(text, example)?;
    userinfo(&parts, BAD_VALUE)?;
    // `<codespace-name>` may open a label; the rest is an ordinary host.
    if !is_local(parts.host) {
        host_name(&parts.host.replace(CODESPACE_NAME, "codespace"))?;
    }
    https(&parts, text, BAD_VALUE)?;
    port(&parts)?;
    Ok(parts)
}

pub(super) fn origin(text: &str) -> Result<(), Invalid> {
    let parts = address(text, "https://api.waooaw.com")?;
    if parts.scheme != "https" || parts.host.starts_with('[') {
        let fault = if parts.scheme == "https" { "is the container's own loopback" } else { "is not https" };
        return refuse(
            BAD_VALUE,
            format!("`{text}` {fault}"),
            "write an https address: the container passes sign-in on to it, and nothing on its own loopback is an API",
        );
    }
    if !parts.rest.is_empty() {
        return refuse(
            BAD_VALUE,
            format!("`{}` has a path after the host", text.escape_debug()),
            format!("write `{}`: which paths reach it is said by `[api] paths` in portal.toml", parts.origin()),
        );
    }
    Ok(())
}

pub(super) fn url(text: &str) -> Result<(), Invalid> {
    let parts = address(text, "https://demo.waooaw.com/api")?;
    if parts.rest.contains(['?', '#']) {
        return refuse(
            BAD_VALUE,
            format!("`{}` has a query or a fragment", text.escape_debug()),
            "leave out everything from `?` or `#` on",
        );
    }
    if text.bytes().all(|b| b.is_ascii_graphic()) && !parts.rest.starts_with('\\') {
        return Ok(());
    }
    refuse(
        BAD_VALUE,
        format!("`{}` has a character that no address may hold", text.escape_debug()),
        "write printable ASCII without blanks; percent-encode everything else",
    )
}

pub(super) fn redirect_uri(text: &str) -> Result<(), Invalid> {
    let parts = absolute(text, "https://pp.demo.waooaw.com/auth/google/callback")?;
    userinfo(&parts, USERINFO)?;
    placeholder(&parts)?;
    https(&parts, text, NOT_HTTPS)?;
    traversal(&parts)?;
    if let Some((before, fragment)) = text.split_once('#') {
        return refuse(
            FRAGMENT,
            format!("a redirect URI cannot have a fragment: `#{}`", fragment.escape_debug()),
            format!("write `{}`: no fragment ever reaches a server", before.escape_debug()),
        );
    }
    characters(text, &parts)?;
    public_host(parts.host)?;
    port(&parts)?;
    if parts.path().is_empty() {
        return refuse(
            BAD_VALUE,
            format!("`{text}` has no path"),
            "write the whole URI, to the letter as it is sent: scheme, host and path",
        );
    }
    Ok(())
}

pub(super) fn javascript_origin(text: &str) -> Result<(), Invalid> {
    let parts = absolute(text, "https://pp.demo.waooaw.com")?;
    let with_path = || {
        if parts.rest.is_empty() {
            return Ok(());
        }
        refuse(
            ORIGIN_WITH_PATH,
            format!("`{}` goes on after the host", text.escape_debug()),
            format!("write `{}`, without path, query and fragment", parts.origin().escape_debug()),
        )
    };
    let checks = || {
        userinfo(&parts, USERINFO)?;
        placeholder(&parts)?;
        with_path()?;
        https(&parts, text, NOT_HTTPS)?;
        characters(text, &parts)?;
        public_host(parts.host)?;
        port(&parts)
    };
    checks().map_err(|invalid| match invalid.id {
        BAD_VALUE | ORIGIN_WITH_PATH => invalid,
        // What Google refuses in a redirect URI it refuses here.
        _ => Invalid { id: ORIGIN_REFUSED, ..invalid },
    })?;
    if parts.has_default_port() {
        let bare = Parts { port: None, ..parts }.origin();
        return refuse(
            ORIGIN_DEFAULT_PORT,
            format!("`{text}` has the port that `{}` has anyway", parts.scheme),
            format!("write `{bare}`: so browsers name it"),
        );
    }
    Ok(())
}

/// What is left to be filled in, `${HOST}` or `<host>`, except a codespace's name in the host.
fn placeholder(parts: &Parts<'_>) -> Result<(), Invalid> {
    let host = parts.host.replace(CODESPACE_NAME, "codespace");
    let port = parts.port.unwrap_or_default();
    let Some(found) = [host.as_str(), port, parts.rest].into_iter().find_map(first_placeholder) else { return Ok(()) };
    let help = match found.to_ascii_lowercase() {
        name if name == CODESPACE_NAME => "it may stand in the host alone: write what belongs here",
        name if name.contains("codespace") => {
            "write `<codespace-name>`, in these letters, where the name of a GitHub codespace belongs"
        }
        _ => "write the value itself: nothing is put in its place",
    };
    refuse(PLACEHOLDER, format!("`{}` is left to be filled in", found.escape_debug()), help)
}

/// The first `<...>`, `{...}` or `${...}`.
fn first_placeholder(text: &str) -> Option<&str> {
    [("${", "}"), ("{{", "}}"), ("{", "}"), ("<", ">")].into_iter().find_map(|(open, close)| {
        let start = text.find(open)?;
        let end = start + text[start..].find(close)? + close.len();
        Some(&text[start..end])
    })
}

fn traversal(parts: &Parts<'_>) -> Result<(), Invalid> {
    let decoded = decoded(parts.rest);
    if !decoded.windows(3).any(|three| matches!(three, b"/.." | b"\\..")) {
        return Ok(());
    }
    refuse(
        TRAVERSAL,
        format!("`{}` goes up a folder", parts.rest.escape_debug()),
        "write the path that it leads to: Google takes neither `/..` nor `\\..`, however they are encoded",
    )
}

/// RFC 3986's characters, printable ASCII all of them, without the wildcard that Google refuses; `%` as it must be.
fn characters(text: &str, parts: &Parts<'_>) -> Result<(), Invalid> {
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic()) {
        return refuse(
            CHARACTERS,
            format!("`{}` is no printable ASCII character", odd.escape_debug()),
            "percent-encode it; in a host, write the name in its `xn--` form",
        );
    }
    if text.contains('*') {
        return refuse(
            CHARACTERS,
            "`*` is not allowed: Google takes no wildcards",
            "write one whole URI for each host and path",
        );
    }
    for (at, _) in text.match_indices('%') {
        if encoded(&text.as_bytes()[at + 1..]).is_none() {
            return refuse(
                CHARACTERS,
                format!("`{}` is no percent-encoding", &text[at..text.len().min(at + 3)]),
                "write two hexadecimal digits after the `%`, and `%25` for the sign itself",
            );
        }
    }
    let decoded = decoded(text);
    if decoded.contains(&0) || decoded.windows(2).any(|two| two == [0xc0, 0x80]) {
        return refuse(
            CHARACTERS,
            "a NUL character is encoded in it",
            "leave out the `%00` (or `%C0%80`, the same in disguise)",
        );
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()+,;=%".contains(c);
    if let Some(odd) = parts.rest.chars().find(|c| !legal(*c)) {
        return refuse(
            CHARACTERS,
            format!("`{odd}` is no character of a URI"),
            format!("percent-encode it: `%{:02X}`", u32::from(odd)),
        );
    }
    Ok(())
}
