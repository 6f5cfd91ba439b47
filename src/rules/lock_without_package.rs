use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Portal;
use crate::{limits, version};

pub(super) static RULE: Rule = Rule {
    id: "lock-without-package",
    summary: "The lock file lacks a package without which the image cannot run.",
    levels: Levels::ERROR,
    why: "The image runs uvicorn, which Reflex does not bring along. A Reflex before 0.10.1 imports SQLAlchemy's asyncio module where that is installed, which from SQLAlchemy 2.1 on fails without greenlet.",
    sources: &["https://github.com/reflex-dev/reflex/releases"],
    examples: examples!("lock-without-package"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(file) = &portal.files.lock else { return };
    let lock = &file.lock;
    // What cannot be read may hold it.
    if lock.has_unnamed || !lock.elsewhere.is_empty() || !lock.unreadable.is_empty() {
        return;
    }
    let has = |name| lock.entries(name).next().is_some();
    let below = |floor| version::is_below(portal.app.reflex.as_str(), floor);
    let database = below(limits::REFLEX_WITHOUT_DATABASE) || has("sqlalchemy");
    let needs_greenlet = database && below(limits::REFLEX_WITHOUT_GREENLET);
    let needed = [("reflex", true), ("uvicorn", true), ("greenlet", needs_greenlet)];
    let lacking: Vec<_> = needed
        .iter()
        .filter(|(name, is_needed)| *is_needed && !has(name))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if lacking.is_empty() {
        return;
    }
    let them = if lacking.len() == 1 { "it" } else { "them" };
    findings.push(
        findings
            .finding(format!("the lock file holds no {}", lacking.join(" and no ")))
            .at(portal.source, value(&["app", "lock"]), "")
            .help(format!("add {them} to what the lock file is made from, and lock again")),
    );
}
