//! Values that can only hold what their name says.
//!
//! Each unit stands here once, with the pattern that an editor checks, the check that portalgen makes and the words
//! for what is wrong. The schema carries a unit's name as its `format`, which leads from a refused value back to
//! [`check`]. A pattern may let through what the check refuses (a number in range, say), never the other way round.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a value is not what its unit says, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, with the value in backticks.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// A kind of value: its name in the schema's `format`, and the check behind it.
#[derive(Debug)]
pub struct Unit {
    /// The schema's `format`, unique among [`UNITS`].
    pub format: &'static str,
    /// What an editor checks: a regular expression in the dialect that JSON Schema recommends.
    pub pattern: &'static str,
    /// What portalgen checks.
    pub check: fn(&str) -> Result<(), Invalid>,
    /// A value that passes.
    pub example: &'static str,
}

/// The unit of a table's keys, by the pattern that the schema has for them.
pub fn unit_of_keys(pattern: &str) -> Option<&'static Unit> {
    ["variable-name", "label-key"].into_iter().filter_map(unit).find(|unit| unit.pattern == pattern)
}

/// The unit whose `format` this is.
pub fn unit(format: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.format == format)
}

fn invalid(message: impl Into<String>, help: impl Into<String>) -> Result<(), Invalid> {
    Err(Invalid { message: message.into(), help: help.into() })
}

