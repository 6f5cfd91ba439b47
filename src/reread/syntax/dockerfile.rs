//! A Dockerfile: instructions and their words, across continued lines.

use std::ops::Range;

use super::{Unreadable, Word};

/// One instruction.
#[derive(Debug)]
pub(in crate::reread) struct Instruction {
    /// Its name in upper case.
    pub(in crate::reread) name: String,
    /// What follows, cut at blanks outside of quotes.
    pub(in crate::reread) words: Vec<Word>,
    /// From the name to the last word.
    pub(in crate::reread) span: Range<usize>,
}

const NAMES: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

pub(in crate::reread) fn read(text: &str) -> Result<Vec<Instruction>, Unreadable> {
    let mut instructions: Vec<Instruction> = Vec::new();
    let (mut continues, mut at) = (false, 0);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        // A comment or a blank line ends no continued instruction.
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (body, more) = trimmed.strip_suffix('\\').map_or((trimmed, false), |body| (body, true));
        let mut words = words(body, start + line.len() - line.trim_start().len());
        if !continues {
            if words.is_empty() {
                continue;
            }
            let first = words.remove(0);
            let name = first.text.to_ascii_uppercase();
            if !NAMES.contains(&name.as_str()) {
                return Err(Unreadable::new(format!("`{}` is no instruction", first.text), first.span));
            }
            instructions.push(Instruction { name, words: Vec::new(), span: first.span });
        }
        let instruction = instructions.last_mut().expect("a line that continues follows an instruction");
        instruction.span.end = words.last().map_or(instruction.span.end, |word| word.span.end);
        instruction.words.extend(words);
        continues = more;
    }
    Ok(instructions)
}

fn words(line: &str, offset: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut quote, mut inside) = (None, false);
    for (i, c) in line.char_indices() {
        let at = offset + i;
        if quote.is_none() && c.is_whitespace() {
            inside = false;
            continue;
        }
        if !inside {
            words.push(Word { text: String::new(), span: at..at });
            inside = true;
        }
        let word = words.last_mut().expect("just pushed");
        word.span.end = at + c.len_utf8();
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => word.text.push(c),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_and_words() {
        let text = "# c\nFROM a AS b\nenv A=1 \\\n  # c\n\n  B=\"x y\"\nCMD [\"bash\", \"/a\"]\n";
        let instructions = read(text).unwrap();
        let shown: Vec<_> = instructions
            .iter()
            .map(|i| {
                (i.name.as_str(), i.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), &text[i.span.clone()])
            })
            .collect();
        assert_eq!(shown[0], ("FROM", vec!["a", "AS", "b"], "FROM a AS b"));
        assert_eq!((shown[1].0, &shown[1].1), ("ENV", &vec!["A=1", "B=x y"]));
        assert_eq!(shown[2].1, ["[bash,", "/a]"]);
        assert_eq!(&text[instructions[1].words[1].span.clone()], "B=\"x y\"");
    }

    #[test]
    fn an_unknown_instruction_is_said_at_its_place() {
        assert_eq!(read("FROM a\nEXPOS 1\n").unwrap_err(), Unreadable::new("`EXPOS` is no instruction", 7..12));
    }
}
