//! How an address that is registered differs from one that is sent, where the one is easily taken for the other.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::Kind;
use super::run_app::RunApp;
use crate::units::{Parts, percent_decoded};

/// Something in which two addresses differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// A blank, or a character that is not seen, before or behind the address.
    Blank,
    /// `http` for `https`, or upper case in it.
    Scheme,
    /// A user name before the host.
    UserName,
    /// Upper or lower case in the host.
    CaseOfHost,
    /// A full stop behind the host.
    DotBehindHost,
    /// `www.` before the host.
    Www,
    /// Another name of the machine itself.
    Localhost,
    /// The hash of a run.app address.
    RunAppHash,
    /// The form of a run.app address: with a hash, or with the project's number.
    RunAppForm,
    /// The project's number in a run.app address.
    RunAppNumber,
    /// The region of a run.app address.
    RunAppRegion,
    /// A port that the scheme has anyway.
    DefaultPort,
    /// Another port.
    Port,
    /// A `/` at the end.
    SlashAtEnd,
    /// Upper or lower case in the path.
    CaseOfPath,
    /// What is percent-encoded in the path.
    Encoding,
    /// The callback's path, spelled otherwise.
    Path,
    /// The path, of which nothing is registered.
    NoPath,
    /// A path behind an origin, which has none.
    PathOfOrigin,
    /// What follows the `?`.
    Query,
    /// What follows the `#`.
    Fragment,
}

/// That two addresses are nearly the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// How far they are apart: the less the likelier is the one meant by the other. Below 100.
    pub cost: u32,
    /// What differs, from left to right. Never empty.
    pub differences: Vec<Difference>,
    /// The same in words.
    pub words: Vec<String>,
    /// What differs in the address that is wanted, in bytes.
    pub in_wanted: Vec<Range<usize>>,
    /// The same in the one that is registered.
    pub in_registered: Vec<Range<usize>>,
}

/// A part of an address and where it begins.
#[derive(Debug, Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    at: usize,
}

/// The parts that are compared, each with what sets it off.
struct Pieces<'t> {
    parts: Parts<'t>,
    scheme: Piece<'t>,
    userinfo: Piece<'t>,
    host: Piece<'t>,
    port: Piece<'t>,
    path: Piece<'t>,
    query: Piece<'t>,
    fragment: Piece<'t>,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let parts = Parts::of(text)?;
        let piece = |at: usize, end: usize| Piece { text: &text[at..end], at };
        let authority = parts.scheme.len() + "://".len();
        let host = authority + parts.userinfo.map_or(0, |userinfo| userinfo.len() + 1);
        let port = host + parts.host.len();
        let path = text.len() - parts.rest.len();
        let fragment = text[path..].find('#').map_or(text.len(), |at| path + at);
        let query = text[path..fragment].find('?').map_or(fragment, |at| path + at);
        Some(Self {
            parts,
            scheme: piece(0, parts.scheme.len()),
            userinfo: piece(authority, host),
            host: piece(host, port),
            port: piece(port, path),
            path: piece(path, query),
            query: piece(query, fragment),
            fragment: piece(fragment, text.len()),
        })
    }
}

impl Near {
    fn add(&mut self, difference: Difference, cost: u32, words: impl Into<String>) {
        self.cost += cost;
        self.differences.push(difference);
        self.words.push(words.into());
    }

    /// Marks what differs in a part: each letter where only case differs, else from the first difference to the last.
    fn mark(&mut self, wanted: Piece<'_>, registered: Piece<'_>) {
        let (a, b) = (wanted.text.as_bytes(), registered.text.as_bytes());
        if wanted.text.eq_ignore_ascii_case(registered.text) {
            for i in (0..a.len()).filter(|i| a[*i] != b[*i]) {
                self.in_wanted.push(wanted.at + i..wanted.at + i + 1);
                self.in_registered.push(registered.at + i..registered.at + i + 1);
            }
            return;
        }
        let least = a.len().min(b.len());
        let begin = (0..least).find(|i| a[*i] != b[*i]).unwrap_or(least);
        let end = (0..least - begin).find(|i| a[a.len() - 1 - i] != b[b.len() - 1 - i]).unwrap_or(least - begin);
        let range = |piece: Piece<'_>| piece.at + begin..piece.at + piece.text.len() - end;
        self.in_wanted.extend(Some(range(wanted)).filter(|range| !range.is_empty()));
        self.in_registered.extend(Some(range(registered)).filter(|range| !range.is_empty()));
    }
}

