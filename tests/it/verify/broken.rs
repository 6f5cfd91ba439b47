//! Portals that are broken in one way each: what fails, under which cause, and in which words.

use serde_json::Value;

use super::portal::{CONNECTED, HOME, OPENED, SHELL, Strategy, TALK, folder, google, headers, portal, talking};
use super::stub::{Asked, Reply, Say, Stub, Talk};
use crate::support::{Folder, Run, assert_excerpt, excerpt};

type Other = Box<dyn Fn(&Asked) -> Option<Reply> + Send + Sync>;

/// A way to be broken.
struct Case {
    name: &'static str,
    environment: &'static str,
    strategy: Strategy,
    talk: Talk,
    other: Other,
    /// Each check that does not pass, with its cause.
    faults: &'static [&'static str],
    /// How long an answer may take, in seconds.
    timeout: &'static str,
}

fn case(name: &'static str, other: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Case {
    Case {
        name,
        environment: "polling",
        strategy: Strategy::Polling,
        talk: TALK,
        other: Box::new(other),
        faults: &[],
        timeout: "20",
    }
}

/// One path is answered otherwise.
fn at(name: &'static str, path: &'static str, reply: Reply) -> Case {
    case(name, move |asked| (asked.path == path).then(|| reply.clone()))
}

/// Sessions talk otherwise.
fn talk(name: &'static str, talk: Talk) -> Case {
    Case { talk, ..case(name, |_| None) }
}

const REFUSED: Talk = &[("", Say::Packet(OPENED)), ("40", Say::Packet("44/_event,\"Unable to connect\""))];
const UNANSWERED: Talk = &[("", Say::Packet(OPENED)), ("40", Say::Packet(CONNECTED))];
const ENDED: Talk = &[("", Say::Packet(OPENED)), ("40", Say::Packet(CONNECTED)), ("42", Say::Close)];
const EMPTY: Talk = &[
    ("", Say::Packet(OPENED)),
    ("40", Say::Packet(CONNECTED)),
    ("42", Say::Packet("42/_event,[\"event\",{\"delta\":{},\"final\":true}]")),
];
const STRANGE: Talk = &[("", Say::Packet(OPENED)), ("40", Say::Packet("hello\x1e\x1ea\x1eb\x1ec\x1ed\x1ee\x1ef\x1eg"))];

/// Everything is.
fn everywhere(name: &'static str, reply: Reply) -> Case {
    case(name, move |_| Some(reply.clone()))
}

impl Case {
    fn is(mut self, faults: &'static [&'static str]) -> Self {
        self.faults = faults;
        self
    }

    /// Nothing answers, so there is nothing to wait for.
    fn impatient(mut self) -> Self {
        self.timeout = "1";
        self
    }

    /// Sessions are kept in Redis.
    fn with_redis(mut self) -> Self {
        self.environment = "redis";
        self
    }

    fn with_websocket(mut self) -> Self {
        (self.environment, self.strategy) = ("websocket", Strategy::Websocket);
        self
    }
}

/// What the backend answers behind nginx.
fn is_backends(asked: &Asked) -> bool {
    ["/ping", "/_event/", "/_upload", "/reports/"].contains(&asked.path.as_str())
}

fn session_of_another_instance() -> Case {
    let count = std::sync::atomic::AtomicUsize::new(0);
    case("two instances without affinity", move |asked| {
        let pong = asked.path == "/_event/" && asked.body == b"3";
        let other = pong && count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2 == 1;
        other.then(|| Reply::json(400, "\"Invalid session\""))
    })
}

fn upload(name: &'static str, reply: Reply, large: bool) -> Case {
    case(name, move |asked| {
        let length = asked.header("content-length").parse::<u64>().unwrap_or_default();
        (asked.path == "/_upload" && (length > 4 << 20) == large).then(|| reply.clone())
    })
}

