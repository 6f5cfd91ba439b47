//! What can be wrong with a configuration that is well-formed: combinations that Cloud Run, nginx, Reflex, Google's
//! OAuth or Terraform refuse, or that do not work.
//!
//! A rule is a record and a function in a file of its own, and two examples in `tests/fixtures/rules/<id>/`. To add
//! one: the file, the examples, its `mod` line and its line in [`RULES`]; tests hold them together. The schema's list
//! of ids, `portalgen explain` and docs/rules.md follow by themselves. What one value alone breaks is judged by its
//! unit, which names the rule (`units::RULES_OF_VALUES`); here stands the record.

use places::{
    at_uri, element, floor, is_alpine, key, more, path, public_paths, related, routed_paths, schema_line, span, value,
};

use crate::deployment::{Deployment, Portal};
use crate::finding::{Finding, Place};
use crate::reread::Artifacts;
use crate::rule::{Allowance, Check, Findings, Levels, Rule, Unused};
use crate::schema_line::TomlFile;

/// The two examples of a rule: the smallest change to a sound portal that it finds something in, and what to write
/// instead. Tests run both.
macro_rules! examples {
    ($id:literal) => {
        $crate::rule::Examples {
            fires: include_str!(concat!("../../tests/fixtures/rules/", $id, "/fires.toml")),
            silent: include_str!(concat!("../../tests/fixtures/rules/", $id, "/silent.toml")),
        }
    };
}

mod places;

mod alternative_of_another_service;
mod annotation_on_wrong_level;
mod api_host_without_redirect_uri;
mod app_file_missing;
mod app_file_unreadable;
mod app_name_disagrees;
mod asgi_outside_image;
mod attach_incomplete;
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

/// Every rule, by id.
pub static RULES: &[&Rule] = &[
    &alternative_of_another_service::RULE,
    &annotation_on_wrong_level::RULE,
    &api_host_without_redirect_uri::RULE,
    &app_file_missing::RULE,
    &app_file_unreadable::RULE,
    &app_name_disagrees::RULE,
    &asgi_outside_image::RULE,
    &attach_incomplete::RULE,
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
            .filter(|name| !["mod", "places"].contains(&name.as_str()))
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
