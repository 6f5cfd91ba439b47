//! Every rule: what it says, when it is silent, and what else knows of it.

use std::collections::BTreeSet;

use portalgen::rules::RULES;

use crate::support::{Folder, Run, files, fixture, name, read, repository, rules_of, stem};

/// Lints an example; what is printed, and the rules that fire.
pub(crate) fn linted(example: &str) -> (Run, BTreeSet<String>) {
    let folder = Folder::minimal();
    folder.lay_over(example);
    let run = folder.run(&["lint"]);
    let ids = rules_of(&run);
    (run, ids)
}

/// Holds that exactly these rules, by id, fire on an example.
#[track_caller]
pub(crate) fn assert_fires(example: &str, due: &[&str]) -> Run {
    let (run, ids) = linted(example);
    let due = due.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(ids, due, "{example}\n{}", run.transcript());
    run
}

#[test]
fn each_rule_fires_on_its_example_and_no_other_does() {
    let runs: Vec<_> = RULES.iter().map(|rule| (rule, linted(rule.examples.fires))).collect();
    let wrong = runs.iter().filter(|(rule, (_, ids))| *ids != BTreeSet::from([rule.id.to_owned()]));
    let wrong: Vec<_> = wrong.map(|(rule, (run, ids))| format!("{}: {ids:?}\n{}", rule.id, run.transcript())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (rule, (run, _)) in runs {
        insta::with_settings!({ snapshot_path => "snapshots/rules", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(rule.id, run.stdout);
        });
    }
}

/// What is left of a rule or a fixture that is gone.
#[test]
fn no_snapshot_is_left_behind() {
    let named = |folder: &str| {
        files(&repository().join("tests/it/snapshots").join(folder)).iter().map(|f| stem(f)).collect::<Vec<_>>()
    };
    let ids: Vec<_> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(named("rules"), ids);
    assert_eq!(named("malformed"), files(&fixture("malformed")).iter().map(|f| stem(f)).collect::<Vec<_>>());
}

#[test]
fn each_rule_is_silent_on_what_to_write_instead() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (run, ids) = linted(rule.examples.silent);
        if !ids.is_empty() {
            wrong.push(format!("{}: {}", rule.id, run.transcript()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_belongs_to_a_rule() {
    for folder in std::fs::read_dir(fixture("rules")).unwrap().map(|entry| entry.unwrap().path()) {
        let id = name(&folder);
        assert!(RULES.iter().any(|rule| rule.id == id), "tests/fixtures/rules/{id}: there is no such rule");
        let names: Vec<_> = files(&folder).iter().map(|file| name(file)).collect();
        assert_eq!(names, ["fires.toml", "silent.toml"], "tests/fixtures/rules/{id}");
    }
}

/// A record is text that a user reads, so it ends its sentences and names its pages by https.
#[test]
fn records_are_whole() {
    for rule in RULES {
        for text in [rule.summary, rule.why] {
            assert!(text.ends_with(['.', '"', ')']), "{}: {text}", rule.id);
        }
        assert!(rule.sources.iter().all(|page| page.starts_with("https://")), "{}", rule.id);
        // One form of the host, so that one page is one source.
        let old = rule.sources.iter().find(|page| page.starts_with("https://cloud.google.com/run/"));
        assert_eq!(old, None, "{}: write https://docs.cloud.google.com/run/...", rule.id);
    }
}

#[test]
fn the_page_of_rules_is_current() {
    let page = Folder::empty().run(&["explain", "--markdown"]).expect(0).stdout;
    let committed = read(&repository().join("docs/rules.md"));
    assert!(page == committed, "run: portalgen explain --markdown > docs/rules.md");
}

#[test]
fn explain() {
    let folder = Folder::empty();
    insta::assert_snapshot!("explain", folder.run(&["explain", "state-in-memory"]).expect(0).stdout);
    insta::assert_snapshot!("explain_a_mistake", folder.run(&["explain", "bad-value"]).expect(0).stdout);
    insta::assert_snapshot!("explain_unknown", folder.run(&["explain", "image-by-tg"]).expect(2).stderr);
    let list = folder.run(&["explain"]).expect(0).stdout;
    assert!(RULES.iter().all(|rule| list.contains(rule.id) && folder.run(&["explain", rule.id]).code == 0));
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
}

/// An id in a finding leads to an explanation.
#[test]
fn every_id_that_a_user_sees_is_explained() {
    let mut seen = BTreeSet::new();
    for path in files(&fixture("malformed")) {
        let folder = Folder::minimal();
        let place = if stem(&path).starts_with("portal") { "portal.toml" } else { "envs/demo.toml" };
        folder.write(place, &read(&path));
        seen.extend(rules_of(&folder.run(&["lint"])));
    }
    assert!(seen.len() > 10, "{seen:?}");
    for id in seen {
        assert!(portalgen::explain::text(&id).is_some(), "{id}");
    }
}
