//! `portalgen plan`.

use std::path::Path;

use super::{Loaded, Look, Outcome, check_is_one, load, load_planned};
use crate::cli::{Format, Plan, Selection};
use crate::config::Kind;
use crate::config::environment::LoadBalancerMode;
use crate::deployment::Deployment;
use crate::escape::Language;
use crate::finding::{Finding, Level};
use crate::layout::PORTAL_FILE;
use crate::meaning::transition::{self, ImageChange};
use crate::report::transition::{self as words, FileChange, KeyChange};
use crate::report::{self, Findings};
use crate::setting::{self, NoSetting, Setting};
use crate::source::{KeyPath, Source};
use crate::workspace::Planned;

pub(super) fn run(arguments: &Plan, current: &Path) -> Outcome {
    if let Err(error) = check_is_one(&arguments.environment, current, "plan") {
        return Outcome::cannot_run(error);
    }
    let settings = match Setting::parse_all(&arguments.set) {
        Ok(settings) => settings,
        Err(error) => return Outcome::cannot_run(error),
    };
    let selection =
        Selection { inputs: vec![arguments.environment.clone()], out: arguments.out.clone(), deny_warnings: false };
    let before = match load(&selection, current, Look::Rendered) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let Some(now) = State::of(&before) else {
        let messages = before.messages() + "nothing was planned: the files as they are cannot be read whole\n";
        return Outcome { output: String::new(), messages, exit: before.exit };
    };
    let planned = match now.planned(&settings) {
        Ok(planned) => planned,
        Err(error) => return Outcome::cannot_run(error),
    };
    let after = match load_planned(&selection, current, Look::Rendered, &planned) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let Some(then) = State::of(&after) else {
        let appear = Compared::of(&before, &after).appear;
        let appear = Findings { all: &appear, sources: &after.workspace.sources, deny_warnings: false };
        let messages = appear.to_text(Format::Text) + "nothing was planned, and nothing was written\n";
        return Outcome { output: String::new(), messages, exit: after.exit };
    };
    let output = Transition { settings: &settings, now, then }.to_text(&arguments.environment);
    Outcome { output, messages: after.notes(), exit: after.exit }
}

/// One environment that was read whole.
#[derive(Clone, Copy)]
pub(super) struct State<'l> {
    pub(super) loaded: &'l Loaded,
    pub(super) deployment: &'l Deployment,
}

impl<'l> State<'l> {
    /// The first environment; nothing where a file is malformed.
    pub(super) fn of(loaded: &'l Loaded) -> Option<Self> {
        let deployment = loaded.workspace.deployments.first()?;
        (!loaded.workspace.malformed).then_some(Self { loaded, deployment })
    }

    fn source(self, kind: Kind) -> &'l Source {
        let id = match kind {
            Kind::Environment => self.deployment.source,
            Kind::Portal => self.deployment.portal_source,
        };
        &self.loaded.workspace.sources[id.0]
    }

    /// The texts with the settings in them, of those files that have any.
    pub(super) fn planned(self, settings: &[Setting]) -> Result<Vec<Planned>, NoSetting> {
        let mut planned = Vec::new();
        for (kind, file) in [(Kind::Environment, self.deployment.file.as_str()), (Kind::Portal, PORTAL_FILE)] {
            let mut settings = settings.iter().filter(|setting| setting.kind == kind).peekable();
            if settings.peek().is_some() {
                let text = setting::apply(&self.source(kind).text, settings)?;
                planned.push(Planned { path: self.loaded.workspace.root.join(file), text });
            }
        }
        Ok(planned)
    }
}

/// An environment as it is, and as it would be.
struct Transition<'t> {
    settings: &'t [Setting],
    now: State<'t>,
    then: State<'t>,
}

