//! What is said of generated files that do not agree: portalgen's own mistakes, and edits by hand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use portalgen::cli::Format;
use portalgen::plan::{Folder as OutFolder, Out};
use portalgen::{render, report, reread, workspace};

use proptest::prelude::*;

use crate::escape::text;
use crate::support::{Folder, files, fixture, name, repository};

fn rendered() -> Folder {
    let folder = Folder::with_portal();
    folder.run(&["render"]).expect(0);
    folder
}

/// What is said where a renderer writes `to` instead of `from`.
fn as_if_rendered(root: &Path, path: &str, from: &str, to: &str) -> String {
    let mut workspace = workspace::load(&[], root).expect("a portal");
    let mut folders: Vec<OutFolder> = Vec::new();
    for mut artifact in render::artifacts(&workspace.deployments, true) {
        if artifact.path() == path {
            assert!(artifact.contents.contains(from), "{path} has no {from:?}");
            artifact.contents = artifact.contents.replacen(from, to, 1);
        }
        match folders.last_mut() {
            Some(folder) if folder.path == artifact.folder => folder.artifacts.push(artifact),
            _ => folders.push(OutFolder {
                path: artifact.folder.clone(),
                source: String::new(),
                shown_source: String::new(),
                command: "portalgen render".to_owned(),
                artifacts: vec![artifact],
            }),
        }
    }
    let out = Out { path: root.join("out"), shown: "out".to_owned() };
    let reads = reread::rendered(&workspace.deployments, &folders);
    let judgement = reread::judge_rendered(portalgen::rules::check_artifacts, &reads, &workspace.sources, &out);
    workspace.sources.extend(judgement.sources);
    let findings = report::Findings { all: &judgement.findings, sources: &workspace.sources, deny_warnings: false };
    // The colours are the terminal's.
    anstream::adapter::strip_str(&findings.to_text(Format::Text)).to_string()
}

#[test]
fn a_mistake_of_a_renderer_is_portalgens() {
    let changes = [
        ("image/websocket-free/nginx.conf", "listen 8080;", "listen 9090;"),
        ("demo/service.yaml", "value: demo", "value: true"),
        ("demo/portal.env", "BACKEND_URL=https://waooaw-api-demo-ryvhxvrdna-el.a.run.app\n", ""),
        ("image/websocket/start.sh", "--timeout-keep-alive 75", "--timeout-keep-alive 60"),
        ("uat/load_balancer.tf", "terraform {", "terraform {{"),
    ];
    let said = changes.map(|(path, from, to)| as_if_rendered(repository(), path, from, to));
    for text in &said {
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("this is a bug of portalgen") && words.contains("please report it"), "{text}");
    }
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(as_if_rendered(repository(), "demo/portal.env", "ENV=demo", "ENV=demo"), "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever an author writes comes back as it was: no rule takes it for a mistake of a renderer.
    #[test]
    fn every_string_is_read_back(texts in prop::collection::vec(text(), 4)) {
        let quoted = |text: &String| toml_edit::Value::from(text.as_str()).to_string();
        let [description, label, one, other] = &texts.iter().map(quoted).collect::<Vec<_>>()[..] else {
            unreachable!("four texts");
        };
        let folder = Folder::minimal();
        let demo = folder.read("envs/demo.toml");
        let (top, cloud_run) = demo.split_once("[cloud_run]").expect("a table");
        let more = format!("hosts = [\"a.example.com\"]\ndescription = {description}\nload_balancer.mode = \"create\"");
        let tables = format!("[cloud_run.labels]\nlabel = {label}\n[variables]\nONE = {one}\nOTHER = {other}\n");
        folder.write("envs/demo.toml", &format!("{top}{more}\n\n[cloud_run]{cloud_run}\n{tables}"));
        prop_assume!(!workspace::load(&[], folder.path()).expect("a portal").malformed);
        prop_assert_eq!(as_if_rendered(folder.path(), "demo/service.yaml", "", ""), "");
    }
}

#[test]
fn hostile_strings_are_read_back() {
    assert_eq!(as_if_rendered(&fixture("hostile"), "hostile/service.yaml", "", ""), "");
}

