//! Whether who types the address without https is sent on to it.

use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described, no_answer};
use crate::verify::site::{Address, Site};
use crate::verify::verdict::Judged;

/// A path with a query, as a link has it.
const KEPT: &str = "/portalgen-verify?kept=1";

pub(super) fn ask(run: &mut Run<'_>) {
    let site = run.site.clone();
    if !site.tls {
        return run.not_asked("it is asked by http");
    }
    let plain = site.plain();
    let led = run.asker.is_led(&site);
    if !run.asker.is_led(&plain) && (led || !site.has_default_port()) {
        return run.not_asked(format!("where port 80 is, only `--connect {}:80:HOST:PORT` could say", site.host));
    }
    let got = run.asker.ask(&plain, &Request::get(KEPT), run.subject.limits.other);
    let judged = judge(&got, &site, run.asked(&site));
    run.note(format!("GET {plain}/portalgen-verify"), judged);
}

fn judge(got: &Result<Answer, NoAnswer>, site: &Site, asked: Asked) -> Judged {
    let answer = match got {
        Ok(answer) => answer,
        Err(failure) => {
            let judged = no_answer(failure, asked);
            return match failure {
                NoAnswer::NoName | NoAnswer::NoNameServer => judged,
                _ => Judged::failed(judged.came, &causes::PORT_80_SILENT),
            };
        }
    };
    let came = described(answer);
    let to = answer.header("location").and_then(|to| Address::parse(&to));
    let cause = match (answer.status, to) {
        (301 | 302 | 307 | 308, Some(to)) if to.site.tls => match &to.site {
            there if there.host != site.host => &causes::REDIRECT_ELSEWHERE,
            there if there.port != site.port => &causes::REDIRECT_TO_INNER_PORT,
            // Cloud Run's own, on its own addresses.
            _ if matches!(answer.status, 302 | 307) && !site.host.ends_with(".run.app") => {
                &causes::TEMPORARY_HTTPS_REDIRECT
            }
            _ if to.target() != KEPT => &causes::REDIRECT_DROPS_PATH,
            _ => return Judged::passed(came),
        },
        _ => &causes::NO_HTTPS_REDIRECT,
    };
    Judged::failed(came, cause)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, outcome, page};
    use super::*;

    #[test]
    fn only_a_lasting_redirect_to_the_same_host_passes() {
        let site = Site::https("pp.example.com");
        let to = |status, location: &str| Ok(answer(status, &[("location", location)], ""));
        let outcome = |got| outcome(&judge(&got, &site, PORTAL));
        assert_eq!(outcome(to(301, "https://pp.example.com/portalgen-verify?kept=1")), "passed");
        assert_eq!(outcome(to(308, "https://pp.example.com:443/portalgen-verify?kept=1")), "passed");
        for dropped in ["", "/", "/?kept=1", "/portalgen-verify", "/portalgen-verify?", "/portalgen-verify?kept=2"] {
            let location = format!("https://pp.example.com{dropped}");
            assert_eq!(outcome(to(301, &location)), "failed redirect-drops-path", "{dropped}");
        }
        assert_eq!(outcome(to(302, "https://pp.example.com/")), "failed temporary-https-redirect");
        assert_eq!(outcome(to(301, "https://other.example.com/")), "failed redirect-elsewhere");
        assert_eq!(outcome(to(301, "https://pp.example.com:8080/")), "failed redirect-to-inner-port");
        assert_eq!(outcome(to(301, "http://pp.example.com/")), "failed no-https-redirect");
        assert_eq!(outcome(Ok(page(""))), "failed no-https-redirect");
        for silent in [NoAnswer::Refused, NoAnswer::Silent(15), NoAnswer::NoConnection(10), NoAnswer::Empty] {
            assert_eq!(outcome(Err(silent)), "failed port-80-silent");
        }
        let run_app = Site::https("portal-1.europe-west1.run.app");
        let location = "https://portal-1.europe-west1.run.app/portalgen-verify?kept=1";
        assert_eq!(super::super::tests::outcome(&judge(&to(302, location), &run_app, PORTAL)), "passed");
    }
}
