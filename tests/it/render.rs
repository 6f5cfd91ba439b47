//! One snapshot for each environment and artifact.

use std::path::Path;

use portalgen::artifact::Artifact;
use portalgen::{render, workspace};

use crate::support::{Folder, fixture, repository};

/// The artifacts of a portal's environments, without writing them.
pub(crate) fn artifacts(root: &Path) -> Vec<Artifact> {
    let workspace = workspace::load(&[], root).expect("a portal");
    let errors: Vec<_> = workspace
        .findings
        .iter()
        .filter(|finding| finding.level == portalgen::finding::Level::Error && finding.stands())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    render::artifacts(&workspace.deployments, true)
}

fn snapshot(set: &str, artifact: &Artifact) {
    let folder = if artifact.folder.is_empty() { "all" } else { &artifact.folder };
    let name = format!("{}__{}", folder.replace('/', "-"), artifact.name);
    insta::with_settings!({
        snapshot_path => format!("snapshots/{set}"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => format!("mode {}", artifact.mode()),
    }, {
        insta::assert_snapshot!(name, artifact.contents);
    });
}

#[test]
fn this_repositorys_environments() {
    let artifacts = artifacts(repository());
    assert!(artifacts.len() > 40, "{}", artifacts.len());
    artifacts.iter().for_each(|artifact| snapshot("environments", artifact));
}

#[test]
fn hostile_strings() {
    artifacts(&fixture("hostile")).iter().for_each(|artifact| snapshot("hostile", artifact));
}

/// The image may not know its environment, or one digest could not be promoted.
#[test]
fn an_image_is_the_same_for_environments_that_differ_in_everything_else() {
    let folder = Folder::with_portal();
    // These deploy demo's service, which is another one below.
    folder.remove("envs/demo-h2c.toml").remove("envs/demo-websocket.toml");
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    let before = folder.tree("out/image");
    assert!(!before.is_empty());
    let demo = folder.read("envs/demo.toml");
    folder.write(
        "envs/demo.toml",
        r#"#:schema ../schemas/environment.schema.json
portal = "../portal.toml"
stage = "uat"
strategy = "websocket-free"
description = "another"
hosts = ["a.example.com", "b.example.com"]
state_manager = "redis"
forwarded_hops = 3

[cloud_run]
project = "another-project"
project_number = 2
region = "us-east1"
service = "another"
image = "us-east1-docker.pkg.dev/another-project/a/b:c"
ingress = "internal"
default_url = false
allow_unauthenticated = false
service_account = "a@another-project.iam.gserviceaccount.com"
min_instances = 3
max_instances = 7
cpu = 4
memory = "3Gi"
concurrency = 999
timeout = "59m"
session_affinity = false
cpu_throttling = false
cpu_boost = false
execution_environment = "gen2"
labels = { a = "b" }
network = "n"
subnet = "s"
vpc_egress = "all-traffic"

[api]
url = "https://another.example.com"
public_url = "https://another.example.com/x"
secrets = { A = { secret = "a", version = "2" } }

[variables]
OTHER = "1"

[secrets]
REFLEX_REDIS_URL = { secret = "r", version = "2" }

[oauth]
redirect_uri = "https://another.example.com/cb"
redirect_uris = [{ uri = "https://c.example.com/cb", served_by = "elsewhere" }]
javascript_origins = ["https://a.example.com"]
token_delivery = "fragment"

[load_balancer]
mode = "none"
load_balancing_scheme = "EXTERNAL"
url_map = "another"

[[lint.allow]]
rule = "image-by-tag"
reason = "a test"

[[lint.allow]]
rule = "polling-without-affinity"
reason = "a test"
"#,
    );
    assert_no_key_left_out(&demo, &folder.read("envs/demo.toml"));
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    assert_eq!(folder.tree("out/image"), before);
}

/// Every key that the schema knows has another value in the two files, or the test above forgets one.
fn assert_no_key_left_out(one: &str, other: &str) {
    let [one, other] = [one, other].map(|text| toml::from_str::<toml::Value>(text).expect("TOML"));
    let mut keys = Vec::new();
    collect_keys(portalgen::config::Kind::Environment.schema(), &mut Vec::new(), &mut keys);
    assert!(keys.len() >= 40, "{keys:?}");
    // Where portal.toml is, what the image does depend on, and what names the one service of two environments.
    let same = [&["portal"][..], &["strategy"], &["http2"], &["alternative_of"]];
    for path in
        keys.iter().filter(|path| !same.contains(&path.iter().map(String::as_str).collect::<Vec<_>>().as_slice()))
    {
        let value = |root: &toml::Value| path.iter().try_fold(root.clone(), |value, key| value.get(key).cloned());
        assert_ne!(value(&one), value(&other), "both have the same {}", path.join("."));
    }
}

fn collect_keys(schema: &serde_json::Value, path: &mut Vec<String>, keys: &mut Vec<Vec<String>>) {
    for (key, inner) in schema.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
        path.push(key.clone());
        if inner.get("properties").is_none() {
            keys.push(path.clone());
        }
        collect_keys(inner, path, keys);
        path.pop();
    }
}

#[test]
fn without_an_api_there_is_no_api_env_and_no_backend_url() {
    let folder = Folder::minimal();
    folder.run(&["render"]).expect(0);
    assert!(!folder.path().join("out/demo/api.env").exists());
    assert!(!folder.read("out/demo/service.yaml").contains("BACKEND_URL"));
}

