//! What is registered with Google, and how browsers sign in.

use std::collections::BTreeSet;

use crate::config::environment::{ServedBy, TokenDelivery};
use crate::source::KeyPath;
use crate::units::{JavascriptOrigin, RedirectUri};

/// What an environment registers with the OAuth client.
#[derive(Debug, Clone, PartialEq)]
pub struct OauthClient {
    /// The client's name in the console.
    pub name: String,
    /// Who answers the callback on the portal's own hosts.
    pub callback: Callback,
    /// Whether it is known where the portal itself takes the callback.
    pub own_address: OwnAddress,
    /// URIs on the portal that a page would answer.
    pub unanswered: Vec<RedirectUriEntry>,
    /// What the API sends, if the author says so.
    pub redirect_uri: Option<RedirectUri>,
    /// Every URI to register, sorted, each once.
    pub redirect_uris: Vec<RedirectUriEntry>,
    /// Where URIs are written that stand elsewhere too.
    pub repeated: Vec<RedirectUriEntry>,
    /// Every JavaScript origin to register, as the author lists them.
    pub javascript_origins: Vec<JavascriptOrigin>,
    /// How the API hands its token to the portal.
    pub token_delivery: TokenDelivery,
    /// How browsers sign in through the API, if any callback is its own.
    pub sign_in: Option<SignIn>,
}

impl OauthClient {
    /// Every redirect URI and every JavaScript origin to register.
    pub fn registered(&self) -> impl Iterator<Item = Registered<'_>> {
        let uris = self.redirect_uris.iter().map(Registered::Uri);
        uris.chain(self.javascript_origins.iter().enumerate().map(|(i, origin)| Registered::Origin(i, origin)))
    }
}

/// What is registered with Google.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Registered<'d> {
    /// A redirect URI.
    Uri(&'d RedirectUriEntry),
    /// A JavaScript origin, and which of the list.
    Origin(usize, &'d JavascriptOrigin),
}

impl<'d> Registered<'d> {
    /// What it is, for a message.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Uri(_) => "redirect URI",
            Self::Origin(..) => "JavaScript origin",
        }
    }

    /// Its host.
    pub fn host(self) -> &'d str {
        match self {
            Self::Uri(entry) => entry.uri.host(),
            Self::Origin(_, origin) => origin.host(),
        }
    }

    /// Whether a codespace's name is still to be filled in.
    pub fn has_placeholder(self) -> bool {
        match self {
            Self::Uri(entry) => entry.uri.has_placeholder(),
            Self::Origin(_, origin) => origin.has_placeholder(),
        }
    }

    /// The key of the environment's file that it follows from.
    pub fn key(self) -> KeyPath {
        match self {
            Self::Uri(entry) => entry.key(),
            Self::Origin(i, _) => KeyPath::new(["oauth", "javascript_origins"]).index(i),
        }
    }
}

impl RedirectUriEntry {
    /// The key of the environment's file that it follows from.
    pub fn key(&self) -> KeyPath {
        match self.origin {
            UriOrigin::Host => KeyPath::new(["hosts"]),
            UriOrigin::RunApp => KeyPath::new(["cloud_run", "project_number"]),
            UriOrigin::Sent => KeyPath::new(["oauth", "redirect_uri"]),
            UriOrigin::Listed(i) => KeyPath::new(["oauth", "redirect_uris"]).index(i).key("uri"),
        }
    }

    /// Who answers it, in words.
    pub fn served(&self) -> &'static str {
        match (self.served_by, self.answered_by) {
            (ServedBy::Portal, Callback::Api) => "served by the portal, which passes it on to the API",
            (ServedBy::Portal, Callback::App) => "served by the portal",
            (ServedBy::Portal, Callback::Nobody) => "on the portal, which answers it with a page",
            (ServedBy::Api, _) => "served by the API",
            (ServedBy::Elsewhere, _) => "served elsewhere",
        }
    }
}

/// How browsers sign in through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The hosts that browsers reach the API on: that of `public_url`; without one that of `url`, and the portal's own
    /// where they pass a callback on.
    pub hosts: BTreeSet<String>,
    /// Whether any redirect URI is on one of them.
    pub has_redirect_uri: bool,
    /// The key of `[api]` that says so.
    pub said_by: &'static str,
    /// Which hosts of the portal a cookie reaches that the API sets in its answer to the callback.
    pub cookie: CookieScope,
}

/// Which hosts a cookie reaches that the API sets in its answer to the callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CookieScope {
    /// The callback arrives on the portal's one host: the cookie is for that host alone.
    Host,
    /// The cookie is for every host of this domain, the narrowest that the callback's host and the portal's share.
    Domain(String),
    /// The callback arrives on another site than the portal's: no cookie reaches it.
    Nowhere,
    /// The portal's hosts are not named.
    Unknown,
}

/// Whether it is known where the portal itself takes the OAuth callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAddress {
    /// What is to be known is: it is on `hosts`, on a run.app address that is known, or nowhere.
    Known,
    /// On the run.app address, which follows from the project's number, and that is not said.
    NumberMissing,
    /// On the run.app address, which has a hash only: the service's name is too long for the form with the number.
    HashOnly,
}

/// Who answers the OAuth callback on the portal's own hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callback {
    /// The API: nginx passes the path on.
    Api,
    /// The app itself, by a route of its own.
    App,
    /// Nobody: a page would come in its place.
    Nobody,
}

/// A redirect URI to register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RedirectUriEntry {
    /// The URI, to the letter.
    pub uri: RedirectUri,
    /// Who answers on its host.
    pub served_by: ServedBy,
    /// Where the author wrote it.
    pub origin: UriOrigin,
    /// Who answers it in the end: whoever the portal passes it on to, the API, or nobody of this environment's.
    pub answered_by: Callback,
}

/// Where a redirect URI comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UriOrigin {
    /// From `hosts`.
    Host,
    /// From `cloud_run.project_number`: the portal has no hosts, and takes the callback on its run.app address.
    RunApp,
    /// `oauth.redirect_uri`.
    Sent,
    /// An entry of `oauth.redirect_uris`.
    Listed(usize),
}
