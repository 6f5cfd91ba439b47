//! Secrets that stand in a file where they must not: what they look like, and where they are, so that nothing prints
//! them. Whatever shows a line of a file or a value shows marks in their place, unless an allowance lets them stand.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use crate::source::{Hidden, KeyPath, Mask, Segment, Source};
use crate::units;
use look::Why;
use text::Reading;

mod conceal;
pub mod look;
mod names;
mod text;

pub use conceal::{conceal, key};

/// The rule that finds them, by whose allowance a file lets them stand.
pub const RULE_ID: &str = "secret-in-plain-sight";

/// A value of a TOML file that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub path: KeyPath,
    /// What makes it look so.
    pub why: Why,
}

/// What a TOML file has of secrets.
#[derive(Debug, Default)]
pub struct Search {
    /// What must not be printed.
    pub hidden: Vec<Hidden>,
    /// What the rule reports.
    pub found: Vec<Found>,
}

/// Looks for secrets in a TOML file. In one that is `broken`, lines count as well as values.
pub fn search(source: &Source, root: &Value, broken: bool) -> Search {
    let mut values = Values { source, allowed: is_allowed(root), ..Values::new(source) };
    values.visit(root, &KeyPath::default(), None);
    let Values { mut search, leaves, mut let_pass, .. } = values;
    let text = &source.text;
    // What is hidden in one place is no less of a secret in another.
    let known: BTreeSet<_> = search.hidden.iter().map(|hidden| &hidden.value).filter(|v| v.len() >= LONG).collect();
    let again = leaves.iter().filter(|(_, value)| known.contains(value) && !conceal::is_word(value));
    let again: Vec<_> = again.map(|(span, value)| Hidden { span: span.clone(), value: value.clone() }).collect();
    search.hidden.extend(again);
    let mut leaves: Vec<_> = leaves.into_iter().map(|(span, _)| span).collect();
    leaves.sort_by_key(|span| span.start);
    let_pass.sort_by_key(|span| span.start);
    let overlaps = |spans: &[Range<usize>], span: &Range<usize>| {
        let before = spans.partition_point(|other| other.start < span.end);
        before.checked_sub(1).is_some_and(|last| spans[last].end > span.start)
    };
    let mut spans = by_look(text);
    if broken {
        spans.extend(text::assignments(text, Reading::Broken));
        spans.extend(text::lines(text));
    } else {
        // What is a value was judged as one.
        let assigned = text::assignments(text, Reading::Toml);
        spans.extend(assigned.into_iter().filter(|span| !overlaps(&leaves, span)));
    }
    spans.retain(|span| !overlaps(&let_pass, span));
    search.hidden.extend(spans.into_iter().map(|span| hidden_at(text, span)));
    search
}

/// What must not be printed of any text: what looks like a secret by itself, and these values.
pub fn hidden_in_text(text: &str, known: &[&str]) -> Vec<Hidden> {
    in_text(text).into_iter().chain(of_known(text, known)).map(|span| hidden_at(text, span)).collect()
}

/// A text before and after a change, as they may be printed. What the new one says is meant to be there, but for these
/// values; a secret that only the old one has is nobody's to let pass any more.
pub fn change_as_shown(before: &str, after: &str, known: &[&str]) -> (Mask, Mask) {
    let stays: BTreeSet<_> = in_text(after).into_iter().map(|span| &after[span]).collect();
    let gone = in_text(before).into_iter().filter(|span| !stays.contains(&before[span.clone()]));
    let before_spans: Vec<_> = gone.chain(of_known(before, known)).collect();
    let after_spans = of_known(after, known);
    (Mask::new(before, &before_spans), Mask::new(after, &after_spans))
}

fn in_text(text: &str) -> Vec<Range<usize>> {
    let mut spans = by_look(text);
    spans.extend(text::assignments(text, Reading::Other));
    spans
}

fn by_look(text: &str) -> Vec<Range<usize>> {
    look::find(text).into_iter().map(|(span, _)| span).chain(look::users_of_addresses(text)).collect()
}

fn of_known(text: &str, known: &[&str]) -> Vec<Range<usize>> {
    let known = known.iter().filter(|value| value.len() >= LONG);
    let places = known.flat_map(|value| text.match_indices(value).map(|(at, _)| at..at + value.len()));
    places.filter(|span| conceal::is_whole(text, span)).collect()
}

