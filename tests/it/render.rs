//! One snapshot for each environment and artifact.

use std::path::Path;

use portalgen::artifact::Artifact;
use portalgen::{render, workspace};

use crate::support::{Folder, fixture, repository};

/// The artifacts of a portal's environments, without writing them.
pub(crate) fn artifacts(root: &Path) -> Vec<Artifact> {
    let workspace = workspace::load(&[], root).expect("a portal");
    let errors: Vec<_> =
        workspace.findings.iter().filter(|finding| finding.level == portalgen::finding::Level::Error).collect();
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
        r#"
portal = "../portal.toml"
stage = "uat"
strategy = "websocket-free"
description = "another"
hosts = ["a.example.com", "b.example.com"]
state_manager = "redis"
forwarded_hops = 3

[cloud_run]
project = "another-project"
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

[load_balancer]
mode = "none"
"#,
    );
    assert_no_key_left_out(&demo, &folder.read("envs/demo.toml"));
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    assert_eq!(folder.tree("out/image"), before);
}

/// Both files together name every key that the schema knows, or the test above forgets one.
fn assert_no_key_left_out(one: &str, other: &str) {
    let schema = portalgen::schema::Kind::Environment.schema();
    let mut keys = Vec::new();
    collect_keys(schema, &mut keys);
    for key in keys {
        // What the image does depend on, and what names the one service of two environments.
        if ["http2", "alternative_of"].contains(&key.as_str()) {
            continue;
        }
        assert!([one, other].iter().any(|text| text.contains(&key)), "no environment here writes `{key}`");
    }
}

fn collect_keys(schema: &serde_json::Value, keys: &mut Vec<String>) {
    for (key, inner) in schema.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
        keys.push(key.clone());
        collect_keys(inner, keys);
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
    folder.edit("envs/demo.toml", "mode = \"create\"", "mode = \"none\"");
    folder.run(&["render", "envs/demo.toml"]).expect(0);
    assert!(!folder.path().join("out/demo/load_balancer.tf").exists());
    assert!(folder.read("out/demo/service.yaml").contains("- name: FORWARDED_HOPS\n              value: \"1\""));
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
