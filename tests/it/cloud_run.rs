//! Cases in which a rule about Cloud Run could be wrong: what is right must pass, and one mistake is said once.

use std::fmt::Write;

use crate::remedies::in_one_line;
use crate::rules::{assert_fires, linted};

const PRODUCTION: &str = r#"# envs/demo.toml
stage = "production"
[cloud_run]
service_account = "portal@portal-demo.iam.gserviceaccount.com"
min_instances = 1
"#;

#[test]
fn a_poll_is_as_long_as_reflex_is_told() {
    const POLLING: &str = "# envs/demo.toml\nstrategy = \"websocket-free\"\n[cloud_run]\n";
    assert_fires(&format!("{POLLING}timeout = \"29s\""), &["timeout-under-poll"]);
    assert_fires(&format!("{POLLING}timeout = \"30s\""), &["timeout-under-proxy"]);
    assert_fires(&format!("{POLLING}timeout = \"299s\""), &["timeout-under-proxy"]);
    assert_fires(&format!("{POLLING}timeout = \"300s\""), &[]);
    let interval = "[variables]\nREFLEX_SOCKET_INTERVAL = ";
    assert_fires(&format!("{POLLING}timeout = \"15s\"\n{interval}\"10\""), &["timeout-under-proxy"]);
    assert_fires(&format!("{POLLING}timeout = \"60s\"\n{interval}\"60\""), &["timeout-under-poll"]);
    // nginx waits no longer, so that no timeout would help.
    let too_long = format!("{POLLING}{interval}\"300\"");
    assert_fires(&too_long, &["timeout-under-poll"]);
    assert!(linted(&too_long).0.stdout.contains("REFLEX_SOCKET_INTERVAL = \"300\""));
    // Whether a WebSocket is pinged in time is another matter: it is the socket that is cut.
    assert_fires("# envs/demo.toml\n[cloud_run]\ntimeout = \"20s\"", &["websocket-cut-early"]);
}

#[test]
fn affinity_is_judged_once() {
    let off = "[cloud_run]\nsession_affinity = false\n";
    // One instance, or state that all share: a WebSocket needs none.
    assert_fires(&format!("# envs/demo.toml\n{off}"), &[]);
    let redis = "[secrets]\nREFLEX_REDIS_URL = { secret = \"redis-url\", version = \"1\" }";
    let shared = format!("# envs/demo.toml\nstate_manager = \"redis\"\n{off}max_instances = 5\n{redis}");
    assert_fires(&shared, &[]);
    // Polls need it whatever else is shared.
    let polls = shared.replacen('\n', "\nstrategy = \"websocket-free\"\n", 1);
    assert_fires(&polls, &["polling-without-affinity"]);
    let several = format!("# envs/demo.toml\n{off}max_instances = 5");
    assert_fires(&several, &["state-in-memory"]);
    assert!(linted(&several).0.stdout.contains("a tab that reloads reaches any of them"));
}

#[test]
fn what_is_below_a_path_may_have_any_name() {
    let paths = |paths: &str| format!("# portal.toml\n[app]\nbackend_paths = [{paths}]");
    assert_fires(&paths("\"/quiz/\", \"/eventlog/\", \"/_ahoy/\", \"/events\""), &[]);
    assert_fires(&paths("\"/quiz\""), &["path-ending-in-z"]);
    assert_fires(&paths("\"/eventlog\""), &["reserved-path"]);
    assert_fires(&paths("\"/_ah/\""), &["reserved-path"]);
    assert_fires("# portal.toml\n[oauth]\ncallback_path = \"/_ah/callback\"", &["reserved-path"]);
}

