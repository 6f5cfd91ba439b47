//! The templates, and the one place where their values are escaped.
//!
//! A template looks like the finished file. A placeholder stands for a whole token: what language it is in follows
//! from the template's file name, so no template can forget to escape. A value that a template does not get is an
//! error, not an empty string.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use crate::escape::{self, Language};
use crate::markdown;

const TEMPLATES: &[(&str, &str)] = &[
    ("add-path-matcher.sh.j2", include_str!("../templates/add-path-matcher.sh.j2")),
    ("DEPLOYMENT.local.md.j2", include_str!("../templates/DEPLOYMENT.local.md.j2")),
    ("DEPLOYMENT.md.j2", include_str!("../templates/DEPLOYMENT.md.j2")),
    ("Dockerfile.dockerignore.j2", include_str!("../templates/Dockerfile.dockerignore.j2")),
    ("Dockerfile.j2", include_str!("../templates/Dockerfile.j2")),
    ("deploy.sh.j2", include_str!("../templates/deploy.sh.j2")),
    ("load_balancer.tf.j2", include_str!("../templates/load_balancer.tf.j2")),
    ("nginx.conf.j2", include_str!("../templates/nginx.conf.j2")),
    ("start.sh.j2", include_str!("../templates/start.sh.j2")),
    ("url_map.hcl.j2", include_str!("../templates/url_map.hcl.j2")),
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = environment();
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("a test renders every template");
    }
    environment
});

/// Renders a template with the fields of `context` and the lines of its header.
///
/// # Panics
///
/// If the template asks for what `context` has not, or a value cannot be written in its language. Neither can come
/// from an author's file: the units let through only what every template can write, and tests render every template.
pub fn render<C: Serialize>(template: &str, header: &[String], context: &C) -> String {
    render_in(&ENVIRONMENT, template, header, context).unwrap_or_else(|error| panic!("{template}: {error:#}"))
}

fn render_in<C: Serialize>(
    environment: &Environment<'_>,
    template: &str,
    header: &[String],
    context: &C,
) -> Result<String, Error> {
    // The header goes into comments, where a token has no place.
    let header: Vec<_> = header.iter().map(|line| Value::from_safe_string(escape::comment(line))).collect();
    let context = minijinja::context! { header, ..Value::from(Serde(context)) };
    let text = environment.get_template(template)?.render(context)?;
    match Language::of(template) {
        Some(Language::Markdown) => markdown::settle(&text).map_err(refuse),
        _ => Ok(text),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build().expect("Jinja's own delimiters"));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(|out, state, value| {
        let language = Language::of(state.name());
        if value.is_safe() {
            let text = value.to_string();
            return write(out, &if language == Some(Language::Markdown) { markdown::pack_prose(&text) } else { text });
        }
        match value.kind() {
            ValueKind::String if language == Some(Language::Markdown) => {
                write(out, &markdown::pack(value.as_str().unwrap_or_default()))
            }
            ValueKind::Number => write(out, &value.to_string()),
            ValueKind::String => {
                let language = language.ok_or_else(|| refuse("no language for this file name"))?;
                let text = value.as_str().unwrap_or_default();
                write(out, &language.token(text).map_err(|error| refuse(error.to_string()))?)
            }
            kind => Err(refuse(format!("a {kind} is no token"))),
        }
    });
    environment
}

fn write(out: &mut minijinja::Output<'_>, text: &str) -> Result<(), Error> {
    std::fmt::Write::write_str(out, text).map_err(|_| refuse("the output takes no more"))
}

fn refuse(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::BadEscape, why)
}

/// Renders `source` as the template `name`, for tests of the escaping.
///
/// # Errors
///
/// If the template is wrong or a value cannot be written in its language.
pub fn render_source<C: Serialize>(name: &str, source: &str, context: &C) -> Result<String, Error> {
    let mut environment = environment();
    environment.add_template_owned(name.to_owned(), source.to_owned())?;
    render_in(&environment, name, &[], context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_template_goes_round_the_escaping() {
        for (name, source) in TEMPLATES {
            assert!(Language::of(name).is_some(), "{name} has no language");
            for word in ["safe", "autoescape", "|", "macro ", " include ", " set "] {
                let blocks = source.split("{%").skip(1).filter_map(|rest| rest.split("%}").next());
                let holes = source.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
                for expression in blocks.chain(holes) {
                    let expression = expression.replace("app.include ", "");
                    assert!(!expression.contains(word), "{name}: {expression:?} has {word:?}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let error = render_source("x.sh.j2", "{{ nope }}", &serde_json::json!({})).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UndefinedError);
    }
}
