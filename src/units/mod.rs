//! Values that can only hold what their name says.
//!
//! Each unit stands here once, with the pattern that an editor checks and an example; `check.rs` has the check that
//! portalgen makes and the words for what is wrong. The schema carries a unit's name as its `format`, which leads from
//! a refused value back to them. A pattern may let through what the check refuses (a number in range, say), never the
//! other way round.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

mod check;
mod number;
mod uri;

pub use number::{Bounded, Cpu, Port, ProjectNumber};
pub use uri::Parts;
pub use uri::{CODESPACE_NAME, RULES_OF_VALUES};

/// The id of what is no rule's: a value that is simply not what its key takes.
pub const BAD_VALUE: &str = "bad-value";

/// Why a value is not what its unit says, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The rule that it breaks, or [`BAD_VALUE`].
    pub id: &'static str,
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
                    check::$check(&text).map(|()| Self(text))
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
            $( Unit { format: $format, pattern: $pattern, check: check::$check, example: $example }, )+
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
    Url "url" r"^(https://[a-z0-9.<>-]+|https?://(localhost|127\.0\.0\.1|\[::1\]))(:[1-9][0-9]{0,4})?(/[!-~]*)?$" url "https://example.com/api";
    /// An OAuth redirect URI, to the letter as the client sends it.
    RedirectUri "redirect-uri" r"^(https://(([a-z0-9-]|<codespace-name>)+\.)+[a-z][a-z0-9-]*|https?://(localhost|127\.0\.0\.1|\[::1\]))(:[1-9][0-9]{0,4})?(/\.?(([A-Za-z0-9_~!$&'()+,;=:@\[\]-]|%[0-9A-Fa-f]{2})([A-Za-z0-9_~!$&'()+,;=:@\[\]-]|%[0-9A-Fa-f]{2}|\.)*)?)+(\?([A-Za-z0-9_~!$&'()+,;=:@\[\]-]|%[0-9A-Fa-f]{2}|[./?])*)?$" redirect_uri "https://portal.example.com/callback";
    /// An origin from which code in the browser calls Google: scheme and host, and nothing after them.
    JavascriptOrigin "javascript-origin" r"^(https://(([a-z0-9-]|<codespace-name>)+\.)+[a-z][a-z0-9-]*|https?://(localhost|127\.0\.0\.1|\[::1\]))(:[1-9][0-9]{0,4})?$" javascript_origin "https://portal.example.com";
    /// A path of a URL: `/auth/` is everything below it, `/status` is that path alone.
    UrlPath "url-path" r"^/[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?$" url_path "/auth/";
    /// A path inside the portal's repository, with forward slashes, relative to portal.toml's folder.
    RelativePath "relative-path" r"^(\.{0,2}[A-Za-z0-9_-]|\.{3})[A-Za-z0-9._-]*(/(\.{0,2}[A-Za-z0-9_-]|\.{3})[A-Za-z0-9._-]*)*$" relative_path "app";
    /// The folder of the app, as a path inside the repository; `.` is portal.toml's own folder.
    SourceFolder "source-folder" r"^(\.|(\.{0,2}[A-Za-z0-9_-]|\.{3})[A-Za-z0-9._-]*(/(\.{0,2}[A-Za-z0-9_-]|\.{3})[A-Za-z0-9._-]*)*)$" source_folder "app";
    /// Where portal.toml is, from this file: `../portal.toml`.
    PortalPath "portal-path" r"^([!-~ ]*/)?portal\.toml$" portal_path "../portal.toml";
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
    /// The value of an environment variable: text of any kind, without NUL, at most 32768 bytes.
    VariableValue "variable-value" r"^[^\u0000]*$" variable_value "text";
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
    /// A rule's id, as a finding shows it in brackets.
    RuleId "rule-id" r"^" rule_id "image-by-tag";
    /// Why something is as it is, in words.
    Reason "reason" r"[^\s]" reason "agreed with the owner";
    /// The name of a network or subnet in the same project.
    NetworkName "network-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "default";
    /// The name of a load balancer's URL map: lower-case letters, digits and hyphens, at most 63.
    UrlMapName "url-map-name" r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$" dns_label "shared-url-map";
}

/// A repository of Artifact Registry, as an image's name has it: `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE`.
///
/// Source: <https://cloud.google.com/artifact-registry/docs/docker/names>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactRegistry<'i> {
    /// The registry's host: `asia-south1-docker.pkg.dev`.
    pub host: &'i str,
    /// Its region or multi-region: `asia-south1`.
    pub location: &'i str,
    /// The project's ID.
    pub project: &'i str,
    /// The repository's name.
    pub repository: &'i str,
}

impl ImageRef {
    /// Whether a digest pins the bytes of this image.
    pub fn has_digest(&self) -> bool {
        self.0.contains('@')
    }

    /// The image without tag and digest: `asia-south1-docker.pkg.dev/waooaw-oauth/waooaw/portal`.
    pub fn repository(&self) -> &str {
        let image = self.0.split('@').next().unwrap_or_default();
        let tag = self.tag().map_or(0, |tag| tag.len() + 1);
        &image[..image.len() - tag]
    }

