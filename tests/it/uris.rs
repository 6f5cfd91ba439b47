//! Redirect URIs and JavaScript origins, letter by letter: which rule refuses what, and what is accepted.

use std::collections::BTreeSet;

use portalgen::rule::Check;
use portalgen::rules::RULES;
use portalgen::units;
use proptest::prelude::*;
use serde_json::Value;

/// Redirect URIs that are accepted as they stand.
const REDIRECT_URIS: &[&str] = &[
    "https://pp.demo.waooaw.com/auth/google/callback",
    "https://api.example.com/",
    "https://waooaw-api-demo-ryvhxvrdna-el.a.run.app/auth/google/callback",
    "https://<codespace-name>-8000.app.github.dev/auth/google/callback",
    "http://localhost:8000/auth/google/callback",
    "http://localhost/cb",
    "https://localhost/cb",
    "http://127.0.0.1:8000/cb",
    "http://[::1]:8000/auth/google/callback",
    "https://[::1]/cb",
    "https://xn--bcher-kva.de/cb",
    "https://xn--e1afmkfd.xn--p1ai/cb",
    "https://example.co.uk/cb",
    "https://a--b.example.com/cb",
    "https://1.example.com/cb",
    "https://h.com:443/x",
    "https://api.example.com:8443/cb",
    "https://api.example.com:65535/cb",
    "https://api.example.com/Auth/CALLBACK/",
    "https://api.example.com//cb",
    "https://api.example.com/cb?",
    "https://api.example.com/cb?a=1&b=/x/y?z",
    "https://api.example.com/cb?a[]=1",
    "https://api.example.com/cb?next=https://portal.example.com",
    "https://api.example.com/%24%7BHOST%7D",
    "https://api.example.com/a%20b/%E2%82%AC/%C0%AF",
    "https://api.example.com/%25zz",
    "https://api.example.com/%252e%252e/cb",
    "https://api.example.com/.well-known/./cb",
    "https://api.example.com/a../b..c/cb.",
    "https://api.example.com/~user/a_b/c-d/$e,f;g=h:i@j!k'(l)+m&n",
    "https://bit.ly/google-callback",
];

