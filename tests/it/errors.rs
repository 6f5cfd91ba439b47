//! Every mistake at its place, with what to write instead.

use std::fs;

use clap::Parser;
use portalgen::cli::Cli;
use portalgen::commands;
use proptest::prelude::*;

use crate::support::{Folder, Run, files, fixture, read, stem};

/// Each file of tests/fixtures/malformed stands in the place of the minimal portal's file of its kind.
#[test]
fn malformed_files() {
    for path in files(&fixture("malformed")) {
        let folder = Folder::minimal();
        let place = if stem(&path).starts_with("portal") { "portal.toml" } else { "envs/demo.toml" };
        folder.write(place, &read(&path));
        let run = folder.run(&["render"]).expect(2);
        assert!(!folder.path().join("out").exists(), "{}", path.display());
        insta::with_settings!({ snapshot_path => "snapshots/malformed", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(stem(&path), run.transcript());
        });
    }
}

#[test]
fn paths_that_lead_nowhere() {
    let folder = Folder::with_portal();
    fs::create_dir(folder.path().join("empty")).unwrap();
    folder.write("envs/Not_A_Label.toml", "").write("elsewhere/image.toml", "").write("notes.txt", "");
    for (name, arguments) in [
        ("missing_file", &["render", "envs/dmeo.toml"][..]),
        ("missing_file_without_ending", &["render", "envs/demo"]),
        ("missing_folder", &["check", "nowhere"]),
        ("empty_folder", &["render", "empty"]),
        ("illegal_name", &["render", "envs/Not_A_Label.toml"]),
        ("taken_name", &["render", "elsewhere/image.toml"]),
        ("portal_given", &["render", "portal.toml"]),
        ("not_toml", &["render", "notes.txt"]),
        ("several", &["render", "nowhere", "empty", "notes.txt"]),
    ] {
        insta::assert_snapshot!(name, folder.run(arguments).expect(2).stderr);
        assert!(!folder.path().join("out").exists());
    }
    insta::assert_snapshot!("no_portal", Folder::empty().run(&["render"]).expect(2).stderr);
}

#[test]
fn a_portal_that_is_not_there() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "../portal.toml", "portal.toml");
    insta::assert_snapshot!(folder.run(&["render"]).expect(2).stderr);
}

#[test]
fn two_portals() {
    let folder = Folder::minimal();
    folder.write("other/portal.toml", &folder.read("portal.toml"));
    folder.write("envs/next.toml", &folder.read("envs/demo.toml"));
    folder.edit("envs/next.toml", "../portal.toml", "../other/portal.toml");
    insta::assert_snapshot!(folder.run(&["render"]).expect(2).stderr);
}

#[test]
fn two_environments_of_one_name() {
    let folder = Folder::minimal();
    folder.write("more/demo.toml", &folder.read("envs/demo.toml"));
    insta::assert_snapshot!(folder.run(&["render", "envs", "more"]).expect(2).stderr);
    // The same file twice is one environment.
    folder.run(&["render", "envs", "envs/demo.toml"]).expect(0);
}

#[test]
fn no_text() {
    let folder = Folder::minimal();
    fs::write(folder.path().join("envs/demo.toml"), [0xff, 0xfe, 0x00]).unwrap();
    insta::assert_snapshot!(folder.run(&["render"]).expect(2).stderr);
}

#[test]
fn mistakes_in_both_files_and_of_every_kind_in_one_run() {
    let folder = Folder::minimal();
    folder.edit("portal.toml", "python = \"3.11\"", "python = 3.11\nbackend_paths = [\"/ping\"]");
    folder.write(
        "envs/demo.toml",
        r#"#:schema ../schemas/environment.schema.json
portal = "../portal.toml"
stage = "dmeo"
strategy = "websocket"
http2 = true
hostz = ["a.example.com"]
hosts = ["https://a.example.com/", "b.example.com"]

[cloud_run]
project = "p"
region = "europe-west1"
image = "a/b"
max_instances = 0
cpu = 8
memory = "1Gi"
timeout = "five minutes"
min_instance = 1

[variables]
"A-B" = "x"
N = 5
PORT = "8080"
"#,
    );
    insta::assert_snapshot!(folder.run(&["render"]).expect(2).stderr);
}

/// The mistakes of another environment are not this run's, and lead to no false ones.
#[test]
fn a_broken_sibling_is_left_alone() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "region = \"asia-south1\"", "regoin = \"asia-south1\"");
    let run = folder.run(&["render", "envs/demo-websocket.toml"]).expect(0);
    let note = "environments were not compared with each other: `envs/demo.toml`";
    assert!(run.stderr.replace("\n      ", " ").contains(note), "{}", run.stderr);
    folder.run(&["render"]).expect(2);
}

