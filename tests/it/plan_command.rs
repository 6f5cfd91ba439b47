//! `portalgen plan`: what would follow from other values, and that nothing is written.

use similar::TextDiff;

use crate::support::{Folder, Run, arguments_of, assert_excerpt, excerpt};

/// Plans, and sees that the folder is as it was.
fn plan(folder: &Folder, arguments: &[&str]) -> Run {
    let before = folder.tree("");
    let run = folder.run(&[&["plan"], arguments].concat());
    assert!(folder.tree("") == before, "a plan writes nothing");
    let (_, words) = run.stdout.split_once("\nWhat changes\n").unwrap_or_default();
    let words = words.split("\nHow to do it\n").next().unwrap_or_default();
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    run
}

#[test]
fn the_second_phase_of_the_demo() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "strategy=websocket"]).expect(0);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn the_excerpt_in_the_readme() {
    let (folder, excerpt) = (Folder::with_portal(), excerpt("$ portalgen plan "));
    assert_excerpt(&excerpt, &plan(&folder, &arguments_of(&excerpt)[1..]).expect(0).stdout);
}

/// What is planned is what render writes once it is written.
#[test]
fn the_planned_files_are_those_that_render_writes_then() {
    for (environment, settings, (from, to)) in [
        ("demo", &["cloud_run.max_instances=3"][..], ("max_instances = 5", "max_instances = 3")),
        // Another image folder.
        ("demo", &["strategy=websocket"], ("\"websocket-free\"", "\"websocket\"")),
        (
            "uat",
            &[
                "load_balancer.mode=attach",
                "load_balancer.url_map=shared",
                "load_balancer.load_balancing_scheme=EXTERNAL_MANAGED",
            ],
            (
                "mode = \"create\"",
                "mode = \"attach\"\nurl_map = \"shared\"\nload_balancing_scheme = \"EXTERNAL_MANAGED\"",
            ),
        ),
    ] {
        let folder = Folder::with_portal();
        folder.run(&["render", environment]).expect(0);
        let mut arguments = vec![environment];
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        let planned = diffs(&plan(&folder, &arguments).expect(0).stdout);
        folder.edit(&format!("envs/{environment}.toml"), from, to);
        let mut written = diffs(&folder.run(&["render", environment, "--dry-run", "--diff"]).expect(0).stdout);
        folder.run(&["render", environment]).expect(0);
        // A file of another image is new to the disk; a plan shows it against that of the present image.
        for (heads, diff) in &mut written {
            let [old, new] = heads;
            if let Some(name) = new.strip_prefix("b/out/image/websocket/") {
                assert_eq!(old, "/dev/null");
                *old = format!("a/out/image/websocket-free/{name}");
                let (present, other) = (folder.read(&old[2..]), folder.read(&new[2..]));
                *diff = TextDiff::from_lines(&present, &other).unified_diff().to_string();
            }
        }
        written.sort();
        assert!(planned == written, "{settings:?}\n{planned:#?}\n{written:#?}");
        assert!(planned.len() >= settings.len(), "{settings:?}: {planned:#?}");
    }
}

/// The differences that are shown, each with the names of its two files, sorted.
fn diffs(text: &str) -> Vec<([String; 2], String)> {
    let mut diffs: Vec<([String; 2], String)> = Vec::new();
    let mut lines = text.lines();
    let mut open = false;
    while let Some(line) = lines.next() {
        if let Some(old) = line.strip_prefix("--- ") {
            let new = lines.next().and_then(|line| line.strip_prefix("+++ ")).expect("two names");
            diffs.push(([old.to_owned(), new.to_owned()], String::new()));
            open = true;
        } else if open && line.starts_with(['@', ' ', '-', '+']) {
            let (_, diff) = diffs.last_mut().expect("a difference is open");
            diff.push_str(&format!("{line}\n"));
        } else {
            open = false;
        }
    }
    diffs.sort();
    diffs
}

/// What changes for the API alone is no reason to deploy the portal.
#[test]
fn what_the_api_has_to_do_is_a_step() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "api.secrets.GOOGLE_CLIENT_SECRET.version=2"]).expect(0);
    let (_, steps) = run.stdout.split_once("\nHow to do it\n").expect("steps");
    assert!(steps.contains("Give the API what out/demo/api.env says"), "{steps}");
    assert!(!steps.contains("deploy.sh"), "{steps}");
}