#[test]
fn the_length_of_a_name_is_judged_once() {
    let service = |length: usize| format!("# envs/demo.toml\n[cloud_run]\nservice = \"{}\"", "a".repeat(length));
    assert_fires(&service(49), &[]);
    assert_fires(&service(50), &["service-name-near-limit"]);
    assert_fires(&service(63), &["service-name-near-limit"]);
    let derived = |length: usize| format!("# portal.toml\nname = \"{}\"", "a".repeat(length));
    assert_fires(&derived(44), &[]);
    assert_fires(&derived(45), &["service-name-near-limit"]);
    assert_fires(&derived(59), &["service-name-too-long"]);
}

#[test]
fn only_the_portals_own_address_is_judged() {
    let closed =
        "# portal.toml\n[api]\npaths = [{ path = \"/auth/\" }]\n# envs/demo.toml\nhosts = [\"a.example.com\"]\n";
    let with = |cloud_run: &str, api: &str, oauth: &str| {
        format!(
            "{closed}[cloud_run]\n{cloud_run}\n[api]\nurl = \"{api}\"\n[oauth]\ntoken_delivery = \"fragment\"\n{oauth}"
        )
    };
    let uri = |host: &str, served_by: &str| {
        format!("redirect_uris = [{{ uri = \"https://{host}/auth/google/callback\", served_by = \"{served_by}\" }}]")
    };
    let (own, api) = ("portal-demo-ryvhxvrdna-ew.a.run.app", "https://api.example.com");
    for closed in ["default_url = false", "ingress = \"internal-and-cloud-load-balancing\""] {
        assert_fires(&with(closed, api, &uri(own, "api")), &["own-run-app-closed"]);
        let sent = format!("redirect_uri = \"https://{own}/auth/google/callback\"");
        assert_fires(&with(closed, api, &sent), &["own-run-app-closed"]);
        // Another service of the same name, in a project or region of its own.
        assert_fires(&with(closed, api, &uri(own, "elsewhere")), &[]);
        assert_fires(&with(closed, &format!("https://{own}"), &uri(own, "api")), &[]);
        assert_fires(&with(closed, api, &uri("portal-demo-api-ryvhxvrdna-ew.a.run.app", "api")), &[]);
    }
    assert_fires(&with("", api, &uri(own, "api")), &[]);
    // The project's number, where it is known, tells its services from those of other projects.
    let (closed, one, other) = ("default_url = false", "123456789012", "210987654321");
    let at = |number: &str| uri(&format!("portal-demo-{number}.europe-west1.run.app"), "api");
    let numbered = format!("{closed}\nproject_number = {one}");
    assert_fires(&with(closed, api, &at(other)), &["own-run-app-closed"]);
    assert_fires(&with(&numbered, api, &at(one)), &["own-run-app-closed"]);
    assert_fires(&with(&numbered, api, &at(other)), &[]);
    let host = format!("# envs/demo.toml\nhosts = [\"{own}\"]\n[cloud_run]\ndefault_url = false");
    assert_fires(&host, &["own-run-app-closed"]);
}

#[test]
fn no_stage_is_wrong_whatever_is_kept_warm() {
    for (stage, none, one) in [
        ("development", &[][..], &["billed-while-idle"][..]),
        ("demo", &[], &["billed-while-idle"]),
        ("uat", &["no-warm-instance"], &[]),
        ("production", &["no-warm-instance"], &[]),
    ] {
        for (instances, due) in [(0, none), (1, one)] {
            let example = PRODUCTION
                .replace("\"production\"", &format!("\"{stage}\""))
                .replace("min_instances = 1", &format!("min_instances = {instances}\nconcurrency = 200"));
            assert_fires(&example, due);
        }
    }
    let always = "# envs/demo.toml\n[cloud_run]\ncpu_throttling = false\n";
    assert_fires(always, &["billed-while-idle"]);
    assert_fires(&format!("{always}min_instances = 1"), &["billed-while-idle"]);
}

