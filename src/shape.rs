//! Says in the author's words what a schema refuses: unknown keys, wrong types, values that are none.
//!
//! All mistakes of a file are reported at once. What is refused is then mended, so that the rules can judge the rest
//! of the file in the same run.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use serde_json::Value;

use crate::config::Kind;
use crate::finding::{At, Finding, Level, SourceId};
use crate::rules;
use crate::source::{KeyPath, Segment, Source};
use crate::units::{self, Cpu, Invalid, Unit};

/// A kind of mistake in a file itself, which is found before any rule judges.
#[derive(Debug)]
pub struct Fault {
    /// Its id in findings.
    pub id: &'static str,
    /// What it is, in one sentence.
    pub summary: &'static str,
}

/// Every kind of mistake in a file itself, by id.
pub static FAULTS: &[Fault] = &[
    Fault { id: "bad-value", summary: "A value is not what its key takes; the message says what would be." },
    Fault { id: "missing-key", summary: "A key that must be there is not." },
    Fault { id: "out-of-range", summary: "A number is below the least or above the most that its key takes." },
    Fault { id: "portal-not-found", summary: "`portal` leads to no file." },
    Fault { id: "syntax", summary: "The file is not valid TOML." },
    Fault { id: "unknown-key", summary: "The table has no such key." },
    Fault { id: "unknown-value", summary: "The key does not take this value." },
    Fault { id: "wrong-type", summary: "A value has another type than its key takes: a number for a string, say." },
];

/// What the schema refuses in `value`, in the order of the file.
pub fn findings(kind: Kind, source: &Source, id: SourceId, value: &Value) -> Vec<Finding> {
    let mut findings: Vec<_> =
        kind.validator().iter_errors(value).flat_map(|error| translate(kind, source, id, value, &error)).collect();
    findings.sort_by_key(|finding| finding.places.first().map(|place| place.at.span(source).start));
    findings.dedup(); // A value may be refused twice: too small and too fine, say.
    findings
}

/// Takes out what follows from another finding: a key is not missing that is there, misspelt.
pub fn drop_consequences(findings: &mut Vec<Finding>) {
    let path_of = |finding: &Finding| finding.places.first()?.at.path().cloned();
    let misspelt: Vec<_> = findings.iter().filter(|f| f.id == "unknown-key").filter_map(path_of).collect();
    findings.retain(|finding| {
        let is_there = |path: KeyPath| misspelt.iter().any(|wrong| is_slip_of(wrong, &path));
        finding.id != "missing-key" || !path_of(finding).is_some_and(is_there)
    });
}

/// Whether a key is most likely another one of the same table, misspelt.
fn is_slip_of(wrong: &KeyPath, right: &KeyPath) -> bool {
    match (wrong.segments(), right.segments()) {
        ([table @ .., Segment::Key(wrong)], [same @ .., Segment::Key(right)]) => {
            table == same && units::closest(wrong, [right.as_str()]).is_some()
        }
        _ => false,
    }
}

/// Takes out of `value` what `findings` refuse, and puts something legal where a key must be, so that the rules can
/// judge the rest of the file in the same run.
pub fn mend(kind: Kind, value: &mut Value, findings: &[Finding]) {
    let mut paths: Vec<_> = findings.iter().filter_map(|finding| finding.places.first()?.at.path()).collect();
    // The last element of an array goes first, so that the others keep their index.
    paths.sort();
    paths.dedup();
    for path in paths.into_iter().rev() {
        mend_at(kind.schema(), value, path.segments());
    }
}

fn mend_at(schema: &Value, value: &mut Value, path: &[Segment]) {
    match (value, path) {
        (Value::Object(object), [Segment::Key(key)]) => match required(schema).any(|required| required == key) {
            true => {
                object.insert(key.clone(), stand_in(&schema["properties"][key]));
            }
            false => {
                object.shift_remove(key);
            }
        },
        (Value::Array(array), [Segment::Index(index)]) if *index < array.len() => {
            array.remove(*index);
        }
        (Value::Object(object), [Segment::Key(key), rest @ ..]) => {
            let by_pattern = || schema["patternProperties"].as_object()?.values().next();
            let schema = schema["properties"].get(key).or_else(by_pattern);
            if let (Some(schema), Some(value)) = (schema, object.get_mut(key)) {
                mend_at(schema, value, rest);
            }
        }
        (Value::Array(array), [Segment::Index(index), rest @ ..]) => {
            array.get_mut(*index).into_iter().for_each(|value| mend_at(&schema["items"], value, rest));
        }
        _ => {}
    }
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The least that a schema accepts.
fn stand_in(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("string") => {
            let unit = schema["format"].as_str().and_then(units::unit);
            unit.map_or_else(Value::default, |unit| unit.example.into())
        }
        Some("object") => required(schema).map(|key| (key.to_owned(), stand_in(&schema["properties"][key]))).collect(),
        Some("array") => Value::Array(Vec::new()),
        Some("boolean") => Value::Bool(false),
        _ => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
    }
}

