use super::{Check, Findings, Levels, Rule};
use crate::app_files::{Missing, Role};
use crate::deployment::Portal;
use crate::finding::At;

pub(super) static RULE: Rule = Rule {
    id: "app-file-missing",
    summary: "The Dockerfile copies a file of the app that is not there, or the backend's module is not.",
    levels: Levels::ERROR,
    why: "A `COPY` from a path that is not there ends the build of the image. A module that is not there ends the backend as soon as it starts.",
    sources: &["https://docs.docker.com/reference/dockerfile/#copy"],
    examples: examples!("app-file-missing"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    for missing in &portal.files.missing {
        let Missing { role, path, key, near } = missing;
        let message = match role {
            Role::Source => format!("there is no folder `{path}`, where the app should lie"),
            Role::Module => format!("there is no `{path}`, where the backend looks for `{}`", portal.app.asgi),
            Role::Config | Role::Package | Role::Include | Role::Lock => {
                format!("there is no `{path}`, which the Dockerfile copies")
            }
        };
        let help = match (role, near) {
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (Role::Source | Role::Config, None) => "write the folder that holds rxconfig.py".to_owned(),
            (Role::Package, None) => match portal.files.text_setting("app_name") {
                Some((_, _, name)) => format!("write the `app_name` of rxconfig.py: `package = \"{name}\"`"),
                None => "write the `app_name` of rxconfig.py, which is the folder of the app's package".to_owned(),
            },
            (Role::Module, None) => "write where the app is made: `asgi = \"MODULE:ATTRIBUTE\"`".to_owned(),
            (Role::Include, None) => "put it there, or take it out of `include`".to_owned(),
            (Role::Lock, None) => "write where the lock file is, from portal.toml's folder".to_owned(),
        };
        findings.push(findings.finding(message).at(portal.source, At::Value(key.clone()), "").help(help));
    }
}