/// What was copied along with the address and is not seen: blanks, and what is no ASCII, which is shown as `\u{..}`.
fn blank(wanted: &str, registered: &str) -> Option<Near> {
    let (before, after) = registered.split_once(wanted)?;
    let mut rest = [before, after].concat();
    while let Some((start, end)) = rest.find("\\u{").and_then(|start| Some((start, start + rest[start..].find('}')?))) {
        rest.replace_range(start..=end, "");
    }
    let end = before.len() + wanted.len();
    rest.trim().is_empty().then(|| Near {
        cost: 1,
        differences: vec![Difference::Blank],
        words: vec!["a blank, or a character that is not seen, beside it".to_owned()],
        in_wanted: Vec::new(),
        in_registered: [0..before.len(), end..registered.len()].into_iter().filter(|range| !range.is_empty()).collect(),
    })
}

/// How `registered` differs from `wanted`, if it is near enough to be meant by it. Both are ASCII.
pub fn near(kind: Kind, wanted: &str, registered: &str) -> Option<Near> {
    if wanted == registered || !wanted.is_ascii() || !registered.is_ascii() {
        return None;
    }
    if let Some(found) = blank(wanted, registered) {
        return Some(found);
    }
    let (a, b) = (Pieces::of(wanted)?, Pieces::of(registered)?);
    let mut near =
        Near { cost: 0, differences: Vec::new(), words: Vec::new(), in_wanted: Vec::new(), in_registered: Vec::new() };
    scheme(&mut near, &a, &b)?;
    if a.userinfo.text != b.userinfo.text {
        near.add(Difference::UserName, 4, "the user name before the host");
    }
    host(&mut near, &a, &b)?;
    port(&mut near, &a, &b);
    match kind {
        Kind::RedirectUri => path(&mut near, a.path.text, b.path.text)?,
        Kind::JavascriptOrigin if a.path.text != b.path.text => {
            near.add(Difference::PathOfOrigin, 2, "the path, of which an origin has none");
        }
        Kind::JavascriptOrigin => {}
    }
    if a.query.text != b.query.text {
        near.add(Difference::Query, 4, "the query");
    }
    if a.fragment.text != b.fragment.text {
        near.add(Difference::Fragment, 2, "the fragment");
    }
    for (wanted, registered) in [
        (a.scheme, b.scheme),
        (a.userinfo, b.userinfo),
        (a.host, b.host),
        (a.port, b.port),
        (a.path, b.path),
        (a.query, b.query),
        (a.fragment, b.fragment),
    ] {
        if wanted.text != registered.text {
            near.mark(wanted, registered);
        }
    }
    (!near.differences.is_empty()).then_some(near)
}

fn scheme(near: &mut Near, wanted: &Pieces<'_>, registered: &Pieces<'_>) -> Option<()> {
    let (a, b) = (wanted.parts.scheme, registered.parts.scheme);
    let web = |scheme: &str| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https");
    if a == b {
        return Some(());
    }
    (web(a) && web(b)).then(|| near.add(Difference::Scheme, 2, format!("the scheme (`{b}` for `{a}`)")))
}

fn host(near: &mut Near, wanted: &Pieces<'_>, registered: &Pieces<'_>) -> Option<()> {
    let (a, b) = (wanted.parts.host, registered.parts.host);
    if a == b {
        return Some(());
    }
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let lower = b.to_ascii_lowercase();
    let undotted = lower.trim_end_matches('.');
    if lower != b && a.to_ascii_lowercase() != *b {
        near.add(Difference::CaseOfHost, 1, "the case of the host");
    }
    if undotted != lower {
        near.add(Difference::DotBehindHost, 1, "the `.` behind the host");
    }
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    match (RunApp::of(a), RunApp::of(undotted)) {
        _ if a == undotted => {}
        _ if bare(a) == bare(undotted) => near.add(Difference::Www, 5, "the `www.` before the host"),
        _ if local(a) && local(undotted) => {
            near.add(Difference::Localhost, 4, format!("the name of the machine itself (`{b}` for `{a}`)"));
        }
        (Some(a), Some(b)) if a.service() == b.service() => run_app(near, a, b),
        _ => return None,
    }
    Some(())
}