/// Three environments share the image, whose file is wrong once.
#[test]
fn a_file_of_an_image_is_reported_once() {
    let folder = rendered();
    folder.edit("out/image/websocket-free/nginx.conf", "listen 8080;", "listen 9090;");
    let run = folder.run(&["lint"]).expect(1);
    assert_eq!(run.stdout.matches("port-disagrees").count(), 1, "{}", run.stdout);
    insta::assert_snapshot!(folder.run(&["check", "envs/production.toml"]).expect(1).transcript());
    folder.run(&["render"]).expect(0);
    folder.run(&["check"]).expect(0);
}

#[test]
fn each_language_that_is_broken() {
    let folder = rendered();
    folder
        .edit("out/image/websocket/nginx.conf", "listen 8080;", "listen 8080")
        .edit("out/image/websocket/start.sh", "say \"$*\"", "say \"$*")
        .edit("out/image/websocket/Dockerfile", "EXPOSE 8080", "EXPOS 8080")
        .edit("out/uat/service.yaml", "spec:", "spec")
        .edit("out/uat/load_balancer.tf", "provider \"google\" {", "provider \"google\"")
        .edit("out/uat/oauth_client.json", "\"web\": {", "\"web\": {{")
        .edit("out/uat/portal.env", "ENV=uat", "export ENV=uat");
    fs::write(folder.path().join("out/uat/api.env"), b"A=\xff\n").unwrap();
    let run = folder.run(&["lint", "envs/uat.toml", "envs/demo-websocket.toml"]).expect(1);
    insta::assert_snapshot!(run.stdout);
}

/// Whoever put it there, it lies where portalgen's file belongs.
#[test]
fn a_file_that_is_in_no_manifest() {
    let folder = Folder::minimal();
    folder.write("out/demo/portal.env", "REFLEX_STATE_MANAGER_MODE=disk\nMORE=1\n");
    let run = folder.run(&["lint"]).expect(1);
    insta::assert_snapshot!(run.stdout);
    assert!(folder.run(&["check"]).expect(1).stderr.contains("variable-disagrees"));
}

/// A file that nobody edited may be out of date: that is what `check` is for.
#[test]
fn what_is_stale_is_no_finding() {
    let folder = rendered();
    folder.edit("portal.toml", "port = 8080 ", "port = 9090 ");
    assert!(!folder.run(&["lint"]).expect(0).stdout.contains("disagrees"));
    // One that was edited as well is held against what is due now.
    folder.edit("out/image/websocket/start.sh", "#!/bin/bash", "#!/usr/bin/bash");
    let run = folder.run(&["lint"]).expect(1);
    assert!(run.stdout.contains("`port = 9090`"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("error[").count(), 1, "{}", run.stdout);
}

#[test]
fn lint_needs_no_output_folder() {
    let folder = Folder::with_portal();
    assert_eq!(folder.run(&["lint"]).expect(0).stderr, "");
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    symlink("elsewhere", folder.path().join("out")).unwrap();
    insta::assert_snapshot!(folder.run(&["lint"]).expect(0).stderr);
}

/// `render` does what it always did: the edit is overwritten, and said so.
#[test]
fn render_overwrites_an_edit_that_disagrees() {
    let folder = rendered();
    folder.edit("out/demo/service.yaml", "containerPort: 8080", "containerPort: 9090");
    assert!(folder.run(&["render"]).expect(0).stdout.contains("was edited by hand; the edit is overwritten"));
    folder.run(&["check"]).expect(0);
}

/// Whatever is left of a file, it is a finding and no panic.
#[test]
fn a_file_in_pieces_is_no_panic() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "max_instances", "ingress = \"internal-and-cloud-load-balancing\"\nmax_instances");
    folder.edit(
        "envs/demo.toml",
        "[cloud_run]",
        "hosts = [\"a.example.com\"]\nload_balancer.mode = \"create\"\n\n[cloud_run]",
    );
    folder.run(&["render"]).expect(0);
    for below in ["out/demo", "out/image/websocket"] {
        for path in files(&folder.path().join(below)) {
            let file = format!("{below}/{}", name(&path));
            let text = folder.read(&file);
            for part in 1..12 {
                let cut = (0..=text.len() * part / 12).rev().find(|at| text.is_char_boundary(*at)).unwrap();
                for pieces in
                    [text[..cut].to_owned(), text[cut..].to_owned(), format!("{}\"é{{'{}", &text[..cut], &text[cut..])]
                {
                    folder.write(&file, &pieces);
                    assert!(matches!(folder.run(&["lint"]).code, 0 | 1), "{file}: {pieces}");
                }
            }
            folder.write(&file, &text);
        }
    }
}
