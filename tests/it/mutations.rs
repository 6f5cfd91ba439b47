//! Each fact of the rendered files is altered, one occurrence at a time, and a rule by name must see it in that file.
//!
//! The occurrences are found here by looking for the values as text, not by the program's readers. What looks like a
//! fact and is none is left out by [`NO_FACTS`], with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::Parser;
use portalgen::cli::Cli;
use portalgen::deployment::Deployment;
use portalgen::{commands, workspace};
use serde_json::Value;

use crate::support::{Folder, walk};

/// A kind of fact, and the rules that may find it altered. A value that stands inside another fact (a host in a
/// redirect URI) is that one's to find.
const KINDS: &[(&str, &[&str])] = &[
    ("port", &["port-disagrees", "redirect-uri-disagrees", "host-disagrees", "variable-disagrees"]),
    ("loopback address", &["backend-not-on-loopback"]),
    ("upstream's name", &["route-disagrees"]),
    ("transport", &["transport-disagrees", "path-disagrees", "setting-disagrees"]),
    ("path", &["route-disagrees", "setting-disagrees", "redirect-uri-disagrees", "variable-disagrees"]),
    // In words, among what a strategy means.
    ("time", &["timeout-disagrees", "setting-disagrees"]),
    ("service", &["service-disagrees"]),
    ("project", &["service-disagrees", "setting-disagrees"]),
    ("region", &["region-disagrees", "service-disagrees", "setting-disagrees"]),
    (
        "host",
        &[
            "host-disagrees",
            "redirect-uri-disagrees",
            "setting-disagrees",
            "variable-disagrees",
            "javascript-origin-disagrees",
        ],
    ),
    ("redirect URI", &["redirect-uri-disagrees"]),
    ("JavaScript origin", &["javascript-origin-disagrees"]),
    ("URL map", &["setting-disagrees", "service-disagrees"]),
    ("scheme", &["setting-disagrees"]),
];

const HEADER: &str = "a header, which nothing depends on";
const RULE_NAME: &str = "a rule's name, which another test looks up";

/// What looks like a fact and is none: a part of its line, the kind, and why.
const NO_FACTS: &[(&str, &str, &str)] = &[
    ("~*^websocket$ upgrade;", "transport", "the Upgrade header that browsers send, whatever the transport"),
    ("did not answer /ping in", "path", "a text for the log"),
    ("proxy_connect_timeout 5s;", "time", "within the container; no other file knows it"),
    ("resolver_timeout 5s;", "time", "no other file knows how long a name may take"),
    ("port, timeout=5)", "time", "one of many tries; start.sh's limit ends them all"),
    ("timeout: 1800s", "time", "how long a build may take; no other file knows it"),
    ("HTTPConnection(\"127.0.0.1\"", "time", "an address, and altered as one"),
    ("from envs/demo-h2c.toml. Do not edit", "transport", HEADER),
    ("from envs/demo-websocket.toml. Do not edit", "transport", HEADER),
    ("then run: portalgen render envs/demo-h2c.toml", "transport", HEADER),
    ("then run: portalgen render envs/demo-websocket.toml", "transport", HEADER),
    ("console.cloud.google.com/auth/clients", "path", "Google's own page"),
    ("A `localhost` URI never changes", "host", "any URI of a kind"),
    ("`polling-without-affinity`", "transport", RULE_NAME),
    ("`websocket-cut-early`", "transport", RULE_NAME),
    ("`h2c-with-websocket`", "transport", RULE_NAME),
    ("The port is named `h2c`, but", "transport", "what may be wrong, and is not so"),
];

/// Paths of Reflex's own that nginx routes.
const REFLEX_PATHS: &[&str] = &[
    "/ping",
    "/_event",
    "/_event/",
    "/_upload",
    "/_upload/",
    "_health",
    "_all_routes",
    "auth-codespace",
    "/assets/",
    "/__spa-fallback.html",
];

/// One alteration: where, of what kind, and what to write.
#[derive(Debug)]
struct Mutation {
    kind: &'static str,
    file: String,
    at: usize,
    from: String,
    to: String,
}

/// Words to look for, each with what to write instead.
type Needles = Vec<(String, String)>;

