//! Sees where the `#:schema` lines of the TOML files lead.

use std::path::Path;

use super::{Reader, relative, text};
use crate::layout;
use crate::schema_line::{SchemaLine, TomlFile};

impl Reader<'_> {
    /// The TOML files read so far, but for those whose text is no TOML.
    pub(super) fn toml_files(&self, root: &Path) -> Vec<TomlFile> {
        let files = self.files.iter().map(|(source, kind, path, secrets)| {
            let folder = path.parent().unwrap_or(root);
            let content = &self.sources[source.0].text;
            let mut line = SchemaLine::find(content);
            if let Some(line) = line.as_mut().filter(|line| line.is_relative()) {
                line.exists = Some(folder.join(&line.target).is_file());
            }
            let expected = root.join(layout::SCHEMAS).join(kind.file_name());
            TomlFile {
                source: *source,
                kind: *kind,
                first_line: 0..content.find('\n').unwrap_or(content.len()),
                line,
                expected_exists: expected.is_file(),
                secrets: secrets.clone(),
                expected: text(&relative(folder, &expected)),
            }
        });
        files.collect()
    }
}
