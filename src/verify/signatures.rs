//! What any question may meet instead of an answer of the portal's own, told apart by what came.

use super::ask::NoAnswer;
use super::causes;
use super::clock;
use super::http::Answer;
use super::site::Address;
use super::tls::TlsFault;
use super::verdict::{Cause, Judged, shown};

/// What the one who was asked is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether this machine answers.
    pub(super) local: bool,
    /// Whether a load balancer is to stand there, which gets its certificate late.
    pub(super) load_balancer: bool,
    /// Whether it is the portal, and not the API on a host of its own.
    pub(super) portal: bool,
}

/// The verdict where there is no answer at all.
pub(super) fn no_answer(failure: &NoAnswer, asked: Asked) -> Judged {
    let came = in_words(failure);
    match failure {
        NoAnswer::NoName if asked.load_balancer => Judged::waiting(came, &causes::DNS_RECORD_MISSING),
        NoAnswer::NoName if asked.portal => Judged::failed(came, &causes::HOST_UNKNOWN),
        NoAnswer::NoName => Judged::failed(came, &causes::NAME_UNKNOWN),
        NoAnswer::NoNameServer => Judged::failed(came, &causes::NAME_SERVER_SILENT),
        NoAnswer::Refused if !asked.portal => Judged::failed(came, &causes::API_NOT_LISTENING),
        NoAnswer::Refused if asked.local => Judged::waiting(came, &causes::NOTHING_LISTENS_YET),
        NoAnswer::Refused => Judged::failed(came, &causes::CONNECTION_REFUSED),
        NoAnswer::NoConnection(_) | NoAnswer::Unreachable(_) => Judged::failed(came, &causes::NO_CONNECTION),
        NoAnswer::Tls(TlsFault::NoCertificate | TlsFault::CutOff) if asked.load_balancer => {
            Judged::waiting(came, &causes::CERTIFICATE_PENDING)
        }
        NoAnswer::Tls(fault) => Judged::failed(came, tls(fault)),
        NoAnswer::Empty => Judged::failed(came, &causes::EMPTY_REPLY),
        NoAnswer::Http2 => Judged::failed(came, &causes::HTTP2_ONLY),
        NoAnswer::NotHttp => Judged::failed(came, &causes::NOT_HTTP),
        NoAnswer::NotWebSocket => Judged::failed(came, &causes::NOT_WEBSOCKET),
        NoAnswer::Silent(_) => Judged::failed(came, &causes::BACKEND_HANGS),
        NoAnswer::Reset | NoAnswer::CutOff | NoAnswer::Other(_) => Judged::failed(came, &causes::CUT_OFF),
    }
}

fn tls(fault: &TlsFault) -> &'static Cause {
    match fault {
        TlsFault::NoCertificate => &causes::CERTIFICATE_MISSING,
        TlsFault::Expired(_) => &causes::CERTIFICATE_EXPIRED,
        TlsFault::NotValidYet => &causes::CERTIFICATE_NOT_YET_VALID,
        TlsFault::OtherName(_) => &causes::CERTIFICATE_FOR_ANOTHER_NAME,
        TlsFault::SelfSigned => &causes::CERTIFICATE_SELF_SIGNED,
        TlsFault::UnknownAuthority => &causes::CERTIFICATE_UNKNOWN_AUTHORITY,
        TlsFault::NotTls => &causes::NOT_TLS,
        TlsFault::Silent(_) => &causes::TLS_SILENT,
        TlsFault::NoRoots => &causes::NO_ROOTS,
        TlsFault::CutOff | TlsFault::Other(_) => &causes::TLS_FAULT,
    }
}

fn in_words(failure: &NoAnswer) -> String {
    match failure {
        NoAnswer::NoName => "the name has no DNS record".to_owned(),
        NoAnswer::NoNameServer => "no name server answered".to_owned(),
        NoAnswer::Refused => "connection refused".to_owned(),
        NoAnswer::NoConnection(seconds) => format!("no connection in {seconds} s"),
        NoAnswer::Unreachable(error) => format!("no way there: {}", shown(error)),
        NoAnswer::Empty => "an empty reply".to_owned(),
        NoAnswer::Reset => "the connection broke".to_owned(),
        NoAnswer::CutOff => "the answer breaks off".to_owned(),
        NoAnswer::Http2 => "frames of HTTP/2".to_owned(),
        NoAnswer::NotWebSocket => "101, and then no WebSocket".to_owned(),
        NoAnswer::NotHttp => "something that is not HTTP".to_owned(),
        NoAnswer::Silent(seconds) => format!("no answer in {seconds} s"),
        NoAnswer::Other(error) => shown(error),
        NoAnswer::Tls(fault) => match fault {
            TlsFault::NoCertificate => "TLS refused: no certificate for this name".to_owned(),
            TlsFault::CutOff => "TLS was refused or cut off".to_owned(),
            TlsFault::Expired(Some(end)) => match (clock::unix_seconds() - end) / 86400 {
                0 => "the certificate expired today".to_owned(),
                1 => "the certificate expired a day ago".to_owned(),
                days => format!("the certificate expired {days} days ago"),
            },
            TlsFault::Expired(None) => "the certificate has expired".to_owned(),
            TlsFault::NotValidYet => "the certificate is not valid yet".to_owned(),
            TlsFault::OtherName(names) if names.is_empty() => "the certificate is for other names".to_owned(),
            TlsFault::OtherName(names) => {
                let names: Vec<_> = names.iter().take(3).map(|name| shown(name)).collect();
                format!("the certificate is for {}", names.join(", "))
            }
            TlsFault::SelfSigned => "the certificate signs itself".to_owned(),
            TlsFault::UnknownAuthority => "the certificate is signed by an unknown authority".to_owned(),
            TlsFault::Silent(seconds) => format!("no TLS in {seconds} s"),
            TlsFault::NotTls => "what came is not TLS".to_owned(),
            TlsFault::NoRoots => "nothing to hold the certificate against".to_owned(),
            TlsFault::Other(error) => shown(error),
        },
    }
}

