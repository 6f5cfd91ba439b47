//! The JSON that Google's console offers for download: one client, with its secret, of which nothing is kept. What is
//! said of a file that cannot be read quotes nothing of it.
//!
//! Source: <https://github.com/googleapis/google-api-python-client/blob/main/docs/client-secrets.md>.

use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::deployment::CONSOLE;
use crate::secrets;
use crate::source::Mask;
use crate::units::ProjectId;

/// What is read of a client's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's public ID, where it has the form of one.
    pub id: Option<String>,
    /// The project's ID, where it has the form of one.
    pub project: Option<ProjectId>,
    /// The redirect URIs, in the order of the file.
    pub redirect_uris: Vec<Entry>,
    /// The JavaScript origins, in the order of the file.
    pub javascript_origins: Vec<Entry>,
}

/// Something that is registered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// To the letter, for comparing.
    pub text: String,
    /// As it may be printed: printable ASCII, and asterisks for what may be a secret.
    pub shown: String,
    /// Whether there are such asterisks.
    pub hides: bool,
}

impl Entry {
    /// A text as it may be printed: nothing that looks like a secret, nor this client's, and no character that a
    /// terminal does not show as it is.
    fn new(text: &str, secret: &str) -> Self {
        let hidden = secrets::hidden_in_text(text, &[]);
        let own = text.match_indices(secret).filter(|_| !secret.is_empty()).map(|(at, _)| at..at + secret.len());
        let spans: Vec<_> = hidden.into_iter().map(|hidden| hidden.span).chain(own).collect();
        let masked = Mask::new(text, &spans);
        let plain = |c: char| if c.is_ascii_graphic() { c.to_string() } else { c.escape_unicode().to_string() };
        let shown = masked.as_str().chars().map(plain).collect();
        Self { text: text.to_owned(), shown, hides: !spans.is_empty() }
    }
}

/// Where the file is to be had.
fn download() -> String {
    format!("download the client's file from its page: {CONSOLE}")
}

/// Reads a client's file; `path` is what it is called.
///
/// # Errors
///
/// What the file is instead, in words for the user and without anything that stands in it.
pub fn read(text: &str, path: &str) -> Result<Client, String> {
    let wrong = |what: &str| format!("`{path}` {what}\nhelp: {}", download());
    // Windows begins a file with a mark.
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof if text.trim().is_empty() => wrong("is empty"),
            Category::Eof => wrong(&format!("is no JSON: it ends too early, in line {line}")),
            _ => wrong(&format!("is no JSON: it cannot be read from line {line}, column {column}")),
        }
    })?;
    let Some(file) = value.as_object() else {
        return Err(wrong(&format!("holds no OAuth client: it is {}, not an object", kind(&value))));
    };
    let Some(web) = file.get("web") else { return Err(wrong(&not_a_web_client(file))) };
    let Some(web) = web.as_object() else {
        return Err(wrong(&format!("holds no OAuth client: its `web` is {}, not an object", kind(web))));
    };
    let secret = web.get("client_secret").and_then(Value::as_str).unwrap_or_default();
    let list = |key: &str| list(web, key, secret).map_err(|what| wrong(&what));
    let (redirect_uris, javascript_origins) = (list("redirect_uris")?, list("javascript_origins")?);
    let text = |key: &str| web.get(key).and_then(Value::as_str).filter(|text| !holds(text, secret));
    Ok(Client {
        id: text("client_id").filter(|id| is_client_id(id)).map(str::to_owned),
        project: text("project_id").and_then(|id| id.parse().ok()),
        redirect_uris,
        javascript_origins,
    })
}

/// What a file without a web application's client is.
fn not_a_web_client(file: &Map<String, Value>) -> String {
    let what = match file.get("type").and_then(Value::as_str) {
        _ if file.contains_key("installed") => {
            "is the client of an app on a device (`installed`), which registers no redirect URIs: sign-in by a server needs a client of the type `Web application`"
        }
        Some("service_account") => {
            "is the key of a service account, not an OAuth client: whoever has it is that account"
        }
        Some("authorized_user") => "holds a user's own credentials, as gcloud keeps them, not an OAuth client",
        Some("external_account" | "external_account_authorized_user" | "impersonated_service_account") => {
            "is a configuration for signing in as a service account, not an OAuth client"
        }
        _ => "holds no OAuth client: neither `web` nor `installed` is in it",
    };
    what.to_owned()
}

/// A list of texts; empty where the file leaves it out, as Google's does.
fn list(web: &Map<String, Value>, key: &str, secret: &str) -> Result<Vec<Entry>, String> {
    let values = match web.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(values)) => values,
        Some(other) => return Err(format!("cannot be read: `web.{key}` is {}, not a list", kind(other))),
    };
    let entry = |(i, value): (usize, &Value)| match value.as_str() {
        Some(text) => Ok(Entry::new(text, secret)),
        None => Err(format!("cannot be read: `web.{key}[{i}]` is {}, not a text", kind(value))),
    };
    values.iter().enumerate().map(entry).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// `<number>-<letters and digits>.apps.googleusercontent.com`; nothing else is shown, since it could be anything.
fn is_client_id(text: &str) -> bool {
    let id = text.strip_suffix(".apps.googleusercontent.com").and_then(|id| id.split_once('-'));
    id.is_some_and(|(number, rest)| {
        number.bytes().all(|b| b.is_ascii_digit())
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn holds(text: &str, secret: &str) -> bool {
    !secret.is_empty() && text.contains(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, secret: &str) -> String {
        Entry::new(text, secret).shown
    }

    #[test]
    fn what_is_shown_is_printable_and_no_secret() {
        for (text, shows) in [
            ("https://a.example.com/cb", "https://a.example.com/cb"),
            (
                "https://waooaw-api-demo-ryvhxvrdna-el.a.run.app/cb",
                "https://waooaw-api-demo-ryvhxvrdna-el.a.run.app/cb",
            ),
            ("https://a.example.com/cb ", "https://a.example.com/cb\\u{20}"),
            ("https://\u{430}.com/\x1b[31m", "https://\\u{430}.com/\\u{1b}[31m"),
            ("https://a.example.com/hush-hush", "https://a.example.com/*********"),
        ] {
            assert_eq!(shown(text, "hush-hush"), shows);
        }
        assert!(!shown("https://me:letmein99@a.example.com/cb", "").contains("letmein99"));
        assert!(!shown("https://a.example.com/GOCSPX-abcdefghijklmnopqrstuvwxyz12", "").contains("abcdefghijkl"));
    }

    #[test]
    fn an_id_has_the_form_of_one() {
        assert!(is_client_id("123-abc9.apps.googleusercontent.com"));
        for other in ["123-abc9", "x-abc.apps.googleusercontent.com", "1-.apps.googleusercontent.com", "GOCSPX-x", ""] {
            assert!(!is_client_id(other), "{other}");
        }
    }
}