fn needles(kind: &str, deployments: &[&Deployment]) -> Needles {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let other = |words: BTreeSet<String>, other: &dyn Fn(&str) -> String| -> Needles {
        words.into_iter().map(|word| (word.clone(), other(&word))).collect()
    };
    let services = || deployments.iter().filter_map(|d| d.service.as_ref());
    match kind {
        "port" => pairs(&[("8080", "9090"), ("8000", "9000")]),
        "loopback address" => pairs(&[("127.0.0.1", "0.0.0.0")]),
        "upstream's name" => pairs(&[("http://backend", "http://other"), ("upstream backend", "upstream other")]),
        "transport" => pairs(&[
            ("polling", "websocket"),
            ("websocket", "polling"),
            ("http1", "h2c"),
            ("h2c", "http1"),
            ("http2 on", "http2 off"),
            ("--ws none", "--ws auto"),
            ("--ws auto", "--ws none"),
        ]),
        "path" => {
            let image = &deployments[0].image;
            let own = image.backend_locations.iter().map(|location| location.path.clone());
            let api = image.api_locations.iter().map(|location| location.path.clone());
            let words = REFLEX_PATHS.iter().map(|path| (*path).to_owned()).chain(own).chain(api).collect();
            let mut needles = other(words, &altered);
            needles.extend(pairs(&[("location / {", "location /x {")]));
            needles
        }
        "service" => other(services().map(|s| s.name.clone()).collect(), &|_| "another-portal".to_owned()),
        "project" => other(services().map(|s| s.project.to_string()).collect(), &|_| "another-project".to_owned()),
        "region" => other(services().map(|s| s.region.to_string()).collect(), &|_| "europe-west1".to_owned()),
        "host" => {
            let hosts = deployments.iter().flat_map(|d| d.hosts.iter().map(ToString::to_string));
            let uris = deployments.iter().flat_map(|d| &d.oauth.redirect_uris);
            let uris = uris.filter(|entry| !entry.uri.has_placeholder()).map(|entry| entry.uri.host().to_owned());
            let host = |url: &str| url.split('/').nth(2).expect("a URL has a host").to_owned();
            let apis = deployments.iter().filter_map(|d| d.api.as_ref());
            let apis =
                apis.flat_map(|api| [Some(api.url.to_string()), api.public_url.as_ref().map(ToString::to_string)]);
            let apis = apis.flatten().map(|url| host(&url));
            let origins = deployments.iter().flat_map(|d| &d.oauth.javascript_origins);
            let hosts = hosts.chain(origins.map(|origin| origin.host().to_owned()));
            let local = "localhost".to_owned();
            other(hosts.chain(uris).chain(apis).chain([local]).collect(), &|host| format!("x{host}"))
        }
        "redirect URI" => {
            let uris = deployments.iter().flat_map(|d| &d.oauth.redirect_uris);
            let known = uris.filter(|entry| !entry.uri.has_placeholder()).map(|entry| entry.uri.to_string());
            other(known.collect(), &|uri| format!("{uri}/"))
        }
        "JavaScript origin" => {
            let origins = deployments.iter().flat_map(|d| &d.oauth.javascript_origins);
            other(origins.map(ToString::to_string).collect(), &|origin| format!("{origin}:8443"))
        }
        "URL map" => pairs(&[("shared-url-map", "another-url-map")]),
        "scheme" => pairs(&[("\"EXTERNAL_MANAGED\"", "\"EXTERNAL\""), ("\"EXTERNAL\"", "\"EXTERNAL_MANAGED\"")]),
        kind => panic!("no needles for {kind}"),
    }
}

/// The same with another last letter.
fn altered(word: &str) -> String {
    let at = word.rfind(|c: char| c.is_ascii_alphabetic()).expect("a word has a letter");
    let letter = if word[at..].starts_with('x') { "y" } else { "x" };
    format!("{}{letter}{}", &word[..at], &word[at + 1..])
}

/// The lines of a file that are no comment, each with where it begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    });
    lines.filter(|(_, line)| !line.trim_start().starts_with('#'))
}

