//! `portalgen compare`: two environments, or one under both strategies, and what a month comes to.

use crate::support::{Folder, Run, arguments_of, assert_excerpt, excerpt};

const PRICES: [&str; 10] = [
    "--price-vcpu-second",
    "0.000024",
    "--price-gib-second",
    "0.0000025",
    "--price-million-requests",
    "0.4",
    "--price-idle-vcpu-second",
    "0.000003",
    "--price-idle-gib-second",
    "0.0000025",
];

/// Compares, and sees that nothing is written and every line fits.
fn compare(folder: &Folder, arguments: &[&str]) -> Run {
    let before = folder.tree("");
    let run = folder.run(&[&["compare"], arguments].concat());
    assert!(folder.tree("") == before, "a comparison writes nothing");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    run
}

/// The lines of a month, without the table above.
fn month(run: &Run) -> &str {
    run.stdout.rsplit_once("----\n").expect("a table comes first").1
}

#[test]
fn the_excerpt_in_the_readme() {
    let (folder, excerpt) = (Folder::with_portal(), excerpt("$ portalgen compare "));
    assert_excerpt(&excerpt, &compare(&folder, &arguments_of(&excerpt)[1..]).expect(0).stdout);
}

#[test]
fn one_environment_under_both_strategies() {
    let folder = Folder::with_portal();
    let mut arguments = vec!["demo", "--tabs", "100", "--hours", "200"];
    arguments.extend(PRICES);
    insta::assert_snapshot!(compare(&folder, &arguments).expect(0).transcript());
}

#[test]
fn two_environments_in_the_order_in_which_they_are_named() {
    let folder = Folder::with_portal();
    let mut arguments =
        vec!["production", "envs/demo-websocket.toml", "--tabs", "500", "--hours", "200", "--events", "60"];
    arguments.extend(PRICES);
    insta::assert_snapshot!(compare(&folder, &arguments).expect(0).transcript());
}

#[test]
fn each_flag_brings_its_part() {
    let folder = Folder::with_portal();
    let mut seen = String::new();
    for flags in [
        &[][..],
        &["--tabs", "0", "--hours", "200"],
        &["--tabs", "100"],
        &["--tabs", "100", "--hours", "200"],
        &["--tabs", "100", "--hours", "200", "--price-vcpu-second", "0.000024"],
    ] {
        let run = compare(&folder, &[&["demo"], flags].concat()).expect(0);
        seen.push_str(&format!("$ portalgen compare demo {}\n{}\n", flags.join(" "), month(&run)));
    }
    insta::assert_snapshot!(seen);
}

/// With CPU always allocated, warm instances cost as much as others, and requests nothing.
#[test]
fn cpu_that_is_always_allocated_has_one_price() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "min_instances = 0", "min_instances = 1\ncpu_throttling = false");
    let run = compare(&folder, &["demo", "--tabs", "10", "--hours", "100", "--price-vcpu-second", "0.00001"]).expect(0);
    assert!(run.stdout.contains("CPU, warm        630 h x 3600 s x 2 vCPU x 0.00001 = 45.36"), "{}", run.stdout);
    assert!(run.stdout.contains("requests         not billed, with CPU always allocated"), "{}", run.stdout);
}

/// WebSockets and end-to-end HTTP/2 exclude each other.
#[test]
fn http2_gives_way_to_a_websocket() {
    let folder = Folder::with_portal();
    let run = compare(&folder, &["demo-h2c"]).expect(0);
    assert!(run.stdout.starts_with("  demo-h2c: websocket-free-http2        | demo-h2c: websocket (as planned)\n"));
    assert!(run.stderr.contains("with `http2 = false`"), "{}", run.stderr);
}

#[test]
fn an_environment_without_a_service_has_fewer_topics() {
    let folder = Folder::with_portal();
    let run = compare(&folder, &["codespace", "demo", "--tabs", "10"]).expect(0);
    assert!(run.stdout.contains("There is no Cloud Run service."), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("\ncodespace: websocket-free\n  There is no Cloud Run service, so nothing to reckon with.\n")
    );
}

/// The comparison is right all the same, and the exit code says what stands.
#[test]
fn an_error_is_shown_and_ends_with_1() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "cpu = 2", "cpu = 8");
    let run = compare(&folder, &["demo"]).expect(1);
    assert!(run.stderr.contains("error[memory-outside-cpu-band]"), "{}", run.stderr);
    assert!(run.stdout.contains("open tabs"), "{}", run.stdout);
    folder.edit("envs/demo.toml", "cpu = 8", "cpu = 2\nsession_affinity = false");
    folder.edit("envs/demo.toml", "\"websocket-free\"", "\"websocket\"");
    let run = compare(&folder, &["demo"]).expect(0);
    assert!(run.stderr.contains("an error would stand"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let folder = Folder::with_portal();
    folder.copy(&crate::support::fixture("minimal"), "other");
    let mut seen = String::new();
    for arguments in [
        &["demo", "demo"][..],
        &["demo", "other/envs/demo.toml"],
        &["demo-websocket", "other/envs/demo.toml"],
        &["envs"],
        &["nowhere", "demo"],
        &["demo", "--hours", "731"],
        &["demo", "--tabs", "-1"],
        &["demo", "--price-vcpu-second", "cheap"],
        &[],
    ] {
        let run = compare(&folder, arguments).expect(2);
        seen.push_str(&format!("$ portalgen compare {}\n{}\n", arguments.join(" "), run.stderr));
        assert_eq!(run.stdout, "");
    }
    insta::assert_snapshot!(seen);
}
