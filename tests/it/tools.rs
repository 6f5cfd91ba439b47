//! The real consumers of each artifact: they read this repository's out/, what the hostile fixture renders, and what is
//! for load balancers that exist.
//!
//! The name of an ignored test begins with the program that it needs. `./test` installs those programs, runs these
//! tests, and leaves out by that name what cannot run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use hcl::{Body, Expression, Structure};
use serde_json::Value;

use crate::support::{Folder, Run, fixture, name, portalgen, read, repository, walk};

/// The rendered files; those of the fixtures live as long as this.
struct Rendered {
    files: Vec<PathBuf>,
    _fixtures: [Folder; 2],
}

impl Rendered {
    fn new() -> Self {
        let hostile = Folder::empty();
        Run::of(portalgen().arg("render").arg(fixture("hostile/envs")).arg("--out").arg(hostile.path())).expect(0);
        let attached = Folder::attached();
        attached.run(&["render"]).expect(0);
        let mut files = Vec::new();
        for folder in [&repository().join("out"), hostile.path(), &attached.path().join("out")] {
            walk(folder, &mut |path| files.push(path.to_owned()));
        }
        Self { files, _fixtures: [hostile, attached] }
    }

    fn named(&self, wanted: &str) -> Vec<&Path> {
        let named: Vec<_> = self.files.iter().map(PathBuf::as_path).filter(|path| name(path) == wanted).collect();
        assert!(named.len() >= 2, "no {wanted} among {:?}", self.files);
        named
    }
}

/// Runs a consumer, which must have nothing to say against its input; returns what it printed.
fn accepts(command: &mut Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| {
        panic!("{program}: {error}; ./test installs it, and `eval \"$(./test env)\"` puts it on PATH here")
    });
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    said
}

/// The rendered scripts, and the repository's own.
fn scripts(rendered: &Rendered) -> Vec<PathBuf> {
    let own = ["test", ".ci/run"].map(|path| repository().join(path));
    let rendered = ["start.sh", "add-path-matcher.sh", "deploy.sh"].into_iter().flat_map(|name| rendered.named(name));
    rendered.map(Path::to_owned).chain(own).collect()
}

#[test]
#[ignore = "needs bash"]
fn bash_reads_the_scripts() {
    for script in scripts(&Rendered::new()) {
        accepts(Command::new("bash").arg("-n").arg(script));
    }
}

#[test]
#[ignore = "needs shellcheck"]
fn shellcheck_finds_nothing() {
    accepts(Command::new("shellcheck").arg("--norc").args(scripts(&Rendered::new())));
}

#[test]
#[ignore = "needs shfmt"]
fn shfmt_changes_nothing() {
    accepts(Command::new("shfmt").args(["-d", "-i", "2", "-ci"]).args(scripts(&Rendered::new())));
}

#[test]
#[ignore = "needs hadolint"]
fn hadolint_finds_nothing() {
    let rendered = Rendered::new();
    accepts(Command::new("hadolint").args(rendered.named("Dockerfile")));
}

#[test]
#[ignore = "needs yamllint"]
fn yamllint_finds_nothing() {
    let rendered = Rendered::new();
    let config = repository().join("tests/tools/yamllint.yaml");
    let files = ["service.yaml", "cloudbuild.yaml"].into_iter().flat_map(|name| rendered.named(name));
    accepts(Command::new("yamllint").arg("--strict").arg("-c").arg(config).args(files));
}

/// A YAML 1.1 reader and a YAML 1.2 reader see the same, and strings wherever Cloud Run wants strings.
#[test]
#[ignore = "needs python with PyYAML and ruamel.yaml"]
fn python_reads_service_yaml_one_way() {
    const READ_TWICE: &str = "
import sys, yaml, ruamel.yaml
for path in sys.argv[1:]:
    text = open(path, encoding='utf-8').read()
    old, new = yaml.safe_load(text), ruamel.yaml.YAML(typ='safe', pure=True).load(text)
    assert old == new, f'{path}: YAML 1.1 and 1.2 differ'
    template = old['spec']['template']
    container = template['spec']['containers'][0]
    maps = [old['metadata'], template.get('metadata', {})]
    strings = [v for m in maps for part in ('labels', 'annotations') for v in m.get(part, {}).values()]
    strings += [e['value'] for e in container.get('env', []) if 'value' in e]
    for value in strings:
        assert isinstance(value, str), f'{path}: {value!r} is no string'
";
    let rendered = Rendered::new();
    accepts(Command::new("python").arg("-c").arg(READ_TWICE).args(rendered.named("service.yaml")));
}