macro_rules! units {
    ($( $(#[doc = $doc:literal])+ $name:ident $format:literal $pattern:literal $check:ident $example:literal; )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(try_from = "String")]
            pub struct $name(String);

            impl $name {
                /// The text as the author wrote it.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl TryFrom<String> for $name {
                type Error = Invalid;

                fn try_from(text: String) -> Result<Self, Invalid> {
                    $check(&text).map(|()| Self(text))
                }
            }

            impl std::str::FromStr for $name {
                type Err = Invalid;

                fn from_str(text: &str) -> Result<Self, Invalid> {
                    Self::try_from(text.to_owned())
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({
                        "description": concat!($($doc, "\n"),+).trim(),
                        "type": "string",
                        "format": $format,
                        "pattern": $pattern,
                    })
                }
            }
        )+

        /// Every unit.
        pub static UNITS: &[Unit] = &[
            $( Unit { format: $format, pattern: $pattern, check: $check, example: $example }, )+
        ];
    };
}

units! {
    /// The portal's name: lower-case letters, digits and hyphens, beginning with a letter.
    PortalName "portal-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "portal";
    /// An environment's name: the stem of its file, in lower-case letters, digits and hyphens.
    EnvironmentName "environment-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "demo";
    /// A Cloud Run service's name: lower-case letters, digits and hyphens, at most 63.
    ServiceName "service-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "portal-demo";
    /// A Google Cloud project ID: 6 to 30 lower-case letters, digits and hyphens.
    ProjectId "project-id" r"^[a-z][-a-z0-9]{4,28}[a-z0-9]$" project_id "my-project";
    /// A Google Cloud region, such as `asia-south1`.
    Region "region" r"^[a-z]+-[a-z]+[0-9]+$" region "europe-west1";
    /// A container image with a tag or a digest: `REGION-docker.pkg.dev/PROJECT/REPOSITORY/NAME:TAG`.
    ImageRef "image" r"^[a-z0-9]([a-z0-9._/-]|:[0-9]+/)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$" image "registry.example.com/portal:1";
    /// An amount of memory in mebibytes or gibibytes: `512Mi`, `1Gi`.
    Memory "memory" r"^[1-9][0-9]{0,5}(Mi|Gi)$" memory "512Mi";
    /// A time in seconds, minutes or hours: `300s`, `5m`, `1h`.
    Duration "duration" r"^[1-9][0-9]{0,5}[smh]$" duration "300s";
    /// A host name in lower case, without scheme, port or path: `pp.demo.waooaw.com`.
    Host "host" r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" host "portal.example.com";
    /// An address without a path: `https://api.waooaw.com`. `<codespace-name>` may stand in the host of an
    /// environment that is a GitHub codespace.
    Origin "origin" r"^https://[a-z0-9.<>-]+(:[1-9][0-9]{0,4})?$" origin "https://api.example.com";
    /// An address, with or without a path: `https://demo.waooaw.com/api`.
    Url "url" r"^(https://[a-z0-9.<>-]+|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?(/[!-~]*)?$" url "https://example.com/api";
    /// An OAuth redirect URI, to the letter as the client sends it.
    RedirectUri "redirect-uri" r"^(https://[a-z0-9.<>-]+|http://(localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?/[!-~]*$" redirect_uri "https://portal.example.com/callback";
    /// A path of a URL: `/auth/` is everything below it, `/status` is that path alone.
    UrlPath "url-path" r"^/[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?$" url_path "/auth/";
    /// A path inside the portal's repository, with forward slashes, relative to portal.toml's folder.
    RelativePath "relative-path" r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$" relative_path "app";
    /// The folder of the app, as a path inside the repository; `.` is portal.toml's own folder.
    SourceFolder "source-folder" r"^(\.|[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)$" source_folder "app";
    /// Where portal.toml is, from this file: `../portal.toml`.
    PortalPath "portal-path" r"^[!-~ ]+\.toml$" portal_path "../portal.toml";
    /// The name of a Python package: `waooaw_portal`.
    PythonPackage "python-package" r"^[A-Za-z_][A-Za-z0-9_]*$" python_package "portal";
    /// An ASGI application: `MODULE:ATTRIBUTE`.
    AsgiTarget "asgi-target" r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$" asgi_target "portal.portal:app";
    /// A Python version of two numbers: `3.11`.
    PythonVersion "python-version" r"^3\.[0-9]{1,2}$" python_version "3.11";
    /// An exact version: `0.8.24.post1`.
    ExactVersion "exact-version" r"^[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?$" exact_version "1.0";
    /// The name of an environment variable: letters, digits and underscores.
    VariableName "variable-name" r"^[A-Za-z_][A-Za-z0-9_]*$" variable_name "NAME";
    /// Text of any kind, without NUL.
    Text "text" r"^[^\u0000]*$" text "text";
    /// Text of at most 512 characters, without NUL.
    Description "description" r"^[^\u0000]{0,512}$" description "text";
    /// One line of text, without NUL or a line break.
    Line "line" r"^[^\u0000\n\r]*$" line "text";
    /// The key of a label: lower-case letters, digits, hyphens and underscores, beginning with a letter.
    LabelKey "label-key" r"^[a-z][a-z0-9_-]{0,62}$" label_key "key";
    /// A service account's address: `NAME@PROJECT.iam.gserviceaccount.com`.
    ServiceAccount "service-account" r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$" service_account "portal@my-project.iam.gserviceaccount.com";
    /// The name of a Secret Manager secret.
    SecretName "secret-name" r"^[A-Za-z0-9_-]{1,255}$" secret_name "secret";
    /// A secret's version: a number, an alias, or `latest`.
    SecretVersion "secret-version" r"^([1-9][0-9]*|[A-Za-z][A-Za-z0-9_-]{0,62})$" secret_version "1";
    /// The name of a Cloud Storage bucket.
    BucketName "bucket-name" r"^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$" bucket_name "bucket";
    /// The name of a network or subnet in the same project.
    NetworkName "network-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "default";
}

fn dns_label(text: &str) -> Result<(), Invalid> {
    let legal = text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    match text.len() {
        1..=63 if legal => Ok(()),
        64.. => invalid(format!("`{text}` has {} characters, the limit is 63", text.len()), "choose a shorter name"),
        _ => invalid(
            format!("`{text}` is no legal name here"),
            "write lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
        ),
    }
}

fn project_id(text: &str) -> Result<(), Invalid> {
    if (6..=30).contains(&text.len()) && dns_label(text).is_ok() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no project ID"),
        "write the ID (not the name or number) of the project: 6 to 30 lower-case letters, digits and hyphens",
    )
}

fn region(text: &str) -> Result<(), Invalid> {
    let letters = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_lowercase());
    let shaped = text.split_once('-').is_some_and(|(area, rest)| {
        let place = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        letters(area) && letters(place) && place.len() < rest.len()
    });
    if shaped {
        return Ok(());
    }
    let help = match closest(text, limits::REGIONS.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a Cloud Run region such as `asia-south1` or `europe-west1`".to_owned(),
    };
    invalid(format!("`{text}` is no region"), help)
}

