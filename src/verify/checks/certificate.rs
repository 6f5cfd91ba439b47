//! Whether the certificate is one that browsers trust for this host, and for how long yet.

use crate::verify::ask::NoAnswer;
use crate::verify::der::Certificate;
use crate::verify::run::{Needs, Run};
use crate::verify::signatures::{Asked, no_answer};
use crate::verify::tls::TlsFault;
use crate::verify::verdict::Judged;
use crate::verify::{causes, clock};

/// Days before its end when a managed certificate should long have been renewed.
const SOON: i64 = 7;

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    if !site.tls {
        return run.not_asked("it is asked by http, so there is none");
    }
    if run.subject.insecure {
        return run.not_asked("`--insecure` takes any");
    }
    run.asking(&format!("certificate of {}", site.host));
    let got = run.asker.certificate(&site, run.subject.limits.other);
    let judged = judge(&got, clock::unix_seconds(), run.asked(&site));
    run.note(format!("TLS for {}", site.host), judged);
    // Where TLS comes about at all, the rest can be asked: one fault is one failure.
    let only_the_certificate = |fault: &TlsFault| {
        !matches!(fault, TlsFault::NoCertificate | TlsFault::CutOff | TlsFault::NotTls | TlsFault::Silent(_))
    };
    match &got {
        Err(NoAnswer::Tls(fault)) if only_the_certificate(fault) => {}
        Err(_) => run.block(Needs::Connection),
        Ok(_) => {}
    }
}

fn judge(got: &Result<Certificate, NoAnswer>, now: i64, asked: Asked) -> Judged {
    match got {
        Ok(certificate) => {
            let days = (certificate.not_after - now) / 86400;
            let came = format!("valid for {days} more day{}", if days == 1 { "" } else { "s" });
            match asked.load_balancer && days < SOON {
                true => Judged::failed(came, &causes::CERTIFICATE_ENDS_SOON),
                false => Judged::passed(came),
            }
        }
        Err(failure) => no_answer(failure, asked),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, outcome};
    use super::*;

    #[test]
    fn a_certificate_that_ends_soon_is_a_failure_where_it_renews_itself() {
        let certificate = |days: i64| Ok(Certificate { not_after: days * 86400, self_signed: false });
        let managed = Asked { local: false, load_balancer: true, portal: true };
        assert_eq!(judge(&certificate(60), 0, managed), Judged::passed("valid for 60 more days"));
        assert_eq!(outcome(&judge(&certificate(6), 0, managed)), "failed certificate-ends-soon");
        assert_eq!(judge(&certificate(1), 0, PORTAL), Judged::passed("valid for 1 more day"));
    }
}
