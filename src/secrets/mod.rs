//! Secrets that stand in a file where they must not: what they look like, and where they are, so that nothing prints
//! them. Whatever shows a line of a file or a value shows marks in their place, unless an allowance lets them stand.

use std::ops::Range;

use serde_json::Value;

use crate::finding::Finding;
use crate::source::{Hidden, KeyPath, Segment, Source};
use crate::units;

pub mod look;

/// The rule that finds them, by whose allowance a file lets them stand.
pub const RULE_ID: &str = "secret-in-plain-sight";

/// What must not be printed of a TOML file. In one that is `broken`, lines count as well as values.
pub fn hidden(source: &Source, root: &Value, broken: bool) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    if is_allowed(root) {
        return hidden;
    }
    visit(source, root, &KeyPath::default(), &mut hidden);
    hidden.extend(hidden_in_text(&source.text, &[]));
    if broken {
        hidden.extend(lines(&source.text));
    }
    hidden
}

/// What must not be printed of any text: what looks like a secret by itself, and these values.
pub fn hidden_in_text(text: &str, known: &[&str]) -> Vec<Hidden> {
    let by_look = look::find(text).into_iter().map(|(span, _)| span);
    let known = known.iter().filter(|value| value.len() >= LONG);
    let by_value = known.flat_map(|value| text.match_indices(value).map(|(at, _)| at..at + value.len()));
    by_look.chain(by_value).map(|span| Hidden { value: text[span.clone()].to_owned(), span }).collect()
}

/// A shorter value is a word like others: it is taken out of what is said of itself alone.
const LONG: usize = 8;

/// Whether the file lets secrets stand in it, and says why.
fn is_allowed(root: &Value) -> bool {
    let reason = |entry: &Value| entry["reason"].as_str().is_some_and(|reason| !reason.trim().is_empty());
    let entries = root["lint"]["allow"].as_array().into_iter().flatten();
    entries.filter(|entry| entry["rule"] == RULE_ID).any(reason)
}

fn visit(source: &Source, value: &Value, path: &KeyPath, hidden: &mut Vec<Hidden>) {
    match value {
        Value::Object(table) => {
            table.iter().for_each(|(key, value)| visit(source, value, &path.key(key), hidden));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| visit(source, item, &path.index(i), hidden));
        }
        leaf => {
            let text = leaf.as_str().map_or_else(|| source.excerpt(path).to_owned(), str::to_owned);
            if is_hidden(path, &text) {
                let span = without_quotes(&source.text, source.value_span(path));
                hidden.push(Hidden { span, value: text });
            }
        }
    }
}

fn is_hidden(path: &KeyPath, text: &str) -> bool {
    let keys: Vec<_> =
        path.segments().iter().map(|s| if let Segment::Key(key) = s { key.as_str() } else { "" }).collect();
    match keys.as_slice() {
        // A reference. What cannot be a secret's name may be the secret.
        [.., "secrets", _, "secret"] => {
            look::shape(text).is_some() || units::unit("secret-name").is_some_and(|unit| (unit.check)(text).is_err())
        }
        [.., "secrets", _, "version"] => look::shape(text).is_some(),
        // A value in the place of a reference, or in one.
        [.., "secrets", _] | [.., "secrets", _, _] => true,
        [.., name] => look::of_variable(name, text).is_some(),
        [] => false,
    }
}

/// Lines of a file that could not be read, by what stands before and behind the equals sign.
fn lines(text: &str) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, rest)) = line.split_once('=') {
            let name = key.trim().trim_matches(['"', '\'']).rsplit('.').next().unwrap_or_default();
            let value = rest.trim();
            let first = start + key.len() + 1 + (rest.len() - rest.trim_start().len());
            let quote = ["\"\"\"", "'''"].iter().find(|quote| value.starts_with(**quote));
            let open = quote.is_some_and(|quote| !text[first + quote.len()..].contains(quote));
            let bare = value.trim_matches(['"', '\'']);
            if open {
                hidden.push(Hidden { span: first..text.len(), value: text[first..].to_owned() });
            } else if !value.starts_with(['{', '[']) && look::of_variable(name, bare).is_some() {
                hidden.push(Hidden { span: first..first + value.len(), value: bare.to_owned() });
            }
        }
        start += line.len();
    }
    hidden
}

/// What stands between the quotes of a string.
fn without_quotes(text: &str, span: Range<usize>) -> Range<usize> {
    let quoted = &text[span.clone()];
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(quote)).unwrap_or_default();
    let end =
        if quoted.len() >= 2 * quote.len() && quoted.ends_with(quote) { span.end - quote.len() } else { span.end };
    span.start + quote.len()..end
}

/// Takes what must not be printed out of the words of every finding.
pub fn conceal(findings: &mut [Finding], sources: &[Source]) {
    for finding in findings {
        for (i, source) in sources.iter().enumerate() {
            for hidden in source.hidden() {
                let about = finding.places.iter().any(|place| {
                    let span = place.at.span(source);
                    place.source.0 == i && span.start < hidden.span.end && hidden.span.start < span.end
                });
                if hidden.value.is_empty() || !(about || hidden.value.chars().count() >= LONG) {
                    continue;
                }
                let escaped = hidden.value.escape_debug().to_string();
                let conceal = |text: &mut String| {
                    for value in [&hidden.value, &escaped] {
                        *text = text.replace(value.as_str(), &"*".repeat(value.chars().count()));
                    }
                };
                conceal(&mut finding.message);
                finding.help.iter_mut().for_each(conceal);
                finding.places.iter_mut().for_each(|place| conceal(&mut place.label));
            }
        }
    }
}
