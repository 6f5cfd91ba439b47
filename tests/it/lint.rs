//! `portalgen lint`: its formats, its exit codes, and what an author lets pass.

use std::fs;

use portalgen::config::Kind;
use portalgen::rules::{RULES, rule};
use serde_json::Value;

use crate::support::{Folder, Run, files, fixture, read, repository, stem};

/// An error with two carets in two files, a warning, and a finding that an allowance lets pass.
fn mixed() -> Folder {
    let folder = Folder::minimal();
    folder.lay_over(
        r#"
# envs/demo.toml
hosts = ["portal.example.com"]
[cloud_run]
region = "europe-west7"
image = "europe-west1-docker.pkg.dev/portal-demo/portal/portal:main"
[[lint.allow]]
rule = "image-by-tag"
reason = "the demo follows the main branch: \"always\""

# envs/other.toml
hosts = ["portal.example.com"]
"#
        .trim_start(),
    );
    folder
}

#[test]
fn formats() {
    let folder = mixed();
    for format in ["text", "json", "sarif", "github"] {
        let run = folder.run(&["lint", "--format", format]).expect(1);
        assert_eq!(run.stderr, "", "findings are the output");
        insta::assert_snapshot!(format!("format_{format}"), run.stdout);
    }
}

#[test]
fn a_denied_warning_is_an_error_in_every_format() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "europe-west1\"", "europe-west7\"");
    for (format, error) in [
        ("text", "error[unknown-region]"),
        ("json", "\"level\": \"error\""),
        ("sarif", "\"level\": \"error\""),
        ("github", "::error "),
    ] {
        let denied = folder.run(&["lint", "--deny-warnings", "--format", format]).expect(1).stdout;
        assert!(denied.contains(error), "{denied}");
        let passed = folder.run(&["lint", "--format", format]).expect(0).stdout;
        assert!(!passed.contains(error), "{passed}");
    }
}

/// The published schema of SARIF and our own of the JSON accept every finding that there is, and both have them all.
#[test]
fn programs_can_read_every_finding() {
    let sarif_schema: Value =
        serde_json::from_str(&read(&repository().join("tests/data/sarif-schema-2.1.0.json"))).expect("JSON");
    let sarif = jsonschema::validator_for(&sarif_schema).expect("a schema");
    let json_schema: Value =
        serde_json::from_str(&read(&repository().join("schemas/findings.schema.json"))).expect("JSON");
    let json = jsonschema::validator_for(&json_schema).expect("a schema");
    let mut folders: Vec<Folder> = RULES
        .iter()
        .map(|rule| {
            let folder = Folder::minimal();
            folder.lay_over(rule.examples.fires);
            folder
        })
        .collect();
    for path in files(&fixture("malformed")) {
        let folder = Folder::minimal();
        let place = if stem(&path).starts_with("portal") { "portal.toml" } else { "envs/demo.toml" };
        folder.write(place, &read(&path));
        folders.push(folder);
    }
    folders.push(mixed());
    for folder in folders {
        let report = parse(&folder.run(&["lint", "--format", "json"]));
        let log = parse(&folder.run(&["lint", "--format", "sarif"]));
        let errors = |validator: &jsonschema::Validator, value: &Value| {
            validator
                .iter_errors(value)
                .map(|error| format!("{error} at {}", error.instance_path()))
                .collect::<Vec<_>>()
        };
        assert_eq!(errors(&json, &report), Vec::<String>::new(), "{report:#}");
        assert_eq!(errors(&sarif, &log), Vec::<String>::new(), "{log:#}");
        let all = list(&report["findings"]);
        let findings: Vec<_> = all.iter().filter(|finding| finding["allowed"].is_null()).cloned().collect();
        let results = list(&log["runs"][0]["results"]);
        assert!(!all.is_empty());
        let ids = |list: &[Value], key: &str| list.iter().map(|item| item[key].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&findings, "rule"), ids(results, "ruleId"));
        let github = folder.run(&["lint", "--format", "github"]).stdout;
        let standing = findings.len();
        assert_eq!(github.lines().filter(|line| line.starts_with("::")).count(), standing);
        assert_eq!(github.lines().count(), standing, "a finding is one line: {github}");
        for (finding, result) in findings.iter().zip(results) {
            if finding["rule"].as_str().and_then(rule).is_some() {
                list(&finding["places"]).iter().for_each(assert_key_exists);
            }
            let (place, region) = (&finding["places"][0], &result["locations"][0]["physicalLocation"]["region"]);
            assert_eq!(place["start"]["line"], region["startLine"]);
            assert_eq!(place["end"]["column"], region["endColumn"]);
            assert!(place["start"]["line"].as_u64() >= Some(1) && place["start"]["column"].as_u64() >= Some(1));
        }
    }
}

