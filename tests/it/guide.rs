//! The mistakes of a widely copied deployment guide (Reflex on Cloud Run behind nginx, WebSockets, OAuth, a load
//! balancer), one by one: a rule finds each, or it cannot be written.

use std::fmt::Write;

use portalgen::artifact::Artifact;

use crate::render::artifacts;
use crate::support::{Folder, repository};

/// Why a mistake can do no harm.
enum Proof {
    /// Written in TOML, or in a file of the app or of out/, it fires this rule.
    Rule(&'static str, &'static str),
    /// Written in TOML, it is refused as malformed.
    NoSuchKey(&'static str),
    /// Nothing in TOML says it: portalgen decides, and these files of this repository have the first texts and not
    /// the second.
    Decided(&'static [&'static str], &'static [&'static str], &'static [&'static str]),
    /// What the guide warns of is sound: no rule fires.
    Sound(&'static str),
}

use Proof::{Decided, NoSuchKey, Rule, Sound};

const NGINX: &[&str] = &["image/websocket/nginx.conf", "image/websocket-free/nginx.conf"];
const START: &[&str] = &["image/websocket/start.sh", "image/websocket-free/start.sh"];
const DOCKERFILE: &[&str] = &["image/websocket/Dockerfile", "image/websocket-free/Dockerfile"];
const SERVICE: &[&str] = &["demo/service.yaml", "demo-websocket/service.yaml", "production/service.yaml"];
const LOAD_BALANCER: &[&str] = &["demo/load_balancer.tf", "production/load_balancer.tf"];

