//! Takes what must not be printed out of the words of findings.

use std::ops::Range;

use super::{LONG, RULE_ID, look};
use crate::finding::Finding;
use crate::source::{Hidden, KeyPath, Mask, Segment, Source};

/// Takes what must not be printed out of what every finding quotes. The rule that finds secrets quotes none.
pub fn conceal(findings: &mut [Finding], sources: &[Source]) {
    let values = |source: &Source| source.hidden().iter().map(|h| (h.clone(), spellings(h, source))).collect();
    let values: Vec<Vec<(Hidden, Vec<String>)>> = sources.iter().map(values).collect();
    for finding in findings.iter_mut().filter(|finding| finding.id != RULE_ID || finding.allowed.is_some()) {
        let spans: Vec<_> =
            finding.places.iter().map(|place| (place.source.0, place.at.span(&sources[place.source.0]))).collect();
        for (i, (hidden, spellings)) in values.iter().enumerate().flat_map(|(i, of)| of.iter().map(move |v| (i, v))) {
            let meets = |span: &Range<usize>| span.start < hidden.span.end && hidden.span.start < span.end;
            let about = spans.iter().any(|(of, span)| *of == i && meets(span));
            if !(about || hidden.value.chars().count() >= LONG) {
                continue;
            }
            // A reason is the author's from the first word to the last.
            finding.allowed.iter_mut().for_each(|text| *text = quote(text, spellings, about));
            if finding.id == RULE_ID {
                continue;
            }
            let conceal = |text: &mut String| *text = in_prose(text, spellings, about);
            conceal(&mut finding.message);
            finding.help.iter_mut().for_each(conceal);
            finding.places.iter_mut().for_each(|place| conceal(&mut place.label));
        }
    }
}

/// Keys as they may be printed.
pub fn key(path: &KeyPath) -> String {
    let segments = path.segments().iter().fold(KeyPath::default(), |shown, segment| match segment {
        Segment::Key(key) => {
            let found: Vec<_> = look::find(key).into_iter().map(|(span, _)| span).collect();
            shown.key(Mask::new(key, &found).as_str())
        }
        Segment::Index(index) => shown.index(*index),
    });
    segments.to_string()
}

/// How a value may be written in a message.
fn spellings(hidden: &Hidden, source: &Source) -> Vec<String> {
    let raw = source.text.get(hidden.span.clone()).unwrap_or_default();
    let in_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let value = hidden.value.as_str();
    let mut spellings = vec![
        value.to_owned(),
        value.trim().to_owned(),
        value.escape_debug().to_string(),
        raw.to_owned(),
        in_one_line(value),
        in_one_line(raw),
    ];
    spellings.retain(|spelling| !spelling.trim().is_empty());
    spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    spellings.dedup();
    spellings
}

/// The text without the value, wherever it stands between backticks or double quotes.
fn in_prose(text: &str, spellings: &[String], about: bool) -> String {
    let odd = spellings.iter().find(|value| value.contains(['`', '"']) && text.contains(value.as_str()));
    if odd.is_some() || text.matches('`').count() % 2 == 1 {
        // Where a quotation ends cannot be told.
        return quote(text, spellings, about);
    }
    let mut shown = String::new();
    for (i, piece) in text.split('`').enumerate() {
        if i > 0 {
            shown.push('`');
        }
        if i % 2 == 1 {
            shown.push_str(&quote(piece, spellings, about));
            continue;
        }
        for (i, piece) in piece.split('"').enumerate() {
            if i > 0 {
                shown.push('"');
            }
            shown.push_str(&if i % 2 == 1 { quote(piece, spellings, about) } else { piece.to_owned() });
        }
    }
    shown
}

/// What a message quotes, without the value.
fn quote(piece: &str, spellings: &[String], about: bool) -> String {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for value in spellings {
        let places = piece.match_indices(value.as_str()).map(|(at, _)| at..at + value.len());
        let long = value.chars().count() >= LONG;
        spans.extend(places.filter(|span| (about || long) && is_whole(piece, span)));
        // What is cut off after some letters.
        if let Some(cut) = piece.strip_suffix("...") {
            let least = if is_word(value) { LONG } else { 4 };
            let ends = value.char_indices().map(|(at, c)| at + c.len_utf8());
            let ends: Vec<_> = ends.filter(|end| *end >= least && *end <= cut.len()).collect();
            spans
                .extend(ends.iter().rev().find(|end| cut.ends_with(&value[..**end])).map(|e| cut.len() - e..cut.len()));
        }
    }
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    // What is made of it: the same in small letters, say.
    let same = |value: &String| {
        let value = plain(value);
        about && value.len() >= 6 && !is_word(&value) && plain(piece).contains(&value)
    };
    if spans.is_empty() && spellings.iter().any(same) {
        spans.push(0..piece.len());
    }
    Mask::new(piece, &spans).as_str().to_owned()
}

/// Whether a part of a text stands for itself there: a value that could be one of our own words, or a part of one,
/// counts only where nothing but quotes or the marks of an address stand round it.
pub(super) fn is_whole(text: &str, span: &Range<usize>) -> bool {
    let value = &text[span.clone()];
    let (before, after) = (text[..span.start].chars().next_back(), text[span.end..].chars().next());
    let around = |is_edge: fn(char) -> bool| before.is_none_or(is_edge) && after.is_none_or(is_edge);
    match value.chars().count() >= LONG {
        _ if is_word(value) => around(|c| c.is_whitespace() || "\"'`/@:=&?#,;".contains(c)) && !is_key(text, span),
        true => true,
        false => around(|c| !c.is_alphanumeric()),
    }
}

/// Whether it stands before an equals sign.
fn is_key(text: &str, span: &Range<usize>) -> bool {
    text[span.end..].trim_start_matches(' ').starts_with('=')
}

/// Whether it could be a word, or several.
pub(super) fn is_word(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-' | ' '))
}
