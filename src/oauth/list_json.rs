//! What to register, for programs. schemas/oauth-list.schema.json describes the text.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::list::Listing;
use super::run_app::OtherForm;
use super::wanted::{Wanted, WantedBy};
use super::{Domains, Kind};
use crate::config::environment::ServedBy;
use crate::deployment::{CONSOLE, Callback, OwnAddress};
use crate::limits;

/// What `portalgen oauth list --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
struct Report<'r> {
    /// The version of this format. A program that knows one reads all of that number; 1 for now.
    version: u32,
    /// The client's name in the console.
    client: &'r str,
    /// Where its lists are edited.
    console: &'static str,
    /// The environments, by name.
    environments: Vec<Environment<'r>>,
    /// The redirect URIs to register, each once.
    redirect_uris: Vec<Address>,
    /// The JavaScript origins to register, each once.
    javascript_origins: Vec<Address>,
    /// How many domains these have.
    domains: CountedDomains,
}

/// An environment.
#[derive(Debug, Serialize, JsonSchema)]
struct Environment<'r> {
    /// Its name.
    name: &'r str,
    /// The redirect URI that its API sends, as far as it is known.
    sent: Option<&'r str>,
    /// The redirect URIs that it asks for, as far as they are known.
    redirect_uris: Vec<&'r str>,
    /// The JavaScript origins that it asks for, as far as they are known.
    javascript_origins: Vec<&'r str>,
    /// Whether the portal's own callback is on a run.app address that cannot be known yet, and so is missing here.
    own_address_unknown: bool,
}

/// An address to register.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Address {
    /// The address, to the letter; nothing while the codespace's name is not known.
    exact: Option<String>,
    /// The address as it is written in the files, be it that a codespace's name is left open.
    written: String,
    /// Who asks for it.
    wanted_by: Vec<By>,
    /// On Cloud Run: the same address on the service's other run.app host, where that can be known. It is another one
    /// to Google.
    other_form: Option<String>,
}

/// Who asks for an address.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct By {
    /// The environment.
    environment: String,
    /// Who answers on its host; nothing for an origin.
    served_by: Option<ServedBy>,
    /// Whether the portal passes it on to the API.
    passed_on_to_api: bool,
    /// Whether it is the one that the API sends.
    sent: bool,
    /// The file of the line that asks for it, from the folder where portalgen ran.
    path: String,
    /// The line, from 1.
    line: usize,
    /// The key.
    key: String,
}

impl From<&WantedBy> for By {
    fn from(by: &WantedBy) -> Self {
        Self {
            environment: by.environment.clone(),
            served_by: by.served.map(|served| served.by),
            passed_on_to_api: by
                .served
                .is_some_and(|served| served.by == ServedBy::Portal && served.answered_by == Callback::Api),
            sent: by.sent,
            path: by.place.path.clone(),
            line: by.place.line,
            key: by.place.key.clone(),
        }
    }
}

impl From<&Wanted> for Address {
    fn from(wanted: &Wanted) -> Self {
        Self {
            exact: wanted.exact.clone(),
            written: wanted.written.clone(),
            wanted_by: wanted.by.iter().map(By::from).collect(),
            other_form: match &wanted.other_form {
                Some(OtherForm::Known(other)) => Some(other.clone()),
                _ => None,
            },
        }
    }
}

/// The domains of addresses, as Google counts them.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CountedDomains {
    /// How many there are.
    count: usize,
    /// How many Google takes in a project, over all of its clients.
    limit: usize,
    /// The domains.
    names: Vec<String>,
}

impl From<&Domains> for CountedDomains {
    fn from(domains: &Domains) -> Self {
        Self {
            count: domains.count(),
            limit: limits::OAUTH_DOMAINS_MAX,
            names: domains.names().map(str::to_owned).collect(),
        }
    }
}

/// The schema of this format.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Report<'static>>();
    schema.insert("title".to_owned(), "portalgen oauth list --format json".into());
    schema.to_value()
}

pub(super) fn report(listing: &Listing<'_>) -> String {
    let of = |environment: &str, kind: Kind| {
        let asks = |wanted: &&Wanted| wanted.by.iter().any(|by| by.environment == environment);
        listing.of(kind).filter(asks).map(Wanted::shown).collect()
    };
    let report = Report {
        version: 1,
        client: listing.client,
        console: CONSOLE,
        environments: listing
            .environments
            .iter()
            .map(|environment| Environment {
                name: environment.name,
                sent: environment.sent.as_deref(),
                redirect_uris: of(environment.name, Kind::RedirectUri),
                javascript_origins: of(environment.name, Kind::JavascriptOrigin),
                own_address_unknown: environment.own_address.0 != OwnAddress::Known,
            })
            .collect(),
        redirect_uris: listing.of(Kind::RedirectUri).map(Address::from).collect(),
        javascript_origins: listing.of(Kind::JavascriptOrigin).map(Address::from).collect(),
        domains: CountedDomains::from(&listing.domains),
    };
    let mut text = serde_json::to_string_pretty(&report).expect("plain data can be written");
    text.push('\n');
    text
}
