//! nginx's configuration: directives, words, blocks.

use std::ops::Range;

use super::{Unreadable, Word};

/// A directive, and what stands between its braces.
#[derive(Debug)]
pub(in crate::reread) struct Directive {
    /// The name and its arguments; there is at least the name.
    pub(in crate::reread) words: Vec<Word>,
    pub(in crate::reread) block: Option<Vec<Directive>>,
}

impl Directive {
    pub(in crate::reread) fn name(&self) -> &str {
        &self.words[0].text
    }

    pub(in crate::reread) fn arguments(&self) -> &[Word] {
        &self.words[1..]
    }

    /// From the name to the last argument.
    pub(in crate::reread) fn span(&self) -> Range<usize> {
        self.words[0].span.start..self.words[self.words.len() - 1].span.end
    }

    /// The arguments as they stand.
    pub(in crate::reread) fn arguments_span(&self) -> Range<usize> {
        self.arguments().first().map_or_else(|| self.span(), |first| first.span.start..self.span().end)
    }

    /// Every directive below, whatever block it is in.
    pub(in crate::reread) fn all(directives: &[Self]) -> Vec<&Self> {
        let mut all = Vec::new();
        for directive in directives {
            all.push(directive);
            all.extend(Self::all(directive.children()));
        }
        all
    }

    pub(in crate::reread) fn children(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Blocks within blocks, at most: nginx itself has no directive that needs as many.
const DEPTH: usize = 32;

pub(in crate::reread) fn read(text: &str) -> Result<Vec<Directive>, Unreadable> {
    let mut lexer = Lexer { text, at: 0 };
    // The innermost block is last: what it holds so far, and the directive that opened it.
    let mut open: Vec<(Vec<Directive>, Vec<Word>)> = Vec::new();
    let mut here: Vec<Directive> = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    while let Some(token) = lexer.next()? {
        match token {
            Token::Word(word) => words.push(word),
            Token::Sign(b';', at) => match words.is_empty() {
                true => return Err(Unreadable::new("there is no directive before this `;`", at)),
                false => here.push(Directive { words: std::mem::take(&mut words), block: None }),
            },
            Token::Sign(b'{', at) => {
                if words.is_empty() || open.len() == DEPTH {
                    return Err(Unreadable::new("a block cannot begin here", at));
                }
                open.push((std::mem::take(&mut here), std::mem::take(&mut words)));
            }
            Token::Sign(_, at) => {
                if let Some(word) = words.first() {
                    return Err(Unreadable::new(format!("`{}` is not ended by `;`", word.text), word.span.clone()));
                }
                let Some((outer, words)) = open.pop() else {
                    return Err(Unreadable::new("there is no block that this `}` could end", at));
                };
                let block = Some(std::mem::replace(&mut here, outer));
                here.push(Directive { words, block });
            }
        }
    }
    match (words.first(), open.last()) {
        (Some(word), _) => Err(Unreadable::new(format!("`{}` is not ended by `;`", word.text), word.span.clone())),
        (None, Some((_, words))) => {
            Err(Unreadable::new(format!("the block of `{}` is not ended", words[0].text), words[0].span.clone()))
        }
        (None, None) => Ok(here),
    }
}

enum Token {
    Word(Word),
    Sign(u8, Range<usize>),
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Result<Option<Token>, Unreadable> {
        while let Some(c) = self.peek() {
            match c {
                c if c.is_ascii_whitespace() => self.at += 1,
                '#' => self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at),
                ';' | '{' | '}' => {
                    self.at += 1;
                    return Ok(Some(Token::Sign(c as u8, self.at - 1..self.at)));
                }
                '"' | '\'' => return self.quoted(c).map(|word| Some(Token::Word(word))),
                _ => return Ok(Some(Token::Word(self.bare()))),
            }
        }
        Ok(None)
    }

    fn quoted(&mut self, quote: char) -> Result<Word, Unreadable> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            if c == '\\' {
                self.escape(&mut text);
            } else if c == quote {
                if self.peek().is_some_and(|next| !next.is_ascii_whitespace() && !";{)".contains(next)) {
                    return Err(Unreadable::new("a word ends with its quote", start..self.at));
                }
                return Ok(Word { text, span: start..self.at });
            } else {
                text.push(c);
            }
        }
        Err(Unreadable::new("this quote is not ended", start..start + 1))
    }

    fn bare(&mut self) -> Word {
        let start = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            let variable = c == '{' && text.ends_with('$');
            if c.is_ascii_whitespace() || c == ';' || (c == '{' && !variable) {
                break;
            }
            self.at += c.len_utf8();
            if c == '\\' { self.escape(&mut text) } else { text.push(c) }
        }
        Word { text, span: start..self.at }
    }

    /// nginx keeps the backslash before all but these.
    fn escape(&mut self, text: &mut String) {
        let Some(next) = self.peek() else { return text.push('\\') };
        self.at += next.len_utf8();
        match next {
            '"' | '\'' | '\\' => text.push(next),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'n' => text.push('\n'),
            other => text.extend(['\\', other]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        fn line(directive: &Directive) -> String {
            let words: Vec<_> = directive.words.iter().map(|word| word.text.as_str()).collect();
            let block = directive.block.as_ref().map(|block| block.iter().map(line).collect::<String>());
            block.map_or_else(|| format!("{};", words.join("|")), |block| format!("{}{{{block}}}", words.join("|")))
        }
        read(text).map_or_else(|error| format!("{} at {:?}", error.message, error.at), |d| d.iter().map(line).collect())
    }

    #[test]
    fn words_quotes_comments_and_blocks() {
        assert_eq!(shown("a 1; # b 2;\nc \"x;{ \\\"}\" 'y z'{ d ${v}e; }"), "a|1;c|x;{ \"}|y z{d|${v}e;}");
        assert_eq!(shown("map $a $b { ~^/x(?<p>[^?]*) $p; }"), "map|$a|$b{~^/x(?<p>[^?]*)|$p;}");
        assert_eq!(shown("a b#c;"), "a|b#c;");
        let [listen] = &read("\n listen  8080 ;").unwrap()[..] else { panic!("one directive") };
        assert_eq!((listen.span(), listen.arguments_span()), (2..14, 10..14));
    }

    #[test]
    fn what_is_broken_is_said_at_its_place() {
        assert_eq!(shown("a 1"), "`a` is not ended by `;` at 0..1");
        assert_eq!(shown("a { b 1 }"), "`b` is not ended by `;` at 4..5");
        assert_eq!(shown("a {"), "the block of `a` is not ended at 0..1");
        assert_eq!(shown("}"), "there is no block that this `}` could end at 0..1");
        assert_eq!(shown("a 'x"), "this quote is not ended at 2..3");
        assert_eq!(shown("; a"), "there is no directive before this `;` at 0..1");
        assert_eq!(shown("a 'x'y;"), "a word ends with its quote at 2..5");
        assert_eq!(shown(&"a {".repeat(40)), "a block cannot begin here at 98..99");
    }
}
