//! The socket: the strategy's transport opens and is closed again, the other one is refused, and so is a page of
//! another site.

use super::{from_backend, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Body, Request};
use crate::verify::run::{Needs, Run};
use crate::verify::signatures::{Asked, amiss, described, no_answer};
use crate::verify::socket::SocketAnswer;
use crate::verify::verdict::{Judged, Verdict};

/// A page that is not the portal's.
const FOREIGN: &str = "https://portalgen-verify.invalid";

pub(super) const POLLING: &str = "/_event/?EIO=4&transport=polling";
pub(super) const WEBSOCKET: &str = "/_event/?EIO=4&transport=websocket";

/// What a transport answered.
type Got = Result<SocketAnswer, NoAnswer>;

pub(super) fn ask(run: &mut Run<'_>) {
    let (site, websocket) = (run.site.clone(), run.subject.deployment.image.websocket);
    let origin = site.to_string();
    let got = open(run, websocket, &origin);
    let judged = judge(&got, websocket, run.asked(&site));
    if run.note(what(websocket), judged) != Verdict::Passed {
        run.block(Needs::Session);
    }
}

pub(super) fn ask_other(run: &mut Run<'_>) {
    let (site, websocket) = (run.site.clone(), !run.subject.deployment.image.websocket);
    let origin = site.to_string();
    let got = open(run, websocket, &origin);
    let mut judged = judge_other(&got, run.asked(&site));
    if let (true, Ok(SocketAnswer::Refused(answer))) = (run.subject.deployment.image.http2, &got)
        && cannot_pass(answer)
    {
        judged = Judged::passed(format!("refused: {}, a WebSocket does not pass end-to-end HTTP/2", answer.status));
    }
    run.note(what(websocket), judged);
}

pub(super) fn ask_foreign_origin(run: &mut Run<'_>) {
    let (site, websocket) = (run.site.clone(), run.subject.deployment.image.websocket);
    let got = open(run, websocket, FOREIGN);
    let judged = judge_foreign(&got, run.asked(&site));
    run.note(format!("{} from another site's page", what(websocket)), judged);
}

fn what(websocket: bool) -> &'static str {
    if websocket { "WebSocket /_event/" } else { "long polling /_event/" }
}

/// Opens a session as a page of `origin` would, and closes it.
fn open(run: &mut Run<'_>, websocket: bool, origin: &str) -> Got {
    let site = run.site.clone();
    if websocket {
        run.asking(&format!("WebSocket {site}/_event/"));
        return run.asker.socket(&site, WEBSOCKET, origin, run.limit());
    }
    let own = if origin == FOREIGN { "cross-site" } else { "same-origin" };
    let request = Request::get(POLLING).header("Origin", origin).header("Sec-Fetch-Site", own);
    let answer = run.ask(&request)?;
    let opened = answer.text();
    match session(&answer) {
        Some(sid) => {
            close(run, &sid);
            Ok(SocketAnswer::Opened(opened))
        }
        None => Ok(SocketAnswer::Refused(answer)),
    }
}

/// The id of the session that an Engine.IO handshake opened.
pub(super) fn session(answer: &Answer) -> Option<String> {
    let text = answer.text();
    let packet = text.strip_prefix('0').filter(|_| answer.status == 200)?;
    // Other packets may follow it.
    let packet = packet.split('\x1e').next().unwrap_or_default();
    let packet: serde_json::Value = serde_json::from_str(packet).ok()?;
    let sid = packet.get("sid")?.as_str()?;
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (!sid.is_empty() && sid.chars().all(legal)).then(|| sid.to_owned())
}

/// A packet of a session.
pub(super) fn packet(sid: &str, packet: &str) -> Request {
    let body = Body::Bytes(packet.as_bytes().to_vec());
    Request::post(format!("{POLLING}&sid={sid}"), body).header("Content-Type", "text/plain;charset=UTF-8")
}

/// Ends a session, as a browser does when its tab is closed.
pub(super) fn close(run: &mut Run<'_>, sid: &str) {
    _ = run.ask(&packet(sid, "1"));
}

fn judge(got: &Got, websocket: bool, asked: Asked) -> Judged {
    let answer = match got {
        Ok(SocketAnswer::Opened(first)) if first.starts_with("0{") => {
            return Judged::passed("opened, and closed again");
        }
        Ok(SocketAnswer::Opened(_)) => return Judged::failed("opened, but no session began", &causes::UNEXPECTED),
        Ok(SocketAnswer::Refused(answer)) => answer,
        Err(failure) => return no_answer(failure, asked),
    };
    let judge = |answer: &Answer| {
        let text = answer.text();
        let cause = match answer.status {
            _ if text.contains("Invalid transport") => &causes::TRANSPORT_DIFFERS,
            _ if text.contains("Invalid websocket upgrade") => &causes::UPGRADE_STRIPPED,
            _ if text.contains("is not an accepted origin") => &causes::ORIGIN_REFUSED,
            403 if answer.is_nginx_page() => &causes::ORIGIN_REFUSED,
            403 if websocket => &causes::TRANSPORT_DIFFERS,
            400 | 426 if websocket => &causes::UPGRADE_STRIPPED,
            500 => &causes::SERVER_ERROR,
            404 => &causes::NOT_ROUTED,
            _ => &causes::UNEXPECTED,
        };
        Judged::failed(described(answer), cause)
    };
    settled(from_backend(&Ok(answer.clone()), asked).map(judge))
}

fn judge_other(got: &Got, asked: Asked) -> Judged {
    match got {
        Ok(SocketAnswer::Opened(_)) => Judged::failed("opened", &causes::OTHER_TRANSPORT_OPEN),
        Ok(SocketAnswer::Refused(answer)) => refused(answer, asked),
        Err(failure) => no_answer(failure, asked),
    }
}

