//! What looks like a secret, and that nothing prints one.

use portalgen::secrets::look::{Why, of_variable};

use crate::support::Folder;

/// Assembled here, so that no scanner takes this file for a leak.
fn token(prefix: &str, length: usize) -> String {
    let body = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z".chars().cycle();
    prefix.chars().chain(body.take(length)).collect()
}

#[test]
fn secrets_are_found() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n";
    let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJwb3J0YWwifQ", "dBjftJeZ4CVPmB92K27uhbUJU1p1r"].join(".");
    let by_shape = [
        token("GOCSPX-", 28),
        token("ya29.", 60),
        token("1//0", 50),
        token("AIza", 35),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        token("ghp_", 36),
        token("github_pat_", 60),
        token("glpat-", 20),
        token("xoxb-", 40),
        token("sk-", 40),
        token("sk-proj-", 40),
        token("sk_live_", 24),
        jwt.clone(),
        format!("Bearer {jwt}"),
        key.to_owned(),
        key.replace('\n', "\\n"),
        "redis://:battery-staple@10.0.0.3:6379".to_owned(),
        "postgresql://portal:p@db.example.com/portal".to_owned(),
        "https://example.com/?user=a&password=battery".to_owned(),
        "host=db password=battery dbname=portal".to_owned(),
        format!("{{\"private_key\": \"{}\"}}", key.replace('\n', "\\n")),
        format!("token {}", token("ghp_", 36)),
        ["https://hooks.slack.com/services/T0123ABCD/B0123ABCD", "a1b2c3d4e5f6g7h8i9j0k1l2"].join("/"),
        "https://portal.example.com/callback?client_secret=battery7staple".to_owned(),
        "https://portal.example.com/callback?page=1&token=battery7staple#top".to_owned(),
    ];
    for value in &by_shape {
        assert!(matches!(of_variable("SETTING", value), Some(Why::Shape(_))), "{value}");
    }
    let by_name = [
        ("SECRET", "x1"),
        ("API_TOKEN", "battery"),
        ("MAIL_PASSWORD", "correct horse"),
        ("mail_password", "postgres"),
        ("DB_PASSWD", "12345678"),
        ("DB_PWD", "battery"),
        ("GOOGLE_CLIENT_SECRET", "abc"),
        ("SIGNING_KEY", "0b5ac4f1a4f4a7e2d2f55ff2b3b8a9b0"),
        ("SECRET_KEY", "0b5ac4f1-a4f4-a7e2-d2f5-5ff2b3b8a9b0"),
        ("API_KEY_2", "battery"),
        ("API_KEY_MAPS", "k7q0x2b9w4n1z8"),
        ("SECRET_KEY_BASE", "0b5ac4f1a4f4a7e2"),
        ("CREDENTIALS_JSON", "{\"type\": \"service_account\"}"),
        ("PGPASSWORD", "battery"),
        ("DB_PASS", "battery"),
        ("SMTP_PASS", "battery"),
        ("dbPassword", "battery"),
        ("SECRETKEY", "battery"),
        ("JWT_KEY", "battery"),
        ("REDISCLI_AUTH", "battery"),
        ("DB_PASSWORD_PROD", "battery"),
    ];
    for (name, value) in by_name {
        assert_eq!(of_variable(name, value), Some(Why::Name), "{name}={value}");
    }
    for value in [
        "q7Zt1WkP0sXv9LrB3nYd8HfM",
        "q7Zt1WkP0sXv9LrB3nYd8HfM2cJgT5uE",
        "kX9/vQ2+Lm8ZrT4wYs7Ub1Nc6PdHf3Ge0JaWiKo5xRM=",
        "V1StGXR8_Z5jdHi6B-myT9kLqW2xNc4E",
    ] {
        assert_eq!(of_variable("SETTING", value), Some(Why::Random), "{value}");
    }
}

