//! A portal as it should be, for each strategy, and the environments that say so.

use std::sync::Mutex;

use super::stub::{Asked, Reply, Say, Talk, said};
use crate::support::Folder;

/// The strategy that a portal serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    Polling,
    Websocket,
}

/// An answer to each question, in place of the right one where `other` has one.
pub(crate) fn portal(
    strategy: Strategy,
    other: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    talking(strategy, TALK, other)
}

/// The same, and its sessions talk so.
pub(crate) fn talking(
    strategy: Strategy,
    talk: Talk,
    other: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let server = Server { strategy, talk, waiting: Mutex::default() };
    move |asked| other(asked).unwrap_or_else(|| server.right(asked))
}

/// A portal's backend and what is in front of it.
struct Server {
    strategy: Strategy,
    talk: Talk,
    /// What its session has to say by long polling.
    waiting: Mutex<Vec<Say>>,
}

/// The same, right in everything.
pub(crate) fn sound(strategy: Strategy) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    portal(strategy, |_| None)
}

/// What is in every answer.
pub(crate) fn headers(reply: Reply) -> Reply {
    reply
        .with("Referrer-Policy", "no-referrer")
        .with("X-Content-Type-Options", "nosniff")
        .with("Content-Security-Policy", "frame-ancestors 'self'")
}

pub(crate) const HOME: &str = "<!DOCTYPE html><script src=\"/assets/home-1a2b.js\"></script><h1>home</h1>";
pub(crate) const SHELL: &str = "<!DOCTYPE html><script src=\"/assets/home-1a2b.js\"></script>";
pub(crate) const OPENED: &str = "0{\"sid\":\"abc\",\"upgrades\":[],\"pingInterval\":25000}";
pub(crate) const CONNECTED: &str = "40/_event,{\"sid\":\"def\"}";
const STATE: &str = r#"42/_event,["event",{"delta":{"reflex___state____state":{"is_hydrated_rx_state_":false}},"events":[],"final":true}]"#;

/// How a session of a sound portal talks.
pub(crate) const TALK: Talk = &[
    ("", Say::Packet(OPENED)),
    ("40/_event,", Say::Packet(CONNECTED)),
    ("42/_event,[\"event\",{\"name\":\"reflex___state____state.hydrate\"", Say::Packet(STATE)),
];

/// Where sign-in leads.
pub(crate) fn google(redirect_uri: &str) -> Reply {
    let uri = redirect_uri.replace(':', "%3A").replace('/', "%2F");
    Reply::redirect(302, &format!("https://accounts.google.com/o/oauth2/v2/auth?state=s3cret&redirect_uri={uri}"))
}

impl Server {
    fn right(&self, asked: &Asked) -> Reply {
        let reply = match (asked.method.as_str(), asked.path.as_str()) {
            (_, "/ping") => Reply::json(200, "\"pong\""),
            (_, "/_event/") => self.socket(asked),
            ("POST", "/_upload") => match asked.header("content-length").parse::<u64>() {
                Ok(0..=33_554_432) => Reply::json(400, "{\"detail\":\"Missing reflex-client-token header.\"}"),
                _ => Reply::nginx(413),
            },
            (_, "/_health" | "/_all_routes") => Reply::nginx(404),
            (_, "/reports" | "/auth") => Reply::redirect(301, &format!("{}/", asked.path)),
            (_, "/reports/") => Reply::json(200, "[]"),
            (_, "/auth/google/login") => google("https://pp.example.com/auth/google/callback"),
            (_, "/auth/google/callback") => Reply::json(400, "{\"detail\":\"missing code\"}"),
            (_, "/assets/home-1a2b.js") if asked.header("accept-encoding") == "gzip" => {
                script("short").with("Content-Encoding", "gzip")
            }
            (_, "/assets/home-1a2b.js") => script(&"x".repeat(4096)),
            (_, path) if path.starts_with("/assets/") => Reply::nginx(404),
            (_, "/") if !asked.query.is_empty() => Reply::html(200, HOME).with("Cache-Control", "no-store"),
            (_, "/") => Reply::html(200, HOME).with("Cache-Control", "no-cache"),
            _ => Reply::html(200, SHELL).with("Cache-Control", "no-cache"),
        };
        headers(reply)
    }

