//! `KEY=VALUE` of a command line: which file the key is in, and the file's text with the value in its place. Comments,
//! order and blank lines stay as they are, so that findings point where the author would write.

use serde_json::Value as Json;
use toml_edit::{DocumentMut, InlineTable, Item, Key, Table, Value};

use crate::config::Kind;
use crate::source::KeyPath;
use crate::units;

/// A key and the value that it is to have.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The file that has such a key: the environment's, or portal.toml where only that has it.
    pub kind: Kind,
    /// The keys that lead to it, at least one.
    keys: Vec<String>,
    value: Value,
}

/// Why a text is no setting. No message repeats the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is its message")]
pub enum NoSetting {
    #[error("--set has no `=` in it\nhelp: write KEY=VALUE, such as `cloud_run.max_instances=3`")]
    NoEquals,
    #[error(
        "`{key}` is no key of TOML\nhelp: write the names of its tables and its own, with full stops between: `cloud_run.cpu`"
    )]
    BadKey { key: String },
    #[error("neither an environment's file nor portal.toml has a key `{key}`\nhelp: {help}")]
    UnknownKey { key: String, help: String },
    #[error("`{key}` is within the list `{list}`\nhelp: give the whole list: `{list}=[...]`")]
    WithinList { key: String, list: String },
    #[error(
        "the value for `{key}` is no TOML: {reason}\nhelp: write it as in the file, in quotes for the shell: '{key}=[\"...\"]'"
    )]
    BadValue { key: String, reason: String },
    #[error("`{key}` is set twice\nhelp: give each key once")]
    Twice { key: String },
    #[error("`{key}` cannot be set: the file has no table there\nhelp: mend the file first: portalgen lint")]
    NoTable { key: String },
}

impl Setting {
    /// The key's path in its file.
    pub fn path(&self) -> KeyPath {
        KeyPath::new(self.keys.iter().map(String::as_str))
    }

    /// Reads `KEY=VALUE`. The key is one of the schemas'. The value is one of TOML or, for a text, the text itself.
    ///
    /// # Errors
    ///
    /// If there is no such key, or the value is in brackets or quotes and no TOML all the same.
    pub fn parse(text: &str) -> Result<Self, NoSetting> {
        let (key, value) = text.split_once('=').ok_or(NoSetting::NoEquals)?;
        let shown = || key.trim().escape_debug().to_string();
        let keys = Key::parse(key.trim()).map_err(|_| NoSetting::BadKey { key: shown() })?;
        let keys: Vec<_> = keys.iter().map(|key| key.get().to_owned()).collect();
        for kind in [Kind::Environment, Kind::Portal] {
            match lookup(kind.schema(), &keys) {
                Lookup::Found(schema) => {
                    let value =
                        read_value(schema, value).map_err(|reason| NoSetting::BadValue { key: shown(), reason })?;
                    return Ok(Self { kind, keys, value });
                }
                Lookup::WithinList(list) => {
                    return Err(NoSetting::WithinList { key: shown(), list: keys[..list].join(".") });
                }
                Lookup::Unknown => {}
            }
        }
        Err(NoSetting::UnknownKey { key: shown(), help: near(&keys) })
    }

    /// Reads several, each of another key.
    ///
    /// # Errors
    ///
    /// As [`Setting::parse`], and if a key is set twice, or a key and its table.
    pub fn parse_all(texts: &[String]) -> Result<Vec<Self>, NoSetting> {
        let settings: Vec<_> = texts.iter().map(|text| Self::parse(text)).collect::<Result<_, _>>()?;
        for (i, setting) in settings.iter().enumerate() {
            let same = |other: &&Self| {
                let (one, other) = (setting.path(), other.path());
                one.is_within(&other) || other.is_within(&one)
            };
            if settings[..i].iter().filter(|other| other.kind == setting.kind).any(|other| same(&other)) {
                return Err(NoSetting::Twice { key: setting.path().to_string() });
            }
        }
        Ok(settings)
    }

    /// Whether the file's text has the key, with this value.
    pub fn is_in(&self, text: &str) -> bool {
        let wanted = parsed(&format!("value = {}", self.value)).and_then(|table| table.get("value").cloned());
        wanted.is_some() && self.written_in(text) == wanted
    }

    /// The key's value in a file's text, as TOML in one line; nothing where the text has no such key.
    pub fn value_in(&self, text: &str) -> Option<String> {
        self.written_in(text).map(|value| in_a_line(&value))
    }

    fn written_in(&self, text: &str) -> Option<toml::Value> {
        self.keys.iter().try_fold(parsed(text)?, |value, key| value.get(key.as_str()).cloned())
    }

    /// The default that the schema shows for the key, as TOML.
    pub fn schema_default(&self) -> Option<String> {
        let Lookup::Found(schema) = lookup(self.kind.schema(), &self.keys) else { return None };
        match schema.get("default")? {
            // In JSON and in TOML, these look the same.
            scalar @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) => Some(scalar.to_string()),
            _ => None,
        }
    }
}