impl Transition<'_> {
    /// Everything, in the order in which one reads it.
    fn to_text(&self, environment: &Path) -> String {
        let Self { now, then, .. } = *self;
        let (before, after) = (now.loaded, then.loaded);
        if self.settings.iter().all(|setting| setting.is_in(&now.source(setting.kind).text)) {
            return words::nothing_changes(self.settings.len());
        }
        let hidden: Vec<_> = before.hidden().into_iter().chain(after.hidden()).collect();
        let mut secret: Vec<_> = before.secret_folders().into_iter().chain(after.secret_folders()).collect();
        secret.sort_unstable();
        secret.dedup();
        let files = words::file_changes(&before.folders, &after.folders);
        let image_files = files.iter().any(FileChange::is_of_image);
        let image = ImageChange::between(now.deployment, then.deployment, image_files);
        let concealed = |text: String| words::concealed(&text, &hidden);
        let mut text = concealed(words::keys(&self.keys()));
        if self.settings.iter().any(|setting| setting.kind == Kind::Portal) {
            text.push_str(&report::note(&format!(
                "portal.toml is the same in every environment, so this changes all of them; what follows is of `{}`",
                then.deployment.environment
            )));
        }
        text.push_str(&words::files(&files, &after.out.shown, image, &secret, &hidden));
        text.push_str(&self.findings());
        text.push_str(&concealed(words::consequences(&transition::topics(now.deployment, then.deployment))));
        let folder = report::join(&after.out.shown, then.deployment.environment.as_str());
        let needs = transition::needs(now.deployment, then.deployment, image, &folder);
        if !needs.is_empty() {
            text.push_str(&concealed(words::needs(&needs)));
        }
        text.push_str(&words::steps(&self.steps(environment, image, &files)));
        text.push_str(&format!("\n{}", words::verdict(self.errors())));
        text.trim_start().to_owned()
    }

    /// The keys that are set, and those whose default follows from them.
    fn keys(&self) -> Vec<KeyChange> {
        let Self { now, then, .. } = *self;
        let (old, new) = (transition::following(now.deployment), transition::following(then.deployment));
        let default_of = |defaults: &[(Kind, &[&str], String)], kind, path: &KeyPath| {
            let of = defaults.iter().find(|(of, keys, _)| *of == kind && KeyPath::new(keys.iter().copied()) == *path);
            of.map(|(_, _, value)| value.clone())
        };
        let mut changes = Vec::new();
        for setting in self.settings {
            let (path, kind) = (setting.path(), setting.kind);
            let (source, planned) = (now.source(kind), then.source(kind));
            let unset = || match default_of(&old, kind, &path).or_else(|| setting.schema_default()) {
                Some(default) => format!("not set, default {default}"),
                None => "not set".to_owned(),
            };
            changes.push(KeyChange {
                file: source.path.clone(),
                key: path.to_string(),
                before: setting.value_in(&source.text).unwrap_or_else(unset),
                after: setting.value_in(&planned.text).unwrap_or_else(unset),
            });
        }
        for (kind, keys, value) in new {
            let path = KeyPath::new(keys.iter().copied());
            let (source, planned) = (now.source(kind), then.source(kind));
            let written = source.has(&path) || planned.has(&path);
            if let Some(old) = default_of(&old, kind, &path).filter(|old| !written && *old != value) {
                let (before, after) = (format!("not set, default {old}"), format!("default {value}"));
                changes.push(KeyChange { file: source.path.clone(), key: path.to_string(), before, after });
            }
        }
        changes.sort_by_key(|change| change.file != now.source(Kind::Environment).path);
        changes
    }

    fn findings(&self) -> String {
        let (before, after) = (self.now.loaded, self.then.loaded);
        let Compared { appear, go, stay } = Compared::of(before, after);
        let appear = Findings { all: &appear, sources: &after.workspace.sources, deny_warnings: false };
        words::findings(&appear, &go, &stay)
    }

    fn errors(&self) -> usize {
        let findings = self.then.loaded.workspace.findings.iter();
        findings.filter(|finding| finding.stands() && finding.level == Level::Error).count()
    }

    /// What to do, one after the other.
    fn steps(&self, environment: &Path, image: ImageChange, files: &[FileChange<'_>]) -> Vec<(String, String)> {
        let Self { now, then, .. } = *self;
        let mut steps = Vec::new();
        for kind in [Kind::Environment, Kind::Portal] {
            let (source, planned) = (now.source(kind), then.source(kind));
            if source.text != planned.text {
                let lines = words::lines_to_write(&source.path, source.shown(), planned.shown());
                steps.push((format!("Write it in {}:", source.path), lines));
            }
        }
        if files.is_empty() {
            return steps;
        }
        let quoted = |text: &str| Language::Shell.token(text).unwrap_or_else(|_| text.to_owned());
        let typed = environment.to_string_lossy();
        let folder = report::join(&then.loaded.out.shown, then.deployment.environment.as_str());
        let (was, is) = (now.deployment.load_balancer_mode, then.deployment.load_balancer_mode);
        if was != LoadBalancerMode::None && is == LoadBalancerMode::None {
            let terraform = format!("terraform -chdir={}", quoted(&folder));
            let command = format!("{terraform} init\n{terraform} destroy");
            steps.push(("Let Terraform take away what it has made, while the file is there:".to_owned(), command));
        }
        let of_all = self.settings.iter().any(|setting| setting.kind == Kind::Portal);
        let render = if of_all { "portalgen render".to_owned() } else { then.loaded.command(Some(&typed)) };
        steps.push(("Render, and commit the TOML and the files together:".to_owned(), render));
        let Some(service) = &then.deployment.service else {
            steps.push(("Start the portal again, with the variables of portal.env.".to_owned(), String::new()));
            return steps;
        };
        if files.iter().any(|file| file.name() == "api.env") {
            let what = format!("Give the API what {folder}/api.env says, and deploy it: portalgen does not.");
            steps.push((what, String::new()));
        }
        // The others say what to do, or are the API's.
        let is_deployed =
            |file: &FileChange<'_>| file.is_of_image() || ["service.yaml", "load_balancer.tf"].contains(&file.name());
        if !files.iter().any(is_deployed) {
            return steps;
        }
        let script = quoted(&format!("{folder}/deploy.sh"));
        let (what, command) = match (service.image.has_digest(), image) {
            (true, ImageChange::Rebuilt | ImageChange::Another) => (
                "Deploy the new image in an environment before this one. Here, write its digest, render and deploy:",
                format!("{script} --promote-from ENV\n{script}"),
            ),
            _ => ("Deploy; with `--dry-run`, every command is shown first:", script),
        };
        steps.push((what.to_owned(), command));
        let verify = format!("portalgen verify {}", quoted(&typed));
        steps.push(("See whether the portal is as it should be:".to_owned(), verify));
        steps
    }
}

/// The findings that stand in two states.
struct Compared<'l> {
    /// Those of the second alone.
    appear: Vec<Finding>,
    /// Those of the first alone.
    go: Vec<&'l Finding>,
    /// Those of both.
    stay: Vec<&'l Finding>,
}

impl<'l> Compared<'l> {
    fn of(before: &'l Loaded, after: &'l Loaded) -> Self {
        let standing = |loaded: &'l Loaded| loaded.workspace.findings.iter().filter(|finding| finding.stands());
        let mut compared = Self { appear: Vec::new(), go: standing(before).collect(), stay: Vec::new() };
        for finding in standing(after) {
            match compared.go.iter().position(|old| is_same(old, finding)) {
                Some(at) => {
                    compared.go.remove(at);
                    compared.stay.push(finding);
                }
                None => compared.appear.push(finding.clone()),
            }
        }
        compared
    }
}

/// Whether two findings say the same of the same keys, wherever these stand now.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let what = |finding: &Finding| {
        let places: Vec<_> = finding.places.iter().map(|place| place.at.path().cloned()).collect();
        (finding.id, finding.level, finding.message.clone(), places)
    };
    what(one) == what(other)
}