fn translate(kind: Kind, source: &Source, id: SourceId, root: &Value, error: &ValidationError<'_>) -> Vec<Finding> {
    let path = key_path(error);
    let schema = parent_schema(kind.schema(), error);
    let value_at = |finding: Finding, label: &str| finding.at(id, At::Value(path.clone()), label);
    let new = |rule, message: String| Finding::new(rule, Level::Error, message);
    let shown = shorten(source.excerpt(&path));
    let out_of_range = |bound: String| {
        let finding = new("out-of-range", format!("`{}` is out of range: {shown}", last_key(&path)));
        vec![value_at(finding, "").help(bound)]
    };
    if error.schema_path().as_str().split('/').any(|keyword| matches!(keyword, "then" | "else")) {
        // The only choice in the schemas is the number of CPUs.
        let finding = new("out-of-range", format!("Cloud Run has no instance with {shown} CPUs"));
        return vec![value_at(finding, "").help(format!("write {}", Cpu::EXPECTS))];
    }
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|key| unknown_key(kind, source, id, &path, schema, key)).collect()
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let place = if path.segments().is_empty() { "this file".to_owned() } else { format!("`{path}`") };
            let finding = new("missing-key", format!("{place} has no `{key}`"));
            let schema = schema.and_then(|schema| schema.get("properties")?.get(key));
            let is_table = schema.is_some_and(|schema| schema["type"] == "object");
            let line = if is_table { format!("[{}]", path.key(key)) } else { format!("{key} = ...") };
            let about = schema.and_then(description).map(|about| format!(": {about}")).unwrap_or_default();
            let help = format!("add `{line}`{about}");
            vec![finding.at(id, At::Key(path.key(key)), "").help(help)]
        }
        ValidationErrorKind::Type { kind: expected } => {
            let expected = match expected {
                TypeKind::Single(one) => type_in_words(&one.to_string()),
                // Only a number has two names, one of them for whole ones.
                TypeKind::Multiple(_) => "a number",
            };
            let found = source.kind(&path);
            let key = last_key(&path);
            let finding = match (expected, found) {
                ("a number" | "a whole number", "infinity") => {
                    new("wrong-type", format!("`{key}` must be a finite number"))
                }
                _ => new("wrong-type", format!("`{key}` is {}, not {expected}", an(found))),
            };
            let finding = value_at(finding, "");
            let written = || match (expected, found) {
                ("a table", "array") => Some(format!("write `[{path}]`, in single brackets")),
                ("a table", _) => table_help(schema?),
                _ => None,
            };
            let unit = || units::unit(schema?.get("format")?.as_str()?);
            vec![match rewrite(expected, found, source.excerpt(&path), unit()).or_else(written) {
                Some(help) => finding.help(help),
                None => finding,
            }]
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let wrong = lookup(root, &path).and_then(Value::as_str).unwrap_or_default();
            let list = options.iter().map(|o| format!("`{o}`")).collect::<Vec<_>>().join(", ");
            // Nobody reads a list of all rules.
            let all = if last_key(&path) == "rule" {
                "`portalgen explain` lists the rules".to_owned()
            } else {
                format!("it can be {list}")
            };
            let help = match units::closest(wrong, options.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? {}", capital(&all)),
                None => all,
            };
            if lookup(root, &path).is_some_and(|value| !value.is_string()) {
                return Vec::new(); // The wrong type says it already.
            }
            if last_key(&path) == "rule" && rules::rule(wrong).is_some() {
                let finding = new("unknown-value", format!("no allowance is for `{wrong}`"));
                return vec![value_at(finding, "").help("remove the entry, and mend what the rule finds")];
            }
            let finding = new("unknown-value", format!("`{}` cannot be `{wrong}`", last_key(&path)));
            vec![value_at(finding, "").help(help)]
        }
        ValidationErrorKind::Format { format } => {
            let text = lookup(root, &path).and_then(Value::as_str).unwrap_or_default();
            let checked = units::unit(format).map(|unit| (unit.check)(text));
            let Some(Err(Invalid { id, message, help })) = checked else { return Vec::new() };
            vec![value_at(new(id, message), "").help(help)]
        }
        ValidationErrorKind::Minimum { limit } => out_of_range(format!("the least is {limit}")),
        ValidationErrorKind::Maximum { limit } => out_of_range(format!("the most is {limit}")),
        // No other keyword stands in the schemas; a test holds this list against them.
        _ => vec![value_at(new("bad-value", format!("{error}")), "")],
    }
}

