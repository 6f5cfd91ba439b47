//! The command line: help, selection, exit codes.

use crate::support::{Folder, Run, portalgen};

#[test]
fn help() {
    let folder = Folder::empty();
    insta::assert_snapshot!("help", folder.run(&["--help"]).expect(0).stdout);
    for verb in ["render", "check", "schema", "verify", "plan", "compare"] {
        insta::assert_snapshot!(format!("help_{verb}"), folder.run(&[verb, "--help"]).expect(0).stdout);
    }
    assert!(folder.run(&["--version"]).expect(0).stdout.starts_with("portalgen "));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = Folder::minimal();
    folder.run(&[]).expect(2);
    folder.run(&["rendr"]).expect(2);
    folder.run(&["render", "--nope"]).expect(2);
}

#[test]
fn render_prints_a_line_for_each_file() {
    let folder = Folder::minimal();
    insta::assert_snapshot!("render_first", folder.run(&["render"]).expect(0).transcript());
    insta::assert_snapshot!("render_again", folder.run(&["render"]).expect(0).transcript());
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nconcurrency = 100");
    insta::assert_snapshot!("render_dry_run", folder.run(&["render", "--dry-run", "--diff"]).expect(0).transcript());
    folder.run(&["check"]).expect(1);
    insta::assert_snapshot!("render_changed", folder.run(&["render"]).expect(0).transcript());
    folder.run(&["check"]).expect(0);
}

#[test]
fn portal_toml_is_found_upwards() {
    let folder = Folder::minimal();
    folder.write("deep/er/keep", "");
    let run = folder.run_in("deep/er", &["render"]).expect(0);
    assert!(run.stdout.contains("created    ../../out/demo/service.yaml"), "{}", run.stdout);
    folder.run_in("deep/er", &["check", "../../envs/demo.toml"]).expect(0);
    folder.run_in("out/demo", &["check"]).expect(0);
}

#[test]
fn an_environment_can_be_given_by_its_name() {
    let folder = Folder::minimal();
    let by_file = folder.run(&["render", "--dry-run", "envs/demo.toml"]).expect(0);
    assert_eq!(folder.run(&["render", "--dry-run", "demo"]).expect(0).stdout, by_file.stdout);
    // Each environment has a folder of its name in out/; one that is meant is given as a path.
    folder.write("demo/other.toml", &folder.read("envs/demo.toml"));
    assert_eq!(folder.run(&["render", "--dry-run", "demo"]).expect(0).stdout, by_file.stdout);
    assert!(folder.run(&["render", "--dry-run", "./demo"]).expect(0).stdout.contains("out/other/service.yaml"));
    let slip = folder.run(&["render", "dmo"]).expect(2).stderr;
    assert_eq!(slip, "error: there is no file or folder `dmo`\nhelp: did you mean `demo`?\n");
}

#[test]
fn out_says_where() {
    let folder = Folder::minimal();
    folder.run(&["render", "--out", "elsewhere"]).expect(0);
    folder.run(&["check", "--out", "elsewhere"]).expect(0);
    folder.run(&["check"]).expect(1);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn warnings_pass_unless_denied() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "europe-west1\"", "europe-west7\"");
    let run = folder.run(&["render"]).expect(0);
    insta::assert_snapshot!("warning", run.stderr);
    folder.run(&["check"]).expect(0);
    let run = folder.run(&["check", "--deny-warnings"]).expect(1);
    insta::assert_snapshot!("warning_denied", run.stderr);

    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "europe-west1\"", "europe-west7\"");
    folder.run(&["render", "--deny-warnings"]).expect(1);
    assert!(!folder.path().join("out").exists(), "nothing is written");
}

#[test]
fn an_error_is_exit_code_1_and_writes_nothing() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\ntimeout = \"2h\"");
    folder.run(&["render"]).expect(1);
    folder.run(&["check"]).expect(1);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn an_error_in_one_environment_holds_back_all() {
    let folder = Folder::with_portal();
    folder.edit("envs/uat.toml", "max_instances = 1", "max_instances = 0");
    folder.run(&["render"]).expect(2);
    assert!(!folder.path().join("out").exists());
    // A single environment does not answer for the others.
    folder.run(&["render", "envs/demo.toml"]).expect(0);
}

#[test]
fn colours_where_they_are_wanted() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 0");
    let run = |name: &str| Run::of(portalgen().arg("check").env(name, "1").current_dir(folder.path())).expect(2).stderr;
    assert!(run("CLICOLOR_FORCE").contains("\u{1b}["));
    assert!(!run("NO_COLOR").contains('\u{1b}'));
}

#[test]
fn no_colours_and_no_escapes_without_a_terminal() {
    let folder = Folder::with_portal();
    folder.edit("envs/uat.toml", "max_instances = 1", "max_instances = 0");
    let run = folder.run(&["check"]).expect(2);
    assert!(!run.transcript().contains('\u{1b}'), "{}", run.transcript());
}
