//! A load balancer that exists: what is rendered for it, what is refused, and what its script does.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::{Folder, Run, rules_of};

/// The three files of an environment that attaches, for each scheme.
#[test]
fn what_is_rendered() {
    let folder = Folder::attached();
    folder.run(&["render"]).expect(0);
    for file in ["demo/load_balancer.tf", "demo/url_map.hcl", "demo/add-path-matcher.sh", "classic/load_balancer.tf"] {
        insta::with_settings!({ snapshot_path => "snapshots/attach", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(file.replace('/', "__"), folder.read(&format!("out/{file}")));
        });
    }
    for environment in ["demo", "classic"] {
        let text = folder.read(&format!("out/{environment}/load_balancer.tf"));
        let made = text.lines().filter_map(|line| line.strip_prefix("resource \"")?.split('"').next());
        let due = ["google_compute_region_network_endpoint_group", "google_compute_backend_service"];
        assert_eq!(made.collect::<Vec<_>>(), due, "{environment}");
    }
}

/// What is laid over `envs/demo.toml` of the fixture, and the rules that then fire.
const REFUSED: &[(&str, &[&str])] = &[
    ("", &[]),
    ("hosts = []", &["load-balancer-without-host"]),
    ("-load_balancing_scheme = \"EXTERNAL_MANAGED\"", &["attach-incomplete"]),
    ("-url_map = \"shared-url-map\"", &["attach-incomplete"]),
    ("-state_bucket = \"portal-states\"", &["local-state"]),
    ("[cloud_run]\ningress = \"all\"", &["load-balancer-bypassed"]),
    // Without an address of its own nobody goes round.
    ("[cloud_run]\ningress = \"all\"\ndefault_url = false", &[]),
    ("[cloud_run]\ndefault_url = false", &[]),
    ("[cloud_run]\ningress = \"internal\"", &["load-balancer-shut-out"]),
    ("[cloud_run]\nallow_unauthenticated = false", &["load-balancer-shut-out"]),
    // The owner's certificates may be for names that only his own network knows.
    ("hosts = [\"portal.corp.internal\"]", &[]),
    (
        "hosts = [\"portal.corp.internal\"]\n[api]\nurl = \"https://api.example.com\"\n\
         [oauth]\nredirect_uri = \"https://api.example.com/auth/google/callback\"\ntoken_delivery = \"code\"",
        &[],
    ),
    ("hosts = [\"portal-demo-1.europe-west1.run.app\"]", &["own-run-app-closed"]),
    ("[load_balancer]\nmode = \"none\"", &["key-without-effect"]),
    ("[load_balancer]\nmode = \"create\"", &["key-without-effect"]),
];

#[test]
fn what_is_refused() {
    for (change, due) in REFUSED {
        let folder = Folder::attached();
        folder.remove("envs/classic.toml");
        let file = "# envs/demo.toml\n";
        folder.lay_over(&format!("{file}{change}\n"));
        assert_fires(&folder, due, change);
    }
}

#[track_caller]
fn assert_fires(folder: &Folder, due: &[&str], change: &str) {
    let run = folder.run(&["lint"]);
    let due: BTreeSet<_> = due.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(rules_of(&run), due, "{change}\n{}", run.transcript());
}

#[test]
fn without_a_service_nothing_can_be_attached() {
    let folder = Folder::attached();
    folder.remove("envs/classic.toml");
    let text = folder.read("envs/demo.toml");
    let (before, rest) = text.split_once("[cloud_run]").expect("a service");
    let rest = rest.split_once("[oauth]").expect("a table behind").1;
    folder.write("envs/demo.toml", &format!("{before}[oauth]{rest}"));
    assert_fires(&folder, &["load-balancer-without-service"], "");
}

