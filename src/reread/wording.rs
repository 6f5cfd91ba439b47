//! What is said of facts that disagree: the message, the two places, and what to do.

use std::ops::Range;

use super::disagreement::{Artifacts, Disagreement, Expected, Of, Origin, Read, Statement, Wrong};
use super::written::{Written, written};
use super::{Fact, Keys, Subject};
use crate::deployment::Deployment;
use crate::finding::{At, SourceId};
use crate::source::Segment;

/// A statement is quoted up to this many characters.
const QUOTED: usize = 60;

/// What a finding is made of.
#[derive(Debug)]
pub struct Said {
    /// What is wrong.
    pub message: String,
    /// Where; the first is the main one.
    pub places: Vec<(SourceId, At, String)>,
    /// What to do, where there is something.
    pub help: Option<String>,
}

/// What stands against a fact.
struct Against {
    words: String,
    place: Option<(SourceId, At, String)>,
}

impl Artifacts<'_> {
    /// A disagreement in words.
    pub fn say(&self, disagreement: &Disagreement) -> Said {
        let Disagreement { subject, file, ref wrong } = *disagreement;
        let read = self.files[file];
        let now = read.now();
        let mut places = vec![self.place(file, read.spot(disagreement))];
        if matches!(wrong, Wrong::Missing(_)) {
            places[0].2 = "missing beside this".to_owned();
        }
        let clause = match wrong {
            Wrong::Value(fact, expected) if subject == Subject::Location => {
                let fact = &read.facts[*fact];
                let due = expected.values.first().map(String::as_str).unwrap_or_default();
                places.extend(
                    self.against(file, subject, &fact.key, expected).place.filter(|(at, ..)| *at != self.source(file)),
                );
                format!("`{}` {now}leads to {}, and is to lead to {due}", read.quoted(fact), fact.value)
            }
            Wrong::Value(fact, expected) => {
                let fact = &read.facts[*fact];
                let against = self.against(file, subject, &fact.key, expected);
                places.extend(against.place);
                format!("`{}` {now}disagrees with {}", read.quoted(fact), against.words)
            }
            Wrong::Instead(fact, expected) => {
                let said = read.quoted(&read.facts[*fact]);
                let against = self.against(file, subject, &expected.key, expected);
                places.extend(against.place);
                format!("`{said}` {now}stands where `{}` is due", expected.key)
            }
            Wrong::Extra(fact) => {
                let of = read.deployment().map_or("the configuration", |d| self.sources[d.source.0].path.as_str());
                format!("`{}` {now}stands here, and follows from nothing in {of}", read.quoted(&read.facts[*fact]))
            }
            Wrong::Missing(expected) => {
                let against = self.against(file, subject, &expected.key, expected);
                places.extend(against.place);
                let value = expected.values.first().filter(|value| !value.is_empty());
                let value = value.map_or_else(String::new, |value| format!(", which is to say `{value}`"));
                format!("`{}` is {now}missing{value}", expected.key)
            }
        };
        Said { message: read.origin.sentence(&clause), places, help: self.help(read, subject, wrong) }
    }

    /// Anything else that is wrong in a file, at a span of it.
    pub fn say_at(&self, file: usize, span: &Range<usize>, clause: &str) -> Said {
        let read = self.files[file];
        let message = read.origin.sentence(clause);
        Said { message, places: vec![self.place(file, span.clone())], help: self.undo(read) }
    }

    /// Two statements that do not fit, and why.
    pub fn say_pair(&self, judged: Statement<'_>, other: Statement<'_>, why: &str) -> Said {
        let against = self.statement(other.file, other.fact);
        let clause = format!("`{judged}` {}does not fit {}: {why}", judged.read.now(), against.words);
        let mut said = self.say_at(judged.file, &judged.fact.at, &clause);
        said.places.extend(against.place);
        said
    }

    /// A spot in a file.
    fn place(&self, file: usize, span: Range<usize>) -> (SourceId, At, String) {
        let text = self.files[file].text;
        // An escape in the text may shift a part of a word by some bytes.
        let whole =
            |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let (start, end) = (whole(span.start), whole(span.end));
        (self.source(file), At::Span(start..end.max(start)), String::new())
    }

    /// Another statement of the same fact, or the key that decides it.
    fn against(&self, file: usize, subject: Subject, key: &str, expected: &Expected) -> Against {
        let read = self.files[file];
        let witness = self.witness(file, subject, expected);
        if let Some((number, fact)) = witness.filter(|(number, _)| *number != file) {
            return self.statement(number, fact);
        }
        let deciding = read.deployment().map(|deployment| written(subject, key, deployment)).unwrap_or_default();
        let due = expected.values.first().map(String::as_str).unwrap_or_default();
        let configuration = format!("the configuration, which makes it `{due}`");
        if let Some(written) = deciding.iter().find(|written| self.is_written(written)) {
            let words = self.assignment(written, due).unwrap_or(configuration);
            let place = (written.source, At::Value(written.path.clone()), "decides it".to_owned());
            return Against { words, place: Some(place) };
        }
        match witness {
            Some((number, fact)) => self.statement(number, fact),
            None => Against { words: configuration, place: None },
        }
    }

    fn statement(&self, file: usize, fact: &Fact<'_>) -> Against {
        let read = self.files[file];
        let (source, at, _) = self.place(file, fact.at.clone());
        let words = format!("`{}` in {}", read.quoted(fact), self.shown(read));
        Against { words, place: Some((source, at, "as rendered".to_owned())) }
    }

    fn shown(&self, read: &Read<'_>) -> String {
        format!("{}/{}", self.out, read.path)
    }

    fn is_written(&self, written: &Written) -> bool {
        self.sources[written.source.0].has(&written.path)
    }

    /// `port = 8080` in its file, where the author wrote what is due to the letter.
    fn assignment(&self, written: &Written, due: &str) -> Option<String> {
        let source = &self.sources[written.source.0];
        let excerpt = source.excerpt(&written.path);
        let Some(Segment::Key(key)) = written.path.segments().last() else { return None };
        let plain = excerpt.trim_matches('"') == due && excerpt.len() < QUOTED;
        plain.then(|| format!("`{key} = {excerpt}` in {}", source.path))
    }

    fn help(&self, read: &Read<'_>, subject: Subject, wrong: &Wrong) -> Option<String> {
        let key = match wrong {
            Wrong::Value(fact, _) | Wrong::Extra(fact) => read.facts[*fact].key.to_string(),
            Wrong::Instead(_, expected) | Wrong::Missing(expected) => expected.key.clone(),
        };
        let deciding = read.deployment().map(|deployment| written(subject, &key, deployment)).unwrap_or_default();
        match deciding.first() {
            Some(Written { source, path }) if read.origin == Origin::Edited => {
                let file = &self.sources[source.0].path;
                let command = &read.folder.command;
                Some(format!(
                    "`{path}` in {file} decides it; after a change there, or to undo this one, run: {command}"
                ))
            }
            _ => self.undo(read),
        }
    }

    fn undo(&self, read: &Read<'_>) -> Option<String> {
        let command = &read.folder.command;
        match read.origin {
            Origin::Rendered => None,
            Origin::Edited => Some(format!("to undo the change, run: {command}")),
            Origin::Foreign => Some(format!("move it away, then run: {command}")),
        }
    }
}

