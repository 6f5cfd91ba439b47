//! DEPLOYMENT.md: its table, its picture, its commands, and the code spans of its text. Sentences state nothing, but
//! for those of the consequences and of how the token comes.

use std::borrow::Cow;

use super::syntax::span_in;
use super::{Facts, Subject};
use crate::deployment::SENT_URI_VARIABLE;
use crate::meaning::{consequences, token_delivery};
use crate::units::CODESPACE_NAME;

mod due;

pub(super) use due::due;

/// A value's name in a fact.
const IMAGE: &str = "image";
/// Of the image without its tag, which sed gives a digest to.
const PINNED: &str = "image without its tag";
/// Of what an attached load balancer is.
const SCHEME: &str = "load_balancing_scheme";
/// Another's.
pub(super) const URL_MAP: &str = "URL map";
/// End-to-end HTTP/2 in the picture.
const HTTP2: &str = "HTTP/2 without TLS (h2c)";

/// Of the addresses that are read.
const SCHEMES: &[&str] = &["http", "https", "wss"];

/// What a line is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    Shell,
    Mermaid,
    Other,
}

/// The facts of a page. Whatever is no page of ours states nothing.
pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) {
    let mut block = Block::Text;
    let mut command = Command::default();
    for line in text.lines() {
        let line = line.trim();
        if let Some(language) = line.strip_prefix("```").filter(|language| !language.contains('`')) {
            block = match (block, language) {
                (Block::Text, "sh") => Block::Shell,
                (Block::Text, "mermaid") => Block::Mermaid,
                (Block::Text, _) => Block::Other,
                _ => Block::Text,
            };
            command = Command::default();
            continue;
        }
        match block {
            Block::Shell => {
                Page { text, line, facts }.shell(&mut command);
                if !line.ends_with('\\') {
                    command = Command::default();
                }
            }
            Block::Mermaid => Page { text, line, facts }.picture(),
            Block::Text => Page { text, line, facts }.prose(),
            Block::Other => {}
        }
    }
}

/// What was said of a command before, as it may go on over several lines.
#[derive(Default)]
struct Command<'t> {
    /// Its first words: `gcloud run services replace`.
    words: Vec<&'t str>,
    /// The word before.
    before: &'t str,
}

impl Command<'_> {
    fn begins(&self, words: &[&str]) -> bool {
        self.words.starts_with(words)
    }
}

/// A line and where its facts go.
struct Page<'p, 't> {
    text: &'t str,
    line: &'t str,
    facts: &'p mut Facts<'t>,
}

