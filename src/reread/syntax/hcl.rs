//! Terraform: blocks and arguments, and the strings among their values.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;

use super::Unreadable;

pub(in crate::reread) fn read(text: &str) -> Result<Body, Unreadable> {
    hcl_edit::parser::parse_body(text).map_err(|error| {
        let line = error.location().line().saturating_sub(1);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let indent = text[start..].len() - text[start..].trim_start().len();
        let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        Unreadable::new(error.message(), (start + indent).min(end)..end)
    })
}

/// An argument of a block: where it stands and what it says.
#[derive(Debug)]
pub(in crate::reread) struct Argument<'b> {
    pub(in crate::reread) name: &'b str,
    pub(in crate::reread) value: &'b Expression,
    /// From the name to the end of the value.
    pub(in crate::reread) span: Range<usize>,
}

pub(in crate::reread) fn arguments(body: &Body) -> impl Iterator<Item = Argument<'_>> {
    body.attributes().map(|attribute| {
        let start = span(&attribute.key).start;
        Argument { name: attribute.key.as_str(), value: &attribute.value, span: start..span(&attribute.value).end }
    })
}

pub(in crate::reread) fn argument<'b>(body: &'b Body, name: &str) -> Option<Argument<'b>> {
    arguments(body).find(|argument| argument.name == name)
}

/// A block's labels.
pub(in crate::reread) fn labels(block: &Block) -> Vec<&str> {
    block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect()
}

/// What a value says: the text of a string, and anything else as it is written.
pub(in crate::reread) fn text(expression: &Expression, source: &str) -> String {
    match expression {
        Expression::String(string) => string.to_string(),
        Expression::StringTemplate(template) => {
            let literal = |element: &Element| element.as_literal().map(|literal| literal.to_string());
            template.iter().map(literal).collect::<Option<String>>().unwrap_or_else(|| written(expression, source))
        }
        _ => written(expression, source),
    }
}

/// The same for a key of an object.
pub(in crate::reread) fn key(key: &ObjectKey, source: &str) -> (String, Range<usize>) {
    match key {
        ObjectKey::Ident(ident) => (ident.to_string(), span(ident)),
        ObjectKey::Expression(expression) => (text(expression, source), span(expression)),
    }
}

fn written(expression: &Expression, source: &str) -> String {
    source.get(span(expression)).unwrap_or_default().to_owned()
}

/// Where something stands; the parser says so of all that it read.
pub(in crate::reread) fn span(of: &impl Span) -> Range<usize> {
    of.span().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_and_their_places() {
        let source = "a \"b\" {\n  # é\n  c = \"x$${y}\\n\"\n  d = var.z\n  e = { \"f.g\" = { h = 1 } }\n}\n";
        let body = read(source).unwrap();
        let block = body.blocks().next().unwrap();
        assert_eq!((block.ident.as_str(), labels(block)), ("a", vec!["b"]));
        let c = argument(&block.body, "c").unwrap();
        assert_eq!((text(c.value, source).as_str(), &source[c.span]), ("x${y}\n", "c = \"x$${y}\\n\""));
        assert_eq!(text(argument(&block.body, "d").unwrap().value, source), "var.z");
        let Some(Expression::Object(object)) = argument(&block.body, "e").map(|e| e.value) else { panic!("an object") };
        let (name, at) = key(object.iter().next().unwrap().0, source);
        assert_eq!((name.as_str(), &source[at]), ("f.g", "\"f.g\""));
    }

    #[test]
    fn what_is_broken_is_said_in_its_line() {
        let source = "a {\n  b = \n}\n";
        let error = read(source).unwrap_err();
        assert!(error.at.start >= 4 && error.at.end <= source.len(), "{error:?}");
        assert!(read("é = \"").is_err() && read("}").is_err());
    }
}
