//! What looks like a secret: by its variable's name, by a shape that only secrets have, or because it is as random as
//! one. A rule reports it where it must not stand, and nothing prints it.

use std::ops::Range;

use super::names;

/// Why a value looks like a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its variable is named as secrets are.
    Name,
    /// It has the shape of this.
    Shape(&'static str),
    /// It is long and without any pattern.
    Random,
}

/// Whether the value of a variable looks like a secret, and why.
pub fn of_variable(name: &str, value: &str) -> Option<Why> {
    let value = value.trim();
    if value.is_empty() || is_placeholder(value) {
        return None;
    }
    let words = names::words(name);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let public = names::is_public(&words) || PUBLIC_PREFIXES.iter().any(|prefix| value.starts_with(prefix));
    match shape(value) {
        Some(what) => Some(Why::Shape(what)),
        None if public => None,
        None if names::is_secret_by_name(&words, value) => Some(Why::Name),
        None if is_random(value) && !names::is_identifier(&words) => Some(Why::Random),
        None => None,
    }
}

/// Beginnings of keys that are made to be published.
const PUBLIC_PREFIXES: &[&str] = &["phc_", "pk.", "pk_live_", "pk_test_"];

/// What the value is, where it has a shape, or holds something of a shape, that only secrets have.
pub fn shape(value: &str) -> Option<&'static str> {
    let (_, what) = find(value).into_iter().next().or_else(|| credential_of_a_request(value))?;
    Some(what)
}

/// Where in any text something stands that has a shape that only secrets have, and what it is.
pub fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = private_keys(text);
    found.extend(tokens(text));
    found.extend(webhooks(text));
    found.extend(passwords_of_addresses(text));
    found.extend(parameters_of_addresses(text));
    found.sort_by_key(|(span, _)| span.start);
    found
}

/// A token that begins as no other text does.
struct Prefix {
    prefix: &'static str,
    what: &'static str,
    /// Signs beside letters and digits.
    signs: &'static [u8],
    /// The least that follows the prefix. Real ones are longer.
    least: usize,
    /// The prefix is a word as well: what follows must have digits, capitals and small letters.
    mixed: bool,
}

const fn prefix(prefix: &'static str, what: &'static str, signs: &'static [u8], least: usize) -> Prefix {
    Prefix { prefix, what, signs, least, mixed: false }
}

const PREFIXES: &[Prefix] = &[
    prefix("GOCSPX-", "a Google OAuth client secret", b"-_", 10),
    prefix("ya29.", "a Google access token", b"-_.", 16),
    prefix("1//0", "a Google refresh token", b"-_", 30),
    prefix("AIza", "a Google API key", b"-_", 28),
    prefix("AKIA", "an AWS access key", b"", 16),
    prefix("ASIA", "an AWS access key", b"", 16),
    prefix("ghp_", "a GitHub token", b"", 20),
    prefix("gho_", "a GitHub token", b"", 20),
    prefix("ghu_", "a GitHub token", b"", 20),
    prefix("ghs_", "a GitHub token", b"", 20),
    prefix("ghr_", "a GitHub token", b"", 20),
    prefix("github_pat_", "a GitHub token", b"_", 20),
    prefix("glpat-", "a GitLab token", b"-_", 16),
    prefix("xoxa-", "a Slack token", b"-", 16),
    prefix("xoxb-", "a Slack token", b"-", 16),
    prefix("xoxp-", "a Slack token", b"-", 16),
    prefix("xoxr-", "a Slack token", b"-", 16),
    prefix("xoxs-", "a Slack token", b"-", 16),
    prefix("xapp-", "a Slack token", b"-", 16),
    prefix("sk_live_", "a Stripe key", b"", 16),
    prefix("sk_test_", "a Stripe key", b"", 16),
    prefix("rk_live_", "a Stripe key", b"", 16),
    prefix("SG.", "a SendGrid key", b"-_.", 40),
    Prefix { prefix: "sk-", what: "an API key", signs: b"-_", least: 20, mixed: true },
];

fn tokens(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for known in PREFIXES {
        let mut passed = 0;
        for (start, _) in text.match_indices(known.prefix) {
            let inside = start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || b"_-".contains(&bytes[start - 1]));
            if inside || start < passed {
                continue;
            }
            let rest = &bytes[start + known.prefix.len()..];
            let length = run(rest, known.signs);
            if length >= known.least && (!known.mixed || is_mixed(&rest[..length])) {
                passed = start + known.prefix.len() + length;
                found.push((start..passed, known.what));
            }
        }
    }
    found.extend(signed_tokens(text));
    found
}

