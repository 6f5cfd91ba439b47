use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::Portal;
use crate::finding::At;
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "python-image-of-another-version",
    summary: "The base image has another Python than `app.python` says.",
    levels: Levels::ERROR,
    why: "`app.python` is the Python that the lock file was made for. Another one may need other packages, and with `--require-hashes` pip installs none that the lock file does not name.",
    sources: &["https://pip.pypa.io/en/stable/topics/secure-installs/"],
    examples: examples!("python-image-of-another-version"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let (image, python) = (&portal.images.python, &portal.python);
    let tag = image.tag_of("python").unwrap_or_default();
    let numbers = version::numbers(tag);
    // `python:3` is whichever is newest.
    let Some(of_image) = numbers.get(..2).filter(|two| *two != version::numbers(python.as_str())) else { return };
    let of_image = format!("{}.{}", of_image[0], of_image[1]);
    findings.push(
        findings
            .finding(format!("`{image}` has Python {of_image}, but the lock file is for {python}"))
            .at(portal.source, At::Value(portal.keys.python_image.clone()), "")
            .at(portal.source, value(&["app", "python"]), "the lock file's Python")
            .help(format!(
                "write an image of Python {python}, or make the lock file for {of_image} and write `python = \"{of_image}\"`"
            )),
    );
}
