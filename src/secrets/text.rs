//! Where secrets stand in a text that nobody has read as values: in comments, in files that are broken or no TOML.

use std::ops::Range;

use super::look::{self, is_placeholder};
use super::{is_hidden, is_reference, names};

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A program, a list of variables, YAML.
    Other,
    /// TOML; of interest are its comments.
    Toml,
    /// TOML that cannot be read.
    Broken,
}

const LONG_RUN: usize = 1024;

/// What stands behind the names of secrets: `NAME=value`, `name: "value"`, `name = "NAME", value = "value"`.
pub(super) fn assignments(text: &str, reading: Reading) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += run(bytes, at, is_of_word);
        if at == start {
            at += 1;
        } else if let Some(span) = behind(text, &(start..at), reading) {
            at = span.end.max(at);
            found.push(span);
        }
    }
    found
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

fn run(bytes: &[u8], at: usize, of: fn(u8) -> bool) -> usize {
    bytes.iter().skip(at).take_while(|byte| of(**byte)).count()
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    at + run(bytes, at, |byte| byte == b' ' || byte == b'\t')
}

/// The secret behind a word, if the word is the name of one.
fn behind(text: &str, word: &Range<usize>, reading: Reading) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let name = &text[word.clone()];
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let quoted = word.start > 0 && is_quote(byte(word.start - 1)) && byte(word.end) == byte(word.start - 1);
    let first = || {
        let before = text[..word.start].trim_end_matches([' ', '\t', '"', '\'', '#', '-']);
        before.is_empty() || before.ends_with('\n')
    };
    let after = blanks(bytes, word.end + usize::from(quoted));
    let capital = !name.bytes().any(|b| b.is_ascii_lowercase());
    let (start, tight) = match (separator(bytes, after), byte(after)) {
        (Some(length), _) => (after + length, after == word.end && !byte(after + length).is_ascii_whitespace()),
        _ if !names::names_secret(name) => return None,
        (None, mark) => match value_of_pair(bytes, after) {
            Some(start) => (start, true),
            None if mark == b',' && quoted => (after + 1, false),
            None if reading == Reading::Broken && after > word.end && (is_quote(mark) || capital || first()) => {
                (after, false)
            }
            None => return None,
        },
    };
    let reference = ["--set-secrets ", "--update-secrets "].iter().any(|flag| text[..word.start].ends_with(flag));
    if !names::names_secret(name) || reference {
        return None;
    }
    let start = blanks(bytes, start);
    let span = match literal(text, start) {
        Some(span) => span,
        None if byte(after) == b',' || matches!(byte(start), b'{' | b'[' | b'(' | b',') => return None,
        None => {
            let whole = reading == Reading::Broken || tight && first();
            let ends = |c: char| if whole { c == '\n' } else { c.is_whitespace() || ",;&\"'`)}]".contains(c) };
            let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
            let span = start..start + text[start..end].trim_end().len();
            let value = &text[span.clone()];
            // So much without a blank is no word, and is not to be looked at from each name in it.
            if value.len() > LONG_RUN {
                return Some(span);
            }
            let mixed = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
            let meant = reading == Reading::Broken || capital && tight || mixed;
            if !meant || is_expression(value) {
                return None;
            }
            span
        }
    };
    let value = &text[span.clone()];
    // The name of a variable again, or a reference to Secret Manager.
    let named = byte(after) == b',' && value.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let reference = reading != Reading::Other && matches!(name, "secret" | "version") && is_reference(name, value);
    (!named && !reference && look::of_variable(name, value).is_some()).then_some(span)
}

/// The length of what stands between a name and its value.
fn separator(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'=', b'=', ..] | [b':', b':' | b'/', ..] => None,
        [b'=', b'>', ..] | [b':', b'=', ..] => Some(2),
        [b'=' | b':', ..] => Some(1),
        _ => None,
    }
}

/// Behind a name that is itself a value: where the value begins, behind `value =`.
fn value_of_pair(bytes: &[u8], at: usize) -> Option<usize> {
    let at = at + run(bytes, at, |byte| byte.is_ascii_whitespace() || byte == b',');
    let at = at + usize::from(bytes.get(at).is_some_and(|byte| is_quote(*byte)));
    let rest = bytes.get(at..)?.strip_prefix(b"value")?;
    let at = at + "value".len() + usize::from(rest.first().is_some_and(|byte| is_quote(*byte)));
    let at = blanks(bytes, at);
    separator(bytes, at).map(|length| at + length)
}

