//! One file: its text and, in TOML, its values and where in the text each key and value stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// Keys and indices that lead from the top of a file to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Segment>);

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a table.
    Key(String),
    /// A place in an array, from 0.
    Index(usize),
}

impl KeyPath {
    /// The path through these keys.
    pub fn new<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self(keys.into_iter().map(|key| Segment::Key(key.into())).collect())
    }

    /// This path, one key further.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.then(Segment::Key(key.into()))
    }

    /// This path, one array element further.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this path is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if i == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A spot between two characters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// A mistake in the TOML itself.
#[derive(Debug)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

/// The parser's words for the mistakes that authors make most, in theirs.
fn in_words(message: &str, at: &str) -> String {
    match message {
        "string values must be quoted, expected literal string" if at.trim().is_empty() => "a value is missing here",
        "string values must be quoted, expected literal string" => "text must stand in quotes",
        "invalid basic string, expected `\"`" => "the closing quote is missing",
        "key with no value, expected `=`" => "this key has no `=` and no value",
        "duplicate key" => "this key is there already",
        other => other,
    }
    .to_owned()
}

/// Something in a file that must not be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Where it stands in the text, without quotes.
    pub span: Range<usize>,
    /// What it says.
    pub value: String,
}

/// One file, of TOML in most cases.
#[derive(Debug)]
pub struct Source {
    /// The path as it is shown to the user.
    pub path: String,
    /// The text, to the letter. To show it to anybody, use [`Source::shown`].
    pub text: String,
    root: Node,
    hidden: Vec<Hidden>,
    /// The text with asterisks where something is hidden.
    shown: Mask,
}

#[derive(Debug)]
struct Node {
    /// Where the key stands; nothing for the root and for array elements.
    key: Option<Range<usize>>,
    value: Range<usize>,
    kind: &'static str,
    children: Vec<(Segment, Node)>,
    /// The number of each child.
    numbers: BTreeMap<Segment, usize>,
}

impl Node {
    fn new(key: Option<Range<usize>>, value: Range<usize>, kind: &'static str, children: Vec<(Segment, Self)>) -> Self {
        let numbers = children.iter().enumerate().map(|(i, (segment, _))| (segment.clone(), i)).collect();
        Self { key, value, kind, children, numbers }
    }
}

/// A text with an asterisk for each hidden character but line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    text: String,
    /// Behind each hidden character of several bytes: where that is in the original, and how many bytes fewer there
    /// are up to there.
    shrunk: Vec<(usize, usize)>,
}

impl Mask {
    /// The text without these spans.
    pub fn new<'s>(text: &str, spans: impl IntoIterator<Item = &'s Range<usize>>) -> Self {
        let mut spans: Vec<_> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        spans.sort_by_key(|span| (span.start, span.end));
        let mut mask = Self { text: String::with_capacity(text.len()), shrunk: Vec::new() };
        let (mut done, mut fewer) = (0, 0);
        for span in spans {
            let start = span.start.max(done);
            let Some(hidden) = text.get(start..span.end) else { continue };
            mask.text.push_str(&text[done..start]);
            for (at, c) in hidden.char_indices() {
                mask.text.push(if c == '\n' { c } else { '*' });
                if c.len_utf8() > 1 {
                    fewer += c.len_utf8() - 1;
                    mask.shrunk.push((start + at + c.len_utf8(), fewer));
                }
            }
            done = span.end;
        }
        mask.text.push_str(&text[done..]);
        mask
    }

    /// The text as it may be printed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where this byte of the original is.
    fn offset(&self, at: usize) -> usize {
        let behind = self.shrunk.partition_point(|(end, _)| *end <= at);
        at - behind.checked_sub(1).map_or(0, |last| self.shrunk[last].1)
    }
}

impl Source {
    /// Reads the text as TOML. Every syntax error is reported; what could be read is in the value.
    pub fn parse(path: impl Into<String>, text: impl Into<String>) -> (Self, Value, Vec<SyntaxError>) {
        let text = text.into();
        let (table, errors) = DeTable::parse_recoverable(&text);
        let whole = 0..text.len();
        let (root, value) = table_node(None, whole, table.get_ref());
        let errors = errors
            .into_iter()
            .map(|error| {
                let span = error.span().unwrap_or(0..0);
                SyntaxError { message: in_words(error.message(), text.get(span.clone()).unwrap_or_default()), span }
            })
            .collect();
        (Self { path: path.into(), shown: Mask::new(&text, []), text, root, hidden: Vec::new() }, value, errors)
    }

    /// Lets nobody see these parts of the text.
    pub fn hide(&mut self, hidden: Vec<Hidden>) {
        self.shown = Mask::new(&self.text, hidden.iter().map(|hidden| &hidden.span));
        self.hidden = hidden;
    }

    /// What nobody is to see.
    pub fn hidden(&self) -> &[Hidden] {
        &self.hidden
    }

    /// The text as it may be printed: with asterisks where something is hidden.
    pub fn shown(&self) -> &str {
        self.shown.as_str()
    }

