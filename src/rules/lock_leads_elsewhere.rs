use super::{Check, Findings, Levels, Rule, more, span};
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "lock-leads-elsewhere",
    summary: "The lock file leads to another file or folder, which the image does not have.",
    levels: Levels::ERROR,
    why: "The Dockerfile copies the lock file alone, so pip finds no file that `-r`, `-c` or a path leads to. With `--require-hashes` it installs nothing from a folder and nothing editable.",
    sources: &["https://pip.pypa.io/en/stable/topics/secure-installs/"],
    examples: examples!("lock-leads-elsewhere"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(file) = &portal.files.lock else { return };
    let [first, others @ ..] = file.lock.elsewhere.as_slice() else { return };
    findings.push(
        findings
            .finding(match others {
                [] => "this line leads out of the lock file, to what the image does not have".to_owned(),
                _ => format!("this line{} lead out of the lock file, to what the image does not have", more(others)),
            })
            .at(file.source, span(first), "")
            .help("lock every package into this one file, such as with `uv pip compile --generate-hashes`"),
    );
}