fn image(text: &str) -> Result<(), Invalid> {
    let help = "write its tag or its digest too: `NAME:TAG` or `NAME@sha256:DIGEST`, where NAME is such as `REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`";
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return invalid(
                format!("`{digest}` is no image digest"),
                "write `sha256:` and the 64 hexadecimal digits that the registry shows",
            );
        }
    }
    // A colon before the last slash belongs to a registry's port.
    let name_start = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[name_start..].split_once(':') {
        Some((name, tag)) => (&rest[..name_start + name.len()], Some(tag)),
        None => (rest, None),
    };
    let registry_port = name.split('/').next().is_some_and(|first| {
        first.split_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
    });
    let parts_legal = name.split('/').enumerate().all(|(i, part)| {
        let part = if i == 0 && registry_port { part.split(':').next().unwrap_or_default() } else { part };
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
    });
    let tag_legal = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    });
    if !parts_legal || !tag_legal {
        return invalid(format!("`{text}` is no image reference"), help);
    }
    if tag.is_none() && digest.is_none() {
        return invalid(format!("`{text}` has neither a tag nor a digest"), help);
    }
    Ok(())
}

impl ImageRef {
    /// Whether a digest pins the bytes of this image.
    pub fn has_digest(&self) -> bool {
        self.0.contains('@')
    }
}

fn number_and_suffix(text: &str) -> Option<(u64, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    let legal = (1..=6).contains(&digits) && !number.starts_with('0');
    legal.then(|| Some((number.parse().ok()?, suffix)))?
}

fn memory(text: &str) -> Result<(), Invalid> {
    if mebibytes(text).is_some() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no amount of memory"),
        "write a whole number with `Mi` or `Gi`, such as `512Mi` or `1Gi` (Cloud Run refuses `M` and `G` in some cases)",
    )
}

fn mebibytes(text: &str) -> Option<u64> {
    match number_and_suffix(text)? {
        (number, "Mi") => Some(number),
        (number, "Gi") => Some(number * 1024),
        _ => None,
    }
}

impl Memory {
    /// The amount in mebibytes.
    pub fn mebibytes(&self) -> u64 {
        mebibytes(&self.0).expect("checked when it was made")
    }
}

fn duration(text: &str) -> Result<(), Invalid> {
    if seconds(text).is_some() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no duration"),
        "write a whole number with `s`, `m` or `h`, such as `300s`, `5m` or `1h`",
    )
}

fn seconds(text: &str) -> Option<u64> {
    match number_and_suffix(text)? {
        (number, "s") => Some(number),
        (number, "m") => Some(number * 60),
        (number, "h") => Some(number * 3600),
        _ => None,
    }
}

impl Duration {
    /// The time in seconds.
    pub fn seconds(&self) -> u64 {
        seconds(&self.0).expect("checked when it was made")
    }
}

fn host(text: &str) -> Result<(), Invalid> {
    if let Some((_, rest)) = text.split_once("://") {
        let bare = rest.split(['/', ':']).next().unwrap_or_default();
        return invalid(format!("`{text}` is an address, not a host"), format!("write the host alone: `{bare}`"));
    }
    if let Some((bare, _)) = text.split_once(['/', ':']) {
        return invalid(
            format!("`{text}` is more than a host"),
            format!("write the host without port and path: `{bare}`"),
        );
    }
    if text.rsplit('.').next().is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())) {
        return invalid(
            format!("`{text}` is an IP address"),
            "write a host name: no managed certificate and no OAuth redirect URI is for an address",
        );
    }
    if text.contains('*') {
        return invalid(
            format!("`{text}` is a pattern, not a host"),
            "name each host: a managed certificate and an OAuth redirect URI take no wildcard",
        );
    }
    let labels_legal = text.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    });
    let ends_in_word = text.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase()));
    if text.contains('.') && text.len() <= 253 && labels_legal && ends_in_word {
        return Ok(());
    }
    let lower = text.to_ascii_lowercase();
    if lower != text && host(&lower).is_ok() {
        return invalid(format!("`{text}` has upper-case letters"), format!("write `{lower}`"));
    }
    invalid(format!("`{text}` is no host name"), "write a full host name in lower case, such as `pp.demo.waooaw.com`")
}

