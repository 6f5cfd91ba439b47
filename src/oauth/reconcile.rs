//! What is registered, held against what is wanted.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::assignment::assign;
use super::client_file::{Client, Entry};
use super::codespace::Codespace;
use super::near::{Near, near};
use super::wanted::Wanted;
use super::{Domains, Kind, check_json, check_text};
use crate::units::{self, BAD_VALUE, Invalid};
use crate::{limits, rules};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A sign-in is refused, or Google takes no such address.
    Error,
    /// It works, but is not meant to be there.
    Warning,
    /// To know, and nothing to do.
    Note,
}

/// What there is to say, in the order in which it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It is registered, but for a slip: one line to add in the place of another.
    NearMiss,
    /// It is not registered.
    Missing,
    /// What is registered breaks one of Google's rules.
    Invalid,
    /// There are more domains than Google takes in a project.
    TooManyDomains,
    /// It is in the list more than once.
    RegisteredTwice,
    /// No environment asks for it.
    Extra,
    /// Another environment asks for it, one that is not looked at.
    OtherEnvironment,
    /// It is a codespace's, of any name.
    Codespace,
    /// It cannot be compared: the codespace's name is not known.
    Open,
}

impl What {
    /// How bad that is.
    pub fn level(self) -> Level {
        match self {
            Self::NearMiss | Self::Missing | Self::Invalid => Level::Error,
            Self::RegisteredTwice | Self::Extra | Self::TooManyDomains => Level::Warning,
            Self::OtherEnvironment | Self::Codespace | Self::Open => Level::Note,
        }
    }
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub what: What,
    /// Redirect URI or origin; nothing where it is about both.
    pub kind: Option<Kind>,
    /// What is wanted, if anybody wants it; beside something extra, what it is nearly.
    pub wanted: Option<Wanted>,
    /// What is registered, as it may be printed.
    pub registered: Option<String>,
    /// How the two differ.
    pub near: Option<Near>,
    /// Which of Google's rules it breaks.
    pub invalid: Option<Invalid>,
}

/// How many there are of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// In the client's list.
    pub registered: usize,
    /// That the environments ask for, as far as they are known.
    pub wanted: usize,
    /// Of those, how many are registered to the letter.
    pub matched: usize,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// What there is to say, in order.
    pub findings: Vec<Finding>,
    /// How many redirect URIs there are.
    pub redirect_uris: Count,
    /// How many origins there are.
    pub javascript_origins: Count,
    /// The domains once all is corrected, with what is extra, as long as nobody removes it.
    pub domains: Domains,
}

impl Reconciliation {
    /// How many findings are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.what.level() == level).count()
    }

    /// How many there are of a kind.
    pub fn of(&self, kind: Kind) -> Count {
        match kind {
            Kind::RedirectUri => self.redirect_uris,
            Kind::JavascriptOrigin => self.javascript_origins,
        }
    }
}

/// A client's file held against what the environments want, as it is told.
#[derive(Debug)]
pub struct Checked<'c> {
    /// The client's name in the console.
    pub client_name: &'c str,
    /// The client's file, as the user sees it.
    pub path: &'c str,
    /// What the file says.
    pub client: &'c Client,
    /// The environments that were looked at, by name.
    pub environments: Vec<&'c str>,
    /// Whether every environment of the portal could be read.
    pub all_compared: bool,
    /// Whether a warning counts as an error.
    pub deny_warnings: bool,
    /// What came of it.
    pub found: Reconciliation,
}

impl Checked<'_> {
    /// Whether something has to be corrected.
    pub fn fails(&self) -> bool {
        self.found.count(Level::Error) > 0 || self.deny_warnings && self.found.count(Level::Warning) > 0
    }

    /// For people.
    pub fn to_text(&self) -> String {
        check_text::report(self)
    }

    /// For programs.
    pub fn to_json(&self) -> String {
        check_json::report(self)
    }
}

/// Holds a client's file against what the environments want.
pub fn reconcile(wanted: &[Wanted], client: &Client, codespace: &Codespace) -> Reconciliation {
    let mut findings = Vec::new();
    let mut stays = Vec::new();
    let mut one = |kind: Kind, registered: &[Entry]| {
        let mut pass = Pass { kind, codespace, findings: Vec::new(), count: Count::default(), stays: Vec::new() };
        pass.run(wanted, registered);
        findings.append(&mut pass.findings);
        stays.append(&mut pass.stays);
        pass.count
    };
    let redirect_uris = one(Kind::RedirectUri, &client.redirect_uris);
    let javascript_origins = one(Kind::JavascriptOrigin, &client.javascript_origins);
    let domains = Domains::of(stays.iter().map(String::as_str));
    if domains.count() > limits::OAUTH_DOMAINS_MAX {
        findings.push(Finding {
            what: What::TooManyDomains,
            kind: None,
            wanted: None,
            registered: None,
            near: None,
            invalid: None,
        });
    }
    Reconciliation { findings, redirect_uris, javascript_origins, domains }
}

/// One list of the client.
struct Pass<'p> {
    kind: Kind,
    codespace: &'p Codespace,
    findings: Vec<Finding>,
    count: Count,
    /// What is registered once all is corrected; what is extra stays.
    stays: Vec<String>,
}