    fn socket(&self, asked: &Asked) -> Reply {
        let own = format!("://{}", asked.header("host"));
        let foreign = match asked.header("sec-fetch-site") {
            "" => !asked.header("origin").is_empty() && !asked.header("origin").ends_with(&own),
            site => site != "same-origin",
        };
        if foreign {
            return Reply::nginx(403);
        }
        let websocket = asked.query.contains("transport=websocket");
        if websocket != (self.strategy == Strategy::Websocket) {
            return Reply::json(400, "\"Invalid transport\"");
        }
        let mut waiting = self.waiting.lock().expect("a lock");
        let text = |body: &str| Reply::new(200, "text/plain", body);
        match (asked.method.as_str(), asked.query.contains("sid=")) {
            _ if websocket => Reply::Socket(self.talk),
            ("GET", false) => {
                waiting.clear();
                text(OPENED).with("Set-Cookie", "GAESA=s3cret-cookie; Path=/; HttpOnly")
            }
            _ if !asked.query.contains("sid=abc") => Reply::json(400, "\"Invalid session\""),
            ("POST", _) => {
                for packet in String::from_utf8_lossy(&asked.body).split('\x1e') {
                    if !["1", "3", "40/_event,", "41/_event,", "42/_event,"]
                        .iter()
                        .any(|known| packet.starts_with(known))
                    {
                        return Reply::json(400, "\"unexpected packet\"");
                    }
                    waiting.extend(said(self.talk, packet));
                }
                text("OK")
            }
            _ => match waiting.pop() {
                Some(Say::Packet(packet)) => text(packet),
                Some(Say::Close) => text("1"),
                None => Reply::Hang,
            },
        }
    }
}

fn script(body: &str) -> Reply {
    Reply::new(200, "application/javascript", body).with("Cache-Control", "public, max-age=31536000, immutable")
}

/// A folder with a portal of two hosts and an API, `envs/{polling,websocket,http2,redis}.toml`. Its redirect URI is
/// on the portal's first host, so that nothing outside needs to be asked.
pub(crate) fn folder() -> Folder {
    let folder = Folder::minimal();
    folder.remove("envs/demo.toml");
    let text = folder.read("portal.toml");
    let text = text.replace("client = \"portal\"", "client = \"portal\"\nlogin_path = \"/auth/google/login\"");
    let text =
        text.replace("[oauth]", "backend_paths = [\"/reports/\"]\n\n[api]\npaths = [{ path = \"/auth/\" }]\n\n[oauth]");
    folder.write("portal.toml", &text);
    let other = "alternative_of = \"polling\"\n";
    let (polling, websocket) = ("strategy = \"websocket-free\"\n", "strategy = \"websocket\"\n");
    let http2 = format!("{polling}http2 = true\n");
    for (name, strategy, other) in [("polling", polling, ""), ("websocket", websocket, other), ("http2", &http2, other)]
    {
        let text = format!(
            r#"#:schema ../schemas/environment.schema.json
portal = "../portal.toml"
stage = "development"
{strategy}{other}hosts = ["pp.example.com"]

[cloud_run]
project = "portal-demo"
project_number = 123456789012
region = "europe-west1"
image = "europe-west1-docker.pkg.dev/portal-demo/portal/portal@sha256:0b5ac4f1a4f4a7e2d2f55ff2b3b8a9b0a4e1f1c0d9e8f7a6b5c4d3e2f1a0b9c8"
ingress = "internal-and-cloud-load-balancing"
allow_unauthenticated = true
max_instances = 1

[api]
url = "https://api.example.com"

[oauth]
redirect_uri = "https://pp.example.com/auth/google/callback"
token_delivery = "cookie"

[load_balancer]
mode = "create"
state_bucket = "portal-demo-terraform"
"#
        );
        folder.write(&format!("envs/{name}.toml"), &text);
    }
    let text = folder
        .read("envs/polling.toml")
        .replace("strategy =", "alternative_of = \"polling\"\nstate_manager = \"redis\"\nstrategy =");
    let secret = "\n[secrets]\nREFLEX_REDIS_URL = { secret = \"redis-url\", version = \"1\" }\n";
    folder.write("envs/redis.toml", &(text + secret));
    folder
}