/// What stands for the name of a GitHub codespace, which is not known before it is made.
pub const CODESPACE_NAME: &str = "<codespace-name>";

/// Splits `scheme://host[:port]` from the rest and checks it.
fn authority<'t>(text: &'t str, example: &str) -> Result<(&'t str, &'t str), Invalid> {
    let wrong = |message: String, help: String| Err(Invalid { message, help });
    let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http")) else {
        return wrong(
            format!("`{text}` is no https address"),
            format!("write the whole address with its scheme, such as `{example}`"),
        );
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return wrong(
            "the address holds a user name or a password".to_owned(),
            "leave out what stands before the `@`: credentials do not belong in this file".to_owned(),
        );
    }
    let (name, port) = match authority.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (authority, None),
    };
    if let Some(port) = port
        && (port.starts_with('0') || port.parse::<u16>().is_err())
    {
        return wrong(format!("`{port}` is no port"), "write a port from 1 to 65535, or none".to_owned());
    }
    // `<codespace-name>` may open a label; the rest is an ordinary host.
    let plain = name.replace(CODESPACE_NAME, "codespace");
    let local = matches!(plain.as_str(), "localhost" | "127.0.0.1");
    if !local {
        host(&plain)?;
    }
    if scheme == "http" && !local {
        return wrong(
            format!("`{text}` is not https"),
            format!("write `https://{rest}`: only localhost may be reached by plain http"),
        );
    }
    Ok((authority, path))
}

fn origin(text: &str) -> Result<(), Invalid> {
    let (authority, path) = authority(text, "https://api.waooaw.com")?;
    if !text.starts_with("https://") {
        return invalid(
            format!("`{text}` is not https"),
            "write an https address: the container passes sign-in on to it, and nothing on its own loopback is an API",
        );
    }
    if !path.is_empty() {
        return invalid(
            format!("`{text}` has a path after the host"),
            format!("write `https://{authority}`: which paths reach it is said by `[api] paths` in portal.toml"),
        );
    }
    Ok(())
}

fn url(text: &str) -> Result<(), Invalid> {
    let (_, path) = authority(text, "https://demo.waooaw.com/api")?;
    if path.contains(['?', '#']) {
        return invalid(format!("`{text}` has a query or a fragment"), "leave out everything from `?` or `#` on");
    }
    printable(text)
}

fn redirect_uri(text: &str) -> Result<(), Invalid> {
    let (_, path) = authority(text, "https://pp.demo.waooaw.com/auth/google/callback")?;
    if !path.starts_with('/') {
        return invalid(
            format!("`{text}` has no path"),
            "write the whole URI, to the letter as it is sent: scheme, host and path",
        );
    }
    if path.contains(['#', '*']) {
        return invalid(
            format!("`{text}`: Google takes no `#` or `*` here"),
            "write one whole URI a line, without a fragment or a wildcard",
        );
    }
    printable(text)
}

fn printable(text: &str) -> Result<(), Invalid> {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    invalid(
        format!("`{}` has a character that no address may hold", text.escape_debug()),
        "write printable ASCII without blanks; percent-encode everything else",
    )
}

impl Origin {
    /// The host, without scheme and port.
    pub fn host(&self) -> &str {
        let authority = self.0.split("://").nth(1).unwrap_or_default();
        authority.split(':').next().unwrap_or_default()
    }

    /// Whether the codespace's name is still to be filled in.
    pub fn has_placeholder(&self) -> bool {
        self.0.contains(CODESPACE_NAME)
    }
}

impl Url {
    /// Whether the codespace's name is still to be filled in.
    pub fn has_placeholder(&self) -> bool {
        self.0.contains(CODESPACE_NAME)
    }
}

impl RedirectUri {
    /// The host, without scheme, port and path.
    pub fn host(&self) -> &str {
        let rest = self.0.split("://").nth(1).unwrap_or_default();
        rest.split(['/', ':']).next().unwrap_or_default()
    }

    /// Whether the codespace's name is still to be filled in.
    pub fn has_placeholder(&self) -> bool {
        self.0.contains(CODESPACE_NAME)
    }
}