    /// Where it lies in Artifact Registry; nothing for an image of another registry.
    pub fn artifact_registry(&self) -> Option<ArtifactRegistry<'_>> {
        let mut parts = self.repository().splitn(4, '/');
        let (host, project, repository) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        Some(ArtifactRegistry { host, location: host.strip_suffix("-docker.pkg.dev")?, project, repository })
    }

    /// The registry's host, where it is one of Google's: `asia-south1-docker.pkg.dev`.
    pub fn google_registry(&self) -> Option<&str> {
        let (host, _) = self.0.split_once('/')?;
        (host.ends_with(".pkg.dev") || host == "gcr.io" || host.ends_with(".gcr.io")).then_some(host)
    }

    /// The last part of the name, without what says where it lies and which one it is: `python`.
    pub fn short_name(&self) -> &str {
        self.name_and_tag().0
    }

    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.name_and_tag().1
    }

    /// The tag, if the image is called `name`: what another one's tag counts is not known.
    pub fn tag_of(&self, name: &str) -> Option<&str> {
        self.tag().filter(|_| self.short_name() == name)
    }

    fn name_and_tag(&self) -> (&str, Option<&str>) {
        let last = self.0.split('@').next().and_then(|image| image.rsplit('/').next()).unwrap_or_default();
        last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)))
    }
}

impl AsgiTarget {
    /// The module: `portal.portal`.
    pub fn module(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl Memory {
    /// The amount in mebibytes.
    pub fn mebibytes(&self) -> u64 {
        check::mebibytes(&self.0).expect("checked when it was made")
    }
}

impl Duration {
    /// The time in seconds.
    pub fn seconds(&self) -> u64 {
        check::seconds(&self.0).expect("checked when it was made")
    }
}

/// What every kind of address tells of itself.
macro_rules! addresses {
    ($($name:ident)+) => {
        $(
            impl $name {
                /// The host, without scheme and port; an IPv6 address with its brackets.
                pub fn host(&self) -> &str {
                    self.parts().host
                }

                /// Whether the codespace's name is still to be filled in.
                pub fn has_placeholder(&self) -> bool {
                    self.0.contains(CODESPACE_NAME)
                }

                fn parts(&self) -> uri::Parts<'_> {
                    uri::Parts::of(&self.0).expect("checked when it was made")
                }
            }
        )+
    };
}

addresses! { Origin Url RedirectUri JavascriptOrigin }

impl RedirectUri {
    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.parts().path()
    }

    /// What follows the `?`.
    pub fn query(&self) -> Option<&str> {
        self.parts().query()
    }

    /// Whether it leads to the machine itself.
    pub fn is_local(&self) -> bool {
        uri::is_local(self.host())
    }

    /// Whether the port is written that the scheme has anyway.
    pub fn has_default_port(&self) -> bool {
        self.parts().has_default_port()
    }
}

impl Host {
    /// Why Google registers no URI on this host and signs no certificate for it, if so.
    pub fn refusal(&self) -> Option<Invalid> {
        uri::public_host(&self.0).err()
    }
}

/// The registrable domain that a host belongs to (`waooaw.com`): what shares it is one site to a browser. The host
/// itself where there is none, as for each host below `run.app`.
pub fn site(host: &str) -> &str {
    uri::site(host)
}

/// What Google counts a host as in its limit on domains, and the domain: `www.google.com` and `google.co.uk` are both
/// `google`, and the machine itself is `localhost` however it is named.
pub fn counted_domain(host: &str) -> (&str, &str) {
    let domain = if uri::is_local(host) { "localhost" } else { site(host) };
    (domain.split('.').next().unwrap_or_default(), domain)
}

/// A text with its percent-encoding undone, once.
pub fn percent_decoded(text: &str) -> String {
    String::from_utf8_lossy(&uri::decoded(text)).into_owned()
}

/// Whether an address is the written one, be it that a codespace's name stands where one is left to be filled in.
pub fn fits_codespace(written: &str, address: &str) -> bool {
    let Some((before, after)) = written.split_once(uri::CODESPACE_NAME) else { return written == address };
    let name = address.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
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
    fn the_parts_of_an_image() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (image, repository, registry) in [
            ("python:3.11".to_owned(), "python", None),
            ("localhost:5000/a/b:1".to_owned(), "localhost:5000/a/b", None),
            (format!("eu.gcr.io/a/b:1@{digest}"), "eu.gcr.io/a/b", Some("eu.gcr.io")),
            (format!("gcr.io/a/b@{digest}"), "gcr.io/a/b", Some("gcr.io")),
            ("asia-south1-docker.pkg.dev/a/b/c:v1".to_owned(), "asia-south1-docker.pkg.dev/a/b/c", None),
        ] {
            let registry = registry.or(image.starts_with("asia").then_some("asia-south1-docker.pkg.dev"));
            let image: ImageRef = image.parse().unwrap();
            assert_eq!((image.repository(), image.google_registry()), (repository, registry), "{image}");
        }
    }

    #[test]
    fn every_example_passes() {
        for unit in UNITS {
            assert_eq!((unit.check)(unit.example), Ok(()), "{}", unit.format);
        }
    }

    #[test]
    fn an_image_has_a_name_and_a_tag() {
        let digest = format!("@sha256:{}", "0".repeat(64));
        for (image, name, tag) in [
            ("python:3.11-slim", "python", Some("3.11-slim")),
            ("registry.example.com:5000/a/node:22", "node", Some("22")),
            (&format!("localhost:5000/python:3.11{digest}"), "python", Some("3.11")),
            (&format!("localhost:5000/python{digest}"), "python", None),
        ] {
            let image: ImageRef = image.parse().unwrap();
            assert_eq!((image.short_name(), image.tag()), (name, tag));
        }
    }
}