impl Pass<'_> {
    fn run(&mut self, wanted: &[Wanted], registered: &[Entry]) {
        let wanted: Vec<_> = wanted.iter().filter(|wanted| wanted.kind == self.kind).collect();
        let unique: BTreeSet<_> = registered.iter().collect();
        for entry in &unique {
            if registered.iter().filter(|other| other == entry).count() > 1 {
                self.push(What::RegisteredTwice, None, Some(entry));
            }
        }
        let is_registered = |wanted: &Wanted| {
            wanted.exact.as_ref().is_some_and(|exact| unique.iter().any(|entry| entry.text == *exact))
        };
        let asked = || wanted.iter().filter(|wanted| wanted.is_asked_for());
        self.count = Count {
            registered: registered.len(),
            wanted: asked().filter(|wanted| wanted.exact.is_some()).count(),
            matched: asked().filter(|wanted| is_registered(wanted)).count(),
        };
        let mut left = Vec::new();
        for entry in unique.iter().copied() {
            let of = |wanted: &&&Wanted| wanted.exact.as_ref() == Some(&entry.text);
            let fits = |wanted: &&&Wanted| self.codespace.fits(&wanted.written, &entry.text);
            match (wanted.iter().find(of), wanted.iter().find(fits)) {
                (Some(wanted), _) if wanted.is_asked_for() => {}
                (Some(wanted), _) => self.push(What::OtherEnvironment, Some(wanted), Some(entry)),
                (None, Some(wanted)) => self.push(What::Codespace, Some(wanted), Some(entry)),
                (None, None) => {
                    left.push(entry);
                    continue;
                }
            }
            self.stays.push(entry.text.clone());
        }
        for wanted in asked().filter(|wanted| wanted.exact.is_none()) {
            if !unique.iter().any(|entry| self.codespace.fits(&wanted.written, &entry.text)) {
                self.push(What::Open, Some(wanted), None);
            }
        }
        let missing: Vec<_> = asked().filter(|w| w.exact.is_some() && !is_registered(w)).copied().collect();
        let left = self.pair(&missing, &left);
        for entry in left {
            self.extra(&wanted, entry);
        }
        self.findings.sort_by(|a, b| sorted_by(a).cmp(&sorted_by(b)));
    }

    /// Says what is missing, with what is registered in its place; what is left after that.
    fn pair<'e>(&mut self, missing: &[&Wanted], left: &[&'e Entry]) -> Vec<&'e Entry> {
        let kind = self.kind;
        let compare = |wanted: &Wanted, entry: &Entry| near(kind, wanted.shown(), &entry.shown);
        let costs: Vec<Vec<_>> = missing
            .iter()
            .map(|wanted| left.iter().map(|entry| compare(wanted, entry).map(|near| near.cost)).collect())
            .collect();
        let pairs = assign(&costs);
        for (wanted, partner) in missing.iter().zip(&pairs) {
            self.stays.push(wanted.shown().to_owned());
            match partner.map(|i| left[i]) {
                None => self.push(What::Missing, Some(wanted), None),
                Some(entry) => {
                    let near = compare(wanted, entry);
                    let invalid = self.invalid(entry);
                    self.push(What::NearMiss, Some(wanted), Some(entry));
                    let finding = self.findings.last_mut().expect("just pushed");
                    (finding.near, finding.invalid) = (near, invalid);
                }
            }
        }
        let alone = left.iter().enumerate().filter(|(i, _)| !pairs.contains(&Some(*i)));
        alone.map(|(_, entry)| *entry).collect()
    }

    fn extra(&mut self, wanted: &[&Wanted], entry: &Entry) {
        if let Some(invalid) = self.invalid(entry) {
            self.push(What::Invalid, None, Some(entry));
            self.findings.last_mut().expect("just pushed").invalid = Some(invalid);
            return;
        }
        self.stays.push(entry.text.clone());
        let known = wanted.iter().filter(|wanted| wanted.exact.is_some());
        let near = known.filter_map(|wanted| Some((near(self.kind, wanted.shown(), &entry.shown)?, wanted)));
        let nearest = near.min_by_key(|(near, _)| near.cost);
        self.push(What::Extra, nearest.as_ref().map(|(_, wanted)| **wanted), Some(entry));
        self.findings.last_mut().expect("just pushed").near = nearest.map(|(near, _)| near);
    }

    /// Which of Google's rules an address breaks.
    fn invalid(&self, entry: &Entry) -> Option<Invalid> {
        let unit = units::unit(self.kind.unit()).expect("a unit of portalgen's own");
        let invalid = (unit.check)(&entry.text).err()?;
        if !entry.hides {
            return Some(Invalid { message: in_ascii(&invalid.message), help: in_ascii(&invalid.help), ..invalid });
        }
        // What the unit says quotes the address.
        let summary = rules::rule(invalid.id).map(|rule| rule.summary).filter(|_| invalid.id != BAD_VALUE);
        let message = summary.map_or("it is no address that Google takes".to_owned(), |summary| {
            summary.trim_end_matches('.').replacen("A ", "a ", 1)
        });
        Some(Invalid { id: invalid.id, message, help: "remove it, and give up whatever secret it holds".to_owned() })
    }

    fn push(&mut self, what: What, wanted: Option<&Wanted>, entry: Option<&Entry>) {
        self.findings.push(Finding {
            what,
            kind: Some(self.kind),
            wanted: wanted.cloned(),
            registered: entry.map(|entry| entry.shown.clone()),
            near: None,
            invalid: None,
        });
    }
}

/// A letter that looks like another one is shown as its number.
fn in_ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

/// The worst first; of what Google refuses, what is sent first.
fn sorted_by(finding: &Finding) -> (What, bool, Option<String>, Option<&str>) {
    let wanted = finding.wanted.as_ref();
    let address = wanted.map(|wanted| wanted.shown().to_owned());
    (finding.what, !wanted.is_some_and(Wanted::is_sent), address, finding.registered.as_deref())
}
