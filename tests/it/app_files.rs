//! What the rules read of the app's files and of `#:schema` lines, where it is doubtful whether they should speak.

use std::fs;

use crate::rules::assert_fires;
use crate::support::{Folder, fixture, read};

/// The example with the locked Reflex of another version, which nobody has hashed.
fn with_reflex(version: &str, example: &str) -> String {
    let lock = read(&fixture("minimal/app/requirements.lock")).replace("0.8.24.post1", version);
    format!("# portal.toml\n[app]\nreflex = \"{version}\"\n{example}\n# app/requirements.lock\n{lock}")
}

#[test]
fn settings_that_are_right() {
    for settings in [
        r#"app_name="portal", api_url="http://localhost:8000", backend_port=8000, telemetry_enabled=False"#,
        r#"app_name="portal", api_url=os.getenv("API_URL", "http://localhost:8000")"#,
        r#"app_name="portal", frontend_path=path()"#,
        r#"app_name=NAME, frontend_path="/""#,
        r#"app_name="shop", app_module_import="portal.portal""#,
        r#"app_name="portal", frontend_port=3001, env_file=".env", cors_allowed_origins=["*"], **more"#,
        r#"app_name="portal", plugins=[Config(app_name="shop")]"#,
    ] {
        assert_fires(&format!("# app/rxconfig.py\nimport reflex as rx\nconfig = rx.Config({settings})\n"), &[]);
    }
    // What else the image carries may be the app too.
    let included = "# portal.toml\n[app]\ninclude = [\"shop\"]\n# app/shop/shop.py\napp = 1\n";
    assert_fires(&format!("{included}# app/rxconfig.py\nconfig = rx.Config(app_name=\"shop\")\n"), &[]);
    // What nobody can read is not judged.
    assert_fires("# app/rxconfig.py\nconfig = rx.Config(app_name=\"shop\"\n", &[]);
}

/// Another package's `Config` is nobody's business, and Redis may be named in code.
#[test]
fn settings_of_others_and_of_redis() {
    let other = "# app/rxconfig.py\nfrom botocore.config import Config\nimport reflex as rx\n\nretries = Config(transport=\"x\")\n";
    assert_fires(&format!("{other}config = rx.Config(app_name=\"portal\")\n"), &[]);
    assert_fires(
        "# app/rxconfig.py\nfrom reflex import Config\nconfig = Config(app_name=\"shop\")\n",
        &["app-name-disagrees"],
    );
    let redis = "# envs/demo.toml\nstate_manager = \"redis\"\n# app/rxconfig.py\nconfig = rx.Config(app_name=\"portal\", redis_url=";
    assert_fires(&format!("{redis}os.environ[\"REDIS\"])\n"), &[]);
    assert_fires(&format!("{redis}None)\n"), &["redis-without-url"]);
}

#[test]
fn settings_that_are_not() {
    let found = |settings: &str, ids: &[&str]| {
        assert_fires(&format!("# app/rxconfig.py\nconfig = rx.Config(app_name=\"portal\", {settings})\n"), ids)
    };
    for setting in [
        "transport=\"polling\"",
        "state_manager_mode=rx.constants.StateManagerMode.REDIS",
        "backend_port=9000",
        "telemetry_enabled=True",
        "api_url=\"https://a.example.com\"",
    ] {
        found(setting, &["setting-without-effect"]);
    }
    found("frontend_path='shop/'", &["frontend-path-set"]);
}

#[test]
fn modules_that_the_image_carries() {
    assert_fires("# portal.toml\n[app]\nasgi = \"main:app\"\ninclude = [\"main.py\"]\n# app/main.py\napp = 1\n", &[]);
    assert_fires("# portal.toml\n[app]\nasgi = \"lib.web:app\"\ninclude = [\"lib\"]\n# app/lib/web/__init__.py\n", &[]);
    // An installed package.
    assert_fires("# portal.toml\n[app]\nasgi = \"uvicorn.main:app\"\n", &[]);
    assert_fires("# portal.toml\n[app]\nasgi = \"web.main:app\"\n# app/web/other.py\n", &["asgi-outside-image"]);
    let run = assert_fires("# portal.toml\n[app]\nasgi = \"portal.main:app\"\n", &["app-file-missing"]);
    assert!(run.stdout.contains("asgi = \"portal.main:app\""), "{}", run.stdout);
    let run =
        assert_fires("# portal.toml\n[app]\nasgi = \"main:app\"\ninclude = [\"main.py\"]\n", &["app-file-missing"]);
    assert!(run.stdout.contains("\n1 error\n"), "the module is the file that is missing: {}", run.stdout);
}

