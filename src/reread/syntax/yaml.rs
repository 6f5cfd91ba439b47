//! YAML as a tree of values with their places, and what a reader of YAML 1.1 takes a scalar for.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use super::Unreadable;

/// A value and where it stands.
#[derive(Debug)]
pub(in crate::reread) struct Node<'t> {
    pub(in crate::reread) span: Range<usize>,
    pub(in crate::reread) value: Value<'t>,
}

#[derive(Debug)]
pub(in crate::reread) enum Value<'t> {
    /// Its text, and whether it stands without quotes.
    Scalar(Cow<'t, str>, bool),
    Map(Vec<(Node<'t>, Node<'t>)>),
    List(Vec<Node<'t>>),
}

impl<'t> Node<'t> {
    pub(in crate::reread) fn text(&self) -> Option<&Cow<'t, str>> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    pub(in crate::reread) fn entries(&self) -> &[(Self, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(in crate::reread) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The key and the value of an entry.
    pub(in crate::reread) fn entry(&self, key: &str) -> Option<(&Self, &Self)> {
        let found = self.entries().iter().find(|(at, _)| at.text().is_some_and(|text| text == key));
        found.map(|(key, value)| (key, value))
    }

    /// What stands at the end of these keys.
    pub(in crate::reread) fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| Some(node.entry(key)?.1))
    }

    /// What a reader of YAML 1.1 takes the scalar for, where that is no string.
    pub(in crate::reread) fn no_string(&self) -> Option<&'static str> {
        match &self.value {
            Value::Scalar(text, true) => other_than_string(text),
            _ => None,
        }
    }
}

/// Values within values, at most.
const DEPTH: usize = 64;

/// The one document of a file.
pub(in crate::reread) fn read(text: &str) -> Result<Node<'_>, Unreadable> {
    let mut documents: Vec<Node<'_>> = Vec::new();
    // What is open: its start, and what it holds so far. A map holds keys and values by turns.
    let mut open: Vec<(Range<usize>, bool, Vec<Node<'_>>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or_default().min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            Unreadable::new(error.info(), at..at)
        })?;
        let span = span.byte_range().unwrap_or_default();
        let node = match event {
            Event::Scalar(value, style, _, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                Node { span, value: Value::Scalar(value, plain) }
            }
            Event::Alias(_) => {
                let name = text.get(span.clone()).unwrap_or_default();
                return Err(Unreadable::new(format!("write out what `{name}` stands for"), span));
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if open.len() == DEPTH {
                    return Err(Unreadable::new("this is nested too deeply", span));
                }
                open.push((span, matches!(event, Event::MappingStart(..)), Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                let Some((start, map, nodes)) = open.pop() else { continue };
                Node { span: start.start..span.end.max(start.start), value: collection(map, nodes) }
            }
            _ => continue,
        };
        match open.last_mut() {
            Some((_, _, nodes)) => nodes.push(node),
            None => documents.push(node),
        }
    }
    match documents.len() {
        1 => Ok(documents.remove(0)),
        0 => Err(Unreadable::new("there is nothing in it", 0..0)),
        _ => Err(Unreadable::new("there is a second document in it", documents.remove(1).span)),
    }
}

fn collection(map: bool, nodes: Vec<Node<'_>>) -> Value<'_> {
    if !map {
        return Value::List(nodes);
    }
    let mut nodes = nodes.into_iter();
    let mut entries = Vec::new();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        entries.push((key, value));
    }
    Value::Map(entries)
}

/// The types of YAML 1.1, which the Google Cloud CLI reads.
fn other_than_string(text: &str) -> Option<&'static str> {
    const BOOLEANS: &[&str] = &["true", "false", "yes", "no", "on", "off"];
    // Only these ways of writing them count: `yEs` is a string.
    let one_case = text == text.to_lowercase()
        || text == text.to_uppercase()
        || text.get(1..).is_some_and(|rest| rest == rest.to_lowercase());
    if one_case && BOOLEANS.contains(&text.to_lowercase().as_str()) {
        return Some("a boolean");
    }
    if is_number(text) {
        return Some("a number");
    }
    is_date(text).then_some("a date")
}