#[test]
fn what_is_no_secret_is_let_be() {
    let by_name = [
        ("SECRET", ""),
        ("SECRET", "  "),
        ("API_TOKEN", "<token>"),
        ("API_TOKEN", "${API_TOKEN}"),
        ("API_TOKEN", "xxxxxxxx"),
        ("TOKEN", "true"),
        ("TOKEN", "3600"),
        ("TOKEN_URL", "https://oauth2.googleapis.com/token"),
        ("TOKEN_TTL", "3600000"),
        ("ACCESS_TOKEN_SECONDS", "86400000"),
        ("TOKEN_DELIVERY", "query"),
        ("SECRET_NAME", "portal-client-secret-2"),
        ("API_KEY_ID", "key-123456789012"),
        ("PASSWORD_FILE", "/run/secrets/password-1"),
        ("PASSWORD", "/run/secrets/password"),
        ("CLIENT_SECRET", "projects/portal/secrets/client/versions/1"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("CORS_CREDENTIALS", "include"),
        ("PASSWORDLESS", "magic-link"),
        ("MAX_TOKENS", "200000"),
        ("TOKENIZER", "cl100k_base_tokenizer"),
        ("KEYBOARD", "qwerty"),
        ("KEY", "portal"),
        ("PWD", "/srv/portal"),
        ("MAPS_PUBLIC_API_KEY", "maps-key-12345678"),
        ("STRIPE_PUBLISHABLE_KEY", "pk-12345678901234567890"),
        ("MONKEY_API", "bananas"),
        ("SECRET_BACKEND", "gcp-secretmanager-v1"),
        ("SECRET_STORE", "vault-kv2-prod-eu1"),
        ("CREDENTIALS_BACKEND", "workload-identity-2"),
        ("PASSWORD_HASHER", "argon2id-v19-m65536"),
        ("PASSWORD_SCHEME", "argon2id-v19-m65536"),
        ("TOKEN_DOMAIN", "auth2.example.com"),
        ("TOKEN_STORAGE", "cookies-v2-lax"),
        ("SESSION_TOKEN_CLASS", "portal.auth.v2.SessionToken"),
        ("PASSWORD_RESET_EMAIL", "reset1@example.com"),
        ("PASSWORD_RESET_SENDER", "reset1@example.com"),
        ("OAUTH_SECRET_ENV", "GOOGLE_CLIENT_SECRET2"),
        ("REFRESH_TOKEN_ROTATION", "strict-2024-mode"),
        ("MAX_TOKEN", "1000000"),
        ("FIRST_PASS", "quick"),
        ("STRIPE_PRICE_ID", "price_1MoBy5LkdIwHu7ixZhnattbh"),
        ("RECAPTCHA_SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"),
        ("POSTHOG_KEY", "phc_Zk4xVb3QmT8nLp2Ws7RyHd9CfGj5KqXvBtMeNa6"),
    ];
    for (name, value) in by_name {
        assert_eq!(of_variable(name, value), None, "{name}={value}");
    }
    for value in [
        "production",
        "https://portal.example.com/reports?from=2026-01-01",
        "https://user@example.com/path",
        "https://medium.com/@portal:1",
        "redis://10.0.0.3:6379/0",
        "redis://:<password>@10.0.0.3:6379",
        "postgresql://portal:${PASSWORD}@db.example.com/portal",
        "waooaw-api-demo-ryvhxvrdna-el.a.run.app",
        "123456789012-0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p.apps.googleusercontent.com",
        "asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/platform-portal-demo:latest",
        "portal@waooaw-oauth.iam.gserviceaccount.com",
        "waooaw-oauth:asia-south1:portal-db",
        "0b5ac4f1-a4f4-47e2-92f5-5ff2b3b8a9b0",
        "0B5AC4F1-A4F4-47E2-92F5-5FF2B3B8A9B0",
        "dc797b5ac4f1a4f4a7e2d2f55ff2b3b8a9b0a4e1",
        "sha256:0b5ac4f1a4f4a7e2d2f55ff2b3b8a9b0a4e1f1c0d9e8f7a6b5c4d3e2f1a0b9c8",
        "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
        "MyCompanyPortalDemoEnvironment2026",
        "iPhone12ProMax2023EditionGold",
        "com.example.portal.AsyncIOServiceFactoryV2",
        "/srv/Portal/Reports/2026/Q1/Summary-V2",
        "^[A-Za-z0-9_-]{24,64}$",
        "2026-01-04T12:30:45.123456Z+05:30",
        "en-GB,en;q=0.9,de-DE;q=0.8",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "sk-learn-pipeline-configuration",
        "task-runner-with-a-long-name-1",
        "The quick brown fox jumps over 13 lazy dogs",
        "{\"theme\": \"dark\", \"columns\": [\"A1\", \"B2\", \"C3\"]}",
        "0123456789 0123456789 0123456789",
    ] {
        assert_eq!(of_variable("SETTING", value), None, "{value}");
    }
}

/// What a random generator makes is found, but for a few.
#[test]
fn few_random_values_pass() {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1_u64;
    let mut sign = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(SIGNS[usize::try_from(state >> 58).unwrap()])
    };
    for (length, least) in [(24, 900), (32, 950), (43, 970), (86, 990)] {
        let found = (0..1000)
            .filter(|_| of_variable("SETTING", &(0..length).map(|_| sign()).collect::<String>()).is_some())
            .count();
        assert!(found >= least, "{found} of 1000 with {length} signs");
    }
}

