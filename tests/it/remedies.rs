//! Whoever does what the help of a finding says, to the letter, is told nothing more.

use std::collections::BTreeSet;

use portalgen::rules::rule;

use crate::support::{Folder, rules_of};

/// A rule, what its help says, and the same laid over the example on which the rule fires.
const REMEDIES: &[(&str, &str, &str)] = &[
    (
        "app-name-disagrees",
        "write `app_name=\"portal\"`",
        "# app/rxconfig.py\nimport reflex as rx\n\nconfig = rx.Config(app_name=\"portal\")\n",
    ),
    ("attach-incomplete", "write `url_map", "# envs/demo.toml\n[load_balancer]\nurl_map = \"shared-url-map\"\n"),
    (
        "billed-while-idle",
        "write `min_instances = 0`",
        "# envs/demo.toml\n-min_instances = 1\n-cpu_throttling = false\n+min_instances = 0\n",
    ),
    (
        "browsers-refused",
        "write `allow_unauthenticated = true`",
        "# envs/demo.toml\n[cloud_run]\nallow_unauthenticated = true\n",
    ),
    ("callback-unrouted", "such as `{ path = \"/auth/\" }`", "# portal.toml\n[api]\npaths = [{ path = \"/auth/\" }]\n"),
    ("cookie-across-sites", "`token_delivery = \"code\"`", "# envs/demo.toml\n[oauth]\ntoken_delivery = \"code\"\n"),
    (
        "default-service-account",
        "write `service_account",
        "# envs/demo.toml\n[cloud_run]\nservice_account = \"portal@portal-demo.iam.gserviceaccount.com\"\n",
    ),
    ("duplicate-service", "`alternative_of = \"demo\"`", "# envs/other.toml\nalternative_of = \"demo\"\n"),
    ("egress-without-network", "remove `vpc_egress`", "# envs/demo.toml\n-vpc_egress = \"all-traffic\"\n"),
    ("egress-without-network", "add `network`", "# envs/demo.toml\n[cloud_run]\nnetwork = \"default\"\n"),
    ("few-open-tabs", "write a higher `concurrency`", "# envs/demo.toml\n[cloud_run]\nconcurrency = 81\n"),
    ("fractional-cpu", "write `cpu = 1`", "# envs/demo.toml\n[cloud_run]\ncpu = 1\n"),
    ("h2c-with-websocket", "remove `http2`", "# envs/demo.toml\n-http2 = true\n"),
    (
        "h2c-with-websocket",
        "choose `strategy = \"websocket-free\"`",
        "# envs/demo.toml\nstrategy = \"websocket-free\"\n",
    ),
    (
        "javascript-origin-default-port",
        "write `https://portal.example.com`",
        "# envs/demo.toml\n[oauth]\njavascript_origins = [\"https://portal.example.com\"]\n",
    ),
    ("key-without-effect", "remove it", "# envs/demo.toml\n-state_bucket = \"terraform-states\"\n"),
    (
        "load-balancer-bypassed",
        "write `ingress",
        "# envs/demo.toml\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n",
    ),
    (
        "load-balancer-shut-out",
        "write `ingress",
        "# envs/demo.toml\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n",
    ),
    ("load-balancer-without-host", "add `hosts", "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n"),
    (
        "load-balancer-without-host",
        "remove `[load_balancer]`",
        "# envs/demo.toml\n-[load_balancer]\n-mode = \"create\"\n",
    ),
    (
        "load-balancer-without-service",
        "remove `[load_balancer]`",
        "# envs/local.toml\n-[load_balancer]\n-mode = \"create\"\n",
    ),
    ("memory-outside-cpu-band", "write `memory = \"4Gi\"`", "# envs/demo.toml\n[cloud_run]\nmemory = \"4Gi\"\n"),
    ("min-over-max-instances", "write `min_instances = 1`", "# envs/demo.toml\n[cloud_run]\nmin_instances = 1\n"),
    ("no-warm-instance", "write `min_instances = 1`", "# envs/demo.toml\n[cloud_run]\nmin_instances = 1\n"),
    (
        "node-image-on-alpine",
        "`node_image = \"node:24-trixie-slim\"`",
        "# portal.toml\n[container]\nnode_image = \"node:24-trixie-slim\"\n",
    ),
    (
        "node-too-old",
        "`node_image = \"node:24-trixie-slim\"`",
        "# portal.toml\n[container]\nnode_image = \"node:24-trixie-slim\"\n",
    ),
    ("one-request-at-a-time", "write `cpu = 1`", "# envs/demo.toml\n[cloud_run]\ncpu = 1\n"),
    ("polling-without-affinity", "remove `session_affinity = false`", "# envs/demo.toml\n-session_affinity = false\n"),
    ("python-image-on-alpine", "remove `python_image`", "# portal.toml\n-python_image = \"python:3.11-alpine\"\n"),
    ("python-too-old", "write `python = \"3.10\"`", "# portal.toml\n[app]\npython = \"3.10\"\n"),
    (
        "redirect-uri-default-port",
        "write `https://api.example.com/auth/google/callback`",
        "# envs/demo.toml\n[oauth]\nredirect_uri = \"https://api.example.com/auth/google/callback\"\n",
    ),
    (
        "redirect-uri-unregistered",
        "write `https://portal.example.com/auth/google/callback`",
        "# envs/demo.toml\n[variables]\nGOOGLE_REDIRECT_URI = \"https://portal.example.com/auth/google/callback\"\n",
    ),
    ("redis-url-without-redis", "write `state_manager = \"redis\"`", "# envs/demo.toml\nstate_manager = \"redis\"\n"),
    (
        "redis-without-url",
        "add `REFLEX_REDIS_URL",
        "# envs/demo.toml\n[secrets]\nREFLEX_REDIS_URL = { secret = \"redis-url\", version = \"1\" }\n",
    ),
    ("reflex-without-polling", "write `strategy = \"websocket\"`", "# envs/demo.toml\nstrategy = \"websocket\"\n"),
    ("request-timeout-over-limit", "remove it: the default is `1h`", "# envs/demo.toml\n-timeout = \"24h\"\n"),
    ("service-without-address", "name the `hosts`", "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n"),
    ("service-without-address", "remove `default_url = false`", "# envs/demo.toml\n-default_url = false\n"),
    ("state-in-memory", "write `max_instances = 1`", "# envs/demo.toml\n[cloud_run]\nmax_instances = 1\n"),
    (
        "state-in-memory",
        "`state_manager = \"redis\"`",
        "# envs/demo.toml\nstate_manager = \"redis\"\n[secrets]\n\
         REFLEX_REDIS_URL = { secret = \"redis-url\", version = \"1\" }\n",
    ),
    ("timeout-under-poll", "remove it", "# envs/demo.toml\n-timeout = \"20s\"\n"),
    ("timeout-under-proxy", "remove it", "# envs/demo.toml\n-timeout = \"60s\"\n"),
    ("token-in-query", "`token_delivery = \"cookie\"`", "# envs/demo.toml\n[oauth]\ntoken_delivery = \"cookie\"\n"),
    ("token-in-query", "or `\"code\"`", "# envs/demo.toml\n[oauth]\ntoken_delivery = \"code\"\n"),
    ("unknown-region", "did you mean `europe-west1`", "# envs/demo.toml\n[cloud_run]\nregion = \"europe-west1\"\n"),
    ("upload-over-memory", "write `memory = \"800Mi\"`", "# envs/demo.toml\n[cloud_run]\nmemory = \"800Mi\"\n"),
    ("upload-without-http2", "write `max_upload = \"32Mi\"`", "# portal.toml\n[app]\nmax_upload = \"32Mi\"\n"),
    ("uri-registered-twice", "remove this entry of `redirect_uris`", "# envs/demo.toml\n[oauth]\nredirect_uris = []\n"),
    ("websocket-cut-early", "remove it", "# envs/demo.toml\n-timeout = \"5m\"\n"),
];

/// What is printed without the line breaks of a terminal.
pub(crate) fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_the_help_says_is_enough() {
    let mut wrong = Vec::new();
    for (id, help, remedy) in REMEDIES {
        let folder = Folder::minimal();
        folder.lay_over(rule(id).expect("a rule").examples.fires);
        let printed = folder.run(&["lint"]).stdout;
        assert!(in_one_line(&printed).contains(help), "{id} does not say {help:?}:\n{printed}");
        folder.lay_over(remedy);
        let run = folder.run(&["lint"]);
        if rules_of(&run) != BTreeSet::new() || run.code != 0 {
            wrong.push(format!("{id}, {help}\n{}", run.transcript()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