/// Redirect URIs that are refused, and by which rule.
const REFUSED_REDIRECT_URIS: &[(&str, &str)] = &[
    ("http://api.example.com/cb", "redirect-uri-not-https"),
    ("http://<codespace-name>-8000.app.github.dev/cb", "redirect-uri-not-https"),
    ("http://10.0.0.1/cb", "redirect-uri-not-https"),
    ("ftp://api.example.com/cb", "redirect-uri-not-https"),
    ("com.example.app://cb", "redirect-uri-not-https"),
    ("http://localhost.example.com/cb", "redirect-uri-not-https"),
    ("https://203.0.113.7/cb", "redirect-uri-raw-ip"),
    ("https://10.0.0.1:8443/cb", "redirect-uri-raw-ip"),
    ("https://[2001:db8::1]/cb", "redirect-uri-raw-ip"),
    ("https://[2001:db8::1]:8443/cb", "redirect-uri-raw-ip"),
    ("https://0x7f.1/cb", "redirect-uri-raw-ip"),
    ("https://0x7f000001/cb", "redirect-uri-raw-ip"),
    ("https://2130706433/cb", "redirect-uri-raw-ip"),
    ("https://127.1/cb", "redirect-uri-raw-ip"),
    ("https://10.0.0.1./cb", "redirect-uri-raw-ip"),
    ("https://api.corp.internal/cb", "redirect-uri-not-public"),
    ("https://printer.local/cb", "redirect-uri-not-public"),
    ("https://router.lan/cb", "redirect-uri-not-public"),
    ("https://portal/cb", "redirect-uri-not-public"),
    ("https://portal.test/cb", "redirect-uri-not-public"),
    ("https://<codespace-name>/cb", "redirect-uri-not-public"),
    ("https://googleusercontent.com/cb", "redirect-uri-googleusercontent"),
    ("https://x.googleusercontent.com/cb", "redirect-uri-googleusercontent"),
    ("https://user:pass@api.example.com/cb", "redirect-uri-userinfo"),
    ("https://@api.example.com/cb", "redirect-uri-userinfo"),
    ("http://localhost@api.example.com/cb", "redirect-uri-userinfo"),
    ("https://user@${HOST}/cb", "redirect-uri-userinfo"),
    ("https://api.example.com/a/../b", "redirect-uri-traversal"),
    ("https://api.example.com/..", "redirect-uri-traversal"),
    ("https://api.example.com\\..\\b", "redirect-uri-traversal"),
    ("https://api.example.com/a\\../b", "redirect-uri-traversal"),
    ("https://api.example.com/a/%2e%2e/b", "redirect-uri-traversal"),
    ("https://api.example.com/a/%2E./b", "redirect-uri-traversal"),
    ("https://api.example.com/a%2f..%2fb", "redirect-uri-traversal"),
    ("https://api.example.com/a%2F%2e%2e/b", "redirect-uri-traversal"),
    ("https://api.example.com/a%5c../b", "redirect-uri-traversal"),
    ("https://api.example.com/a%5C%2E%2E%5Cb", "redirect-uri-traversal"),
    ("https://api.example.com/cb?x=/../y", "redirect-uri-traversal"),
    ("https://api.example.com/cb#top", "redirect-uri-fragment"),
    ("https://api.example.com/cb#", "redirect-uri-fragment"),
    ("https://api.example.com#", "redirect-uri-fragment"),
    ("https://*.example.com/cb", "redirect-uri-characters"),
    ("https://api.example.com/*", "redirect-uri-characters"),
    ("https://api.example.com/a b", "redirect-uri-characters"),
    (" https://api.example.com/cb", "redirect-uri-not-https"),
    ("https://api.example.com/cb ", "redirect-uri-characters"),
    ("https://api.example.com/cb\n", "redirect-uri-characters"),
    ("https://api.example.com/\u{7f}", "redirect-uri-characters"),
    ("https://bücher.de/cb", "redirect-uri-characters"),
    ("https://api.example.com/€", "redirect-uri-characters"),
    ("https://api.example.com/%zz", "redirect-uri-characters"),
    ("https://api.example.com/%2", "redirect-uri-characters"),
    ("https://api.example.com/%", "redirect-uri-characters"),
    ("https://api.example.com/%é", "redirect-uri-characters"),
    ("https://api.example.com/%+1", "redirect-uri-characters"),
    ("https://api.example.com/%00", "redirect-uri-characters"),
    ("https://api.example.com/%C0%80", "redirect-uri-characters"),
    ("https://api.example.com/%c0%80", "redirect-uri-characters"),
    ("https://api.example.com/\"", "redirect-uri-characters"),
    ("https://api.example.com/a\\b", "redirect-uri-characters"),
    ("https://api.example.com/a|b^c`d", "redirect-uri-characters"),
    ("https://api.example.com/a<b", "redirect-uri-characters"),
    ("https://api.example.com/}", "redirect-uri-characters"),
    ("https://${HOST}/cb", "redirect-uri-placeholder"),
    ("https://{host}/cb", "redirect-uri-placeholder"),
    ("https://{{ host }}/cb", "redirect-uri-placeholder"),
    ("https://api.example.com:${PORT}/cb", "redirect-uri-placeholder"),
    ("https://api.example.com/{tenant}/cb", "redirect-uri-placeholder"),
    ("https://<host>/cb", "redirect-uri-placeholder"),
    ("https://<codespace>-8000.app.github.dev/cb", "redirect-uri-placeholder"),
    ("https://<CODESPACE-NAME>-8000.app.github.dev/cb", "redirect-uri-placeholder"),
    ("https://api.example.com/<codespace-name>/cb", "redirect-uri-placeholder"),
    ("http://${HOST}/cb", "redirect-uri-placeholder"),
    ("", "bad-value"),
    ("api.example.com/cb", "bad-value"),
    ("/auth/google/callback", "bad-value"),
    ("://api.example.com/cb", "bad-value"),
    ("HTTPS://api.example.com/cb", "bad-value"),
    ("https://API.example.com/cb", "bad-value"),
    ("http://LOCALHOST/cb", "bad-value"),
    ("https://LOCALHOST/cb", "bad-value"),
    ("https://api.example.com./cb", "bad-value"),
    ("https:///cb", "bad-value"),
    ("https://a..example.com/cb", "bad-value"),
    ("https://-a.example.com/cb", "bad-value"),
    ("https://a_b.example.com/cb", "bad-value"),
    ("https://com/cb", "bad-value"),
    ("https://::1/cb", "bad-value"),
    ("https://api.example.com", "bad-value"),
    ("https://api.example.com?x", "bad-value"),
    ("https://api.example.com:/cb", "bad-value"),
    ("https://api.example.com:0/cb", "bad-value"),
    ("https://api.example.com:08443/cb", "bad-value"),
    ("https://api.example.com:65536/cb", "bad-value"),
    ("https://api.example.com:+80/cb", "bad-value"),
    ("https://api.example.com:8443:1/cb", "bad-value"),
];

/// JavaScript origins that are accepted as they stand.
const JAVASCRIPT_ORIGINS: &[&str] = &[
    "https://pp.demo.waooaw.com",
    "https://example.com:8080",
    "https://example.com:80",
    "https://<codespace-name>-3000.app.github.dev",
    "http://localhost",
    "http://localhost:3000",
    "http://localhost:443",
    "http://[::1]:3000",
];