fn parsed(text: &str) -> Option<toml::Value> {
    toml::from_str(text).ok().map(toml::Value::Table)
}

/// A value as TOML has it within a line, tables and texts of several lines too.
fn in_a_line(value: &toml::Value) -> String {
    match value {
        // What JSON escapes, TOML escapes alike.
        toml::Value::String(text) => Json::from(text.as_str()).to_string(),
        toml::Value::Array(values) => {
            format!("[{}]", values.iter().map(in_a_line).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) if table.is_empty() => "{}".to_owned(),
        toml::Value::Table(table) => {
            let key = |name: &str| Key::new(name).to_string();
            let entries = table.iter().map(|(name, value)| format!("{} = {}", key(name), in_a_line(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The file's text with the settings of its kind in it.
///
/// # Errors
///
/// If the text is no TOML, or something else than a table stands where a setting needs one.
pub fn apply<'s>(text: &str, settings: impl IntoIterator<Item = &'s Setting>) -> Result<String, NoSetting> {
    let mut document: Option<DocumentMut> = text.parse().ok();
    for setting in settings {
        let put = document.as_mut().and_then(|document| put(document.as_item_mut(), &setting.keys, &setting.value));
        put.ok_or_else(|| NoSetting::NoTable { key: setting.path().to_string() })?;
    }
    Ok(document.map_or_else(|| text.to_owned(), |document| document.to_string()))
}

fn put(item: &mut Item, keys: &[String], value: &Value) -> Option<()> {
    let inline = item.is_inline_table();
    let table = item.as_table_like_mut()?;
    let (key, rest) = keys.split_first()?;
    if rest.is_empty() {
        match (table.get_mut(key), value) {
            (Some(Item::Value(old)), _) => {
                let decor = old.decor().clone();
                *old = value.clone();
                *old.decor_mut() = decor;
            }
            (Some(Item::Table(old)), Value::InlineTable(new)) => {
                let mut new = new.clone().into_table();
                *new.decor_mut() = old.decor().clone();
                new.set_position(old.position());
                *old = new;
            }
            _ => {
                table.remove(key);
                table.insert(key, Item::Value(value.clone()));
                if let Some(inline) = item.as_inline_table_mut() {
                    inline.fmt();
                }
            }
        }
        return Some(());
    }
    if !table.contains_key(key) {
        let new = if inline { Item::Value(InlineTable::new().into()) } else { Item::Table(Table::new()) };
        table.insert(key, new);
    }
    put(table.get_mut(key)?, rest, value)
}

/// A text needs no quotes where the schema asks for one. What is neither that nor TOML is a text too, which the schema
/// then refuses at its place.
fn read_value(schema: &Json, text: &str) -> Result<Value, String> {
    let wants_text = schema["type"] == "string";
    let parsed = text.trim().parse::<Value>();
    match parsed {
        Ok(value) if !wants_text || value.is_str() => Ok(value.decorated(" ", "")),
        Err(error) if text.trim_start().starts_with(['"', '\'', '[', '{']) => {
            Err(error.message().lines().next().unwrap_or_default().to_owned())
        }
        _ => Ok(Value::from(text).decorated(" ", "")),
    }
}

enum Lookup<'s> {
    Found(&'s Json),
    /// The first so many keys lead to a list.
    WithinList(usize),
    Unknown,
}

fn lookup<'s>(schema: &'s Json, keys: &[String]) -> Lookup<'s> {
    let mut schema = schema;
    for (i, key) in keys.iter().enumerate() {
        if schema["type"] == "array" {
            return Lookup::WithinList(i);
        }
        // The name itself is for the schema to judge, where the author may choose it.
        let by_pattern = || schema["patternProperties"].as_object()?.values().next();
        match schema["properties"].get(key).or_else(by_pattern) {
            Some(inner) => schema = inner,
            None => return Lookup::Unknown,
        }
    }
    if keys.is_empty() { Lookup::Unknown } else { Lookup::Found(schema) }
}

/// What may have been meant.
fn near(keys: &[String]) -> String {
    let mut known = Vec::new();
    for kind in [Kind::Environment, Kind::Portal] {
        collect(kind.schema(), "", &mut known);
    }
    let wanted = keys.join(".");
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let here = keys.last().map(String::as_str).unwrap_or_default();
    let elsewhere = known.iter().find(|path| last(path) == here);
    let names: Vec<_> = known.iter().map(|path| last(path)).collect();
    let by_name = || {
        let name = units::closest(here, names.iter().map(String::as_str))?;
        known.iter().find(|path| last(path) == name)
    };
    let by_path = units::closest(&wanted, known.iter().map(String::as_str)).map(str::to_owned);
    match elsewhere.cloned().or(by_path).or_else(|| by_name().cloned()) {
        Some(path) => format!("did you mean `{path}`?"),
        None => "the keys are those of the TOML files, with their tables: `strategy`, `cloud_run.cpu`".to_owned(),
    }
}

/// The path of every key that the schema names.
fn collect(schema: &Json, table: &str, known: &mut Vec<String>) {
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = if table.is_empty() { key.clone() } else { format!("{table}.{key}") };
        known.push(path.clone());
        collect(inner, &path, known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# What it is for.\nstrategy = \"websocket-free\" # for now\n\n[cloud_run]\nmax_instances = 5 # enough\n\n# Behind.\n[load_balancer]\nmode = \"create\"\n";

    fn edited(settings: &[&str]) -> String {
        let settings: Vec<_> = settings.iter().map(|text| Setting::parse(text).unwrap()).collect();
        apply(TEXT, &settings).unwrap()
    }

    #[test]
    fn a_value_is_replaced_and_everything_else_stays() {
        let text = edited(&["strategy=websocket", "cloud_run.max_instances=3"]);
        let expected = TEXT.replace("\"websocket-free\"", "\"websocket\"").replace("= 5 #", "= 3 #");
        assert_eq!(text, expected);
    }

    #[test]
    fn a_key_and_a_table_are_added_where_they_belong() {
        let text = edited(&["http2=true", "cloud_run.labels.team=portal", "api.url=https://api.example.com"]);
        assert!(text.contains("# for now\nhttp2 = true\n\n[cloud_run]"), "{text}");
        assert!(text.contains("max_instances = 5 # enough\n\n[cloud_run.labels]\nteam = \"portal\"\n"), "{text}");
        assert!(text.contains("[api]\nurl = \"https://api.example.com\"\n"), "{text}");
        assert!(text.contains("# Behind.\n[load_balancer]"), "{text}");
    }

    #[test]
    fn a_text_needs_no_quotes_and_a_number_is_one() {
        let of = |text| Setting::parse(text).unwrap().value.to_string();
        assert_eq!(of("strategy=websocket").trim(), "\"websocket\"");
        assert_eq!(of("strategy=\"websocket\"").trim(), "\"websocket\"");
        assert_eq!(of("app.python=3.12").trim(), "\"3.12\"");
        assert_eq!(of("variables.A=b=c").trim(), "\"b=c\"");
        assert_eq!(of("cloud_run.max_instances=3").trim(), "3");
        assert_eq!(of("cloud_run.max_instances=five").trim(), "\"five\"");
        assert_eq!(of("hosts=[\"a.example.com\"]").trim(), "[\"a.example.com\"]");
    }

    #[test]
    fn a_value_that_is_there_is_known_however_it_is_written() {
        let is_in = |text| Setting::parse(text).unwrap().is_in(TEXT);
        assert!(is_in("strategy='websocket-free'"));
        assert!(is_in("load_balancer={ mode = \"create\" }"));
        assert!(!is_in("strategy=websocket"));
        assert!(!is_in("cloud_run.min_instances=0"), "it is not written");
    }

    #[test]
    fn a_key_is_the_environments_before_it_is_the_portals() {
        let kind = |text| Setting::parse(text).unwrap().kind;
        assert_eq!(kind("oauth.redirect_uri=https://a.example.com/c"), Kind::Environment);
        assert_eq!(kind("lint.allow=[]"), Kind::Environment);
        assert_eq!(kind("oauth.client=A"), Kind::Portal);
        assert_eq!(kind("app.max_upload=64Mi"), Kind::Portal);
    }

    #[test]
    fn what_is_no_setting_is_told_with_what_was_meant() {
        let help = |text| match Setting::parse(text).unwrap_err() {
            NoSetting::UnknownKey { help, .. } => help,
            other => panic!("{other}"),
        };
        assert_eq!(help("cloud_run.max_instance=3"), "did you mean `cloud_run.max_instances`?");
        assert_eq!(help("max_instances=3"), "did you mean `cloud_run.max_instances`?");
        assert_eq!(help("stratgy=websocket"), "did you mean `strategy`?");
        assert!(help("nothing.of.the.kind=x").starts_with("the keys are those"));
        assert!(matches!(Setting::parse("strategy"), Err(NoSetting::NoEquals)));
        assert!(matches!(Setting::parse("a b=1"), Err(NoSetting::BadKey { .. })));
        assert!(matches!(Setting::parse("hosts=[\"a"), Err(NoSetting::BadValue { .. })));
        assert!(
            matches!(Setting::parse("api.paths.path=/x"), Err(NoSetting::WithinList { list, .. }) if list == "api.paths")
        );
        let twice = ["cloud_run.cpu=1".to_owned(), "cloud_run.cpu=2".to_owned()];
        assert!(matches!(Setting::parse_all(&twice), Err(NoSetting::Twice { .. })));
    }
}