/// One mistake is one finding, at the value that leads there.
#[test]
fn what_is_not_there() {
    for (changes, message, help) in [
        ("source = \"ap\"", "there is no folder `ap`, where the app should lie", "did you mean `app`?"),
        (
            "source = \"else/where\"",
            "there is no folder `else/where`, where the app",
            "the folder that holds rxconfig.py",
        ),
        (
            "source = \"envs\"",
            "there is no `envs/rxconfig.py`, which the Dockerfile",
            "the folder that holds rxconfig.py",
        ),
        ("package = \"protal\"", "there is no `app/protal`, which the Dockerfile", "did you mean `portal`?"),
        ("package = \"shop\"", "there is no `app/shop`, which the Dockerfile", "`package = \"portal\"`"),
        (
            "lock = \"apps/requirements.lock\"",
            "there is no `apps/requirements.lock`",
            "did you mean `app/requirements.lock`?",
        ),
        (
            "lock = \"app/requirements.txt\"",
            "there is no `app/requirements.txt`",
            "did you mean `app/requirements.lock`?",
        ),
        ("lock = \"uv.lock\"", "there is no `uv.lock`", "write where the lock file is"),
        ("include = [\"assets\", \"data\"]", "there is no `app/data`", "take it out of `include`"),
        ("include = [\"asets/robots.txt\"]", "there is no `app/asets/robots.txt`", "did you mean `assets/robots.txt`?"),
    ] {
        let run = assert_fires(&format!("# portal.toml\n[app]\n{changes}\n"), &["app-file-missing"]);
        let text = run.stdout.replace("\n                         ", " ").replace("\n           ", " ");
        assert!(text.contains(message) && text.contains(help), "{changes}\n{text}");
        let count = if changes.contains("envs") { "2 errors" } else { "1 error" };
        assert!(text.contains(&format!("\n{count}\n")), "{changes}\n{text}");
    }
}

#[test]
fn what_cannot_be_read() {
    let folder = Folder::minimal();
    fs::write(folder.path().join("app/requirements.lock"), [b'a', 0xff, 0xfe]).expect("a file");
    folder.remove("app/rxconfig.py").write("app/rxconfig.py/x", "");
    insta::assert_snapshot!(folder.run(&["lint"]).expect(1).stdout);
    folder.remove("app/rxconfig.py/x");
    fs::remove_dir(folder.path().join("app/rxconfig.py")).expect("a folder");
    std::os::unix::fs::symlink("nowhere", folder.path().join("app/rxconfig.py")).expect("a link");
    let run = folder.run(&["lint"]).expect(1);
    assert!(run.stdout.contains("there is no `app/rxconfig.py`"), "{}", run.stdout);
}

/// What portal.toml says of the app is judged only where it could be read.
#[test]
fn a_refused_path_leads_nowhere() {
    for changes in
        ["source = 1", "source = \"../app\"", "lock = \"../x.lock\"", "package = \"a-b\"", "include = [\"..\"]"]
    {
        let ids = if changes.contains('1') { ["wrong-type"] } else { ["bad-value"] };
        let run = assert_fires(&format!("# portal.toml\n[app]\n{changes}\n"), &ids);
        assert_eq!(run.code, 2, "{}", run.transcript());
    }
    let folder = Folder::minimal();
    folder.edit("portal.toml", "[app]", "[app");
    let run = folder.run(&["lint"]).expect(2);
    assert!(!run.stdout.contains("app-file"), "{}", run.stdout);
}

#[test]
fn lock_files_that_are_right() {
    let lock = |text: &str| format!("# app/requirements.lock\n{text}");
    let sound = read(&fixture("minimal/app/requirements.lock"));
    assert_fires(&lock(&format!("--index-url https://pypi.org/simple\n--only-binary :all:\n{sound}")), &[]);
    assert_fires(&lock(&sound.replace("reflex==0.8.24.post1", "Reflex==0.8.24.post1 ; python_version < '4'")), &[]);
    assert_fires(&lock(&sound.replace("reflex==0.8.24.post1", "reflex @ https://example.com/reflex.whl")), &[]);
    // Markers choose.
    let two = sound.replace("reflex==0.8.24.post1", "reflex==0.8.20 --hash=sha256:00\nreflex==0.8.24.post1");
    assert_fires(&lock(&two), &[]);
    // A package that is named by its address alone may be any.
    assert_fires(&lock("https://example.com/reflex-0.8.24.post1-py3-none-any.whl#sha256=00\n"), &[]);
    // From Reflex 0.9 on, SQLAlchemy comes along only where it is asked for, and 0.10.1 does without greenlet.
    let newer = |version: &str, more: &str| {
        let lock = format!("reflex=={version} --hash=sha256:00\nuvicorn==0.40.0 --hash=sha256:00\n{more}");
        format!(
            "# portal.toml\n[app]\nreflex = \"{version}\"\n[container]\nnode_image = \"node:24\"\n# app/requirements.lock\n{lock}"
        )
    };
    assert_fires(&newer("0.9.0", ""), &[]);
    assert_fires(&newer("0.9.0", "SQLAlchemy==2.1.0 --hash=sha256:00\n"), &["lock-without-package"]);
    assert_fires(&newer("0.10.0", "SQLAlchemy==2.1.0 --hash=sha256:00\n"), &["lock-without-package"]);
    assert_fires(&newer("0.10.1", "SQLAlchemy==2.1.0 --hash=sha256:00\n"), &[]);
    assert_fires(&newer("0.8.24.post1", ""), &["lock-without-package"]);
}

