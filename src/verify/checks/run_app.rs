//! Whether the run.app address is closed, where the load balancer is to be the only way in.

use super::is_shut;
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described, is_front_ends_404, is_refusal_of_iam, no_answer};
use crate::verify::site::Site;
use crate::verify::verdict::Judged;

pub(super) fn ask(run: &mut Run<'_>) {
    let subject = run.subject;
    let Some(service) = &subject.deployment.service else {
        return run.not_asked("the environment has no `[cloud_run]`");
    };
    if !subject.is_host(subject.site) {
        return run.not_asked(format!("{} is not one of `hosts`", subject.site.host));
    }
    if service.default_url && !is_shut(service) {
        return run.not_asked("`ingress` and `default_url` leave it open");
    }
    if service.project_number.is_none() {
        return run.not_asked("without `cloud_run.project_number` its address is not known");
    }
    let Some(host) = &service.run_app_host else {
        return run.not_asked("the service's name is too long for it");
    };
    let site = Site::https(host.as_str());
    let got = run.ask_at(&site, &Request::get("/ping"));
    let judged = judge(&got, run.asked(&site));
    run.note_at(site.to_string(), "GET /ping", judged);
}

fn judge(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        403 if is_refusal_of_iam(answer) => Judged::failed(described(answer), &causes::RUN_APP_NOT_BY_INGRESS),
        404 if is_front_ends_404(answer) => Judged::passed("closed: Google's 404 (or no such service)"),
        _ => Judged::failed(described(answer), &causes::RUN_APP_OPEN),
    };
    match got {
        Err(NoAnswer::NoName) => Judged::passed("closed: the name has no address"),
        Err(NoAnswer::Refused) => Judged::passed("closed: connection refused"),
        Err(failure) => no_answer(failure, asked),
        Ok(answer) => judge(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome};
    use super::*;

    #[test]
    fn only_googles_404_or_no_name_is_closed() {
        let outcome = |got| outcome(&judge(&got, PORTAL));
        assert_eq!(outcome(Ok(answer(404, &[], "The requested URL was not found on this server."))), "passed");
        assert_eq!(outcome(Err(NoAnswer::NoName)), "passed");
        assert_eq!(outcome(Ok(answer(200, &[], "\"pong\""))), "failed run-app-open");
        assert_eq!(outcome(Err(NoAnswer::Refused)), "passed");
        // Whoever answers in another way than Google's front end has been reached.
        for status in [404, 403, 502] {
            assert_eq!(outcome(Ok(nginx(status))), "failed run-app-open");
        }
        assert_eq!(
            outcome(Ok(answer(403, &[], "does not have permission to get URL"))),
            "failed run-app-closed-by-iam-alone"
        );
        assert_eq!(outcome(Err(NoAnswer::NoConnection(10))), "failed no-connection");
    }
}
