//! What a rule is: a record of what it finds and why that matters, and how it looks. [`rules`](crate::rules) has them
//! all.

use crate::config::environment::Stage;
use crate::config::lint::Allow;
use crate::deployment::{Deployment, Portal};
use crate::finding::{At, Finding, Level, Place, SourceId};
use crate::reread::{Artifacts, Said, Subject};
use crate::schema_line::TomlFile;
use crate::source::KeyPath;

/// A check with an id.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case words that name the fault, and the file's name.
    pub id: &'static str,
    /// What the rule finds, in one sentence.
    pub summary: &'static str,
    /// How bad it is, by stage.
    pub levels: Levels,
    /// Why it matters: what the platform does about it.
    pub why: &'static str,
    /// The pages that say so; none where it follows from how portalgen's own files are made.
    pub sources: &'static [&'static str],
    /// TOML that it fires on, and TOML that it does not.
    pub examples: Examples,
    /// How.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// One file of TOML, as a text.
    File(fn(&TomlFile, &mut Findings<'_>)),
    /// portal.toml alone, and the app's files.
    Portal(fn(&Portal, &mut Findings<'_>)),
    /// One environment.
    Environment(fn(&Deployment, &mut Findings<'_>)),
    /// All environments of the portal, together.
    Environments(fn(&[Deployment], &mut Findings<'_>)),
    /// One value: its unit judges it when the file is read, and refuses the file. Nothing lets that pass.
    Value,
    /// An allowance that no finding needed.
    Allowance(fn(&Unused<'_>, &mut Findings<'_>)),
    /// The generated files, as their text reads. Nothing lets it pass: an edited file is rendered again, or its change
    /// said in TOML.
    Artifacts(fn(&Artifacts<'_>, &mut Findings<'_>)),
}

/// How bad a finding is in each stage; nothing where the rule does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    development: Option<Level>,
    demo: Option<Level>,
    uat: Option<Level>,
    production: Option<Level>,
}

impl Levels {
    /// An error everywhere: it is refused, or does not work.
    pub const ERROR: Self = Self::same(Level::Error);
    /// A warning everywhere.
    pub const WARNING: Self = Self::same(Level::Warning);
    /// Good enough to try things out, not for the real thing.
    pub const UNTIL_PRODUCTION: Self = Self { production: Some(Level::Error), ..Self::WARNING };

    /// Nothing on a developer's own; a warning where it is shown to others, an error in the real thing.
    pub const FROM_DEMO: Self = Self { development: None, ..Self::UNTIL_PRODUCTION };
    /// Nothing where things are tried out; a warning where production is rehearsed, an error there.
    pub const FROM_UAT: Self = Self { demo: None, ..Self::FROM_DEMO };
    /// A warning where things are tried out, and right where they are for real.
    pub const BEFORE_UAT: Self = Self { uat: None, production: None, ..Self::WARNING };
    /// A warning where many people come.
    pub const IN_PRODUCTION: Self = Self { production: Some(Level::Warning), ..Self::NEVER };

    const NEVER: Self = Self { development: None, demo: None, uat: None, production: None };

    const fn same(level: Level) -> Self {
        Self { development: Some(level), demo: Some(level), uat: Some(level), production: Some(level) }
    }

    /// The level in a stage.
    pub fn of(self, stage: Stage) -> Option<Level> {
        match stage {
            Stage::Development => self.development,
            Stage::Demo => self.demo,
            Stage::Uat => self.uat,
            Stage::Production => self.production,
        }
    }

    /// The level of what belongs to no stage: that of production.
    pub fn of_portal(self) -> Option<Level> {
        self.production
    }
}

/// A rule's examples: changes to the portal of tests/fixtures/minimal, each file under a comment with its name.
#[derive(Debug)]
pub struct Examples {
    /// It fires on this.
    pub fires: &'static str,
    /// It is silent on this.
    pub silent: &'static str,
}

/// An entry of `[[lint.allow]]`, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowance {
    /// The file.
    pub source: SourceId,
    /// Further files that it is for: those of the app have no allowances of their own.
    pub also: Vec<SourceId>,
    /// The number of the entry, from 0.
    pub index: usize,
    /// What it says.
    pub allow: Allow,
}

/// An allowance that no finding needed.
#[derive(Debug)]
pub struct Unused<'a> {
    /// The allowance.
    pub allowance: &'a Allowance,
    /// Where its rule finds something that it is not for: in another file.
    pub elsewhere: Option<Place>,
}

/// Where a rule puts what it finds.
#[derive(Debug)]
pub struct Findings<'f> {
    id: &'static str,
    level: Level,
    found: &'f mut Vec<Finding>,
}

impl Findings<'_> {
    /// A finding of this rule, at the level of the stage, yet to be pushed.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::new(self.id, self.level, message)
    }

    /// The same, at a value of the environment's file.
    pub(crate) fn at_value(&self, deployment: &Deployment, path: &[&str], message: impl Into<String>) -> Finding {
        self.finding(message).at(deployment.source, At::Value(KeyPath::new(path.iter().copied())), "")
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// What the generated files say of these subjects, and others do not.
    pub(crate) fn push_disagreements(&mut self, artifacts: &Artifacts<'_>, subjects: &[Subject]) {
        for disagreement in artifacts.disagreements(subjects) {
            self.push_said(artifacts.say(disagreement));
        }
    }

    pub(crate) fn push_said(&mut self, Said { message, places, help }: Said) {
        let finding = places.into_iter().fold(self.finding(message), |f, (source, at, label)| f.at(source, at, label));
        self.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

impl Rule {
    pub(crate) fn run(&self, level: Option<Level>, found: &mut Vec<Finding>, check: impl FnOnce(&mut Findings<'_>)) {
        if let Some(level) = level {
            check(&mut Findings { id: self.id, level, found });
        }
    }

    /// Whether an author may let its findings pass with `[[lint.allow]]`.
    pub fn can_be_allowed(&self) -> bool {
        !matches!(self.check, Check::Value | Check::Allowance(_) | Check::Artifacts(_))
    }
}