/// A key that changes none of the topics is not called one that changes nothing.
#[test]
fn the_size_of_an_instance_is_told() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "cloud_run.cpu=4", "--set", "cloud_run.memory=8Gi"]).expect(0);
    assert!(run.stdout.contains("now:  2 vCPU and 1Gi of memory") && run.stdout.contains("then: 4 vCPU and 8Gi"));
    let run = plan(&folder, &["demo", "--set", "variables.ENV=other"]).expect(0);
    assert!(run.stdout.contains("none of the topics that `portalgen compare` tells of"), "{}", run.stdout);
}

#[test]
fn several_keys_are_one_plan() {
    let folder = Folder::with_portal();
    let arguments = [
        "demo",
        "--set",
        "strategy=websocket",
        "--set",
        "state_manager=redis",
        "--set",
        "secrets.REFLEX_REDIS_URL={ secret = \"redis-url\", version = \"1\" }",
        "--set",
        "cloud_run.image=asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal-demo:websocket",
    ];
    let run = plan(&folder, &arguments).expect(0);
    let without_diffs: Vec<_> = run.stdout.split("\nFindings\n").collect();
    insta::assert_snapshot!(format!("{}...\nFindings\n{}", keys(&run), without_diffs[1]));
}

fn keys(run: &Run) -> &str {
    run.stdout.split("\nFiles\n").next().expect("keys come first")
}

#[test]
fn fewer_instances() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["envs/demo.toml", "--set", "cloud_run.max_instances=1"]).expect(0);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn no_load_balancer_any_more() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "load_balancer.mode=none"]).expect(0);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn a_key_of_the_portal_is_planned_for_all() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "app.max_upload=16Mi"]).expect(0);
    insta::assert_snapshot!(run.transcript());
}

#[test]
fn an_image_by_digest_is_promoted() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["production", "--set", "strategy=websocket"]).expect(0);
    let (_, takes) = run.stdout.split_once("\nWhat it takes\n").expect("it takes something");
    insta::assert_snapshot!(takes);
}

/// Without a service there is nothing to deploy.
#[test]
fn a_codespace() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["codespace", "--set", "strategy=websocket"]).expect(0);
    assert!(!run.stdout.contains("deploy.sh"), "{}", run.stdout);
    assert!(run.stdout.contains("2. Render") && run.stdout.contains("3. Start the portal again"), "{}", run.stdout);
}

#[test]
fn an_error_that_would_stand_ends_with_1() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "strategy=websocket", "--set", "http2=true"]).expect(1);
    let findings = run.stdout.split("\nFindings\n").nth(1).expect("findings").split("\nWhat changes\n").next();
    insta::assert_snapshot!(findings.expect("findings come before what changes"));
    assert!(
        run.stdout.ends_with("nothing was written; as planned, 1 error would stand, and render would write nothing\n")
    );
}

/// The same error now and then is no other one, but it still stands.
#[test]
fn an_error_that_stands_already_is_told_too() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "cpu = 2", "cpu = 8");
    let run = plan(&folder, &["demo", "--set", "cloud_run.max_instances=3"]).expect(1);
    assert!(run.stdout.contains("stays: error[memory-outside-cpu-band]"), "{}", run.stdout);
    let run = plan(&folder, &["demo", "--set", "cloud_run.memory=4Gi"]).expect(0);
    assert!(run.stdout.contains("goes: error[memory-outside-cpu-band]"), "{}", run.stdout);
}

