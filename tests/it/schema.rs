//! The schemas that editors use and portalgen's own reading say the same of every file.

use portalgen::config::Kind;
use portalgen::config::{EnvironmentFile, PortalFile};
use portalgen::source::Source;
use portalgen::units;
use serde_json::Value;

use toml_edit::{DocumentMut, Item, Table};

use crate::support::{Folder, files, fixture, name, read, repository, walk};

/// Whether a file's text passes the committed schema, as an editor reads it.
fn passes_schema(kind: Kind, value: &Value) -> bool {
    let schema: Value =
        serde_json::from_str(&read(&repository().join("schemas").join(kind.file_name()))).expect("a schema");
    jsonschema::draft7::new(&schema).expect("a valid schema").is_valid(value)
}

/// Whether the text can be read into portalgen's types.
fn passes_serde(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Portal => toml::from_str::<PortalFile>(text).is_ok(),
        Kind::Environment => toml::from_str::<EnvironmentFile>(text).is_ok(),
    }
}

fn kind_of(path: &std::path::Path) -> Kind {
    if name(path).starts_with("portal") { Kind::Portal } else { Kind::Environment }
}

#[test]
fn well_formed_files_pass_both() {
    let mut paths = vec![repository().join("portal.toml")];
    paths.extend(files(&repository().join("envs")));
    for folder in ["minimal", "hostile"] {
        walk(&fixture(folder), &mut |path| paths.push(path.to_owned()));
    }
    let examples: Vec<_> = portalgen::rules::RULES
        .iter()
        .map(|rule| {
            let folder = Folder::minimal();
            folder.lay_over(rule.examples.silent);
            folder
        })
        .collect();
    for folder in &examples {
        walk(folder.path(), &mut |path| paths.push(path.to_owned()));
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    assert!(paths.len() > 2 * examples.len(), "{}", paths.len());
    for path in paths {
        let text = read(&path);
        let (_, value, errors) = Source::parse("", &text);
        assert!(errors.is_empty(), "{}", path.display());
        assert!(passes_schema(kind_of(&path), &value), "schema: {}", path.display());
        assert!(passes_serde(kind_of(&path), &text), "serde: {}", path.display());
    }
}

#[test]
fn malformed_files_fail_both() {
    let paths = files(&fixture("malformed"));
    assert!(paths.len() > 20, "{}", paths.len());
    for path in paths {
        let text = read(&path);
        let (_, value, errors) = Source::parse("", &text);
        let fails_schema = !errors.is_empty() || !passes_schema(kind_of(&path), &value);
        assert!(fails_schema, "schema: {}", path.display());
        assert!(!passes_serde(kind_of(&path), &text), "serde: {}", path.display());
    }
}

/// The words for a refusal are found by keyword; a keyword without words would print the library's.
#[test]
fn every_keyword_of_the_schemas_has_words() {
    const WITH_WORDS: &[&str] = &[
        "additionalProperties",
        "required",
        "type",
        "enum",
        "format",
        "pattern",
        "patternProperties",
        "properties",
        "items",
        "minimum",
        "maximum",
        "exclusiveMaximum",
        "multipleOf",
        "if",
        "then",
        "else",
    ];
    const WITHOUT_EFFECT: &[&str] = &["$schema", "title", "description", "default", "examples", "x-taplo"];
    fn visit(schema: &Value, path: &str) {
        let Some(object) = schema.as_object() else { return };
        for (keyword, value) in object {
            let known = WITH_WORDS.contains(&keyword.as_str()) || WITHOUT_EFFECT.contains(&keyword.as_str());
            assert!(known, "{path}: `{keyword}` has no words in shape.rs");
            match keyword.as_str() {
                "properties" | "patternProperties" => {
                    value.as_object().expect("schemas").iter().for_each(|(k, v)| visit(v, &format!("{path}.{k}")));
                }
                "items" if object["type"] == "object" => {} // For taplo alone; portalgen leaves it out.
                "items" | "additionalProperties" | "then" | "else" => visit(value, path),
                _ => {}
            }
        }
    }
    Kind::ALL.iter().for_each(|kind| visit(kind.schema(), kind.file_name()));
}

/// The defaults in a schema, each with the keys that lead to it through tables that any file may have.
fn defaults(schema: &Value, path: &[String], found: &mut Vec<(Vec<String>, Value)>) {
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = [path, std::slice::from_ref(key)].concat();
        if let Some(default) = inner.get("default") {
            found.push((path.clone(), default.clone()));
        }
        defaults(inner, &path, found);
    }
}