fn judge_foreign(got: &Got, asked: Asked) -> Judged {
    match got {
        Ok(SocketAnswer::Opened(_)) => Judged::failed("opened", &causes::FOREIGN_ORIGIN_ADMITTED),
        Ok(SocketAnswer::Refused(answer)) => refused(answer, asked),
        Err(failure) => no_answer(failure, asked),
    }
}

/// What a front end answers that speaks HTTP/2 alone to the container: there is no way to pass the request on
/// (https://cloud.google.com/run/docs/triggering/websockets: leave end-to-end HTTP/2 off).
fn cannot_pass(answer: &Answer) -> bool {
    matches!(answer.status, 502 | 503) && !answer.is_page()
}

/// That it did not open is right, but neither a page nor a failure is a refusal.
fn refused(answer: &Answer, asked: Asked) -> Judged {
    let cause = match (amiss(answer, asked), answer.status) {
        (Some(cause), _) => cause,
        (None, 400 | 403 | 404 | 426) => return Judged::passed(format!("refused: {}", answer.status)),
        (None, 500) => &causes::SERVER_ERROR,
        _ if answer.is_page() => &causes::PAGE_INSTEAD_OF_BACKEND,
        _ => &causes::UNEXPECTED,
    };
    Judged::failed(described(answer), cause)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    fn opened() -> Got {
        Ok(SocketAnswer::Opened("0{\"sid\":\"x\"}".to_owned()))
    }

    #[test]
    fn the_strategys_transport_opens() {
        let refused = |status, body: &str| Ok(SocketAnswer::Refused(answer(status, &[], body)));
        let outcome = |got: Got, websocket| outcome(&judge(&got, websocket, PORTAL));
        assert_eq!(outcome(opened(), true), "passed");
        assert_eq!(outcome(opened(), false), "passed");
        assert_eq!(outcome(Ok(SocketAnswer::Opened(String::new())), true), "failed unexpected-answer");
        assert_eq!(outcome(refused(400, "\"Invalid transport\""), false), "failed transport-differs");
        assert_eq!(outcome(refused(403, ""), true), "failed transport-differs");
        assert_eq!(outcome(refused(400, "\"Invalid websocket upgrade\""), true), "failed upgrade-stripped");
        assert_eq!(outcome(refused(400, ""), true), "failed upgrade-stripped");
        assert_eq!(outcome(refused(400, "x is not an accepted origin."), false), "failed own-origin-refused");
        assert_eq!(outcome(Ok(SocketAnswer::Refused(nginx(403))), false), "failed own-origin-refused");
        assert_eq!(outcome(Ok(SocketAnswer::Refused(page(""))), false), "failed page-instead-of-backend");
        assert_eq!(outcome(Ok(SocketAnswer::Refused(nginx(504))), true), "failed backend-hangs");
        assert_eq!(outcome(refused(404, "Not Found"), true), "failed not-routed");
        assert_eq!(outcome(refused(500, ""), true), "failed server-error");
        assert_eq!(outcome(Err(NoAnswer::Reset), true), "failed connection-cut");
    }

    #[test]
    fn a_front_end_that_cannot_pass_a_websocket_on_is_told_from_a_portal() {
        assert!(cannot_pass(&answer(502, &[], "")) && cannot_pass(&answer(503, &[], "upstream connect error")));
        assert!(!cannot_pass(&answer(400, &[], "")) && !cannot_pass(&page("")));
    }

    #[test]
    fn the_other_transport_and_other_sites_are_refused() {
        let refused = |status| Ok(SocketAnswer::Refused(answer(status, &[], "")));
        for status in [400, 403, 404, 426] {
            assert_eq!(outcome(&judge_other(&refused(status), PORTAL)), "passed");
            assert_eq!(outcome(&judge_foreign(&refused(status), PORTAL)), "passed");
        }
        assert_eq!(outcome(&judge_other(&opened(), PORTAL)), "failed other-transport-open");
        assert_eq!(outcome(&judge_foreign(&opened(), PORTAL)), "failed foreign-origin-admitted");
        // What fails refuses nothing.
        for (answer, expected) in [
            (nginx(502), "backend-down"),
            (nginx(504), "backend-hangs"),
            (answer(503, &[], "{}"), "unexpected-answer"),
            (answer(500, &[], ""), "server-error"),
            (answer(429, &[], "Rate exceeded."), "no-instance"),
            (answer(429, &[], ""), "unexpected-answer"),
            (answer(404, &[], "The requested URL was not found on this server."), "front-end-404"),
        ] {
            let refused = Ok(SocketAnswer::Refused(answer));
            assert_eq!(outcome(&judge_other(&refused, PORTAL)), format!("failed {expected}"));
            assert_eq!(outcome(&judge_foreign(&refused, PORTAL)), format!("failed {expected}"));
        }
        let page = Ok(SocketAnswer::Refused(page("")));
        assert_eq!(outcome(&judge_other(&page, PORTAL)), "failed page-instead-of-backend");
        assert_eq!(outcome(&judge_foreign(&Err(NoAnswer::Empty), PORTAL)), "failed empty-reply");
    }

    #[test]
    fn a_session_is_read_from_its_handshake() {
        let sid = |status, body: &str| session(&answer(status, &[], body));
        assert_eq!(sid(200, "0{\"sid\":\"aB-_1\",\"upgrades\":[]}\x1e2"), Some("aB-_1".to_owned()));
        for (status, body) in [(400, "0{\"sid\":\"a\"}"), (200, "0{}"), (200, "<html>"), (200, "0{\"sid\":\"a&b\"}")] {
            assert_eq!(sid(status, body), None, "{body}");
        }
    }
}
