//! The one place where YAML is written.

use serde::Serialize;

/// Plain data as a YAML document, after its header. A string comes out quoted where a reader might take it for
/// something else.
///
/// # Panics
///
/// If the data cannot be written: maps with keys that are no strings, say. The types that come here have none.
pub fn document<T: Serialize>(header: &[String], data: &T) -> String {
    let comment = |line: &String| format!("# {}", crate::escape::comment(line)).trim_end().to_owned() + "\n";
    let comments: String = header.iter().map(comment).collect();
    let options = serde_yaml::ser_options! { compact_list_indent: false, prefer_block_scalars: false };
    let body = serde_yaml::to_string_with_options(data, options).expect("plain data can be written");
    format!("{comments}---\n{body}")
}
