//! The Dockerfile and its .dockerignore: what the image is made of, and how it is started.

use super::syntax::dockerfile::{self, Instruction};
use super::syntax::{Unreadable, Word, span_in};
use super::{Facts, Subject};

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let mut stages: Vec<String> = Vec::new();
    for instruction in dockerfile::read(text)? {
        let span = instruction.span.clone();
        match instruction.name.as_str() {
            "FROM" => from(&instruction, &mut stages, facts),
            "EXPOSE" => {
                for word in &instruction.words {
                    let port = word.text.trim_end_matches("/tcp").to_owned();
                    facts.add(Subject::ContainerPort, "EXPOSE", port, word.span.clone(), span.clone());
                }
            }
            "ENV" => instruction.words.iter().for_each(|word| variable(text, word, facts)),
            "COPY" => copy(&instruction, facts),
            "CMD" | "ENTRYPOINT" => {
                if let Some(word) = instruction.words.last() {
                    let path = word.text.trim_matches(|c| "[],".contains(c)).to_owned();
                    facts.add(Subject::Inside, "start.sh", path, word.span.clone(), span);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn from(instruction: &Instruction, stages: &mut Vec<String>, facts: &mut Facts<'_>) {
    let mut words = instruction.words.iter().filter(|word| !word.text.starts_with("--"));
    let Some(image) = words.next() else { return };
    let stage = words.nth(1).map(|word| word.text.clone()).unwrap_or_default();
    if !stages.contains(&image.text) {
        let key = format!("FROM ... AS {stage}");
        facts.add(Subject::Setting, key, image.text.clone(), image.span.clone(), instruction.span.clone());
    }
    stages.push(stage);
}

fn variable<'t>(text: &'t str, word: &Word, facts: &mut Facts<'t>) {
    let raw = &text[word.span.clone()];
    let Some((name, value)) = word.text.split_once('=') else { return };
    let at = word.span.start + raw.find('=').map_or(0, |sign| sign + 1)..word.span.end;
    match name {
        "REFLEX_TRANSPORT" => {
            facts.add(Subject::Transport, "REFLEX_TRANSPORT", value.to_owned(), at, word.span.clone())
        }
        "REFLEX_API_URL" => {
            let (origin, port) = match value.rsplit_once(':') {
                Some((origin, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (origin, Some(port)),
                _ => (value, None),
            };
            let end = at.start + origin.len();
            let said = if port.is_some() { origin.to_owned() } else { format!("{origin} without a port") };
            if let Some(port) = port {
                let at = (end + 1).min(at.end)..at.end;
                facts.add(Subject::ContainerPort, "REFLEX_API_URL", port.to_owned(), at, word.span.clone());
            }
            let at = at.start..end.min(at.end);
            facts.add(Subject::Setting, "REFLEX_API_URL", said, at, word.span.clone());
        }
        _ => {}
    }
}

fn copy(instruction: &Instruction, facts: &mut Facts<'_>) {
    let (flags, words): (Vec<_>, Vec<_>) = instruction.words.iter().partition(|word| word.text.starts_with("--"));
    let Some((target, sources)) = words.split_last() else { return };
    let from_stage = flags.iter().any(|flag| flag.text.starts_with("--from="));
    for source in sources {
        if !from_stage {
            let statement = if sources.len() == 1 { instruction.span.clone() } else { source.span.clone() };
            facts.add(Subject::Copied, source.text.clone(), target.text.clone(), target.span.clone(), statement);
        } else if source.text.trim_end_matches('/').ends_with("/build/client") {
            let folder = target.text.trim_end_matches('/').to_owned();
            facts.add(Subject::Inside, "folder of static files", folder, target.span.clone(), instruction.span.clone());
        }
    }
}

/// What the build may see: the lines that take a path out of what is ignored.
pub(super) fn read_ignored<'t>(text: &'t str, facts: &mut Facts<'t>) {
    for line in text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix('!') {
            facts.add(Subject::Copied, path, "", span_in(text, path), span_in(text, line));
        }
    }
}
