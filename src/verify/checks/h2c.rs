//! Whether nginx speaks the cleartext HTTP/2 that the port name `h2c` promises. Only a container that is asked directly
//! can say: a front end in between speaks for itself.

use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http;
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, no_answer};
use crate::verify::verdict::{Judged, Verdict};

/// The client's preface and an empty SETTINGS frame (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    if site.tls {
        return run.not_asked("between the front end and the container nobody else can ask");
    }
    if !run.subject.deployment.image.http2 {
        return run.not_asked("`http2` is off");
    }
    run.asking("HTTP/2 with prior knowledge");
    let got = run.asker.speak(&site, PREFACE, run.subject.limits.other);
    let judged = judge(&got, run.asked(&site));
    run.note("HTTP/2 with prior knowledge", judged);
}

fn judge(got: &Result<Vec<u8>, NoAnswer>, asked: Asked) -> Judged {
    match got {
        Ok(bytes) if http::is_http2(bytes) => Judged::passed("frames of HTTP/2"),
        Ok(bytes) if bytes.is_empty() => Judged::failed("an empty reply", &causes::NO_HTTP2),
        Ok(_) => Judged::failed("no frames of HTTP/2", &causes::NO_HTTP2),
        Err(NoAnswer::Reset) => Judged::failed("the connection broke", &causes::NO_HTTP2),
        Err(failure) => match no_answer(failure, asked) {
            judged if judged.verdict == Verdict::Waiting => judged,
            judged => Judged::failed(judged.came, &causes::NO_HTTP2),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, outcome};
    use super::*;

    #[test]
    fn only_frames_pass() {
        let outcome = |got| outcome(&judge(&got, PORTAL));
        assert_eq!(outcome(Ok(b"\0\0\x12\x04\0\0\0\0\0\0\x03".to_vec())), "passed");
        assert_eq!(outcome(Ok(Vec::new())), "failed no-http2");
        assert_eq!(outcome(Ok(b"HTTP/1.1 400 Bad Request\r\n".to_vec())), "failed no-http2");
        assert_eq!(outcome(Err(NoAnswer::Silent(1))), "failed no-http2");
    }
}
