use super::{Check, Findings, Levels, Rule};
use crate::deployment::Portal;
use crate::finding::At;

pub(super) static RULE: Rule = Rule {
    id: "asgi-outside-image",
    summary: "The image does not carry the backend's module.",
    levels: Levels::ERROR,
    why: "The image carries rxconfig.py, the app's package, what `include` names and the locked packages. uvicorn cannot import anything else, and ends with `Could not import module`.",
    sources: &["https://www.uvicorn.org/settings/"],
    examples: examples!("asgi-outside-image"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let app = &portal.app;
    let top = app.asgi.module().split('.').next().unwrap_or_default();
    // A module is mostly called as the package that brings it, or as its first or last word.
    let name = top.replace('_', "-").to_ascii_lowercase();
    let brings = |package: &str| {
        package == name || package.starts_with(&format!("{name}-")) || package.ends_with(&format!("-{name}"))
    };
    let locked = portal.files.lock.as_ref().is_some_and(|file| file.lock.names().any(brings));
    if app.carries(top) || locked {
        return;
    }
    findings.push(
        findings
            .finding(format!("the image carries no module `{top}`"))
            .at(portal.source, At::Value(portal.keys.asgi.clone()), "")
            .help(format!(
                "remove `asgi`, which is then `{0}.{0}:app`, or name the module's file in `include`",
                app.package
            )),
    );
}
