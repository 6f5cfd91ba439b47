//! The JSON Schemas of the two input files: made from [`config`](crate::config), shaped for editors, and the first
//! check of every file that portalgen reads.

use std::sync::LazyLock;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::config::{EnvironmentFile, PortalFile};
use crate::{report, rules, units};

/// One of the two kinds of input file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// portal.toml.
    Portal,
    /// `envs/<environment>.toml`.
    Environment,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Portal, Self::Environment];

    /// The schema's file name under `schemas/`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Portal => "portal.schema.json",
            Self::Environment => "environment.schema.json",
        }
    }

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

/// Every schema file: its name under `schemas/`, and its text.
pub fn files() -> Vec<(&'static str, String)> {
    let inputs = Kind::ALL.iter().map(|kind| (kind.file_name(), text(kind.schema())));
    let mut findings = SchemaSettings::draft07().into_generator().into_root_schema_for::<report::json::Report>();
    findings.insert("title".to_owned(), "portalgen lint --format json".into());
    inputs.chain([("findings.schema.json", text(&findings.to_value()))]).collect()
}

fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn generate<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft07().with(|s| s.inline_subschemas = true).with_transform(ForEditors);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    let mut schema = schema.to_value();
    list_rules(&mut schema);
    schema
}

/// Names every rule where a rule's id is due.
fn list_rules(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").is_some_and(|format| format == "rule-id") {
                let rules = || rules::RULES.iter().filter(|rule| rule.can_be_allowed());
                object.insert("enum".to_owned(), rules().map(|rule| rule.id).collect());
                let docs: Vec<_> = rules().map(|rule| rule.summary).collect();
                object.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": docs } }));
            }
            object.values_mut().for_each(list_rules);
        }
        Value::Array(array) => array.iter_mut().for_each(list_rules),
        _ => {}
    }
}

fn validator(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    drop_patterns(&mut schema);
    let mut options = jsonschema::draft7::options().should_validate_formats(true);
    for unit in units::UNITS {
        options = options.with_format(unit.format, |text: &str| (unit.check)(text).is_ok());
    }
    options.build(&schema).expect("portalgen's own schema is valid")
}

/// A value that its unit's check refuses must not be reported a second time by the unit's pattern.
fn drop_patterns(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").and_then(Value::as_str).is_some_and(|format| units::unit(format).is_some()) {
                object.remove("pattern");
            }
            object.values_mut().for_each(drop_patterns);
        }
        Value::Array(array) => array.iter_mut().for_each(drop_patterns),
        _ => {}
    }
}

/// Shapes a schema so that the TOML language servers show what an author needs: no `null` (TOML has none), no lone
/// `allOf` (taplo drops a key's own text, or hangs), and documented values as `enum` with a text each.
#[derive(Debug, Clone)]
struct ForEditors;

impl Transform for ForEditors {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else { return };
        drop_null(object);
        merge_lone(object, "allOf");
        merge_lone(object, "anyOf");
        document_enum(object);
    }
}

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
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
}

/// A combination of one schema is that schema; the outer keys win, which keeps a field's own description.
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
    let list = values.iter().zip(&docs).map(|(value, doc)| {
        format!("- `{}`: {}", value.as_str().unwrap_or_default(), doc.as_str().unwrap_or_default())
    });
    let list = list.collect::<Vec<_>>().join("\n");
    let description = match object.get("description").and_then(Value::as_str) {
        Some(text) => format!("{text}\n\n{list}"),
        None => list,
    };
    object.insert("description".to_owned(), description.into());
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), Value::Array(values));
    object.insert("x-taplo".to_owned(), json!({ "docs": { "enumValues": docs } }));
}