impl Origin {
    fn sentence(self, clause: &str) -> String {
        match self {
            Self::Rendered => format!("this is a bug of portalgen: {clause}; please report it"),
            Self::Edited => format!("edited by hand: {clause}"),
            Self::Foreign => format!("not written by portalgen: {clause}"),
        }
    }
}

impl Read<'_> {
    /// What was so before the edit, and is no longer.
    pub(crate) fn now(&self) -> &'static str {
        if self.origin == Origin::Edited { "now " } else { "" }
    }

    /// A statement in one line.
    pub fn quoted(&self, fact: &Fact<'_>) -> String {
        let text = self.text.get(fact.statement.clone()).unwrap_or_default();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(QUOTED) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }

    fn deployment(&self) -> Option<&Deployment> {
        match self.of {
            Of::Image(_, deployment) | Of::Environment(deployment) => Some(deployment),
            Of::All(_) => None,
        }
    }

    /// What to mark.
    fn spot(&self, disagreement: &Disagreement) -> Range<usize> {
        match disagreement.wrong {
            Wrong::Value(fact, _) => self.facts[fact].at.clone(),
            Wrong::Instead(fact, _) | Wrong::Extra(fact) => self.facts[fact].statement.clone(),
            // Behind what is like it, or at the top.
            Wrong::Missing(_) => {
                let alike =
                    |fact: &&Fact<'_>| fact.subject == disagreement.subject && fact.subject.keys() != Keys::None;
                let last = self.facts.iter().rfind(alike);
                last.map_or(0..self.text.find('\n').unwrap_or(self.text.len()), |fact| fact.statement.clone())
            }
        }
    }
}
