//! What `verify` needs to know before it asks, and where its findings point.

use portalgen::verify::Anchor;

use super::portal::folder;
use crate::support::{Folder, read, repository};

#[test]
fn an_environment_without_hosts_needs_an_address() {
    let run = Folder::minimal().run(&["verify", "envs/demo.toml"]).expect(2);
    assert!(run.stderr.contains("`envs/demo.toml` names no `hosts`"), "{}", run.stderr);
    assert!(run.stderr.contains("help: say it: portalgen verify envs/demo.toml --url http://localhost:8080"));
}

#[test]
fn an_address_is_scheme_and_host() {
    for url in [
        "pp.example.com",
        "ftp://pp.example.com",
        "https://pp.example.com/path",
        "https://pp.example.com?x",
        "https://",
        "http://[::1",
        "http://localhost:0",
    ] {
        folder().run(&["verify", "envs/polling.toml", "--url", url]).expect(2);
    }
    for connect in ["pp.example.com", ":443", "a:b:c", "host:0"] {
        folder().run(&["verify", "envs/polling.toml", "--connect", connect]).expect(2);
    }
}

#[test]
fn what_may_be_a_secret_in_an_address_is_not_repeated() {
    for url in ["http://user:s3cret@pp.example.com/", "http://pp.example.com/?token=s3cret", "http://x/#s3cret"] {
        let run = folder().run(&["verify", "envs/polling.toml", "--url", url]).expect(2);
        assert!(run.stderr.contains("--url: its value "), "{}", run.stderr);
        assert!(!run.transcript().contains("s3cret"), "{}", run.transcript());
    }
}

#[test]
fn an_environment_with_an_error_is_not_asked() {
    let folder = folder();
    folder.edit("envs/polling.toml", "max_instances = 1", "max_instances = 1\ntimeout = \"2h\"");
    let run = folder.run(&["verify", "envs/polling.toml", "--url", "http://localhost:1"]).expect(1);
    assert!(run.stderr.contains("error[request-timeout-over-limit]") && run.stderr.ends_with("nothing was asked\n"));
    folder.edit("envs/polling.toml", "max_instances = 1", "max_instances = 0");
    folder.run(&["verify", "envs/polling.toml", "--url", "http://localhost:1"]).expect(2);
    folder.run(&["verify", "envs/none.toml"]).expect(2);
    folder.run(&["verify", "envs"]).expect(2);
    let run = folder.run(&["verify", "portal.toml"]).expect(2);
    assert!(run.stderr.contains("portalgen verify demo") && !run.stderr.contains("render"), "{}", run.stderr);
}

/// A verification points at lines of rendered files by how they begin.
#[test]
fn every_line_that_is_pointed_at_is_there() {
    let attached = Folder::attached();
    attached.run(&["render"]).expect(0);
    let folders = |name: &str| match name {
        "url_map.hcl" => vec!["demo", "classic"],
        "service.yaml" | "load_balancer.tf" => vec!["demo", "demo-h2c", "demo-websocket", "uat", "production"],
        _ => vec!["image/websocket", "image/websocket-free", "image/websocket-free-http2"],
    };
    for anchor in Anchor::ALL {
        for folder in folders(anchor.file()) {
            let root = if anchor.file() == "url_map.hcl" { attached.path() } else { repository() };
            let text = read(&root.join("out").join(folder).join(anchor.file()));
            let found = text.lines().any(|line| line.trim_start().starts_with(anchor.text()));
            assert!(found, "{folder}/{} has no line that begins with {:?}", anchor.file(), anchor.text());
        }
    }
}
