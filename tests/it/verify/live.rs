//! Portals behind TLS and a load balancer: names, certificates, several hosts, the API and the run.app address. All
//! connections are led to stubs.

use super::broken::{faults, words_of};
use super::portal::{Strategy, folder, google, portal, sound};
use super::right::settled;
use super::stub::{Authority, Reply, Stub, Tls};
use crate::support::{Folder, Run, portalgen};

const HOST: &str = "pp.example.com";
const RUN_APP: &str = "portal-polling-123456789012.europe-west1.run.app";

fn names(names: &[&str]) -> Tls {
    Tls::For(names.iter().map(|name| (*name).to_owned()).collect())
}

/// Where Google's front end has closed the way.
fn closed() -> Reply {
    Reply::html(404, "<h1>Error: Page not found</h1><h2>The requested URL was not found on this server.</h2>")
}

/// Sends who comes by http on.
fn to_https() -> Stub {
    Stub::http(|asked| Reply::redirect(301, &format!("https://{HOST}{}?{}", asked.path, asked.query)))
}

/// Runs with the tests' authority, and with connections led as `connect` says.
fn verify(folder: &Folder, connect: &[(&str, &Stub)], more: &[&str]) -> Run {
    folder.write("root.pem", &Authority::of_tests().pem());
    let mut command = portalgen();
    command.args(["verify", "envs/polling.toml", "--timeout", "20"]).args(more).current_dir(folder.path());
    command.env("SSL_CERT_FILE", folder.path().join("root.pem"));
    for (from, stub) in connect {
        command.args(["--connect", &format!("{from}127.0.0.1:{}", stub.port)]);
    }
    Run::of(&mut command)
}

#[test]
fn a_live_portal() {
    let folder = folder();
    let text = folder
        .read("envs/polling.toml")
        .replace("hosts = [\"pp.example.com\"]", "hosts = [\"pp.example.com\", \"www.example.com\"]");
    let text = text.replace(
        "url = \"https://api.example.com\"",
        "url = \"https://api.example.com\"\npublic_url = \"https://api.example.com/v1\"",
    );
    let listed = r#"redirect_uris = [
  { uri = "https://api.example.com/auth/google/callback", served_by = "api" },
  { uri = "https://other.example.com/auth/google/callback", served_by = "elsewhere" },
  { uri = "http://localhost:8000/auth/google/callback", served_by = "api" },
]
token_delivery"#;
    folder.write("envs/polling.toml", &text.replace("token_delivery", listed));
    folder.remove("envs/websocket.toml").remove("envs/http2.toml").remove("envs/redis.toml");

    let main = Stub::https(&names(&[HOST, "www.example.com"]), sound(Strategy::Polling));
    let plain = Stub::http(|asked| {
        Reply::redirect(301, &format!("https://{}{}?{}", asked.header("host"), asked.path, asked.query))
    });
    let api = Stub::https(&names(&["api.example.com"]), |asked| match asked.path.as_str() {
        "/v1/auth/google/login" => google("https://pp.example.com/auth/google/callback"),
        _ => Reply::json(422, "{}"),
    });
    let run_app = Stub::https(&names(&[RUN_APP]), |_| closed());
    let connect = [
        ("", &main),
        ("pp.example.com:80:", &plain),
        ("www.example.com:80:", &plain),
        ("api.example.com:443:", &api),
        (&*format!("{RUN_APP}:443:"), &run_app),
    ];
    let run = verify(&folder, &connect, &[]).expect(0);
    let stubs = [(&main, "PORT")];
    let days = |text: String| {
        text.lines()
            .map(|line| match line.split_once(": valid for ") {
                Some((before, _)) => format!("{before}: valid for DAYS\n"),
                None => format!("{line}\n"),
            })
            .collect::<String>()
    };
    insta::assert_snapshot!("verify_live", days(settled(&run.transcript(), &stubs)));
}