/// Two environments that each say how the load balancer of one service comes about.
#[test]
fn two_environments_with_one_backend() {
    // As forms of one service they share all of it.
    let pair = |demo: &str, other: &str| {
        let folder = Folder::attached();
        let text = folder.read("envs/demo.toml");
        folder.write("envs/classic.toml", &text.replacen("stage", "alternative_of = \"demo\"\nstage", 1));
        folder.lay_over(&format!("# envs/demo.toml\n{demo}\n# envs/classic.toml\n{other}"));
        folder
    };
    assert_fires(&pair("", ""), &[], "the same");
    assert_fires(&pair("", "[load_balancer]\nurl_map = \"another\""), &[], "on another map");
    let twice = &["duplicate-load-balancer"];
    assert_fires(&pair("", "[load_balancer]\nstate_bucket = \"another\""), twice, "another state");
    assert_fires(&pair("", "[load_balancer]\nload_balancing_scheme = \"EXTERNAL\""), twice, "another scheme");
    let create = "-mode = \"attach\"\n-load_balancing_scheme = \"EXTERNAL_MANAGED\"\n-url_map = \"shared-url-map\"\n\
                  +mode = \"create\"";
    let folder = pair("", create);
    assert_fires(&folder, twice, "one creates, one attaches");
    insta::assert_snapshot!("attach_and_create", folder.run(&["lint"]).expect(1).stdout);
    // Another region, the same names.
    let elsewhere = "-alternative_of = \"demo\"\n";
    let folder = pair("", elsewhere);
    let service = "[cloud_run]\nservice = \"portal-demo\"\nregion = \"us-east1\"";
    folder.lay_over(&format!("# envs/classic.toml\nhosts = [\"b.example.com\"]\n{service}"));
    assert_fires(&folder, twice, "two regions");
    // On one map a host leads to one of them.
    let folder = pair("", elsewhere);
    folder.lay_over("# envs/classic.toml\n[cloud_run]\nservice = \"another\"");
    assert_fires(&folder, &["duplicate-host"], "one host");
}

/// What an error says nothing is rendered from never comes to a template.
#[test]
fn what_is_incomplete_is_said_and_not_rendered() {
    for line in ["load_balancing_scheme = \"EXTERNAL_MANAGED\"\n", "url_map = \"shared-url-map\"\n"] {
        let folder = Folder::attached();
        folder.edit("envs/demo.toml", line, "");
        let run = folder.run(&["render"]).expect(1);
        assert!(run.stderr.contains("attach-incomplete"), "{}", run.transcript());
        assert!(!folder.path().join("out").exists());
    }
}

/// An edit of what the owner of the map gets is seen.
#[test]
fn an_edit_is_found() {
    let protocol = "  protocol = \"HTTPS\"\n";
    let edits = [
        ("load_balancer.tf", protocol, "  protocol = \"HTTPS\"\n  timeout_sec = 3600\n", "neg-refuses"),
        ("load_balancer.tf", protocol, "  health_checks = [\"x\"]\n", "neg-refuses"),
        ("load_balancer.tf", protocol, "  port_name = \"http\"\n", "neg-refuses"),
        ("load_balancer.tf", protocol, "  session_affinity = \"GENERATED_COOKIE\"\n", "neg-refuses"),
        ("load_balancer.tf", protocol, "  protocol = \"HTTP2\"\n", "neg-refuses"),
        ("load_balancer.tf", "  load_balancing_scheme = \"EXTERNAL_MANAGED\"\n", "", "setting-disagrees"),
        ("load_balancer.tf", "EXTERNAL_MANAGED", "EXTERNAL", "setting-disagrees"),
        ("load_balancer.tf", "enable      = true", "enable      = false", "setting-disagrees"),
        ("url_map.hcl", "    \"www.portal.example.com\",\n", "", "host-disagrees"),
        ("url_map.hcl", "path_matcher = \"portal-demo\"", "path_matcher = \"other\"", "service-disagrees"),
        ("url_map.hcl", "portal-demo-backend", "other-backend", "service-disagrees"),
        ("url_map.hcl", "projects/portal-demo/", "projects/another-project/", "service-disagrees"),
        ("add-path-matcher.sh", "url_map=shared-url-map", "url_map=another", "setting-disagrees"),
        ("add-path-matcher.sh", " \\\n    --new-hosts=\"$(IFS=, && echo \"${hosts[*]}\")\"", "", "setting-disagrees"),
        (
            "add-path-matcher.sh",
            "--new-hosts=\"$(IFS=, && echo \"${hosts[*]}\")\"",
            "--new-hosts=a.b",
            "setting-disagrees",
        ),
        ("add-path-matcher.sh", "  portal.example.com\n", "", "host-disagrees"),
        (
            "add-path-matcher.sh",
            "--default-service=\"$backend_service\"",
            "--default-service=other",
            "service-disagrees",
        ),
        (
            "add-path-matcher.sh",
            "--project=\"$project\" \\\n  --flatten='hostRules",
            "--project=other \\\n  --flatten='hostRules",
            "service-disagrees",
        ),
    ];
    let folder = Folder::attached();
    folder.remove("envs/classic.toml");
    folder.run(&["render"]).expect(0);
    for (file, from, to, rule) in edits {
        let path = format!("out/demo/{file}");
        let text = folder.read(&path);
        folder.edit(&path, from, to);
        let run = folder.run(&["lint"]);
        assert_eq!(rules_of(&run), BTreeSet::from([rule.to_owned()]), "{file}: {from}\n{}", run.transcript());
        assert!(run.stdout.contains(&path), "{}", run.stdout);
        folder.write(&path, &text);
    }
}

