//! One function for each language that a template is written in: text in, one whole token out, which the language's
//! own reader turns back into that text. What a language cannot write is refused.

use std::fmt::Write;

/// What a language has no way to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{language} cannot write {what}")]
pub struct Unwritable {
    /// The language.
    pub language: &'static str,
    /// What it cannot write.
    pub what: &'static str,
}

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// bash.
    Shell,
    /// nginx.conf.
    Nginx,
    /// Terraform.
    Hcl,
    /// Dockerfile.
    Dockerfile,
    /// .dockerignore.
    Dockerignore,
    /// Markdown. What a value becomes follows from where it stands: [`markdown`](crate::markdown).
    Markdown,
}

impl Language {
    /// The language of a template, by its file name.
    pub fn of(template: &str) -> Option<Self> {
        Some(match template.strip_suffix(".j2")? {
            "Dockerfile" => Self::Dockerfile,
            name if name.ends_with(".sh") => Self::Shell,
            name if name.ends_with("nginx.conf") => Self::Nginx,
            name if name.ends_with(".tf") || name.ends_with(".hcl") => Self::Hcl,
            name if name.ends_with(".dockerignore") => Self::Dockerignore,
            name if name.ends_with(".md") => Self::Markdown,
            _ => return None,
        })
    }

    /// `text` as one token.
    ///
    /// # Errors
    ///
    /// If the language cannot write it.
    pub fn token(self, text: &str) -> Result<String, Unwritable> {
        match self {
            Self::Shell => shell(text),
            Self::Nginx => nginx(text),
            Self::Hcl => hcl(text),
            Self::Dockerfile => dockerfile(text),
            Self::Dockerignore => dockerignore(text),
            Self::Markdown => Ok(code_span(text)),
        }
    }
}

fn bare(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./:@%+-".contains(c) || also.contains(c))
}

/// Single quotes, where any are needed; a quote in the text ends them for a moment.
fn shell(text: &str) -> Result<String, Unwritable> {
    if text.contains('\0') {
        return Err(Unwritable { language: "bash", what: "a NUL character" });
    }
    if bare(text, "=") {
        return Ok(text.to_owned());
    }
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Double quotes, where any are needed. nginx has no escape for `$`, which begins a variable.
fn nginx(text: &str) -> Result<String, Unwritable> {
    let refuse = |what| Err(Unwritable { language: "nginx.conf", what });
    if text.contains('\0') {
        return refuse("a NUL character");
    }
    if text.contains('$') {
        return refuse("a `$` that is no variable");
    }
    if bare(text, "=,") {
        return Ok(text.to_owned());
    }
    let mut token = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => token.extend(['\\', c]),
            // Between quotes nginx takes these as they are, but a configuration is read line by line by people.
            '\n' => token.push_str("\\n"),
            '\r' => token.push_str("\\r"),
            '\t' => token.push_str("\\t"),
            c => token.push(c),
        }
    }
    token.push('"');
    Ok(token)
}

/// Always double quotes; the signs that open an interpolation are doubled.
fn hcl(text: &str) -> Result<String, Unwritable> {
    if text.contains('\0') {
        return Err(Unwritable { language: "Terraform", what: "a NUL character" });
    }
    let mut token = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => token.extend(['\\', c]),
            '\n' => token.push_str("\\n"),
            '\r' => token.push_str("\\r"),
            '\t' => token.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => token.extend([c, c]),
            c if c.is_control() || c == '\u{feff}' => {
                write!(token, "\\u{:04x}", u32::from(c)).expect("a string takes every write");
            }
            c => token.push(c),
        }
    }
    token.push('"');
    Ok(token)
}

/// COPY cuts at blanks before it looks at quotes, and no value here needs any, so only plain words pass.
fn dockerfile(text: &str) -> Result<String, Unwritable> {
    if bare(text, "") {
        return Ok(text.to_owned());
    }
    Err(Unwritable { language: "a Dockerfile", what: "a word with blanks or signs in it" })
}

/// Nothing can be quoted, so only plain paths pass.
fn dockerignore(text: &str) -> Result<String, Unwritable> {
    if bare(text, "") {
        return Ok(text.to_owned());
    }
    Err(Unwritable { language: ".dockerignore", what: "a path with blanks or wildcards" })
}