/// Every command that reads the files, in every format.
const COMMANDS: &[&[&str]] = &[
    &["lint"],
    &["lint", "--format", "json"],
    &["lint", "--format", "sarif"],
    &["lint", "--format", "github"],
    &["check"],
    &["render", "--diff"],
];

/// No command prints these words, in none of the folder's states.
#[track_caller]
fn assert_unseen(folder: &Folder, secrets: &[&str]) {
    for arguments in COMMANDS {
        let run = folder.run(arguments);
        for secret in secrets {
            assert!(!run.transcript().contains(secret), "{arguments:?} prints {secret}:\n{}", run.transcript());
        }
        assert_ne!(run.code, 0, "{arguments:?}");
    }
}

/// The minimal portal, with tables behind the others, or keys before them.
fn minimal_with(toml: &str) -> Folder {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    let demo = match toml.starts_with('[') {
        true => format!("{demo}\n{toml}\n"),
        false => demo.replacen("\n[cloud_run]", &format!("{toml}\n\n[cloud_run]"), 1),
    };
    folder.write("envs/demo.toml", &demo);
    folder
}

#[test]
fn no_output_shows_a_secret() {
    for (toml, secrets) in [
        ("[variables]\nAPI_TOKEN = \"battery-staple\"", &["battery", "staple"][..]),
        ("[variables]\nAPI_TOKEN = 'battery-staple'", &["battery"]),
        ("[variables]\nAPI_TOKEN = \"\"\"\nbattery\nstaple\n\"\"\"", &["battery", "staple"]),
        ("[variables]\nAPI_TOKEN = \"zzq\\\"wwk\\nvvj\\u0070xxh\"", &["zzq", "wwk", "vvj", "xxh"]),
        ("[variables]\nAPI_TOKEN = \"päss€🚪battery\" # ü", &["päss", "€", "battery"]),
        ("variables.API_TOKEN = \"battery\"", &["battery"]),
        ("variables = { API_TOKEN = \"battery\", N = 5 }", &["battery"]),
        ("[variables]\nDATABASE = \"postgresql://portal:battery@db/portal\"", &["battery"]),
        (
            "[variables]\nKEY = \"\"\"-----BEGIN PRIVATE KEY-----\nMIIbattery\n-----END PRIVATE KEY-----\"\"\"",
            &["battery"],
        ),
        // The wrong type, a value that is no name, a name that is a value, a key that is not there.
        ("[variables]\nDB_PASSWORD = 12345678", &["12345678"]),
        ("[secrets]\nKEY = \"battery-staple\"", &["battery"]),
        ("[api]\nurl = \"https://api.example.com\"\nsecrets = { KEY = \"battery\" }", &["battery"]),
        ("[secrets]\nKEY = { secret = \"battery staple\", version = \"1\" }", &["battery"]),
        ("[secrets]\nKEY = { secret = \"GOCSPX-battery-staple\", version = \"1\" }", &["battery"]),
        ("[secrets]\nKEY = { value = \"battery-staple\", version = \"1\" }", &["battery"]),
        ("[api]\nurl = \"https://me:battery@api.example.com\"", &["battery"]),
        ("[api]\nurl = \"postgresql://me:battery@db.example.com\"", &["battery"]),
        ("[oauth]\nclient_secret = \"battery\"", &["battery"]),
        ("[api]\nurl = 5 # once GOCSPX-battery-staple", &["battery"]),
        ("[api]\nurl = \"https://battery7@api.example.com\"", &["battery"]),
        ("[variables]\nDB_PASSWORD = { value = \"battery7\" }", &["battery"]),
        ("[variables]\nDB_PASSWORD = [\"battery7\"]", &["battery"]),
        ("[[variables]]\nname = \"DB_PASSWORD\"\nvalue = \"battery7\"", &["battery"]),
        ("env = [{ name = \"DB_PASSWORD\", value = \"battery7\" }]", &["battery"]),
        ("[variables]\nA-x = \"1\" # DB_PASSWORD=battery7", &["battery"]),
        ("[variables]\nA-x = \"1\" # DB_PASSWORD = \"battery7\"", &["battery"]),
        ("[variables]\nA-x = \"1\" # db_password: battery7", &["battery"]),
        ("[variables]\nA-x = \"battery7\"\nDB_PASSWORD = \"battery7\"", &["battery"]),
        ("[secrets]\nKEY = { secret = \"key\", version = \"battery7!\" }", &["battery"]),
        ("secrets.KEY.version = \"battery7!\"", &["battery"]),
        ("[variables]\n\"GOCSPX-battery-staple\" = \"x\"", &["battery"]),
        ("description = \"GOCSPX-battery-staple\"", &["battery"]),
        ("[cloud_run.labels]\npart = \"ghp_battery7staple7battery7\"", &["battery"]),
        ("[oauth]\nredirect_uri = \"https://a.example.com/c?client_secret=battery7\"", &["battery"]),
        ("[[lint.allow]]\nrule = \"image-by-tag\"\nreason = \"once GOCSPX-battery-staple\"", &["battery"]),
        // What is no TOML.
        ("[variables]\nAPI_TOKEN = \"battery-staple", &["battery"]),
        ("[variables]\nAPI_TOKEN = battery-staple", &["battery"]),
        ("[variables]\nAPI_TOKEN = \"\"\"\nbattery\nstaple", &["battery", "staple"]),
        ("[variables]\nAPI_TOKEN = \"battery\"\nAPI_TOKEN = \"staple\"", &["battery", "staple"]),
        ("[variables]\nAPI_TOKEN = \"battery\" staple-it", &["battery"]),
        ("[variables]\nDB_PASSWORD: \"battery\"", &["battery"]),
        ("[variables]\nDB_PASSWORD \"battery\"", &["battery"]),
        ("[variables]\n  - DB_PASSWORD=battery", &["battery"]),
        ("[variables]\nexport DB_PASSWORD=\"battery\"", &["battery"]),
        ("[variables]\nDB_PASSWORD = [\"battery\",\n\"staple\"", &["battery", "staple"]),
        ("[variables]\nDB_PASSWORD = { value = \"battery\" x = 1 }", &["battery"]),
        ("variables = { A = \"1\", DB_PASSWORD = \"battery\"", &["battery"]),
        ("[secrets]\nKEY = { value = \"battery\" version = \"1\" }", &["battery"]),
        ("[secrets]\nKEY = { secret = \"battery!\" version = 1 }", &["battery"]),
        ("[secrets.KEY]\nvalue = \"battery\" version = 1", &["battery"]),
        ("[secrets]\nKEY = battery", &["battery"]),
        ("[variables]\nA = # DB_PASSWORD battery", &["battery"]),
    ] {
        let folder = minimal_with(toml);
        assert_unseen(&folder, secrets);
        // Nor where nothing else can be read.
        let broken = folder.write("portal.toml", "name = 5\n").run(&["lint"]).expect(2).stdout;
        assert!(secrets.iter().all(|secret| !broken.contains(secret)), "{broken}");
    }
}