impl<'t> Page<'_, 't> {
    fn add(&mut self, subject: Subject, key: impl Into<Cow<'t, str>>, value: impl Into<Cow<'t, str>>, at: &'t str) {
        self.facts.add(subject, key, value, span_in(self.text, at), span_in(self.text, self.line));
    }

    /// A subject that has one value, or a setting.
    fn say(&mut self, subject: Subject, key: &'static str, value: &'t str) {
        self.add(subject, key, value, value);
    }

    /// A subject whose key is what is said.
    fn name(&mut self, subject: Subject, name: &'t str) {
        self.add(subject, name, "", name);
    }

    fn prose(&mut self) {
        let line = self.line;
        if let Some(row) = line.strip_prefix('|').and_then(|row| row.strip_suffix('|'))
            && let Some((key, value)) = row.split_once('|')
        {
            return self.row(key.trim(), value.trim());
        }
        let spans = spans(line);
        if let (Some(_), Some((first, _))) = (line.strip_prefix("- [ ] `"), spans.split_first())
            && first.contains("://")
        {
            if line.contains("the one that the API sends") {
                return self.add(Subject::SentUri, SENT_URI_VARIABLE, *first, first);
            }
            let origin = line.ends_with("as authorised JavaScript origin");
            return self.name(if origin { Subject::JavascriptOrigin } else { Subject::RedirectUri }, first);
        }
        if let Some((name, _)) = line.split_once("URL map `").and_then(|(_, rest)| rest.split_once('`')) {
            self.say(Subject::ResourceName, URL_MAP, name);
        }
        if let Some((scheme, _)) = line.split_once("scheme `").and_then(|(_, rest)| rest.split_once('`')) {
            self.say(Subject::Setting, SCHEME, scheme);
        }
        spans.into_iter().for_each(|span| self.span(span));
    }

    fn row(&mut self, key: &'t str, value: &'t str) {
        let spans = spans(value);
        let first = spans.first().copied().unwrap_or(value);
        match key {
            // Free text, whatever stands in it.
            "description" => return,
            "environment" => self.say(Subject::Setting, "environment", first),
            "stage" => self.say(Subject::Setting, "stage", first),
            "strategy" => {
                let transport = match first {
                    "websocket-free" => "polling",
                    other => other,
                };
                self.add(Subject::Transport, "strategy", transport, first);
            }
            "project" => self.say(Subject::Project, "project", first),
            "region" => self.say(Subject::Region, "region", first),
            "service" => self.say(Subject::Service, "service", first),
            "image" => self.say(Subject::Setting, IMAGE, first),
            "host" => self.name(Subject::Host, first),
            _ if consequences::TOPICS.contains(&key) || token_delivery::TOPICS.contains(&key) => {
                return self.add(Subject::Setting, key, plain(value), value);
            }
            _ => {}
        }
        self::spans(key).into_iter().chain(spans).for_each(|span| self.span(span));
    }

    /// A code span of the text, or a word of a command.
    fn span(&mut self, span: &'t str) {
        if span.starts_with('/') && !span.contains(char::is_whitespace) {
            self.name(Subject::Location, span);
        } else if let Some((_, rest)) = span.split_once("://").filter(|(scheme, _)| SCHEMES.contains(scheme)) {
            self.address(rest);
        } else if span.starts_with("out/") {
            let name =
                span.rsplit('/').next().filter(|name| name.contains('.') || *name == "Dockerfile").unwrap_or("folder");
            self.add(Subject::Setting, format!("path of {name}"), span, span);
        } else if span.ends_with(".toml") && span.contains('/') {
            self.say(Subject::Setting, "file", span);
        } else if span.ends_with(".gserviceaccount.com") && !span.starts_with("service-PROJECT_NUMBER@") {
            self.say(Subject::Setting, "serviceAccountName", span.strip_prefix("serviceAccount:").unwrap_or(span));
        } else if span.ends_with("-docker.pkg.dev") {
            self.say(Subject::Setting, "registry", span);
        }
    }

    /// What stands behind `://`.
    fn address(&mut self, rest: &'t str) {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        if host.contains(|c: char| c.is_alphanumeric()) {
            self.name(Subject::Host, host);
        }
        if host == "localhost" && port.starts_with(|c: char| c.is_ascii_digit()) {
            self.say(Subject::ContainerPort, "address", port);
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if !path.is_empty() {
            self.name(Subject::Location, path);
        }
    }

    fn shell(&mut self, command: &mut Command<'t>) {
        for word in self.line.split_whitespace() {
            let word = word.trim_matches(['"', '\'', ')']);
            let assigned = word.split_once("=$(").map(|(_, word)| word);
            let word = assigned.or_else(|| word.strip_prefix("url=")).unwrap_or(word);
            self.word(word, command);
            if !word.starts_with('-') && command.words.len() < 5 {
                command.words.push(word);
            }
            command.before = word;
        }
    }

    fn word(&mut self, word: &'t str, command: &Command<'t>) {
        match command.before {
            "--project" if command.begins(&["gcloud", "artifacts"]) => {
                return self.say(Subject::Setting, "repository's project", word);
            }
            "--location" if command.begins(&["gcloud", "artifacts"]) => {
                return self.say(Subject::Setting, "repository's location", word);
            }
            "--project" => return self.say(Subject::Project, "--project", word),
            "--region" | "--location" => return self.say(Subject::Region, "--region", word),
            "--service" => return self.say(Subject::Service, "--service", word),
            "--tag" => return self.say(Subject::Setting, IMAGE, word),
            "push" if command.begins(&["docker"]) => return self.say(Subject::Setting, IMAGE, word),
            "--publish" => {
                return word.split(':').for_each(|port| self.say(Subject::ContainerPort, "--publish", port));
            }
            "--set" => {
                if let Some(strategy) = word.strip_prefix("strategy=") {
                    self.say(Subject::Setting, "the other strategy", strategy);
                }
                return;
            }
            "describe" if command.begins(&["gcloud", "compute", "url-maps"]) => {
                return self.say(Subject::ResourceName, URL_MAP, word);
            }
            "s|image:" => return self.say(Subject::Setting, IMAGE, word.strip_suffix("$|image:").unwrap_or(word)),
            before if before.ends_with("$|image:") => {
                return self.say(Subject::Setting, PINNED, word.strip_suffix("@sha256:DIGEST|").unwrap_or(word));
            }
            "--env" => return self.variable(word),
            "describe" | "read" | "update-traffic" if command.begins(&["gcloud", "run", "services"]) => {
                return self.say(Subject::Service, "gcloud", word);
            }
            "list" | "plan" | "client_secret.json" if command.begins(&["portalgen"]) => {
                return self.say(Subject::Setting, "environment", word);
            }
            "create" if command.begins(&["gcloud", "dns"]) => {
                return self.name(Subject::Host, word.strip_suffix('.').unwrap_or(word));
            }
            _ => {}
        }
        for (label, subject, key) in [
            ("resource.labels.service_name=\"", Subject::Service, "gcloud"),
            ("resource.labels.location=\"", Subject::Region, "gcloud"),
            ("resource.labels.url_map_name=\"", Subject::ResourceName, URL_MAP),
        ] {
            if let Some(name) = word.strip_prefix(label) {
                self.say(subject, key, name);
            }
        }
        if let Some((service, _)) = word.strip_prefix("name=").and_then(|rest| rest.split_once("-queries,filter=")) {
            self.say(Subject::Service, "gcloud", service);
        }
        // What the exclusion leaves in the log.
        if let Some((_, path)) = word.split_once("requestUrl=~\"^[^?]*") {
            self.name(Subject::Location, path.strip_suffix("?[?]").unwrap_or(path));
        }
        if let Some((_, transport)) = word.split_once("transport=") {
            let tool = if command.begins(&["wscat"]) { "wscat" } else { "curl" };
            self.add(Subject::Setting, format!("the transport of {tool}"), transport, transport);
        }
        if let Some(bucket) = word.strip_prefix("gs://") {
            self.say(Subject::Setting, "bucket", bucket);
        } else if let Some((_, path)) = word.split_once("$url\"").or_else(|| word.split_once("$url")) {
            let path = path.split('?').next().unwrap_or_default();
            if !path.is_empty() {
                self.name(Subject::Location, path);
            }
        } else if let Some((_, path)) = word.split_once("${url#https}") {
            self.name(Subject::Location, path.split('?').next().unwrap_or_default());
        } else {
            // A path between quotes may have blanks, and comes in pieces.
            let in_pieces = word.ends_with(".toml") && self.line.contains('\'');
            if !in_pieces {
                self.span(word.strip_prefix("-chdir=").unwrap_or(word));
            }
        }
    }

    /// `NAME=VALUE`, with a codespace's name in it. One with quotes may have blanks, and comes in pieces.
    fn variable(&mut self, word: &'t str) {
        if let Some((name, value)) = word.split_once('=').filter(|_| !self.line.contains('\'')) {
            self.add(Subject::Variable, name, value.replace("\"$CODESPACE_NAME\"", CODESPACE_NAME), word);
        }
    }

    /// A line of the picture: a box, or an arrow.
    fn picture(&mut self) {
        let Some((head, label)) = self.line.split_once('"') else { return };
        let Some((label, tail)) = label.rsplit_once('"') else { return };
        let id = head.trim_end_matches(['[', '(', '|']);
        let arrow = id.split_once("-->").or_else(|| id.split_once("-.->"));
        let to = tail.trim_start_matches(['|', ']', ')', ' ']);
        let lines: Vec<&'t str> = label.split("<br/>").collect();
        match (arrow.map(|(from, _)| from.trim()), id.trim()) {
            (Some("nginx"), _) => self.routes(to, &lines),
            (Some(_), _) if to == "run" => {
                for part in lines.iter().flat_map(|line| line.split(", ")) {
                    self.timed(Subject::RequestTimeout, part, "at most ", " s a request");
                    match part {
                        HTTP2 => self.add(Subject::Http, "picture", "HTTP/2", part),
                        _ if part.starts_with("HTTP/") => self.add(Subject::Http, "picture", part, part),
                        _ => self.port(part),
                    }
                }
            }
            (Some("google"), _) => {
                lines.iter().filter(|line| line.starts_with('/')).for_each(|path| self.path(path, ""))
            }
            (Some(_), _) => {}
            (None, "hosts" | "address") => {
                lines.iter().filter(|line| !line.contains(' ')).for_each(|host| self.name(Subject::Host, host));
            }
            (None, "balancer") => {
                let named = lines.iter().filter(|line| !line.contains(' '));
                named.for_each(|name| self.say(Subject::ResourceName, URL_MAP, name));
            }
            (None, "subgraph run") => self.service(&lines),
            (None, "nginx") => lines.iter().flat_map(|line| line.split(", ")).for_each(|part| self.nginx(part)),
            (None, "backend") => {
                if let Some((address, port)) = lines.last().and_then(|line| line.rsplit_once(':')) {
                    self.say(Subject::BackendAddress, "picture", address);
                    self.say(Subject::BackendPort, "picture", port);
                }
            }
            (None, "api") => {
                let address = lines.last().and_then(|line| line.split_once("://"));
                if let Some((_, rest)) = address {
                    self.address(rest);
                }
            }
            (None, _) => {}
        }
    }

    fn service(&mut self, lines: &[&'t str]) {
        if let Some(name) = lines.first().and_then(|line| line.strip_prefix("Cloud Run: ")) {
            self.say(Subject::Service, "picture", name);
        }
        if let Some((project, region)) = lines.get(1).and_then(|line| line.split_once(", ")) {
            self.say(Subject::Project, "picture", project);
            self.say(Subject::Region, "picture", region);
        }
    }

    fn nginx(&mut self, part: &'t str) {
        self.port(part);
        let path = part.split(' ').find(|word| word.starts_with('/'));
        if let Some(path) = path {
            self.path(path, "files");
        }
    }

    fn port(&mut self, part: &'t str) {
        if let Some(port) = part.strip_prefix("port ") {
            self.say(Subject::ContainerPort, "picture", port);
        }
    }

    fn routes(&mut self, to: &str, lines: &[&'t str]) {
        for part in lines.iter().flat_map(|line| line.split(", ")) {
            self.timed(Subject::ProxyTimeout, part, "waits ", " s");
            match (to, part.strip_suffix(" (removed)")) {
                ("api", Some(path)) => self.path(path, "the API, less the path"),
                ("api", None) => self.path(part, "the API"),
                (_, _) => self.path(part, "the backend"),
            }
        }
    }

    /// A path of the picture, and where it leads.
    fn path(&mut self, path: &'t str, leads_to: &'static str) {
        if path.starts_with('/') {
            self.add(Subject::Location, decoded(path), leads_to, path);
        }
    }

    fn timed(&mut self, subject: Subject, part: &'t str, before: &str, after: &str) {
        if let Some(seconds) = part.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)) {
            self.say(subject, "picture", seconds);
        }
    }
}

