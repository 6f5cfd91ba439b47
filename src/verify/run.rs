//! One round of questions: what is asked of whom, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::ask::{Asker, NoAnswer};
use super::checks::{self, CHECKS, Check};
use super::http::{Answer, Request};
use super::progress::Progress;
use super::signatures::Asked;
use super::site::Site;
use super::verdict::{Judged, Verdict};
use crate::deployment::Deployment;
use crate::units::{self, UrlPath};

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The first: an instance may have to start for it.
    pub first: Duration,
    /// Each other.
    pub other: Duration,
}

/// What is verified, and by what it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'s> {
    /// The environment.
    pub deployment: &'s Deployment,
    /// Where its portal is.
    pub site: &'s Site,
    /// Whether the user named that place.
    pub url_given: bool,
    /// Whether no certificate is held against anything.
    pub insecure: bool,
    /// What all environments of the OAuth client register.
    pub registered: &'s BTreeSet<String>,
    /// Where sign-in begins.
    pub login_path: Option<&'s UrlPath>,
    /// How long an answer may take.
    pub limits: Limits,
}

impl Subject<'_> {
    /// The places of all hosts: the one that is asked everything, then those that are asked in short.
    pub(super) fn sites(&self) -> Vec<Site> {
        let mut sites = vec![self.site.clone()];
        if !self.url_given {
            sites.extend(self.deployment.hosts.iter().skip(1).map(|host| Site::https(host.as_str())));
        }
        sites
    }

    /// Whether a site is one of the environment's hosts.
    pub(super) fn is_host(&self, site: &Site) -> bool {
        self.deployment.hosts.iter().any(|host| host.as_str() == site.host)
    }

    /// Whether a URI is registered, be it by one that leaves a codespace's name open.
    pub(super) fn is_registered(&self, uri: &str) -> bool {
        self.registered.iter().any(|entry| units::fits_codespace(entry, uri))
    }
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) check: &'static str,
    /// Where it was asked: scheme and host.
    pub(super) at: String,
    /// What was asked there.
    pub(super) asked: String,
    pub(super) judged: Judged,
}

/// A check that was not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotAsked {
    pub(super) check: &'static str,
    pub(super) at: String,
    pub(super) why: String,
}

/// How much of a portal has to answer for a check to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needs {
    /// Nothing: it asks for the name, or somewhere else.
    Nothing,
    /// The name.
    Name,
    /// A connection with TLS.
    Connection,
    /// nginx.
    Portal,
    /// The backend.
    Backend,
    /// A session of the strategy's transport.
    Session,
}

/// What a round found.
#[derive(Debug, Clone, Default)]
pub(super) struct Round {
    pub(super) checks: Vec<Checked>,
    pub(super) not_asked: Vec<NotAsked>,
}

impl Round {
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|checked| checked.judged.verdict == verdict).count()
    }

    /// The ids of what waits, each once.
    pub(super) fn waiting(&self) -> Vec<&'static str> {
        let waiting = self.checks.iter().filter(|checked| checked.judged.verdict == Verdict::Waiting);
        waiting.map(|checked| checked.check).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// A request as a browser sends it that has kept these cookies.
pub(super) fn with_cookies(request: Request, cookies: &BTreeMap<String, String>) -> Request {
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if pairs.is_empty() { request } else { request.header("Cookie", pairs.join("; ")) }
}

fn quoted(ids: &[&str]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ")
}

/// A round while it goes on.
#[derive(Debug)]
pub(super) struct Run<'r> {
    pub(super) subject: &'r Subject<'r>,
    pub(super) asker: &'r Asker,
    progress: &'r Progress,
    round: Round,
    /// What is asked now.
    pub(super) site: Site,
    check: &'static str,
    /// From which need on nothing is asked of this site, and why.
    blocked: Option<(Needs, String)>,
    /// The hosts that did not get as far as an answer.
    pub(super) silent: BTreeSet<String>,
    warm: bool,
    /// The cookies of the current site, as a browser keeps them: name and value.
    pub(super) cookies: BTreeMap<String, String>,
    /// The home page, once it has come.
    pub(super) home: Option<Answer>,
    /// What `/ping` and a missing asset were answered with.
    pub(super) others: Vec<(&'static str, Answer)>,
}

