//! `portalgen oauth list` and `portalgen oauth check`, as a person sees them who has the client's page open.

use serde_json::{Value, json};

use crate::support::{Folder, Run, arguments_of, assert_excerpt, excerpt, portalgen, read, repository};

const SECRET: &str = "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";
const ID: &str = "412345678901-d7r4k2m9q1w8e3t6y5u0i2o4p6a8s1d3.apps.googleusercontent.com";
const CALLBACK: &str = "/auth/google/callback";

/// A file as Google's console offers it.
pub(crate) fn client(redirect_uris: &[&str], origins: &[&str]) -> String {
    let mut client = json!({
        "client_id": ID,
        "project_id": "waooaw-oauth",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_secret": SECRET,
    });
    // Google leaves out a list that is empty.
    if !redirect_uris.is_empty() {
        client["redirect_uris"] = json!(redirect_uris);
    }
    if !origins.is_empty() {
        client["javascript_origins"] = json!(origins);
    }
    json!({ "web": client }).to_string()
}

/// Runs `oauth check` on a client's file; the secret is in nothing that it says.
#[track_caller]
fn check(folder: &Folder, file: &str, arguments: &[&str]) -> Run {
    folder.write("client_secret.json", file);
    let run = folder.run(&[&["oauth", "check", "--client", "client_secret.json"], arguments].concat());
    assert_keeps_the_secret(&run);
    run
}

#[track_caller]
fn assert_keeps_the_secret(run: &Run) {
    let transcript = run.transcript();
    for part in [SECRET, &SECRET[7..], &SECRET[..14], "GOCSPX"] {
        assert!(!transcript.contains(part), "{transcript}");
    }
}

/// The minimal portal with an API, one host and one more URI, so that three redirect URIs and an origin are wanted.
fn small() -> Folder {
    let folder = Folder::minimal();
    folder.lay_over(
        "# portal.toml\n[api]\npaths = [{ path = \"/auth/\" }]\n\
         # envs/demo.toml\nhosts = [\"portal.example.com\"]\n[api]\nurl = \"https://api-demo-ryvhxvrdna-ew.a.run.app\"\n\
         [oauth]\ntoken_delivery = \"code\"\nredirect_uri = \"https://api-demo-ryvhxvrdna-ew.a.run.app/auth/google/callback\"\n\
         redirect_uris = [{ uri = \"http://localhost:8000/auth/google/callback\", served_by = \"api\" }]\n\
         javascript_origins = [\"https://portal.example.com\"]\n",
    );
    folder
}

pub(crate) const PORTAL: &str = "https://portal.example.com/auth/google/callback";
const API: &str = "https://api-demo-ryvhxvrdna-ew.a.run.app/auth/google/callback";
const LOCAL: &str = "http://localhost:8000/auth/google/callback";
const ORIGIN: &str = "https://portal.example.com";

fn findings(run: &Run) -> Vec<Value> {
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    report["findings"].as_array().expect("a list").clone()
}

#[test]
fn help() {
    let folder = Folder::empty();
    insta::assert_snapshot!("help_oauth", folder.run(&["oauth", "--help"]).expect(0).stdout);
    insta::assert_snapshot!("help_oauth_list", folder.run(&["oauth", "list", "--help"]).expect(0).stdout);
    insta::assert_snapshot!("help_oauth_check", folder.run(&["oauth", "check", "--help"]).expect(0).stdout);
    folder.run(&["oauth"]).expect(2);
    folder.run(&["oauth", "check"]).expect(2);
}