#[test]
fn tabs_are_counted_once() {
    let with = |more: &str| format!("{PRODUCTION}{more}");
    assert_fires(&with("concurrency = 80"), &["few-open-tabs"]);
    assert_fires(&with("concurrency = 81"), &[]);
    // Several instances help where they share their state.
    let advice = "or allow more instances";
    let redis = with("").replacen('\n', "\nstate_manager = \"redis\"\n", 1)
        + "[secrets]\nREFLEX_REDIS_URL = { secret = \"redis-url\", version = \"1\" }\n";
    for (example, due) in [(&with(""), false), (&redis, true)] {
        let text = in_one_line(&linted(example).0.stdout);
        assert_eq!(text.contains(advice), due, "{text}");
    }
    assert_fires(&with("cpu = 0.5\nconcurrency = 20"), &["fractional-cpu"]);
    assert_fires(&with("concurrency = 1"), &["one-request-at-a-time"]);
    assert_fires(&with("cpu = 0.5"), &["one-request-at-a-time"]);
    assert_fires(
        "# envs/demo.toml\nstrategy = \"websocket-free\"\n[cloud_run]\ncpu = 0.5\nconcurrency = 2",
        &["fractional-cpu"],
    );
}

#[test]
fn whoever_gets_in_is_said_once() {
    let closed = "[cloud_run]\nallow_unauthenticated = false\n";
    let balanced = "[load_balancer]\nmode = \"create\"";
    let hosts = "# envs/demo.toml\nhosts = [\"a.example.com\"]\n";
    assert_fires(&format!("{hosts}{closed}"), &["browsers-refused"]);
    assert_fires(&format!("{hosts}{closed}ingress = \"internal\""), &[]);
    let behind = format!("{hosts}{closed}ingress = \"internal-and-cloud-load-balancing\"\n");
    // A load balancer made elsewhere may ask for identities itself.
    assert_fires(&behind, &[]);
    assert_fires(&format!("{behind}{balanced}"), &["load-balancer-shut-out"]);
    let nowhere = "# envs/demo.toml\n[cloud_run]\ndefault_url = false\n";
    assert_fires(&format!("{nowhere}{balanced}"), &["load-balancer-without-host"]);
}

#[test]
fn an_account_that_is_written_out_may_be_the_default_one() {
    let account = |account: &str| PRODUCTION.replace("portal@portal-demo.iam.gserviceaccount.com", account);
    let tabs = "concurrency = 200";
    assert_fires(
        &format!("{}{tabs}", account("123456789012-compute@developer.gserviceaccount.com")),
        &["default-service-account"],
    );
    assert_fires(&format!("{}{tabs}", account("a-compute@portal-demo.iam.gserviceaccount.com")), &[]);
}

#[test]
fn a_variable_is_named_by_its_own_name() {
    let variables = |variables: &str| format!("# envs/demo.toml\n[variables]\n{variables}");
    assert_fires(&variables("A = \"$(id) $(B) ${A} $A\""), &[]);
    assert_fires(&variables("A = \"http://localhost:$(PORT)\""), &["variable-not-expanded"]);
    assert_fires(&variables("X_GOOGLE = \"a\"\nA_X_GOOGLE_B = \"a\""), &[]);
}

#[test]
fn uploads_are_judged_where_something_takes_them() {
    let upload = "# portal.toml\n[app]\nmax_upload = \"100Mi\"\n";
    let big =
        "# portal.toml\n[app]\nmax_upload = \"257Mi\"\n# envs/demo.toml\nstrategy = \"websocket-free\"\nhttp2 = true";
    assert_fires(big, &["upload-over-memory"]);
    assert_fires(&big.replace("257Mi", "256Mi"), &[]);
    // Nothing runs on Cloud Run, or one of several environments takes it.
    let local = "portal = \"../portal.toml\"\nstage = \"development\"\nstrategy = \"websocket\"";
    assert_fires(&format!("{upload}# envs/demo.toml\n{local}"), &[]);
    let other = "# envs/other.toml\nstrategy = \"websocket-free\"\nhttp2 = true";
    assert_fires(&format!("{upload}{other}"), &[]);
}

