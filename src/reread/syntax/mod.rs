//! Readers of the languages that the generated files are in, as far as their facts need: what is said, and where. None
//! knows what a file should say.

use std::ops::Range;

pub(super) mod dockerfile;
pub(super) mod hcl;
pub(super) mod nginx;
pub(super) mod shell;
pub(super) mod yaml;

/// Why a text is none of its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, in words.
    pub message: String,
    /// Where, in bytes of the text.
    pub at: Range<usize>,
}

impl Unreadable {
    pub(super) fn new(message: impl Into<String>, at: Range<usize>) -> Self {
        Self { message: message.into(), at }
    }
}

/// A word, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Quotes included.
    pub(super) span: Range<usize>,
}

/// The span of `part` in `text`, of which it is a slice.
pub(super) fn span_in(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}
