//! The limit of a request's body, from both sides. The small upload names neither a session nor a handler, so Reflex
//! reads it and refuses it (400), and nothing is stored; of the large one only the length is announced.

use std::time::Duration;

use super::{from_behind, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Body, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described};
use crate::verify::verdict::Judged;

/// More than nginx takes by default, which is 1 MiB.
const SMALL: u64 = 2 << 20;

/// How long a refusal may take that needs no more than the request's head.
const AT_ONCE: Duration = Duration::from_secs(5);

const BOUNDARY: &str = "portalgen-verify-boundary";

pub(super) fn ask_small(run: &mut Run<'_>) {
    let site = run.site.clone();
    let size = SMALL.min(run.subject.deployment.image.client_max_body_size / 2);
    let got = run.ask(&upload(Body::Bytes(body(usize::try_from(size).unwrap_or_default()))));
    let judged = judge_small(&got, run.asked(&site));
    run.note(format!("POST /_upload with {}", bytes(size)), judged);
}

pub(super) fn ask_large(run: &mut Run<'_>) {
    let site = run.site.clone();
    let limit = run.subject.deployment.image.client_max_body_size;
    run.asking("POST /_upload over the limit");
    let request = upload(Body::Announced(limit + 1));
    let got = run.asker.ask(&site, &request, AT_ONCE.min(run.subject.limits.other));
    let judged = judge_large(&got, run.asked(&site));
    run.note(format!("POST /_upload, announcing {} and a byte", bytes(limit)), judged);
}

fn upload(body: Body) -> Request {
    Request::post("/_upload", body).header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"))
}

/// A form with one file.
fn body(size: usize) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"portalgen-verify\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let tail = format!("\r\n--{BOUNDARY}--\r\n");
    let file = vec![b'x'; size.saturating_sub(head.len() + tail.len())];
    [head.into_bytes(), file, tail.into_bytes()].concat()
}

fn bytes(count: u64) -> String {
    if count.is_multiple_of(1 << 20) { format!("{} MiB", count >> 20) } else { format!("{} KiB", count >> 10) }
}

fn judge_small(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        413 => Judged::failed("413", &causes::UPLOAD_LIMIT_DEFAULT),
        404 => Judged::passed("404: the app takes no uploads"),
        403 if answer.is_nginx_page() => Judged::failed(described(answer), &causes::ORIGIN_REFUSED),
        500 => Judged::failed(described(answer), &causes::SERVER_ERROR),
        400 if !answer.is_nginx_page() => Judged::passed("400: read, and refused for want of a session"),
        _ => Judged::failed(described(answer), &causes::UNEXPECTED),
    };
    settled(from_behind(got, asked, &causes::UPLOAD_NOT_ROUTED, &causes::UPLOAD_NOT_ROUTED).map(judge))
}

fn judge_large(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    if let Err(NoAnswer::Silent(seconds)) = got {
        return Judged::failed(format!("not refused in {seconds} s"), &causes::UPLOAD_UNLIMITED);
    }
    let judge = |answer: &Answer| match answer.status {
        413 => Judged::passed("413"),
        _ => Judged::failed(described(answer), &causes::UPLOAD_UNLIMITED),
    };
    settled(from_behind(got, asked, &causes::UPLOAD_NOT_ROUTED, &causes::UPLOAD_NOT_ROUTED).map(judge))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn a_small_upload_reaches_the_backend() {
        let outcome = |got| outcome(&judge_small(&got, PORTAL));
        assert_eq!(outcome(Ok(answer(400, &[], "Missing reflex-client-token"))), "passed");
        assert_eq!(outcome(Ok(answer(404, &[], "Not Found"))), "passed");
        assert_eq!(outcome(Ok(nginx(413))), "failed upload-limit-default");
        assert_eq!(outcome(Ok(nginx(405))), "failed upload-not-routed");
        assert_eq!(outcome(Ok(page(""))), "failed upload-not-routed");
        assert_eq!(outcome(Ok(answer(500, &[], ""))), "failed server-error");
        assert_eq!(outcome(Ok(nginx(403))), "failed own-origin-refused");
        assert_eq!(outcome(Ok(nginx(400))), "failed unexpected-answer");
        for status in [200, 204, 302, 401, 403, 422, 429] {
            assert_eq!(outcome(Ok(answer(status, &[], ""))), "failed unexpected-answer", "{status}");
        }
        assert_eq!(outcome(Err(NoAnswer::Reset)), "failed connection-cut");
    }

    #[test]
    fn a_large_one_is_refused_by_its_length() {
        let outcome = |got| outcome(&judge_large(&got, PORTAL));
        assert_eq!(outcome(Ok(nginx(413))), "passed");
        assert_eq!(outcome(Ok(answer(400, &[], ""))), "failed upload-unlimited");
        assert_eq!(outcome(Err(NoAnswer::Silent(5))), "failed upload-unlimited");
        assert_eq!(outcome(Ok(nginx(405))), "failed upload-not-routed");
    }

    #[test]
    fn the_body_is_a_form_of_the_size_that_is_said() {
        let body = body(4096);
        assert_eq!(body.len(), 4096);
        assert!(body.ends_with(b"\r\n--portalgen-verify-boundary--\r\n"));
    }
}
