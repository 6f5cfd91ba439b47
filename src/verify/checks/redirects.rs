//! Where nginx's own redirects lead: a folder asked for without its last slash shows whether it knows the address by
//! which it was asked.

use super::{from_nginx, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described};
use crate::verify::site::{Address, Site};
use crate::verify::verdict::Judged;

pub(super) fn ask(run: &mut Run<'_>) {
    let (site, image) = (run.site.clone(), &run.subject.deployment.image);
    let port = u16::try_from(image.ports.container).unwrap_or_default();
    let backend = image.backend_locations.iter().find(|location| !location.exact).map(|location| &location.path);
    let api = image.api_locations.iter().find(|location| !location.exact).map(|location| &location.path);
    let folders = [backend, api].into_iter().flatten().map(|path| path.trim_end_matches('/').to_owned());
    let paths: Vec<_> = std::iter::once("/assets".to_owned()).chain(folders).collect();
    for path in paths {
        let got = run.ask(&Request::get(&path));
        let judged = judge(&got, &site, port, run.asked(&site));
        run.note(format!("GET {path}"), judged);
    }
}

fn judge(got: &Result<Answer, NoAnswer>, site: &Site, inner_port: u16, asked: Asked) -> Judged {
    let judge = |answer: &Answer| {
        let came = described(answer);
        let to = answer.header("location").filter(|_| (300..400).contains(&answer.status));
        match to.and_then(|to| Address::parse(&to)) {
            None => Judged::passed(came),
            Some(to) if to.port == Some(inner_port) && site.port != inner_port => {
                Judged::failed(came, &causes::REDIRECT_TO_INNER_PORT)
            }
            Some(to) if site.tls && !to.site.tls => Judged::failed(came, &causes::REDIRECT_TO_HTTP),
            Some(_) => Judged::passed(came),
        }
    };
    settled(from_nginx(got, asked).map(judge))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn a_redirect_keeps_scheme_host_and_port() {
        let site = Site::https("pp.example.com");
        let to = |location: &str| Ok(answer(301, &[("location", location)], ""));
        let outcome = |got| outcome(&judge(&got, &site, 8080, PORTAL));
        assert_eq!(outcome(to("/auth/")), "passed");
        assert_eq!(outcome(to("https://pp.example.com/auth/")), "passed");
        assert_eq!(outcome(to("http://pp.example.com/auth/")), "failed redirect-to-http");
        assert_eq!(outcome(to("http://pp.example.com:8080/auth/")), "failed redirect-to-inner-port");
        // An application may send people anywhere.
        assert_eq!(outcome(to("https://elsewhere.example.com/")), "passed");
        assert_eq!(outcome(Ok(page(""))), "passed");
        assert_eq!(outcome(Ok(nginx(404))), "passed");
        assert_eq!(outcome(Err(NoAnswer::Empty)), "failed empty-reply");
    }

    #[test]
    fn the_inner_port_is_right_where_it_is_the_one_that_was_asked() {
        let site = Site { tls: false, host: "localhost".to_owned(), port: 8080 };
        let got = Ok(answer(301, &[("location", "http://localhost:8080/auth/")], ""));
        assert_eq!(outcome(&judge(&got, &site, 8080, PORTAL)), "passed");
    }
}