/// A key that a finding names is one that an author can write.
fn assert_key_exists(place: &Value) {
    let (Some(path), Some(key)) = (place["path"].as_str(), place["key"].as_str()) else { return };
    let kind = if path.ends_with("portal.toml") { Kind::Portal } else { Kind::Environment };
    let mut schema = kind.schema();
    for name in key.split('.').map(|name| name.split('[').next().unwrap_or_default()) {
        let table = if schema["type"] == "array" { &schema["items"] } else { schema };
        let free = table["patternProperties"].as_object().and_then(|patterns| patterns.values().next());
        schema = table["properties"].get(name).or(free).unwrap_or_else(|| panic!("{path}: there is no key {key}"));
    }
}

fn parse(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.transcript()))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Characters that mean something in a URI or a workflow command.
#[test]
fn paths_are_escaped() {
    let folder = Folder::empty();
    let inner = "a b,c%20:d";
    for file in ["portal.toml", "envs/demo.toml"] {
        folder.write(&format!("{inner}/{file}"), &Folder::minimal().read(file));
    }
    folder.edit(&format!("{inner}/envs/demo.toml"), "max_instances = 1", "max_instances = 1\ntimeout = \"2h\"");
    let lint = |format| folder.run(&["lint", &format!("{inner}/envs"), "--format", format]).expect(1).stdout;
    assert!(lint("sarif").contains(r#""uri": "a%20b%2Cc%2520%3Ad/envs/demo.toml""#), "{}", lint("sarif"));
    assert!(lint("github").contains("file=a b%2Cc%2520%3Ad/envs/demo.toml,line="), "{}", lint("github"));
    assert!(lint("json").contains(r#""path": "a b,c%20:d/envs/demo.toml""#), "{}", lint("json"));
}

#[test]
fn lint_changes_nothing_and_ends_by_what_it_found() {
    let folder = Folder::minimal();
    insta::assert_snapshot!("clean", folder.run(&["lint"]).expect(0).transcript());
    folder.edit("envs/demo.toml", "europe-west1\"", "europe-west7\"");
    let before = folder.tree("");
    folder.run(&["lint"]).expect(0);
    assert!(folder.tree("") == before, "nothing is written");
    folder.run(&["lint", "--deny-warnings"]).expect(1);
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\ntimeout = \"2h\"");
    folder.run(&["lint"]).expect(1);
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instnaces = 1");
    insta::assert_snapshot!("malformed", folder.run(&["lint"]).expect(2).transcript());
    folder.run(&["lint", "--format", "xml"]).expect(2);
}

/// What `lint` says, `check` and `render` say too, on standard error.
#[test]
fn every_verb_goes_by_the_same_rules() {
    let folder = mixed();
    let linted = folder.run(&["lint"]).stdout;
    for verb in ["render", "check"] {
        let run = folder.run(&[verb]).expect(1);
        assert!(run.stderr.starts_with(linted.trim_end()), "{}", run.transcript());
    }
    assert!(!folder.path().join("out").exists(), "nothing is written while an error stands");
}

#[test]
fn an_allowance_lets_an_error_pass() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "strategy = \"websocket\"", "strategy = \"websocket\"\nhttp2 = true");
    folder.run(&["render"]).expect(1);
    assert!(!folder.path().join("out").exists());
    let allowance = "\n[[lint.allow]]\nrule = \"h2c-with-websocket\"\nreason = \"only polling is used\"\n";
    folder.write("envs/demo.toml", &(folder.read("envs/demo.toml") + allowance));
    let run = folder.run(&["render"]).expect(0);
    assert_eq!(run.stderr, "1 allowed\n");
    folder.run(&["check", "--deny-warnings"]).expect(0);
}

/// An allowance is for its own file; in portal.toml, for what stands there.
#[test]
fn an_allowance_reaches_no_other_file() {
    let folder = Folder::minimal();
    folder.write("envs/next.toml", &folder.read("envs/demo.toml"));
    for file in ["demo", "next"] {
        folder.edit(&format!("envs/{file}.toml"), "europe-west1\"", "europe-west7\"");
    }
    let allowance = "\n[[lint.allow]]\nrule = \"unknown-region\"\nreason = \"new\"\n";
    folder.write("envs/next.toml", &(folder.read("envs/next.toml") + allowance));
    let run = folder.run(&["lint"]).expect(0);
    assert_eq!(run.stdout.matches("warning[unknown-region]").count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("--> envs/demo.toml"), "{}", run.stdout);
    assert!(run.stdout.ends_with("1 warning, 1 allowed\n"), "{}", run.stdout);

    let folder = Folder::minimal();
    folder.edit("portal.toml", "[oauth]", "[container]\nport = 8000\n\n[oauth]");
    folder.run(&["lint"]).expect(1);
    let allowance = "\n[[lint.allow]]\nrule = \"ports-collide\"\nreason = \"a test\"\n";
    folder.write("portal.toml", &(folder.read("portal.toml") + allowance));
    folder.run(&["lint"]).expect(0);
}

/// One in the wrong file says where it belongs.
#[test]
fn an_allowance_in_the_wrong_file() {
    let folder = Folder::minimal();
    folder.edit("portal.toml", "[oauth]", "[container]\nport = 8000\n\n[oauth]");
    let allowance = "\n[[lint.allow]]\nrule = \"ports-collide\"\nreason = \"a test\"\n";
    folder.write("envs/demo.toml", &(folder.read("envs/demo.toml") + allowance));
    insta::assert_snapshot!("allowance_in_the_wrong_file", folder.run(&["lint"]).expect(1).stdout);
}

/// What one environment alone is told agrees with what all are told.
#[test]
fn an_allowance_counts_whichever_environments_were_asked_for() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml").replace("[cloud_run]", "hosts = [\"portal.example.com\"]\n\n[cloud_run]");
    let allowance = "\n[[lint.allow]]\nrule = \"duplicate-host\"\nreason = \"a test\"\n";
    folder.write("envs/demo.toml", &demo).write("envs/next.toml", &(demo + allowance));
    for selection in [&["lint"][..], &["lint", "envs/demo.toml"], &["lint", "envs/next.toml"]] {
        let run = folder.run(selection).expect(0);
        assert_eq!(run.stdout, "1 allowed\n", "{selection:?}");
    }
    // portal.toml's is needed by an environment that was not asked for.
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    let api = "hosts = [\"portal.example.com\"]\n\n[api]\nurl = \"https://api.example.com\"\n\n[cloud_run]";
    let uri = "[oauth]\nredirect_uri = \"https://portal.example.com/auth/google/callback\"";
    folder.write("envs/next.toml", &demo.replace("[cloud_run]", api).replace("[oauth]", uri));
    folder.run(&["lint", "envs/next.toml"]).expect(1);
    let allowance = "\n[[lint.allow]]\nrule = \"callback-unrouted\"\nreason = \"a test\"\n";
    folder.write("portal.toml", &(folder.read("portal.toml") + allowance));
    assert_eq!(folder.run(&["lint"]).expect(0).stdout, "1 allowed\n");
    assert!(folder.run(&["lint", "envs/demo.toml"]).expect(0).stdout.starts_with("no findings"));
}