/// What the guide says or leaves out, and the proof.
const MISTAKES: &[(&str, Proof)] = &[
    // Cloud Run.
    (
        "name: h2c  # HTTP/2 for WebSocket support",
        Rule("h2c-with-websocket", "# envs/demo.toml\nstrategy = \"websocket\"\nhttp2 = true\n"),
    ),
    (
        "h2c in front of an nginx that speaks HTTP/1.1 only",
        Decided(&["image/websocket-free-http2/nginx.conf"], &["http2 on;"], &[]),
    ),
    (
        "sessionAffinity: true, without quotes",
        Rule(
            "unquoted-value",
            "# out/demo/service.yaml\n-        run.googleapis.com/sessionAffinity: \"true\"\n+        run.googleapis.com/sessionAffinity: true\n",
        ),
    ),
    (
        "cpu: 2, without quotes",
        Rule("unquoted-value", "# out/demo/service.yaml\n-              cpu: \"1\"\n+              cpu: 2\n"),
    ),
    ("PORT: 8080 among the variables", Rule("variable-refused", "# envs/demo.toml\n[variables]\nPORT = \"8080\"\n")),
    ("env_vars: and resources: as a service.yaml", NoSuchKey("# envs/demo.toml\n[env_vars]\nENV = \"demo\"\n")),
    (
        "no request timeout: each socket cut after 300 s",
        Decided(&["demo-websocket/service.yaml"], &["timeoutSeconds: 3600"], &[]),
    ),
    (
        "a short request timeout with WebSockets",
        Rule("websocket-cut-early", "# envs/demo.toml\nstrategy = \"websocket\"\n[cloud_run]\ntimeout = \"300s\"\n"),
    ),
    (
        "proxy_read_timeout 86400s",
        Rule(
            "timeout-disagrees",
            "# out/image/websocket/nginx.conf\n-        proxy_read_timeout 3600s;\n+        proxy_read_timeout 86400s;\n",
        ),
    ),
    (
        "a day of timeout, in TOML",
        Rule("request-timeout-over-limit", "# envs/demo.toml\n[cloud_run]\ntimeout = \"24h\"\n"),
    ),
    (
        "session affinity not needed without WebSockets",
        Rule(
            "polling-without-affinity",
            "# envs/demo.toml\nstrategy = \"websocket-free\"\n[cloud_run]\nsession_affinity = false\n",
        ),
    ),
    (
        "max 5 instances, state in the process",
        Rule("state-in-memory", "# envs/demo.toml\n[cloud_run]\nmax_instances = 5\n"),
    ),
    (
        "min 0 instances in production too",
        Rule("no-warm-instance", "# envs/demo.toml\nstage = \"production\"\n[cloud_run]\nmin_instances = 0\n"),
    ),
    (
        "the default probe: a port that is open before the backend answers",
        Decided(SERVICE, &["startupProbe:", "livenessProbe:", "path: /ping"], &["tcpSocket"]),
    ),
    (
        "image by the tag latest",
        Rule(
            "image-by-tag",
            "# envs/demo.toml\n[cloud_run]\nimage = \"europe-west1-docker.pkg.dev/portal-demo/portal/portal:latest\"\n",
        ),
    ),
    (
        "the service's account not said: the project's own, which may do too much",
        Rule("default-service-account", "# envs/demo.toml\nstage = \"production\"\n"),
    ),
    // nginx and the start script.
    (
        "X-Forwarded-Proto $scheme: always http in the container",
        Decided(NGINX, &["proxy_set_header X-Forwarded-Proto $forwarded_proto;"], &["X-Forwarded-Proto $scheme"]),
    ),
    (
        "Connection \"upgrade\" for every request",
        Decided(NGINX, &["proxy_set_header Connection $connection_upgrade;"], &["Connection \"upgrade\""]),
    ),
    (
        "try_files $uri /index.html: the home page for every deep link",
        Decided(NGINX, &["try_files $uri $uri.html $uri/index.html /__spa-fallback.html;"], &["$uri /index.html"]),
    ),
    (
        "only /ping, /_event and /_upload proxied: the callback gets a page",
        Rule(
            "callback-unrouted",
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[api]\nurl = \"https://api.example.com\"\n[oauth]\nredirect_uri = \"https://portal.example.com/auth/google/callback\"\n",
        ),
    ),
    ("a request body of 1 MiB, nginx's default", Decided(NGINX, &["client_max_body_size "], &[])),
    ("no proxy_http_version for /ping and /_upload", Decided(NGINX, &["        proxy_http_version 1.1;"], &[])),
    (
        "answers of /_event buffered, \"no live updates\" without WebSockets",
        Decided(NGINX, &["proxy_buffering off;"], &[]),
    ),
    (
        "uvicorn on 0.0.0.0:8000",
        Rule(
            "backend-not-on-loopback",
            "# out/image/websocket/start.sh\n-    --host 127.0.0.1 \\\n+    --host 0.0.0.0 \\\n",
        ),
    ),
    ("doubled backslashes at the line ends of start.sh", Decided(START, &[" \\\n"], &["\\\\\n"])),
    ("gunicorn, with --timeout 0", Decided(START, &["uvicorn"], &["gunicorn"])),
    ("nginx in the background: nobody sees it die", Decided(START, &["wait -n"], &["exec uvicorn"])),
    ("nginx before the backend: 502 at each start", Decided(START, &["/ping"], &[])),
    ("--access-log: tokens of the query in the log", Decided(START, &["--no-access-log"], &["--access-log "])),
    // The image and Reflex.
    ("uvicorn asgi:app", Rule("asgi-outside-image", "# portal.toml\n[app]\nasgi = \"asgi:app\"\n")),
    (
        "connect_error_component switches WebSockets off",
        Rule(
            "setting-without-effect",
            "# app/rxconfig.py\nimport reflex as rx\n\nconfig = rx.Config(\n    app_name=\"portal\",\n    connect_error_component=None,\n)\n",
        ),
    ),
    (
        "the transport switched at run time only, by a variable",
        Rule("variable-refused", "# envs/demo.toml\n[variables]\nREFLEX_TRANSPORT = \"polling\"\n"),
    ),
    (
        "no REFLEX_ENV_MODE, no __REFLEX_SKIP_COMPILE: the container compiles at start",
        Decided(DOCKERFILE, &["__REFLEX_SKIP_COMPILE=true", "REFLEX_ENV_MODE=prod"], &[]),
    ),
    (
        "Reflex 0.8.24.post1 alone pinned",
        Rule(
            "lock-without-package",
            "# app/requirements.lock\nreflex==0.8.24.post1 --hash=sha256:0b5ac4f1a4f4a7e2d2f55ff2b3b8a9b0a4e1f1c0d9e8f7a6b5c4d3e2f1a0b9c8\n",
        ),
    ),
    ("python:3.11-slim, of whatever Debian", Decided(DOCKERFILE, &["FROM python:3.11-slim-trixie"], &[])),
    ("the container runs as root", Decided(DOCKERFILE, &["USER 65532:65532"], &[])),
    // The load balancer.
    (
        "\"may not work well behind a load balancer\"",
        Sound(
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\nstrategy = \"websocket\"\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n[load_balancer]\nmode = \"create\"\nstate_bucket = \"terraform-states\"\n",
        ),
    ),
    (
        "--protocol=HTTP2  # Required for WebSocket",
        Rule(
            "neg-refuses",
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n[load_balancer]\nmode = \"create\"\nstate_bucket = \"terraform-states\"\n# out/demo/load_balancer.tf\n-  protocol = \"HTTPS\"\n+  protocol = \"HTTP2\"\n",
        ),
    ),
    (
        "--load-balancing-scheme=EXTERNAL, the classic one",
        Rule(
            "setting-disagrees",
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n[load_balancer]\nmode = \"create\"\nstate_bucket = \"terraform-states\"\n# out/demo/load_balancer.tf\n-  load_balancing_scheme = \"EXTERNAL_MANAGED\"\n+  load_balancing_scheme = \"EXTERNAL\"\n",
        ),
    ),
    (
        "the NEG is never attached",
        Decided(LOAD_BALANCER, &["group = google_compute_region_network_endpoint_group.portal.id"], &[]),
    ),
    (
        "a path matcher without hosts takes every host",
        Decided(LOAD_BALANCER, &["default_service = google_compute_backend_service.portal.id"], &["path_matcher"]),
    ),
    (
        "no certificate, no redirect from http, no address for DNS",
        Decided(
            LOAD_BALANCER,
            &["google_compute_managed_ssl_certificate", "https_redirect = true", "output \"address\""],
            &[],
        ),
    ),
    (
        "--allow-unauthenticated and open ingress: the load balancer is bypassed",
        Rule(
            "load-balancer-bypassed",
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[load_balancer]\nmode = \"create\"\nstate_bucket = \"terraform-states\"\n",
        ),
    ),
    // OAuth.
    (
        "the backend's address is the host of no redirect URI",
        Rule(
            "api-host-without-redirect-uri",
            "# envs/demo.toml\n[api]\nurl = \"https://api-abcdefghij-el.a.run.app\"\npublic_url = \"https://demo.example.com/api\"\n[oauth]\nredirect_uri = \"https://api-abcdefghij-el.a.run.app/auth/google/callback\"\n",
        ),
    ),
    (
        "a redirect URI on the service's own run.app address, which the load balancer's ingress closes",
        Rule(
            "own-run-app-closed",
            "# envs/demo.toml\n[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n[oauth]\nredirect_uris = [{ uri = \"https://portal-demo-abcdefghij-ew.a.run.app/auth/google/callback\", served_by = \"api\" }]\n",
        ),
    ),
    (
        "https://<codespace-name>-8000... registered as it stands",
        Rule(
            "placeholder-in-service",
            "# envs/demo.toml\n[oauth]\nredirect_uri = \"https://<codespace-name>-8000.app.github.dev/auth/google/callback\"\n",
        ),
    ),
    (
        "the token comes back in the URL's query",
        Rule(
            "token-in-query",
            "# envs/demo.toml\n[api]\nurl = \"https://api.example.com\"\n[oauth]\nredirect_uri = \"https://api.example.com/auth/google/callback\"\ntoken_delivery = \"query\"\n",
        ),
    ),
    ("the page that gets the token sends it on as a referrer", Decided(NGINX, &["Referrer-Policy no-referrer"], &[])),
    (
        "GOOGLE_CLIENT_SECRET as a variable",
        Rule(
            "secret-in-plain-sight",
            "# envs/demo.toml\n[variables]\nGOOGLE_CLIENT_SECRET = \"GOCSPX-abcdefghijklmnopqrstuvwx\"\n",
        ),
    ),
    (
        "\"wait 5 minutes\" after a change of the redirect URIs",
        Decided(&["demo/redirect-uris.txt"], &["a change takes five minutes to a few hours"], &[]),
    ),
];

