//! What each unit's text may be, and what to say of it otherwise. One function a unit; each gives nothing or the words.

use super::uri;
use super::{BAD_VALUE, Invalid, closest};
use crate::limits;

pub(super) use uri::{javascript_origin, origin, redirect_uri, url};

fn invalid(message: impl Into<String>, help: impl Into<String>) -> Result<(), Invalid> {
    Err(Invalid { id: BAD_VALUE, message: message.into(), help: help.into() })
}

pub(super) fn dns_label(text: &str) -> Result<(), Invalid> {
    let legal = text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let (length, most) = (text.len(), limits::DNS_LABEL_MAX);
    if length > most {
        return invalid(format!("`{text}` has {length} characters, the limit is {most}"), "choose a shorter name");
    }
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no legal name here"),
        "write lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
    )
}

pub(super) fn project_id(text: &str) -> Result<(), Invalid> {
    if (6..=30).contains(&text.len()) && dns_label(text).is_ok() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no project ID"),
        "write the ID (not the name or number) of the project: 6 to 30 lower-case letters, digits and hyphens",
    )
}

pub(super) fn region(text: &str) -> Result<(), Invalid> {
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

pub(super) fn image(text: &str) -> Result<(), Invalid> {
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

fn number_and_suffix(text: &str) -> Option<(u64, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    let legal = (1..=6).contains(&digits) && !number.starts_with('0');
    legal.then(|| Some((number.parse().ok()?, suffix)))?
}

pub(super) fn memory(text: &str) -> Result<(), Invalid> {
    if mebibytes(text).is_some() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no amount of memory"),
        "write a whole number with `Mi` or `Gi`, such as `512Mi` or `1Gi` (Cloud Run refuses `M` and `G` in some cases)",
    )
}

pub(super) fn mebibytes(text: &str) -> Option<u64> {
    match number_and_suffix(text)? {
        (number, "Mi") => Some(number),
        (number, "Gi") => Some(number * 1024),
        _ => None,
    }
}

pub(super) fn duration(text: &str) -> Result<(), Invalid> {
    if seconds(text).is_some() {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no duration"),
        "write a whole number with `s`, `m` or `h`, such as `300s`, `5m` or `1h`",
    )
}

pub(super) fn seconds(text: &str) -> Option<u64> {
    match number_and_suffix(text)? {
        (number, "s") => Some(number),
        (number, "m") => Some(number * 60),
        (number, "h") => Some(number * 3600),
        _ => None,
    }
}

pub(super) fn host(text: &str) -> Result<(), Invalid> {
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
        (1..=limits::DNS_LABEL_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    });
    let ends_in_word = text.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase()));
    if text.contains('.') && text.len() <= 253 && labels_legal && ends_in_word {
        return Ok(());
    }
    if let Some(bare) = text.strip_suffix('.').filter(|bare| host(bare).is_ok()) {
        return invalid(format!("`{text}` ends with a full stop"), format!("write `{bare}`"));
    }
    let lower = text.to_ascii_lowercase();
    if lower != text && host(&lower).is_ok() {
        return invalid(format!("`{text}` has upper-case letters"), format!("write `{lower}`"));
    }
    invalid(format!("`{text}` is no host name"), "write a full host name in lower case, such as `pp.demo.waooaw.com`")
}

pub(super) fn url_path(text: &str) -> Result<(), Invalid> {
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

pub(super) fn relative_path(text: &str) -> Result<(), Invalid> {
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

pub(super) fn rule_id(_: &str) -> Result<(), Invalid> {
    Ok(()) // The schema lists them all.
}

pub(super) fn reason(text: &str) -> Result<(), Invalid> {
    if text.chars().any(|c| !c.is_whitespace()) {
        return Ok(());
    }
    invalid("the reason is empty", "say why the rule does not apply here, for whoever reads this next")
}

pub(super) fn source_folder(text: &str) -> Result<(), Invalid> {
    if text == "." { Ok(()) } else { relative_path(text) }
}

pub(super) fn portal_path(text: &str) -> Result<(), Invalid> {
    let named = text == "portal.toml" || text.ends_with("/portal.toml");
    if named && text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Ok(());
    }
    invalid(format!("`{text}` is no path to a portal.toml"), "write where it is from this file: `../portal.toml`")
}

fn identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) fn python_package(text: &str) -> Result<(), Invalid> {
    if identifier(text) {
        return Ok(());
    }
    invalid(
        format!("`{text}` is no Python package name"),
        "write the `app_name` of rxconfig.py: letters, digits and underscores, such as `waooaw_portal`",
    )
}

pub(super) fn asgi_target(text: &str) -> Result<(), Invalid> {
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

pub(super) fn python_version(text: &str) -> Result<(), Invalid> {
    let minor = text.strip_prefix("3.").filter(|minor| (1..=2).contains(&minor.len()));
    if minor.is_some_and(|minor| minor.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(());
    }
    invalid(format!("`{text}` is no Python version"), "write two numbers, such as `3.11`")
}

pub(super) fn exact_version(text: &str) -> Result<(), Invalid> {
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

pub(super) fn variable_name(text: &str) -> Result<(), Invalid> {
    if identifier(text) {
        return Ok(());
    }
    invalid(
        format!("`{}` is no name for an environment variable", text.escape_debug()),
        "write letters, digits and underscores, not beginning with a digit",
    )
}

pub(super) fn text(text: &str) -> Result<(), Invalid> {
    if text.contains('\0') {
        return invalid("the text holds a NUL character", "leave the NUL out: no environment variable can carry it");
    }
    Ok(())
}

pub(super) fn variable_value(text: &str) -> Result<(), Invalid> {
    self::text(text)?;
    let length = text.len();
    if length > limits::VARIABLE_VALUE_MAX {
        return invalid(
            format!("the value has {length} bytes; Cloud Run takes at most {}", limits::VARIABLE_VALUE_MAX),
            "put it into a file of the image, or into Secret Manager",
        );
    }
    Ok(())
}

pub(super) fn description(text: &str) -> Result<(), Invalid> {
    self::text(text)?;
    let length = text.chars().count();
    if length > limits::DESCRIPTION_MAX {
        let help = format!("Cloud Run takes at most {}", limits::DESCRIPTION_MAX);
        return invalid(format!("the description has {length} characters"), help);
    }
    Ok(())
}

pub(super) fn line(text: &str) -> Result<(), Invalid> {
    self::text(text)?;
    if text.contains(['\n', '\r']) {
        return invalid("the text holds a line break", "write it in one line");
    }
    Ok(())
}

pub(super) fn label_key(text: &str) -> Result<(), Invalid> {
    let legal = text.len() <= limits::LABEL_KEY_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    if legal {
        return Ok(());
    }
    invalid(
        format!("`{}` is no key for a label", text.escape_debug()),
        format!(
            "write at most {} lower-case letters, digits, `-` and `_`, beginning with a letter",
            limits::LABEL_KEY_MAX
        ),
    )
}

pub(super) fn service_account(text: &str) -> Result<(), Invalid> {
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

pub(super) fn secret_name(text: &str) -> Result<(), Invalid> {
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

pub(super) fn secret_version(text: &str) -> Result<(), Invalid> {
    let number = !text.starts_with('0') && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let alias = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if number || alias {
        return Ok(());
    }
    invalid(format!("`{text}` is no version of a secret"), "write a number such as `3`, an alias, or `latest`")
}

pub(super) fn bucket_name(text: &str) -> Result<(), Invalid> {
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