/// What is wrong with another environment holds nobody back, even where portal.toml has a part in it.
#[test]
fn another_environments_error_is_not_this_runs() {
    let folder = Folder::with_portal();
    folder.edit("portal.toml", "  { path = \"/auth/\" },\n", "");
    folder.edit("envs/uat.toml", "hosts = [\"uat.waooaw.com\"]", "hosts = []");
    folder.edit("envs/uat.toml", "mode = \"create\"\nstate_bucket", "mode = \"none\" # state_bucket");
    folder.edit("envs/demo.toml", "served_by = \"elsewhere\"", "served_by = \"portal\"");
    folder.run(&["render", "envs/uat.toml"]).expect(0);
    folder.run(&["render", "envs/demo.toml"]).expect(1);
}

/// Environments that lie elsewhere are compared with those beside them.
#[test]
fn environments_elsewhere_are_compared_too() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml").replace("max_instances", "service = \"one\"\nmax_instances");
    folder.remove("envs/demo.toml").write("elsewhere/a.toml", &demo).write("elsewhere/b.toml", &demo);
    let run = folder.run(&["render", "elsewhere/a.toml"]).expect(1);
    assert!(run.stderr.contains("error[duplicate-service]"), "{}", run.stderr);
    assert!(run.stderr.contains("--> elsewhere/a.toml"), "{}", run.stderr);
}

/// Two environments share a load balancer's state or names only where they are forms of one.
#[test]
fn load_balancers_have_states_of_their_own() {
    let folder = Folder::with_portal();
    folder.run(&["render"]).expect(0);
    let prefix = |environment: &str| {
        let text = folder.read(&format!("out/{environment}/load_balancer.tf"));
        text.lines().find(|line| line.contains("prefix")).expect("a prefix").trim().to_owned()
    };
    assert_eq!(prefix("demo"), r#"prefix = "portalgen/waooaw-oauth/asia-south1/waooaw-platform-portal-demo""#);
    assert_eq!(prefix("demo"), prefix("demo-websocket"));
    assert_ne!(prefix("demo"), prefix("uat"));
}

/// No line of what portalgen itself says is wider than a terminal; the author's own words may be.
#[test]
fn messages_fit_a_terminal() {
    for path in files(&fixture("malformed")) {
        let folder = Folder::minimal();
        let place = if stem(&path).starts_with("portal") { "portal.toml" } else { "envs/demo.toml" };
        folder.write(place, &read(&path));
        assert_fits(&path, &folder.run(&["check"]));
    }
    for rule in portalgen::rules::RULES {
        let folder = Folder::minimal();
        folder.lay_over(rule.examples.fires);
        assert_fits(&rule.id, &folder.run(&["lint"]));
    }
}

fn assert_fits(what: &dyn std::fmt::Debug, run: &Run) {
    // The diffs show the files' own lines.
    let output = run.stdout.lines().take_while(|line| !line.starts_with("---"));
    for line in run.stderr.lines().chain(output) {
        // One word, or the author's line with a caret below it.
        let excerpt = line.contains(" | ");
        let one_word = line.split_whitespace().any(|word| word.len() > 50);
        assert!(line.chars().count() <= 80 || excerpt || one_word, "{what:?}: {line}");
    }
}

proptest! {
    /// Whatever a file holds, portalgen answers; it never panics. Spans fall into the middle of letters and past the
    /// end of the file most easily where letters have several bytes.
    #[test]
    fn broken_files_never_panic(
        at in any::<prop::sample::Index>(),
        cut in 0..40_usize,
        put in prop::sample::select(vec![
            "", "]", "\"", "é", "日本", "\u{feff}", "\r", "=", "[[", "'''", "{", "\0", "1e", "\n", "\\", "#", "\u{2028}",
        ]),
    ) {
        let letters: Vec<char> = read(&fixture("hostile/envs/hostile.toml")).chars().collect();
        let at = at.index(letters.len());
        let (before, after) = (&letters[..at], &letters[(at + cut).min(letters.len())..]);
        let broken: String = before.iter().copied().chain(put.chars()).chain(after.iter().copied()).collect();
        let folder = Folder::empty();
        folder.write("portal.toml", &read(&fixture("hostile/portal.toml"))).write("envs/hostile.toml", &broken);
        let outcome = commands::run(&Cli::parse_from(["portalgen", "check"]), folder.path());
        prop_assert!(!outcome.messages.is_empty() || !outcome.output.is_empty());
    }
}
