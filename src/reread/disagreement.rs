//! Where a file's facts are not those that are due, and which other file says so.

use std::fmt;

use super::due::{self, Due, agrees};
use super::{Fact, Keys, Kind, Subject, Unreadable};
use crate::deployment::{Deployment, Image};
use crate::finding::SourceId;
use crate::plan::Folder;
use crate::source::Source;

/// How a text came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// portalgen has just rendered it.
    Rendered,
    /// portalgen wrote it, and somebody changed it.
    Edited,
    /// It lies where portalgen's file should.
    Foreign,
}

/// Whose file it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of<'a> {
    /// An image's, and the first environment that uses it.
    Image(&'a Image, &'a Deployment),
    /// An environment's.
    Environment(&'a Deployment),
    /// Everybody's.
    All(&'a [Deployment]),
}

/// A generated file, read.
#[derive(Debug)]
pub struct Read<'a> {
    pub(super) kind: Kind,
    pub(super) of: Of<'a>,
    /// The folder that it belongs to.
    pub(super) folder: &'a Folder,
    /// The path below the output folder.
    pub(super) path: String,
    pub(super) text: &'a str,
    pub(super) origin: Origin,
    pub(super) facts: Vec<Fact<'a>>,
    pub(super) unreadable: Option<Unreadable>,
}

impl Read<'_> {
    /// What is wrong with the text, if it is none of its language.
    pub fn unreadable(&self) -> Option<&Unreadable> {
        self.unreadable.as_ref()
    }

    fn dues(&self) -> Vec<Due<'_>> {
        match self.of {
            Of::Image(image, _) => due::of_image(self.kind, image),
            Of::Environment(deployment) => due::of_environment(self.kind, deployment),
            Of::All(deployments) => due::of_all(deployments),
        }
    }

    /// Whether the two files speak of the same thing.
    fn is_related(&self, other: &Self) -> bool {
        let variant = |of: Of<'_>| match of {
            Of::Image(image, _) => Some(image.variant.clone()),
            Of::Environment(deployment) => Some(deployment.image.variant.clone()),
            Of::All(_) => None,
        };
        match (self.of, other.of) {
            (Of::Environment(one), Of::Environment(other)) => one.environment == other.environment,
            (Of::All(_), _) | (_, Of::All(_)) => true,
            (one, other) => variant(one) == variant(other),
        }
    }
}

/// What is wrong with a fact.
#[derive(Debug)]
pub enum Wrong {
    /// The fact with this number has another value than is due.
    Value(usize, Expected),
    /// The fact with this number stands in the place of another.
    Instead(usize, Expected),
    /// The fact with this number follows from nothing.
    Extra(usize),
    /// Nothing states this.
    Missing(Expected),
}

/// What should be stated.
#[derive(Debug, Clone)]
pub struct Expected {
    pub(super) key: String,
    /// Each is right.
    pub(super) values: Vec<String>,
}

/// A fact of a file that is not what it should be.
#[derive(Debug)]
pub struct Disagreement {
    /// What it is about.
    pub subject: Subject,
    /// The file, by its number.
    pub(super) file: usize,
    /// What is wrong.
    pub wrong: Wrong,
}

/// A fact in its file.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The file, by its number.
    pub file: usize,
    /// The file.
    pub read: &'a Read<'a>,
    /// What it says.
    pub fact: &'a Fact<'a>,
}

impl fmt::Display for Statement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.read.quoted(self.fact))
    }
}

/// Files to judge, and those that they are held against.
#[derive(Debug)]
pub struct Artifacts<'a> {
    /// Those to judge come first.
    pub(super) files: Vec<&'a Read<'a>>,
    pub(super) judged: usize,
    /// The TOML files.
    pub(super) sources: &'a [Source],
    /// The output folder as the user sees it.
    pub(super) out: &'a str,
    disagreements: Vec<Disagreement>,
}

