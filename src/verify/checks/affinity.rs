//! Whether all requests of a session reach the instance where it began. Each goes over a connection of its own and
//! carries the cookies that came, as a browser's would.

use super::transport;
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, amiss, described, no_answer};
use crate::verify::verdict::Judged;

/// How many requests follow the first. Where each lands on any of two instances, 31 times in 32 one of them shows it.
const REQUESTS: usize = 5;

/// The cookie by which Cloud Run finds the instance again.
const COOKIE: &str = "GAESA";

/// Engine.IO's pong: the server takes one at any time, and it changes nothing.
const PONG: &str = "3";

pub(super) fn ask(run: &mut Run<'_>) {
    if run.subject.deployment.image.websocket {
        return run.not_asked("a WebSocket is one connection");
    }
    let site = run.site.clone();
    let asked = format!("{REQUESTS} requests of one session");
    let request = Request::get("/_event/?EIO=4&transport=polling").header("Origin", site.to_string());
    let first = run.ask(&request.header("Sec-Fetch-Site", "same-origin"));
    let sid = match &first {
        Ok(answer) => match transport::session(answer) {
            Some(sid) => sid,
            None => {
                let cause = amiss(answer, run.asked(&site)).unwrap_or(&causes::UNEXPECTED);
                run.note(asked, Judged::failed(described(answer), cause));
                return;
            }
        },
        Err(failure) => {
            let judged = no_answer(failure, run.asked(&site));
            run.note(asked, judged);
            return;
        }
    };
    let answers: Vec<_> = (0..REQUESTS).map(|_| run.ask(&transport::packet(&sid, PONG))).collect();
    transport::close(run, &sid);
    let pinned = run.cookies.contains_key(COOKIE);
    let judged = judge(&answers, pinned, run.asked(&site));
    run.note(asked, judged);
}

/// `pinned` says whether the platform has set its cookie by the first answer.
fn judge(answers: &[Result<Answer, NoAnswer>], pinned: bool, asked: Asked) -> Judged {
    let lost = answers.iter().filter(|got| got.as_ref().is_ok_and(|answer| answer.status == 400)).count();
    if lost > 0 {
        return Judged::failed(format!("{lost} of {} answered 400", answers.len()), &causes::SESSION_LOST);
    }
    for got in answers {
        match got {
            Ok(answer) if answer.status == 200 => {}
            Ok(answer) => {
                return Judged::failed(described(answer), amiss(answer, asked).unwrap_or(&causes::UNEXPECTED));
            }
            Err(failure) => return no_answer(failure, asked),
        }
    }
    // Without such a cookie it may have been luck, or there is one instance.
    Judged::passed(if pinned {
        "all on one instance".to_owned()
    } else {
        format!("none of {} was lost", answers.len())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome};
    use super::*;

    #[test]
    fn one_request_on_another_instance_is_enough() {
        let ok = || Ok(answer(200, &[], "OK"));
        assert_eq!(judge(&[ok(), ok()], true, PORTAL), Judged::passed("all on one instance"));
        assert_eq!(judge(&[ok(), ok()], false, PORTAL), Judged::passed("none of 2 was lost"));
        let judged = judge(&[ok(), Ok(answer(400, &[], "\"Invalid session\"")), ok()], true, PORTAL);
        assert_eq!(
            (outcome(&judged).as_str(), judged.came.as_str()),
            ("failed session-on-another-instance", "1 of 3 answered 400")
        );
        assert_eq!(outcome(&judge(&[ok(), Ok(nginx(502))], true, PORTAL)), "failed backend-down");
        assert_eq!(outcome(&judge(&[ok(), Err(NoAnswer::Empty)], true, PORTAL)), "failed empty-reply");
    }
}