#[test]
fn each_fault_of_tls_is_named() {
    let mut words = String::new();
    let name = || HOST.to_owned();
    for (tls, expected) in [
        (names(&[HOST]), &[][..]),
        (Tls::Expired(name()), &["certificate certificate-expired"]),
        (names(&["other.example.com"]), &["certificate certificate-for-another-name"]),
        (Tls::SelfSigned(name()), &["certificate certificate-self-signed"]),
        (Tls::Unknown(name()), &["certificate certificate-unknown-authority"]),
        (Tls::None, &["certificate certificate-pending"]),
    ] {
        let main = Stub::https(&tls, sound(Strategy::Polling));
        let (plain, run_app) = (to_https(), Stub::https(&names(&[RUN_APP]), |_| closed()));
        let connect = [("", &main), ("pp.example.com:80:", &plain), (&*format!("{RUN_APP}:443:"), &run_app)];
        let run = verify(&folder(), &connect, &["--format", "json"]);
        assert_eq!(faults(&run), expected, "{}", run.transcript());
        let pending = expected.first().is_some_and(|fault| fault.ends_with("pending"));
        let run = run.expect(if expected.is_empty() {
            0
        } else if pending {
            3
        } else {
            1
        });
        // How many days ago a certificate expired is another number each day.
        words.extend(words_of(&run).chars().filter(|c| !c.is_ascii_digit()));
        // Where TLS comes about at all, everything else was asked.
        assert_eq!(
            run.stdout.contains("\"check\": \"sign-in\",\n      \"at\": \"https://pp.example.com\",\n      \"asked\""),
            !pending
        );
    }
    insta::assert_snapshot!("faults_of_tls", words);
}