/// Two addresses of services with one name.
fn run_app(near: &mut Near, wanted: RunApp<'_>, registered: RunApp<'_>) {
    use RunApp::{Hashed, Numbered};
    let mut differ = |differ: bool, difference, words: &str| {
        if differ {
            near.add(difference, 6, words);
        }
    };
    let region = "the region of the run.app address";
    match (wanted, registered) {
        (Hashed { hash: h1, region: r1, .. }, Hashed { hash: h2, region: r2, .. }) => {
            differ(h1 != h2, Difference::RunAppHash, "the hash of the run.app address");
            differ(r1 != r2, Difference::RunAppRegion, region);
        }
        (Numbered { number: n1, region: r1, .. }, Numbered { number: n2, region: r2, .. }) => {
            differ(n1 != n2, Difference::RunAppNumber, "the project's number in the run.app address");
            differ(r1 != r2, Difference::RunAppRegion, region);
        }
        (Hashed { .. }, Numbered { .. }) => {
            differ(true, Difference::RunAppForm, "the form of the run.app address (a number for the hash)");
        }
        (Numbered { .. }, Hashed { .. }) => {
            differ(true, Difference::RunAppForm, "the form of the run.app address (a hash for the number)");
        }
    }
}

fn port(near: &mut Near, wanted: &Pieces<'_>, registered: &Pieces<'_>) {
    let (a, b) = (wanted.parts.port, registered.parts.port);
    if a == b {
        return;
    }
    let anyway =
        |pieces: &Pieces<'_>| format!("the port (`{}`, which {} has anyway)", pieces.port.text, pieces.parts.scheme);
    let shown = |pieces: &Pieces<'_>| match pieces.port.text {
        "" => "none".to_owned(),
        port => format!("`{port}`"),
    };
    match (a, b) {
        (None, Some(_)) if registered.parts.has_default_port() => {
            near.add(Difference::DefaultPort, 1, anyway(registered));
        }
        (Some(_), None) if wanted.parts.has_default_port() => near.add(Difference::DefaultPort, 1, anyway(wanted)),
        _ => near.add(Difference::Port, 3, format!("the port ({} for {})", shown(registered), shown(wanted))),
    }
}

/// Whether one path is the other with a slip in it: a segment with a letter or two amiss, or segments too many or too
/// few in front. `/auth/github/callback` is no slip of `/auth/google/callback`.
fn is_misspelt(one: &str, other: &str) -> bool {
    let segments = |path: &str| -> Vec<String> {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|s| s.to_ascii_lowercase().replace('_', "-"))
            .collect()
    };
    let (one, other) = (segments(one), segments(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    let slip = |(a, b): (&String, &String)| strsim::damerau_levenshtein(a, b) <= (a.len().max(b.len()) / 4).max(1);
    (short.len() == long.len() && short.iter().zip(long).all(slip)) || (short.len() >= 2 && long.ends_with(short))
}

/// The path of a callback. Nothing where another one is meant.
fn path(near: &mut Near, wanted: &str, registered: &str) -> Option<()> {
    if wanted == registered {
        return Some(());
    }
    let (a, b) = (wanted.trim_end_matches('/'), registered.trim_end_matches('/'));
    if a == b {
    } else if b.is_empty() {
        near.add(Difference::NoPath, 20, "the path, of which nothing is registered");
        return Some(());
    } else if a.eq_ignore_ascii_case(b) {
        near.add(Difference::CaseOfPath, 1, "the case of the path");
    } else if percent_decoded(a) == percent_decoded(b) {
        near.add(Difference::Encoding, 2, "the percent-encoding of the path");
    } else {
        if !is_misspelt(a, b) {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&a.to_ascii_lowercase(), &b.to_ascii_lowercase());
        let distance = u32::try_from(distance).unwrap_or(u32::MAX).min(30);
        near.add(Difference::Path, 5 + distance, "the spelling of the path");
    }
    if wanted.len() - a.len() != registered.len() - b.len() {
        near.add(Difference::SlashAtEnd, 1, "the `/` at the end");
    }
    Some(())
}