/// A file in out/ that holds the value, from before the rule or by hand, does not give it away.
#[test]
fn no_diff_shows_a_secret() {
    const ALLOWED: &str = "[[lint.allow]]\nrule = \"secret-in-plain-sight\"\nreason = \"a test\"";
    const VARIABLES: &str = "[variables]\nAPI_TOKEN = \"battery\\nstaple: 'x'\"";
    let folder = minimal_with(&format!("{VARIABLES}\n{ALLOWED}"));
    folder.run(&["render"]).expect(0);
    assert!(folder.read("out/demo/service.yaml").contains("battery"));
    folder.edit("envs/demo.toml", ALLOWED, "");
    assert_unseen(&folder, &["battery", "staple"]);
    folder.edit("envs/demo.toml", "max_instances = 1", "max_instances = 1\nmemory = \"1Gi\"");
    assert_unseen(&folder, &["battery", "staple"]);
    let run = folder.run(&["check"]).expect(1);
    insta::assert_snapshot!("no_diff_shows_a_secret", run.transcript());
}

/// Another environment's excerpt, too, shows none of its secrets.
#[test]
fn a_sibling_shows_no_secret() {
    let folder = minimal_with("hosts = [\"a.example.com\"] # GOCSPX-battery-staple");
    folder.write("envs/other.toml", &minimal_with("hosts = [\"a.example.com\"]").read("envs/demo.toml"));
    let run = folder.run(&["lint", "envs/other.toml"]).expect(1);
    assert!(run.stdout.contains("hosts = [\"a.example.com\"] # *********"), "{}", run.stdout);
    assert!(!run.stdout.contains("battery"), "{}", run.stdout);
}

