//! What a placeholder of a Markdown template becomes: it follows from where it stands, so that no template has to say
//! it, or can forget it.
//!
//! In a block of `sh` a value is a shell token, elsewhere a code span, whose `|` are escaped in a table. No other block
//! takes a value, and neither does a code span that the template opens. [`Prose`] is the exception: sentences that Rust
//! has written, with values between backticks. While a template is rendered each value is packed; [`settle`] unpacks
//! them all when the lines are known.

use minijinja::value::Value;
use serde::{Serialize, Serializer};

use crate::escape::{self, Language};

/// Sentences in one line, with values between backticks; in a `mermaid` block, a picture as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose(pub String);

impl Serialize for Prose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A value of an author, packed.
pub(crate) fn pack(text: &str) -> String {
    packed('v', text)
}

/// What Rust has written, packed: [`Prose`], or a line of the header.
pub(crate) fn pack_prose(text: &str) -> String {
    packed('p', text)
}

/// As hexadecimal digits, so that nothing in the text is taken for a mark.
fn packed(kind: char, text: &str) -> String {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{OPEN}{kind}{digits}{CLOSE}")
}

/// What a line of a page is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Comment,
    Shell,
    Mermaid,
    OtherBlock,
}

/// Unpacks every value of a rendered page.
///
/// # Errors
///
/// If a value stands where none can be written.
pub(crate) fn settle(page: &str) -> Result<String, String> {
    let mut settled = String::new();
    let mut place = Place::Text;
    for line in page.split_inclusive('\n') {
        // What is left out of a page leaves no gap.
        if place == Place::Text && line == "\n" && settled.ends_with("\n\n") {
            continue;
        }
        let fence = line.trim_start().strip_prefix("```").map(str::trim_end);
        place = match (place, fence) {
            (Place::Text, Some("sh")) => Place::Shell,
            (Place::Text, Some("mermaid")) => Place::Mermaid,
            (Place::Text, Some(_)) => Place::OtherBlock,
            (_, Some(_)) => Place::Text,
            (Place::Text, None) if line.starts_with("<!--") => Place::Comment,
            (Place::Comment, None) if line.starts_with("-->") => Place::Text,
            (place, None) => place,
        };
        let mut rest = line;
        while let Some((before, after)) = rest.split_once(OPEN) {
            settled.push_str(before);
            let (packed, after) = after.split_once(CLOSE).ok_or("a value has no end")?;
            settled.push_str(&value(packed, place, line, &line[..line.len() - rest.len() + before.len()])?);
            rest = after;
        }
        settled.push_str(rest);
    }
    Ok(settled)
}

fn value(packed: &str, place: Place, line: &str, before: &str) -> Result<String, String> {
    let (kind, digits) = packed.split_at(1);
    let bytes = digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16));
    let bytes: Vec<u8> = bytes.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    let outside_of_spans = before.matches('`').count().is_multiple_of(2);
    let span = |text: &str| {
        let span = Language::Markdown.token(text).map_err(|error| error.to_string())?;
        Ok(if line.trim_start().starts_with('|') { span.replace('|', "\\|") } else { span })
    };
    match (kind, place) {
        ("p", Place::Mermaid) => Ok(text),
        // The comment ends at the first `-->`.
        ("p", Place::Comment) => Ok(text.replace('>', "&gt;")),
        ("p", Place::Text) if outside_of_spans => {
            let parts = text.split('`').enumerate();
            parts.map(|(i, part)| if i % 2 == 1 { span(part) } else { Ok(escape::markdown_text(part)) }).collect()
        }
        ("v", Place::Shell) => escape::shell_in_line(&text).map_err(|error| error.to_string()),
        ("v", Place::Text) if outside_of_spans => span(&text),
        _ => Err(format!("no value can be written here: {}", before.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(before: &str, value: &str, after: &str) -> Result<String, String> {
        settle(&format!("{before}{}{after}", pack(value)))
    }

    #[test]
    fn a_value_is_what_its_place_takes() {
        assert_eq!(page("see ", "a`b|c", "\n").unwrap(), "see ``a`b|c``\n");
        assert_eq!(page("| x | ", "a|b", " |\n").unwrap(), "| x | `a\\|b` |\n");
        assert_eq!(page("```sh\necho ", "a b", "\n```\n").unwrap(), "```sh\necho 'a b'\n```\n");
        assert_eq!(page("- x:\n  ```sh\n  echo ", "$x", "\n").unwrap(), "- x:\n  ```sh\n  echo '$x'\n");
        assert_eq!(page("```sh\nx\n```\nsee ", "$x", "\n").unwrap(), "```sh\nx\n```\nsee `$x`\n");
    }

    #[test]
    fn a_value_stays_in_its_line() {
        let hostile = "a\n```\n# b\u{2028}'";
        assert_eq!(page("", hostile, "\n").unwrap(), "````a\\u{a}```\\u{a}# b\\u{2028}'````\n");
        assert_eq!(page("```sh\necho ", hostile, "\n").unwrap(), "```sh\necho $'a\\u000a```\\u000a# b\\u2028\\''\n");
    }

    #[test]
    fn where_no_value_can_be_written_none_is() {
        for before in ["a `span ", "```text\n", "```mermaid\n"] {
            assert!(page(before, "x", "\n").is_err(), "{before}");
        }
        assert!(settle(&format!("```sh\n{}\n", pack_prose("x"))).is_err());
    }

    #[test]
    fn there_is_one_empty_line_at_most_but_in_a_block() {
        assert_eq!(settle("a\n\n\n\nb\n```sh\nc\n\n\nd\n```\n").unwrap(), "a\n\nb\n```sh\nc\n\n\nd\n```\n");
    }

    #[test]
    fn prose_has_no_marks_but_its_spans() {
        assert_eq!(settle(&pack_prose("one *two* `a|*b` <c>")).unwrap(), "one \\*two\\* `a|*b` \\<c\\>");
        assert_eq!(settle(&format!("| {} |", pack_prose("`a|b` c|d"))).unwrap(), "| `a\\|b` c\\|d |");
        assert_eq!(settle(&format!("<!--\n{}\n-->\n", pack_prose("a --> b"))).unwrap(), "<!--\na --&gt; b\n-->\n");
    }
}