/// The cause that an answer shows by itself, whatever was asked: of Google's front end, or of nginx with nothing behind.
pub(super) fn amiss(answer: &Answer, asked: Asked) -> Option<&'static Cause> {
    let text = answer.text();
    let says = |words: &str| text.contains(words);
    if says("Welcome to nginx!") {
        return Some(&causes::NGINX_DEFAULT_SITE);
    }
    match answer.status {
        403 if is_refusal_of_iam(answer) => Some(&causes::IAM_REFUSES),
        404 if is_front_ends_404(answer) => Some(&causes::FRONT_END_404),
        429 if says("Rate exceeded") => Some(&causes::NO_INSTANCE),
        502 | 503 if says("upstream connect error") || says("protocol error") => Some(&causes::PROTOCOL_MISMATCH),
        503 if says("no healthy upstream") => Some(&causes::NO_BACKEND),
        502 if says("The server encountered a temporary error") => Some(&causes::NO_BACKEND),
        500 if says("The server encountered an error and could not complete your request") => {
            Some(&causes::NO_INSTANCE)
        }
        504 => Some(&causes::BACKEND_HANGS),
        502 if answer.is_nginx_page() => Some(&causes::BACKEND_DOWN),
        500 | 503 if answer.is_nginx_page() => Some(&causes::NGINX_ERROR),
        // No front end of Google's stands before this machine.
        503 if says("Service Unavailable") && !asked.local => Some(&causes::NO_INSTANCE),
        502 | 503 => Some(&causes::UNEXPECTED),
        _ => None,
    }
}

/// Whether it is the page of Google's front end where nothing is open.
pub(super) fn is_front_ends_404(answer: &Answer) -> bool {
    let text = answer.text();
    answer.status == 404 && text.contains("The requested URL") && text.contains("was not found on this server")
}

/// Whether it is the page of Google's front end for who may not come in.
pub(super) fn is_refusal_of_iam(answer: &Answer) -> bool {
    answer.status == 403 && answer.text().contains("does not have permission to get URL")
}

