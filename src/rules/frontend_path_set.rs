use super::{Check, Findings, Levels, Rule, span};
use crate::deployment::Portal;

pub(super) static RULE: Rule = Rule {
    id: "frontend-path-set",
    summary: "rxconfig.py puts every page below a path, where nginx does not look.",
    levels: Levels::ERROR,
    why: "With `frontend_path` the build moves all pages and assets into a folder of that name. nginx serves the built client from the root of the host, so no page would be found where a link leads.",
    sources: &["https://reflex.dev/docs/api-reference/config/"],
    examples: examples!("frontend-path-set"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some((source, setting, path)) = portal.files.text_setting("frontend_path") else { return };
    let path = path.trim_matches('/');
    if !path.is_empty() {
        findings.push(
            findings
                .finding(format!("every page would lie below `/{path}/`, where nginx serves none"))
                .at(source, span(&setting.value_span), "")
                .help("remove `frontend_path`: the portal answers at the root of its hosts"),
        );
    }
}