#[test]
fn lock_files_that_are_not() {
    let sound = read(&fixture("minimal/app/requirements.lock"));
    let found = |from: &str, to: &str, ids: &[&str]| {
        assert_fires(&format!("# app/requirements.lock\n{}", sound.replace(from, to)), ids).stdout
    };
    let text = found("greenlet==3.3.0", "greenlet>=3", &["lock-without-hash"]);
    assert!(text.contains("`greenlet` has no exact version"), "{text}");
    found("greenlet==3.3.0", "-e .\ngreenlet==3.3.0", &["lock-leads-elsewhere"]);
    found("uvicorn[standard]", "hypercorn", &["lock-without-package"]);
    assert_fires("# app/requirements.lock\n", &["lock-without-package"]);
}

#[test]
fn base_images() {
    let container = |key: &str, image: &str| format!("# portal.toml\n[container]\n{key} = \"{image}\"\n");
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for image in ["node:22", "node:lts", "node:20.19", "cimg/node:24.1", "tools:18", &format!("node@{digest}")] {
        assert_fires(&container("node_image", image), &[]);
    }
    assert_fires(
        &container("node_image", "registry.example.com:5000/library/node:20.18.1-bookworm"),
        &["node-too-old"],
    );
    for image in ["python:3.11", "python:3", "python:3.11.9-slim", "base:12", &format!("python@{digest}")] {
        assert_fires(&container("python_image", image), &[]);
    }
    // Debian 12 will do where nginx need not speak HTTP/2.
    let bookworm = container("python_image", "python:3.11-slim-bookworm");
    assert_fires(&bookworm, &[]);
    let http2 = "# envs/demo.toml\nstrategy = \"websocket-free\"\nhttp2 = true\n";
    let run = assert_fires(&format!("{bookworm}{http2}"), &["http2-on-old-debian"]);
    insta::assert_snapshot!("nginx_of_debian_12", run.stdout);
    // Said once, however many environments there are.
    let alpine = container("python_image", "python:3.11-alpine3.22");
    let other = "# envs/other.toml\n[cloud_run]\nservice = \"other\"\n";
    let run = assert_fires(&format!("{alpine}{other}"), &["python-image-on-alpine"]);
    assert!(run.stdout.contains("\n1 error\n"), "{}", run.stdout);
}

#[test]
fn versions_of_reflex() {
    // The default image of Node is for Reflex up to 0.9.8.
    assert_fires(&with_reflex("0.9.8", ""), &[]);
    let run = assert_fires(&with_reflex("0.10.1", ""), &["node-too-old"]);
    insta::assert_snapshot!("default_node_too_old", run.stdout);
    assert_fires(
        &with_reflex("0.10.1", "python = \"3.10\"\n[container]\nnode_image = \"node:24\"\n"),
        &["python-too-old"],
    );
    assert_fires(&with_reflex("0.8.19", "# envs/demo.toml\nstrategy = \"websocket-free\"\n"), &[]);
    assert_fires(&with_reflex("0.7.14", "# envs/demo.toml\nstrategy = \"websocket-free\"\n"), &["reflex-too-old"]);
}

#[test]
fn variables() {
    let effect = ["variable-without-effect"];
    let variable = |line: &str| format!("# envs/demo.toml\n[variables]\n{line}\n");
    for (line, ids) in [
        ("WEB_CONCURRENCY = \"4\"", &effect[..]),
        ("WEB_CONCURRENCY = \"1\"", &[]),
        ("UVICORN_WORKERS = \"2\"", &effect),
        ("UVICORN_PORT = \"9000\"", &effect),
        ("UVICORN_LIMIT_CONCURRENCY = \"9\"", &[]),
        ("REFLEX_REDIS_URL = \"\"", &effect),
        ("REFLEX_LOGLEVEL = \"debug\"", &[]),
        ("REFLEX_CONNECT_ERROR_COMPONENT = \"none\"", &effect),
        ("REFLEX_SHOW_BUILT_WITH_REFLEX = \"false\"", &effect),
        ("REFLEX_BACKEND_PORT = \"9000\"", &effect),
        // Other rules have a word on these.
        ("REFLEX_TRANSPORT = \"\"", &["variable-refused"]),
        ("REFLEX_STATE_MANAGER_MODE = \"\"", &["variable-set-twice"]),
    ] {
        assert_fires(&variable(line), ids);
    }
    assert_fires(
        "# envs/demo.toml\n[secrets]\nWEB_CONCURRENCY = { secret = \"a\", version = \"1\" }\n",
        &["variable-without-effect"],
    );
    assert_fires(
        "# envs/demo.toml\nstate_manager = \"redis\"\n[variables]\nREFLEX_REDIS_URL = \"\"\n",
        &["redis-without-url"],
    );
    // Without a service they may be for a `reflex run` in a codespace.
    let codespace =
        "# envs/demo.toml\nportal = \"../portal.toml\"\nstage = \"development\"\nstrategy = \"websocket\"\n";
    assert_fires(&format!("{codespace}[variables]\nREFLEX_BACKEND_PORT = \"9000\"\nWEB_CONCURRENCY = \"2\"\n"), &[]);
}

