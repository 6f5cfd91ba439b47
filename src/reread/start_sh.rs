//! start.sh: ports, addresses, limits, and how uvicorn is started.

use std::borrow::Cow;

use super::syntax::shell::{self, assignment, variable};
use super::syntax::{Unreadable, Word};
use super::{Facts, Subject};

/// Assignments that others are to agree with.
const ASSIGNED: &[(&str, Subject, &str)] = &[
    ("default_port", Subject::ContainerPort, "default_port"),
    ("backend_port", Subject::BackendPort, "backend_port"),
    ("startup_limit", Subject::StartupLimit, "startup_limit"),
    ("graceful_limit", Subject::GracefulLimit, "graceful_limit"),
    ("run_dir", Subject::Inside, "folder of run-time files"),
];

/// Options of uvicorn, and the variable that they are usually taken from, which is a fact already.
const OPTIONS: &[(&str, Subject, &str, &str)] = &[
    ("--host", Subject::BackendAddress, "--host", ""),
    ("--port", Subject::BackendPort, "--port", "backend_port"),
    ("--forwarded-allow-ips", Subject::BackendAddress, "--forwarded-allow-ips", ""),
    ("--timeout-graceful-shutdown", Subject::GracefulLimit, "--timeout-graceful-shutdown", "graceful_limit"),
    ("--timeout-keep-alive", Subject::KeepAlive, "uvicorn", ""),
    ("--workers", Subject::Setting, "workers", ""),
    ("--factory", Subject::Setting, "asgi", ""),
    ("--ws", Subject::Transport, "--ws", ""),
];

/// What a program in the script asks the backend with: what stands before it, and what it is.
const ASKED: &[(&str, Subject)] =
    &[("HTTPConnection(\"", Subject::BackendAddress), ("request(\"GET\", \"", Subject::ProbePath)];

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let commands = shell::read(text)?;
    let words: Vec<_> = commands.iter().flatten().collect();
    let assigned = |name: &str| {
        words.iter().find_map(|word| assignment(word).filter(|(at, ..)| *at == name)).map(|(_, value, _)| value)
    };
    for command in &commands {
        // `readonly a=1`, `a=1` and `a=1 command` assign; `echo a=1` does not.
        let assigns = command.iter().enumerate().take_while(|(i, word)| {
            assignment(word).is_some()
                || (*i == 0 && matches!(&*word.text, "readonly" | "declare" | "export" | "local"))
        });
        for (name, value, at) in assigns.filter_map(|(_, word)| assignment(word)) {
            let statement = at.start - name.len() - 1..at.end;
            if let Some((_, subject, key)) = ASSIGNED.iter().find(|(assigned, ..)| *assigned == name) {
                facts.add(*subject, *key, value.to_owned(), at, statement);
            } else if let Some(fallback) = value.strip_prefix("${PORT:-").and_then(|rest| rest.strip_suffix('}'))
                && variable(fallback) != Some("default_port")
            {
                facts.add(Subject::ContainerPort, "PORT", fallback.to_owned(), at, statement);
            }
        }
        options(command, &assigned, facts);
        if command.first().is_some_and(|word| word.text == "sed") {
            rewritten(command, &assigned, facts);
        }
    }
    for word in words {
        asked(text, word, facts);
    }
    Ok(())
}

fn options<'w>(command: &[Word], assigned: &impl Fn(&str) -> Option<&'w str>, facts: &mut Facts<'_>) {
    for pair in command.windows(2) {
        let [option, value] = pair else { continue };
        // `--port=8000` is `--port 8000`.
        let Some((_, subject, key, usual)) = OPTIONS.iter().find(|(name, ..)| *name == option.text) else { continue };
        let said = match variable(&value.text) {
            Some(name) if name == *usual => continue,
            Some(name) => assigned(name).unwrap_or(&value.text),
            None => &value.text,
        };
        let said = match (*subject, said) {
            (Subject::Transport, "none") => "polling",
            (Subject::Transport, "auto" | "websockets" | "websockets-sansio" | "wsproto") => "websocket",
            (_, said) => said,
        };
        let statement = option.span.start..value.span.end;
        facts.add(*subject, *key, said.to_owned(), value.span.clone(), statement);
    }
}

/// `sed "s/listen $default_port;/.../" /app/nginx.conf`: what is looked for must be what nginx.conf says.
fn rewritten<'w>(command: &[Word], assigned: &impl Fn(&str) -> Option<&'w str>, facts: &mut Facts<'_>) {
    let whole = command[0].span.start..command[command.len() - 1].span.end;
    for word in &command[1..] {
        if let Some(port) = word.text.strip_prefix("s/listen ").and_then(|rest| rest.split(';').next()) {
            match variable(port) {
                Some("default_port") => {}
                name => {
                    let said = name.and_then(assigned).unwrap_or(port).to_owned();
                    facts.add(Subject::ContainerPort, "sed", said, word.span.clone(), whole.clone());
                }
            }
        } else if word.text.ends_with("/nginx.conf") && !word.text.contains('$') {
            facts.add(Subject::Inside, "nginx.conf", word.text.clone(), word.span.clone(), whole.clone());
        }
    }
}

fn asked<'t>(text: &'t str, word: &Word, facts: &mut Facts<'t>) {
    let raw = &text[word.span.clone()];
    for (before, subject) in ASKED {
        for (found, _) in raw.match_indices(before) {
            let start = word.span.start + found + before.len();
            let Some(length) = text[start..word.span.end].find('"') else { continue };
            let end = start + length + 1;
            let statement = word.span.start + found..end + usize::from(text[end..].starts_with(')'));
            let value: Cow<'t, str> = text[start..start + length].into();
            facts.add(*subject, "readiness check", value, start..start + length, statement);
        }
    }
}