/// What Cloud Build knows of a build and of its steps. Read from
/// <https://cloud.google.com/build/docs/build-config-file-schema>, and beside it, for the form of each field, from
/// <https://cloud.google.com/build/docs/api/reference/rest/v1/projects.builds>.
const BUILD_FIELDS: &[&str] = &[
    "artifacts",
    "availableSecrets",
    "images",
    "logsBucket",
    "options",
    "queueTtl",
    "secrets",
    "serviceAccount",
    "steps",
    "substitutions",
    "tags",
    "timeout",
];
const STEP_FIELDS: &[&str] = &[
    "allowExitCodes",
    "allowFailure",
    "args",
    "automapSubstitutions",
    "dir",
    "entrypoint",
    "env",
    "id",
    "name",
    "script",
    "secretEnv",
    "timeout",
    "volumes",
    "waitFor",
];

#[test]
fn cloud_build_knows_what_cloudbuild_yaml_says() {
    let strings = |value: &Value| {
        let list = value.as_array().expect("a list");
        list.iter().map(|item| item.as_str().expect("a string").to_owned()).collect::<Vec<_>>()
    };
    for path in Rendered::new().named("cloudbuild.yaml") {
        let build = yaml(path);
        let build = build.as_object().expect("a mapping");
        assert!(build.keys().all(|key| BUILD_FIELDS.contains(&key.as_str())), "{build:?}");
        let timeout = build["timeout"].as_str().and_then(|timeout| timeout.strip_suffix('s')).expect("seconds");
        assert!((1..=86_400).contains(&timeout.parse::<u32>().expect("a whole number")), "{timeout}");
        let steps = build["steps"].as_array().expect("steps");
        for step in steps.iter().map(|step| step.as_object().expect("a mapping")) {
            assert!(step.keys().all(|key| STEP_FIELDS.contains(&key.as_str())), "{step:?}");
            assert!(step["name"].is_string(), "{step:?}");
            assert!(strings(&step["env"]).iter().all(|variable| variable.contains('=')), "{step:?}");
            // A `$` would begin a substitution.
            let args = strings(&step["args"]);
            assert!(args.iter().all(|argument| !argument.contains('$')), "{args:?}");
            let tag = args.iter().position(|argument| argument == "--tag").expect("a tag") + 1;
            assert_eq!(strings(&build["images"]), [args[tag].as_str()], "what is built is pushed");
        }
        assert!(!steps.is_empty());
    }
}

/// What start.sh writes for nginx.conf to include when there is an API.
const SNIPPETS: [(&str, &str); 3] = [
    ("portal/hops.map", "~. 2;\n"),
    ("portal/api.map", "~. https://api.example.com;\n"),
    ("portal/resolver.conf", "resolver 192.0.2.1 [2001:db8::1];\n"),
];

fn write_snippets(folder: &Folder) {
    for (path, text) in SNIPPETS {
        folder.write(path, text);
    }
}

/// gixy looks for a resolver, which stands in a snippet: it reads a copy that includes them from the test's folder.
#[test]
#[ignore = "needs gixy"]
fn gixy_finds_nothing() {
    for path in Rendered::new().named("nginx.conf") {
        let folder = Folder::empty();
        write_snippets(&folder);
        let snippets = format!("include {}/portal/", folder.path().display());
        folder.write("nginx.conf", &read(path).replace("include /tmp/portal/", &snippets));
        accepts(Command::new("gixy").arg(folder.path().join("nginx.conf")));
    }
}

/// Debian 13's nginx is the image's own. This machine's may be older, and have no `http2` directive.
#[test]
#[ignore = "needs nginx, here and in a Debian 13 root, and to be root"]
fn nginx_accepts_without_a_warning() {
    const TEST_IN_ROOT: &str = r#"
        mount --bind "$2" "$1/tmp" && mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" &&
        exec chroot "$1" nginx -t -e stderr -c /tmp/nginx.conf"#;
    #[expect(clippy::disallowed_methods, reason = "where the tests find what ./test installed")]
    let trixie = std::env::var_os("PORTALGEN_TRIXIE").expect("PORTALGEN_TRIXIE: `eval \"$(./test env)\"` sets it");
    let rendered = Rendered::new();
    for (debian, knows_http2) in [(Path::new(&trixie), true), (Path::new("/"), false)] {
        for path in rendered.named("nginx.conf") {
            let text = read(path);
            if text.contains("http2 on;") && !knows_http2 {
                continue;
            }
            for with_api in [false, true] {
                let tmp = Folder::empty();
                tmp.write("nginx.conf", &text);
                if with_api {
                    write_snippets(&tmp);
                }
                let mut nginx = Command::new("unshare");
                nginx.args(["--mount", "sh", "-c", TEST_IN_ROOT, "sh"]).arg(debian).arg(tmp.path());
                let said = accepts(&mut nginx);
                assert!(said.contains("test is successful"), "{said}");
                assert!(!said.contains("[warn]"), "{}, in {}:\n{said}", path.display(), debian.display());
            }
        }
    }
}

