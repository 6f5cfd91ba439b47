use super::{Check, Findings, Levels, Rule, routed_paths};
use crate::deployment::Portal;
use crate::limits;
use crate::units::UrlPath;

pub(super) static RULE: Rule = Rule {
    id: "overlapping-paths",
    summary: "Two paths claim the same requests, so one of their owners would never be asked.",
    levels: Levels::ERROR,
    why: "nginx gives a request to one location. Where two paths claim it, or one lies over a path of Reflex's own, somebody waits for requests that never come.",
    sources: &["https://nginx.org/en/docs/http/ngx_http_core_module.html#location"],
    examples: examples!("overlapping-paths"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let paths = routed_paths(portal);
    for (i, (path, (source, at))) in paths.iter().enumerate() {
        for reflex in limits::REFLEX_PATHS {
            let reflex_path: UrlPath = reflex.parse().expect("a legal constant");
            if path.covers(reflex) || reflex_path.covers(path.as_str()) {
                let message = format!("`{path}` overlaps `{reflex}`, which belongs to Reflex");
                findings.push(
                    findings
                        .finding(message)
                        .at(*source, at.clone(), "")
                        .help("choose another path; Reflex's own paths are routed without being named"),
                );
            }
        }
        for (other, (other_source, other_at)) in &paths[..i] {
            if path.covers(other.as_str()) || other.covers(path.as_str()) {
                findings.push(
                    findings
                        .finding(format!("`{path}` overlaps `{other}`"))
                        .at(*source, at.clone(), "")
                        .at(*other_source, other_at.clone(), "claims the same requests")
                        .help("name each path once: the longer one is part of the shorter"),
                );
            }
        }
    }
}
