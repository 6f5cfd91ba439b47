//! The JSON Schemas of the two input files: made from [`config`](crate::config), shaped for editors, and the first
//! check of every file that portalgen reads.

use std::sync::LazyLock;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::config::{EnvironmentFile, Kind, PortalFile};
use crate::{rules, units};

impl Kind {
    /// The schema as editors get it.
    pub fn schema(self) -> &'static Value {
        static PORTAL: LazyLock<Value> = LazyLock::new(|| generate::<PortalFile>("portal.toml"));
        static ENVIRONMENT: LazyLock<Value> = LazyLock::new(|| generate::<EnvironmentFile>("envs/<environment>.toml"));
        match self {
            Self::Portal => &PORTAL,
            Self::Environment => &ENVIRONMENT,
        }
    }

    /// What checks a file of this kind: the schema, with each unit's own check in the place of its pattern.
    pub fn validator(self) -> &'static Validator {
        static PORTAL: LazyLock<Validator> = LazyLock::new(|| validator(Kind::Portal.schema()));
        static ENVIRONMENT: LazyLock<Validator> = LazyLock::new(|| validator(Kind::Environment.schema()));
        match self {
            Self::Portal => &PORTAL,
            Self::Environment => &ENVIRONMENT,
        }
    }
}

/// The files of the input's schemas: each name under `schemas/`, and its text.
pub fn files() -> Vec<(&'static str, String)> {
    Kind::ALL.iter().map(|kind| (kind.file_name(), text(kind.schema()))).collect()
}

/// A schema as a file.
pub fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn generate<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft07().with(|s| s.inline_subschemas = true).with_transform(ForEditors);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    let mut schema = schema.to_value();
    list_values(&mut schema);
    list_rules(&mut schema);
    schema
}

/// Names every value with its text in the text of its key: tombi shows no other.
fn list_values(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let docs = object.get("x-taplo").map(|extension| &extension["docs"]["enumValues"]);
            if let (Some(Value::Array(docs)), Some(Value::Array(values))) = (docs, object.get("enum")) {
                let about = object.get("description").and_then(Value::as_str).map(|text| format!("{text}\n\n"));
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let lines = values.iter().zip(docs).map(|(value, doc)| format!("- `{}`: {}", text(value), text(doc)));
                let list = lines.collect::<Vec<_>>().join("\n");
                object.insert("description".to_owned(), (about.unwrap_or_default() + &list).into());
            }
            object.values_mut().for_each(list_values);
        }
        Value::Array(array) => array.iter_mut().for_each(list_values),
        _ => {}
    }
}

/// Names every rule where a rule's id is due, each with what it finds and why.
fn list_rules(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").is_some_and(|format| format == "rule-id") {
                let rules = || rules::RULES.iter().filter(|rule| rule.can_be_allowed());
                object.insert("enum".to_owned(), rules().map(|rule| rule.id).collect());
                let docs: Vec<_> = rules().map(|rule| format!("{}\n\n{}", rule.summary, rule.why)).collect();
                object.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": docs } }));
                object.shift_remove("pattern"); // The list says more.
            }
            object.values_mut().for_each(list_rules);
        }
        Value::Array(array) => array.iter_mut().for_each(list_rules),
        _ => {}
    }
}

fn validator(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    drop_what_is_for_editors(&mut schema);
    let mut options = jsonschema::draft7::options().should_validate_formats(true);
    for unit in units::UNITS {
        options = options.with_format(unit.format, |text: &str| (unit.check)(text).is_ok());
    }
    options.build(&schema).expect("portalgen's own schema is valid")
}

/// A value that its unit's check refuses must not be reported a second time by the unit's pattern, nor a list in a list
/// by what stands in the schema for taplo alone.
fn drop_what_is_for_editors(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").and_then(Value::as_str).is_some_and(|format| units::unit(format).is_some()) {
                object.remove("pattern");
            }
            if object.get("type").is_some_and(|kind| kind == "object") {
                object.remove("items");
            }
            object.values_mut().for_each(drop_what_is_for_editors);
        }
        Value::Array(array) => array.iter_mut().for_each(drop_what_is_for_editors),
        _ => {}
    }
}

/// Shapes a schema so that the TOML language servers show what an author needs. tests/editor drives them (taplo 0.10,
/// tombi 1.9) and holds what they make of it; docs/editor.md says what they cannot see.
#[derive(Debug, Clone)]
struct ForEditors;