#[test]
fn an_allowance_lets_a_secret_be_seen() {
    const ALLOWED: &str = "[[lint.allow]]\nrule = \"secret-in-plain-sight\"\nreason = \"a test\"";
    let variables = "[variables]\nAPI_TOKEN = \"battery\"\nX_GOOGLE_TOKEN = \"staple\"\nPORT = \"5\"";
    let folder = minimal_with(&format!("{variables}\n{ALLOWED}"));
    let run = folder.run(&["check"]).expect(1);
    assert!(run.stdout.contains("battery"), "{}", run.transcript());
    assert!(run.stderr.contains("X_GOOGLE_TOKEN = \"staple\""), "{}", run.transcript());
    // One without a reason lets nothing pass.
    folder.edit("envs/demo.toml", "reason = \"a test\"", "reason = \" \"");
    assert_unseen(&folder, &["battery", "staple"]);
}

/// What a value hides is its characters, not its place.
#[test]
fn a_hidden_value_keeps_its_place() {
    let folder = minimal_with("[variables]\nAPI_TOKEN = \"päss€🚪\"");
    insta::assert_snapshot!("a_hidden_value_keeps_its_place", folder.run(&["lint"]).expect(1).stdout);
    let json = folder.run(&["lint", "--format", "json"]).expect(1).stdout;
    assert!(json.contains("\"column\": 13") && json.contains("\"column\": 21"), "{json}");
}

/// Every other word stays as it is: what is hidden can be told from none.
#[test]
fn a_secret_that_is_a_word_garbles_no_other() {
    let lines = |value: &str| {
        let folder = minimal_with(&format!("[variables]\nADMIN_PASSWORD = \"{value}\"\nX_GOOGLE_Y = \"1\""));
        let run = folder.run(&["lint", "--format", "json"]).expect(1);
        let said =
            |line: &&str| ["\"message\"", "\"help\"", "\"label\"", "\"key\""].iter().any(|key| line.contains(key));
        run.stdout.lines().filter(said).map(str::to_owned).collect::<Vec<_>>()
    };
    let usual = lines("k7q0x2b9w4n1z8");
    assert!(usual.iter().any(|line| line.contains("admin-password")), "{usual:?}");
    for value in ["secret", "password", "instance", "a", "in", "variables", "admin", "image", "min_instances"] {
        assert_eq!(lines(value), usual, "{value}");
    }
}

