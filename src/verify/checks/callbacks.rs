//! Whether each registered redirect URI of ours is answered by the API. It is asked without parameters, which every API
//! refuses in words of its own; what must not come is a page, or nginx's refusal.

use super::settled;
use super::sign_in::from_api;
use crate::config::environment::ServedBy;
use crate::verify::ask::NoAnswer;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described};
use crate::verify::site::Address;
use crate::verify::verdict::Judged;

pub(super) fn ask(run: &mut Run<'_>) {
    let subject = run.subject;
    let uris = &subject.deployment.oauth.redirect_uris;
    if uris.is_empty() {
        return run.not_asked("the environment registers no redirect URI");
    }
    let mut seen = Vec::new();
    for entry in uris {
        let uri = entry.uri.as_str();
        if entry.uri.has_placeholder() {
            run.not_asked_at(uri.to_owned(), "the codespace's name is not filled in");
            continue;
        }
        let Some(address) = Address::parse(uri) else { continue };
        let site = match entry.served_by {
            ServedBy::Elsewhere => {
                run.not_asked_at(address.site.to_string(), "another service answers there");
                continue;
            }
            // The portal is where the user says.
            ServedBy::Portal if subject.url_given => subject.site.clone(),
            ServedBy::Portal | ServedBy::Api => address.site.clone(),
        };
        if site.is_local() && !subject.site.is_local() {
            run.not_asked_at(site.to_string(), "it is on the machine of whoever develops");
            continue;
        }
        if seen.contains(&(site.clone(), address.path.clone())) {
            continue;
        }
        seen.push((site.clone(), address.path.clone()));
        if run.silent.contains(&site.host) {
            run.not_asked_at(site.to_string(), "`ping` got no answer there");
            continue;
        }
        let got = run.ask_at(&site, &Request::get(&address.path));
        let judged = judge(&got, run.asked(&site));
        run.note_at(site.to_string(), format!("GET {}", address.path), judged);
    }
}

fn judge(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    settled(from_api(got, asked).map(|answer| Judged::passed(format!("answered: {}", described(answer)))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn any_answer_of_the_api_passes() {
        let outcome = |got| outcome(&judge(&got, PORTAL));
        for status in [302, 400, 422, 500] {
            assert_eq!(outcome(Ok(answer(status, &[("content-type", "application/json")], "{}"))), "passed");
        }
        assert_eq!(outcome(Ok(page(""))), "failed page-instead-of-api");
        assert_eq!(outcome(Ok(nginx(404))), "failed api-not-routed");
        assert_eq!(outcome(Ok(nginx(502))), "failed api-unreachable");
        assert_eq!(outcome(Ok(nginx(504))), "failed api-silent");
        assert_eq!(outcome(Err(NoAnswer::Silent(15))), "failed api-silent");
        assert_eq!(outcome(Ok(answer(403, &[], "does not have permission to get URL"))), "failed iam-refuses");
        let api = Asked { local: false, load_balancer: false, portal: false };
        assert_eq!(super::super::tests::outcome(&judge(&Err(NoAnswer::NoName), api)), "failed name-unknown");
    }
}
