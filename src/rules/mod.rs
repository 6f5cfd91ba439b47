//! What can be wrong with a configuration that is well-formed: combinations that Cloud Run, nginx, Reflex or
//! Terraform refuse, or that do not work.
//!
//! A rule is a record and a function in a file of its own. To add one: the file, its `mod` line and its line in
//! [`RULES`]; tests hold the three together.

use crate::config::environment::Stage;
use crate::deployment::{Deployment, Portal, RedirectUriEntry, UriOrigin};
use crate::finding::{At, Finding, Level, SourceId};
use crate::source::KeyPath;

mod alternative_of_another_service;
mod callback_unrouted;
mod duplicate_host;
mod duplicate_load_balancer;
mod duplicate_service;
mod egress_without_network;
mod fractional_cpu;
mod h2c_with_websocket;
mod image_by_tag;
mod key_without_effect;
mod label_refused;
mod load_balancer_bypassed;
mod load_balancer_shut_out;
mod load_balancer_without_host;
mod load_balancer_without_service;
mod memory_outside_cpu_band;
mod min_over_max_instances;
mod overlapping_paths;
mod placeholder_in_service;
mod ports_collide;
mod redirect_uri_of_unknown_host;
mod redis_url_without_redis;
mod redis_without_url;
mod request_timeout_over_limit;
pub mod reserved_variable;
mod service_name_too_long;
mod state_in_memory;
mod too_many_hosts;
mod unknown_region;
mod variable_set_twice;

/// A check with an id.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case words that name the fault, and the file's name.
    pub id: &'static str,
    /// What the rule finds, in one sentence.
    pub summary: &'static str,
    /// How.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// portal.toml alone.
    Portal(fn(&Portal, &mut Vec<Finding>)),
    /// One environment.
    Environment(fn(&Deployment, &mut Vec<Finding>)),
    /// All environments of the portal, together.
    Environments(fn(&[Deployment], &mut Vec<Finding>)),
}

/// Every rule, by id.
pub static RULES: &[&Rule] = &[
    &alternative_of_another_service::RULE,
    &callback_unrouted::RULE,
    &duplicate_host::RULE,
    &duplicate_load_balancer::RULE,
    &duplicate_service::RULE,
    &egress_without_network::RULE,
    &fractional_cpu::RULE,
    &h2c_with_websocket::RULE,
    &image_by_tag::RULE,
    &key_without_effect::RULE,
    &label_refused::RULE,
    &load_balancer_bypassed::RULE,
    &load_balancer_shut_out::RULE,
    &load_balancer_without_host::RULE,
    &load_balancer_without_service::RULE,
    &memory_outside_cpu_band::RULE,
    &min_over_max_instances::RULE,
    &overlapping_paths::RULE,
    &placeholder_in_service::RULE,
    &ports_collide::RULE,
    &redirect_uri_of_unknown_host::RULE,
    &redis_url_without_redis::RULE,
    &redis_without_url::RULE,
    &request_timeout_over_limit::RULE,
    &reserved_variable::RULE,
    &service_name_too_long::RULE,
    &state_in_memory::RULE,
    &too_many_hosts::RULE,
    &unknown_region::RULE,
    &variable_set_twice::RULE,
];

/// What every rule finds, in no particular order. Environments are compared only where all of them could be read.
pub fn check(portal: Option<&Portal>, deployments: &[Deployment], compare: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        match rule.check {
            Check::Portal(check) => portal.into_iter().for_each(|portal| check(portal, &mut findings)),
            Check::Environment(check) => deployments.iter().for_each(|d| check(d, &mut findings)),
            Check::Environments(check) if compare => check(deployments, &mut findings),
            Check::Environments(_) => {}
        }
    }
    findings
}

/// An error or warning at a value of the environment's file.
fn at_value(id: &'static str, level: Level, deployment: &Deployment, path: &[&str], message: String) -> Finding {
    Finding::new(id, level, message).at(deployment.source, value(path), "")
}

/// How bad it is what may do to try things out: nothing in development, a warning in demo and uat, an error in
/// production.
fn fit_for_trying(stage: Stage) -> Option<Level> {
    match stage {
        Stage::Development => None,
        Stage::Demo | Stage::Uat => Some(Level::Warning),
        Stage::Production => Some(Level::Error),
    }
}

/// Whether two environments are forms of one another.
fn related(one: &Deployment, other: &Deployment) -> bool {
    let service = |d: &Deployment| d.alternative_of.clone().unwrap_or_else(|| d.environment.clone());
    service(one) == service(other)
}

/// Where the author wrote a redirect URI.
fn at_uri(deployment: &Deployment, entry: &RedirectUriEntry) -> (SourceId, At) {
    match entry.origin {
        UriOrigin::Host => (deployment.source, value(&["hosts"])),
        UriOrigin::Sent => (deployment.source, value(&["oauth", "redirect_uri"])),
        UriOrigin::Listed(i) => element(deployment.source, &["oauth", "redirect_uris"], i, &["uri"]),
    }
}

fn value(path: &[&str]) -> At {
    At::Value(KeyPath::new(path.iter().copied()))
}

fn key(path: &[&str]) -> At {
    At::Key(KeyPath::new(path.iter().copied()))
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
        assert!(ids.is_sorted(), "RULES are sorted by id");
        assert_eq!(files, ids.into_iter().collect());
    }
}
