//! The app's own paths: whatever they answer, the backend has to answer it.

use super::{from_backend, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described};
use crate::verify::verdict::Judged;

pub(super) fn ask(run: &mut Run<'_>) {
    let (site, locations) = (run.site.clone(), &run.subject.deployment.image.backend_locations);
    if locations.is_empty() {
        return run.not_asked("portal.toml names no `app.backend_paths`");
    }
    for location in locations {
        let got = run.ask(&Request::get(&location.path));
        let judged = judge(&got, run.asked(&site));
        run.note(format!("GET {}", location.path), judged);
    }
}

fn judge(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    settled(from_backend(got, asked).map(|answer| Judged::passed(format!("answered: {}", described(answer)))))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn any_answer_of_the_backend_passes() {
        let outcome = |got| outcome(&judge(&got, PORTAL));
        for status in [200, 302, 401, 404, 422, 500] {
            assert_eq!(outcome(Ok(answer(status, &[("content-type", "application/json")], "{}"))), "passed");
        }
        assert_eq!(outcome(Ok(page(""))), "failed page-instead-of-backend");
        assert_eq!(outcome(Ok(nginx(404))), "failed not-routed");
        assert_eq!(outcome(Ok(nginx(502))), "failed backend-down");
        assert_eq!(outcome(Err(NoAnswer::CutOff)), "failed connection-cut");
    }
}
