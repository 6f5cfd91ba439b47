//! What holds of every client's file: no line is said twice, whoever follows the findings is done, and nothing that
//! stands in a file makes portalgen stumble.

use std::collections::BTreeSet;

use portalgen::oauth::Kind;
use portalgen::oauth::client_file::{self, Client};
use portalgen::oauth::codespace::Codespace;
use portalgen::oauth::reconcile::{Checked, Level, What, reconcile};
use portalgen::oauth::wanted::{Place, Wanted, WantedBy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::oauth_commands::{PORTAL, client};

fn wanted(uri: &str) -> Wanted {
    let place = Place { path: "envs/demo.toml".to_owned(), line: 1, key: "hosts".to_owned() };
    let by = WantedBy { environment: "demo".to_owned(), asked: true, served: None, sent: false, place };
    Wanted {
        kind: Kind::RedirectUri,
        written: uri.to_owned(),
        exact: Some(uri.to_owned()),
        by: vec![by],
        other_form: None,
    }
}

fn as_client(uris: &[String]) -> Client {
    let file = json!({ "web": { "redirect_uris": uris } }).to_string();
    client_file::read(&file, "client_secret.json").expect("a client")
}

/// Few hosts, ports and paths, so that many are near one another.
fn uris() -> impl Strategy<Value = BTreeSet<String>> {
    let scheme = prop::sample::select(vec!["https", "http", "HTTPS"]);
    let host = prop::sample::select(vec![
        "a.example.com",
        "A.example.com",
        "www.a.example.com",
        "s-ryvhxvrdna-el.a.run.app",
        "s-q7xw3k2m9a-el.a.run.app",
        "s-12.asia-south1.run.app",
        "localhost",
    ]);
    let port = prop::sample::select(vec!["", ":443", ":8000"]);
    let path = prop::sample::select(vec![
        "/auth/google/callback",
        "/auth/google/callback/",
        "/oauth/callback",
        "/cb",
        "/",
        "",
    ]);
    let uri =
        (scheme, host, port, path).prop_map(|(scheme, host, port, path)| format!("{scheme}://{host}{port}{path}"));
    prop::collection::btree_set(uri, 0..8)
}

proptest! {
    /// Whatever is registered: no line is said twice, the order of the file means nothing, and whoever does what is
    /// said has nothing left to do.
    #[test]
    fn whoever_follows_the_findings_is_done(of in uris(), registered in uris(), turn in 0usize..8) {
        let legal: Vec<_> = of.iter().filter(|uri| uri.parse::<portalgen::units::RedirectUri>().is_ok()).collect();
        let all: Vec<_> = legal.iter().map(|uri| wanted(uri)).collect();
        let mut uris: Vec<_> = registered.into_iter().collect();
        let codespace = Codespace::default();
        let found = reconcile(&all, &as_client(&uris), &codespace);
        let turns = turn % uris.len().max(1);
        uris.rotate_left(turns);
        prop_assert_eq!(&reconcile(&all, &as_client(&uris), &codespace), &found);
        let mut said = BTreeSet::new();
        let mut added = BTreeSet::new();
        let mut corrected: BTreeSet<_> = uris.iter().cloned().collect();
        for finding in &found.findings {
            if let Some(registered) = &finding.registered {
                prop_assert!(said.insert(registered.clone()), "twice: {registered}");
                prop_assert!(corrected.remove(registered), "not registered: {registered}");
            }
            if matches!(finding.what, What::Missing | What::NearMiss) {
                let exact = finding.wanted.as_ref().expect("what is missing is wanted").shown().to_owned();
                prop_assert!(added.insert(exact.clone()), "twice: {exact}");
                prop_assert!(!uris.contains(&exact), "registered: {exact}");
            }
        }
        prop_assert_eq!(found.redirect_uris.matched + added.len(), all.len());
        corrected.extend(added);
        let corrected: Vec<_> = corrected.into_iter().collect();
        let again = reconcile(&all, &as_client(&corrected), &codespace);
        prop_assert!(again.findings.is_empty(), "{:?}", again.findings);
    }

    /// Whatever is in a file: it is said or refused, without a character that a terminal would act on.
    #[test]
    fn any_text_may_be_registered(
        registered in prop::collection::vec(prop_oneof![any::<String>(), "[hH]ttps?://[a-zA-Z0-9.:@/?#%*\\\\\\[\\]é-]{0,30}"], 0..6),
    ) {
        let of = ["https://a.example.com/auth/google/callback", "http://[::1]:8000/cb"].map(wanted);
        let client = as_client(&registered);
        let checked = Checked {
            client_name: "client",
            path: "client_secret.json",
            client: &client,
            environments: vec!["demo"],
            all_compared: true,
            deny_warnings: false,
            found: reconcile(&of, &client, &Codespace::default()),
        };
        let colours = ["\u{1b}[0m", "\u{1b}[1;31m", "\u{1b}[1;32m", "\u{1b}[1;33m"];
        let text = colours.iter().fold(checked.to_text(), |text, colour| text.replace(colour, ""));
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c.is_ascii()), "{text:?}");
        prop_assert!(serde_json::from_str::<Value>(&checked.to_json()).is_ok());
    }

    /// What is no client is refused without a word of it.
    #[test]
    fn any_file_is_read_or_refused(
        text in prop_oneof![any::<String>(), "\\PC{0,40}", "[{}\\[\\]\":,a-z ]{0,40}"],
        at in 0usize..400,
    ) {
        let whole = client(&[PORTAL], &[]);
        let cut: String = whole.chars().take(at).collect();
        for file in [text.clone(), format!("{cut}{text}"), cut] {
            if let Err(error) = client_file::read(&file, "client_secret.json") {
                prop_assert!(error.is_ascii() && !error.contains("GOCSPX"), "{error}");
            }
        }
    }

    /// What is registered to the letter is all that is needed.
    #[test]
    fn to_the_letter_nothing_is_found(of in uris()) {
        let legal: Vec<_> = of.into_iter().filter(|uri| uri.parse::<portalgen::units::RedirectUri>().is_ok()).collect();
        let all: Vec<_> = legal.iter().map(|uri| wanted(uri)).collect();
        let found = reconcile(&all, &as_client(&legal), &Codespace::default());
        prop_assert_eq!(found.count(Level::Error) + found.count(Level::Warning) + found.count(Level::Note), 0);
    }
}
