//! What to register, for one environment or for all that share the client.

use super::codespace::Codespace;
use super::wanted::{Place, Subject, Wanted, place, wanted};
use super::{Domains, Kind, list_json, list_text};
use crate::deployment::{Deployment, OwnAddress};
use crate::source::KeyPath;

/// What is to be registered.
#[derive(Debug)]
pub struct Listing<'d> {
    /// The client's name in the console.
    pub client: &'d str,
    /// The environments, by name.
    pub environments: Vec<Environment<'d>>,
    /// What they want, each once.
    pub wanted: Vec<Wanted>,
    /// The domains of that.
    pub domains: Domains,
    /// The domains of all environments of the portal, where these are not all.
    pub domains_of_all: Option<Domains>,
    /// What is known of the codespace.
    pub codespace: &'d Codespace,
}

/// An environment and what is to be said of it alone.
#[derive(Debug)]
pub struct Environment<'d> {
    /// Its name.
    pub name: &'d str,
    /// The redirect URI that its API sends, as far as it is known.
    pub sent: Option<String>,
    /// Whether it is known where the portal itself takes the callback, and where to say so if not.
    pub own_address: (OwnAddress, Place),
    /// The project's ID, where there is a service.
    pub project: Option<&'d str>,
}

/// What these environments have to have registered.
pub fn list<'d>(subject: &Subject<'d>) -> Listing<'d> {
    let (asked, others): (Vec<_>, Vec<_>) = wanted(subject).into_iter().partition(Wanted::is_asked_for);
    let addresses = |wanted: &[Wanted]| wanted.iter().map(|w| w.shown().to_owned()).collect::<Vec<_>>();
    let (of_asked, of_others) = (addresses(&asked), addresses(&others));
    let domains = Domains::of(of_asked.iter().map(String::as_str));
    let all = Domains::of(of_asked.iter().chain(&of_others).map(String::as_str));
    let asked = asked.into_iter().map(|mut wanted| {
        wanted.by.retain(|by| by.asked);
        wanted
    });
    Listing {
        client: subject.deployments.first().map_or("", |deployment| deployment.oauth.name.as_str()),
        environments: subject.deployments.iter().map(|deployment| environment(deployment, subject)).collect(),
        wanted: asked.collect(),
        domains,
        domains_of_all: (!subject.others.is_empty()).then_some(all),
        codespace: subject.codespace,
    }
}

fn environment<'d>(deployment: &'d Deployment, subject: &Subject<'d>) -> Environment<'d> {
    let known = |uri: &str| subject.codespace.filled(uri).unwrap_or_else(|| uri.to_owned());
    let key = KeyPath::new(["cloud_run"]);
    Environment {
        name: deployment.environment.as_str(),
        sent: deployment.oauth.redirect_uri.as_ref().map(|uri| known(uri.as_str())),
        own_address: (deployment.oauth.own_address, place(&subject.sources[deployment.source.0], &key)),
        project: deployment.service.as_ref().map(|service| service.project.as_str()),
    }
}

impl Listing<'_> {
    /// Those of a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Wanted> {
        self.wanted.iter().filter(move |wanted| wanted.kind == kind)
    }

    /// For people: lines to paste, and comments.
    pub fn to_text(&self) -> String {
        list_text::report(self)
    }

    /// For programs.
    pub fn to_json(&self) -> String {
        list_json::report(self)
    }
}