fn url_path(text: &str) -> Result<(), Invalid> {
    if text == "/" {
        return invalid("`/` is every path, the pages included", "name the paths below it, such as `/auth/`");
    }
    if !text.starts_with('/') {
        return invalid(format!("`{text}` does not begin with `/`"), format!("write `/{text}`"));
    }
    let inner = text.strip_suffix('/').unwrap_or(text);
    let legal = inner[1..].split('/').all(|segment| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-'))
    });
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no path that portalgen can route"),
        "write segments of letters, digits, `.`, `_`, `~` and `-` between single slashes, such as `/auth/google/`",
    )
}

impl UrlPath {
    /// Whether everything below the path belongs to it, and not the path alone.
    pub fn is_prefix(&self) -> bool {
        self.0.ends_with('/')
    }

    /// Whether a request for `other` (a path or a prefix) could be meant by this path.
    pub fn covers(&self, other: &str) -> bool {
        other == self.0 || (self.is_prefix() && (other.starts_with(&self.0) || other == self.0.trim_end_matches('/')))
    }
}

fn relative_path(text: &str) -> Result<(), Invalid> {
    let legal = text.split('/').all(|segment| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    });
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no path inside the repository"),
        "write it relative to portal.toml's folder with forward slashes, in letters, digits, `.`, `_` and `-`, without `..`",
    )
}

fn source_folder(text: &str) -> Result<(), Invalid> {
    if text == "." { Ok(()) } else { relative_path(text) }
}

fn portal_path(text: &str) -> Result<(), Invalid> {
    if text.ends_with(".toml") && text.len() > 5 && text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Ok(());
    }
    invalid(format!("`{text}` is no path to a portal.toml"), "write where it is from this file: `../portal.toml`")
}

fn identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn python_package(text: &str) -> Result<(), Invalid> {
    if identifier(text) {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no Python package name"),
        "write the `app_name` of rxconfig.py: letters, digits and underscores, such as `waooaw_portal`",
    )
}

fn asgi_target(text: &str) -> Result<(), Invalid> {
    let legal =
        text.split_once(':').is_some_and(|(module, name)| module.split('.').all(identifier) && identifier(name));
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no ASGI application"),
        "write `MODULE:ATTRIBUTE`, such as `waooaw_portal.waooaw_portal:app`",
    )
}

fn python_version(text: &str) -> Result<(), Invalid> {
    let minor = text.strip_prefix("3.").filter(|minor| (1..=2).contains(&minor.len()));
    if minor.is_some_and(|minor| minor.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(());
    }
    invalid(format!("`{text}` is no Python version"), "write two numbers, such as `3.11`")
}

fn exact_version(text: &str) -> Result<(), Invalid> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (rest, post) = text.split_once(".post").map_or((text, None), |(rest, post)| (rest, Some(post)));
    let release_end = rest.find(|c: char| c.is_ascii_lowercase()).unwrap_or(rest.len());
    let (release, pre) = rest.split_at(release_end);
    let pre_legal = pre.is_empty() || ["rc", "a", "b"].iter().any(|tag| pre.strip_prefix(tag).is_some_and(digits));
    if release.split('.').all(digits) && pre_legal && post.is_none_or(digits) {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no exact version"),
        "write the version that the lock file holds, such as `0.8.24.post1`",
    )
}

fn variable_name(text: &str) -> Result<(), Invalid> {
    if identifier(text) {
        return Ok(());
    }
    invalid(
        format!("`{}` is no name for an environment variable", text.escape_debug()),
        "write letters, digits and underscores, not beginning with a digit",
    )
}

fn text(text: &str) -> Result<(), Invalid> {
    if text.contains('\0') {
        return invalid("the text holds a NUL character", "leave the NUL out: no environment variable can carry it");
    }
    Ok(())
}

fn description(text: &str) -> Result<(), Invalid> {
    self::text(text)?;
    let length = text.chars().count();
    if length > 512 {
        return invalid(format!("the description has {length} characters"), "Cloud Run takes at most 512");
    }
    Ok(())
}

fn line(text: &str) -> Result<(), Invalid> {
    self::text(text)?;
    if text.contains(['\n', '\r']) {
        return invalid("the text holds a line break", "write it in one line");
    }
    Ok(())
}

