//! What is asked, one file a subject: each asks, and judges by a function of the answer alone.

use super::ask::NoAnswer;
use super::causes;
use super::http::Answer;
use super::run::{Needs, Run};
use super::signatures::{Asked, amiss, described, no_answer};
use super::verdict::{Cause, Judged};
use crate::config::environment::Ingress;
use crate::deployment::Service;

mod affinity;
mod assets;
mod backend_paths;
mod callbacks;
mod certificate;
mod dns;
mod h2c;
mod headers;
mod https_redirect;
mod pages;
mod ping;
mod private_paths;
mod redirects;
mod run_app;
mod sign_in;
mod transport;
mod uploads;
mod visit;

/// A check: what it is called, and how it is asked.
#[derive(Debug)]
pub(super) struct Check {
    /// Its id: kebab-case words that name what is asked for.
    pub(super) id: &'static str,
    /// What has to answer for it to mean anything.
    pub(super) needs: Needs,
    /// Whether each host is asked, and not the first alone.
    pub(super) every_host: bool,
    /// Whether it comes after all hosts, since it goes to several places.
    pub(super) last: bool,
    /// Asks, and notes what came.
    pub(super) ask: fn(&mut Run<'_>),
}

const fn host(id: &'static str, needs: Needs, ask: fn(&mut Run<'_>)) -> Check {
    Check { id, needs, every_host: true, last: false, ask }
}

const fn main(id: &'static str, needs: Needs, ask: fn(&mut Run<'_>)) -> Check {
    Check { id, needs, every_host: false, last: false, ask }
}

const fn last(id: &'static str, ask: fn(&mut Run<'_>)) -> Check {
    Check { id, needs: Needs::Nothing, every_host: false, last: true, ask }
}

/// The checks, in their order.
pub(super) static CHECKS: &[Check] = &[
    host("dns", Needs::Nothing, dns::ask),
    host("certificate", Needs::Name, certificate::ask),
    host("https-redirect", Needs::Name, https_redirect::ask),
    host("ping", Needs::Connection, ping::ask),
    main("http2", Needs::Portal, h2c::ask),
    main("home-page", Needs::Portal, pages::ask_home),
    main("page-caching", Needs::Portal, pages::ask_caching),
    main("page-with-query", Needs::Portal, pages::ask_with_query),
    main("deep-link", Needs::Portal, pages::ask_deep_link),
    main("asset", Needs::Portal, assets::ask_asset),
    main("compression", Needs::Portal, assets::ask_compression),
    main("missing-asset", Needs::Portal, assets::ask_missing),
    main("security-headers", Needs::Portal, headers::ask),
    main("redirects", Needs::Portal, redirects::ask),
    main("transport", Needs::Backend, transport::ask),
    main("visit", Needs::Session, visit::ask),
    main("other-transport", Needs::Backend, transport::ask_other),
    main("foreign-origin", Needs::Session, transport::ask_foreign_origin),
    main("session-affinity", Needs::Session, affinity::ask),
    main("upload", Needs::Backend, uploads::ask_small),
    main("upload-limit", Needs::Backend, uploads::ask_large),
    main("private-paths", Needs::Portal, private_paths::ask),
    main("backend-paths", Needs::Backend, backend_paths::ask),
    last("sign-in", sign_in::ask),
    last("callbacks", callbacks::ask),
    last("run-app-address", run_app::ask),
];

/// The check `dns`, with the cause that it names where a load balancer is to stand and the name has no record.
#[cfg(test)]
pub(super) fn of_dns() -> Option<(&'static str, &'static str)> {
    dns::without_a_record().cause.map(|cause| ("dns", cause.id))
}

/// Whether the run.app address answers nobody from outside.
pub(super) fn is_shut(service: &Service) -> bool {
    service.ingress != Ingress::All
}

/// The answer to what the backend is to answer, or the verdict where something else answered in its place.
fn from_backend(got: &Result<Answer, NoAnswer>, asked: Asked) -> Result<&Answer, Judged> {
    from_behind(got, asked, &causes::PAGE_INSTEAD_OF_BACKEND, &causes::NOT_ROUTED)
}

/// The same, with the causes for a page in its place, and for nginx's own refusal.
fn from_behind<'g>(
    got: &'g Result<Answer, NoAnswer>,
    asked: Asked,
    page: &'static Cause,
    refused: &'static Cause,
) -> Result<&'g Answer, Judged> {
    let answer = got.as_ref().map_err(|failure| no_answer(failure, asked))?;
    let cause = match amiss(answer, asked) {
        Some(cause) => Some(cause),
        None if answer.is_page() => Some(page),
        None if answer.is_nginx_page() && matches!(answer.status, 404 | 405) => Some(refused),
        None => None,
    };
    cause.map_or(Ok(answer), |cause| Err(Judged::failed(described(answer), cause)))
}

/// The answer that nginx gives itself, from a file.
fn from_nginx(got: &Result<Answer, NoAnswer>, asked: Asked) -> Result<&Answer, Judged> {
    let answer = got.as_ref().map_err(|failure| no_answer(failure, asked))?;
    amiss(answer, asked).map_or(Ok(answer), |cause| Err(Judged::failed(described(answer), cause)))
}

/// Either, once it is decided.
fn settled(judged: Result<Judged, Judged>) -> Judged {
    judged.unwrap_or_else(|judged| judged)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The portal at home.
    pub(super) const PORTAL: Asked = Asked { local: true, load_balancer: false, portal: true };

    /// An answer with headers and a body.
    pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, headers, body: body.into() }
    }

    /// A page of the built client.
    pub(super) fn page(body: &str) -> Answer {
        let body = format!("<!DOCTYPE html><link href=\"/assets/a-1.css\">{body}");
        answer(200, &[("content-type", "text/html")], &body)
    }

    /// A page that nginx makes.
    pub(super) fn nginx(status: u16) -> Answer {
        let body = format!("<center><h1>{status}</h1></center><hr><center>nginx</center>");
        answer(status, &[("content-type", "text/html")], &body)
    }

    /// The verdict and the cause, in words.
    pub(super) fn outcome(judged: &Judged) -> String {
        let verdict = format!("{:?}", judged.verdict).to_lowercase();
        judged.cause.map_or(verdict.clone(), |cause| format!("{verdict} {}", cause.id))
    }

    #[test]
    fn each_check_has_a_name_of_its_own() {
        let ids: BTreeSet<_> = CHECKS.iter().map(|check| check.id).collect();
        assert_eq!(ids.len(), CHECKS.len());
    }
}
