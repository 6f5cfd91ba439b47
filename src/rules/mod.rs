//! What can be wrong with a configuration that is well-formed: combinations that Cloud Run, nginx, Reflex, Google's
//! OAuth or Terraform refuse, or that do not work.
//!
//! A rule is a record and a function in a file of its own, and two examples in `tests/fixtures/rules/<id>/`. To add
//! one: the file, the examples, its `mod` line and its line in [`RULES`]; tests hold them together. The schema's list
//! of ids, `portalgen explain` and docs/rules.md follow by themselves. What one value alone breaks is judged by its
//! unit, which names the rule (`units::RULES_OF_VALUES`); here stands the record.

use std::ops::Range;

use crate::config::environment::Stage;
use crate::config::lint::Allow;
use crate::deployment::{Deployment, Portal, RedirectUriEntry, UriOrigin};
use crate::finding::{At, Finding, Level, Place, SourceId};
use crate::reread::{Artifacts, Said, Subject};
use crate::schema_line::TomlFile;
use crate::source::KeyPath;
use crate::units::{ExactVersion, ImageRef, UrlPath};
use crate::version;

/// The two examples of a rule: the smallest change to a sound portal that it finds something in, and what to write
/// instead. Tests run both.
macro_rules! examples {
    ($id:literal) => {
        $crate::rules::Examples {
            fires: include_str!(concat!("../../tests/fixtures/rules/", $id, "/fires.toml")),
            silent: include_str!(concat!("../../tests/fixtures/rules/", $id, "/silent.toml")),
        }
    };
}

mod alternative_of_another_service;
mod annotation_on_wrong_level;
mod api_host_without_redirect_uri;
mod app_file_missing;
mod app_file_unreadable;
mod app_name_disagrees;
mod asgi_outside_image;
mod backend_not_on_loopback;
mod billed_while_idle;
mod browsers_refused;
mod callback_unrouted;
mod cookie_across_sites;
mod default_service_account;
mod duplicate_host;
mod duplicate_load_balancer;
mod duplicate_service;
mod egress_without_network;
mod few_open_tabs;
mod fractional_cpu;
mod frontend_path_set;
mod google_prefix_variable;
mod h2c_with_websocket;
mod host_disagrees;
mod host_not_public;
mod http2_on_old_debian;
mod image_by_tag;
mod javascript_origin_default_port;
mod javascript_origin_disagrees;
mod javascript_origin_refused;
mod javascript_origin_with_path;
mod key_without_effect;
mod label_refused;
mod load_balancer_bypassed;
mod load_balancer_shut_out;
mod load_balancer_without_host;
mod load_balancer_without_service;
mod local_state;
mod lock_leads_elsewhere;
mod lock_not_for_pip;
mod lock_without_hash;
mod lock_without_package;
mod memory_outside_cpu_band;
mod min_over_max_instances;
mod neg_refuses;
mod no_redirect_uri;
mod no_warm_instance;
mod node_image_on_alpine;
mod node_too_old;
mod one_request_at_a_time;
mod overlapping_paths;
mod own_run_app_closed;
mod path_disagrees;
mod path_ending_in_z;
mod placeholder_in_service;
mod polling_without_affinity;
mod port_disagrees;
mod ports_collide;
mod python_image_of_another_version;
mod python_image_on_alpine;
mod python_too_old;
mod redirect_uri_characters;
mod redirect_uri_default_port;
mod redirect_uri_disagrees;
mod redirect_uri_fragment;
mod redirect_uri_googleusercontent;
mod redirect_uri_not_https;
mod redirect_uri_not_public;
mod redirect_uri_of_unknown_host;
mod redirect_uri_open_redirect;
mod redirect_uri_placeholder;
mod redirect_uri_raw_ip;
mod redirect_uri_traversal;
mod redirect_uri_unregistered;
mod redirect_uri_userinfo;
mod redis_url_without_redis;
mod redis_without_url;
mod reflex_not_as_locked;
mod reflex_too_old;
mod reflex_without_polling;
mod region_disagrees;
mod request_timeout_over_limit;
mod reserved_path;
mod route_disagrees;
mod schema_line_dangling;
mod schema_line_late;
mod schema_line_missing;
mod schema_line_of_another_file;
mod secret_in_plain_sight;
mod secret_version_latest;
mod service_disagrees;
mod service_name_near_limit;
mod service_name_too_long;
mod service_without_address;
mod setting_disagrees;
mod setting_without_effect;
mod sign_in_on_another_host;
mod state_in_memory;
mod timeout_disagrees;
mod timeout_under_poll;
mod timeout_under_proxy;
mod token_in_query;
mod too_many_domains;
mod too_many_hosts;
mod transport_disagrees;
mod unknown_region;
mod unquoted_value;
mod unreadable_artifact;
mod unused_allowance;
mod upload_over_memory;
mod upload_without_http2;
mod uri_registered_twice;
mod uri_shortened;
mod variable_disagrees;
mod variable_not_expanded;
pub mod variable_refused;
mod variable_set_twice;
mod variable_without_effect;
mod websocket_cut_early;