/// Each mistake and what becomes of it, as a table to be read.
#[test]
fn every_mistake_of_the_guide_is_found_or_cannot_be_made() {
    let artifacts = artifacts(repository());
    let mut table = String::new();
    let (mut wrong, mut found) = (String::new(), 0);
    for (mistake, proof) in MISTAKES {
        let (verdict, fault) = judge(proof, &artifacts);
        found += usize::from(matches!(proof, Rule(..)));
        writeln!(table, "{mistake}\n    {verdict}").expect("a string takes every write");
        if let Some(fault) = fault {
            writeln!(wrong, "{mistake}: {fault}").expect("a string takes every write");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let count = MISTAKES.len();
    insta::assert_snapshot!("walk", format!("{count} mistakes, {found} found by a rule\n\n{table}"));
}

/// What becomes of a mistake, and what is wrong with that if anything is.
fn judge(proof: &Proof, artifacts: &[Artifact]) -> (String, Option<String>) {
    let lint = |example: &str| Folder::minimal().lay_over(example).run(&["lint"]);
    match proof {
        Rule(id, example) => {
            let run = lint(example);
            let fires = run.stdout.contains(&format!("[{id}]"));
            (format!("rule: {id}"), (!fires).then(|| run.transcript()))
        }
        NoSuchKey(example) => {
            let run = lint(example);
            let refused = run.code == 2 && run.stdout.contains("error[unknown-key]");
            ("cannot be written: there is no such key".to_owned(), (!refused).then(|| run.transcript()))
        }
        Sound(example) => {
            let run = lint(example);
            let silent = run.code == 0 && run.stdout.starts_with("no findings");
            ("is sound: no finding".to_owned(), (!silent).then(|| run.transcript()))
        }
        Decided(files, has, lacks) => {
            let mut fault = None;
            for file in *files {
                let artifact = artifacts.iter().find(|artifact| artifact.path() == *file);
                let text = artifact.map_or("", |artifact| artifact.contents.as_str());
                let code: String = text
                    .split_inclusive('\n')
                    .filter(|line| !line.trim_start().starts_with("# ") || file.ends_with(".txt"))
                    .collect();
                let missing = has.iter().find(|part| !code.contains(**part));
                let there = lacks.iter().find(|part| code.contains(**part));
                if let Some(part) = missing.or(there) {
                    fault = Some(format!("{file}: {part:?}"));
                }
            }
            ("cannot be written: portalgen decides it".to_owned(), fault)
        }
    }
}
