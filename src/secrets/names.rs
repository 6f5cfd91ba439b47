//! Which names of variables say that their value is a secret.

use super::look::is_generated;

/// The words of a name, in capitals: `DB_PASSWORD`, `db-password` and `dbPassword` have the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_small) {
            words.push(String::new());
        }
        after_small = c.is_lowercase();
        if c.is_alphanumeric() {
            words.last_mut().expect("there is always one").extend(c.to_uppercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name is that of something made to be published, however long and random it is.
pub(super) fn is_public(words: &[&str]) -> bool {
    let site_key = words.windows(2).any(|pair| pair == ["SITE", "KEY"]);
    site_key || words.iter().any(|word| PUBLIC_WORDS.contains(word))
}

/// Whether a name is that of an identifier, which may be random and tells nobody anything.
pub(super) fn is_identifier(words: &[&str]) -> bool {
    matches!(words.last(), Some(&("ID" | "IDS")))
}

const PUBLIC_WORDS: &[&str] =
    &["PUBLIC", "PUBLISHABLE", "CERT", "CERTIFICATE", "CHECKSUM", "DIGEST", "HASH", "SHA256", "SITEKEY"];

/// Words that name a secret.
const SECRET_WORDS: &[&str] = &[
    "ACCESSKEY",
    "ACCESSTOKEN",
    "APIKEY",
    "APITOKEN",
    "AUTHKEY",
    "AUTHTOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORDS",
    "PRIVATEKEY",
    "REFRESHTOKEN",
    "SECRETKEY",
    "SECRETS",
    "TOKEN",
];

/// Ends of words that name one: `PGPASSWORD`, `CLIENTSECRET`.
const SECRET_ENDS: &[&str] = &["PASSWORD", "SECRET"];

/// Words that name one together with `KEY` behind them.
const SECRET_KEYS: &[&str] = &["ACCESS", "API", "AUTH", "ENCRYPTION", "HMAC", "JWT", "MASTER", "PRIVATE", "SIGNING"];

/// Words that name one together with `PASS` behind them, which is a word of other things as well.
const LOGINS: &[&str] = &[
    "ADMIN", "AMQP", "AUTH", "DATABASE", "DB", "EMAIL", "FTP", "HTTP", "IMAP", "LDAP", "MAIL", "MONGO", "MYSQL", "PG",
    "POSTGRES", "RABBITMQ", "REDIS", "ROOT", "SFTP", "SMTP", "SQL", "SSH", "USER",
];

/// Last words of the names of what is about a secret and none: where it is, how long it lasts.
const ABOUT_SECRETS: &[&str] = &[
    "AGE",
    "ALGORITHM",
    "ATTEMPTS",
    "AUDIENCE",
    "BACKEND",
    "BUCKET",
    "BYTES",
    "CACHE",
    "CLAIM",
    "CLAIMS",
    "CLASS",
    "COLUMN",
    "COOKIE",
    "COUNT",
    "CRON",
    "DAYS",
    "DIR",
    "DOMAIN",
    "DRIVER",
    "EMAIL",
    "ENABLED",
    "ENDPOINT",
    "ENGINE",
    "ENV",
    "EXPIRES",
    "EXPIRY",
    "FIELD",
    "FILE",
    "FOLDER",
    "FORMAT",
    "HASHER",
    "HEADER",
    "HINT",
    "HOST",
    "HOURS",
    "ID",
    "IDS",
    "ISSUER",
    "KIND",
    "LABEL",
    "LEEWAY",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "LOCATION",
    "MANAGER",
    "MAX",
    "MESSAGE",
    "METHOD",
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
    "PORT",
    "PREFIX",
    "PROJECT",
    "PROVIDER",
    "QUEUE",
    "REGEX",
    "REGION",
    "RETRIES",
    "ROLE",
    "ROTATION",
    "ROUTE",
    "RULES",
    "SCHEDULE",
    "SCOPE",
    "SCOPES",
    "SECONDS",
    "SERVER",
    "SERVICE",
    "SIZE",
    "STATUS",
    "STORAGE",
    "STORE",
    "STRATEGY",
    "SUFFIX",
    "TABLE",
    "TEMPLATE",
    "TEXT",
    "TIMEOUT",
    "TOPIC",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "VERSION",
];

/// Last words that say which one of several it is, or how it is written: with them, it is one still.
const ONE_OF_SEVERAL: &[&str] = &[
    "BACKUP",
    "BASE",
    "BASE64",
    "CURRENT",
    "DEMO",
    "DEV",
    "JSON",
    "KEY",
    "LIVE",
    "NEW",
    "OLD",
    "PEM",
    "PREVIOUS",
    "PRIMARY",
    "PROD",
    "PRODUCTION",
    "SECONDARY",
    "STAGING",
    "TEST",
    "UAT",
    "VALUE",
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

/// Where among the words the one stands that names a secret.
fn secret_word(words: &[&str]) -> Option<usize> {
    let after = |i: usize, before: &[&str]| i > 0 && before.contains(&words[i - 1]);
    (0..words.len()).rev().find(|i| match words[*i] {
        word if SECRET_WORDS.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end)) => true,
        "PWD" => *i > 0,
        "PASS" => after(*i, LOGINS),
        "KEY" => after(*i, SECRET_KEYS),
        "AUTH" => after(*i, &["REDIS", "REDISCLI"]),
        _ => false,
    })
}

/// Whether a name is that of a secret, where its value is one.
pub(super) fn names_secret(name: &str) -> bool {
    let words = words(name);
    secret_word(&words.iter().map(String::as_str).collect::<Vec<_>>()).is_some()
}

/// Whether a value is a secret, to go by its name.
pub(super) fn is_secret_by_name(words: &[&str], value: &str) -> bool {
    let Some(at) = secret_word(words) else { return false };
    if words.last().is_some_and(|last| ABOUT_SECRETS.contains(last)) || is_ordinary(value) {
        return false;
    }
    // How many tokens a model may use.
    if words.iter().any(|word| matches!(*word, "MAX" | "MIN")) && value.parse::<f64>().is_ok() {
        return false;
    }
    // With the word inside, the name may say what is done with a secret: TOKEN_DELIVERY is none, API_KEY_MAPS is one.
    let one = |word: &&str| ONE_OF_SEVERAL.contains(word) || word.bytes().all(|b| b.is_ascii_digit());
    words[at + 1..].iter().all(one) || is_generated(value)
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