/// What is quoted of a place is concealed, however it is written there.
#[test]
fn what_a_message_quotes_is_concealed() {
    let run = |toml: &str| minimal_with(toml).run(&["lint", "--format", "json"]).stdout;
    for (toml, shown) in [
        ("[secrets]\nKEY = { secret = \"a b!\", version = \"1\" }", "`****` is no name of a secret"),
        ("[secrets]\nKEY = { secret = \"k\", version = \"no, 7!\" }", "`******` is no version of a secret"),
        ("[secrets]\nKEY = { secret = \"k\", version = \"0\" }", "`0` is no version of a secret"),
        ("[variables]\n\"GOCSPX-battery-staple\" = \"x\"", "\"key\": \"variables.*********************\""),
        ("description = \"GOCSPX-battery-staple\"", "`description` holds a Google OAuth client secret"),
    ] {
        let text = run(toml);
        assert!(text.contains(shown), "{shown} is not in:\n{text}");
    }
}

/// The rule looks at every value of both kinds of file, and reports each place once.
#[test]
fn a_secret_is_reported_wherever_it_stands() {
    let count = |folder: &Folder| folder.run(&["lint"]).expect(1).stdout.matches("[secret-in-plain-sight]").count();
    for (toml, times) in [
        ("description = \"GOCSPX-battery-staple and GOCSPX-battery-staple\"", 1),
        ("[[lint.allow]]\nrule = \"image-by-tag\"\nreason = \"GOCSPX-battery-staple\"", 1),
        ("[variables]\nTOPIC = \"a GOCSPX-battery-staple\"\nDB_PASS = \"x\"", 2),
        ("[secrets]\nKEY = { secret = \"GOCSPX-battery-staple\", version = \"1\" }", 1),
    ] {
        assert_eq!(count(&minimal_with(toml)), times, "{toml}");
    }
    let folder = Folder::minimal();
    let uri = "[oauth]\nredirect_uri = \"https://a.example.com/c?client_secret=battery7\"";
    folder.edit("envs/demo.toml", "[oauth]", uri);
    assert_eq!(count(&folder), 1);
    assert_unseen(&folder, &["battery"]);
    let folder = Folder::minimal();
    let portal = folder.read("portal.toml");
    let allow = "[[lint.allow]]\nrule = \"image-by-tag\"\nreason = \"once GOCSPX-battery-staple\"";
    folder.write("portal.toml", &format!("{portal}\n{allow}\n"));
    assert_eq!(count(&folder), 1);
    assert_unseen(&folder, &["battery"]);
}

/// What was rendered once and stands in no TOML file any more is let pass by nobody.
#[test]
fn no_diff_shows_what_is_gone_from_the_configuration() {
    const ALLOWED: &str = "[[lint.allow]]\nrule = \"secret-in-plain-sight\"\nreason = \"a test\"";
    let variables = "[variables]\nDB_PASSWORD = \"battery\"\nTOPIC = \"GOCSPX-staple-staple\"\nML_TOKEN = \"x7\\ny8\"";
    let folder = minimal_with(&format!("{variables}\n{ALLOWED}"));
    folder.run(&["render"]).expect(0);
    assert!(folder.read("out/demo/portal.env").contains("battery"));
    folder.edit("envs/demo.toml", &format!("{variables}\n{ALLOWED}"), "[variables]\nA = \"1\"");
    for arguments in [&["check"][..], &["render", "--diff", "--dry-run"]] {
        let text = folder.run(arguments).transcript();
        assert!(["battery", "staple", "x7", "y8"].iter().all(|secret| !text.contains(secret)), "{text}");
        assert!(text.contains("-DB_PASSWORD=*******\n+A=1\n"), "{text}");
    }
    // Beside one that is allowed still.
    folder.edit(
        "envs/demo.toml",
        "[variables]\nA = \"1\"",
        &format!("[variables]\nDB_PASSWORD = \"battery\"\n{ALLOWED}"),
    );
    let text = folder.run(&["render", "--diff", "--dry-run"]).expect(0).stdout;
    assert!(text.contains(" DB_PASSWORD=battery\n") && !text.contains("staple"), "{text}");
}

