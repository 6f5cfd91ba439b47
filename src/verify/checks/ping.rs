//! Whether the backend answers behind nginx: the first question that needs an instance.

use super::{from_backend, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::{Needs, Run};
use crate::verify::signatures::{Asked, described, no_answer};
use crate::verify::verdict::Judged;

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    let got = run.ask(&Request::get("/ping"));
    run.is_warm();
    let http2 = run.subject.deployment.image.http2 || site.tls;
    let judged = judge(&got, http2, run.asked(&site));
    let cause = judged.cause.map(|cause| cause.id);
    run.note("GET /ping", judged);
    let behind = [causes::BACKEND_DOWN.id, causes::BACKEND_HANGS.id, causes::SERVER_ERROR.id];
    let in_front = [
        causes::IAM_REFUSES.id,
        causes::FRONT_END_404.id,
        causes::NO_INSTANCE.id,
        causes::NO_BACKEND.id,
        causes::PROTOCOL_MISMATCH.id,
        causes::NGINX_DEFAULT_SITE.id,
        causes::UNEXPECTED.id,
    ];
    match (&got, cause) {
        // nginx may be well all the same.
        (Err(NoAnswer::Silent(_)), _) => run.block(Needs::Backend),
        (Err(_), _) => run.block(Needs::Portal),
        (Ok(_), Some(id)) if in_front.contains(&id) => run.block(Needs::Portal),
        (Ok(_), Some(id)) if behind.contains(&id) => run.block(Needs::Backend),
        (Ok(answer), None) => run.others.push(("/ping", answer.clone())),
        (Ok(_), Some(_)) => {}
    }
}

/// With HTTP/2 or TLS a connection that ends without a word is a matter of protocols.
fn judge(got: &Result<Answer, NoAnswer>, http2: bool, asked: Asked) -> Judged {
    if let Err(failure @ (NoAnswer::Empty | NoAnswer::Reset)) = got
        && asked.local
        && !http2
    {
        // As Docker's proxy does for a container where nothing listens yet.
        return Judged::waiting(no_answer(failure, asked).came, &causes::NOTHING_LISTENS_YET);
    }
    let judge = |answer: &Answer| match answer.status {
        200 if answer.text().trim() == "\"pong\"" => Judged::passed("200 \"pong\""),
        500 => Judged::failed(described(answer), &causes::SERVER_ERROR),
        _ => Judged::failed(described(answer), &causes::UNEXPECTED),
    };
    settled(from_backend(got, asked).map(judge))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn only_the_backends_pong_passes() {
        let outcome = |got| outcome(&judge(&got, false, PORTAL));
        assert_eq!(outcome(Ok(answer(200, &[("content-type", "application/json")], "\"pong\""))), "passed");
        assert_eq!(outcome(Ok(page(""))), "failed page-instead-of-backend");
        assert_eq!(outcome(Ok(nginx(404))), "failed not-routed");
        assert_eq!(outcome(Ok(nginx(502))), "failed backend-down");
        assert_eq!(outcome(Ok(nginx(504))), "failed backend-hangs");
        assert_eq!(outcome(Ok(answer(200, &[], "pong"))), "failed unexpected-answer");
        assert_eq!(outcome(Ok(answer(500, &[], "Internal Server Error"))), "failed server-error");
        assert_eq!(outcome(Err(NoAnswer::Silent(60))), "failed backend-hangs");
        assert_eq!(outcome(Err(NoAnswer::Refused)), "waiting nothing-listens-yet");
    }

    #[test]
    fn a_container_that_does_not_listen_yet_is_waited_for() {
        let outcome = |failure, http2, asked| outcome(&judge(&Err(failure), http2, asked));
        assert_eq!(outcome(NoAnswer::Empty, false, PORTAL), "waiting nothing-listens-yet");
        assert_eq!(outcome(NoAnswer::Reset, false, PORTAL), "waiting nothing-listens-yet");
        assert_eq!(outcome(NoAnswer::Empty, true, PORTAL), "failed empty-reply");
        assert_eq!(outcome(NoAnswer::CutOff, false, PORTAL), "failed connection-cut");
        let away = Asked { local: false, ..PORTAL };
        assert_eq!(outcome(NoAnswer::Empty, false, away), "failed empty-reply");
    }
}
