//! What the owner of a URL map adds to it: url_map.hcl and add-path-matcher.sh.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;

use super::syntax::hcl::{self, Argument, argument, span};
use super::syntax::shell::{self, assignment, variable};
use super::syntax::{Unreadable, Word};
use super::{Facts, Subject};

/// The backend service, as load_balancer.tf makes it.
pub(super) const BACKEND_SERVICE: &str = "google_compute_backend_service.portal";
/// The hosts of the new rule: without them it is for every host that has none of its own.
pub(super) const NEW_HOSTS: (&str, &str) = ("--new-hosts", "the hosts");

/// url_map.hcl.
pub(super) fn read(source: &str, facts: &mut Facts<'_>) -> Result<(), Unreadable> {
    let body = hcl::read(source)?;
    for block in body.blocks() {
        let mut say = |name: &str, key: &str| {
            if let Some(Argument { value, span: statement, .. }) = argument(&block.body, name) {
                facts.add(Subject::Service, key.to_owned(), hcl::text(value, source), span(value), statement);
            }
        };
        match block.ident.as_str() {
            "host_rule" => {
                say("path_matcher", "host_rule");
                hosts(&block.body, source, facts);
            }
            "path_matcher" => {
                say("name", "path_matcher");
                if let Some(service) = argument(&block.body, "default_service") {
                    let (path, at) = (hcl::text(service.value, source), span(service.value));
                    // Behind the quote.
                    default_service(&path, at.start + 1..at.end - 1, &service.span, facts);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn hosts(body: &Body, source: &str, facts: &mut Facts<'_>) {
    let Some(Expression::Array(hosts)) = argument(body, "hosts").map(|found| found.value) else { return };
    for host in hosts.iter() {
        facts.add(Subject::Host, hcl::text(host, source), "", span(host), span(host));
    }
}

/// `projects/PROJECT/global/backendServices/NAME`, or the name alone.
fn default_service(path: &str, at: Range<usize>, statement: &Range<usize>, facts: &mut Facts<'_>) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let start = at.end.saturating_sub(name.len()).max(at.start);
    facts.add(Subject::ResourceName, BACKEND_SERVICE, name.to_owned(), start..at.end, statement.clone());
    let project = path.split_once("projects/").map(|(before, rest)| (before.len() + "projects/".len(), rest));
    if let Some((offset, project)) = project.map(|(offset, rest)| (offset, rest.split('/').next().unwrap_or_default()))
    {
        let start = (at.start + offset).min(at.end);
        let at = start..(start + project.len()).min(at.end);
        facts.add(Subject::Project, "default_service", project.to_owned(), at, statement.clone());
    }
}

/// What add-path-matcher.sh assigns, or hands to gcloud by a flag: the variable, the flags, and what it is.
const SAID: &[(&str, &[&str], Subject, &str)] = &[
    ("url_map", &[], Subject::Setting, "url_map"),
    ("path_matcher", &["--path-matcher-name"], Subject::Service, "path_matcher"),
    ("backend_service", &["--default-service"], Subject::ResourceName, BACKEND_SERVICE),
    ("project", &["--project"], Subject::Project, "project"),
];

/// add-path-matcher.sh.
pub(super) fn read_script(text: &str, facts: &mut Facts<'_>) -> Result<(), Unreadable> {
    let words = words(text)?;
    for word in &words {
        let Some((name, value, at)) = assigned_or_flag(word) else { continue };
        let statement = word.span.clone();
        if name == "hosts" && text[word.span.end..].starts_with('(') {
            let open = word.span.end;
            let close = text[open..].find(')').map_or(text.len(), |length| open + length);
            for host in words.iter().filter(|host| (open..close).contains(&host.span.start)) {
                facts.add(Subject::Host, host.text.clone(), "", host.span.clone(), host.span.clone());
            }
        }
        if name == NEW_HOSTS.0 {
            let said = if value.contains("${hosts[") { NEW_HOSTS.1 } else { value };
            facts.add(Subject::Setting, NEW_HOSTS.0, said.to_owned(), at.clone(), statement.clone());
        }
        for (assigned, flags, subject, key) in SAID {
            // A flag that takes the variable says nothing new.
            let by_flag = flags.contains(&name) && variable(value) != Some(*assigned);
            if name == *assigned || by_flag {
                facts.add(*subject, *key, value.to_owned(), at.clone(), statement.clone());
            }
        }
    }
    Ok(())
}

/// The words of a script, those of a command whose output is assigned among them.
fn words(text: &str) -> Result<Vec<Word>, Unreadable> {
    let mut words: Vec<_> = shell::read(text)?.into_iter().flatten().collect();
    let mut inner = Vec::new();
    for (_, _, at) in words.iter().filter_map(assignment) {
        let command = text.get(at.clone()).and_then(|value| value.strip_prefix("$(")?.strip_suffix(')'));
        for word in command.map(shell::read).transpose()?.into_iter().flatten().flatten() {
            let start = at.start + 2;
            inner.push(Word { text: word.text, span: word.span.start + start..word.span.end + start });
        }
    }
    words.extend(inner);
    Ok(words)
}

/// `name=value` or `--flag=value`, and where the value stands.
fn assigned_or_flag(word: &Word) -> Option<(&str, &str, Range<usize>)> {
    assignment(word).or_else(|| {
        let (name, value) = word.text.split_once('=').filter(|(name, _)| name.starts_with("--"))?;
        Some((name, value, (word.span.start + name.len() + 1).min(word.span.end)..word.span.end))
    })
}
