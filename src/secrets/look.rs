//! What looks like a secret: by its variable's name, by a shape that only secrets have, or because it is as random as
//! one. A rule reports it where it must not stand, and nothing prints it.

use std::ops::Range;

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
    let words: Vec<String> = name.to_ascii_uppercase().split('_').map(str::to_owned).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    // What is made to be published is no secret, however long and random it is.
    let public = words.iter().any(|word| PUBLIC_WORDS.contains(word));
    match shape(value) {
        Some(what) => Some(Why::Shape(what)),
        None if public => None,
        None if is_secret_by_name(&words, value) => Some(Why::Name),
        None if is_random(value) => Some(Why::Random),
        None => None,
    }
}

/// What the value is, where it has a shape, or holds something of a shape, that only secrets have.
pub fn shape(value: &str) -> Option<&'static str> {
    let (_, what) = find(value).into_iter().next().or_else(|| credential_of_a_request(value))?;
    Some(what)
}

/// Where in any text something stands that has a shape that only secrets have, and what it is.
pub fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = private_keys(text);
    found.extend(tokens(text));
    found.extend(passwords_of_addresses(text));
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
        for (start, _) in text.match_indices(known.prefix) {
            let inside = start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || b"_-".contains(&bytes[start - 1]));
            let rest = &bytes[start + known.prefix.len()..];
            let length = run(rest, known.signs);
            if !inside && length >= known.least && (!known.mixed || is_mixed(&rest[..length])) {
                found.push((start..start + known.prefix.len() + length, known.what));
            }
        }
    }
    // A JSON Web Token: three parts, of which the first begins as `{"` does in base64.
    for (start, _) in text.match_indices("eyJ") {
        let inside = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
        let length = run(&bytes[start..], b"-_.");
        let parts: Vec<_> = text[start..start + length].split('.').collect();
        if !inside && parts.len() >= 3 && parts.iter().take(3).all(|part| part.len() >= 8) {
            found.push((start..start + length, "a signed token (JWT)"));
        }
    }
    found
}

/// How many bytes at the start are letters, digits or one of these signs.
fn run(bytes: &[u8], signs: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || signs.contains(byte)).count()
}

fn is_mixed(bytes: &[u8]) -> bool {
    [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase].iter().all(|class| bytes.iter().any(class))
}

fn private_keys(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for (start, begin) in text.match_indices("-----BEGIN ") {
        let line = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let title = text[start + begin.len()..line].split("-----").next().unwrap_or_default();
        if title.contains("PRIVATE KEY") {
            let end = format!("-----END {title}-----");
            let whole = text[start..].find(&end).map_or(line, |at| start + at + end.len());
            found.push((start..whole, "a private key"));
        }
    }
    found
}

/// `scheme://user:password@host`: where the password stands.
fn passwords_of_addresses(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '|');
        let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
        let user = text[start..end].rfind('@').map(|at| &text[start..start + at]);
        if let Some((name, password)) = user.and_then(|user| user.split_once(':'))
            && !password.is_empty()
            && !is_placeholder(password)
        {
            let first = start + name.len() + 1;
            found.push((first..first + password.len(), "an address with a password"));
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
fn is_placeholder(value: &str) -> bool {
    let wrapped = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
    let first = value.chars().next();
    wrapped("<", ">")
        || wrapped("${", "}")
        || wrapped("$(", ")")
        || wrapped("{", "}") && !value.contains('"')
        || value.len() > 2 && value.chars().all(|c| Some(c) == first)
}

const PUBLIC_WORDS: &[&str] = &["PUBLIC", "PUBLISHABLE", "CERT", "CERTIFICATE", "CHECKSUM", "DIGEST", "HASH", "SHA256"];

/// Words that name a secret.
const SECRET_WORDS: &[&str] = &[
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "SECRET",
    "SECRETS",
    "TOKEN",
];

/// Words that name one together with `KEY` behind them.
const SECRET_KEYS: &[&str] = &["ACCESS", "API", "AUTH", "ENCRYPTION", "MASTER", "PRIVATE", "SIGNING"];

/// Last words of the names of what is about a secret and none: where it is, how long it lasts.
const ABOUT_SECRETS: &[&str] = &[
    "AGE",
    "ALGORITHM",
    "AUDIENCE",
    "BUCKET",
    "COOKIE",
    "COUNT",
    "DAYS",
    "DIR",
    "ENABLED",
    "ENDPOINT",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FOLDER",
    "FORMAT",
    "HEADER",
    "HOST",
    "HOURS",
    "ID",
    "IDS",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "LOCATION",
    "MAX",
    "MESSAGE",
    "MIN",
    "MINUTES",
    "MODE",
    "MS",
    "NAME",
    "NAMES",
    "PAGE",
    "PARAM",
    "PATH",
    "PATTERN",
    "POLICY",
    "PREFIX",
    "PROJECT",
    "PROVIDER",
    "REGEX",
    "REGION",
    "SCOPE",
    "SCOPES",
    "SECONDS",
    "SIZE",
    "SUFFIX",
    "TEMPLATE",
    "TEXT",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "VERSION",
];

/// Values that are settings and nothing to hide.
const SETTINGS: &[&str] = &[
    "auto",
    "default",
    "disabled",
    "enabled",
    "false",
    "include",
    "no",
    "none",
    "null",
    "off",
    "omit",
    "on",
    "optional",
    "required",
    "same-origin",
    "true",
    "yes",
];

fn is_secret_by_name(words: &[&str], value: &str) -> bool {
    let one = |i: usize| SECRET_WORDS.contains(&words[i]) || (words[i] == "PWD" && i > 0);
    let pair = |i: usize| words[i] == "KEY" && i > 0 && SECRET_KEYS.contains(&words[i - 1]);
    let Some(at) = (0..words.len()).rev().find(|i| one(*i) || pair(*i)) else { return false };
    if words.last().is_some_and(|last| ABOUT_SECRETS.contains(last)) || is_ordinary(value) {
        return false;
    }
    // With the word inside, the name may say what is done with a secret: TOKEN_DELIVERY is none, API_KEY_MAPS is one.
    let last = words[at + 1..].iter().all(|word| {
        matches!(*word, "BASE64" | "JSON" | "KEY" | "PEM" | "VALUE") || word.bytes().all(|b| b.is_ascii_digit())
    });
    let odd = |class: fn(&u8) -> bool| value.bytes().any(|byte| class(&byte));
    last || (value.len() >= 12
        && !value.contains(char::is_whitespace)
        && odd(u8::is_ascii_digit)
        && odd(u8::is_ascii_alphabetic))
}

/// What no secret is: a setting, a short number, a path, an address, the name of something in Secret Manager.
fn is_ordinary(value: &str) -> bool {
    let number = value.len() <= 5 && value.parse::<f64>().is_ok();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '.' | '_' | '-');
    let path = value.starts_with(['/', '.']) && value.contains('/') && value.chars().all(plain);
    let address = value.contains("://") && !value.contains(char::is_whitespace);
    let resource = value.starts_with("projects/") && value.contains("/secrets/");
    SETTINGS.contains(&value.to_ascii_lowercase().as_str()) || number || path || address || resource
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