impl<'a> Artifacts<'a> {
    pub(super) fn new(judged: &'a [Read<'a>], intact: &[&'a Read<'a>], sources: &'a [Source], out: &'a str) -> Self {
        let files: Vec<_> = judged.iter().chain(intact.iter().copied()).collect();
        let disagreements = judged.iter().enumerate().flat_map(|(file, read)| disagreements(file, read)).collect();
        Self { files, judged: judged.len(), sources, out, disagreements }
    }

    /// The files to judge, each with its number.
    pub fn judged(&self) -> impl Iterator<Item = (usize, &'a Read<'a>)> + '_ {
        self.files[..self.judged].iter().copied().enumerate()
    }

    /// What the judged files state of a subject.
    pub fn statements(&self, subject: Subject) -> impl Iterator<Item = Statement<'a>> + '_ {
        self.judged().flat_map(move |(file, read)| {
            let facts = read.facts.iter().filter(move |fact| fact.subject == subject);
            facts.map(move |fact| Statement { file, read, fact })
        })
    }

    /// What the judged files state of a subject, each with what another file says of it under another key.
    pub fn pairs(&self, subject: Subject) -> Vec<(Statement<'a>, Statement<'a>)> {
        let mut pairs: Vec<(Statement<'a>, Statement<'a>)> = Vec::new();
        for judged in self.statements(subject) {
            let other = self.related(judged.file).find_map(|(file, read)| {
                let fact = read.facts.iter().find(|fact| fact.subject == subject && fact.key != judged.fact.key)?;
                Some(Statement { file, read, fact })
            });
            // Where both are judged, once.
            let known = |other: &Statement<'_>| {
                pairs.iter().any(|(one, two)| (one.file, two.file) == (other.file, judged.file))
            };
            pairs.extend(other.filter(|other| !known(other)).map(|other| (judged, other)));
        }
        pairs
    }

    /// What does not agree about these subjects.
    pub fn disagreements<'s>(&'s self, subjects: &'s [Subject]) -> impl Iterator<Item = &'s Disagreement> {
        self.disagreements.iter().filter(|disagreement| subjects.contains(&disagreement.subject))
    }

    /// The files that speak of the same as this one: first those of another folder, then its neighbours, then itself.
    /// DEPLOYMENT.md only repeats what others say.
    pub(super) fn related(&self, file: usize) -> impl Iterator<Item = (usize, &'a Read<'a>)> + '_ {
        let this = self.files[file];
        let ranked = |rank: usize| {
            self.files.iter().copied().enumerate().filter(move |(number, other)| {
                let same_folder = other.folder.path == this.folder.path;
                let its_rank = if *number == file { 2 } else { usize::from(same_folder) };
                let says_it = this.is_related(other) && other.kind != Kind::DeploymentMd;
                its_rank == rank && (*number == file || says_it)
            })
        };
        ranked(0).chain(ranked(1)).chain(ranked(2))
    }

    /// A fact that says what is expected, or what follows from it, in a file that speaks of the same.
    pub(super) fn witness(&self, file: usize, subject: Subject, expected: &Expected) -> Option<(usize, &'a Fact<'a>)> {
        let right = |value: &str| expected.values.iter().any(|due| agrees(due, value));
        let same = |fact: &&Fact<'_>| {
            let same_key = subject.keys() == Keys::Same || fact.key == expected.key;
            fact.subject == subject && same_key && right(&fact.value)
        };
        let akin = |fact: &&Fact<'_>| match (subject, fact.subject) {
            // nginx waits as long as Cloud Run lets a request last, and start.sh as long as the probe is patient.
            (Subject::ProxyTimeout, Subject::RequestTimeout) => right(&fact.value),
            (Subject::RequestTimeout, Subject::ProxyTimeout) => right(&fact.value),
            (Subject::StartupLimit, Subject::Probe) => fact.key == "startupProbe.failureThreshold",
            (Subject::SentUri, Subject::RedirectUri) => right(&fact.key),
            _ => false,
        };
        let find = |wanted: &dyn Fn(&&Fact<'_>) -> bool| {
            self.related(file).find_map(|(number, other)| Some((number, other.facts.iter().find(|fact| wanted(fact))?)))
        };
        find(&same).filter(|(number, _)| *number != file).or_else(|| find(&akin)).or_else(|| find(&same))
    }

    /// The number of a file among the sources of findings, which follow the TOML files.
    pub(super) fn source(&self, file: usize) -> SourceId {
        SourceId(self.sources.len() + file)
    }
}

fn disagreements(file: usize, read: &Read<'_>) -> Vec<Disagreement> {
    if read.unreadable.is_some() {
        return Vec::new();
    }
    let mut dues = read.dues();
    dues.sort_by(|a, b| (a.subject, &a.key, &a.value).cmp(&(b.subject, &b.key, &b.value)));
    dues.dedup_by(|a, b| (a.subject, &a.key, &a.value) == (b.subject, &b.key, &b.value));
    let mut stated = vec![false; dues.len()];
    let mut found = Vec::new();
    let mut extras: Vec<(Subject, usize)> = Vec::new();
    for (number, fact) in read.facts.iter().enumerate() {
        let keys = fact.subject.keys();
        if keys == Keys::None {
            continue;
        }
        let with_key = with_key(&dues, fact);
        with_key.clone().for_each(|at| stated[at] = true);
        let right = if keys == Keys::Same { of_subject(&dues, fact.subject) } else { with_key };
        if right.is_empty() {
            // Who knows the codespace's name may have filled it in.
            let open = || dues[of_subject(&dues, fact.subject)].iter().any(|due| agrees(&due.key, &fact.key));
            if keys != Keys::Some && !open() {
                extras.push((fact.subject, number));
            }
        } else if !dues[right.clone()].iter().any(|due| agrees(&due.value, &fact.value)) {
            let expected = expected(&dues[right]);
            found.push(Disagreement { subject: fact.subject, file, wrong: Wrong::Value(number, expected) });
        }
    }
    let missing = dues.iter().zip(&stated).filter(|(due, stated)| !due.optional && !**stated);
    let mut missing: Vec<_> = missing.map(|(due, _)| due).collect();
    for (subject, number) in extras {
        // One that is missing and one that is too much are one mistake; a variable is known by its name.
        let replaced = |due: &&Due<'_>| due.subject == subject && subject != Subject::Variable;
        let wrong = match missing.iter().position(replaced) {
            Some(at) => Wrong::Instead(number, expected(&[missing.remove(at)])),
            None => Wrong::Extra(number),
        };
        found.push(Disagreement { subject, file, wrong });
    }
    found.extend(missing.into_iter().map(|due| Disagreement {
        subject: due.subject,
        file,
        wrong: Wrong::Missing(expected(&[due])),
    }));
    found
}

fn expected<'d, D: std::borrow::Borrow<Due<'d>>>(dues: &[D]) -> Expected {
    let mut values: Vec<_> = dues.iter().map(|due| due.borrow().value.to_string()).collect();
    values.dedup();
    Expected { key: dues[0].borrow().key.to_string(), values }
}

fn of_subject(dues: &[Due<'_>], subject: Subject) -> std::ops::Range<usize> {
    dues.partition_point(|due| due.subject < subject)..dues.partition_point(|due| due.subject <= subject)
}

fn with_key(dues: &[Due<'_>], fact: &Fact<'_>) -> std::ops::Range<usize> {
    let of = (fact.subject, &fact.key);
    dues.partition_point(|due| (due.subject, &due.key) < of)..dues.partition_point(|due| (due.subject, &due.key) <= of)
}