fn unknown_key(
    kind: Kind,
    source: &Source,
    id: SourceId,
    table: &KeyPath,
    schema: Option<&Value>,
    key: &str,
) -> Finding {
    let at = At::Key(table.key(key));
    let patterns = schema.and_then(|schema| schema.get("patternProperties")).and_then(Value::as_object);
    if let Some(unit) =
        patterns.and_then(|patterns| patterns.keys().next()).and_then(|pattern| units::unit_of_keys(pattern))
        && let Err(Invalid { id: fault, message, help }) = (unit.check)(key)
    {
        return Finding::new(fault, Level::Error, message).at(id, at, "").help(help);
    }
    let shown = key.escape_debug();
    let message = match table.segments().is_empty() {
        true => format!("there is no key `{shown}` here"),
        false => format!("`{table}` has no key `{shown}`"),
    };
    let finding = Finding::new("unknown-key", Level::Error, message).at(id, at, "");
    let present = source.keys(table);
    if let Some(near) = units::closest(key, properties(schema)) {
        let twice = if present.contains(&near) { " It is there already: remove this one" } else { "" };
        return finding.help(format!("did you mean `{near}`?{twice}"));
    }
    // A key of another table, written one level off.
    if let Some(elsewhere) = find_key(kind.schema(), key, &KeyPath::default()) {
        return finding.help(format!("`{key}` belongs in `{elsewhere}`"));
    }
    let known: Vec<_> = properties(schema).filter(|known| !present.contains(known)).collect();
    if known.is_empty() {
        return finding.help("remove it: every key of this table is there already");
    }
    finding.help(format!("it can have {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")))
}

fn properties(schema: Option<&Value>) -> impl Iterator<Item = &str> {
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str))
}

/// The table that has this key, elsewhere in the file.
fn find_key(schema: &Value, key: &str, table: &KeyPath) -> Option<KeyPath> {
    let properties = schema.get("properties")?.as_object()?;
    properties.iter().find_map(|(name, inner)| {
        let path = table.key(name);
        let has = inner.get("properties").is_some_and(|properties| properties.get(key).is_some());
        if has { Some(path) } else { find_key(inner, key, &path) }
    })
}

fn key_path(error: &ValidationError<'_>) -> KeyPath {
    error.instance_path().into_iter().fold(KeyPath::default(), |path, segment| match segment {
        LocationSegment::Property(key) => path.key(key.as_ref()),
        LocationSegment::Index(index) => path.index(index),
    })
}

/// The schema that holds the keyword which refused.
fn parent_schema<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<&'s Value> {
    let pointer = error.schema_path().as_str();
    schema.pointer(&pointer[..pointer.rfind('/')?])
}

fn lookup<'v>(root: &'v Value, path: &KeyPath) -> Option<&'v Value> {
    path.segments().iter().try_fold(root, |value, segment| match segment {
        Segment::Key(key) => value.get(key),
        Segment::Index(index) => value.get(index),
    })
}

fn last_key(path: &KeyPath) -> String {
    let key = path.segments().iter().rev().find_map(|segment| match segment {
        Segment::Key(key) => Some(key.clone()),
        Segment::Index(_) => None,
    });
    key.unwrap_or_else(|| "this file".to_owned())
}

fn description(schema: &Value) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    let paragraph = text.split("\n\n").next()?.replace('\n', " ");
    let sentence = paragraph.split_inclusive(". ").next()?.trim().trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next()?;
    // "CPUs" and "OAuth" keep their capitals.
    let keep = letters.clone().next().is_some_and(char::is_uppercase);
    Some(if keep { sentence.to_owned() } else { first.to_lowercase().chain(letters).collect() })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 40 { line.to_owned() } else { line.chars().take(37).chain("...".chars()).collect() }
}

fn type_in_words(json_type: &str) -> &'static str {
    match json_type {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a table",
    }
}

fn an(toml_type: &str) -> &'static str {
    match toml_type {
        "string" => "a string",
        "integer" => "a whole number",
        "float" => "a number with a fraction",
        "boolean" => "true or false",
        "array" => "a list",
        "date" => "a date",
        "infinity" => "infinite or no number at all",
        _ => "a table",
    }
}

/// A table with the keys that it must have.
fn table_help(schema: &Value) -> Option<String> {
    let required = schema.get("required")?.as_array()?;
    let keys: Vec<_> = required.iter().filter_map(Value::as_str).map(|key| format!("{key} = \"...\"")).collect();
    Some(format!("write `{{ {} }}`", keys.join(", ")))
}

/// The same value in the type that is due, where there is one.
fn rewrite(expected: &str, found: &str, excerpt: &str, unit: Option<&Unit>) -> Option<String> {
    let bare = excerpt.trim_matches(['"', '\'']);
    match (expected, found) {
        ("a string", "integer" | "float" | "boolean" | "date") => Some(match unit.map(|unit| (unit.check)(bare)) {
            // In quotes it would be refused too.
            Some(Err(invalid)) => invalid.help,
            _ => format!("write `\"{bare}\"`, in quotes"),
        }),
        ("a whole number" | "a number", "string") if bare.parse::<f64>().is_ok() => {
            Some(format!("write `{bare}`, without quotes"))
        }
        ("true or false", "string") if matches!(bare, "true" | "false") => {
            Some(format!("write `{bare}`, without quotes"))
        }
        ("a list", "string" | "integer" | "float" | "boolean") => Some(format!("write `[{excerpt}]`")),
        ("true or false", _) => Some("write `true` or `false`".to_owned()),
        _ => None,
    }
}
