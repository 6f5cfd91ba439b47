//! The files that are lists: variables, redirect URIs, and the OAuth client.

use super::syntax::{Unreadable, span_in};
use super::{Facts, Subject};
use crate::deployment::SENT_URI_VARIABLE;

/// portal.env or, for [`Subject::SentUri`], api.env, in the dialect of `docker run --env-file`.
pub(super) fn variables<'t>(text: &'t str, subject: Subject, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    for line in text.lines() {
        let line = line.trim_start_matches([' ', '\t']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        if name.is_empty() || name.contains(char::is_whitespace) {
            let at = span_in(text, line);
            return Err(Unreadable::new(format!("`{name}` is no name of a variable"), at));
        }
        let at = if value.is_empty() { span_in(text, line) } else { span_in(text, value) };
        match (subject, name) {
            (Subject::SentUri, SENT_URI_VARIABLE) | (Subject::Variable, _) => {
                facts.add(subject, name, value, at, span_in(text, line));
            }
            // What else the API takes is the API's.
            _ => {}
        }
    }
    Ok(())
}

/// redirect-uris.txt. A line without a path is a JavaScript origin.
pub(super) fn redirect_uris<'t>(text: &'t str, facts: &mut Facts<'t>) {
    let has_path = |line: &str| line.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let subject = if has_path(line) { Subject::RedirectUri } else { Subject::JavascriptOrigin };
        facts.add(subject, line, "", span_in(text, line), span_in(text, line));
    }
}

/// oauth_client.json.
pub(super) fn oauth_client(text: &str, facts: &mut Facts<'_>) -> Result<(), Unreadable> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (before + error.column().saturating_sub(1)).min(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let message = error.to_string();
        Unreadable::new(message.split(" at line ").next().unwrap_or_default(), at..at)
    })?;
    let strings = strings(text);
    let said = |part: &str, what: &str| serde_json::from_str::<String>(part).is_ok_and(|text| text == what);
    for (key, subject) in [("redirect_uris", Subject::RedirectUri), ("javascript_origins", Subject::JavascriptOrigin)] {
        // They stand in the text in the same order, below their key.
        let mut below = strings.iter().skip_while(|part| !said(part, key)).skip(1);
        for entry in value["web"][key].as_array().into_iter().flatten().filter_map(|entry| entry.as_str()) {
            let at = below.find(|part| said(part, entry)).map_or(0..0, |part| span_in(text, part));
            facts.add(subject, entry.to_owned(), "", at.clone(), at);
        }
    }
    Ok(())
}

/// The strings of a JSON text, quotes included.
fn strings(text: &str) -> Vec<&str> {
    let mut strings = Vec::new();
    let (mut start, mut escaped) = (None, false);
    for (i, byte) in text.bytes().enumerate() {
        match (byte, start) {
            (b'"', None) => start = Some(i),
            (b'"', Some(from)) if !escaped => {
                strings.push(&text[from..=i]);
                start = None;
            }
            (b'\\', Some(_)) if !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    strings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_found_however_it_is_escaped() {
        let text = r#"{ "web": { "client_id": "a\"b\\", "redirect_uris": ["https:\/\/a\u002eb/c", "x"] } }"#;
        let mut facts = Facts::default();
        oauth_client(text, &mut facts).unwrap();
        let found: Vec<_> = facts.0.iter().map(|fact| (&*fact.key, &text[fact.at.clone()])).collect();
        assert_eq!(found, [("https://a.b/c", r#""https:\/\/a\u002eb/c""#), ("x", r#""x""#)]);
    }

    #[test]
    fn what_is_broken_is_said() {
        let error = oauth_client("{\n  \"web\": {\n", &mut Facts::default()).unwrap_err();
        assert!(error.message.contains("EOF") && error.at.end <= 13, "{error:?}");
        let error = variables("A=1\nexport B=2\n", Subject::Variable, &mut Facts::default()).unwrap_err();
        assert_eq!(error, Unreadable::new("`export B` is no name of a variable", 4..14));
    }
}