#[test]
fn what_the_platform_makes_private_for_its_cookie_is_asked_again() {
    let sound = sound(Strategy::Polling);
    let main = Stub::https(&names(&[HOST]), move |asked| {
        let reply = sound(asked);
        match asked.header("cookie") {
            "" => reply.with("Set-Cookie", "GAESA=s3cret-cookie; Path=/; HttpOnly").with("Cache-Control", "private"),
            _ => reply,
        }
    });
    let (plain, run_app) = (to_https(), Stub::https(&names(&[RUN_APP]), |_| closed()));
    let connect = [("", &main), ("pp.example.com:80:", &plain), (&*format!("{RUN_APP}:443:"), &run_app)];
    let run = verify(&folder(), &connect, &[]).expect(0);
    assert!(run.stdout.contains("page-caching: Cache-Control of /: no-cache\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("s3cret"), "{}", run.stdout);
}

#[test]
fn a_port_without_tls_is_named() {
    let main = Stub::http(sound(Strategy::Polling));
    let run = verify(&folder(), &[("", &main), (&format!("{RUN_APP}:443:"), &main)], &["--format", "json"]);
    assert_eq!(faults(&run), ["certificate not-tls", "run-app-address not-tls"]);
}

#[test]
fn any_certificate_is_taken_where_that_is_asked_for() {
    let main = Stub::https(&Tls::SelfSigned(HOST.to_owned()), sound(Strategy::Polling));
    let run_app = Stub::https(&Tls::SelfSigned(RUN_APP.to_owned()), |_| closed());
    let connect = [("", &main), (&*format!("{RUN_APP}:443:"), &run_app)];
    let run = verify(&folder(), &connect, &["--insecure"]).expect(0);
    assert!(run.stdout.contains("certificate (https://pp.example.com): `--insecure` takes any"), "{}", run.stdout);
}

/// Where who asks by http is sent on to, and the same without what a sign-in takes along.
const KEPT: &str = "https://pp.example.com/portalgen-verify?kept=1";
const DROPPED: &str = "https://pp.example.com/portalgen-verify";

#[test]
fn each_fault_of_a_redirect_is_named() {
    let run_app = || Stub::https(&names(&[RUN_APP]), |_| closed());
    let https = |auth: &'static str| {
        Stub::https(
            &names(&[HOST]),
            portal(Strategy::Polling, move |asked| (asked.path == "/auth").then(|| Reply::redirect(301, auth))),
        )
    };
    for (plain, auth, expected) in [
        (Reply::redirect(301, KEPT), "/auth/", &[][..]),
        (Reply::redirect(301, "https://pp.example.com/"), "/auth/", &["https-redirect redirect-drops-path"]),
        (Reply::redirect(301, DROPPED), "/auth/", &["https-redirect redirect-drops-path"]),
        (Reply::redirect(302, "https://pp.example.com/"), "/auth/", &["https-redirect temporary-https-redirect"]),
        (Reply::redirect(301, "https://other.example.com/"), "/auth/", &["https-redirect redirect-elsewhere"]),
        (Reply::json(200, "\"pong\""), "/auth/", &["https-redirect no-https-redirect"]),
        (Reply::redirect(301, KEPT), "http://pp.example.com/auth/", &["redirects redirect-to-http"]),
        (Reply::redirect(301, KEPT), "http://pp.example.com:8080/auth/", &["redirects redirect-to-inner-port"]),
    ] {
        let (main, run_app, plain) = (https(auth), run_app(), Stub::http(move |_| plain.clone()));
        let connect = [("", &main), ("pp.example.com:80:", &plain), (&*format!("{RUN_APP}:443:"), &run_app)];
        let run = verify(&folder(), &connect, &["--format", "json"]);
        assert_eq!(faults(&run), expected, "{}", run.transcript());
    }
}

#[test]
fn a_way_round_the_load_balancer_is_named() {
    let forbidden = "Your client does not have permission to get URL <code>/ping</code>";
    for (reply, expected) in [
        (Reply::json(200, "\"pong\""), "run-app-address run-app-open"),
        (Reply::nginx(404), "run-app-address run-app-open"),
        (Reply::html(403, forbidden), "run-app-address run-app-closed-by-iam-alone"),
    ] {
        let main = Stub::https(&names(&[HOST]), sound(Strategy::Polling));
        let (plain, run_app) = (to_https(), Stub::https(&names(&[RUN_APP]), move |_| reply.clone()));
        let connect = [("", &main), ("pp.example.com:80:", &plain), (&*format!("{RUN_APP}:443:"), &run_app)];
        let run = verify(&folder(), &connect, &["--format", "json"]).expect(1);
        assert_eq!(faults(&run), [expected]);
    }
}

/// The portal's connections go to a name that no DNS has.
const NOWHERE: [&str; 4] = ["verify", "envs/polling.toml", "--connect", "pp.invalid:443"];

#[test]
fn a_portal_that_is_not_there_yet_waits() {
    let run = folder().run(&NOWHERE).expect(3);
    insta::assert_snapshot!("verify_waiting", run.transcript());
    // A load balancer without a certificate.
    let (main, plain) = (Stub::https(&Tls::None, sound(Strategy::Polling)), to_https());
    let run_app = Stub::https(&names(&[RUN_APP]), |_| closed());
    let connect = [("", &main), ("pp.example.com:80:", &plain), (&*format!("{RUN_APP}:443:"), &run_app)];
    insta::assert_snapshot!("verify_certificate_pending", verify(&folder(), &connect, &[]).expect(3).transcript());
}

#[test]
fn a_container_that_takes_connections_and_says_nothing_waits() {
    let stub = Stub::http(|_| Reply::Close);
    let run = folder().run(&["verify", "envs/polling.toml", "--url", &stub.url(), "--format", "json"]).expect(3);
    assert_eq!(faults(&run), ["ping nothing-listens-yet"]);
    let run = folder().run(&["verify", "envs/polling.toml", "--url", &stub.url()]).expect(3);
    let look =
        "         look: the container's log: gcloud run services logs read SERVICE, or\n               docker logs";
    assert!(run.stdout.contains(look), "{}", run.stdout);
}

#[test]
fn a_name_that_no_load_balancer_waits_for_is_misspelled() {
    let run = folder().run(&["verify", "envs/polling.toml", "--url", "https://pp.invalid", "--format", "json"]);
    assert_eq!(faults(&run.expect(1)), ["dns host-unknown"]);
}

#[test]
fn what_waits_is_asked_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let late = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the same port");
        Stub::on(listener, None, sound(Strategy::Polling))
    });
    let url = format!("http://127.0.0.1:{port}");
    let run =
        folder().run(&["verify", "envs/polling.toml", "--url", &url, "--wait", "0.2", "--format", "json"]).expect(0);
    assert_eq!(run.stderr, "waiting for ping, 1 min at most\n");
    assert!(run.stdout.contains("\"rounds\": 2,"), "{}", run.stdout);
    drop(late.join());
}

#[test]
fn waiting_has_an_end() {
    let folder = folder();
    let run = folder.run(&[&NOWHERE[..], &["--wait", "0.003"]].concat()).expect(3);
    assert_eq!(run.stderr, "waiting for certificate, 1 min at most\n");
    for wrong in ["0", "-1", "x", "1441", "NaN"] {
        folder.run(&["verify", "envs/polling.toml", "--wait", wrong]).expect(2);
    }
}