impl<'r> Run<'r> {
    /// Asks everything once.
    pub(super) fn round(subject: &'r Subject<'r>, asker: &'r Asker, progress: &'r Progress) -> Round {
        let mut run = Self {
            subject,
            asker,
            progress,
            round: Round::default(),
            site: subject.site.clone(),
            check: "",
            blocked: None,
            silent: BTreeSet::new(),
            warm: false,
            cookies: BTreeMap::new(),
            home: None,
            others: Vec::new(),
        };
        for (i, site) in subject.sites().into_iter().enumerate() {
            run.site = site;
            run.blocked = None;
            run.cookies.clear();
            for check in CHECKS.iter().filter(|check| !check.last && (i == 0 || check.every_host)) {
                run.take(check);
            }
            if run.blocked.as_ref().is_some_and(|(needs, _)| *needs <= Needs::Portal) {
                run.silent.insert(run.site.host.clone());
            }
        }
        // These go to several hosts, and are the same wherever they begin. Before the portal is there they would fail
        // for it, and nobody would wait.
        run.site = subject.site.clone();
        run.blocked = (run.round.count(Verdict::Waiting) > 0)
            .then(|| (Needs::Nothing, format!("{} waits", quoted(&run.round.waiting()))));
        for check in CHECKS.iter().filter(|check| check.last) {
            run.take(check);
        }
        progress.clear();
        run.round
    }

    fn take(&mut self, check: &Check) {
        self.check = check.id;
        match &self.blocked {
            Some((from, why)) if check.needs >= *from => {
                let why = why.clone();
                self.not_asked(why);
            }
            _ => (check.ask)(self),
        }
    }

    /// What the answering side is, for the verdict where it does not answer.
    pub(super) fn asked(&self, site: &Site) -> Asked {
        let own = self.subject.sites().contains(site) || self.subject.is_host(site);
        let service = self.subject.deployment.service.as_ref();
        let behind = self.subject.deployment.load_balancer.is_some() || service.is_some_and(checks::is_shut);
        let local = self.asker.is_local(site);
        Asked { local, load_balancer: behind && self.subject.is_host(site), portal: own }
    }

    /// Asks the current site, with the cookies that it has set.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Answer, NoAnswer> {
        let site = self.site.clone();
        let got = self.ask_at(&site, &with_cookies(request.clone(), &self.cookies));
        self.cookies.extend(got.iter().flat_map(Answer::cookies));
        got
    }

    /// Asks another one.
    pub(super) fn ask_at(&mut self, site: &Site, request: &Request) -> Result<Answer, NoAnswer> {
        let path = request.path.split('?').next().unwrap_or_default();
        self.progress.asking(&format!("{} {site}{path}", request.method));
        self.asker.ask(site, request, self.limit())
    }

    /// The limit of the next answer.
    pub(super) fn limit(&self) -> Duration {
        if self.warm { self.subject.limits.other } else { self.subject.limits.first }
    }

    /// Says what is asked next, where it is no request.
    pub(super) fn asking(&self, what: &str) {
        self.progress.asking(what);
    }

    /// An instance has been asked for: from now on answers come at once or not at all.
    pub(super) fn is_warm(&mut self) {
        self.warm = true;
    }

    /// Notes what came of a question to the current site.
    pub(super) fn note(&mut self, asked: impl Into<String>, judged: Judged) -> Verdict {
        let at = self.site.to_string();
        self.note_at(at, asked, judged)
    }

    /// Notes what came of a question elsewhere.
    pub(super) fn note_at(&mut self, at: String, asked: impl Into<String>, judged: Judged) -> Verdict {
        let verdict = judged.verdict;
        self.round.checks.push(Checked { check: self.check, at, asked: asked.into(), judged });
        verdict
    }

    /// Notes that this is not asked.
    pub(super) fn not_asked(&mut self, why: impl Into<String>) {
        let at = self.site.to_string();
        self.not_asked_at(at, why);
    }

    /// Notes that this is not asked somewhere else.
    pub(super) fn not_asked_at(&mut self, at: String, why: impl Into<String>) {
        self.round.not_asked.push(NotAsked { check: self.check, at, why: why.into() });
    }

    /// Asks nothing more of this site that needs so much.
    pub(super) fn block(&mut self, from: Needs) {
        let why = format!("`{}` did not pass", self.check);
        if self.blocked.as_ref().is_none_or(|(before, _)| from < *before) {
            self.blocked = Some((from, why));
        }
    }
}