#[test]
fn without_a_load_balancer_there_is_no_terraform() {
    let folder = Folder::with_portal();
    folder.edit("envs/demo.toml", "mode = \"create\"\nstate_bucket", "mode = \"none\" # state_bucket");
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    assert!(!folder.path().join("out/demo/load_balancer.tf").exists());
    // Its ingress still lets nobody in but a load balancer, which somebody else made.
    let hops = |n: u8| format!("- name: FORWARDED_HOPS\n              value: \"{n}\"");
    assert!(folder.read("out/demo/service.yaml").contains(&hops(2)));
    folder.edit("envs/demo.toml", "internal-and-cloud-load-balancing", "all");
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    assert!(folder.read("out/demo/service.yaml").contains(&hops(1)));
}

/// A portal on its run.app address hears nothing of load balancers, however its token comes.
#[test]
fn without_a_load_balancer_nothing_speaks_of_one() {
    for delivery in ["cookie", "code", "fragment", "query"] {
        let folder = Folder::minimal();
        folder.lay_over(&format!(
            "# envs/demo.toml\n[load_balancer]\nmode = \"none\"\n[api]\nurl = \"https://api.example.com\"\n\
             [oauth]\nredirect_uri = \"https://api.example.com/cb\"\ntoken_delivery = \"{delivery}\""
        ));
        folder.run(&["render"]).expect(0);
        for (path, contents) in folder.tree("out/demo") {
            let text = String::from_utf8(contents).expect("text").to_lowercase().replace(['_', '-'], " ");
            // The guide weighs one up in its sentences; its picture and its commands know none.
            let is_guide = path.ends_with("DEPLOYMENT.md");
            let blocks = || text.split("```").skip(1).step_by(2).collect::<Vec<_>>().join("\n");
            let text = if is_guide { blocks() } else { text.clone() };
            assert!(!text.contains("load balanc") && !path.contains("load_balancer"), "{delivery}: {path}\n{text}");
        }
        let api_env = folder.read("out/demo/api.env");
        insta::with_settings!({ snapshot_path => "snapshots/delivery", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(delivery, api_env);
        });
    }
}

/// Cloud Run takes 32 MiB over HTTP/1, whatever the portal allows.
#[test]
fn large_uploads_reach_http2_alone() {
    let folder = Folder::with_portal();
    folder.edit("portal.toml", "max_upload = \"100Mi\"", "max_upload = \"64Mi\"");
    folder.run(&["render"]).expect(0);
    let limit = |variant: &str| {
        let conf = folder.read(&format!("out/image/{variant}/nginx.conf"));
        let line = conf.lines().find(|line| line.contains("client_max_body_size")).expect("a limit");
        line.trim().to_owned()
    };
    assert_eq!(limit("websocket-free"), "client_max_body_size 33554432;");
    assert_eq!(limit("websocket"), "client_max_body_size 33554432;");
    assert_eq!(limit("websocket-free-http2"), "client_max_body_size 67108864;");
}

/// The variables that an author may not set are those that the Dockerfile sets.
#[test]
fn the_images_variables_are_reserved() {
    let folder = Folder::minimal();
    folder.run(&["render"]).expect(0);
    let dockerfile = folder.read("out/image/websocket/Dockerfile").replace("\\\n", " ");
    let lines = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV "));
    let mut set: Vec<_> =
        lines.flat_map(str::split_whitespace).filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    set.retain(|name| *name != "REFLEX_STATE_MANAGER_MODE"); // `state_manager` says it anew for each environment.
    set.sort_unstable();
    assert_eq!(set, portalgen::rules::variable_refused::IMAGE_VARIABLES);
}

/// A Reflex app whose rxconfig.py lies at the repository's root.
#[test]
fn the_app_may_be_the_repository_itself() {
    let folder = Folder::minimal();
    folder.edit("portal.toml", "source = \"app\"", "source = \".\"").copy(&fixture("minimal/app"), ".");
    folder.run(&["render"]).expect(0);
    let dockerfile = folder.read("out/image/websocket/Dockerfile");
    assert!(dockerfile.contains("COPY ./rxconfig.py /app/rxconfig.py"), "{dockerfile}");
    assert!(folder.read("out/image/websocket/Dockerfile.dockerignore").contains("!./rxconfig.py"));
}

#[test]
fn line_ends_of_the_checkout_do_not_matter() {
    let unix = Folder::minimal();
    unix.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\n[variables]\nLINES = \"\"\"a\nb\"\"\"");
    let windows = Folder::minimal();
    for (path, text) in unix.tree("") {
        let text = String::from_utf8(text).expect("a text");
        windows.write(&path, &text.replace('\n', "\r\n"));
    }
    assert_eq!(unix.run(&["render"]).expect(0).stderr, "");
    assert_eq!(windows.run(&["render"]).expect(0).stderr, "");
    assert_eq!(unix.tree("out"), windows.tree("out"));
}

/// A URI that a page would answer is nothing to register.
#[test]
fn without_an_api_no_callback_is_registered() {
    let folder = Folder::minimal();
    folder.edit("envs/demo.toml", "strategy", "hosts = [\"a.example.com\"]\nstrategy");
    folder.run(&["render"]).expect(0);
    assert!(!folder.read("out/demo/redirect-uris.txt").contains("a.example.com"));
    // The app's own route may take it.
    folder.edit("portal.toml", "[oauth]", "[oauth]\ncallback_path = \"/login/callback\"");
    folder.edit("portal.toml", "reflex =", "backend_paths = [\"/login/\"]\nreflex =");
    folder.run(&["render"]).expect(0);
    let text = folder.read("out/demo/redirect-uris.txt");
    assert!(text.contains("# served by the portal\nhttps://a.example.com/login/callback"), "{text}");
}
