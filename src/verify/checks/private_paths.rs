//! Reflex's own paths that are nobody's business outside.

use super::settled;
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, amiss, described, no_answer};
use crate::verify::verdict::Judged;

const PATHS: &[&str] = &["/_health", "/_all_routes"];

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    for path in PATHS {
        let got = run.ask(&Request::get(*path));
        let judged = judge(&got, run.asked(&site));
        run.note(format!("GET {path}"), judged);
    }
}

fn judge(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        401 | 403 | 404 => Judged::passed(answer.status.to_string()),
        200 if answer.is_page() => Judged::failed(described(answer), &causes::PRIVATE_PATH_IS_A_PAGE),
        502 | 504 => Judged::failed(described(answer), amiss(answer, asked).unwrap_or(&causes::PRIVATE_PATH_OPEN)),
        _ => Judged::failed(described(answer), &causes::PRIVATE_PATH_OPEN),
    };
    settled(got.as_ref().map(judge).map_err(|failure| no_answer(failure, asked)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn only_a_refusal_passes() {
        let outcome = |got| outcome(&judge(&got, PORTAL));
        assert_eq!(outcome(Ok(nginx(404))), "passed");
        assert_eq!(outcome(Ok(answer(200, &[], "{\"status\":true}"))), "failed private-path-open");
        assert_eq!(outcome(Ok(answer(503, &[], "{\"status\":false}"))), "failed private-path-open");
        assert_eq!(outcome(Ok(page(""))), "failed private-path-is-a-page");
        assert_eq!(outcome(Ok(nginx(502))), "failed backend-down");
        assert_eq!(outcome(Err(NoAnswer::Silent(1))), "failed backend-hangs");
    }
}
