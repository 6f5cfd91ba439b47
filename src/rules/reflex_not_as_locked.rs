use super::{Check, Findings, Levels, Rule, span, value};
use crate::deployment::Portal;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "reflex-not-as-locked",
    summary: "portal.toml says another Reflex version than the lock file holds.",
    levels: Levels::ERROR,
    why: "pip installs what the lock file holds, while the rules, and whoever reads portal.toml, go by `app.reflex`.",
    sources: &[],
    examples: examples!("reflex-not-as-locked"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(file) = &portal.files.lock else { return };
    let written = &portal.app.reflex;
    let locked: Vec<_> = file.lock.entries("reflex").filter_map(|entry| entry.version.as_ref()).collect();
    // Markers may choose among several.
    if locked.iter().any(|(version, _)| version::same(version, written.as_str())) {
        return;
    }
    let Some((version, at)) = locked.first() else { return };
    findings.push(
        findings
            .finding(format!("`app.reflex` is {written}, but the lock file installs {version}"))
            .at(portal.source, value(&["app", "reflex"]), "")
            .at(file.source, span(at), "this is installed")
            .help(format!("write `reflex = \"{version}\"`, or lock {written}")),
    );
}