fn label_key(text: &str) -> Result<(), Invalid> {
    let legal = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{}` is no key for a label", text.escape_debug()),
        "write at most 63 lower-case letters, digits, `-` and `_`, beginning with a letter",
    )
}

fn service_account(text: &str) -> Result<(), Invalid> {
    let legal = text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && domain.ends_with(".gserviceaccount.com")
            && host(domain).is_ok()
    });
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no service account"),
        "write its whole address: `NAME@PROJECT.iam.gserviceaccount.com`",
    )
}

fn secret_name(text: &str) -> Result<(), Invalid> {
    let legal =
        (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{}` is no name of a secret", text.escape_debug()),
        "write the secret's name in Secret Manager (never its value): letters, digits, `-` and `_`",
    )
}

fn secret_version(text: &str) -> Result<(), Invalid> {
    let number = !text.starts_with('0') && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let alias = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if number || alias {
        return Ok(());
    }
    invalid(format!("`{text}` is no version of a secret"), "write a number such as `3`, an alias, or `latest`")
}

fn bucket_name(text: &str) -> Result<(), Invalid> {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let legal = (3..=63).contains(&text.len())
        && text.starts_with(edge)
        && text.ends_with(edge)
        && text.chars().all(|c| edge(c) || matches!(c, '-' | '_' | '.'));
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no bucket name"),
        "write the bucket's name without `gs://`: 3 to 63 lower-case letters, digits, `-`, `_` and `.`",
    )
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64")]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// A number that is known when this is compiled.
    pub const fn constant(number: u32) -> Self {
        assert!(MIN <= number && number <= MAX, "out of range");
        Self(number)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<i64> for Bounded<MIN, MAX> {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        let in_range = u32::try_from(number).ok().filter(|number| (MIN..=MAX).contains(number));
        in_range.map(Self).ok_or_else(|| Invalid {
            message: format!("{number} is out of range"),
            help: format!("write a number from {MIN} to {MAX}"),
        })
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Bounded<MIN, MAX> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("From{MIN}To{MAX}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A TCP port that an unprivileged program may listen on.
pub type Port = Bounded<1024, 65535>;

/// A number of CPUs that Cloud Run offers: 1, 2, 4, 6 or 8, or a fraction from 0.08 to below 1.
///
/// Source: <https://docs.cloud.google.com/run/docs/configuring/services/cpu>.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Cpu(f64);

impl Cpu {
    /// What may stand here, in words.
    pub const EXPECTS: &str = "1, 2, 4, 6 or 8, or a fraction from 0.08 to below 1 in thousandths";

    /// One CPU, Cloud Run's default.
    pub const ONE: Self = Self(1.0);

    /// The number of CPUs.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Cpu {
    type Error = Invalid;

    fn try_from(cpu: f64) -> Result<Self, Invalid> {
        let thousandths = (cpu * 1000.0).round() / 1000.0 == cpu;
        if [1.0, 2.0, 4.0, 6.0, 8.0].contains(&cpu) || ((0.08..1.0).contains(&cpu) && thousandths) {
            return Ok(Self(cpu));
        }
        Err(Invalid {
            message: format!("Cloud Run has no instance with {cpu} CPUs"),
            help: format!("write {}", Self::EXPECTS),
        })
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 1.0 { write!(f, "{}", self.0) } else { write!(f, "{}m", (self.0 * 1000.0).round()) }
    }
}

impl JsonSchema for Cpu {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cpu".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "anyOf": [
                { "enum": [1, 2, 4, 6, 8] },
                { "minimum": 0.08, "exclusiveMaximum": 1, "multipleOf": 0.001 },
            ],
        })
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.help)
    }
}

impl std::error::Error for Invalid {}

/// The word of `words` that `wrong` is most likely a slip of, if any is near enough.
pub fn closest<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let most = (wrong.chars().count() / 3).max(1);
    words
        .into_iter()
        .filter(|word| *word != wrong)
        .map(|word| (strsim::damerau_levenshtein(&wrong.to_lowercase(), word), word))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_passes() {
        for unit in UNITS {
            assert_eq!((unit.check)(unit.example), Ok(()), "{}", unit.format);
        }
    }
}