/// What stands between the quotes that begin here, behind one or two letters as Python has them.
fn literal(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let letters = run(bytes, start, |byte| b"rRbBfFuU".contains(&byte)).min(2);
    let start = start + if bytes.get(start + letters).is_some_and(|byte| is_quote(*byte)) { letters } else { 0 };
    let quote = *bytes.get(start).filter(|byte| is_quote(**byte))?;
    let three = [quote; 3];
    if bytes[start..].starts_with(&three) {
        let inner = start + three.len();
        let end = bytes[inner..].windows(3).position(|end| end == three).map_or(bytes.len(), |at| inner + at);
        return Some(inner..end);
    }
    let mut end = start + 1;
    while end < bytes.len() && bytes[end] != quote && bytes[end] != b'\n' {
        end += if bytes[end] == b'\\' && end + 1 < bytes.len() && bytes[end + 1] != b'\n' { 2 } else { 1 };
    }
    // A sign of several bytes behind a backslash.
    let end = (end.min(text.len())..=text.len()).find(|end| text.is_char_boundary(*end))?;
    Some(start + 1..end)
}

/// Whether a value is what a program works out: `os.environ["TOKEN"]`.
fn is_expression(value: &str) -> bool {
    let name = value.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b)).count();
    name > 0 && value[name..].starts_with(['(', '['])
}

/// Lines of a TOML file that could not be read, by their table and key, and by what stands behind the equals sign.
pub(super) fn lines(text: &str) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let mut table: Vec<&str> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let key = line.trim_start();
        if key.starts_with('[') {
            table = keys(key.trim_matches(['[', ']', ' ', '\t', '\n', '\r']));
        } else if let Some((key, rest)) = line.split_once('=').filter(|_| !key.starts_with('#')) {
            let path: Vec<_> = table.iter().copied().chain(keys(key)).collect();
            let first = start + key.len() + 1 + (rest.len() - rest.trim_start().len());
            let value = rest.trim();
            let quote = ["\"\"\"", "'''"].iter().find(|quote| value.starts_with(**quote));
            if quote.is_some_and(|quote| !text[first + quote.len()..].contains(quote)) {
                hidden.push(first..text.len());
                break;
            } else if value.starts_with(['{', '[']) {
                hidden.extend(inside(text, first, &path));
            } else if is_hidden(&path, value.trim_matches(['"', '\''])) {
                hidden.push(first..first + value.len());
            }
        }
        start += line.len();
    }
    hidden
}

fn keys(path: &str) -> Vec<&str> {
    path.split('.').map(|key| key.trim().trim_matches(['"', '\'']).trim()).collect()
}

/// What is hidden of a table or list that begins here.
fn inside(text: &str, first: usize, path: &[&str]) -> Vec<Range<usize>> {
    let mut hidden = Vec::new();
    let bytes = text.as_bytes();
    let mut end = first + text[first..].find('\n').unwrap_or(text.len() - first);
    // A list may go on.
    while bytes[first] == b'[' && !text[first..end].contains(']') && end < text.len() {
        let line = &text[end + 1..];
        let line = &line[..line.find('\n').unwrap_or(line.len())];
        if line.contains('=') || line.starts_with('[') {
            break;
        }
        end += 1 + line.len();
    }
    let mut at = first;
    let mut key: Vec<&str> = Vec::new();
    while at < end {
        let word = run(bytes, at, |byte| is_of_word(byte) || byte == b'.' || !byte.is_ascii());
        let span = literal(text, at).unwrap_or(at..at + word);
        let next = blanks(bytes, span.end + usize::from(span.start > at)).max(at + 1);
        if !span.is_empty() && bytes.get(next) == Some(&b'=') {
            key = keys(&text[span]);
        } else if !span.is_empty() {
            // A bare value goes on to the next comma.
            let stop = |span: &Range<usize>| text[span.start..end].find([',', '}', ']', '\n']).unwrap_or(end - at);
            let span = if span.start > at { span } else { at..at + stop(&span) };
            let path: Vec<_> = path.iter().chain(&key).copied().collect();
            let value = text[span.clone()].trim();
            if !is_placeholder(value) && is_hidden(&path, value) {
                hidden.push(span.start..span.start + text[span.clone()].trim_end().len());
            }
            at = span.end.max(next);
            key.clear();
            continue;
        }
        at = next;
    }
    hidden
}
