//! bash: words and the operators between them. What is inside `$(...)` or `${...}` is part of its word.

use std::ops::Range;

use super::{Unreadable, Word};

/// The words of a script in order, without comments. A line's end counts as an operator and begins a new command.
pub(in crate::reread) fn read(text: &str) -> Result<Vec<Vec<Word>>, Unreadable> {
    let mut lexer = Lexer { text, at: 0 };
    let mut commands = vec![Vec::new()];
    while let Some(c) = lexer.peek() {
        match c {
            ' ' | '\t' | '\r' => lexer.at += 1,
            '\\' if lexer.rest().starts_with("\\\n") => lexer.at += 2,
            '#' => lexer.at += lexer.rest().find('\n').unwrap_or(lexer.rest().len()),
            '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => {
                lexer.at += 1;
                commands.push(Vec::new());
            }
            _ => commands.last_mut().expect("there is one from the start").push(lexer.word()?),
        }
    }
    commands.retain(|command| !command.is_empty());
    Ok(commands)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn word(&mut self) -> Result<Word, Unreadable> {
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                '\'' => self.single(&mut text)?,
                '"' => self.double(&mut text)?,
                '$' => self.dollar(&mut text)?,
                '`' => self.backquoted(&mut text)?,
                '\\' => {
                    self.at += 1;
                    if let Some(next) = self.peek() {
                        self.at += next.len_utf8();
                        text.extend((next != '\n').then_some(next));
                    }
                }
                c if " \t\r\n;&|()<>".contains(c) => break,
                c => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        Ok(Word { text, span: start..self.at })
    }

    fn single(&mut self, text: &mut String) -> Result<(), Unreadable> {
        let start = self.at;
        self.at += 1;
        let Some(end) = self.rest().find('\'') else { return Err(not_ended("quote", start)) };
        text.push_str(&self.text[self.at..self.at + end]);
        self.at += end + 1;
        Ok(())
    }

    fn double(&mut self, text: &mut String) -> Result<(), Unreadable> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(());
                }
                '$' => self.dollar(text)?,
                '\\' => {
                    self.at += 1;
                    let next = self.peek();
                    self.at += next.map_or(0, char::len_utf8);
                    match next {
                        Some('\n') | None => {}
                        Some(next) if "$`\"\\".contains(next) => text.push(next),
                        Some(next) => text.extend(['\\', next]),
                    }
                }
                c => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
        Err(not_ended("quote", start))
    }

    /// `$name` as it stands; `${...}` and `$(...)` to their end, with the quotes and brackets in them.
    fn dollar(&mut self, text: &mut String) -> Result<(), Unreadable> {
        let start = self.at;
        self.at += 1;
        let mut closing = Vec::new();
        match self.peek() {
            Some('{') => closing.push('}'),
            Some('(') => closing.push(')'),
            _ => {
                text.push('$');
                return Ok(());
            }
        }
        self.at += 1;
        let mut inside = String::new();
        while let Some(c) = self.peek() {
            match c {
                '\'' => self.single(&mut inside)?,
                '"' => {
                    // Quotes in here may hold brackets; what they say is of no interest.
                    let (from, mut ended) = (self.at, false);
                    self.at += 1;
                    while let Some(c) = self.peek() {
                        self.at += c.len_utf8();
                        match c {
                            '\\' => self.at += self.peek().map_or(0, char::len_utf8),
                            '"' => ended = true,
                            _ => {}
                        }
                        if ended {
                            break;
                        }
                    }
                    if !ended {
                        return Err(not_ended("quote", from));
                    }
                }
                c => {
                    self.at += c.len_utf8();
                    match c {
                        '(' => closing.push(')'),
                        '\\' => self.at += self.peek().map_or(0, char::len_utf8),
                        c if closing.last() == Some(&c) => _ = closing.pop(),
                        _ => {}
                    }
                    if closing.is_empty() {
                        text.push_str(&self.text[start..self.at]);
                        return Ok(());
                    }
                }
            }
        }
        Err(not_ended("bracket", start))
    }

    fn backquoted(&mut self, text: &mut String) -> Result<(), Unreadable> {
        let start = self.at;
        let Some(length) = self.text[start + 1..].find('`') else { return Err(not_ended("quote", start)) };
        self.at = start + length + 2;
        text.push_str(&self.text[start..self.at]);
        Ok(())
    }
}

fn not_ended(what: &str, at: usize) -> Unreadable {
    Unreadable::new(format!("this {what} is not ended"), at..at + 1)
}

/// The name of `$name`, `${name}` or `"$name"`, and nothing else in the word.
pub(in crate::reread) fn variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    let name = name.strip_prefix('{').map_or(Some(name), |name| name.strip_suffix('}'))?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then_some(name)
}

/// What `name=value` assigns, and where the value stands.
pub(in crate::reread) fn assignment(word: &Word) -> Option<(&str, &str, Range<usize>)> {
    let (name, value) = word.text.split_once('=')?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // The name has no quotes, so that it is as long in the text.
    plain.then(|| (name, value, (word.span.start + name.len() + 1).min(word.span.end)..word.span.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let commands = match read(text) {
            Ok(commands) => commands,
            Err(error) => return format!("{} at {:?}", error.message, error.at),
        };
        let words = |command: &Vec<Word>| command.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join("|");
        commands.iter().map(words).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn words_quotes_comments_and_commands() {
        assert_eq!(shown("readonly a=1 # b=2\nc 'd e' \"f $g\" h\\ i"), "readonly|a=1 / c|d e|f $g|h i");
        assert_eq!(shown("a --b 1 \\\n  --c \"$d\" && e"), "a|--b|1|--c|$d / e");
        assert_eq!(shown("x=$(a \"b)\" 'c)' $(d)) y"), "x=$(a \"b)\" 'c)' $(d))|y");
        assert_eq!(shown("x=${A:-$b} ${#y} $#"), "x=${A:-$b}|${#y}|$#");
        assert_eq!(shown("p -c '\nx(\"#\")\n' --q"), "p|-c|\nx(\"#\")\n|--q");
        assert_eq!(shown("[[ $1 =~ $2 ]]; a=`b c`"), "[[|$1|=~|$2|]] / a=`b c`");
    }

    #[test]
    fn what_is_not_ended_is_said_at_its_place() {
        assert_eq!(shown("a 'b"), "this quote is not ended at 2..3");
        assert_eq!(shown("a \"b"), "this quote is not ended at 2..3");
        assert_eq!(shown("a $(b"), "this bracket is not ended at 2..3");
        assert_eq!(shown("a \\"), "a|");
    }

    #[test]
    fn variables_and_assignments() {
        assert_eq!(
            (variable("$a_1"), variable("${b}"), variable("$a/b"), variable("a")),
            (Some("a_1"), Some("b"), None, None)
        );
        let command = &read("readonly port=\"80 80\"").unwrap()[0];
        assert_eq!(assignment(&command[1]), Some(("port", "80 80", 14..21)));
        assert_eq!(assignment(&command[0]), None);
    }
}