/// What an editor inserts as a default, and what a key's text calls one, is what portalgen does without the key.
#[test]
fn defaults_change_nothing() {
    let mut tried = 0;
    for (kind, file) in [(Kind::Portal, "portal.toml"), (Kind::Environment, "envs/demo.toml")] {
        let mut found = Vec::new();
        defaults(kind.schema(), &[], &mut found);
        for (path, default) in found {
            let folder = Folder::minimal();
            let mut document: DocumentMut = folder.read(file).parse().expect("TOML");
            let (key, tables) = path.split_last().expect("a key");
            let table = tables.iter().fold(document.as_table_mut(), |table, name| {
                table.entry(name).or_insert(Item::Table(Table::new())).as_table_mut().expect("a table")
            });
            table.remove(key);
            let without = folder.write(file, &document.to_string()).rendered();
            let table =
                tables.iter().fold(document.as_table_mut(), |table, name| table[name].as_table_mut().expect("a table"));
            let text = format!("key = {default}");
            table.insert(key, text.parse::<DocumentMut>().expect("TOML").remove("key").expect("a value"));
            let with = folder.write(file, &document.to_string()).rendered();
            assert!(without == with, "{file}: {} = {default}", path.join("."));
            tried += 1;

            let schema = path.iter().fold(kind.schema(), |schema, key| &schema["properties"][key]);
            if let Some((_, said)) = schema["description"].as_str().expect("a text").split_once(" Default: ") {
                // The values of an enum are listed below.
                let said = said.lines().next().unwrap_or_default().trim_end_matches('.').trim_matches('`');
                assert_eq!(said, default.to_string().trim_matches('"'), "{file}: {}", path.join("."));
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

/// What portalgen accepts, an editor accepts: a unit's pattern is never narrower than its check.
#[test]
fn patterns_accept_what_checks_accept() {
    let samples = [
        "a",
        "demo",
        "asia-south1",
        "1Gi",
        "999999Mi",
        "300s",
        "1h",
        "pp.demo.waooaw.com",
        "https://a.b",
        "3.11",
        "https://a.b:8443/x?y=%20",
        "http://localhost:8000/auth/",
        "https://<codespace-name>-8000.app.github.dev",
        "/auth/",
        "/a.b/~c",
        "../portal.toml",
        "a/b.lock",
        "...",
        ".a/..b/...c",
        "waooaw_portal",
        "a.b:c",
        "0.8.24.post1",
        "1.0rc1",
        "_X1",
        "é\n\t日本",
        "x-y_z",
        "n@p.iam.gserviceaccount.com",
        "latest",
        "7",
        "gs-bucket",
        "python:3.11-slim-trixie",
        "localhost:5000/a/b:c",
        "a-docker.pkg.dev/p/r/n@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "",
        "-",
        "/",
        "UPPER",
        "a b",
        "*.x.y",
        "0",
        "https://",
        "\0",
        "a..b",
        "//",
        "my-project",
        "a--b",
        "a-",
    ];
    let mut accepted = 0;
    for unit in units::UNITS {
        let schema = serde_json::json!({ "pattern": unit.pattern });
        let pattern = jsonschema::draft7::new(&schema).expect("a valid pattern");
        for sample in samples.iter().filter(|sample| (unit.check)(sample).is_ok()) {
            accepted += 1;
            assert!(pattern.is_valid(&Value::from(*sample)), "{}: {sample:?} against {}", unit.format, unit.pattern);
        }
    }
    assert!(accepted > units::UNITS.len(), "every unit accepts something: {accepted}");
}

#[test]
fn schema_check_tells_stale_and_missing() {
    let folder = Folder::minimal();
    std::fs::remove_dir_all(folder.path().join("schemas")).expect("the schemas");
    insta::assert_snapshot!("schema_missing", folder.run(&["schema", "--check"]).expect(1).transcript());
    insta::assert_snapshot!("schema_written", folder.run_in("envs", &["schema"]).expect(0).transcript());
    folder.edit("schemas/portal.schema.json", "portal.toml", "x");
    insta::assert_snapshot!("schema_stale", folder.run(&["schema", "--check"]).expect(1).transcript());
    folder.run(&["schema"]).expect(0);
    folder.run(&["schema", "--check"]).expect(0);
}
