use super::{Check, Findings, Levels, Rule, floor, value};
use crate::deployment::Portal;
use crate::{limits, version};

pub(super) static RULE: Rule = Rule {
    id: "python-too-old",
    summary: "The Python is older than this Reflex version can be installed for.",
    levels: Levels::ERROR,
    why: "pip refuses a package whose `Requires-Python` excludes the image's Python: Reflex 0.8 and 0.9 ask for 3.10, 0.10 for 3.11.",
    sources: &["https://github.com/reflex-dev/reflex/releases"],
    examples: examples!("python-too-old"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let (reflex, python) = (&portal.app.reflex, &portal.python);
    let Some(needed) = floor(limits::PYTHON_FLOORS, reflex) else { return };
    if version::is_below(python.as_str(), &version::numbers(needed)) {
        findings.push(
            findings
                .finding(format!("Reflex {reflex} cannot be installed for Python {python}"))
                .at(portal.source, value(&["app", "python"]), "")
                .at(portal.source, value(&["app", "reflex"]), format!("needs Python {needed}"))
                .help(format!("write `python = \"{needed}\"` or newer, and make the lock file for it")),
        );
    }
}