#[test]
fn labels_are_counted() {
    let labels = |number: usize| {
        (0..number).fold("# envs/demo.toml\n[cloud_run.labels]\n".to_owned(), |mut text, i| {
            writeln!(text, "l{i} = \"x\"").expect("a string takes every write");
            text
        })
    };
    // One more is portalgen's own.
    assert_fires(&labels(63), &[]);
    assert_fires(&labels(64), &["label-refused"]);
    assert_fires("# envs/demo.toml\n[cloud_run.labels]\nportalgen-image = \"websocket\"", &["label-refused"]);
}

#[test]
fn variables_are_counted_with_secrets_and_derived_ones() {
    let variables = |number: usize| {
        let secret = "A = { secret = \"a\", version = \"1\" }";
        let start = format!("# envs/demo.toml\n[secrets]\n{secret}\n[variables]\n");
        (0..number).fold(start, |mut text, i| {
            writeln!(text, "V{i} = \"x\"").expect("a string takes every write");
            text
        })
    };
    // FORWARDED_HOPS and REFLEX_STATE_MANAGER_MODE are derived.
    assert_fires(&variables(997), &[]);
    assert_fires(&variables(998), &["variable-refused"]);
    insta::assert_snapshot!("too_many_variables", linted(&variables(998)).0.stdout);
}

/// The variables of an environment without a service are for a developer's own `reflex run`.
#[test]
fn a_codespaces_variables_are_its_own() {
    let with = |variables: &str| {
        format!(
            "# envs/codespace.toml\nportal = \"../portal.toml\"\nstage = \"development\"\nstrategy = \"websocket\"\n\
             [variables]\n{variables}\n"
        )
    };
    let own = ["PORT = \"3000\"", "REFLEX_TRANSPORT = \"polling\"", "K_SERVICE = \"x\"", "X_GOOGLE_REGION = \"x\""];
    for variable in own {
        assert_fires(&with(variable), &[]);
    }
    assert_fires(&with("REFLEX_CORS_ALLOWED_ORIGINS = \"*\""), &[]);
    assert_fires(&with("REFLEX_CORS_ALLOWED_ORIGINS = \"https://a.example.com\""), &["variable-refused"]);
}

#[test]
fn more_memory_may_need_more_cpus() {
    let with = |upload: &str, cpu: &str| {
        format!(
            "# portal.toml\n[app]\nmax_upload = \"{upload}\"\n# envs/demo.toml\nstrategy = \"websocket-free\"\n\
             http2 = true\n[cloud_run]\n{cpu}\n"
        )
    };
    for (upload, due) in [("2Gi", "`memory = \"4096Mi\"` or more"), ("3Gi", "`cpu = 2` and `memory = \"6144Mi\"`")] {
        let (run, ids) = linted(&with(upload, ""));
        assert!(ids.contains("upload-over-memory") && in_one_line(&run.stdout).contains(due), "{}", run.stdout);
    }
    assert_fires(&with("3Gi", "cpu = 2\nmemory = \"6144Mi\""), &[]);
    assert!(in_one_line(&linted(&with("20Gi", "")).0.stdout).contains("no instance has 40960Mi"));
}

#[test]
fn a_timeout_beyond_the_limit_is_said_once() {
    let polling = "# envs/demo.toml\nstrategy = \"websocket-free\"\n[cloud_run]\ntimeout = ";
    assert_fires(&format!("{polling}\"1h\""), &[]);
    assert_fires(&format!("{polling}\"2h\""), &["request-timeout-over-limit"]);
}

#[test]
fn a_value_is_as_long_as_cloud_run_takes() {
    let long = |length: usize| linted(&format!("# envs/demo.toml\n[variables]\nA = \"{}\"", "a ".repeat(length / 2))).0;
    assert_eq!(long(32768).code, 0);
    let run = long(32770);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("the value has 32770 bytes"), "{}", run.stdout);
}