/// An edit of a generated file may hold a secret that no TOML file knows.
#[test]
fn no_edit_is_quoted_with_its_secret() {
    let folder = Folder::minimal();
    folder.run(&["render"]).expect(0);
    let env = folder.read("out/demo/portal.env");
    let long = "k7q0x2b9w4n1z8".repeat(8);
    folder.write("out/demo/portal.env", &format!("{env}DB_PASSWORD=battery7\nAPI_TOKEN={long}\n"));
    let yaml = folder.read("out/demo/service.yaml");
    let more = format!("env:\n            - name: API_TOKEN\n              value: {long}\n");
    folder.write("out/demo/service.yaml", &yaml.replacen("env:\n", &more, 1));
    let run = folder.run(&["check"]).expect(1);
    assert!(run.transcript().contains("DB_PASSWORD=****"), "{}", run.transcript());
    assert!(!run.transcript().contains("battery") && !run.transcript().contains("k7q0"), "{}", run.transcript());
}

/// The app's own files are shown beside a finding.
#[test]
fn the_files_of_the_app_show_no_secret() {
    for settings in [
        "password=\"battery7\"",
        "secret_key = 'battery7'",
        "db_url=\"postgresql://portal:battery7@db/portal\"",
        "redis_url=\"redis://battery7@10.0.0.3\"",
        "x=os.getenv(\"DB_PASSWORD\", \"battery7\")",
    ] {
        let folder = Folder::minimal();
        folder.write("app/rxconfig.py", &format!("config = rx.Config(app_name=\"other\", {settings})\n"));
        let run = folder.run(&["lint"]).expect(1);
        assert!(run.stdout.contains("rxconfig.py") && run.stdout.contains("***"), "{}", run.stdout);
        assert!(!run.stdout.contains("battery"), "{}", run.stdout);
    }
    for url in ["https://ci:glpat-battery7staple7battery@host", "https://battery7@host", "https://battery7:x@host"] {
        let folder = Folder::minimal();
        folder.write("app/requirements.lock", &format!("reflex @ {url}/reflex.whl\n"));
        let run = folder.run(&["lint"]).expect(1);
        assert!(run.stdout.contains("***") && !run.stdout.contains("battery"), "{}", run.stdout);
    }
}

/// An allowance is for what the rule finds, and for nothing else in the file.
#[test]
fn an_allowance_shows_no_more_than_it_lets_pass() {
    const ALLOWED: &str = "[[lint.allow]]\nrule = \"secret-in-plain-sight\"\nreason = \"a test\"";
    for line in [
        "PORT = \"5\" # DB_PASSWORD=battery7",
        "PORT = \"5\" # GOCSPX-battery-staple",
        "DB_PASSWORD = { value = \"battery7\" }",
    ] {
        let variables = format!("[variables]\nAPI_TOKEN = \"correct\"\n{line}");
        assert_unseen(&minimal_with(&format!("{variables}\n{ALLOWED}")), &["battery"]);
    }
}

/// A long text is searched once, not once for each place where something could begin.
#[test]
fn a_long_text_is_searched_in_no_time() {
    const BEGINNINGS: &[&str] = &[
        "eyJ",
        "eyJ-",
        "AIza",
        "ya29.",
        "://",
        "?token=",
        "password=",
        "token = '",
        "-----BEGIN PRIVATE KEY-----",
        "\n# -----BEGIN PRIVATE KEY-----",
    ];
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for text in BEGINNINGS {
            let run = minimal_with(&format!("[variables]\nA = \"1\" # {}", text.repeat(20_000))).run(&["lint"]);
            assert_ne!(run.code, 2, "{text}");
        }
        let passwords: String = (0..400).map(|i| format!("V{i}_PASSWORD = \"battery{i}\"\n")).collect();
        minimal_with(&format!("[variables]\n{passwords}")).run(&["lint", "--format", "json"]).expect(1);
        done.send(()).unwrap();
    });
    wait.recv_timeout(std::time::Duration::from_secs(60)).expect("all of them in a minute");
}