/// Every occurrence of the longest needle at each place.
fn occurrences(kind: &'static str, file: &str, text: &str, needles: &Needles) -> Vec<Mutation> {
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let mut at = 0;
        while at < line.len() {
            let here = needles.iter().filter(|(needle, _)| line.is_char_boundary(at) && line[at..].starts_with(needle));
            let whole_number = |needle: &str| {
                let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                let number = needle.bytes().all(|b| b.is_ascii_digit());
                !number || !(digit(line[..at].chars().next_back()) || digit(line[at + needle.len()..].chars().next()))
            };
            match here.filter(|(needle, _)| whole_number(needle)).max_by_key(|(needle, _)| needle.len()) {
                Some((from, to)) => {
                    let (file, from, to) = (file.to_owned(), from.clone(), to.clone());
                    at += from.len();
                    found.push(Mutation { kind, file, at: start + at - from.len(), from, to });
                }
                None => at += 1,
            }
        }
    }
    found
}

/// Every number in a line that speaks of time.
fn times(file: &str, text: &str) -> Vec<Mutation> {
    let words = ["timeout", "Seconds", "failureThreshold", "_limit=", "keep-alive"];
    let mut found = Vec::new();
    for (start, line) in lines(text).filter(|(_, line)| words.iter().any(|word| line.contains(word))) {
        let mut at = 0;
        while let Some(digit) = line[at..].find(|c: char| c.is_ascii_digit()) {
            let from = at + digit;
            let to = line[from..].find(|c: char| !c.is_ascii_digit()).map_or(line.len(), |length| from + length);
            at = to;
            let number: u64 = line[from..to].parse().expect("a number");
            // uvicorn's patience matters where it ends too early.
            let other = if line.contains("keep-alive") { number / 3 } else { number * 2 + 1 };
            let (file, from_text) = (file.to_owned(), line[from..to].to_owned());
            found.push(Mutation { kind: "time", file, at: start + from, from: from_text, to: other.to_string() });
        }
    }
    found
}

/// What a run of `lint` on these inputs finds in generated files: each rule with the file that it points at first.
fn lint(folder: &Path, inputs: &[String]) -> Vec<(String, String)> {
    let arguments = ["portalgen", "lint", "--format", "json"].into_iter().map(str::to_owned);
    let cli = Cli::parse_from(arguments.chain(inputs.iter().cloned()));
    let outcome = commands::run(&cli, folder);
    let report: Value = serde_json::from_str(&outcome.output).expect("a report");
    let findings = report["findings"].as_array().expect("findings").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = findings.map(|finding| (text(&finding["rule"]), text(&finding["places"][0]["path"])));
    found.filter(|(_, path)| path.starts_with("out/")).collect()
}

/// The files that are rendered, but for the manifests.
fn rendered(folder: &Folder) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    walk(&folder.path().join("out"), &mut |path| {
        let name = path.strip_prefix(folder.path()).expect("below").to_string_lossy().into_owned();
        if !name.ends_with("manifest.json") {
            files.insert(name, std::fs::read_to_string(path).expect("text"));
        }
    });
    files
}

/// The environments that a file is made from: their files, and what is known of them.
fn makers<'d>(file: &str, deployments: &'d [Deployment]) -> (Vec<String>, Vec<&'d Deployment>) {
    let of_image = |d: &&Deployment| file.starts_with(&format!("{}/", d.image.directory));
    let own = |d: &&Deployment| file.starts_with(&format!("out/{}/", d.environment));
    let makers: Vec<_> = deployments.iter().filter(|d| of_image(d) || own(d)).collect();
    match makers.first() {
        Some(first) => (vec![first.file.clone()], makers),
        None => (Vec::new(), deployments.iter().collect()),
    }
}

fn mutations(files: &BTreeMap<String, String>, deployments: &[Deployment]) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (file, text) in files {
        let (_, makers) = makers(file, deployments);
        for (kind, _) in KINDS {
            mutations.extend(match *kind {
                "time" => times(file, text),
                kind => occurrences(kind, file, text, &needles(kind, &makers)),
            });
        }
    }
    mutations
}

/// An environment behind a load balancer that exists.
fn attach(folder: &Folder) {
    folder.write("envs/attached.toml", &folder.read("envs/uat.toml"));
    let attach = "mode = \"attach\"\nload_balancing_scheme = \"EXTERNAL\"\nurl_map = \"shared-url-map\"";
    folder.edit("envs/attached.toml", "mode = \"create\"", attach);
    folder.edit("envs/attached.toml", "[\"uat.waooaw.com\"]", "[\"attached.waooaw.com\", \"www.waooaw.com\"]");
}