/// What the guide's nginx.conf answers: a few paths go to the backend, and everything else is the home page.
fn guides(asked: &Asked) -> Option<Reply> {
    match asked.path.as_str() {
        "/ping" => Some(Reply::json(200, "\"pong\"")),
        "/_event/" if asked.header("sec-fetch-site") == "cross-site" => Some(Reply::new(200, "text/plain", OPENED)),
        "/_event/" => None,
        "/_upload" => match asked.header("content-length").parse::<u64>() {
            Ok(0..=1_048_576) => None,
            _ => Some(Reply::nginx(413)),
        },
        "/assets/home-1a2b.js" => Some(Reply::new(200, "application/javascript", &"x".repeat(4096))),
        "/assets" => Some(Reply::redirect(301, "http://localhost:8080/assets/")),
        _ => Some(Reply::html(200, HOME)),
    }
}

fn cases() -> Vec<Case> {
    let google_page = |text: &str| Reply::html(404, &format!("<title>Error</title><p>{text}"));
    let sign_in = |name, uri| at(name, "/auth/google/login", google(uri));
    let both_open = |asked: &Asked| {
        let websocket = asked.query.contains("transport=websocket") && asked.method == "GET";
        websocket.then_some(Reply::Socket(TALK))
    };
    vec![
        case("backend down, or nginx before the backend", |asked| is_backends(asked).then(|| Reply::nginx(502)))
            .is(&["ping backend-down"]),
        case("backend hangs", |asked| is_backends(asked).then_some(Reply::Hang))
            .impatient()
            .is(&["ping backend-hangs"]),
        everywhere("everything hangs", Reply::Hang).impatient().is(&["ping backend-hangs", "home-page backend-hangs"]),
        case("backend hangs, nginx gives up", |asked| is_backends(asked).then(|| Reply::nginx(504)))
            .is(&["ping backend-hangs"]),
        at("backend fails", "/ping", Reply::new(500, "text/plain", "Internal Server Error")).is(&["ping server-error"]),
        at("no location for /ping", "/ping", Reply::html(200, HOME)).is(&["ping page-instead-of-backend"]),
        everywhere("another service", Reply::new(200, "text/plain", "hello")).is(&["ping unexpected-answer"]),
        Case { environment: "http2", ..everywhere("empty reply", Reply::Close) }.is(&["ping empty-reply"]),
        everywhere("an h2c port", Reply::Raw(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80".to_vec()))
            .is(&["ping http2-only"]),
        everywhere("no web server", Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).is(&["ping not-http"]),
        everywhere("IAM", Reply::html(403, "Your client does not have permission to get URL <code>/</code>"))
            .is(&["ping iam-refuses"]),
        everywhere("Google's 404", google_page("The requested URL <code>/</code> was not found on this server."))
            .is(&["ping front-end-404"]),
        everywhere("no instance: busy", Reply::new(429, "text/plain", "Rate exceeded.")).is(&["ping no-instance"]),
        everywhere("503 of a container by hand", Reply::new(503, "text/plain", "Service Unavailable"))
            .is(&["ping unexpected-answer"]),
        everywhere("load balancer without backend", Reply::new(503, "text/plain", "no healthy upstream"))
            .is(&["ping no-backend"]),
        everywhere(
            "h2c to a container without HTTP/2",
            Reply::new(
                502,
                "text/plain",
                "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
            ),
        )
        .is(&["ping protocol-mismatch"]),
        everywhere("nginx with its own configuration", Reply::html(200, "<h1>Welcome to nginx!</h1>"))
            .is(&["ping nginx-default-site"]),
        Case {
            environment: "http2",
            ..case("no HTTP/2 in the container", |asked| (asked.method == "PRI").then_some(Reply::Close))
        }
        .is(&["http2 no-http2"]),
        at("no client", "/", headers(Reply::nginx(403))).is(&["home-page no-client"]),
        at("another home page", "/", headers(Reply::html(200, "<h1>It works!</h1>")))
            .is(&["home-page unexpected-answer"]),
        case("home page for every path", |asked| {
            let reply = headers(Reply::html(200, HOME));
            asked.path.starts_with("/portalgen-verify").then_some(reply)
        })
        .is(&["deep-link home-page-for-every-path"]),
        case("no fallback", |asked| asked.path.starts_with("/portalgen-verify").then(|| headers(Reply::nginx(404))))
            .is(&["deep-link no-fallback"]),
        at("page may be kept", "/", headers(Reply::html(200, HOME)))
            .is(&["page-caching page-cached", "page-with-query page-with-query-stored"]),
        case("page with a query may be kept", |asked| {
            (asked.path == "/").then(|| headers(Reply::html(200, HOME)).with("Cache-Control", "no-cache"))
        })
        .is(&["page-with-query page-with-query-stored"]),
        at("asset missing", "/assets/home-1a2b.js", headers(Reply::nginx(404)))
            .is(&["asset asset-missing", "compression asset-missing"]),
        at(
            "asset of the wrong type",
            "/assets/home-1a2b.js",
            Reply::new(200, "text/plain", "x").with("Cache-Control", "immutable"),
        )
        .is(&["asset asset-type"]),
        at("asset not kept", "/assets/home-1a2b.js", Reply::new(200, "text/javascript", "x"))
            .is(&["asset asset-not-cached"]),
        case("nothing compressed", |asked| {
            let reply = Reply::new(200, "text/javascript", &"x".repeat(4096)).with("Cache-Control", "immutable");
            asked.path.ends_with("home-1a2b.js").then_some(reply)
        })
        .is(&["compression not-compressed"]),
        case("page for a missing asset", |asked| {
            asked.path.starts_with("/assets/portalgen").then(|| headers(Reply::html(200, SHELL)))
        })
        .is(&["missing-asset page-for-missing-asset"]),
        at("headers lost for the backend", "/ping", headers(Reply::json(200, "\"pong\"")).without("Referrer-Policy"))
            .is(&["security-headers security-headers-missing"]),
        at("redirect to the inner port", "/auth", Reply::redirect(301, "http://localhost:8080/auth/"))
            .is(&["redirects redirect-to-inner-port"]),
        Case { strategy: Strategy::Websocket, ..case("image of the other strategy", |_| None) }
            .is(&["transport transport-differs", "other-transport other-transport-open"]),
        talk("namespace of another path", REFUSED).is(&["visit namespace-refused"]),
        talk("namespace of another path, by WebSocket", REFUSED).with_websocket().is(&["visit namespace-refused"]),
        talk("Redis gone", &[("", Say::Packet(OPENED))]).impatient().with_redis().is(&["visit state-store-silent"]),
        talk("no answer to connect, without Redis", &[("", Say::Packet(OPENED))])
            .impatient()
            .with_websocket()
            .is(&["visit backend-hangs"]),
        talk("no answer to an event", UNANSWERED).impatient().is(&["visit event-not-answered"]),
        talk("no answer to an event, by WebSocket", UNANSWERED)
            .impatient()
            .with_websocket()
            .is(&["visit event-not-answered"]),
        talk("session ended", ENDED).is(&["visit session-ended"]),
        talk("session ended, by WebSocket", ENDED).with_websocket().is(&["visit session-ended"]),
        talk("an update without a state", EMPTY).is(&["visit unexpected-answer"]),
        talk("another protocol inside", STRANGE).is(&["visit unexpected-answer"]),
        case("the event's request fails", |asked| asked.body.starts_with(b"42").then(|| Reply::json(500, "")))
            .is(&["visit server-error"]),
        case("the event lands on another instance", |asked| {
            asked.body.starts_with(b"42").then(|| Reply::json(400, &format!("\"Invalid session {}\"", asked.query)))
        })
        .is(&["visit session-on-another-instance"]),
        case("both transports open", both_open).is(&["other-transport other-transport-open"]),
        case("upgrade stripped", |asked| {
            (asked.header("upgrade") == "websocket").then(|| Reply::json(400, "\"Invalid websocket upgrade\""))
        })
        .with_websocket()
        .is(&["transport upgrade-stripped"]),
        case("an upgrade to something else", |asked| {
            let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
            let wrong = format!("{head}Sec-WebSocket-Accept: c2hvcnQ=\r\n\r\n");
            (asked.header("upgrade") == "websocket").then(|| Reply::Raw(wrong.into_bytes()))
        })
        .with_websocket()
        .is(&["transport not-websocket"]),
        case("a page in place of the WebSocket", |asked| {
            let long = Reply::html(200, &format!("{}{HOME}", "<!-- -->".repeat(20_000)));
            (asked.header("upgrade") == "websocket").then_some(long)
        })
        .with_websocket()
        .is(&["transport page-instead-of-backend"]),
        case("socket not routed", |asked| (asked.path == "/_event/").then(|| Reply::html(200, HOME)))
            .is(&["transport page-instead-of-backend", "other-transport page-instead-of-backend"]),
        at("own origin refused", "/_event/", Reply::nginx(403)).is(&["transport own-origin-refused"]),
        case("any origin admitted", |asked| {
            let opens = asked.query.contains("polling") && asked.header("sec-fetch-site") == "cross-site";
            opens.then(|| Reply::new(200, "text/plain", OPENED))
        })
        .is(&["foreign-origin foreign-origin-admitted"]),
        case("the other transport fails", |asked| (asked.header("upgrade") == "websocket").then(|| Reply::nginx(502)))
            .is(&["other-transport backend-down"]),
        case("any origin admitted by the WebSocket", |asked| {
            (asked.header("upgrade") == "websocket").then_some(Reply::Socket(TALK))
        })
        .with_websocket()
        .is(&["foreign-origin foreign-origin-admitted"]),
        session_of_another_instance().is(&["session-affinity session-on-another-instance"]),
        upload("1 MiB", Reply::nginx(413), false).is(&["upload upload-limit-default"]),
        upload("upload not routed", Reply::nginx(405), false).is(&["upload upload-not-routed"]),
        upload("upload sent elsewhere", Reply::redirect(302, "/login"), false).is(&["upload unexpected-answer"]),
        upload("upload nginx's own 400", Reply::nginx(400), false).is(&["upload unexpected-answer"]),
        upload("no limit", Reply::json(400, "{}"), true).is(&["upload-limit upload-unlimited"]),
        upload("no limit, and a body is awaited", Reply::Hang, true).impatient().is(&["upload-limit upload-unlimited"]),
        at("/_health open", "/_health", Reply::json(200, "{\"status\":true}")).is(&["private-paths private-path-open"]),
        at("/_health a page", "/_health", Reply::html(200, SHELL)).is(&["private-paths private-path-is-a-page"]),
        at("app's path not routed", "/reports/", Reply::html(200, SHELL))
            .is(&["backend-paths page-instead-of-backend"]),
        at("app's path refused", "/reports/", Reply::nginx(404)).is(&["backend-paths not-routed"]),
        sign_in("URI not registered", "https://pp.example.com/auth/callback")
            .is(&["sign-in redirect-uri-not-registered"]),
        sign_in("URI with a query", "https://pp.example.com/auth/google/callback?token=s3cret")
            .is(&["sign-in redirect-uri-not-registered"]),
        sign_in("URI with a password", "https://user:s3cret@pp.example.com/auth/google/callback")
            .is(&["sign-in redirect-uri-not-registered"]),
        sign_in("URI over http", "http://pp.example.com/auth/google/callback").is(&["sign-in redirect-uri-over-http"]),
        sign_in("URI with the inner port", "https://pp.example.com:8080/auth/google/callback")
            .is(&["sign-in redirect-uri-with-inner-port"]),
        sign_in("URI of another environment", "https://uat.example.com/auth/google/callback")
            .is(&["sign-in redirect-uri-of-another-host"]),
        at(
            "no URI sent",
            "/auth/google/login",
            Reply::redirect(302, "https://accounts.google.com/o/oauth2/v2/auth?state=s3cret"),
        )
        .is(&["sign-in no-redirect-uri-sent"]),
        at("sign-in elsewhere", "/auth/google/login", Reply::redirect(302, "https://login.example.com/?token=s3cret"))
            .is(&["sign-in sign-in-elsewhere"]),
        at("sign-in without its slash", "/auth/google/login", Reply::redirect(307, "/auth/google/login/?token=s3cret"))
            .is(&["sign-in sign-in-to-itself"]),
        at("sign-in not started", "/auth/google/login", Reply::json(200, "{}")).is(&["sign-in sign-in-not-started"]),
        at("sign-in is a page", "/auth/google/login", Reply::html(200, SHELL)).is(&["sign-in page-instead-of-api"]),
        at("BACKEND_URL missing", "/auth/google/callback", Reply::nginx(404)).is(&["callbacks api-not-routed"]),
        at("API down", "/auth/google/callback", Reply::nginx(502)).is(&["callbacks api-unreachable"]),
        at("API hangs", "/auth/google/callback", Reply::nginx(504)).is(&["callbacks api-silent"]),
        at("callback is a page", "/auth/google/callback", Reply::html(200, HOME))
            .is(&["callbacks page-instead-of-api"]),
        case("the guide's nginx.conf", guides).is(&[
            "page-caching page-cached",
            "page-with-query page-with-query-stored",
            "deep-link home-page-for-every-path",
            "asset asset-not-cached",
            "compression not-compressed",
            "missing-asset page-for-missing-asset",
            "security-headers security-headers-missing",
            "redirects redirect-to-inner-port",
            "foreign-origin foreign-origin-admitted",
            "upload upload-limit-default",
            "private-paths private-path-is-a-page",
            "private-paths private-path-is-a-page",
            "backend-paths page-instead-of-backend",
            "sign-in page-instead-of-api",
            "callbacks page-instead-of-api",
        ]),
    ]
}

/// A folder whose other environment registers a URI of its own.
fn with_another_environment() -> Folder {
    let folder = folder();
    let text = folder.read("envs/polling.toml").replace("pp.example.com", "uat.example.com");
    let text = text.replace("[cloud_run]", "[cloud_run]\nservice = \"portal-uat\"");
    folder.write("envs/uat.toml", &text);
    folder
}

/// What did not pass, as `check cause`.
pub(super) fn faults(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.transcript()));
    let checks = report["checks"].as_array().expect("checks");
    let wrong = checks.iter().filter(|check| check["verdict"] != "passed");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    wrong.map(|check| format!("{} {}", text(&check["check"]), text(&check["cause"]))).collect()
}