/// rxconfig.py and the lock file have no allowances: portal.toml's are for them too.
#[test]
fn an_allowance_of_portal_toml_is_for_the_apps_files() {
    let allow = "# portal.toml\n[[lint.allow]]\nrule = \"frontend-path-set\"\nreason = \"a proxy in front adds it\"\n";
    let config = "# app/rxconfig.py\nconfig = rx.Config(app_name=\"portal\", frontend_path=\"/x\")\n";
    let run = assert_fires(&format!("{allow}{config}"), &[]);
    assert!(run.stdout.contains("1 allowed"), "{}", run.stdout);
    assert_fires(allow, &["unused-allowance"]);
}

/// Every format leads to the line of a file that is no TOML.
#[test]
fn findings_in_files_of_the_app() {
    let folder = Folder::minimal();
    folder.edit("portal.toml", "0.8.24.post1", "0.8.25");
    for (format, expected) in [
        ("json", "\"path\": \"app/requirements.lock\""),
        ("sarif", "\"uri\": \"app/requirements.lock\""),
        ("github", "::error file=portal.toml,line=9,endLine=9,col=10,endColumn=18,title=reflex-not-as-locked::"),
    ] {
        let run = folder.run(&["lint", "--format", format]).expect(1);
        assert!(run.stdout.contains(expected), "{}", run.stdout);
    }
    let json: serde_json::Value =
        serde_json::from_str(&folder.run(&["lint", "--format", "json"]).stdout).expect("JSON");
    let place = &json["findings"][0]["places"][1];
    assert_eq!((&place["key"], &place["start"]), (&().into(), &serde_json::json!({ "line": 4, "column": 9 })));
}

#[test]
fn schema_lines() {
    let line = |line: &str| format!("# envs/demo.toml\n-#:schema ../schemas/environment.schema.json\n+{line}\n");
    for sound in [
        "#:schema https://example.com/environment.schema.json",
        "#:schema /etc/schemas/environment.schema.json",
        "#:schema file:///etc/x.json",
        "#:schema ./../schemas/environment.schema.json",
    ] {
        assert_fires(&line(sound), &[]);
    }
    assert_fires(&line("# :schema ../schemas/environment.schema.json"), &["schema-line-missing"]);
    assert_fires(&line("#:schema https://example.com/portal.schema.json"), &["schema-line-of-another-file"]);
    assert_fires(
        "# portal.toml\n-#:schema schemas/portal.schema.json\n+#:schema schemas/environment.schema.json\n",
        &["schema-line-of-another-file"],
    );
    // What is no TOML has other worries.
    let run = assert_fires("# envs/demo.toml\n-#:schema ../schemas/environment.schema.json\n+=\n", &["syntax"]);
    assert_eq!(run.code, 2, "{}", run.transcript());
}

/// The line to write leads from the file's folder to portal.toml's.
#[test]
fn the_schema_line_to_write() {
    let folder = Folder::minimal();
    let demo = folder.read("envs/demo.toml");
    let without = demo.lines().skip(1).collect::<Vec<_>>().join("\n").replace("../portal.toml", "../../portal.toml");
    folder.remove("envs/demo.toml").write("deep/er/demo.toml", &without);
    let help = |below: &str, input: &str| {
        let run = folder.run_in(below, &["lint", input]).expect(0);
        let lines = run.stdout.lines().skip_while(|line| !line.contains("= help: "));
        lines
            .take_while(|line| !line.is_empty())
            .map(|line| line.trim().trim_start_matches("= help: "))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let due = "begin with `#:schema ../../schemas/environment.schema.json`";
    assert_eq!([help("", "deep/er"), help("deep", "er/demo.toml")], [due; 2]);
    fs::remove_dir_all(folder.path().join("schemas")).expect("the schemas");
    assert_eq!(help("", "deep/er"), format!("{due}; `portalgen schema` makes that file"));
}
