//! Same input, same bytes.

use crate::render::artifacts;
use crate::support::{Folder, Run, portalgen, repository};

#[test]
fn twice_elsewhere_and_with_another_environment() {
    let here = Folder::with_portal();
    here.run(&["render"]).expect(0);
    let first = here.tree("out");
    here.run(&["render"]).expect(0);
    assert_eq!(here.tree("out"), first, "a second time");

    for (name, value) in [
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "ja_JP.UTF-8"),
        ("TZ", "Asia/Kolkata"),
        ("HOME", "/nowhere"),
        ("PORT", "1"),
        ("CODESPACE_NAME", "ambient"),
        ("BACKEND_URL", "https://ambient.example.com"),
        ("SOURCE_DATE_EPOCH", "1"),
    ] {
        let elsewhere = Folder::with_portal();
        Run::of(portalgen().arg("render").env(name, value).current_dir(elsewhere.path())).expect(0);
        assert_eq!(elsewhere.tree("out"), first, "with {name}={value}");
    }
}

#[test]
fn one_environment_alone_is_rendered_as_among_all() {
    let all = Folder::with_portal();
    all.run(&["render"]).expect(0);
    let one = Folder::with_portal();
    one.run_in("envs", &["render", "demo.toml"]).expect(0);
    assert_eq!(one.tree("out/demo"), all.tree("out/demo"));
    assert!(!one.path().join("out/redirect-uris.txt").exists(), "the union needs a folder");
}

#[test]
fn many_environments_at_once() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    for i in 0..100 {
        folder.write(&format!("envs/e{i}.toml"), &demo);
    }
    let run = folder.run(&["render"]).expect(0);
    assert!(run.stdout.contains("created"), "{}", run.stdout);
    folder.run(&["check"]).expect(0);
}

/// The committed files are what the committed sources render.
#[test]
fn this_repository_is_up_to_date() {
    let run = |arguments: &[&str]| Run::of(portalgen().args(arguments).current_dir(repository())).expect(0);
    run(&["check"]);
    run(&["schema", "--check"]);
}

/// The library in one thread, or in several at once.
#[test]
fn with_any_number_of_threads() {
    let alone = artifacts(repository());
    for threads in [2, 8] {
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..threads).map(|_| scope.spawn(|| artifacts(repository()))).collect();
            for run in runs {
                assert_eq!(run.join().expect("a thread"), alone, "{threads} threads");
            }
        });
    }
}