/// JSON Web Tokens: three parts, of which the first begins as `{"` does in base64.
fn signed_tokens(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut passed = 0;
    for (start, _) in text.match_indices("eyJ") {
        if start < passed || start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
            continue;
        }
        // In what hangs together, each part may be the first of three.
        let end = start + run(&bytes[start..], b"-_.");
        let parts: Vec<_> = text[start..end].split('.').collect();
        let mut at = start;
        for three in parts.windows(3) {
            let first = three[0].match_indices("eyJ").map(|(i, _)| i);
            let mut first = first.filter(|i| *i == 0 || !three[0].as_bytes()[i - 1].is_ascii_alphanumeric());
            if let Some(i) = first.next()
                && three[0].len() - i >= 8
                && three[1..].iter().all(|part| part.len() >= 8)
            {
                found.push((at + i..end, "a signed token (JWT)"));
                break;
            }
            at += three[0].len() + 1;
        }
        passed = end;
    }
    found
}

/// Addresses that take messages from whoever knows them.
fn webhooks(text: &str) -> Vec<(Range<usize>, &'static str)> {
    const ADDRESSES: &[(&str, &str)] = &[
        ("hooks.slack.com/services/", "a Slack webhook"),
        ("hooks.slack.com/workflows/", "a Slack webhook"),
        ("hooks.slack.com/triggers/", "a Slack webhook"),
        ("discord.com/api/webhooks/", "a Discord webhook"),
    ];
    let path = |start: usize| run(&text.as_bytes()[start..], b"-_/");
    ADDRESSES
        .iter()
        .flat_map(|(address, what)| text.match_indices(address).map(move |(at, _)| (at + address.len(), *what)))
        .filter(|(start, _)| path(*start) >= 20)
        .map(|(start, what)| (start..start + path(start), what))
        .collect()
}

/// How many bytes at the start are letters, digits or one of these signs.
fn run(bytes: &[u8], signs: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || signs.contains(byte)).count()
}

fn is_mixed(bytes: &[u8]) -> bool {
    [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase].iter().all(|class| bytes.iter().any(class))
}

fn private_keys(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let ends: Vec<_> = text.match_indices("-----END ").map(|(at, end)| at + end.len()).collect();
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (start, begin) in text.match_indices("-----BEGIN ") {
        let title = start + begin.len();
        let Some(length) = text[title..].find("-----").filter(|length| *length < 64) else { continue };
        let passed = found.last().is_some_and(|(span, _)| start < span.end);
        if passed || !text[title..title + length].contains("PRIVATE KEY") {
            continue;
        }
        let head = title + length + "-----".len();
        let end = ends.get(ends.partition_point(|end| *end < head)).map(|end| {
            let title = text[*end..].char_indices().take(64).take_while(|(_, c)| *c != '-' && *c != '\n');
            let end = title.last().map_or(*end, |(at, c)| end + at + c.len_utf8());
            end + run(&text.as_bytes()[end..], b"-")
        });
        found.push((start..end.unwrap_or_else(|| head + key_lines(&text[head..])), "a private key"));
    }
    found
}

/// The length of the lines at the start that a key without an end may have.
fn key_lines(text: &str) -> usize {
    let key = |c: char| c.is_ascii_alphanumeric() || "+/=\\\r".contains(c);
    let lines = text.split_inclusive('\n');
    let of_key = |line: &&str| line.trim_end_matches(['\n', '"', '\'']).trim().chars().all(key);
    lines.take_while(of_key).map(str::len).sum()
}

/// `scheme://user:password@host`: where the password stands.
fn passwords_of_addresses(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for user in users(text) {
        if let Some((name, password)) = text[user.clone()].split_once(':')
            && !password.is_empty()
            && !is_placeholder(password)
        {
            found.push((user.start + name.len() + 1..user.end, "an address with a password"));
        }
    }
    found
}

/// Where the users of addresses stand that may be secrets themselves: `https://token@host`.
pub(super) fn users_of_addresses(text: &str) -> Vec<Range<usize>> {
    let web = |user: &Range<usize>| ["http://", "https://"].iter().any(|scheme| text[..user.start].ends_with(scheme));
    let mut found = users(text);
    found.retain(|user| {
        let name = &text[user.clone()];
        !matches!(name, "" | "git") && !is_placeholder(name) && (web(user) || !name.contains(':'))
    });
    found
}