/// JavaScript origins that are refused, and by which rule.
const REFUSED_JAVASCRIPT_ORIGINS: &[(&str, &str)] = &[
    ("http://portal.example.com", "javascript-origin-refused"),
    ("https://203.0.113.7", "javascript-origin-refused"),
    ("https://portal.corp.internal", "javascript-origin-refused"),
    ("https://x.googleusercontent.com", "javascript-origin-refused"),
    ("https://user:pass@portal.example.com", "javascript-origin-refused"),
    ("https://user:pass@portal.example.com/", "javascript-origin-refused"),
    ("https://*.example.com", "javascript-origin-refused"),
    ("https://${HOST}", "javascript-origin-refused"),
    ("https://bücher.de", "javascript-origin-refused"),
    ("https://portal.example.com/", "javascript-origin-with-path"),
    ("https://portal.example.com/app", "javascript-origin-with-path"),
    ("https://portal.example.com?x", "javascript-origin-with-path"),
    ("https://portal.example.com#", "javascript-origin-with-path"),
    ("https://portal.example.com:443", "javascript-origin-default-port"),
    ("http://localhost:80", "javascript-origin-default-port"),
    ("portal.example.com", "bad-value"),
    ("https://Portal.example.com", "bad-value"),
    ("https://portal.example.com:", "bad-value"),
];

fn verdict(format: &str, text: &str) -> &'static str {
    (units::unit(format).expect("a unit").check)(text).err().map_or("accepted", |invalid| invalid.id)
}

fn all() -> Vec<(&'static str, &'static str, &'static str)> {
    let accepted = |format, texts: &'static [&str]| texts.iter().map(move |text| (format, *text, "accepted"));
    let refused = |format, rows: &'static [(&str, &'static str)]| rows.iter().map(move |row| (format, row.0, row.1));
    accepted("redirect-uri", REDIRECT_URIS)
        .chain(refused("redirect-uri", REFUSED_REDIRECT_URIS))
        .chain(accepted("javascript-origin", JAVASCRIPT_ORIGINS))
        .chain(refused("javascript-origin", REFUSED_JAVASCRIPT_ORIGINS))
        .collect()
}

#[test]
fn each_address_meets_its_rule() {
    let wrong: Vec<_> = all()
        .into_iter()
        .map(|(format, text, due)| (format, text, due, verdict(format, text)))
        .filter(|(_, _, due, found)| due != found)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every rule of values is in the table, and whatever a unit says is explained.
#[test]
fn the_table_knows_every_rule_of_values() {
    let met: BTreeSet<_> = all().into_iter().map(|(_, _, id)| id).collect();
    let rules = RULES.iter().filter(|rule| matches!(rule.check, Check::Value)).map(|rule| rule.id);
    assert_eq!(met, rules.chain(["accepted", units::BAD_VALUE]).collect());
    assert!(RULES.iter().all(|rule| !matches!(rule.check, Check::Value) || !rule.can_be_allowed()));
}

/// An editor underlines nearly all of it without portalgen; the rest is listed.
#[test]
fn patterns_are_as_tight_as_they_can_be() {
    let mut left = String::new();
    for (format, text, id) in all() {
        let schema = serde_json::json!({ "pattern": units::unit(format).expect("a unit").pattern });
        let passes = jsonschema::draft7::new(&schema).expect("a pattern").is_valid(&Value::from(text));
        assert!(passes || id != "accepted", "{format}: an editor refuses {text}");
        if passes && id != "accepted" {
            left.push_str(&format!("{id}: {text}\n"));
        }
    }
    insta::assert_snapshot!("left_to_the_check", left);
}

proptest! {
    /// Whatever is written, there is an answer, and an editor refuses nothing that portalgen accepts.
    #[test]
    fn pieces_of_addresses(pieces in prop::collection::vec(prop::sample::select(vec![
        "https://", "http://", "localhost", "[::1]", "a.com", "<codespace-name>", "-8000.app.github.dev", ":", "8000",
        "/", ".", "..", "%2e", "%", "%é", "€", "\\", "?", "#", "@", "*", "{", "}", "${", "<", ">", "x", "1", "[", "]", "&=",
    ]), 0..8)) {
        let text = pieces.concat();
        for format in ["redirect-uri", "javascript-origin", "url", "origin", "host"] {
            let pattern = serde_json::json!({ "pattern": units::unit(format).expect("a unit").pattern });
            if verdict(format, &text) == "accepted" {
                prop_assert!(jsonschema::draft7::new(&pattern).expect("a pattern").is_valid(&Value::from(text.as_str())));
            }
        }
        if let Ok(uri) = text.parse::<units::RedirectUri>() {
            let begins = format!("://{}", uri.host());
            prop_assert!(text.contains(&begins) && text.contains(uri.path()), "{}", text);
            prop_assert!(uri.path().starts_with('/'));
        }
    }
}