fn hidden_at(text: &str, span: Range<usize>) -> Hidden {
    let value = text[span.clone()].trim_matches(['"', '\'']).to_owned();
    Hidden { span, value }
}

/// A shorter value is a word like others: it is taken out of what is said of itself alone.
const LONG: usize = 8;

/// Whether the file lets secrets stand in it, and says why.
fn is_allowed(root: &Value) -> bool {
    let reason = |entry: &Value| entry["reason"].as_str().is_some_and(|reason| !reason.trim().is_empty());
    let entries = root["lint"]["allow"].as_array().into_iter().flatten();
    entries.filter(|entry| entry["rule"] == RULE_ID).any(reason)
}

/// Goes through the values of a file.
struct Values<'s> {
    source: &'s Source,
    allowed: bool,
    search: Search,
    /// Where values stand, and what they are.
    leaves: Vec<(Range<usize>, String)>,
    /// Where those stand that an allowance lets pass.
    let_pass: Vec<Range<usize>>,
}

impl<'s> Values<'s> {
    fn new(source: &'s Source) -> Self {
        Self { source, allowed: false, search: Search::default(), leaves: Vec::new(), let_pass: Vec::new() }
    }

    /// The values below `path`; `called` is the name that a table gives to its `value`.
    fn visit(&mut self, value: &Value, path: &KeyPath, called: Option<&str>) {
        match value {
            Value::Object(table) => {
                let own = ["name", "key", "variable"].iter().find_map(|key| table.get(*key)?.as_str());
                for (key, value) in table {
                    self.visit(value, &path.key(key), if key == "value" { own.or(called) } else { called });
                }
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| self.visit(item, &path.index(i), called));
            }
            leaf => self.leaf(leaf, path, called),
        }
    }

    fn leaf(&mut self, leaf: &Value, path: &KeyPath, called: Option<&str>) {
        let text = leaf.as_str().map_or_else(|| self.source.excerpt(path).to_owned(), str::to_owned);
        let span = without_quotes(&self.source.text, self.source.value_span(path));
        self.leaves.push((span.clone(), text.clone()));
        let keys: Vec<_> =
            path.segments().iter().map(|s| if let Segment::Key(key) = s { key.as_str() } else { "" }).collect();
        let why = leaf.as_str().and_then(|text| match keys.as_slice() {
            ["variables", name] => look::of_variable(name, text),
            _ => look::shape(text).map(Why::Shape),
        });
        if let Some(why) = why {
            self.search.found.push(Found { path: path.clone(), why });
            if self.allowed {
                self.let_pass.push(span);
                return;
            }
        }
        let by_name = called.is_some_and(|name| look::of_variable(name, &text).is_some());
        if why.is_some() || by_name || is_hidden(&keys, &text) {
            self.search.hidden.push(Hidden { span, value: text });
        }
    }
}

/// A number with fewer digits is no secret.
const SHORT_NUMBER: usize = 6;

/// Whether a value at the end of these keys must not be printed.
fn is_hidden(keys: &[&str], text: &str) -> bool {
    if let Some(at) = keys.iter().rposition(|key| *key == "secrets").filter(|at| at + 1 < keys.len()) {
        return match &keys[at + 1..] {
            // A reference. What cannot be a secret's name may be the secret.
            [_, key @ ("secret" | "version")] => {
                let short = text.len() < SHORT_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit());
                look::shape(text).is_some() || !short && !is_reference(key, text)
            }
            // A value in the place of a reference, or in one.
            _ => true,
        };
    }
    keys.iter().any(|name| look::of_variable(name, text).is_some())
}

/// Whether a text can be this part of a reference to Secret Manager.
fn is_reference(key: &str, text: &str) -> bool {
    let unit = if key == "version" { "secret-version" } else { "secret-name" };
    units::unit(unit).is_none_or(|unit| (unit.check)(text).is_ok())
}

/// What stands between the quotes of a string.
fn without_quotes(text: &str, span: Range<usize>) -> Range<usize> {
    let quoted = &text[span.clone()];
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(quote)).unwrap_or_default();
    let end =
        if quoted.len() >= 2 * quote.len() && quoted.ends_with(quote) { span.end - quote.len() } else { span.end };
    span.start + quote.len()..end
}
