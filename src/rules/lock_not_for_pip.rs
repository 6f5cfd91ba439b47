use super::{Check, Findings, Levels, Rule, more, span};
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "lock-not-for-pip",
    summary: "The lock file has a line that pip cannot read.",
    levels: Levels::ERROR,
    why: "The image is built with `pip install --requirement`, which takes one requirement a line and ends at what is none. Lock files of other tools, such as uv.lock and poetry.lock, have another format.",
    sources: &["https://pip.pypa.io/en/stable/reference/requirements-file-format/"],
    examples: examples!("lock-not-for-pip"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(file) = &portal.files.lock else { return };
    let [first, others @ ..] = file.lock.unreadable.as_slice() else { return };
    findings.push(
        findings
            .finding(match others {
                [] => "this line is no requirement that pip can read".to_owned(),
                _ => format!("this line{} are no requirements that pip can read", more(others)),
            })
            .at(file.source, span(first), "")
            .help("export the lock for pip, such as with `uv export --no-emit-project --format requirements-txt`, and name that file in `lock`"),
    );
}
