//! What an OAuth client has to have registered, and what it has: the environments' redirect URIs and JavaScript origins
//! as a list to paste, and held against the file that Google's console offers for download. No API edits them, so a
//! person does.

use crate::units::{Parts, counted_domain};
use std::collections::BTreeMap;

pub mod client_file;
pub mod codespace;
pub mod list;
pub mod near;
pub mod reconcile;
pub mod wanted;

mod assignment;
mod check_json;
mod check_text;
mod list_json;
mod list_text;
mod run_app;

pub use check_json::schema as check_schema;
pub use list_json::schema as list_schema;

/// What is registered with Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Where Google sends a browser back to.
    RedirectUri,
    /// Where code in a browser may call Google from.
    JavascriptOrigin,
}

impl Kind {
    /// Both, as the console shows them from below.
    pub const ALL: [Self; 2] = [Self::RedirectUri, Self::JavascriptOrigin];

    /// What the console calls several of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::RedirectUri => "Authorised redirect URIs",
            Self::JavascriptOrigin => "Authorised JavaScript origins",
        }
    }

    /// The unit that judges one.
    fn unit(self) -> &'static str {
        match self {
            Self::RedirectUri => "redirect-uri",
            Self::JavascriptOrigin => "javascript-origin",
        }
    }
}

/// The domains of addresses as Google counts them, by what they are counted as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains(BTreeMap<String, String>);

impl Domains {
    /// Those of these addresses. What has no host counts for nothing.
    pub fn of<'t>(addresses: impl IntoIterator<Item = &'t str>) -> Self {
        let hosts = addresses.into_iter().filter_map(Parts::of).map(|parts| parts.host);
        let counted = hosts.filter(|host| !host.is_empty()).map(counted_domain);
        Self(counted.map(|(label, domain)| (label.to_owned(), domain.to_owned())).collect())
    }

    /// How many Google counts.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The domains, sorted by what they are counted as.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