/// A stand-in for gcloud that knows a URL map, and writes down what it is asked.
const GCLOUD: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$*" >>"$ASKED"
case "$*" in
  *" describe "*"--flatten=pathMatchers[]"*) cat "$MATCHERS" ;;
  *" describe "*) cat "$MAP" ;;
esac
[[ "$*" != *"$FAIL"* || -z "$FAIL" ]]
"#;

#[test]
#[ignore = "needs bash"]
fn bash_runs_add_path_matcher_again_and_again() {
    let folder = Folder::attached();
    folder.run(&["render"]).expect(0);
    folder.write("bin/gcloud", GCLOUD);
    Command::new("chmod").arg("+x").arg(folder.path().join("bin/gcloud")).status().expect("chmod");
    let run_all = |map: &str, matchers: &str, fail: &str| {
        folder.write("map", map).write("matchers", matchers).write("asked", "");
        let run = Run::of(
            Command::new("bash")
                .args(["-c", "PATH=$1:$PATH exec bash \"$2\"", "stub first"])
                .args([folder.path().join("bin"), folder.path().join("out/demo/add-path-matcher.sh")])
                .env("ASKED", folder.path().join("asked"))
                .env("MAP", folder.path().join("map"))
                .env("MATCHERS", folder.path().join("matchers"))
                .env("FAIL", fail),
        );
        let asked = folder.read("asked");
        let asked: Vec<_> = asked.lines().filter(|line| !line.contains(" describe ")).map(str::to_owned).collect();
        let end = "shared-url-map leads portal.example.com www.portal.example.com to portal-demo\n";
        assert_eq!(run.stdout == end, run.code == 0, "{}", run.transcript());
        (run, asked)
    };
    let backend = |project: &str, name: &str| {
        format!("portal-demo,https://www.googleapis.com/compute/v1/projects/{project}/global/backendServices/{name}\n")
    };
    let run = |map: &str, fail: &str| {
        let own =
            if map.contains("portal-demo,") { backend("portal-demo", "portal-demo-backend") } else { ",\n".into() };
        let (run, asked) = run_all(map, &format!("other,x\n{own}"), fail);
        (run.code, asked)
    };
    let add = "compute url-maps add-path-matcher shared-url-map --path-matcher-name=portal-demo \
               --default-service=portal-demo-backend --global --project=portal-demo \
               --new-hosts=portal.example.com,www.portal.example.com";
    // As gcloud says it of a map without host rules, and of one with another's.
    for map in ["", ",\n", "other,*\nportal-demo-2,x.example.com\n"] {
        assert_eq!(run(map, ""), (0, vec![add.to_owned()]), "{map:?}");
    }
    let rule = "compute url-maps add-host-rule shared-url-map --hosts=www.portal.example.com \
                --path-matcher-name=portal-demo --global --project=portal-demo";
    assert_eq!(run("portal-demo,portal.example.com\n", ""), (0, vec![rule.to_owned()]));
    let all = "other,*\nportal-demo,portal.example.com\nportal-demo,www.portal.example.com\n";
    assert_eq!(run(all, ""), (0, vec![]));
    // Where the matcher leads elsewhere, it is another's.
    let redirect = "portal-demo,\n".to_owned();
    let others = [backend("portal-demo", "other"), backend("another", "portal-demo-backend"), redirect];
    for other in others {
        let (run, asked) = run_all(all, &other, "");
        assert_eq!((run.code, asked), (1, vec![]));
        assert!(run.stderr.contains("the path matcher portal-demo of shared-url-map leads to"), "{}", run.stderr);
    }
    // Whatever fails is the end of it.
    assert_eq!(run(all, "describe"), (1, vec![]));
    assert_eq!(run("", "add-path-matcher"), (1, vec![add.to_owned()]));
    assert_eq!(run("portal-demo,portal.example.com\n", "add-host-rule"), (1, vec![rule.to_owned()]));
}