impl Transform for ForEditors {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        join_lines(object);
        drop_null(object);
        drop_empty_default(object);
        merge_lone(object, "allOf");
        merge_lone(object, "anyOf");
        document_enum(object);
        document_entries(object);
        reach_tables_in_arrays(object);
        hoist_choice(object);
    }
}

/// A comment's lines end where the source is full; an editor has its own width.
fn join_lines(object: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = object.get_mut("description") {
        let paragraphs: Vec<_> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
}

/// TOML has no `null`; with it taplo completes a key without the quotes of its value.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|t| t != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = object.get_mut("anyOf") {
        any.retain(|schema| schema.get("type").is_none_or(|t| t != "null"));
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// An empty default says nothing: without it, completion leaves the cursor between the brackets.
fn drop_empty_default(object: &mut Map<String, Value>) {
    let empty = |default: &Value| match default {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(table) => table.is_empty(),
        _ => false,
    };
    if object.get("default").is_some_and(empty) {
        object.shift_remove("default");
    }
}

/// A combination of one schema is that schema; the outer keys win, which keeps a field's own description. taplo drops
/// that beside an `allOf`, or hangs.
fn merge_lone(object: &mut Map<String, Value>, keyword: &str) {
    let Some(Value::Array(schemas)) = object.get(keyword) else { return };
    let [Value::Object(inner)] = schemas.as_slice() else { return };
    let inner = inner.clone();
    object.shift_remove(keyword);
    for (key, value) in inner {
        object.entry(key).or_insert(value);
    }
}

/// schemars writes a documented enum as `oneOf` of constants; editors show `enum` with `x-taplo.docs.enumValues`.
fn document_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(variants)) = object.get("oneOf") else { return };
    let variant = |schema: &Value| Some((schema.get("const")?.clone(), schema.get("description")?.clone()));
    let Some((values, docs)) = variants.iter().map(variant).collect::<Option<(Vec<Value>, Vec<Value>)>>() else {
        return;
    };
    object.shift_remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), Value::Array(values));
    object.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": docs } }));
}

/// An entry of a list or of a table with names of the author's own has no text of its own: it is told what the whole
/// is for. taplo shows it on the key of a list, too, as soon as the list has an entry.
fn document_entries(object: &mut Map<String, Value>) {
    let Some(whole) = object.get("description").and_then(Value::as_str).map(str::to_owned) else { return };
    let mut entries = Vec::new();
    for (keyword, value) in object.iter_mut() {
        match (keyword.as_str(), value) {
            ("items", Value::Object(entry)) => entries.push(entry),
            ("patternProperties", Value::Object(patterns)) => {
                entries.extend(patterns.values_mut().filter_map(Value::as_object_mut));
            }
            _ => {}
        }
    }
    for entry in entries {
        let text = match entry.get("description").and_then(Value::as_str) {
            Some(own) => format!("{whole}\n\n{own}"),
            None => whole.clone(),
        };
        entry.insert("description".to_owned(), text.into());
    }
}

/// taplo 0.10 counts the place in a list twice on its way to a key of a table in that list, so it looks for the key in
/// the entry's `items`: `[[lint.allow]] rule` at `allow.items.items.properties.rule`. `items` of a table means nothing
/// else. The `allOf`, which asks for nothing, keeps it from offering an entry without a name inside `{ }`.
fn reach_tables_in_arrays(object: &mut Map<String, Value>) {
    if let Some(Value::Object(entry)) = object.get_mut("items")
        && let Some(properties) = entry.get("properties").cloned()
    {
        entry.insert("items".to_owned(), json!({ "allOf": [true], "properties": properties }));
    }
}

/// tombi reads `if`, `then` and `else` of a table only, so a key's choice is said by its table.
fn hoist_choice(object: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = object.get_mut("properties") else { return };
    let mut choices = Vec::new();
    let no_table = |property: &&mut Map<String, Value>| !property.contains_key("properties");
    for (key, property) in properties.iter_mut() {
        let Some(property) = property.as_object_mut().filter(no_table) else { continue };
        for keyword in ["if", "then", "else"] {
            if let Some(side) = property.shift_remove(keyword) {
                // tombi calls every key that stands here in no `properties` unknown, unless told otherwise.
                choices.push((keyword, json!({ "properties": { key: side }, "additionalProperties": true })));
            }
        }
    }
    for (keyword, choice) in choices {
        let before = object.insert(keyword.to_owned(), choice);
        assert!(before.is_none(), "one key of a table has a choice");
    }
}
