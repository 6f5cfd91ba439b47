//! The client's pages: the home page, whether browsers ask for it anew, and a deep link that has no file.

use super::{from_nginx, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::{Needs, Run};
use crate::verify::signatures::{Asked, described};
use crate::verify::verdict::{Judged, Verdict, shown};

/// A path that no page, no asset and no route has.
pub(super) const NOWHERE: &str = "/portalgen-verify/no/such/page";

/// The home page as sign-in may come back to it.
const WITH_QUERY: &str = "/?portalgen-verify=1";

pub(super) fn ask_home(run: &mut Run<'_>) {
    let site = run.site.clone();
    let mut got = run.ask(&Request::get("/"));
    // What sets a cookie is private to Cloud Run, whatever nginx says; a browser that has it sees what nginx says.
    if got.as_ref().is_ok_and(|answer| !answer.cookies().is_empty()) {
        got = run.ask(&Request::get("/"));
    }
    let judged = judge_home(&got, run.asked(&site));
    let passed = run.note("GET /", judged) == Verdict::Passed;
    match got {
        Ok(answer) if passed => run.home = Some(answer),
        Ok(_) => {}
        // A file needs no backend: nothing else will come either.
        Err(_) => run.block(Needs::Portal),
    }
}

fn judge_home(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| {
        let came = described(answer);
        match answer.status {
            200 if answer.is_page() => Judged::passed(came),
            403 | 404 | 500 if answer.is_nginx_page() => Judged::failed(came, &causes::NO_CLIENT),
            _ => Judged::failed(came, &causes::UNEXPECTED),
        }
    };
    settled(from_nginx(got, asked).map(judge))
}

pub(super) fn ask_caching(run: &mut Run<'_>) {
    let Some(home) = &run.home else { return run.not_asked("`home-page` did not pass") };
    let judged = judge_caching(home.header("cache-control").as_deref());
    run.note("Cache-Control of /", judged);
}

fn judge_caching(cache_control: Option<&str>) -> Judged {
    let Some(value) = cache_control else { return Judged::failed("none", &causes::PAGE_CACHED) };
    let lower = value.to_ascii_lowercase();
    match ["no-cache", "no-store", "max-age=0"].iter().any(|word| lower.contains(word)) {
        true => Judged::passed(shown(value)),
        false => Judged::failed(shown(value), &causes::PAGE_CACHED),
    }
}

pub(super) fn ask_with_query(run: &mut Run<'_>) {
    if run.home.is_none() {
        return run.not_asked("`home-page` did not pass");
    }
    let site = run.site.clone();
    let got = run.ask(&Request::get(WITH_QUERY));
    let judged = judge_with_query(&got, run.asked(&site));
    run.note(format!("GET {WITH_QUERY}"), judged);
}

fn judge_with_query(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        200 => match answer.header("cache-control") {
            Some(value) if value.to_ascii_lowercase().contains("no-store") => Judged::passed(shown(&value)),
            Some(value) => Judged::failed(shown(&value), &causes::QUERY_STORED),
            None => Judged::failed("no Cache-Control", &causes::QUERY_STORED),
        },
        _ => Judged::failed(described(answer), &causes::UNEXPECTED),
    };
    settled(from_nginx(got, asked).map(judge))
}

pub(super) fn ask_deep_link(run: &mut Run<'_>) {
    // Whether the answer is the shell or the home page shows only beside the home page.
    let Some(home) = run.home.clone() else { return run.not_asked("`home-page` did not pass") };
    let site = run.site.clone();
    let got = run.ask(&Request::get(NOWHERE));
    let judged = judge_deep_link(&got, &home, run.asked(&site));
    run.note(format!("GET {NOWHERE}"), judged);
}

fn judge_deep_link(got: &Result<Answer, NoAnswer>, home: &Answer, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        200 if home.body == answer.body => {
            Judged::failed("200, the home page's HTML", &causes::HOME_PAGE_FOR_EVERY_PATH)
        }
        200 if answer.is_page() => Judged::passed("200, the shell"),
        404 | 403 => Judged::failed(described(answer), &causes::NO_FALLBACK),
        _ => Judged::failed(described(answer), &causes::UNEXPECTED),
    };
    settled(from_nginx(got, asked).map(judge))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn a_home_page_names_files_of_the_client() {
        let outcome = |got| outcome(&judge_home(&got, PORTAL));
        assert_eq!(outcome(Ok(page("home"))), "passed");
        assert_eq!(outcome(Ok(nginx(403))), "failed no-client");
        assert_eq!(outcome(Ok(nginx(404))), "failed no-client");
        assert_eq!(outcome(Ok(nginx(500))), "failed nginx-error");
        assert_eq!(outcome(Ok(nginx(502))), "failed backend-down");
        assert_eq!(outcome(Ok(answer(200, &[], "Welcome to nginx!"))), "failed nginx-default-site");
        assert_eq!(outcome(Ok(answer(200, &[("content-type", "text/html")], "other"))), "failed unexpected-answer");
        assert_eq!(outcome(Err(NoAnswer::Reset)), "failed connection-cut");
    }

    #[test]
    fn a_page_is_asked_for_anew_each_time() {
        for (value, expected) in [
            (Some("no-cache"), "passed"),
            (Some("public, Max-Age=0"), "passed"),
            (Some("max-age=3600"), "failed page-cached"),
            (None, "failed page-cached"),
        ] {
            assert_eq!(outcome(&judge_caching(value)), expected, "{value:?}");
        }
    }

    #[test]
    fn a_page_with_a_query_is_kept_by_nobody() {
        let outcome =
            |value: &str| outcome(&judge_with_query(&Ok(answer(200, &[("cache-control", value)], "")), PORTAL));
        assert_eq!(outcome("no-store"), "passed");
        assert_eq!(outcome("private, No-Store"), "passed");
        assert_eq!(outcome("no-cache"), "failed page-with-query-stored");
        let judge = |got| super::super::tests::outcome(&judge_with_query(&got, PORTAL));
        assert_eq!(judge(Ok(page(""))), "failed page-with-query-stored");
        assert_eq!(judge(Ok(nginx(404))), "failed unexpected-answer");
    }

    #[test]
    fn a_deep_link_gets_the_shell_and_not_the_home_page() {
        let home = page("home");
        let outcome = |got| outcome(&judge_deep_link(&got, &home, PORTAL));
        assert_eq!(outcome(Ok(page("shell"))), "passed");
        assert_eq!(outcome(Ok(page("home"))), "failed home-page-for-every-path");
        assert_eq!(outcome(Ok(nginx(404))), "failed no-fallback");
        assert_eq!(outcome(Ok(answer(200, &[], "x"))), "failed unexpected-answer");
    }
}
