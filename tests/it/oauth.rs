//! How sign-in comes back: what the rules find in redirect URIs, origins and the flow, and where they keep silent.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::rules::linted;
use crate::support::Folder;

/// The rules that find something in the minimal portal with an example laid over it, each with its level.
fn findings(example: &str) -> BTreeSet<(String, String)> {
    let folder = Folder::minimal();
    folder.lay_over(example);
    let report: Value = serde_json::from_str(&folder.run(&["lint", "--format", "json"]).stdout).expect("JSON");
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|finding| (text(finding, "rule"), text(finding, "level"))).collect()
}

#[track_caller]
fn assert_finds(ids: &[&str], example: &str) {
    let found: Vec<_> = findings(example).into_iter().map(|(id, _)| id).collect();
    assert_eq!(found, ids, "{example}");
}

const ON_PORTAL: &str = "\
# portal.toml
[api]
paths = [{ path = \"/auth/\" }]
";

/// The portal's own host passes sign-in on, so it may start and end there.
#[test]
fn sign_in_on_the_portals_own_host() {
    let with = |api: &str, uri: &str| {
        format!(
            "{ON_PORTAL}# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[api]\nurl = \"https://api.example.com\"\n\
             {api}\n[oauth]\n{uri}\n"
        )
    };
    let on_portal = "redirect_uri = \"https://portal.example.com/auth/google/callback\"";
    let on_api = "redirect_uri = \"https://api.example.com/auth/google/callback\"";
    let both =
        format!("{on_portal}\nredirect_uris = [{{ uri = \"https://api.example.com/cb\", served_by = \"api\" }}]");
    for uri in ["", on_portal, on_api, &both] {
        assert_finds(&[], &with("", uri));
    }
    let public = |host: &str| format!("public_url = \"https://{host}/api\"");
    assert_finds(&[], &with(&public("portal.example.com"), on_portal));
    assert_finds(&["sign-in-on-another-host"], &with(&public("portal.example.com"), on_api));
    assert_finds(&["sign-in-on-another-host"], &with(&public("api.example.com"), &both));
    // Each fact once.
    assert_finds(&["api-host-without-redirect-uri"], &with(&public("api.example.com"), on_portal));
    assert_finds(&["api-host-without-redirect-uri"], &with(&public("demo.example.com"), ""));
}

/// A portal without hosts answers on its own run.app address.
#[test]
fn sign_in_on_the_portals_own_run_app_address() {
    let with = |portal: &str, oauth: &str| {
        format!(
            "# portal.toml\n{portal}\n# envs/demo.toml\n[api]\nurl = \"https://api.example.com\"\n[oauth]\n{oauth}\n"
        )
    };
    let uri = "https://portal-demo-123456789012.europe-west1.run.app/auth/google/callback";
    let sent = format!("redirect_uri = \"{uri}\"");
    let listed = format!("redirect_uris = [{{ uri = \"{uri}\", served_by = \"portal\" }}]");
    for oauth in [&sent, &listed] {
        assert_finds(&[], &with("[app]\nbackend_paths = [\"/auth/\"]", oauth));
        assert_finds(&[], &with("[api]\npaths = [{ path = \"/auth/\" }]", oauth));
        assert_finds(&["callback-unrouted"], &with("", oauth));
    }
}

/// A portal without hosts takes the callback on its run.app address, which the project's number makes known.
#[test]
fn the_number_of_the_project_makes_the_callback_known() {
    let uri = "https://portal-demo-123456789012.europe-west1.run.app/auth/google/callback";
    let registered = |example: &str| {
        let folder = Folder::minimal();
        folder.lay_over(example);
        folder.run(&["render"]).expect(0);
        folder.read("out/demo/redirect-uris.txt").lines().any(|line| line == uri)
    };
    let api = "[api]\nurl = \"https://api.example.com\"\n";
    let number = "[cloud_run]\nproject_number = 123456789012\n";
    let demo = |rest: &str| format!("{ON_PORTAL}# envs/demo.toml\n{rest}");
    assert!(registered(&demo(&format!("{number}{api}"))));
    assert_finds(&[], &demo(&format!("{number}{api}")));
    // The app may take it itself.
    assert!(registered(&format!("# portal.toml\n[app]\nbackend_paths = [\"/auth/\"]\n# envs/demo.toml\n{number}")));
    let host = "hosts = [\"portal.example.com\"]\n";
    let closed = "ingress = \"internal\"\n";
    let off = "default_url = false\n";
    let balanced = "[load_balancer]\nmode = \"create\"\nstate_bucket = \"bucket\"\n";
    let hashed = "[oauth]\nredirect_uri = \"https://portal-demo-ryvhxvrdna-ew.a.run.app/auth/google/callback\"\n";
    for (case, example) in [
        ("the number is not known", demo(api)),
        ("nobody answers", demo(number)),
        ("there is a host", demo(&format!("{host}{number}{api}"))),
        ("no browser gets in", demo(&format!("{number}{closed}{api}"))),
        ("there is no such address", demo(&format!("{number}{off}{api}"))),
        ("there is a load balancer", demo(&format!("{host}{number}{api}{balanced}"))),
        ("an address of its own is named", demo(&format!("{number}{api}{hashed}"))),
        ("the first label would be too long", demo(&format!("{number}service = \"{}\"\n{api}", "a".repeat(51)))),
    ] {
        assert!(!registered(&example), "{case}");
    }
    let listed = format!("[oauth]\nredirect_uris = [{{ uri = \"{uri}\", served_by = \"portal\" }}]\n");
    assert_finds(&[], &demo(&format!("{number}{api}{listed}")));
    let sent = format!("[oauth]\nredirect_uri = \"{uri}\"\n");
    assert_finds(&[], &demo(&format!("{number}{api}{sent}")));
}

/// Where the API answers no callback, it hands over no token.
#[test]
fn sign_in_that_is_not_the_apis() {
    let query = "[oauth]\ntoken_delivery = \"query\"\n";
    let api = "[api]\nurl = \"https://api.example.com\"\npublic_url = \"https://demo.example.com\"\n";
    assert_finds(&[], &format!("# envs/demo.toml\n{api}{query}"));
    let elsewhere = "redirect_uris = [{ uri = \"https://cp.example.com/cb\", served_by = \"elsewhere\" }]\n";
    assert_finds(&[], &format!("# envs/demo.toml\n{api}{query}{elsewhere}"));
    // The app's own route.
    let app =
        "# portal.toml\n[app]\nbackend_paths = [\"/auth/\"]\n# envs/demo.toml\nhosts = [\"portal.example.com\"]\n";
    assert_finds(&[], &format!("{app}{api}{query}"));
    let sent = "redirect_uri = \"https://demo.example.com/cb\"\n";
    assert_finds(&[], &format!("# envs/demo.toml\n{query}{sent}"));
    assert_finds(&["token-in-query"], &format!("# envs/demo.toml\n{api}{query}{sent}"));
    for other in ["code", "fragment", "cookie"] {
        assert_finds(
            &[],
            &format!("# envs/demo.toml\n{api}{query}{sent}").replace("\"query\"", &format!("\"{other}\"")),
        );
    }
}

/// A cookie is not offered where it would not arrive.
#[test]
fn a_remedy_is_one() {
    let with = |callback: &str| {
        let example = format!(
            "# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[api]\nurl = \"https://{callback}\"\n[oauth]\n\
             redirect_uri = \"https://{callback}/cb\"\ntoken_delivery = \"query\"\n"
        );
        linted(&example).0.stdout
    };
    for (callback, due) in [("api.example.com", true), ("api-demo-uc.a.run.app", false)] {
        let text = with(callback);
        assert!(text.contains("[token-in-query]") && text.contains("\"code\"`"), "{text}");
        assert_eq!(text.contains("token_delivery = \"cookie\""), due, "{text}");
    }
}

#[test]
fn the_flow_is_judged_by_stage() {
    for (rule, in_demo) in [
        ("token-in-query", "warning"),
        ("sign-in-on-another-host", "warning"),
        ("api-host-without-redirect-uri", "warning"),
        ("cookie-across-sites", "error"),
    ] {
        let example = portalgen::rules::rule(rule).expect("a rule").examples.fires;
        for (stage, level) in [("demo", in_demo), ("uat", in_demo), ("production", "error")] {
            let staged = example.replace("# envs/demo.toml\n", &format!("# envs/demo.toml\nstage = \"{stage}\"\n"));
            assert!(findings(&staged).contains(&(rule.to_owned(), level.to_owned())), "{rule} in {stage}");
        }
    }
}

#[test]
fn a_codespace_is_no_other_host() {
    let host = "<codespace-name>-8000.app.github.dev";
    let example = format!(
        "# envs/codespace.toml\nportal = \"../portal.toml\"\nstage = \"development\"\nstrategy = \"websocket\"\n\
         [api]\nurl = \"https://{host}\"\n[oauth]\ntoken_delivery = \"cookie\"\nredirect_uri = \"https://{host}/cb\"\n\
         redirect_uris = [{{ uri = \"http://[::1]:8000/cb\", served_by = \"portal\" }}]\n\
         javascript_origins = [\"https://<codespace-name>-3000.app.github.dev\"]\n"
    );
    // `/cb` on the machine itself is the portal's, and no path of portal.toml covers it.
    assert_finds(&["callback-unrouted"], &example);
    assert_finds(&[], &example.replace("\"portal\" }", "\"api\" }"));
    let in_service =
        "# envs/demo.toml\n[oauth]\njavascript_origins = [\"https://<codespace-name>-3000.app.github.dev\"]\n";
    assert_finds(&["placeholder-in-service"], in_service);
}

#[test]
fn cookies_reach_what_shares_a_registrable_domain() {
    let with = |hosts: &str, callback: &str| {
        format!(
            "# envs/demo.toml\nhosts = [{hosts}]\n[api]\nurl = \"https://{callback}\"\n[oauth]\n\
             redirect_uri = \"https://{callback}/cb\"\n"
        )
    };
    for (hosts, callback) in [
        ("\"portal.example.com\"", "api.example.com"),
        ("\"example.com\"", "a.b.example.com"),
        ("\"portal.example.org\", \"portal.example.com\"", "api.example.com"),
        ("\"portal.example.co.uk\"", "api.example.co.uk"),
        ("", "api-demo-uc.a.run.app"),
    ] {
        assert_finds(&[], &with(hosts, callback));
    }
    for (hosts, callback) in [
        ("\"portal.example.com\"", "api.example.org"),
        ("\"portal.example.co.uk\"", "api.another.co.uk"),
        ("\"portal-uc.a.run.app\"", "api-uc.a.run.app"),
        ("\"portal-1.europe-west1.run.app\"", "api-1.europe-west1.run.app"),
    ] {
        assert_finds(&["cookie-across-sites"], &with(hosts, callback));
    }
}

/// What follows from a value that is refused is not said.
#[test]
fn a_refused_value_has_no_consequences() {
    let api = "[api]\nurl = \"https://api.example.com\"\npublic_url = \"https://demo.example.com\"\n";
    let refused = "[oauth]\nredirect_uri = \"https://user@demo.example.com/cb\"\n";
    let listed = "redirect_uris = [{ uri = \"https://api.example.com/cb\", served_by = \"api\" }]\n";
    let sent = "[variables]\nGOOGLE_REDIRECT_URI = \"https://demo.example.com/cb\"\n";
    let example = format!("# envs/demo.toml\nhosts = [\"portal.example.com\"]\n{api}{refused}{listed}{sent}");
    assert_finds(&["redirect-uri-userinfo"], &example);
    assert_finds(&["redirect-uri-userinfo"], &example.replace(listed, ""));
    assert_finds(&["unknown-value"], &example.replace("user@", "").replace(sent, "token_delivery = \"url\"\n"));
}

#[test]
fn what_is_listed_twice() {
    let with = |oauth: &str| format!("# envs/demo.toml\n[oauth]\n{oauth}\n");
    let uri = |uri: &str| format!("{{ uri = \"{uri}\", served_by = \"elsewhere\" }}");
    let two = |one: &str, other: &str| with(&format!("redirect_uris = [{}, {}]", uri(one), uri(other)));
    let twice = &["uri-registered-twice"][..];
    let (a, b) = ("https://a.example.com/cb", "https://b.example.com/cb");
    assert_finds(twice, &two(a, a));
    assert_finds(twice, &two(a, "https://a.example.com/cb/"));
    assert_finds(twice, &two(a, "https://a.example.com/CB"));
    for other in [b, "https://a.example.com/cb?x", "http://localhost/cb", "https://a.example.com:8443/cb"] {
        assert_finds(&[], &two(a, other));
    }
    // What is sent may be listed, to say who answers it.
    assert_finds(&[], &with(&format!("redirect_uri = \"{a}\"\nredirect_uris = [{}]", uri(a))));
    assert_finds(twice, &with("javascript_origins = [\"https://a.example.com\", \"https://a.example.com\"]"));
    assert_finds(&[], &with("javascript_origins = [\"https://a.example.com\", \"https://a.example.com:8443\"]"));
    let of_host = |uri: &str| {
        format!(
            "{ON_PORTAL}# envs/demo.toml\nhosts = [\"portal.example.com\"]\n[api]\nurl = \"https://api.example.com\"\n\
             [oauth]\nredirect_uris = [{{ uri = \"{uri}\", served_by = \"portal\" }}]\n"
        )
    };
    assert_finds(twice, &of_host("https://portal.example.com/auth/google/callback"));
    assert_finds(twice, &of_host("https://portal.example.com/auth/google/callback/"));
    assert_finds(&[], &of_host("https://portal.example.com/auth/other/callback"));
}

#[test]
fn what_may_be_in_a_redirect_uri() {
    let with = |uri: &str| format!("# envs/demo.toml\n[oauth]\nredirect_uri = \"https://{uri}\"\n");
    for uri in [
        "bit.ly/google-callback",
        "bit.ly/x/google-callback/y",
        "a.example.com/cb?next=/inside",
        "a.example.com/cb?at=10:30",
        "a.example.com/cb?x=%2F%2F",
        "a.example.com/cb?x=1://2",
        "a.example.com/https://x",
        "a.example.com:8443/cb",
        "a.example.com:4430/cb",
    ] {
        assert_finds(&[], &with(uri));
    }
    for (uri, rule) in [
        ("go.bit.ly/x", "uri-shortened"),
        ("goo.gl/google-callbacks", "uri-shortened"),
        ("a.example.com/cb?a=1&next=https://b.example.com", "redirect-uri-open-redirect"),
        ("a.example.com/cb?next=HTTP%3a%2f%2Fb.example.com", "redirect-uri-open-redirect"),
        ("a.example.com/cb?https://b.example.com", "redirect-uri-open-redirect"),
        ("a.example.com:443/cb", "redirect-uri-default-port"),
    ] {
        assert_finds(&[rule], &with(uri));
    }
    assert_finds(&["uri-shortened"], "# envs/demo.toml\n[oauth]\njavascript_origins = [\"https://goo.gl\"]\n");
    assert_finds(&["redirect-uri-default-port"], &with("").replace("https://", "http://localhost:80/cb"));
    assert_finds(&[], &with("").replace("https://", "http://localhost:443/cb"));
}

#[test]
fn what_the_portal_sends_is_registered() {
    let with = |sent: &str| {
        format!(
            "# envs/demo.toml\n[variables]\nGOOGLE_REDIRECT_URI = \"{sent}\"\n[oauth]\n\
             redirect_uris = [{{ uri = \"https://a.example.com/cb\", served_by = \"elsewhere\" }}]\n"
        )
    };
    let other = "# envs/other.toml\n[oauth]\nredirect_uri = \"https://b.example.com/cb\"\n";
    assert_finds(&[], &with("https://a.example.com/cb"));
    assert_finds(&[], &with(""));
    assert_finds(&[], &format!("{}{other}", with("https://b.example.com/cb")));
    for sent in ["https://b.example.com/cb", "https://A.example.com/cb", "http://a.example.com/cb", "no URI"] {
        assert_finds(&["redirect-uri-unregistered"], &with(sent));
    }
    let secret = "[api]\nurl = \"https://a.example.com\"\n[api.secrets]\nGOOGLE_REDIRECT_URI = { secret = \"s\", version = \"1\" }\n";
    let sent = "[oauth]\nredirect_uri = \"https://a.example.com/cb\"\n";
    assert_finds(&[], &format!("# envs/demo.toml\n{secret}"));
    assert_finds(&["variable-set-twice"], &format!("# envs/demo.toml\n{secret}{sent}"));
}

#[test]
fn hosts_that_are_not_public() {
    let internal = "hosts = [\"portal.example.com\", \"portal.corp.internal\"]\n";
    assert_finds(&[], &format!("# envs/demo.toml\n{internal}"));
    let balanced = "[load_balancer]\nmode = \"create\"\nstate_bucket = \"bucket\"\n";
    let closed = "[cloud_run]\ningress = \"internal-and-cloud-load-balancing\"\n";
    assert_finds(&["host-not-public"], &format!("# envs/demo.toml\n{internal}{closed}{balanced}"));
    let api = "[api]\nurl = \"https://api.example.com\"\n";
    for host in ["portal.corp.internal", "x.googleusercontent.com"] {
        assert_finds(&["host-not-public"], &format!("{ON_PORTAL}# envs/demo.toml\nhosts = [\"{host}\"]\n{api}"));
    }
}

#[test]
fn domains_are_counted_as_google_counts_them() {
    let oauth = |hosts: &[String]| {
        let uris = hosts.iter().map(|host| format!("{{ uri = \"https://{host}/cb\", served_by = \"elsewhere\" }}"));
        format!("[oauth]\nredirect_uris = [{}]\n", uris.collect::<Vec<_>>().join(", "))
    };
    let run_app = |numbers: std::ops::Range<u32>| numbers.map(|n| format!("portal-{n}.a.run.app")).collect::<Vec<_>>();
    let (ten, eleven) = (run_app(0..10), run_app(0..11));
    assert_finds(&[], &format!("# envs/demo.toml\n{}", oauth(&ten)));
    assert_finds(&["too-many-domains"], &format!("# envs/demo.toml\n{}", oauth(&eleven)));
    // One label is one domain, whatever follows it, and the machine itself is one.
    let same = ["www.example.com", "example.co.uk", "localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
    let mut hosts = run_app(0..8);
    hosts.extend(same);
    assert_finds(&[], &format!("# envs/demo.toml\n{}", oauth(&hosts)));
    // All environments count, and origins do.
    let other = |uris: std::ops::Range<u32>| format!("# envs/other.toml\n{}", oauth(&run_app(uris)));
    assert_finds(&[], &format!("# envs/demo.toml\n{}{}", oauth(&ten), other(5..10)));
    assert_finds(&["too-many-domains"], &format!("# envs/demo.toml\n{}{}", oauth(&ten), other(10..11)));
    let origin = "javascript_origins = [\"https://another.a.run.app\"]\n";
    assert_finds(&["too-many-domains"], &format!("# envs/demo.toml\n{}{origin}", oauth(&ten)));
}

#[test]
fn javascript_origins_are_rendered_where_they_are_asked_for() {
    let folder = Folder::minimal();
    folder.run(&["render"]).expect(0);
    assert!(!folder.read("out/demo/oauth_client.json").contains("javascript_origins"));
    assert!(!folder.read("out/redirect-uris.txt").contains("JavaScript"));
    folder.lay_over(
        "# envs/demo.toml\n[oauth]\njavascript_origins = [\"https://b.example.com\", \"https://a.example.com:8443\"]\n\
         # envs/codespace.toml\nportal = \"../portal.toml\"\nstage = \"development\"\nstrategy = \"websocket\"\n\
         [oauth]\njavascript_origins = [\"https://<codespace-name>-3000.app.github.dev\", \"https://b.example.com\"]\n",
    );
    folder.run(&["render"]).expect(0);
    insta::assert_snapshot!("origins_json", folder.read("out/demo/oauth_client.json"));
    insta::assert_snapshot!("origins_text", folder.read("out/codespace/redirect-uris.txt"));
    insta::assert_snapshot!("origins_union", folder.read("out/redirect-uris.txt"));
}
