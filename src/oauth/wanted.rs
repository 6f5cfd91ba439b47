//! What the environments want registered: each address once, with everybody who asks for it.

use std::collections::BTreeMap;

use super::Kind;
use super::codespace::Codespace;
use super::run_app::{OtherForm, other_form};
use crate::config::environment::ServedBy;
use crate::deployment::{Callback, Deployment, RedirectUriEntry, UriOrigin};
use crate::source::{KeyPath, Source};
use crate::units::{CODESPACE_NAME, Parts};

/// The environments of a client, and what is known beside their files.
#[derive(Debug)]
pub struct Subject<'s> {
    /// Those that were asked for.
    pub deployments: &'s [Deployment],
    /// The portal's others.
    pub others: &'s [Deployment],
    /// The files that were read.
    pub sources: &'s [Source],
    /// What is known of the codespace.
    pub codespace: &'s Codespace,
}

/// An address to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What it is.
    pub kind: Kind,
    /// The address as it is written, be it that a codespace's name is left open.
    pub written: String,
    /// The address to register, to the letter; nothing while the codespace's name is not known.
    pub exact: Option<String>,
    /// Who asks for it, in the order of the environments. Never empty.
    pub by: Vec<WantedBy>,
    /// For a host below run.app: the same address on the service's other one.
    pub other_form: Option<OtherForm>,
}

/// An environment that asks for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedBy {
    /// Its name.
    pub environment: String,
    /// Whether it was asked for.
    pub asked: bool,
    /// Who answers there; nothing for an origin, which nobody calls.
    pub served: Option<Served>,
    /// Whether it is the one that the API sends.
    pub sent: bool,
    /// The line that asks for it.
    pub place: Place,
}

/// Who answers on a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Who answers on its host.
    pub by: ServedBy,
    /// Who answers in the end.
    pub answered_by: Callback,
    /// The same in words.
    pub words: &'static str,
}

/// A line of a TOML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user sees it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The key.
    pub key: String,
}

impl Wanted {
    /// The address as far as it is known.
    pub fn shown(&self) -> &str {
        self.exact.as_deref().unwrap_or(&self.written)
    }

    /// Whether the codespace's name was left open in the file.
    pub fn is_of_codespace(&self) -> bool {
        self.written.contains(CODESPACE_NAME)
    }

    /// Whether an environment that was asked for wants it.
    pub fn is_asked_for(&self) -> bool {
        self.by.iter().any(|by| by.asked)
    }

    /// Whether an API sends it.
    pub fn is_sent(&self) -> bool {
        self.by.iter().any(|by| by.sent)
    }

    /// The host.
    pub fn host(&self) -> &str {
        Parts::of(self.shown()).map_or("", |parts| parts.host)
    }
}

/// Everything that is wanted: redirect URIs, then origins, each sorted.
pub fn wanted(subject: &Subject<'_>) -> Vec<Wanted> {
    let mut all: BTreeMap<(Kind, String), Wanted> = BTreeMap::new();
    let asked = subject.deployments.iter().map(|deployment| (deployment, true));
    for (deployment, asked) in asked.chain(subject.others.iter().map(|deployment| (deployment, false))) {
        let oauth = &deployment.oauth;
        let mut add = |kind: Kind, written: &str, served: Option<Served>, sent: bool, key: KeyPath| {
            let exact = match written.contains(CODESPACE_NAME) {
                true => subject.codespace.filled(written),
                false => Some(written.to_owned()),
            };
            let text = exact.clone().unwrap_or_else(|| written.to_owned());
            let place = place(&subject.sources[deployment.source.0], &key);
            let by = WantedBy { environment: deployment.environment.to_string(), asked, served, sent, place };
            let other_form = other_form(&text, deployment.service.as_ref());
            let wanted = all.entry((kind, text)).or_insert_with(|| Wanted {
                kind,
                written: written.to_owned(),
                exact,
                by: Vec::new(),
                other_form: other_form.clone(),
            });
            // Whoever knows the number tells the others.
            if matches!(other_form, Some(OtherForm::Known(_))) && wanted.other_form == Some(OtherForm::Unknown) {
                wanted.other_form = other_form;
            }
            if !wanted.by.iter().any(|other| other.environment == by.environment) {
                wanted.by.push(by);
            }
        };
        for entry in &oauth.redirect_uris {
            let served = Served { by: entry.served_by, answered_by: entry.answered_by, words: entry.served() };
            let sent = oauth.redirect_uri.as_ref() == Some(&entry.uri);
            add(Kind::RedirectUri, entry.uri.as_str(), Some(served), sent, key(deployment, entry));
        }
        for (i, origin) in oauth.javascript_origins.iter().enumerate() {
            let key = KeyPath::new(["oauth", "javascript_origins"]).index(i);
            add(Kind::JavascriptOrigin, origin.as_str(), None, false, key);
        }
    }
    all.into_values().collect()
}

/// The key that decides a URI: of several hosts, its own.
fn key(deployment: &Deployment, entry: &RedirectUriEntry) -> KeyPath {
    let host = || deployment.hosts.iter().position(|host| host.as_str() == entry.uri.host());
    match entry.origin {
        UriOrigin::Host => host().map_or_else(|| entry.key(), |i| entry.key().index(i)),
        _ => entry.key(),
    }
}

/// Where a key stands.
pub(super) fn place(source: &Source, key: &KeyPath) -> Place {
    let line = source.position(source.value_span(key).start).line;
    Place { path: source.path.clone(), line, key: key.to_string() }
}