/// An answer in a few words.
pub(super) fn described(answer: &Answer) -> String {
    let status = answer.status;
    let what = if answer.is_nginx_page() {
        "nginx's own page".to_owned()
    } else if is_front_ends_404(answer) || is_refusal_of_iam(answer) {
        "a page of Google's front end".to_owned()
    } else if answer.is_page() {
        "a page of the client".to_owned()
    } else if let Some(to) = answer.header("location") {
        // No query, where codes and tokens stand; and of what is no address, nothing that may hold a password.
        match Address::parse(&to) {
            Some(address) => format!("to {}", shown(&address.shown())),
            None if to.starts_with('/') => format!("to {}", shown(to.split(['?', '#']).next().unwrap_or_default())),
            None => "to an odd place".to_owned(),
        }
    } else {
        match answer.header("content-type") {
            Some(kind) => shown(kind.split(';').next().unwrap_or_default().trim()),
            None if answer.body.is_empty() => return status.to_string(),
            None => "without a type".to_owned(),
        }
    };
    format!("{status}, {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: vec![("content-type".to_owned(), "text/html".to_owned())], body: body.into() }
    }

    /// The portal, on another machine.
    const AWAY: Asked = Asked { local: false, load_balancer: false, portal: true };

    #[test]
    fn answers_of_others_than_the_portal_are_known() {
        let nginx = |title: &str| format!("<center><h1>{title}</h1></center><hr><center>nginx</center>");
        let cases = [
            (403, "Your client does not have permission to get URL <code>/</code> from this server.", "iam-refuses"),
            (404, "<p>The requested URL <code>/ping</code> was not found on this server.", "front-end-404"),
            (
                404,
                "<h1>Error: Page not found</h1><h2>The requested URL was not found on this server.</h2>",
                "front-end-404",
            ),
            (429, "Rate exceeded.", "no-instance"),
            (503, "Service Unavailable", "no-instance"),
            (503, "no healthy upstream", "no-backend"),
            (
                503,
                "upstream connect error or disconnect/reset before headers. reset reason: protocol error",
                "protocol-mismatch",
            ),
            (502, &nginx("502 Bad Gateway"), "backend-down"),
            (504, &nginx("504 Gateway Time-out"), "backend-hangs"),
            (500, &nginx("500 Internal Server Error"), "nginx-error"),
            (200, "<title>Welcome to nginx!</title>", "nginx-default-site"),
        ];
        for (status, body, id) in cases {
            assert_eq!(amiss(&answer(status, body), AWAY).map(|cause| cause.id), Some(id), "{status} {body}");
        }
        assert_eq!(amiss(&answer(404, "no such order"), AWAY), None);
        assert_eq!(amiss(&answer(500, "Internal Server Error"), AWAY), None);
    }

    #[test]
    fn what_another_says_is_not_taken_for_nginx_or_cloud_run() {
        let id = |status, body: &str, asked| amiss(&answer(status, body), asked).map(|cause| cause.id);
        assert_eq!(id(502, "Bad Gateway", AWAY), Some("unexpected-answer"));
        assert_eq!(id(503, "{\"detail\": \"maintenance\"}", AWAY), Some("unexpected-answer"));
        assert_eq!(id(503, "<center>nginx</center> Service Unavailable", AWAY), Some("nginx-error"));
        let here = Asked { local: true, ..AWAY };
        assert_eq!(id(503, "Service Unavailable", here), Some("unexpected-answer"));
    }

    #[test]
    fn every_way_not_to_answer_has_its_verdict() {
        let load_balancer = Asked { local: false, load_balancer: true, portal: true };
        let local = Asked { local: true, load_balancer: false, portal: true };
        let api = Asked { local: false, load_balancer: false, portal: false };
        let cases = [
            (NoAnswer::NoName, load_balancer, "waiting dns-record-missing"),
            (NoAnswer::NoName, AWAY, "failed host-unknown"),
            (NoAnswer::NoName, api, "failed name-unknown"),
            (NoAnswer::NoNameServer, api, "failed name-server-silent"),
            (NoAnswer::Refused, local, "waiting nothing-listens-yet"),
            (NoAnswer::Refused, load_balancer, "failed connection-refused"),
            (NoAnswer::Refused, api, "failed api-not-listening"),
            (NoAnswer::NoConnection(10), api, "failed no-connection"),
            (NoAnswer::Unreachable(String::new()), api, "failed no-connection"),
            (NoAnswer::Tls(TlsFault::NoCertificate), load_balancer, "waiting certificate-pending"),
            (NoAnswer::Tls(TlsFault::NoCertificate), api, "failed certificate-missing"),
            (NoAnswer::Tls(TlsFault::CutOff), load_balancer, "waiting certificate-pending"),
            (NoAnswer::Tls(TlsFault::CutOff), AWAY, "failed tls-fault"),
            (NoAnswer::Tls(TlsFault::Expired(None)), load_balancer, "failed certificate-expired"),
            (NoAnswer::Tls(TlsFault::NotValidYet), api, "failed certificate-not-yet-valid"),
            (NoAnswer::Tls(TlsFault::OtherName(Vec::new())), load_balancer, "failed certificate-for-another-name"),
            (NoAnswer::Tls(TlsFault::SelfSigned), api, "failed certificate-self-signed"),
            (NoAnswer::Tls(TlsFault::UnknownAuthority), api, "failed certificate-unknown-authority"),
            (NoAnswer::Tls(TlsFault::NotTls), api, "failed not-tls"),
            (NoAnswer::Tls(TlsFault::Silent(15)), api, "failed tls-silent"),
            (NoAnswer::Tls(TlsFault::NoRoots), api, "failed no-root-certificates"),
            (NoAnswer::Tls(TlsFault::Other(String::new())), api, "failed tls-fault"),
            (NoAnswer::Empty, local, "failed empty-reply"),
            (NoAnswer::Http2, local, "failed http2-only"),
            (NoAnswer::NotHttp, local, "failed not-http"),
            (NoAnswer::NotWebSocket, local, "failed not-websocket"),
            (NoAnswer::Silent(60), local, "failed backend-hangs"),
            (NoAnswer::Reset, local, "failed connection-cut"),
            (NoAnswer::CutOff, local, "failed connection-cut"),
        ];
        for (failure, asked, expected) in cases {
            let judged = no_answer(&failure, asked);
            let verdict = format!("{:?}", judged.verdict).to_lowercase();
            assert_eq!(format!("{verdict} {}", judged.cause.unwrap().id), expected);
        }
    }
}
