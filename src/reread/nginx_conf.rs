//! nginx.conf: where it listens, what it passes on and where to, and how long it waits.

use super::syntax::nginx::{self, Directive};
use super::{Facts, Subject, Unreadable};

pub(super) fn read<'t>(text: &'t str, facts: &mut Facts<'t>) -> Result<(), Unreadable> {
    let directives = nginx::read(text)?;
    let all = Directive::all(&directives);
    upstreams(&all, facts);
    for directive in &all {
        let (at, statement) = (directive.arguments_span(), directive.span());
        let argument = directive.arguments().first().map(|word| word.text.as_str()).unwrap_or_default();
        let mut add = |subject, key: &str, value: String| {
            facts.add(subject, key.to_owned(), value, at.clone(), statement.clone());
        };
        match directive.name() {
            // As it stands: start.sh looks for these words.
            "listen" => add(Subject::ContainerPort, "listen", text[at.clone()].to_owned()),
            "http2" => add(Subject::Http, "http2", if argument == "on" { "HTTP/2" } else { "HTTP/1.1" }.to_owned()),
            name @ ("proxy_read_timeout" | "proxy_send_timeout") => {
                add(Subject::ProxyTimeout, name, seconds(argument));
            }
            name @ "client_max_body_size" => add(Subject::Setting, name, bytes(argument)),
            name @ "worker_connections" => add(Subject::Setting, name, argument.to_owned()),
            "root" => add(Subject::Inside, "folder of static files", argument.trim_end_matches('/').to_owned()),
            // What start.sh writes, and what may be missing.
            "include" if argument.contains('*') => {
                let folder = argument.rsplit_once('/').map_or("", |(folder, _)| folder);
                add(Subject::Inside, "folder of run-time files", folder.to_owned());
            }
            "map" if matches!(argument, "$uri" | "$request_uri") => map(directive, facts),
            "location" => location(directive, facts),
            _ => {}
        }
    }
    Ok(())
}

/// The upstream's name counts as right where the file calls it so throughout, whatever it is.
fn upstreams(all: &[&Directive], facts: &mut Facts<'_>) {
    let named = |directive: &&&Directive, name: &str| directive.name() == name && !directive.arguments().is_empty();
    let passes: Vec<_> = all.iter().filter(|directive| named(directive, "proxy_pass")).collect();
    let host = |url: &str| {
        let host = url.strip_prefix("http://")?;
        Some(host.split('/').next().unwrap_or_default().to_owned())
    };
    let hosts: Vec<_> = passes.iter().filter_map(|pass| host(&pass.arguments()[0].text)).collect();
    let upstreams: Vec<_> = all.iter().filter(|directive| named(directive, "upstream")).collect();
    let names: Vec<_> = upstreams.iter().map(|upstream| upstream.arguments()[0].text.clone()).collect();
    let shared = |name: &String, others: &[String]| {
        if others.contains(name) { super::due::UPSTREAM.to_owned() } else { name.clone() }
    };
    for upstream in upstreams {
        let name = &upstream.arguments()[0];
        let at = name.span.clone();
        facts.add(Subject::Upstream, "upstream", shared(&name.text, &hosts), at, upstream.span());
        for child in upstream.children() {
            let Some(first) = child.arguments().first() else { continue };
            let at = first.span.clone();
            match child.name() {
                "server" => server(&first.text, child, facts),
                "keepalive_timeout" => {
                    facts.add(Subject::KeepAlive, "nginx", seconds(&first.text), at, child.span());
                }
                _ => {}
            }
        }
    }
    for pass in passes {
        let url = &pass.arguments()[0];
        if let Some(host) = host(&url.text) {
            facts.add(Subject::Upstream, "proxy_pass", shared(&host, &names), url.span.clone(), pass.span());
        }
    }
}

fn server(address: &str, directive: &Directive, facts: &mut Facts<'_>) {
    let start = directive.arguments()[0].span.start;
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    let (end, whole) = (start + host.len(), start + address.len());
    facts.add(Subject::BackendAddress, "server", host.to_owned(), start..end, directive.span());
    let at = if port.is_empty() { start..whole } else { end + 1..whole };
    facts.add(Subject::BackendPort, "server", port.to_owned(), at, directive.span());
}

/// A map by path: which paths it is for.
fn map(directive: &Directive, facts: &mut Facts<'_>) {
    let target = directive.arguments().get(1).map(|word| word.text.clone()).unwrap_or_default();
    for entry in directive.children().iter().filter(|entry| entry.name().starts_with('~')) {
        let at = entry.words[0].span.clone();
        facts.add(Subject::Map, target.clone(), entry.name().to_owned(), at, entry.span());
    }
}

fn location(directive: &Directive, facts: &mut Facts<'_>) {
    let words: Vec<_> = directive.arguments().iter().map(|word| word.text.as_str()).collect();
    // `=/ping` is `= /ping`.
    let key = match words[..] {
        [path] if path.starts_with('=') && path.len() > 1 => format!("= {}", &path[1..]),
        _ => words.join(" "),
    };
    let child = |name: &str| directive.children().iter().find(|child| child.name() == name);
    let last = |child: &Directive| child.words[child.words.len() - 1].text.clone();
    if let Some(rewrite) = directive.children().iter().rfind(|child| child.name() == "rewrite" && child.words.len() > 2)
    {
        let pattern = &rewrite.arguments()[0];
        facts.add(Subject::Rewrite, key.clone(), pattern.text.clone(), pattern.span.clone(), rewrite.span());
    }
    let (value, leading) = match (child("proxy_pass"), child("try_files"), child("return")) {
        (Some(pass), _, _) => (passed_to(pass, child("rewrite").is_some()), Some(pass)),
        (None, Some(files), _) => (format!("files, else {}", last(files)), Some(files)),
        (None, None, Some(answer)) => (last(answer), Some(answer)),
        (None, None, None) => ("nowhere".to_owned(), None),
    };
    let at = leading.map_or_else(|| directive.span(), Directive::arguments_span);
    facts.add(Subject::Location, key, value, at, directive.span());
}

fn passed_to(pass: &Directive, rewritten: bool) -> String {
    let url = pass.arguments().first().map(|word| word.text.as_str()).unwrap_or_default();
    match url {
        url if url.starts_with("http://") => "the backend".to_owned(),
        "$api_origin" if !rewritten => "the API".to_owned(),
        "$api_origin/$1" if rewritten => "the API, less the path".to_owned(),
        other => other.to_owned(),
    }
}

/// nginx's times, as far as they are whole seconds; any other as it stands.
fn seconds(text: &str) -> String {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &text[number.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return text.to_owned(),
    };
    number.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).map_or_else(|| text.to_owned(), |n| n.to_string())
}

/// nginx's sizes in bytes.
fn bytes(text: &str) -> String {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[number.len()..] {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return text.to_owned(),
    };
    let size = number.parse::<u64>().ok().and_then(|n| n.checked_mul(1 << shift));
    size.map_or_else(|| text.to_owned(), |size| size.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_times_and_sizes() {
        assert_eq!(["5m", "300s", "300", "1h", "1m30s", "x"].map(seconds), ["300", "300", "300", "3600", "1m30s", "x"]);
        assert_eq!(["1m", "1024K", "7", "x"].map(bytes), ["1048576", "1048576", "7", "x"]);
    }
}