/// The integers and floats of <https://yaml.org/type/>: `1e3` is none, and neither is `08`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |text: &str, legal: &dyn Fn(char) -> bool| text.chars().all(|c| c == '_' || legal(c));
    let digits = |text: &str| all(text, &|c| c.is_ascii_digit());
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && digits(text);
    let in_base = |prefix: &str, base: u32| {
        unsigned.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && all(rest, &|c| c.is_digit(base)))
    };
    if matches!(unsigned, "0" | ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if in_base("0b", 2) || in_base("0x", 16) || in_base("0", 8) {
        return true;
    }
    let integer = |text: &str| begins(text) && !text.starts_with('0');
    // 12:30:45 counts by sixty.
    let (first, sixties) = unsigned.split_once(':').unwrap_or((unsigned, ""));
    if !sixties.is_empty() {
        let (whole, fraction) = sixties.split_once('.').map_or((sixties, None), |(whole, rest)| (whole, Some(rest)));
        let sixty = |part: &str| matches!(part.len(), 1 | 2) && part.parse::<u8>().is_ok_and(|part| part < 60);
        let first = if fraction.is_some() { begins(first) } else { integer(first) };
        return first && whole.split(':').all(sixty) && fraction.is_none_or(digits);
    }
    let Some((whole, fraction)) = unsigned.split_once('.') else { return integer(unsigned) };
    let (fraction, exponent) = match fraction.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, exponent.strip_prefix(['-', '+']).unwrap_or("none")),
        None => (fraction, "0"),
    };
    let signed_exponent = !exponent.is_empty() && exponent.chars().all(|c| c.is_ascii_digit());
    let number = begins(whole) || (whole.is_empty() && text == unsigned && !fraction.is_empty());
    number && digits(fraction) && signed_exponent
}

fn is_date(text: &str) -> bool {
    let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<_> = day.split('-').collect();
    let number =
        |part: &str, digits: &[usize]| digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    match parts[..] {
        [year, month, day] if number(year, &[4]) && number(month, &[1, 2]) && number(day, &[1, 2]) => {
            let time = &text[year.len() + month.len() + day.len() + 2..];
            time.chars().all(|c| c.is_ascii_digit() || " Tt:.Zz+-".contains(c))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_their_places() {
        let text = "# c\n---\na:\n  b: \"x\\ty\" # d\n  é: [1, 'two']\nc: |\n  lines\n";
        let root = read(text).unwrap();
        let at = |keys: &[&str]| root.at(keys).unwrap();
        assert_eq!(at(&["a", "b"]).text().unwrap(), "x\ty");
        assert_eq!(&text[at(&["a", "b"]).span.clone()], "\"x\\ty\"");
        let list = at(&["a", "é"]).items();
        assert_eq!((&text[list[0].span.clone()], list[0].no_string()), ("1", Some("a number")));
        assert_eq!((&text[list[1].span.clone()], list[1].no_string()), ("'two'", None));
        let (key, _) = root.at(&["a"]).unwrap().entry("é").unwrap();
        assert_eq!(&text[key.span.clone()], "é");
        assert_eq!(at(&["c"]).text().unwrap(), "lines\n");
        assert!(root.at(&["a", "z"]).is_none());
    }

    #[test]
    fn what_is_broken_is_said() {
        for text in ["", "a: [1", "a: b: c", "a: 1\n---\nb: 2\n", "a: &x 1\nb: *x\n", "é: [", "a: *y"] {
            let error = read(text).unwrap_err();
            assert!(!error.message.is_empty() && text.get(error.at.clone()).is_some(), "{text:?}: {error:?}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn what_yaml_1_1_takes_for_no_string() {
        for text in ["true", "True", "TRUE", "yes", "No", "on", "OFF"] {
            assert_eq!(other_than_string(text), Some("a boolean"), "{text}");
        }
        for text in ["0", "-1", "8080", "1_000", "1.5", "1.", "1.5e+3", "0x1F", "017", "12:30:45", ".5", "+.inf"] {
            assert_eq!(other_than_string(text), Some("a number"), "{text}");
        }
        for text in ["2026-01-04", "2026-1-4 10:00:00Z"] {
            assert_eq!(other_than_string(text), Some("a date"), "{text}");
        }
        let strings = [
            "",
            "~",
            "null",
            "tRue",
            "y",
            "1Gi",
            "500m",
            "v1",
            "1.2.3",
            "https://a:80",
            "a",
            "-",
            ".",
            "1e",
            "1e3",
            "08",
            "0:0",
            "12:60",
            "0o17",
            "1.5e3",
            "2026-01",
            "-.nan",
        ];
        for text in strings {
            assert_eq!(other_than_string(text), None, "{text}");
        }
    }

    proptest::proptest! {
        /// Whatever portalgen writes as a string is read as that string.
        #[test]
        fn what_is_written_is_read(text in "[a-zA-Z0-9_.:,~=+-]{0,8}|\\PC*") {
            let entry = std::collections::BTreeMap::from([("key", text.clone())]);
            let written = serde_yaml::to_string(&entry).unwrap();
            let root = read(&written).unwrap();
            let value = root.at(&["key"]).unwrap();
            proptest::prop_assert_eq!(value.text().unwrap(), &text);
            proptest::prop_assert_eq!(value.no_string(), None, "{}", written);
        }
    }
}