    /// Where in the shown text these bytes of the text are.
    pub fn shown_span(&self, span: Range<usize>) -> Range<usize> {
        self.shown.offset(span.start)..self.shown.offset(span.end)
    }

    /// A file that is no TOML: a text to point into.
    pub fn plain(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let root = Node::new(None, 0..text.len(), "text", Vec::new());
        Self { path: path.into(), shown: Mask::new(&text, []), text, root, hidden: Vec::new() }
    }

    /// Where the key at the end of this path stands, or the nearest table above it.
    pub fn key_span(&self, path: &KeyPath) -> Range<usize> {
        let (node, complete) = self.nearest(path);
        match &node.key {
            Some(key) if complete => key.clone(),
            _ => self.head(node),
        }
    }

    /// Where the value at the end of this path stands, or the nearest table above it.
    pub fn value_span(&self, path: &KeyPath) -> Range<usize> {
        let (node, complete) = self.nearest(path);
        if complete && !(node.kind == "table" || node.kind == "array") { node.value.clone() } else { self.head(node) }
    }

    /// Line and column of a byte of the text.
    pub fn position(&self, offset: usize) -> Position {
        let offset = (0..=offset.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        let before = &self.text[..offset.unwrap_or_default()];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// Whether the file has something at the end of this path.
    pub fn has(&self, path: &KeyPath) -> bool {
        self.nearest(path).1
    }

    /// Whether the file has the table that the key at the end of this path belongs in.
    pub fn has_table_of(&self, path: &KeyPath) -> bool {
        matches!(path.segments(), [table @ .., _] if !table.is_empty() && self.has(&KeyPath(table.to_vec())))
    }

    /// The TOML type of the value at the end of this path, in words.
    pub fn kind(&self, path: &KeyPath) -> &'static str {
        self.nearest(path).0.kind
    }

    /// The keys of the table at the end of this path.
    pub fn keys(&self, path: &KeyPath) -> Vec<&str> {
        let children = self.nearest(path).0.children.iter();
        children
            .filter_map(|(segment, _)| if let Segment::Key(key) = segment { Some(key.as_str()) } else { None })
            .collect()
    }

    /// The value's text as it stands in the file, with asterisks where something is hidden.
    pub fn excerpt(&self, path: &KeyPath) -> &str {
        &self.shown()[self.shown_span(self.nearest(path).0.value.clone())]
    }

    /// What to mark for a whole table or array: its key or header, not its contents.
    fn head(&self, node: &Node) -> Range<usize> {
        if node.key.is_none() && node.value == (0..self.text.len()) {
            // The file as a whole: its first line.
            return 0..self.text.find('\n').unwrap_or(self.text.len());
        }
        let value = &self.text[node.value.clone()];
        match &node.key {
            Some(key) if value.contains('\n') => key.clone(),
            _ => node.value.clone(),
        }
    }

    fn nearest(&self, path: &KeyPath) -> (&Node, bool) {
        let mut node = &self.root;
        for segment in path.segments() {
            match node.numbers.get(segment) {
                Some(number) => node = &node.children[*number].1,
                None => return (node, false),
            }
        }
        (node, true)
    }
}

fn table_node(key: Option<Range<usize>>, span: Range<usize>, table: &DeTable<'_>) -> (Node, Value) {
    let mut children = Vec::new();
    let mut object = serde_json::Map::new();
    for (name, value) in table {
        let text: &Cow<'_, str> = name.get_ref();
        let (child, json) = node(Some(name.span()), value.span(), value.get_ref());
        children.push((Segment::Key(text.to_string()), child));
        object.insert(text.to_string(), json);
    }
    (Node::new(key, span, "table", children), Value::Object(object))
}

fn node(key: Option<Range<usize>>, span: Range<usize>, value: &DeValue<'_>) -> (Node, Value) {
    let leaf = |kind, json| (Node::new(key.clone(), span.clone(), kind, Vec::new()), json);
    match value {
        DeValue::String(text) => leaf("string", Value::String(text.to_string())),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            // A number that no integer holds is out of every range.
            leaf("integer", number.map_or_else(|_| f64::MAX.into(), Value::from))
        }
        // JSON has no infinity and no NaN; null is refused wherever a number is due.
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            // JSON Schema knows no difference between 1.0 and 1, so editors accept both.
            Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => leaf("float", (number as i64).into()),
            Ok(number) if number.is_finite() => leaf("float", number.into()),
            _ => leaf("infinity", Value::Null),
        },
        DeValue::Boolean(boolean) => leaf("boolean", Value::Bool(*boolean)),
        // No key takes a date; null is refused everywhere.
        DeValue::Datetime(_) => leaf("date", Value::Null),
        DeValue::Array(array) => {
            let items = array.iter().map(|item| node(None, item.span(), item.get_ref()));
            let (nodes, values): (Vec<_>, Vec<_>) = items.unzip();
            let children = nodes.into_iter().enumerate().map(|(i, node)| (Segment::Index(i), node)).collect();
            (Node::new(key, span, "array", children), Value::Array(values))
        }
        DeValue::Table(table) => table_node(key, span, table),
    }
}
