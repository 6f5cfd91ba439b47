//! Where things stand that several rules speak of, and what they have in common.

use std::ops::Range;

use crate::deployment::{Deployment, Portal, RedirectUriEntry};
use crate::finding::{At, SourceId};
use crate::schema_line::TomlFile;
use crate::source::KeyPath;
use crate::units::{ExactVersion, ImageRef, UrlPath};
use crate::version;

/// Whether two environments are forms of one another.
pub(super) fn related(one: &Deployment, other: &Deployment) -> bool {
    let service = |d: &Deployment| d.alternative_of.clone().unwrap_or_else(|| d.environment.clone());
    service(one) == service(other)
}

/// Every path of the portal's hosts that nginx is told of, and where: the app's own and the API's.
pub(super) fn routed_paths(portal: &Portal) -> Vec<(&UrlPath, (SourceId, At))> {
    let own = portal.backend_paths.iter().enumerate();
    let own = own.map(|(i, path)| (path, element(portal.source, &["app", "backend_paths"], i, &[])));
    let api = portal.api_paths.iter().enumerate();
    let api = api.map(|(i, path)| (path, element(portal.source, &["api", "paths"], i, &["path"])));
    own.chain(api).collect()
}

/// The same, and the path of the OAuth callback.
pub(super) fn public_paths(portal: &Portal) -> Vec<(&UrlPath, (SourceId, At))> {
    let callback = (&portal.callback_path, (portal.source, value(&["oauth", "callback_path"])));
    routed_paths(portal).into_iter().chain([callback]).collect()
}

/// Where the author wrote a redirect URI.
pub(super) fn at_uri(deployment: &Deployment, entry: &RedirectUriEntry) -> (SourceId, At) {
    (deployment.source, At::Value(entry.key()))
}

pub(super) fn value(path: &[&str]) -> At {
    At::Value(KeyPath::new(path.iter().copied()))
}

pub(super) fn key(path: &[&str]) -> At {
    At::Key(KeyPath::new(path.iter().copied()))
}

/// Bytes of a file that is no TOML.
pub(super) fn span(range: &Range<usize>) -> At {
    At::Span(range.clone())
}

/// A path that a rule compares with another one.
pub(super) fn path(path: &[&str]) -> KeyPath {
    KeyPath::new(path.iter().copied())
}

/// That there are others of the kind.
pub(super) fn more<T>(others: &[T]) -> String {
    if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) }
}

/// The `#:schema` line that a file should begin with.
pub(super) fn schema_line(file: &TomlFile) -> String {
    let line = format!("`#:schema {}`", file.expected);
    if file.expected_exists { line } else { format!("{line}; `portalgen schema` makes that file") }
}

/// What a Reflex version needs at least, by a table from the newest to the oldest.
pub(super) fn floor(table: &[(&[u64], &'static str)], reflex: &ExactVersion) -> Option<&'static str> {
    table.iter().find(|(from, _)| !version::is_below(reflex.as_str(), from)).map(|(_, needed)| *needed)
}

/// Whether an image's tag says that it is of Alpine Linux.
pub(super) fn is_alpine(image: &ImageRef) -> bool {
    image.tag().unwrap_or_default().split('-').any(|part| part.starts_with("alpine"))
}

pub(super) fn element(source: SourceId, path: &[&str], index: usize, rest: &[&str]) -> (SourceId, At) {
    let path = rest.iter().fold(KeyPath::new(path.iter().copied()).index(index), |path, key| path.key(*key));
    (source, At::Value(path))
}
