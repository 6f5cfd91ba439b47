//! Finds the settings of rxconfig.py: the keyword arguments of its one call of `rx.Config`. Python that does not read
//! plainly is left alone, since nothing is to be said of what nobody has understood.

use std::ops::Range;

/// A keyword argument of `rx.Config(...)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Range<usize>,
    /// Its value, where that is a plain literal.
    pub value: Option<Literal>,
    /// Where the value stands.
    pub value_span: Range<usize>,
}

/// A value that stands in the text as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string.
    Text(String),
    /// A whole number.
    Number(u64),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
}

/// The settings in the order of the file; none where the text has no call of `rx.Config`, several of them, or something
/// that cannot be read.
pub fn settings(text: &str) -> Vec<Setting> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let calls: Vec<_> = (0..tokens.len()).filter(|at| is_call(&tokens, *at)).collect();
    match calls[..] {
        [call] => arguments(&tokens[call + 2..]).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind<'t> {
    Name(&'t str),
    /// A string; nothing where its text is not what stands between the quotes.
    Text(Option<&'t str>),
    Number(&'t str),
    Mark(char),
}

#[derive(Debug, Clone)]
struct Token<'t> {
    kind: Kind<'t>,
    span: Range<usize>,
}

/// The words, strings, numbers and marks of Python; nothing where a string does not end.
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (kind, length) = match c {
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            '"' | '\'' => string("", rest).map(|(text, length)| (Some(Kind::Text(text)), length))?,
            _ if rest[word..].starts_with(['"', '\'']) && is_prefix(&rest[..word]) => {
                let (text, length) = string(&rest[..word], &rest[word..])?;
                (Some(Kind::Text(text)), word + length)
            }
            _ if c.is_ascii_digit() => (Some(Kind::Number(&rest[..word])), word),
            _ if word > 0 => (Some(Kind::Name(&rest[..word])), word),
            // A backslash at a line's end joins two lines.
            _ if c.is_whitespace() || c == '\\' || c == '\u{feff}' => (None, c.len_utf8()),
            _ => (Some(Kind::Mark(c)), c.len_utf8()),
        };
        tokens.extend(kind.map(|kind| Token { kind, span: at..at + length }));
        at += length;
    }
    Some(tokens)
}

fn is_prefix(word: &str) -> bool {
    let prefixes = ["r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"];
    prefixes.contains(&word.to_ascii_lowercase().as_str())
}

/// The text of the string that `rest` begins with, if it can be taken as it stands, and the string's length.
fn string<'t>(prefix: &str, rest: &'t str) -> Option<(Option<&'t str>, usize)> {
    let quote = &rest[..1];
    let triple = quote.repeat(3);
    let quote = if rest.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = quote.len();
    while !rest[at..].starts_with(quote) {
        let c = rest[at..].chars().next()?;
        if c == '\n' && quote.len() == 1 {
            return None;
        }
        at += c.len_utf8();
        if c == '\\' {
            at += rest[at..].chars().next()?.len_utf8();
        }
    }
    let text = &rest[quote.len()..at];
    let plain = match prefix.to_ascii_lowercase().as_str() {
        "" | "u" => !text.contains('\\'),
        "r" => true,
        _ => false,
    };
    Some((plain.then_some(text), at + quote.len()))
}