/// The code spans of a line, without their backticks.
fn spans(line: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let inner = rest[start..].trim_start_matches('`');
        let ticks = rest.len() - start - inner.len();
        let Some(end) = end_of_span(inner, ticks) else { break };
        spans.push(inner[..end].trim());
        rest = &inner[end + ticks..];
    }
    spans
}

/// Where a run of exactly so many backticks begins.
fn end_of_span(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`') {
        let run = text[at + start..].len() - text[at + start..].trim_start_matches('`').len();
        if run == ticks {
            return Some(at + start);
        }
        at += start + run;
    }
    None
}

/// A cell's text without Markdown's marks.
fn plain(cell: &str) -> String {
    cell.replace(['\\', '`'], "")
}

/// A part of a label, its signs as they were.
fn decoded(label: &str) -> String {
    let mut text = String::new();
    let mut rest = label;
    while let Some((before, after)) = rest.split_once('#') {
        text.push_str(before);
        let sign = after.split_once(';').and_then(|(number, rest)| Some((char::from_u32(number.parse().ok()?)?, rest)));
        match sign {
            Some((sign, after)) => {
                text.push(sign);
                rest = after;
            }
            None => {
                text.push('#');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_are_found_however_many_backticks_they_have() {
        assert_eq!(spans("a `b` ``c`d`` `` `e ``"), ["b", "c`d", "`e"]);
        assert_eq!(spans("an `open one"), Vec::<&str>::new());
    }

    #[test]
    fn a_label_is_read_as_it_was() {
        assert_eq!(decoded("/#126;x, #35;1; #x"), "/~x, #1; #x");
    }
}