#[test]
fn a_list_is_ready_to_paste() {
    let folder = Folder::with_portal();
    insta::assert_snapshot!("list_all", folder.run(&["oauth", "list"]).expect(0).stdout);
    insta::assert_snapshot!("list_demo", folder.run(&["oauth", "list", "demo"]).expect(0).stdout);
    insta::assert_snapshot!(
        "list_demo_json",
        folder.run(&["oauth", "list", "demo", "--format", "json"]).expect(0).stdout
    );
    insta::assert_snapshot!("list_origins", small().run(&["oauth", "list"]).expect(0).stdout);
    // What is no comment is what is registered.
    let union = |text: &str| {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    folder.run(&["render"]).expect(0);
    let listed = folder.run(&["oauth", "list"]).expect(0).stdout;
    assert_eq!(union(&listed), union(&folder.read("out/redirect-uris.txt")));
    assert!(listed.lines().all(|line| line.len() <= 80 || !line.starts_with('#')), "{listed}");
}

/// A client of this repository's demo: one URI that is nearly right, two that are, one of another environment and one of
/// nobody's.
#[test]
fn the_excerpt_in_the_readme() {
    let (folder, excerpt) = (Folder::with_portal(), excerpt("$ portalgen oauth check "));
    let registered = [
        "http://pp.demo.waooaw.com/auth/google/callback/",
        "https://cp.demo.waooaw.com/auth/google/callback",
        "https://waooaw-api-demo-ryvhxvrdna-el.a.run.app/auth/google/callback",
        "https://uat.waooaw.com/auth/google/callback",
        "https://old.example.com/cb",
    ];
    folder.write("client_secret.json", &client(&registered, &[]));
    let run = folder.run(&arguments_of(&excerpt)).expect(1);
    assert_keeps_the_secret(&run);
    assert_excerpt(&excerpt, &run.stdout);
}

#[test]
fn the_name_of_a_codespace_is_printed_and_never_written() {
    let folder = Folder::with_portal();
    let named = folder.run(&["oauth", "list", "codespace", "--codespace", "bold-fish"]).expect(0);
    insta::assert_snapshot!("list_codespace_named", named.stdout);
    insta::assert_snapshot!("list_codespace_open", folder.run(&["oauth", "list", "codespace"]).expect(0).stdout);
    let in_codespace = |arguments: &[&str], name: &str, domain: &str| {
        let mut command = portalgen();
        command.args(["oauth", "list"]).args(arguments).current_dir(folder.path());
        command.env("CODESPACE_NAME", name).env("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", domain);
        Run::of(&mut command)
    };
    let has = |run: Run, uri: &str| run.expect(0).stdout.lines().any(|line| line == format!("{uri}{CALLBACK}"));
    let domain = "preview.app.github.dev";
    assert!(has(in_codespace(&[], "calm-owl", ""), "https://calm-owl-8000.app.github.dev"));
    assert!(has(in_codespace(&[], "calm-owl", domain), "https://calm-owl-8000.preview.app.github.dev"));
    let option = &["codespace", "--codespace", "bold-fish"];
    assert!(has(in_codespace(option, "calm-owl", domain), "https://bold-fish-8000.preview.app.github.dev"));
    assert_eq!(in_codespace(&["codespace"], "", "").stdout, folder.run(&["oauth", "list", "codespace"]).stdout);
    // Elsewhere, the variables mean nothing.
    assert_eq!(in_codespace(&["demo"], "calm owl", "x/y").stdout, folder.run(&["oauth", "list", "demo"]).stdout);
    for (arguments, name, domain, word) in [
        (&["codespace"][..], "calm owl", "", "CODESPACE_NAME: `calm owl` is no codespace's name"),
        (&["codespace", "--codespace", "a.b"], "calm-owl", "", "--codespace: `a.b` is no codespace's name"),
        (&["codespace"], "calm-owl", "https://x", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN: `https://x` is no domain"),
    ] {
        let run = in_codespace(arguments, name, domain).expect(2);
        assert!(run.stderr.replace("\n       ", " ").contains(word), "{}", run.stderr);
    }
    let unneeded = folder.run(&["oauth", "list", "demo", "--codespace", "bold-fish"]).expect(0);
    assert!(unneeded.stderr.starts_with("note: --codespace changes nothing"), "{}", unneeded.stderr);
    assert!(!folder.path().join("out").exists(), "nothing is written");
}

#[test]
fn a_codespace_without_a_local_address_is_told_of_it() {
    let folder = Folder::with_portal();
    let local = "  { uri = \"http://localhost:8000/auth/google/callback\", served_by = \"api\" },\n";
    folder.edit("envs/codespace.toml", local, "");
    let text = folder.run(&["oauth", "list", "codespace"]).expect(0).stdout.replace("\n# ", " ");
    assert!(text.contains("http://localhost:8000/auth/google/callback never changes: list it in"), "{text}");
}

/// A portal without hosts and without a load balancer is on its run.app address.
#[test]
fn a_portal_on_its_run_app_address() {
    let folder = Folder::minimal();
    let api = "[api]\nurl = \"https://api-demo-ryvhxvrdna-ew.a.run.app\"\n[oauth]\n\
               redirect_uri = \"https://api-demo-ryvhxvrdna-ew.a.run.app/auth/google/callback\"\n";
    folder.lay_over(&format!("# portal.toml\n[api]\npaths = [{{ path = \"/auth/\" }}]\n# envs/demo.toml\n{api}"));
    insta::assert_snapshot!("list_run_app_unknown", folder.run(&["oauth", "list", "demo"]).expect(0).stdout);
    let number = "[cloud_run]\nproject_number = 412345678901\n";
    folder.lay_over(&format!("# envs/demo.toml\n{number}"));
    insta::assert_snapshot!("list_run_app_known", folder.run(&["oauth", "list", "demo"]).expect(0).stdout);
    let json = folder.run(&["oauth", "list", "demo", "--format", "json"]).expect(0).stdout;
    let report: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        report["redirect_uris"][0]["other_form"],
        "https://api-demo-412345678901.europe-west1.run.app/auth/google/callback"
    );
    // What it lists is what is rendered.
    folder.run(&["render"]).expect(0);
    let uri = "https://portal-demo-412345678901.europe-west1.run.app/auth/google/callback";
    assert!(folder.read("out/demo/redirect-uris.txt").contains(uri));
    folder.run(&["oauth", "check", "--client", "out/demo/oauth_client.json"]).expect(0);
    // An edit of it leads back to the number.
    folder.edit("out/demo/redirect-uris.txt", uri, &uri.replace("412345678901", "999999999999"));
    let linted = folder.run(&["lint"]).expect(1).stdout;
    assert!(linted.contains("error[redirect-uri-disagrees]"), "{linted}");
    assert!(linted.contains("`cloud_run.project_number` in envs/demo.toml decides it"), "{linted}");
    // The form with the number needs a short name.
    let long = format!("[cloud_run]\nservice = \"{}\"\n", "a".repeat(60));
    let text = folder.lay_over(&format!("# envs/demo.toml\n{long}")).run(&["oauth", "list", "demo"]).expect(0).stdout;
    assert!(text.replace("\n# ", " ").contains("known after the first deployment, since the service's name"), "{text}");
}

/// Every way in which one slips, in one file.
#[test]
fn a_check_as_a_person_reads_it() {
    let folder = Folder::with_portal();
    let file = client(
        &[
            "http://pp.demo.waooaw.com/auth/google/callback/",
            "https://cp.demo.waooaw.com/auth/google/callback",
            "https://waooaw-api-demo-q7xw3k2m9a-el.a.run.app/auth/google/callback",
            "https://uat.waooaw.com/auth/google/callback",
            "https://uat.waooaw.com/auth/google/callback",
            "https://old.example.com/auth/google/callback",
            "https://old.example.com/#done",
            "https://api.waooaw.com/oauth/callback",
            "https://bold-fish-8000.app.github.dev/auth/google/callback",
        ],
        &["https://pp.demo.waooaw.com/"],
    );
    insta::assert_snapshot!("check_demo", check(&folder, &file, &["demo"]).expect(1).transcript());
    insta::assert_snapshot!(
        "check_demo_json",
        check(&folder, &file, &["demo", "--format", "json"]).expect(1).transcript()
    );
    insta::assert_snapshot!("check_all", check(&folder, &file, &[]).expect(1).transcript());
    for line in check(&folder, &file, &[]).stdout.lines() {
        assert!(line.len() <= 80 || line.contains("https://") || line.contains(ID), "{line}");
    }
    let none = check(&folder, &client(&[], &[]), &["uat"]).expect(1);
    insta::assert_snapshot!("check_nothing_registered", none.transcript());
}

#[test]
fn what_is_registered_to_the_letter_passes() {
    let folder = Folder::with_portal();
    folder.run(&["render"]).expect(0);
    for environment in ["codespace", "demo", "demo-h2c", "production", "uat"] {
        let file = folder.read(&format!("out/{environment}/oauth_client.json"));
        let run = check(&folder, &file, &[environment]).expect(0);
        assert!(run.stdout.contains("nothing to correct"), "{}", run.stdout);
    }
    let all = folder.run(&["oauth", "list"]).expect(0).stdout;
    let all: Vec<_> = all.lines().filter(|line| line.starts_with("http")).collect();
    insta::assert_snapshot!("check_all_registered", check(&folder, &client(&all, &[]), &[]).expect(0).transcript());
    let one_more = [all.as_slice(), &["https://old.example.com/cb"]].concat();
    check(&folder, &client(&one_more, &[]), &[]).expect(0);
    let denied = check(&folder, &client(&one_more, &[]), &["--deny-warnings"]).expect(1);
    assert!(
        denied.stdout.contains("error: extra") && denied.stdout.contains("1 warning (denied)"),
        "{}",
        denied.stdout
    );
    let denied = check(&folder, &client(&one_more, &[]), &["--deny-warnings", "--format", "json"]).expect(1);
    let report: Value = serde_json::from_str(&denied.stdout).expect("JSON");
    assert_eq!((report["errors"].as_u64(), report["warnings"].as_u64()), (Some(1), Some(0)));
    assert_eq!(report["findings"][0]["level"], "error");
}

/// What was copied along and is not seen is shown.
#[test]
fn a_blank_beside_an_address_is_a_near_miss() {
    let folder = small();
    for (registered, shown) in [
        (format!("{PORTAL} "), format!("{PORTAL}\\u{{20}}")),
        (format!("\u{200b}{PORTAL}"), format!("\\u{{200b}}{PORTAL}")),
    ] {
        let file = client(&[API, LOCAL, &registered], &[ORIGIN]);
        let run = check(&folder, &file, &["demo", "--format", "json"]).expect(1);
        let [finding] = findings(&run).try_into().unwrap_or_else(|all| panic!("{shown}: {all:?}"));
        assert_eq!((&finding["what"], &finding["differences"][0]), (&"near-miss".into(), &"blank".into()));
        assert_eq!((&finding["add"], &finding["remove"]), (&PORTAL.into(), &shown.into()));
    }
}

/// Another way to sign in on the same host is nobody's slip.
#[test]
fn another_providers_callback_is_no_near_miss() {
    let folder = small();
    for other in ["/auth/github/callback", "/admin/oidc/sso/entra/callback", "/oauth2/callback"] {
        let other = format!("https://portal.example.com{other}");
        let run = check(&folder, &client(&[API, LOCAL, &other], &[ORIGIN]), &["demo", "--format", "json"]).expect(1);
        let whats: Vec<_> =
            findings(&run).iter().filter_map(|finding| finding["what"].as_str()).map(str::to_owned).collect();
        assert_eq!(whats, ["missing", "extra"], "{other}");
    }
}

/// One slip at a time: what it is called, and that both lines are said.
#[test]
fn every_near_miss_is_told_by_what_differs() {
    let folder = small();
    let slip = |wanted: &str, registered: &str, differences: &[&str]| {
        let others = [PORTAL, API, LOCAL].into_iter().filter(|uri| *uri != wanted);
        let uris: Vec<_> = others.chain([registered]).collect();
        let run = check(&folder, &client(&uris, &[ORIGIN]), &["demo", "--format", "json"]).expect(1);
        let [finding] = findings(&run).try_into().unwrap_or_else(|all| panic!("{registered}: {all:?}"));
        assert_eq!(finding["what"], "near-miss", "{registered}: {finding}");
        assert_eq!(finding["differences"], json!(differences), "{registered}");
        assert_eq!((finding["add"].as_str(), finding["remove"].as_str()), (Some(wanted), Some(registered)));
    };
    for (registered, differences) in [
        ("http://portal.example.com/auth/google/callback", &["scheme"][..]),
        ("HTTPS://portal.example.com/auth/google/callback", &["scheme"]),
        ("https://portal.example.com/auth/google/callback/", &["slash-at-end"]),
        ("https://Portal.Example.com/auth/google/callback", &["case-of-host"]),
        ("https://portal.example.com./auth/google/callback", &["dot-behind-host"]),
        ("https://portal.example.com/Auth/Google/Callback", &["case-of-path"]),
        ("https://portal.example.com/auth/google/callback/?x=1", &["slash-at-end", "query"]),
        ("https://portal.example.com:443/auth/google/callback", &["default-port"]),
        ("https://portal.example.com:8443/auth/google/callback", &["port"]),
        ("https://portal.example.com/auth/gogle/callback", &["path"]),
        ("https://portal.example.com/api/auth/google/callback", &["path"]),
        ("https://portal.example.com/auth/google/callbac%6B", &["encoding"]),
        ("https://portal.example.com/", &["no-path"]),
        ("https://portal.example.com", &["no-path"]),
        ("https://www.portal.example.com/auth/google/callback", &["www"]),
        ("https://portal.example.com/auth/google/callback#", &["fragment"]),
        ("https://portal.example.com/auth/google/callback?prompt=x", &["query"]),
        ("http://portal.example.com:80/auth/google/callback", &["scheme", "default-port"]),
    ] {
        slip(PORTAL, registered, differences);
    }
    for (registered, differences) in [
        ("https://api-demo-q7xw3k2m9a-ew.a.run.app/auth/google/callback", &["run-app-hash"][..]),
        ("https://api-demo-ryvhxvrdna-el.a.run.app/auth/google/callback", &["run-app-region"]),
        ("https://api-demo-412345678901.europe-west1.run.app/auth/google/callback", &["run-app-form"]),
    ] {
        slip(API, registered, differences);
    }
    for (registered, differences) in [
        ("http://127.0.0.1:8000/auth/google/callback", &["localhost"][..]),
        ("http://localhost/auth/google/callback", &["port"]),
        ("https://localhost:8000/auth/google/callback", &["scheme"]),
        ("http://localhost:8080/auth/google/callback", &["port"]),
    ] {
        slip(LOCAL, registered, differences);
    }
}

#[test]
fn a_run_app_address_with_the_number_moves_too() {
    let folder = Folder::minimal();
    let with = |host: &str| format!("https://{host}/auth/google/callback");
    let wanted = with("api-412345678901.europe-west1.run.app");
    folder.lay_over(&format!("# envs/demo.toml\n[oauth]\nredirect_uri = \"{wanted}\"\n"));
    for (registered, difference) in [
        ("api-999999999999.europe-west1.run.app", "run-app-number"),
        ("api-412345678901.us-central1.run.app", "run-app-region"),
        ("api-ryvhxvrdna-ew.a.run.app", "run-app-form"),
    ] {
        let run = check(&folder, &client(&[&with(registered)], &[]), &["--format", "json"]).expect(1);
        assert_eq!(findings(&run)[0]["differences"], json!([difference]), "{registered}");
    }
    let other = check(&folder, &client(&[&with("web-412345678901.europe-west1.run.app")], &[]), &["--format", "json"]);
    let whats: Vec<_> = findings(&other).iter().map(|finding| finding["what"].clone()).collect();
    assert_eq!(whats, ["missing", "extra"], "another service is none that moved");
}

#[test]
fn origins_are_held_against_origins() {
    let folder = small();
    let uris = [PORTAL, API, LOCAL];
    check(&folder, &client(&uris, &[ORIGIN]), &[]).expect(0);
    for (registered, differences, rule) in [
        ("http://portal.example.com", "scheme", json!("javascript-origin-refused")),
        ("https://portal.example.com/", "path-of-origin", json!("javascript-origin-with-path")),
        ("https://portal.example.com/auth/google/callback", "path-of-origin", json!("javascript-origin-with-path")),
        ("https://portal.example.com:443", "default-port", json!("javascript-origin-default-port")),
        ("https://www.portal.example.com", "www", Value::Null),
    ] {
        let run = check(&folder, &client(&uris, &[registered]), &["--format", "json"]).expect(1);
        let [finding] = findings(&run).try_into().unwrap_or_else(|all| panic!("{registered}: {all:?}"));
        assert_eq!((&finding["what"], &finding["list"]), (&json!("near-miss"), &json!("javascript_origins")));
        assert_eq!((&finding["differences"], &finding["rule"]), (&json!([differences]), &rule), "{registered}");
    }
}

/// What nobody asks for may be a slip of what is registered already, or of what another environment asks for.
#[test]
fn what_is_extra_is_told_by_what_it_nearly_is() {
    let folder = small();
    folder.lay_over("# envs/other.toml\n[oauth]\nredirect_uri = \"https://other.example.com/cb\"\n");
    for (registered, nearly) in [
        ("https://portal.example.com/auth/google/callback/", json!(PORTAL)),
        ("https://api-demo-412345678901.europe-west1.run.app/auth/google/callback", json!(API)),
        ("https://other.example.com/cb/", json!("https://other.example.com/cb")),
        ("https://another.example.com/cb", Value::Null),
    ] {
        let uris = [PORTAL, API, LOCAL, registered];
        let run = check(&folder, &client(&uris, &[ORIGIN]), &["demo", "--format", "json"]).expect(0);
        let [finding] = findings(&run).try_into().unwrap_or_else(|all| panic!("{registered}: {all:?}"));
        assert_eq!((&finding["what"], &finding["nearly"]), (&json!("extra"), &nearly), "{registered}");
        assert_eq!((&finding["add"], &finding["wanted_by"]), (&Value::Null, &json!([])));
    }
}

/// What breaks a rule of Google's is named by it, so that `explain` tells more.
#[test]
fn what_google_refuses_is_named_by_its_rule() {
    let folder = small();
    for (registered, rule) in [
        ("http://other.example.com/cb", "redirect-uri-not-https"),
        ("https://other.example.com/a/../b", "redirect-uri-traversal"),
        ("https://other.example.com/cb#x", "redirect-uri-fragment"),
        ("https://*.example.com/cb", "redirect-uri-characters"),
        ("https://203.0.113.7/cb", "redirect-uri-raw-ip"),
        ("https://portal.internal/cb", "redirect-uri-not-public"),
        ("https://me:hunter2hunter2@other.example.com/cb", "redirect-uri-userinfo"),
        ("https://<host>/cb", "redirect-uri-placeholder"),
        ("nothing", "bad-value"),
        ("", "bad-value"),
    ] {
        let uris = [PORTAL, API, LOCAL, registered];
        let run = check(&folder, &client(&uris, &[ORIGIN]), &["--format", "json"]).expect(1);
        let [finding] = findings(&run).try_into().unwrap_or_else(|all| panic!("{registered}: {all:?}"));
        assert_eq!((&finding["what"], &finding["rule"]), (&json!("invalid"), &json!(rule)), "{registered}");
        assert!(!run.stdout.contains("hunter2"), "{}", run.stdout);
        folder.run(&["explain", rule]).expect(0);
    }
}

#[test]
fn a_codespace_of_any_name_may_be_registered() {
    let folder = Folder::with_portal();
    let (open, other) =
        ("https://calm-owl-8000.app.github.dev/auth/google/callback", "http://localhost:8000/auth/google/callback");
    let whats = |uris: &[&str], arguments: &[&str], code| {
        let run =
            check(&folder, &client(uris, &[]), &[&["codespace", "--format", "json"], arguments].concat()).expect(code);
        findings(&run).iter().map(|finding| finding["what"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(whats(&[other, open], &[], 0), ["codespace"]);
    assert_eq!(whats(&[other], &[], 0), ["open"]);
    assert_eq!(whats(&[other, open], &["--codespace", "calm-owl"], 0), [""; 0]);
    assert_eq!(whats(&[other, open], &["--codespace", "bold-fish"], 1), ["missing", "codespace"]);
    assert_eq!(whats(&[other], &["--codespace", "calm-owl"], 1), ["missing"]);
    let slip = "https://calm-owl-8000.app.github.dev/auth/google/callback/";
    assert_eq!(whats(&[other, slip], &["--codespace", "calm-owl"], 1), ["near-miss"]);
}

#[test]
fn domains_are_counted_as_they_will_be() {
    let folder = small();
    // Three are wanted: example.com, localhost, and the API's own below run.app.
    let more: Vec<_> = (0..8).map(|n| format!("https://service-{n}.a.run.app/cb")).collect();
    let with = |count: usize| {
        let mut uris = vec![PORTAL, API];
        uris.extend(more[..count].iter().map(String::as_str));
        check(&folder, &client(&uris, &[ORIGIN]), &["--format", "json"]).expect(1)
    };
    let whats = |run: &Run| findings(run).iter().filter(|f| f["what"] == "too-many-domains").count();
    assert_eq!((whats(&with(7)), whats(&with(8))), (0, 1));
    let mut uris = vec![PORTAL, API, LOCAL];
    uris.extend(more.iter().map(String::as_str));
    let run = check(&folder, &client(&uris, &[ORIGIN]), &[]).expect(0);
    assert!(run.stdout.contains("warning[too-many-domains]: 11 domains with what is missing"), "{}", run.stdout);
    folder.run(&["explain", "too-many-domains"]).expect(0);
}

/// What is in a file that cannot be used is never said.
#[test]
fn a_file_that_is_no_client_is_named_without_its_contents() {
    let folder = small();
    let whole = client(&[PORTAL], &[]);
    let mut said = String::new();
    let mut run = |name: &str, file: &str| {
        let run = check(&folder, file, &[]).expect(2);
        assert!(run.stdout.is_empty(), "{}", run.stdout);
        said.push_str(&format!("# {name}\n{}\n", run.stderr));
    };
    run("cut off", &whole[..whole.find(SECRET).expect("the secret") + 12]);
    run("a comma too many", &whole.replace("}}", ",}}"));
    run("a secret without quotes", &whole.replace(&format!("\"{SECRET}\""), SECRET));
    run("a secret in the place of everything", SECRET);
    run("a secret in quotes", &format!("\"{SECRET}\""));
    run("a list", &format!("[{whole}]"));
    run("empty", "");
    run("another object", &format!("{{\"{SECRET}\": 1}}"));
    run("web is text", &format!("{{\"web\": \"{SECRET}\"}}"));
    run("a list that is none", &format!("{{\"web\": {{\"redirect_uris\": \"{SECRET}\"}}}}"));
    run("an entry that is none", &format!("{{\"web\": {{\"redirect_uris\": [\"{PORTAL}\", {{\"{SECRET}\": 1}}]}}}}"));
    run("a desktop app", &whole.replace("\"web\"", "\"installed\""));
    run(
        "a service account",
        &json!({ "type": "service_account", "private_key": SECRET, "client_email": "x@y.iam.gserviceaccount.com" })
            .to_string(),
    );
    run("a user's credentials", &json!({ "type": "authorized_user", "refresh_token": SECRET }).to_string());
    run("workload identity", &json!({ "type": "external_account", "audience": SECRET }).to_string());
    run("another type", &json!({ "type": SECRET }).to_string());
    insta::assert_snapshot!("no_client", said);
    std::fs::write(folder.path().join("client_secret.json"), [b'"', 0xff, b'"']).expect("a file");
    let not_utf8 = folder.run(&["oauth", "check", "--client", "client_secret.json"]).expect(2);
    assert!(not_utf8.stderr.contains("it is no UTF-8 text"), "{}", not_utf8.stderr);
    folder.run(&["oauth", "check", "--client", "nowhere.json"]).expect(2);
    folder.run(&["oauth", "check", "--client", "envs"]).expect(2);
}

/// The secret where nobody expects it.
#[test]
fn the_secret_is_shown_nowhere() {
    let folder = small();
    for place in ["https://portal.example.com/auth/google/callback?k=", "", "https://portal.example.com/", "https://x:"]
    {
        let uri = format!("{place}{SECRET}");
        let at = format!("{uri}@portal.example.com/auth/google/callback");
        for uris in [[PORTAL, &uri], [API, &uri], [API, &at]] {
            for format in ["text", "json"] {
                check(&folder, &client(&uris, &[&uri]), &["--format", format]).expect(1);
            }
        }
    }
    // A secret of another form, and in the place of the ID and of the project.
    let plain = "correct-horse-battery-staple";
    let file = client(&[&format!("https://portal.example.com/{plain}")], &[]).replace(SECRET, plain);
    for file in [file.clone(), file.replace(ID, plain), file.replace("waooaw-oauth", plain)] {
        for format in ["text", "json"] {
            let run = check(&folder, &file, &["--format", format]).expect(1);
            assert!(!run.transcript().contains(plain), "{}", run.transcript());
        }
    }
    let not_an_id = client(&[PORTAL], &[]).replace(ID, "swordfish99");
    assert!(!check(&folder, &not_an_id, &[]).transcript().contains("swordfish99"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let folder = small();
    let file = client(&["https://portal.example.com/\u{1b}[31m\u{202e}cb\n"], &["https://p\u{430}rtal.example.com"]);
    let run = check(&folder, &file, &[]).expect(1);
    assert!(
        run.stdout.contains("\\u{1b}[31m\\u{202e}cb\\u{a}") && run.stdout.contains("p\\u{430}rtal"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\u{430}']), "{}", run.stdout);
}

#[test]
fn an_error_in_the_configuration_comes_first() {
    let folder = small();
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\ntimeout = \"2h\"");
    let run = check(&folder, &client(&[PORTAL], &[]), &[]).expect(1);
    assert!(run.stdout.is_empty() && run.stderr.ends_with("nothing was compared\n"), "{}", run.transcript());
    let run = folder.run(&["oauth", "list"]).expect(1);
    assert!(run.stdout.is_empty() && run.stderr.ends_with("nothing is listed\n"), "{}", run.transcript());
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 0");
    check(&folder, &client(&[PORTAL], &[]), &[]).expect(2);
}

/// Where another environment cannot be read, nobody can say that nobody asks.
#[test]
fn an_environment_that_cannot_be_read_is_no_nobody() {
    let folder = small();
    folder.write("envs/other.toml", "this is no TOML\n");
    let run =
        check(&folder, &client(&[PORTAL, API, LOCAL, "https://other.example.com/cb"], &[ORIGIN]), &["demo"]).expect(0);
    assert!(run.stdout.contains("extra: no environment that can be read asks for it"), "{}", run.stdout);
    assert!(run.stderr.replace("\n      ", " ").contains("`envs/other.toml` cannot be read"), "{}", run.stderr);
}

#[test]
fn what_programs_read_is_as_described() {
    let schema = |name: &str| {
        let schema: Value = serde_json::from_str(&read(&repository().join("schemas").join(name))).expect("a schema");
        jsonschema::draft7::new(&schema).expect("a valid schema")
    };
    let folder = Folder::with_portal();
    let file =
        client(&["https://pp.demo.waooaw.com/auth/google/callback/", "nothing", "nothing"], &["https://x.com/y"]);
    let list = folder.run(&["oauth", "list", "--format", "json"]).expect(0).stdout;
    let check = check(&folder, &file, &["--format", "json"]).expect(1).stdout;
    for (text, schema) in [(list, schema("oauth-list.schema.json")), (check, schema("oauth-check.schema.json"))] {
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert!(!schema.is_valid(&json!({ "version": 1 })));
    }
}
