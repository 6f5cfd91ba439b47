//! What portalgen has to say about a file: a finding, and where it points.

use std::ops::Range;

use crate::source::{KeyPath, Source};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Works, but not as well as it could, or not for long.
    Warning,
    /// Will be refused or will not work. Nothing is written while one stands.
    Error,
}

impl Level {
    /// The word that every format has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Which of the read files a [`Place`] is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The key at the end of a path.
    Key(KeyPath),
    /// The value at the end of a path.
    Value(KeyPath),
    /// Bytes of the text, where there is no path (a syntax error).
    Span(Range<usize>),
}

impl At {
    /// The bytes of `source` that are meant.
    pub fn span(&self, source: &Source) -> Range<usize> {
        match self {
            Self::Key(path) => source.key_span(path),
            Self::Value(path) => source.value_span(path),
            Self::Span(span) => span.clone(),
        }
    }

    /// The path, where there is one.
    pub fn path(&self) -> Option<&KeyPath> {
        match self {
            Self::Key(path) | Self::Value(path) => Some(path),
            Self::Span(_) => None,
        }
    }
}

/// A spot in a file and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: SourceId,
    /// Where in it.
    pub at: At,
    /// A few words beside the caret; may be empty.
    pub label: String,
}

/// One thing that portalgen has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its id: kebab-case words that name the fault.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong, in the author's words.
    pub message: String,
    /// Where; the first is the main one.
    pub places: Vec<Place>,
    /// What else it follows from: if one of these is refused, there is nothing to say.
    pub rests_on: Vec<(SourceId, KeyPath)>,
    /// What to write instead.
    pub help: Option<String>,
    /// The reason why the author lets it pass, if so.
    pub allowed: Option<String>,
}

impl Finding {
    /// A finding without a place and without help.
    pub fn new(id: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self { id, level, message: message.into(), places: Vec::new(), rests_on: Vec::new(), help: None, allowed: None }
    }

    /// The same, pointing at one more spot.
    #[must_use]
    pub fn at(mut self, source: SourceId, at: At, label: impl Into<String>) -> Self {
        self.places.push(Place { source, at, label: label.into() });
        self
    }

    /// The same, if what stands at these keys is what the author wrote.
    #[must_use]
    pub fn rests_on(mut self, source: SourceId, path: &[&str]) -> Self {
        self.rests_on.push((source, KeyPath::new(path.iter().copied())));
        self
    }

    /// Whether the author has not let it pass.
    pub fn stands(&self) -> bool {
        self.allowed.is_none()
    }

    /// The same, with what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
