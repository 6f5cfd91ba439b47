use super::{Check, Findings, Levels, Rule, span, value};
use crate::app_files::Role;
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "app-name-disagrees",
    summary: "rxconfig.py names another package than portal.toml, and the image does not carry it.",
    levels: Levels::ERROR,
    why: "Reflex imports the app from `<app_name>.<app_name>`. The image carries the package that portal.toml names, so its build would find no app.",
    sources: &["https://reflex.dev/docs/api-reference/config/"],
    examples: examples!("app-name-disagrees"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let files = &portal.files;
    // Then the app is imported from there, whatever it is called.
    let imported_otherwise = files.setting("app_module_import").is_some();
    let Some((source, setting, name)) = files.text_setting("app_name") else { return };
    if imported_otherwise || files.lacks(Role::Package) || portal.app.carries(name) {
        return;
    }
    let package = &portal.app.package;
    findings.push(
        findings
            .finding(format!("Reflex imports `{name}`, but the image carries `{package}`"))
            .at(portal.source, value(&["app", "package"]), "")
            .at(source, span(&setting.value_span), "Reflex imports this")
            .help(format!(
                "write `app_name=\"{package}\"` in rxconfig.py, or `package = \"{name}\"` if the app's folder is called so"
            )),
    );
}
