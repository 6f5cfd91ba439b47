//! Whether sign-in begins: the API redirects to Google, with a redirect URI that is registered and the one it should be.

use super::{from_behind, settled};
use crate::units::UrlPath;
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::{Run, Subject};
use crate::verify::signatures::{Asked, described, no_answer};
use crate::verify::site::{Address, Site};
use crate::verify::verdict::{Judged, shown};

/// Where Google's sign-in is.
const GOOGLE: &str = "accounts.google.com";

pub(super) fn ask(run: &mut Run<'_>) {
    let subject = run.subject;
    let Some(api) = &subject.deployment.api else { return run.not_asked("the environment has no `[api]`") };
    let Some(path) = subject.login_path else {
        return run.not_asked("portal.toml does not say where sign-in begins: `[oauth] login_path`");
    };
    let site = subject.site.clone();
    let routed = subject
        .deployment
        .image
        .api_locations
        .iter()
        .any(|location| location.path.parse::<UrlPath>().is_ok_and(|location| location.covers(path.as_str())));
    let through_portal = routed.then(|| (site.clone(), path.to_string()));
    let public = api.public_url.as_ref().and_then(|url| Address::parse(url.as_str()));
    let public = public.map(|url| (url.site, format!("{}{path}", url.path.trim_end_matches('/'))));
    if through_portal.is_none() && public.is_none() {
        return run.not_asked("no `[api] paths` covers `login_path`, and there is no `public_url`");
    }
    for (site, path) in through_portal.into_iter().chain(public) {
        if run.silent.contains(&site.host) {
            run.not_asked_at(site.to_string(), "`ping` got no answer there");
            continue;
        }
        let got = run.ask_at(&site, &Request::get(&path));
        let judged = judge(&got, &site, subject, run.asked(&site));
        run.note_at(site.to_string(), format!("GET {path}"), judged);
    }
}

fn judge(got: &Result<Answer, NoAnswer>, site: &Site, subject: &Subject<'_>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| {
        let to = answer.header("location").filter(|_| (300..400).contains(&answer.status));
        let Some(to) = to else { return Judged::failed(described(answer), &causes::SIGN_IN_NOT_STARTED) };
        let within = to.starts_with('/') && !to.starts_with("//");
        match Address::parse(&to) {
            Some(to) if to.site.host == GOOGLE && to.site.tls => {
                judge_uri(&to.parameter("redirect_uri").unwrap_or_default(), subject)
            }
            to if within || to.as_ref().is_some_and(|to| to.site.host == site.host) => {
                Judged::failed(described(answer), &causes::SIGN_IN_TO_ITSELF)
            }
            _ => Judged::failed(described(answer), &causes::SIGN_IN_ELSEWHERE),
        }
    };
    settled(from_api(got, asked).map(judge))
}

/// The answer to what the API is to answer, or the verdict where something else answered in its place.
pub(super) fn from_api(got: &Result<Answer, NoAnswer>, asked: Asked) -> Result<&Answer, Judged> {
    match got {
        Ok(answer) if asked.portal && answer.is_nginx_page() && answer.status == 502 => {
            return Err(Judged::failed(described(answer), &causes::API_UNREACHABLE));
        }
        Ok(answer) if answer.status == 504 => return Err(Judged::failed(described(answer), &causes::API_SILENT)),
        Err(failure @ NoAnswer::Silent(_)) => {
            return Err(Judged::failed(no_answer(failure, asked).came, &causes::API_SILENT));
        }
        _ => {}
    }
    from_behind(got, asked, &causes::PAGE_INSTEAD_OF_API, &causes::API_NOT_ROUTED)
}

fn judge_uri(uri: &str, subject: &Subject<'_>) -> Judged {
    let came = format!("to {GOOGLE}, {}", without_secrets(uri));
    let expected = subject.deployment.oauth.redirect_uri.as_ref();
    let Some(address) = Address::parse(uri) else {
        let empty = uri.is_empty();
        let cause = if empty { &causes::NO_REDIRECT_URI } else { &causes::REDIRECT_URI_UNREGISTERED };
        return Judged::failed(came, cause);
    };
    let inner = u16::try_from(subject.deployment.image.ports.container).ok();
    let cause = if !address.site.tls && !address.site.is_local() {
        &causes::REDIRECT_URI_NOT_HTTPS
    } else if subject.is_registered(uri) {
        match expected {
            Some(expected) if !crate::units::fits_codespace(expected.as_str(), uri) => {
                &causes::REDIRECT_URI_OF_ANOTHER_HOST
            }
            _ => return Judged::passed(came),
        }
    } else if address.port.is_some() && address.port == inner {
        &causes::REDIRECT_URI_INNER_PORT
    } else {
        &causes::REDIRECT_URI_UNREGISTERED
    };
    Judged::failed(came, cause)
}

/// The redirect URI as it may be shown: a password before the host and what stands in a query are nobody's business.
fn without_secrets(uri: &str) -> String {
    match Address::parse(uri) {
        None if uri.is_empty() => "without redirect_uri".to_owned(),
        None => "with an odd redirect_uri".to_owned(),
        Some(address) => {
            let query = if uri.contains('?') { " with a query" } else { "" };
            format!("redirect_uri={}{query}", shown(&address.shown()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_shown_without_what_may_be_secret() {
        assert_eq!(without_secrets(""), "without redirect_uri");
        assert_eq!(without_secrets("https://pp.example.com/a"), "redirect_uri=https://pp.example.com/a");
        assert_eq!(
            without_secrets("https://pp.example.com/a?token=s3cret#s3cret"),
            "redirect_uri=https://pp.example.com/a with a query"
        );
        for odd in ["https://user:s3cret@pp.example.com/a", "s3cret", "x://s3cret"] {
            assert_eq!(without_secrets(odd), "with an odd redirect_uri");
        }
    }
}
