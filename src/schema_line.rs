//! The `#:schema` line, by which an editor finds the schema of a TOML file.

use std::ops::Range;

use crate::config::Kind;
use crate::finding::SourceId;
use crate::secrets::Found;

/// A TOML file of the author's, and what its `#:schema` line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlFile {
    /// The file among those that were read.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// Its first line.
    pub first_line: Range<usize>,
    /// Its `#:schema` line, if there is one.
    pub line: Option<SchemaLine>,
    /// The path that the line should lead along, from the file's folder.
    pub expected: String,
    /// Whether a file lies there.
    pub expected_exists: bool,
    /// Values that look like secrets.
    pub secrets: Vec<Found>,
}

/// A `#:schema` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaLine {
    /// The whole line.
    pub span: Range<usize>,
    /// The first key or table of the file, where it comes before the line.
    pub after: Option<Range<usize>>,
    /// What stands behind `#:schema`.
    pub target: String,
    /// Where that stands.
    pub target_span: Range<usize>,
    /// Whether a file lies there; nothing where that cannot be told.
    pub exists: Option<bool>,
}

impl SchemaLine {
    /// The line that editors read: the first before any key, or else the first of all, which they do not.
    pub fn find(text: &str) -> Option<Self> {
        let mut after = None;
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let content = line.trim();
            let at = start + line.find(content).unwrap_or_default();
            if let Some(rest) = content.strip_prefix("#:schema").filter(|rest| rest.starts_with([' ', '\t'])) {
                let target = rest.trim_start();
                let end = at + content.len();
                return Some(Self {
                    span: at..end,
                    after,
                    target: target.to_owned(),
                    target_span: end - target.len()..end,
                    exists: None,
                });
            }
            let is_key = !content.is_empty() && !content.starts_with('#');
            if is_key && after.is_none() {
                after = Some(at..at + content.len());
            }
        }
        None
    }

    /// Whether it leads to a file by a path from the TOML file's folder, so that it can be judged.
    pub fn is_relative(&self) -> bool {
        let begins = self.target.starts_with(['/', '\\']) || self.target.get(1..2) == Some(":");
        !(begins || self.target.contains("://") || self.target.contains('%'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found() {
        let text = "# why\n\n  #:schema  ../a b.json \r\nkey = 1\n";
        let line = SchemaLine::find(text).unwrap();
        assert_eq!((&text[line.span], &text[line.target_span]), ("#:schema  ../a b.json", "../a b.json"));
        assert_eq!((line.after, line.target.as_str()), (None, "../a b.json"));
        let text = "é = 1\n[a]\n#:schema x\n#:schema y";
        let line = SchemaLine::find(text).unwrap();
        assert_eq!((line.after.map(|span| &text[span]), line.target.as_str()), (Some("é = 1"), "x"));
        for none in ["", "a = 1\n", "# :schema x\n", "#:schemas x\n", "#:schema\n", "a = '#:schema x'\n"] {
            assert_eq!(SchemaLine::find(none), None, "{none}");
        }
    }

    #[test]
    fn a_path_of_its_own_is_judged() {
        let judged = |target: &str| SchemaLine::find(&format!("#:schema {target}")).unwrap().is_relative();
        assert!(judged("../schemas/x.json") && judged("x") && judged("é"));
        for other in ["https://x/y.json", "file:///x", "/x/y.json", "C:\\x.json", "C:/x.json", "a%20b.json"] {
            assert!(!judged(other), "{other}");
        }
    }
}