/// Whether a call of Reflex's `Config` begins at this token.
fn is_call(tokens: &[Token<'_>], at: usize) -> bool {
    let is = |at: usize, kind: Kind<'_>| tokens.get(at).is_some_and(|token| token.kind == kind);
    if !is(at, Kind::Name("Config")) || !is(at + 1, Kind::Mark('(')) {
        return false;
    }
    // The names before it, up to the first.
    let mut first = at;
    while first >= 2 && is(first - 1, Kind::Mark('.')) {
        match tokens[first - 2].kind {
            Kind::Name(_) => first -= 2,
            _ => return false,
        }
    }
    let declared = first > 0 && [Kind::Name("class"), Kind::Name("def")].contains(&tokens[first - 1].kind);
    match tokens[first].kind {
        Kind::Name(name) if first < at => is_reflex(tokens, name),
        _ => !declared && (first == 0 || !is(first - 1, Kind::Mark('.'))) && !is_foreign(tokens),
    }
}

/// Whether `Config` is imported from elsewhere than Reflex.
fn is_foreign(tokens: &[Token<'_>]) -> bool {
    let name = |at: usize, name: &str| tokens.get(at).is_some_and(|token| token.kind == Kind::Name(name));
    let imports = (0..tokens.len()).filter(|at| name(*at, "from"));
    imports.into_iter().any(|at| {
        let line = tokens[at..].iter().take_while(|token| !matches!(token.kind, Kind::Mark('=')));
        let Some(import) = line.clone().position(|token| token.kind == Kind::Name("import")) else { return false };
        let config = line.skip(import + 1).take(12).any(|token| token.kind == Kind::Name("Config"));
        config && !name(at + 1, "reflex")
    })
}

/// Whether a name stands for the package.
fn is_reflex(tokens: &[Token<'_>], name: &str) -> bool {
    let alias = [Kind::Name("reflex"), Kind::Name("as"), Kind::Name(name)];
    let imported = tokens.windows(3).any(|window| window.iter().map(|token| &token.kind).eq(&alias));
    imported || name == "rx" || name == "reflex"
}

/// The keyword arguments, up to the bracket that closes the call; nothing where none does.
fn arguments(tokens: &[Token<'_>]) -> Option<Vec<Setting>> {
    let mut settings = Vec::new();
    // The closing brackets that are due.
    let mut due = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Mark(mark) = token.kind else { continue };
        match mark {
            '(' => due.push(')'),
            '[' => due.push(']'),
            '{' => due.push('}'),
            ')' | ']' | '}' if !due.is_empty() => {
                let closes = due.pop() == Some(mark);
                if !closes {
                    return None;
                }
            }
            ',' | ')' if due.is_empty() => {
                settings.extend(setting(&tokens[start..at]));
                start = at + 1;
                if mark == ')' {
                    return Some(settings);
                }
            }
            ']' | '}' => return None,
            _ => {}
        }
    }
    None
}

/// `NAME = VALUE`.
fn setting(tokens: &[Token<'_>]) -> Option<Setting> {
    let [name, equals, value @ ..] = tokens else { return None };
    let (Kind::Name(word), Kind::Mark('=')) = (&name.kind, &equals.kind) else { return None };
    let (first, last) = (value.first()?, value.last()?);
    if first.kind == Kind::Mark('=') {
        return None;
    }
    let literal = match value {
        [token] => literal(&token.kind),
        _ => None,
    };
    Some(Setting {
        name: (*word).to_owned(),
        name_span: name.span.clone(),
        value: literal,
        value_span: first.span.start..last.span.end,
    })
}

fn literal(kind: &Kind<'_>) -> Option<Literal> {
    match kind {
        Kind::Text(text) => text.map(|text| Literal::Text(text.to_owned())),
        Kind::Number(number) => number.parse().ok().map(Literal::Number),
        Kind::Name("True") => Some(Literal::Bool(true)),
        Kind::Name("False") => Some(Literal::Bool(false)),
        Kind::Name("None") => Some(Literal::None),
        Kind::Name(_) | Kind::Mark(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name, the value's text and what it is.
    fn read(text: &str) -> Vec<(&str, &str, Option<Literal>)> {
        let settings = settings(text).into_iter().map(|setting| {
            assert_eq!(text[setting.name_span.clone()], setting.name);
            (&text[setting.name_span], &text[setting.value_span], setting.value)
        });
        settings.collect()
    }

    fn text(text: &str) -> Option<Literal> {
        Some(Literal::Text(text.to_owned()))
    }

    #[test]
    fn an_ordinary_file() {
        let file = r#""""What Config(app_name="no") means."""

import reflex as rx

# config = rx.Config(app_name="no")
config = rx.Config(
    app_name="portal",  # app_name="no", )
    db_url=None,
    telemetry_enabled = False,
    backend_port=8000,
    cors_allowed_origins=["a=b", "c"],
    plugins=[rx.plugins.SitemapPlugin(transport="no"), rx.plugins.TailwindV4Plugin()],
    api_url=os.getenv("API_URL", "http://localhost:8000"),
)
"#;
        assert_eq!(
            read(file),
            [
                ("app_name", "\"portal\"", text("portal")),
                ("db_url", "None", Some(Literal::None)),
                ("telemetry_enabled", "False", Some(Literal::Bool(false))),
                ("backend_port", "8000", Some(Literal::Number(8000))),
                ("cors_allowed_origins", "[\"a=b\", \"c\"]", None),
                ("plugins", "[rx.plugins.SitemapPlugin(transport=\"no\"), rx.plugins.TailwindV4Plugin()]", None),
                ("api_url", "os.getenv(\"API_URL\", \"http://localhost:8000\")", None),
            ]
        );
    }

    #[test]
    fn forms_of_a_string() {
        let value = |literal: &str| settings(&format!("rx.Config(a={literal})")).remove(0).value;
        for plain in ["\"x y\"", "'x y'", "\"\"\"x y\"\"\"", "u'x y'", "r\"x y\"", "R'x y'"] {
            assert_eq!(value(plain), text("x y"), "{plain}");
        }
        assert_eq!(value("''"), text(""));
        assert_eq!(value(r"r'a\'b'"), text(r"a\'b"));
        for other in [r#""a\tb""#, "f'{x}'", "b'x'", "'a' 'b'", "'a' + x", "('a')", "x", "1.5", "-1", "0x10", "x == 1"]
        {
            assert_eq!(value(other), None, "{other}");
        }
    }

    #[test]
    fn forms_of_the_call() {
        for call in [
            "Config(a=1)",
            "config: rx.Config = rx.Config(a=1)",
            "reflex.Config(a=1)",
            "rx.config.Config(a=1)",
            "import reflex as r\nr.Config(a=1)",
            "rx.Config(**more, a=1)",
            "rx.Config(more, a=1,)",
            "rx . \\\n Config ( a\n=\n1 )",
            "\u{feff}rx.Config(a=1)\r\n",
            "class Other(rx.Config): pass\nrx.Config(a=1)",
        ] {
            assert_eq!(read(call), [("a", "1", Some(Literal::Number(1)))], "{call}");
        }
        for none in [
            "",
            "other.Config(a=1)",
            "x().Config(a=1)",
            "class Config(Base, a=1): pass",
            "class Mine(rx.Config): pass\nMine(a=1)",
            "rx.Config(a=1",
            "rx.Config(a=(1])",
            "rx.Config(a=1]",
            "rx.Config(a='1)",
            "rx.Config(a=1)\nrx.Config(a=2)",
            "rx.Config(a==1)",
            "'''rx.Config(a=1)",
            "Configure(a=1)",
        ] {
            assert_eq!(read(none), [], "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(rx\\.|Config|[(){}\\[\\]=,#'\"\\\\a1\n é日]|rf|\"\"\"|a=|\\)){0,60}") {
            for setting in settings(&format!("rx.Config({text})")) {
                prop_assert!(!setting.name.is_empty());
            }
            read(&text);
        }
    }
}