#[test]
fn every_altered_fact_is_found() {
    let folder = Folder::with_portal();
    // None of the environments needs an origin.
    let sign_in = "[oauth]\njavascript_origins = [\"https://studio.waooaw.com\", \"http://localhost:3000\"]\n";
    folder.edit("envs/demo.toml", "[oauth]\n", sign_in);
    attach(&folder);
    folder.run(&["render"]).expect(0);
    let files = rendered(&folder);
    let deployments = workspace::load(&[], folder.path()).expect("a portal").deployments;
    let variants: BTreeSet<_> = deployments.iter().map(|d| d.image.variant.as_str()).collect();
    assert_eq!(variants.into_iter().collect::<Vec<_>>(), ["websocket", "websocket-free", "websocket-free-http2"]);
    assert_eq!(lint(folder.path(), &[]), [], "what was rendered agrees");

    let mut left_out: BTreeMap<&str, usize> = NO_FACTS.iter().map(|(_, _, why)| (*why, 0)).collect();
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut missed = Vec::new();
    for mutation in mutations(&files, &deployments) {
        let Mutation { kind, file, at, from, to } = &mutation;
        let text = &files[file];
        let line = text[text[..*at].rfind('\n').map_or(0, |end| end + 1)..].lines().next().unwrap_or_default();
        // The occurrence itself, and not another in its line.
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let is_in = |part: &str| {
            line.match_indices(part).any(|(found, _)| (start + found..start + found + part.len()).contains(at))
        };
        if let Some((_, _, why)) = NO_FACTS.iter().find(|(part, of, _)| of == kind && is_in(part)) {
            *left_out.entry(why).or_default() += 1;
            continue;
        }
        *tried.entry(kind).or_default() += 1;
        folder.write(file, &format!("{}{to}{}", &text[..*at], &text[at + from.len()..]));
        let findings = lint(folder.path(), &makers(file, &deployments).0);
        folder.write(file, text);
        let (_, rules) = KINDS.iter().find(|(name, _)| name == kind).expect("a kind");
        let by = rules.iter().find(|rule| findings.iter().any(|(id, path)| id == *rule && path == file));
        match by {
            Some(rule) if findings.len() == 1 => *found.entry(kind).or_default().entry(rule).or_default() += 1,
            _ => missed.push(format!("{file}: {line}\n  {from} -> {to}: {findings:?}")),
        }
    }
    let mut table = String::new();
    for (kind, _) in KINDS {
        let by = found.get(kind).into_iter().flatten().map(|(rule, count)| format!("{rule} {count}"));
        let (by, of) = (by.collect::<Vec<_>>().join(", "), tried.get(kind).copied().unwrap_or_default());
        let sum: usize = found.get(kind).into_iter().flat_map(BTreeMap::values).sum();
        table.push_str(&format!("{kind:<17}{sum:>4} of {of:>4}  {by}\n"));
    }
    let (sum, of): (usize, usize) = (found.values().flat_map(BTreeMap::values).sum(), tried.values().sum());
    table.push_str(&format!("{:<17}{sum:>4} of {of:>4}\n\nleft out:\n", "in all"));
    for (why, count) in &left_out {
        assert!(*count > 0, "nothing is left out because of: {why}");
        table.push_str(&format!("{count:>4}  {why}\n"));
    }
    println!("{table}");
    assert!(missed.is_empty(), "{} missed, or said more than once:\n{}", missed.len(), missed.join("\n"));
    insta::assert_snapshot!("mutations", table);
}

/// What changes nothing is not found: comments, blank lines, and an order that means nothing.
#[test]
fn a_harmless_edit_is_no_finding() {
    let folder = Folder::with_portal();
    attach(&folder);
    folder.run(&["render"]).expect(0);
    for (file, text) in rendered(&folder) {
        let json = file.ends_with(".json");
        let edits = [
            format!("{text}\n"),
            if json { text.replace('\n', "") } else { format!("{text}# by hand\n") },
            text.replace('\n', "\r\n"),
        ];
        for edit in edits {
            assert_ne!(edit, text);
            folder.write(&file, &edit);
            assert_eq!(lint(folder.path(), &[]), [], "{file}:\n{edit}");
        }
        folder.write(&file, &text);
    }
    for (file, from, to) in HARMLESS {
        let file = format!("out/{file}");
        let text = folder.read(&file);
        folder.edit(&file, from, to);
        assert_eq!(lint(folder.path(), &[]), [], "{file}: {to}");
        folder.write(&file, &text);
    }
    // The upstream may be called anything, as long as all call it so.
    let nginx = "out/image/websocket/nginx.conf";
    let renamed =
        folder.read(nginx).replace("upstream backend", "upstream app").replace("http://backend", "http://app");
    folder.write(nginx, &renamed);
    assert_eq!(lint(folder.path(), &[]), []);
}