/// A check with an id.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case words that name the fault, and the file's name.
    pub id: &'static str,
    /// What the rule finds, in one sentence.
    pub summary: &'static str,
    /// How bad it is, by stage.
    pub levels: Levels,
    /// Why it matters: what the platform does about it.
    pub why: &'static str,
    /// The pages that say so; none where it follows from how portalgen's own files are made.
    pub sources: &'static [&'static str],
    /// TOML that it fires on, and TOML that it does not.
    pub examples: Examples,
    /// How.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// One file of TOML, as a text.
    File(fn(&TomlFile, &mut Findings<'_>)),
    /// portal.toml alone, and the app's files.
    Portal(fn(&Portal, &mut Findings<'_>)),
    /// One environment.
    Environment(fn(&Deployment, &mut Findings<'_>)),
    /// All environments of the portal, together.
    Environments(fn(&[Deployment], &mut Findings<'_>)),
    /// One value: its unit judges it when the file is read, and refuses the file. Nothing lets that pass.
    Value,
    /// An allowance that no finding needed.
    Allowance(fn(&Unused<'_>, &mut Findings<'_>)),
    /// The generated files, as their text reads. Nothing lets it pass: an edited file is rendered again, or its change
    /// said in TOML.
    Artifacts(fn(&Artifacts<'_>, &mut Findings<'_>)),
}

/// How bad a finding is in each stage; nothing where the rule does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    development: Option<Level>,
    demo: Option<Level>,
    uat: Option<Level>,
    production: Option<Level>,
}

impl Levels {
    /// An error everywhere: it is refused, or does not work.
    pub const ERROR: Self = Self::same(Level::Error);
    /// A warning everywhere.
    pub const WARNING: Self = Self::same(Level::Warning);
    /// Good enough to try things out, not for the real thing.
    pub const UNTIL_PRODUCTION: Self = Self { production: Some(Level::Error), ..Self::WARNING };

    /// Nothing on a developer's own; a warning where it is shown to others, an error in the real thing.
    pub const FROM_DEMO: Self = Self { development: None, ..Self::UNTIL_PRODUCTION };
    /// Nothing where things are tried out; a warning where production is rehearsed, an error there.
    pub const FROM_UAT: Self = Self { demo: None, ..Self::FROM_DEMO };
    /// A warning where things are tried out, and right where they are for real.
    pub const BEFORE_UAT: Self = Self { uat: None, production: None, ..Self::WARNING };
    /// A warning where many people come.
    pub const IN_PRODUCTION: Self = Self { production: Some(Level::Warning), ..Self::NEVER };

    const NEVER: Self = Self { development: None, demo: None, uat: None, production: None };

    const fn same(level: Level) -> Self {
        Self { development: Some(level), demo: Some(level), uat: Some(level), production: Some(level) }
    }

    /// The level in a stage.
    pub fn of(self, stage: Stage) -> Option<Level> {
        match stage {
            Stage::Development => self.development,
            Stage::Demo => self.demo,
            Stage::Uat => self.uat,
            Stage::Production => self.production,
        }
    }

    /// The level of what belongs to no stage: that of production.
    pub fn of_portal(self) -> Option<Level> {
        self.production
    }
}

/// A rule's examples: changes to the portal of tests/fixtures/minimal, each file under a comment with its name.
#[derive(Debug)]
pub struct Examples {
    /// It fires on this.
    pub fires: &'static str,
    /// It is silent on this.
    pub silent: &'static str,
}

/// An entry of `[[lint.allow]]`, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowance {
    /// The file.
    pub source: SourceId,
    /// Further files that it is for: those of the app have no allowances of their own.
    pub also: Vec<SourceId>,
    /// The number of the entry, from 0.
    pub index: usize,
    /// What it says.
    pub allow: Allow,
}

/// An allowance that no finding needed.
#[derive(Debug)]
pub struct Unused<'a> {
    /// The allowance.
    pub allowance: &'a Allowance,
    /// Where its rule finds something that it is not for: in another file.
    pub elsewhere: Option<Place>,
}

/// Where a rule puts what it finds.
#[derive(Debug)]
pub struct Findings<'f> {
    id: &'static str,
    level: Level,
    found: &'f mut Vec<Finding>,
}

impl Findings<'_> {
    /// A finding of this rule, at the level of the stage, yet to be pushed.
    fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::new(self.id, self.level, message)
    }

    /// The same, at a value of the environment's file.
    fn at_value(&self, deployment: &Deployment, path: &[&str], message: impl Into<String>) -> Finding {
        self.finding(message).at(deployment.source, value(path), "")
    }

    fn push(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// What the generated files say of these subjects, and others do not.
    fn push_disagreements(&mut self, artifacts: &Artifacts<'_>, subjects: &[Subject]) {
        for disagreement in artifacts.disagreements(subjects) {
            self.push_said(artifacts.say(disagreement));
        }
    }

    fn push_said(&mut self, Said { message, places, help }: Said) {
        let finding = places.into_iter().fold(self.finding(message), |f, (source, at, label)| f.at(source, at, label));
        self.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// Every rule, by id.
pub static RULES: &[&Rule] = &[
    &alternative_of_another_service::RULE,
    &annotation_on_wrong_level::RULE,
    &api_host_without_redirect_uri::RULE,
    &app_file_missing::RULE,
    &app_file_unreadable::RULE,
    &app_name_disagrees::RULE,
    &asgi_outside_image::RULE,
    &backend_not_on_loopback::RULE,
    &billed_while_idle::RULE,
    &browsers_refused::RULE,
    &callback_unrouted::RULE,
    &cookie_across_sites::RULE,
    &default_service_account::RULE,
    &duplicate_host::RULE,
    &duplicate_load_balancer::RULE,
    &duplicate_service::RULE,
    &egress_without_network::RULE,
    &few_open_tabs::RULE,
    &fractional_cpu::RULE,
    &frontend_path_set::RULE,
    &google_prefix_variable::RULE,
    &h2c_with_websocket::RULE,
    &host_disagrees::RULE,
    &host_not_public::RULE,
    &http2_on_old_debian::RULE,
    &image_by_tag::RULE,
    &javascript_origin_default_port::RULE,
    &javascript_origin_disagrees::RULE,
    &javascript_origin_refused::RULE,
    &javascript_origin_with_path::RULE,
    &key_without_effect::RULE,
    &label_refused::RULE,
    &load_balancer_bypassed::RULE,
    &load_balancer_shut_out::RULE,
    &load_balancer_without_host::RULE,
    &load_balancer_without_service::RULE,
    &local_state::RULE,
    &lock_leads_elsewhere::RULE,
    &lock_not_for_pip::RULE,
    &lock_without_hash::RULE,
    &lock_without_package::RULE,
    &memory_outside_cpu_band::RULE,
    &min_over_max_instances::RULE,
    &neg_refuses::RULE,
    &no_redirect_uri::RULE,
    &no_warm_instance::RULE,
    &node_image_on_alpine::RULE,
    &node_too_old::RULE,
    &one_request_at_a_time::RULE,
    &overlapping_paths::RULE,
    &own_run_app_closed::RULE,
    &path_disagrees::RULE,
    &path_ending_in_z::RULE,
    &placeholder_in_service::RULE,
    &polling_without_affinity::RULE,
    &port_disagrees::RULE,
    &ports_collide::RULE,
    &python_image_of_another_version::RULE,
    &python_image_on_alpine::RULE,
    &python_too_old::RULE,
    &redirect_uri_characters::RULE,
    &redirect_uri_default_port::RULE,
    &redirect_uri_disagrees::RULE,
    &redirect_uri_fragment::RULE,
    &redirect_uri_googleusercontent::RULE,
    &redirect_uri_not_https::RULE,
    &redirect_uri_not_public::RULE,
    &redirect_uri_of_unknown_host::RULE,
    &redirect_uri_open_redirect::RULE,
    &redirect_uri_placeholder::RULE,
    &redirect_uri_raw_ip::RULE,
    &redirect_uri_traversal::RULE,
    &redirect_uri_unregistered::RULE,
    &redirect_uri_userinfo::RULE,
    &redis_url_without_redis::RULE,
    &redis_without_url::RULE,
    &reflex_not_as_locked::RULE,
    &reflex_too_old::RULE,
    &reflex_without_polling::RULE,
    &region_disagrees::RULE,
    &request_timeout_over_limit::RULE,
    &reserved_path::RULE,
    &route_disagrees::RULE,
    &schema_line_dangling::RULE,
    &schema_line_late::RULE,
    &schema_line_missing::RULE,
    &schema_line_of_another_file::RULE,
    &secret_in_plain_sight::RULE,
    &secret_version_latest::RULE,
    &service_disagrees::RULE,
    &service_name_near_limit::RULE,
    &service_name_too_long::RULE,
    &service_without_address::RULE,
    &setting_disagrees::RULE,
    &setting_without_effect::RULE,
    &sign_in_on_another_host::RULE,
    &state_in_memory::RULE,
    &timeout_disagrees::RULE,
    &timeout_under_poll::RULE,
    &timeout_under_proxy::RULE,
    &token_in_query::RULE,
    &too_many_domains::RULE,
    &too_many_hosts::RULE,
    &transport_disagrees::RULE,
    &unknown_region::RULE,
    &unquoted_value::RULE,
    &unreadable_artifact::RULE,
    &unused_allowance::RULE,
    &upload_over_memory::RULE,
    &upload_without_http2::RULE,
    &uri_registered_twice::RULE,
    &uri_shortened::RULE,
    &variable_disagrees::RULE,
    &variable_not_expanded::RULE,
    &variable_refused::RULE,
    &variable_set_twice::RULE,
    &variable_without_effect::RULE,
    &websocket_cut_early::RULE,
];

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// What every rule finds, in no particular order. Environments are compared only where all of them could be read.
pub fn check(portal: Option<&Portal>, files: &[TomlFile], deployments: &[Deployment], compare: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in RULES {
        match rule.check {
            Check::File(check) => {
                files.iter().for_each(|file| rule.run(rule.levels.of_portal(), &mut found, |f| check(file, f)));
            }
            Check::Portal(check) => {
                portal
                    .into_iter()
                    .for_each(|portal| rule.run(rule.levels.of_portal(), &mut found, |f| check(portal, f)));
            }
            Check::Environment(check) => {
                deployments.iter().for_each(|d| rule.run(rule.levels.of(d.stage), &mut found, |f| check(d, f)));
            }
            Check::Environments(check) if compare => {
                rule.run(rule.levels.of_portal(), &mut found, |f| check(deployments, f));
            }
            Check::Environments(_) | Check::Value | Check::Allowance(_) | Check::Artifacts(_) => {}
        }
    }
    found
}

/// What the rules over generated files find.
pub fn check_artifacts(artifacts: &Artifacts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in RULES {
        if let Check::Artifacts(check) = rule.check {
            rule.run(rule.levels.of_portal(), &mut found, |f| check(artifacts, f));
        }
    }
    found
}

/// Marks the findings that an allowance lets pass, and says which allowances no finding needed, unless some rules
/// could not judge.
pub fn allow(found: &mut Vec<Finding>, allowances: &[Allowance], all_judged: bool) {
    let mut unused: Vec<_> = allowances.iter().collect();
    for finding in found.iter_mut() {
        let concerns = |a: &&Allowance| {
            let covers = |place: &Place| place.source == a.source || a.also.contains(&place.source);
            a.allow.rule.as_str() == finding.id && finding.places.iter().any(covers)
        };
        if let Some(allowance) = allowances.iter().find(concerns) {
            finding.allowed = Some(allowance.allow.reason.to_string());
            unused.retain(|other| *other != allowance);
        }
    }
    let checks = RULES.iter().filter_map(|rule| match rule.check {
        Check::Allowance(check) if all_judged => Some((rule, check)),
        _ => None,
    });
    for (rule, check) in checks {
        for allowance in &unused {
            let meant = |finding: &&Finding| finding.id == allowance.allow.rule.as_str() && finding.stands();
            let elsewhere = found.iter().find(meant).and_then(|finding| finding.places.first().cloned());
            rule.run(rule.levels.of_portal(), found, |f| check(&Unused { allowance, elsewhere }, f));
        }
    }
}

impl Rule {
    fn run(&self, level: Option<Level>, found: &mut Vec<Finding>, check: impl FnOnce(&mut Findings<'_>)) {
        if let Some(level) = level {
            check(&mut Findings { id: self.id, level, found });
        }
    }

    /// Whether an author may let its findings pass with `[[lint.allow]]`.
    pub fn can_be_allowed(&self) -> bool {
        !matches!(self.check, Check::Value | Check::Allowance(_) | Check::Artifacts(_))
    }
}

/// Whether two environments are forms of one another.
fn related(one: &Deployment, other: &Deployment) -> bool {
    let service = |d: &Deployment| d.alternative_of.clone().unwrap_or_else(|| d.environment.clone());
    service(one) == service(other)
}

/// Every path of the portal's hosts that nginx is told of, and where: the app's own and the API's.
fn routed_paths(portal: &Portal) -> Vec<(&UrlPath, (SourceId, At))> {
    let own = portal.backend_paths.iter().enumerate();
    let own = own.map(|(i, path)| (path, element(portal.source, &["app", "backend_paths"], i, &[])));
    let api = portal.api_paths.iter().enumerate();
    let api = api.map(|(i, path)| (path, element(portal.source, &["api", "paths"], i, &["path"])));
    own.chain(api).collect()
}

/// The same, and the path of the OAuth callback.
fn public_paths(portal: &Portal) -> Vec<(&UrlPath, (SourceId, At))> {
    let callback = (&portal.callback_path, (portal.source, value(&["oauth", "callback_path"])));
    routed_paths(portal).into_iter().chain([callback]).collect()
}

/// Where the author wrote a redirect URI.
fn at_uri(deployment: &Deployment, entry: &RedirectUriEntry) -> (SourceId, At) {
    match entry.origin {
        UriOrigin::Host => (deployment.source, value(&["hosts"])),
        UriOrigin::Sent => (deployment.source, value(&["oauth", "redirect_uri"])),
        UriOrigin::Listed(i) => element(deployment.source, &["oauth", "redirect_uris"], i, &["uri"]),
    }
}

/// Where the author wrote a JavaScript origin.
fn at_origin(deployment: &Deployment, index: usize) -> (SourceId, At) {
    element(deployment.source, &["oauth", "javascript_origins"], index, &[])
}

fn value(path: &[&str]) -> At {
    At::Value(KeyPath::new(path.iter().copied()))
}

fn key(path: &[&str]) -> At {
    At::Key(KeyPath::new(path.iter().copied()))
}

/// Bytes of a file that is no TOML.
fn span(range: &Range<usize>) -> At {
    At::Span(range.clone())
}

/// A path that a rule compares with another one.
fn at_key(path: &[&str]) -> KeyPath {
    KeyPath::new(path.iter().copied())
}

/// That there are others of the kind.
fn more<T>(others: &[T]) -> String {
    if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) }
}

/// The `#:schema` line that a file should begin with.
fn schema_line(file: &TomlFile) -> String {
    let line = format!("`#:schema {}`", file.expected);
    if file.expected_exists { line } else { format!("{line}; `portalgen schema` makes that file") }
}

/// What a Reflex version needs at least, by a table from the newest to the oldest.
fn floor(table: &[(&[u64], &'static str)], reflex: &ExactVersion) -> Option<&'static str> {
    table.iter().find(|(from, _)| !version::is_below(reflex.as_str(), from)).map(|(_, needed)| *needed)
}

/// Whether an image's tag says that it is of Alpine Linux.
fn is_alpine(image: &ImageRef) -> bool {
    image.tag().unwrap_or_default().split('-').any(|part| part.starts_with("alpine"))
}

fn element(source: SourceId, path: &[&str], index: usize, rest: &[&str]) -> (SourceId, At) {
    let path = rest.iter().fold(KeyPath::new(path.iter().copied()).index(index), |path, key| path.key(*key));
    (source, At::Value(path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_a_rule_and_every_rule_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".rs")?.replace('_', "-")))
            .filter(|name| name != "mod")
            .collect();
        let ids: Vec<_> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
        let unsorted = ids.windows(2).find(|pair| pair[0] > pair[1]);
        assert_eq!(unsorted, None, "RULES are sorted by id");
        let ids: BTreeSet<_> = ids.into_iter().collect();
        let missing: Vec<_> = files.difference(&ids).collect();
        assert!(missing.is_empty(), "in src/rules/, but not in RULES: {missing:?}");
        let missing: Vec<_> = ids.difference(&files).collect();
        assert!(missing.is_empty(), "in RULES, but in no file of its name: {missing:?}");
    }

    /// What belongs to no stage has one level.
    #[test]
    fn only_rules_of_environments_go_by_the_stage() {
        for rule in RULES.iter().filter(|rule| !matches!(rule.check, Check::Environment(_))) {
            let uniform = [Levels::ERROR, Levels::WARNING].contains(&rule.levels);
            assert!(uniform, "{}: its level would be production's in every stage", rule.id);
        }
    }

    #[test]
    fn units_judge_the_rules_of_values_and_no_others() {
        let rules = RULES.iter().filter(|rule| matches!(rule.check, Check::Value));
        let (ids, levels): (Vec<_>, Vec<_>) = rules.map(|rule| (rule.id, rule.levels)).unzip();
        assert_eq!(ids, crate::units::RULES_OF_VALUES);
        assert!(levels.iter().all(|levels| *levels == Levels::ERROR), "what is refused is an error everywhere");
    }
}