/// Two allowances of one rule: the second lets nothing pass.
#[test]
fn an_allowance_that_is_there_twice_is_unused_once() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "europe-west1\"", "europe-west7\"");
    let allowance = "\n[[lint.allow]]\nrule = \"unknown-region\"\nreason = \"new\"\n";
    folder.write("envs/demo.toml", &(folder.read("envs/demo.toml") + allowance + allowance));
    let run = folder.run(&["lint"]).expect(0);
    assert!(run.stdout.contains("warning[unused-allowance]"), "{}", run.stdout);
    assert!(run.stdout.ends_with("1 warning, 1 allowed\n"), "{}", run.stdout);
}

/// Where a rule could not judge, its allowance is not called unused.
#[test]
fn an_allowance_is_not_unused_while_a_file_is_malformed() {
    let folder = Folder::minimal();
    let allowance = "\n[[lint.allow]]\nrule = \"state-in-memory\"\nreason = \"a test\"\n";
    folder.write("envs/demo.toml", &(folder.read("envs/demo.toml") + allowance));
    assert!(folder.run(&["lint"]).expect(0).stdout.contains("unused-allowance"));
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = \"many\"");
    assert!(!folder.run(&["lint"]).expect(2).stdout.contains("unused-allowance"));
}

/// The levels by stage, on one configuration.
#[test]
fn a_stage_says_how_strict() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 5");
    let demo = folder.read("envs/demo.toml");
    for (stage, level) in [("development", "warning"), ("demo", "warning"), ("uat", "warning"), ("production", "error")]
    {
        folder.write("envs/demo.toml", &demo.replace("\"development\"", &format!("{stage:?}")));
        let run = folder.run(&["lint"]);
        assert!(run.stdout.contains(&format!("{level}[state-in-memory]")), "{stage}: {}", run.stdout);
        assert_eq!(run.code, i32::from(level == "error"));
    }
}