/// What is not right, in words: the verdict, the check, what came, the cause and what it means.
pub(super) fn words_of(run: &Run) -> String {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.transcript()));
    let mut words = String::new();
    for check in report["checks"].as_array().expect("checks").iter().filter(|check| check["verdict"] != "passed") {
        let text = |key: &str| check[key].as_str().unwrap_or_default();
        words.push_str(&format!("{} {}: {}: {}\n", text("verdict"), text("check"), text("asked"), text("came")));
        words.push_str(&format!("  {}: {}\n", text("cause"), text("means")));
    }
    words
}

#[test]
fn each_fault_is_named() {
    let folder = with_another_environment();
    let (mut words, mut wrong) = (String::new(), Vec::new());
    for Case { name, environment, strategy, talk, other, faults: expected, timeout } in cases() {
        let stub = Stub::http(talking(strategy, talk, other));
        let file = format!("envs/{environment}.toml");
        let run = folder.run(&["verify", &file, "--url", &stub.url(), "--timeout", timeout, "--format", "json"]);
        assert!(!run.transcript().contains("s3cret"), "{}", run.transcript());
        words.push_str(&format!("== {name}\n"));
        words.push_str(&words_of(&run));
        if faults(&run) != expected {
            wrong.push(format!("{name}: {:?}", faults(&run)));
        }
        run.expect(1);
        words = words.replace(&stub.port.to_string(), "PORT");
    }
    insta::assert_snapshot!("broken", words);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the README shows.
#[test]
fn a_fault_is_told_with_its_cause_and_its_place() {
    let at = |path: &'static str, reply: Reply| move |asked: &Asked| (asked.path == path).then(|| reply.clone());
    let (deep, callback) = (
        at("/portalgen-verify/no/such/page", headers(Reply::html(200, HOME))),
        at("/auth/google/callback", Reply::nginx(404)),
    );
    let stub = Stub::http(portal(Strategy::Polling, move |asked| deep(asked).or_else(|| callback(asked))));
    let run = folder().run(&["verify", "envs/polling.toml", "--url", &stub.url()]).expect(1);
    let text = run.transcript().replace(&stub.port.to_string(), "8080");
    insta::assert_snapshot!("verify_failed", text);
    assert_excerpt(&excerpt("http://localhost:8080\n"), &text);
}