#[test]
#[ignore = "needs terraform"]
fn terraform_fmt_changes_nothing() {
    let rendered = Rendered::new();
    for path in rendered.named("load_balancer.tf") {
        accepts(Command::new("terraform").args(["fmt", "-check", "-diff"]).arg(path));
    }
    // Where it is to be merged into, and it reads no other name.
    let map = Folder::empty();
    for path in rendered.named("url_map.hcl") {
        map.write("main.tf", &in_a_url_map(&read(path)));
        accepts(Command::new("terraform").args(["fmt", "-check", "-diff"]).arg(map.path()));
    }
}

#[test]
fn the_cloud_run_schema_accepts_service_yaml() {
    let validator = jsonschema::validator_for(&data("cloudrun-v1-service.schema.json")).expect("a schema");
    for path in Rendered::new().named("service.yaml") {
        let service = yaml(path);
        let errors = validator.iter_errors(&service).map(|error| format!("{}: {error}", error.instance_path()));
        no_problems(path, &errors.collect::<Vec<_>>());
    }
}

/// Every resource, argument and block is one of the provider's, and none that it requires is missing.
/// The schema lists which kinds of resource take an annotation: Cloud Run refuses it on another one.
#[test]
fn every_annotation_is_at_its_level() {
    let schema = data("cloudrun-v1-service.schema.json");
    let kinds = find(&schema, "x-annotation-kinds").expect("the list of annotations").as_object().expect("a table");
    let mut seen = 0;
    for path in Rendered::new().named("service.yaml") {
        let service = yaml(path);
        let levels = [("Service", &service["metadata"]), ("Revision", &service["spec"]["template"]["metadata"])];
        for (level, metadata) in levels {
            for key in metadata["annotations"].as_object().into_iter().flatten().map(|(key, _)| key) {
                let allowed = kinds.get(key).unwrap_or_else(|| panic!("{key} is in no list"));
                assert!(allowed.as_array().expect("kinds").contains(&level.into()), "{key} on {level}: {allowed}");
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// The first value of this key, however deep it lies.
fn find<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(key).or_else(|| object.values().find_map(|inner| find(inner, key))),
        Value::Array(array) => array.iter().find_map(|inner| find(inner, key)),
        _ => None,
    }
}

#[test]
fn the_provider_schema_accepts_load_balancer_tf() {
    let google = &data("google-provider-schema.json")["provider_schemas"]["google"];
    for path in Rendered::new().named("load_balancer.tf") {
        let file: Body = hcl::from_str(&read(path)).expect("HCL");
        let mut problems = Vec::new();
        for block in file.blocks() {
            let labels: Vec<_> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
            let (schema, what) = match (block.identifier(), &labels[..]) {
                ("resource", [kind, _]) => (&google["resource_schemas"][*kind], *kind),
                ("provider", ["google"]) => (&google["provider"], "provider"),
                ("terraform" | "locals", []) | ("output", [_]) => continue,
                (other, _) => (&Value::Null, other),
            };
            let constraints = &schema["x_constraints"];
            check_block(block.body(), &schema["block"], constraints, what, "", &mut problems);
        }
        no_problems(path, &problems);
    }
}

#[test]
fn the_provider_schema_accepts_url_map_hcl() {
    let google = &data("google-provider-schema.json")["provider_schemas"]["google"];
    let schema = &google["resource_schemas"]["google_compute_url_map"];
    for path in Rendered::new().named("url_map.hcl") {
        let file: Body = hcl::from_str(&in_a_url_map(&read(path))).expect("HCL");
        let map = file.blocks().next().expect("a resource");
        let mut problems = Vec::new();
        check_block(
            map.body(),
            &schema["block"],
            &schema["x_constraints"],
            "google_compute_url_map",
            "",
            &mut problems,
        );
        no_problems(path, &problems);
        let identifiers: Vec<_> = map.body().blocks().map(hcl::Block::identifier).collect();
        assert_eq!(identifiers, ["host_rule", "path_matcher"], "{}", path.display());
    }
}

/// As its owner merges url_map.hcl into a map of his own.
fn in_a_url_map(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
    let inside: String = text.lines().map(line).collect();
    format!("resource \"google_compute_url_map\" \"shared\" {{\n  name = \"shared\"\n\n{inside}}}\n")
}

/// Arguments and blocks that Terraform itself knows in every resource.
const META: &[&str] = &["for_each", "lifecycle"];

fn check_block(
    body: &Body,
    schema: &Value,
    constraints: &Value,
    resource: &str,
    within: &str,
    problems: &mut Vec<String>,
) {
    let empty = serde_json::Map::new();
    let attributes = schema["attributes"].as_object().unwrap_or(&empty);
    let blocks = schema["block_types"].as_object().unwrap_or(&empty);
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for structure in body.iter() {
        let key = match structure {
            Structure::Attribute(attribute) => attribute.key(),
            Structure::Block(block) => block.identifier(),
        };
        *seen.entry(key).or_default() += 1;
        let at = format!("{within}{key}");
        let may_be_set = |flag| attributes.get(key).is_some_and(|attribute| attribute[flag] == true);
        match structure {
            _ if within.is_empty() && META.contains(&key) => {}
            Structure::Attribute(attribute) if may_be_set("optional") || may_be_set("required") => {
                if let (Some(values), Expression::String(value)) =
                    (constraints[&at]["enum"].as_array(), attribute.expr())
                    && !values.contains(&Value::from(value.as_str()))
                {
                    problems.push(format!("{resource}: {at} cannot be {value:?}"));
                }
            }
            Structure::Block(block) if blocks.contains_key(key) => {
                let inner = &blocks[key]["block"];
                check_block(block.body(), inner, constraints, resource, &format!("{at}."), problems);
            }
            _ => problems.push(format!("{resource}: {at} is not known")),
        }
    }
    for (key, attribute) in attributes {
        if attribute["required"] == true && !seen.contains_key(key.as_str()) {
            problems.push(format!("{resource}: {within}{key} is required"));
        }
    }
    for (key, block) in blocks {
        let count = seen.get(key.as_str()).copied().unwrap_or(0);
        let most = block["max_items"].as_u64().unwrap_or(u64::MAX);
        if count < block["min_items"].as_u64().unwrap_or(0) || count > most {
            problems.push(format!("{resource}: {count} blocks {within}{key}"));
        }
    }
}

/// What goes into a template, or into an author's file, comes out of the program that reads the artifact.
#[cfg(unix)]
mod reads_back {
    use std::fmt::Write as _;
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::process::Stdio;
    use std::time::Duration;

    use portalgen::template::render_source;
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Command, Folder, Value, accepts};
    use crate::escape::text;

    fn texts() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(text(), 1..60)
    }

    /// Each case starts a program and hands it many texts at once.
    fn few() -> ProptestConfig {
        ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() }
    }

    fn rendered(template: &str, source: &str, context: &Value) -> String {
        render_source(template, source, context).expect("values that can be written")
    }

    proptest! {
        #![proptest_config(few())]

        #[test]
        #[ignore = "needs bash"]
        fn bash_reads_back(values in texts()) {
            const SOURCE: &str = "{% for value in values %}\nprintf '%s\\0' {{ value }}\n{% endfor %}\n";
            let folder = Folder::empty();
            folder.write("x.sh", &rendered("x.sh.j2", SOURCE, &json!({ "values": values })));
            let said = accepts(Command::new("bash").arg(folder.path().join("x.sh")));
            let read: Vec<_> = said.split_terminator('\0').collect();
            prop_assert_eq!(read, values);
        }

        /// nginx answers with the text. It cannot write a `$`, which is refused.
        #[test]
        #[ignore = "needs nginx"]
        fn nginx_reads_back(values in texts()) {
            const SOURCE: &str = "daemon off; master_process off; pid pid; error_log stderr; events {} http {
                client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
                access_log off; server { listen unix:socket;
                {% for value in values %}\nlocation = /{{ loop.index0 }} { return 200 {{ value }}; }\n{% endfor %} } }";
            let values: Vec<_> = values.iter().map(|value| value.replace('$', "")).collect();
            let folder = Folder::empty();
            let socket = format!("unix:{}/socket", folder.path().display());
            let source = SOURCE.replace("unix:socket", &socket);
            folder.write("nginx.conf", &rendered("x-nginx.conf.j2", &source, &json!({ "values": values })));
            let mut nginx = Command::new("nginx")
                .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
                .arg(folder.path())
                .stderr(Stdio::null())
                .spawn()
                .expect("nginx, which ./test installs");
            let read: Vec<_> = (0..values.len()).map(|index| answer(&folder, index)).collect();
            nginx.kill().expect("nginx runs");
            nginx.wait().expect("nginx ends");
            prop_assert_eq!(read, values);
        }

        /// A YAML 1.1 reader, all the way from an author's file: variables, labels and the description.
        #[test]
        #[ignore = "needs python with PyYAML"]
        fn python_reads_back(values in texts()) {
            const PRINT: &str = "
import json, sys, yaml
service = yaml.safe_load(sys.stdin.buffer)
read = {e['name']: e['value'] for e in service['spec']['template']['spec']['containers'][0]['env']}
read |= service['metadata']['labels'] | service['metadata']['annotations']
labels = service['spec']['template']['metadata']['labels']
assert labels.pop('portalgen-image') == 'websocket'
assert labels.items() <= service['metadata']['labels'].items()
print(json.dumps(read))
";
            let quoted = |value: &str| toml::Value::from(value).to_string();
            let folder = Folder::minimal();
            let description = values.first().map(String::as_str).unwrap_or_default();
            let mut toml = format!("description = {}\n", quoted(description)) + &folder.read("envs/demo.toml");
            toml.push_str("\n[cloud_run.labels]\n");
            values.iter().enumerate().for_each(|(i, value)| writeln!(toml, "l{i} = {}", quoted(value)).expect("text"));
            toml.push_str("\n[variables]\n");
            values.iter().enumerate().for_each(|(i, value)| writeln!(toml, "V{i} = {}", quoted(value)).expect("text"));
            // Any text is rendered, also what Cloud Run would not take for a label, or what looks like a secret.
            for rule in ["label-refused", "secret-in-plain-sight"] {
                writeln!(toml, "\n[[lint.allow]]\nrule = \"{rule}\"\nreason = \"a test\"").expect("text");
            }
            folder.write("envs/demo.toml", &toml).run(&["render"]).expect(0);
            let yaml = std::fs::File::open(folder.path().join("out/demo/service.yaml")).expect("service.yaml");
            let said = accepts(Command::new("python").args(["-c", PRINT]).stdin(yaml));
            let read: Value = serde_json::from_str(&said).expect("JSON");
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(&read[format!("V{index}")], value);
                prop_assert_eq!(&read[format!("l{index}")], value);
            }
            prop_assert_eq!(&read["run.googleapis.com/description"], description);
        }

        /// Terraform composes characters (NFC), so only some beyond ASCII are asked for.
        #[test]
        #[ignore = "needs terraform"]
        fn terraform_reads_back(values in texts()) {
            const SOURCE: &str = "locals {\n  values = [{% for value in values %}{{ value }}, {% endfor %}]\n}\n";
            let known = |c: &char| c.is_ascii() || "é日本🚪\u{85}\u{2028}\u{feff}".contains(*c);
            let values: Vec<String> = values.iter().map(|value| value.chars().filter(known).collect()).collect();
            let folder = Folder::empty();
            folder.write("x.tf", &rendered("x.tf.j2", SOURCE, &json!({ "values": values })));
            // What is printed is JSON in JSON, but for the way this one character is printed.
            folder.write("ask", r#"replace(jsonencode(local.values), "\u007f", "\\u007f")"#);
            let ask = std::fs::File::open(folder.path().join("ask")).expect("a file");
            let mut terraform = Command::new("terraform");
            let output = terraform.arg("console").current_dir(folder.path()).stdin(ask).output().expect("terraform");
            let said = String::from_utf8(output.stdout).expect("UTF-8");
            let read: String = serde_json::from_str(&said).expect(&said);
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&read).expect("JSON"), values);
        }
    }

    fn answer(folder: &Folder, index: usize) -> String {
        let connect = |_| {
            let stream = UnixStream::connect(folder.path().join("socket"));
            stream.map_err(|_| std::thread::sleep(Duration::from_millis(5))).ok()
        };
        let mut stream = (0..2000).find_map(connect).expect("nginx listens");
        write!(stream, "GET /{index} HTTP/1.0\r\n\r\n").expect("a request");
        let mut said = String::new();
        stream.read_to_string(&mut said).expect("an answer");
        said.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }
}

fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&read(path)).expect("YAML")
}

fn data(file: &str) -> Value {
    serde_json::from_str(&read(&repository().join("tests/data").join(file))).expect("JSON")
}

#[track_caller]
fn no_problems(path: &Path, problems: &[String]) {
    assert!(problems.is_empty(), "{}:\n{}", path.display(), problems.join("\n"));
}