/// The same in another order, or written in another way.
const HARMLESS: &[(&str, &str, &str)] = &[
    (
        "demo/service.yaml",
        "  name: waooaw-platform-portal-demo\n  namespace: waooaw-oauth\n",
        "  namespace: \"waooaw-oauth\"\n  name: 'waooaw-platform-portal-demo'\n",
    ),
    (
        "demo/service.yaml",
        "            - name: ENV\n              value: demo\n",
        "            - { value: demo, name: ENV }\n",
    ),
    ("demo/service.yaml", "      timeoutSeconds: 300\n", "      timeoutSeconds: 300 # five minutes\n"),
    (
        "demo/service.yaml",
        "            - name: http1\n              containerPort: 8080\n",
        "            - containerPort: 8080\n",
    ),
    (
        "demo/load_balancer.tf",
        "  project = \"waooaw-oauth\"\n  region  = \"asia-south1\"\n",
        "  region = \"asia-south1\"\n  project=\"waooaw-oauth\" // here\n",
    ),
    ("demo/load_balancer.tf", "  protocol = \"HTTPS\"\n", "  protocol = \"HTTPS\"\n  session_affinity = \"NONE\"\n"),
    ("attached/url_map.hcl", "\"projects/waooaw-oauth/global/backendServices/", "\""),
    (
        "attached/add-path-matcher.sh",
        "  attached.waooaw.com\n  www.waooaw.com\n",
        "  'www.waooaw.com' attached.waooaw.com # both\n",
    ),
    ("attached/add-path-matcher.sh", "--project=\"$project\" \\\n  --flatten", "--project=waooaw-oauth --flatten"),
    ("demo/portal.env", "ENV=demo\nFORWARDED_HOPS=2\n", "FORWARDED_HOPS=2\n\nENV=demo\n"),
    // What the files themselves ask the reader to fill in.
    ("demo/api.env", "# GOOGLE_CLIENT_ID=\n", "GOOGLE_CLIENT_ID=1\nDATABASE_URL=x\n"),
    ("codespace/portal.env", "# BACKEND_URL=https://<codespace-name>-", "BACKEND_URL=https://fuzzy-owl-1a2b-"),
    ("codespace/api.env", "# GOOGLE_REDIRECT_URI=https://<codespace-name>-", "GOOGLE_REDIRECT_URI=https://fuzzy-owl-"),
    ("codespace/redirect-uris.txt", "# https://<codespace-name>-", "https://fuzzy-owl-1a2b-"),
    ("image/websocket/nginx.conf", "proxy_read_timeout 3600s;", "proxy_read_timeout \"1h\";"),
    (
        "image/websocket/nginx.conf",
        "        location = /ping {\n            proxy_pass http://backend;\n        }\n",
        "        location =/ping { proxy_pass http://backend; }\n",
    ),
    ("image/websocket/nginx.conf", "keepalive_timeout 60s;", "keepalive_timeout 30s;"),
    ("image/websocket/start.sh", "readonly backend_port=8000\n", "readonly backend_port='8000' # uvicorn\n"),
    (
        "image/websocket/start.sh",
        "    --ws auto \\\n    --log-level info \\\n",
        "    --log-level \"info\" \\\n    --ws auto \\\n",
    ),
    ("demo/deploy.sh", "readonly project=waooaw-oauth\n", "readonly project=\"waooaw-oauth\" # the portal's\n"),
    ("demo/deploy.sh", "readonly hosts=(pp.demo.waooaw.com)", "readonly hosts=( 'pp.demo.waooaw.com' )"),
    ("demo/cloudbuild.yaml", "timeout: 1800s", "timeout: 3600s"),
    ("image/websocket/start.sh", "--port \"$backend_port\"", "--port 8000"),
    ("image/websocket/Dockerfile", "EXPOSE 8080", "expose 8080/tcp"),
    ("image/websocket/Dockerfile", "    REFLEX_TRANSPORT=websocket\n", "    REFLEX_TRANSPORT=\"websocket\"\n"),
];