#[test]
fn a_guides_option_2_needs_an_allowance_with_a_reason() {
    let folder = Folder::minimal();
    for file in ["portal.toml", "envs/demo.toml"] {
        folder.write(file, &read(&fixture("guide-option-2").join(file)));
    }
    insta::assert_snapshot!("guide_option_2_refused", folder.run(&["render"]).expect(1).transcript());
    assert!(!folder.path().join("out").exists());
    folder.write("envs/demo.toml", &(folder.read("envs/demo.toml") + &read(&fixture("guide-option-2/allowance.toml"))));
    insta::assert_snapshot!("guide_option_2_allowed", folder.run(&["render"]).expect(0).transcript());
    let out = folder.path().join("out");
    for file in ["demo/service.yaml", "image/websocket-http2/nginx.conf", "image/websocket-http2/start.sh"] {
        let text = fs::read_to_string(out.join(file)).expect("rendered");
        insta::assert_snapshot!(format!("guide_option_2_{}", file.replace('/', "-")), text);
    }
}

/// What this repository's own environments are told. demo is a guide's first phase, so it is told most.
#[test]
fn the_committed_environments_have_no_error_and_need_no_allowance() {
    let folder = Folder::with_portal();
    let run = folder.run(&["lint", "--format", "json"]).expect(0);
    let report = parse(&run);
    assert_eq!((report["errors"].as_u64(), report["allowed"].as_u64()), (Some(0), Some(0)));
    let told = |finding: &Value| {
        let place = &finding["places"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{}: {} ({})\n", text(&place["path"]), text(&finding["rule"]), text(&place["key"]))
    };
    insta::assert_snapshot!("committed", list(&report["findings"]).iter().map(told).collect::<String>());
}
