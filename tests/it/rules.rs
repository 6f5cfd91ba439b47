//! Every rule: what it says, when it is silent, and what else knows of it.

use std::collections::BTreeSet;

use portalgen::rules::{RULES, Rule};

use crate::support::{Folder, Run, WITH_IT, files, fixture, name, read, repository, rules_of};

/// Lints an example; what is printed, and the rules that fire.
pub(crate) fn linted(example: &str) -> (Run, BTreeSet<String>) {
    let folder = Folder::minimal();
    folder.lay_over(example);
    let run = folder.run(&["lint"]);
    let ids = rules_of(&run);
    (run, ids)
}

/// The rules that an example says must fire on it.
fn due(rule: &Rule) -> BTreeSet<String> {
    let others = rule.examples.fires.lines().find_map(|line| line.strip_prefix(WITH_IT));
    let others = others.into_iter().flat_map(|others| others.split(", "));
    others.chain([rule.id]).map(str::to_owned).collect()
}

#[test]
fn each_rule_fires_on_its_example_and_no_other_does() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (run, ids) = linted(rule.examples.fires);
        if ids != due(rule) {
            wrong.push(format!("{}: {ids:?}\n{}", rule.id, run.transcript()));
        }
        insta::with_settings!({ snapshot_path => "snapshots/rules", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(rule.id, run.stdout);
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    let folders = std::fs::read_dir(fixture("rules")).unwrap().map(|entry| entry.unwrap().path());
    let (mut found, mut files_of) = (BTreeSet::new(), BTreeSet::new());
    for folder in folders {
        found.insert(name(&folder));
        files_of.insert(files(&folder).iter().map(|file| name(file)).collect::<Vec<_>>());
    }
    assert_eq!(found, RULES.iter().map(|rule| rule.id.to_owned()).collect());
    assert_eq!(files_of, BTreeSet::from([vec!["fires.toml".to_owned(), "silent.toml".to_owned()]]));
}

/// A record is text that a user reads, so it ends its sentences and names its pages by https.
#[test]
fn records_are_whole() {
    for rule in RULES {
        for text in [rule.summary, rule.why] {
            assert!(text.ends_with(['.', '"', ')']), "{}: {text}", rule.id);
        }
        assert!(rule.sources.iter().all(|page| page.starts_with("https://")), "{}", rule.id);
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
    for path in files(&fixture("../it/snapshots/malformed")) {
        for line in read(&path).lines() {
            let id = line
                .strip_prefix("error[")
                .or_else(|| line.strip_prefix("warning["))
                .and_then(|line| line.split(']').next());
            assert!(id.is_none_or(|id| portalgen::explain::text(id).is_some()), "{}: {line}", path.display());
        }
    }
}