/// A code span of one line, with more backticks round it than stand in the text. Control characters become visible, and
/// an empty text is named, since nothing can stand between backticks.
fn code_span(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let text = comment(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // One blank at each end is taken away again.
    let bare = !text.starts_with(['`', ' ']) && !text.ends_with(['`', ' ']);
    let blank = if bare { "" } else { " " };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// One shell token in one line: as [`Language::Shell`], but a control character is written as bash's `$'...'` has it,
/// so that no value ends the line or the block that it stands in.
///
/// # Errors
///
/// If the text holds a NUL character.
pub fn shell_in_line(text: &str) -> Result<String, Unwritable> {
    let ends_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains('\0') || !text.contains(ends_line) {
        return shell(text);
    }
    let mut token = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => token.extend(['\\', c]),
            c if ends_line(c) => write!(token, "\\u{:04x}", u32::from(c)).expect("a string takes every write"),
            c => token.push(c),
        }
    }
    token.push('\'');
    Ok(token)
}

/// `text` as Markdown's own text in one line: its marks lose their meaning. An underscore within a word has none.
pub fn markdown_text(text: &str) -> String {
    let text: Vec<char> = comment(text).chars().collect();
    let within_word = |i: usize| {
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        word(i.checked_sub(1).and_then(|before| text.get(before))) && word(text.get(i + 1))
    };
    let mut escaped = String::new();
    for (i, c) in text.iter().enumerate() {
        if "\\`*[]<>&|~$#!{}".contains(*c) || (*c == '_' && !within_word(i)) {
            escaped.push('\\');
        }
        escaped.push(*c);
    }
    escaped
}

/// A label of a Mermaid picture, quotes included. Letters, digits and what paths and addresses are made of stay; any
/// other sign goes by its number, which neither Mermaid's grammar nor its Markdown looks at. Each of `lines` is one.
pub fn mermaid_label(lines: &[String]) -> String {
    let mut label = String::from("\"");
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            label.push_str("<br/>");
        }
        for c in comment(line).chars() {
            match c {
                ' ' | '.' | ',' | ':' | '/' | '-' | '?' | '=' | '(' | ')' | '_' => label.push(c),
                c if c.is_alphanumeric() => label.push(c),
                c => write!(label, "#{};", u32::from(c)).expect("a string takes every write"),
            }
        }
    }
    label.push('"');
    label
}

/// `text` in a comment of one line: control characters, and with them line breaks, become visible.
pub fn comment(text: &str) -> String {
    // YAML 1.1 ends a line at the last two as well.
    let ends_line = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().flat_map(|c| if ends_line(c) { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_bare() {
        for language in [Language::Shell, Language::Nginx, Language::Dockerfile, Language::Dockerignore] {
            assert_eq!(language.token("/auth/google:8080").unwrap(), "/auth/google:8080");
        }
        assert_eq!(Language::Hcl.token("portal").unwrap(), "\"portal\"");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        assert!(Language::Nginx.token("$host").is_err());
        assert!(Language::Dockerfile.token("a\nb").is_err());
        assert!(Language::Dockerignore.token("*.env").is_err());
        assert!(Language::Shell.token("\0").is_err());
    }

    #[test]
    fn a_code_span_holds_backticks_and_blanks() {
        let spans = ["a", "a`b", "``", " a ", "`a", "a\nb", ""].map(|text| Language::Markdown.token(text).unwrap());
        assert_eq!(spans, ["`a`", "``a`b``", "``` `` ```", "`  a  `", "`` `a ``", "`a\\u{a}b`", "(empty)"]);
    }

    #[test]
    fn a_markdown_text_has_no_marks() {
        assert_eq!(
            markdown_text("load_balancer.tf *a* _b_ <c> | # d"),
            "load_balancer.tf \\*a\\* \\_b\\_ \\<c\\> \\| \\# d"
        );
    }

    #[test]
    fn a_label_is_nothing_to_mermaid_but_a_label() {
        let lines = ["/a.b/, https://x:80".to_owned(), "\"]; end %%{init}%% <b>`x` #\n".to_owned()];
        assert_eq!(
            mermaid_label(&lines),
            "\"/a.b/, https://x:80<br/>#34;#93;#59; end #37;#37;#123;init#125;#37;#37; \
             #60;b#62;#96;x#96; #35;#92;u#123;a#125;\""
        );
    }

    #[test]
    fn a_shell_token_stays_in_its_line() {
        assert_eq!(shell_in_line("a b").unwrap(), "'a b'");
        assert_eq!(shell_in_line("a\n'\\b").unwrap(), "$'a\\u000a\\'\\\\b'");
        assert!(shell_in_line("a\0").is_err());
    }

    #[test]
    fn a_comment_stays_in_its_line() {
        assert_eq!(comment("a\nrm -rf\u{2028}b"), "a\\u{a}rm -rf\\u{2028}b");
    }
}