#[test]
fn a_value_that_is_there_already_changes_nothing() {
    let folder = Folder::with_portal();
    let run = plan(&folder, &["demo", "--set", "strategy=websocket-free", "--set", "cloud_run.cpu=2"]).expect(0);
    assert_eq!(run.stdout, "nothing changes: the files say all 2 already\n");
    // The default, written down, changes the file and nothing else.
    let run = plan(&folder, &["demo", "--set", "cloud_run.concurrency=80"]).expect(0);
    assert!(run.stdout.contains("cloud_run.concurrency: not set, default 80 -> 80"), "{}", run.stdout);
    assert!(run.stdout.contains("none is rendered otherwise"), "{}", run.stdout);
    assert!(!run.stdout.contains("portalgen render"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_planned_says_why() {
    let folder = Folder::with_portal();
    let mut seen = String::new();
    for arguments in [
        &["demo", "--set", "cloud_run.max_instance=3"][..],
        &["demo", "--set", "max_instances=3"],
        &["demo", "--set", "strategy"],
        &["demo", "--set", "hosts=[\"a"],
        &["demo", "--set", "oauth.redirect_uris.uri=https://a.example.com/"],
        &["demo", "--set", "cloud_run.cpu=1", "--set", "cloud_run.cpu=2"],
        &["demo", "--set", "cloud_run.max_instances=five"],
        &["demo", "--set", "strategy=websockets"],
        &["envs", "--set", "strategy=websocket"],
        &["portal.toml", "--set", "strategy=websocket"],
        &["nowhere", "--set", "strategy=websocket"],
    ] {
        let run = plan(&folder, arguments).expect(2);
        let about = run.stderr.split("\n\n").filter(|part| !part.starts_with("warning["));
        let about = about.collect::<Vec<_>>().join("\n\n");
        seen.push_str(&format!("$ portalgen plan {}\n{about}\n", arguments.join(" ")));
        assert_eq!(run.stdout, "");
    }
    insta::assert_snapshot!(seen);
}

/// A file that is malformed now is mended first, by whoever wrote it.
#[test]
fn a_malformed_file_is_not_planned_with() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "max_instances = 5", "max_instances = 0");
    let run = plan(&folder, &["demo", "--set", "strategy=websocket"]).expect(2);
    assert!(run.stderr.contains("error[out-of-range]"), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("nothing was planned: the files as they are cannot be read whole\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn no_secret_is_shown() {
    let secret = ["ghp_", "q8Zt5Vw2Lk9Xc4Rn7Bm3Ys6Df1Hg0Jp8Ta4"].concat();
    let other = ["ghp_", "w3Ek8Rt1Yu6Io5Pa2Sd9Fg4Hj7Kl0Zx3Cv8"].concat();
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "ENV = \"demo\"", &format!("ENV = \"demo\"\nREPOSITORY_TOKEN = \"{secret}\""));
    let mask = "***************************************";
    for (setting, code, said) in [
        (format!("variables.REPOSITORY_TOKEN={other}"), 1, format!("REPOSITORY_TOKEN: \"{mask}\" -> \"{mask}\"")),
        ("strategy=websocket".to_owned(), 1, "stays: error[secret-in-plain-sight]".to_owned()),
        (format!("variables.ANOTHER={other}"), 1, format!("variables.ANOTHER: not set -> \"{mask}\"")),
        (format!("description={other}"), 1, format!("description: \"WAOOAW platform portal, demo\" -> \"{mask}\"")),
        // What cannot be planned is said all the same, about the key that was meant.
        (format!("cloud_run.cpu={other}"), 2, format!("17 | cpu = \"{mask}\"")),
        (format!("{other}={other}x"), 2, "neither an environment's file nor portal.toml has a key".to_owned()),
        (format!("hosts=[\"{other}"), 2, "the value for `hosts` is no TOML".to_owned()),
    ] {
        let run = plan(&folder, &["demo", "--set", &setting]).expect(code);
        assert_eq!(run.stdout.is_empty(), code == 2, "{setting}\n{}", run.transcript());
        let words = [&run.stdout, &run.stderr].map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(words.concat().contains(&said), "{setting}: no {said:?}\n{}", run.transcript());
        for shown in [&run.stdout, &run.stderr] {
            let key = setting.split('=').next().unwrap_or_default();
            let shown = if key == other { shown.replace(&other, "") } else { shown.clone() };
            assert!(!shown.contains(&secret[8..]) && !shown.contains(&other[8..]), "{setting}\n{shown}");
        }
    }
}

/// What is planned never depends on where the text came from: the edited file alone is enough.
#[test]
fn findings_are_those_of_lint_once_it_is_written() {
    let folder = Folder::with_portal();
    // Each as often as it is found, with its level: `warning[image-by-tag]`.
    let heads = |text: &str| {
        let heads = text.lines().filter_map(|line| line.split_once("]: ").map(|(head, _)| format!("{head}]")));
        let mut heads: Vec<_> =
            heads.filter(|head| head.starts_with("error[") || head.starts_with("warning[")).collect();
        heads.sort();
        heads
    };
    let run = plan(&folder, &["demo", "--set", "cloud_run.ingress=all", "--set", "stage=production"]).expect(1);
    let findings = run.stdout.split("\nFindings\n").nth(1).and_then(|rest| rest.split("\nWhat changes").next());
    let appear = heads(findings.expect("findings"));
    folder.edit("envs/demo.toml", "\"internal-and-cloud-load-balancing\"", "\"all\"");
    folder.edit("envs/demo.toml", "stage = \"demo\"", "stage = \"production\"");
    let lint = heads(&folder.run(&["lint", "demo"]).expect(1).stdout);
    assert!(lint.len() > 3, "{lint:?}");
    assert_eq!(appear, lint, "nothing stays here: all that lint finds then appears");
}