/// What stands before the `@` of addresses.
fn users(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '|');
    let starts = text.match_indices("://").map(|(at, separator)| at + separator.len());
    let user = |start: usize| {
        let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
        text[start..end].rfind('@').map(|at| start..start + at)
    };
    starts.filter_map(user).collect()
}

/// Secrets among the parameters of an address: `https://host/path?client_secret=...`.
fn parameters_of_addresses(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '&' | '#' | '"' | '\'' | '`' | '<' | '>');
    let mut found = Vec::new();
    let mut passed = 0;
    for (at, mark) in text.match_indices(['?', '&']) {
        let name = at + mark.len();
        let start = name + run(&text.as_bytes()[name..], b"_-");
        if at < passed || start == name || !text[start..].starts_with('=') {
            continue;
        }
        let start = start + 1;
        let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
        passed = end;
        let value = &text[start..end];
        let words = names::words(&text[name..start - 1]);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let mixed = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
        if value.len() >= 8 && mixed && !is_placeholder(value) && names::is_secret_by_name(&words, value) {
            found.push((start..end, "an address with a secret among its parameters"));
        }
    }
    found
}

/// What a request or a connection is made with: `Bearer ...`, `password=...`.
fn credential_of_a_request(value: &str) -> Option<(Range<usize>, &'static str)> {
    const KEYS: &[&str] = &["password=", "passwd=", "pwd=", "client_secret=", "access_token=", "api_key="];
    let lower = value.to_ascii_lowercase();
    let bearer = lower.strip_prefix("bearer ").map(|_| &value["bearer ".len()..]);
    if bearer.is_some_and(|token| token.len() >= 16 && !token.contains(' ') && !is_placeholder(token)) {
        return Some((0..value.len(), "a bearer token"));
    }
    KEYS.iter().flat_map(|key| lower.match_indices(key)).find_map(|(at, key)| {
        let begins = at == 0 || matches!(value.as_bytes()[at - 1], b'?' | b'&' | b';' | b' ');
        let start = at + key.len();
        let end = value[start..].find(['&', ';', ' ']).map_or(value.len(), |end| start + end);
        let given = end - start >= 4 && !is_placeholder(&value[start..end]);
        (begins && given).then_some((start..end, "a password among other parameters"))
    })
}

/// What stands for a value that somebody else puts there.
pub(super) fn is_placeholder(value: &str) -> bool {
    let wrapped = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
    let first = value.chars().next();
    wrapped("<", ">")
        || wrapped("${", "}")
        || wrapped("$(", ")")
        || wrapped("{", "}") && !value.contains('"')
        || value.len() > 2 && value.chars().all(|c| Some(c) == first)
}

/// Whether a value looks as if a program had made it, of whatever letters: a long part of it goes to and fro between
/// digits and letters.
pub(super) fn is_generated(value: &str) -> bool {
    let long = |part: &[u8]| {
        let changes = part.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
        part.len() >= 12 && part.iter().any(u8::is_ascii_digit) && changes * 4 >= part.len()
    };
    let parts = |value: &str| value.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).any(long);
    is_random(value) || !value.contains(char::is_whitespace) && parts(value)
}

/// Whether a value looks like the output of a random generator in base64 or the like. Hexadecimal digits do not: a key
/// cannot be told from a commit or a digest.
fn is_random(value: &str) -> bool {
    const LEAST: usize = 24;
    let bytes = value.as_bytes();
    let body = value.trim_end_matches('=').as_bytes();
    let hash = ["sha256-", "sha384-", "sha512-"].iter().any(|prefix| value.starts_with(prefix));
    if bytes.len() < LEAST || run(body, b"+/_-") != body.len() || hash || !is_mixed(body) {
        return false;
    }
    // Words in mixed case and with numbers, or joined by signs, change between kinds of characters now and then; random
    // ones at two of three steps, and they have long stretches without a sign.
    let changes = body.windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    let longest = body.split(|byte| !byte.is_ascii_alphanumeric()).map(<[u8]>::len).max().unwrap_or_default();
    let most = (body.len().min(64) as f64).log2();
    changes * 100 >= (body.len() - 1) * 45 && longest >= 10 && entropy(body) >= 0.82 * most
}

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Shannon's entropy in bits for each byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let total = bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total).map(|p| -p * p.log2()).sum()
}
