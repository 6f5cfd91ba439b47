//! The client's hashed files: kept for ever, compressed, and never answered with a page.

use super::{from_nginx, settled};
use crate::verify::ask::NoAnswer;
use crate::verify::causes;
use crate::verify::http::{Answer, Request};
use crate::verify::run::Run;
use crate::verify::signatures::{Asked, described};
use crate::verify::verdict::{Judged, shown};

/// What nginx does not compress, for there is nothing to win.
const TOO_SMALL: usize = 1024;

/// A name that no build makes.
const MISSING: &str = "/assets/portalgen-verify-no-such-file.js";

pub(super) fn ask_asset(run: &mut Run<'_>) {
    let site = run.site.clone();
    let Some(path) = named(run).into_iter().next() else { return run.not_asked(NO_NAME) };
    let got = run.ask(&Request::get(&path));
    let judged = judge_asset(&got, &path, run.asked(&site));
    run.note(format!("GET {}", shown(&path)), judged);
}

/// Why nothing can be asked for.
const NO_NAME: &str = "no home page names a script or a style sheet";

/// The scripts and style sheets that the home page names.
fn named(run: &Run<'_>) -> Vec<String> {
    run.home.as_ref().map(|home| names(&home.text())).unwrap_or_default()
}

/// How many names are taken from a page, and how long one may be.
const NAMES_MAX: usize = 6;
const NAME_MAX: usize = 200;

/// The names in a page that are the portal's own: what stands behind another host's name is not asked for here. Each
/// byte of the page is looked at a bounded number of times, whatever the page is.
fn names(page: &str) -> Vec<String> {
    const FOLDER: &str = "/assets/";
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let begins = |before: char| before.is_ascii_whitespace() || "\"'=(".contains(before);
    let mut names: Vec<String> = Vec::new();
    for (at, _) in page.match_indices(FOLDER) {
        if !page[..at].chars().next_back().is_some_and(begins) {
            continue;
        }
        let rest = &page[at + FOLDER.len()..];
        let end = rest.char_indices().take(NAME_MAX + 1).find(|(_, c)| !legal(*c)).map_or(rest.len(), |(end, _)| end);
        // A longer one is no name that a build makes, and one that names the folder again is two.
        let Some(name) = rest.get(..end).filter(|name| name.len() <= NAME_MAX && !name.contains(FOLDER)) else {
            continue;
        };
        let path = format!("{FOLDER}{name}");
        let is_file = path.ends_with(".js") || path.ends_with(".css");
        if is_file && !path.contains("..") && !names.contains(&path) {
            names.push(path);
        }
        if names.len() == NAMES_MAX {
            break;
        }
    }
    names
}

fn judge_asset(got: &Result<Answer, NoAnswer>, path: &str, asked: Asked) -> Judged {
    let judge = |answer: &Answer| {
        let came = described(answer);
        if answer.status != 200 {
            return Judged::failed(came, &causes::ASSET_MISSING);
        }
        if answer.is_html() {
            return Judged::failed(came, &causes::PAGE_FOR_MISSING_ASSET);
        }
        let kind = answer.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let right = if path.ends_with(".css") { kind.starts_with("text/css") } else { kind.contains("javascript") };
        if !right {
            return Judged::failed(came, &causes::ASSET_TYPE);
        }
        match answer.header("cache-control") {
            Some(value) if value.contains("immutable") => Judged::passed(format!("{came}, {}", shown(&value))),
            Some(value) => Judged::failed(format!("{came}, {}", shown(&value)), &causes::ASSET_NOT_CACHED),
            None => Judged::failed(format!("{came}, no Cache-Control"), &causes::ASSET_NOT_CACHED),
        }
    };
    settled(from_nginx(got, asked).map(judge))
}

pub(super) fn ask_compression(run: &mut Run<'_>) {
    let site = run.site.clone();
    let names = named(run);
    if names.is_empty() {
        return run.not_asked(NO_NAME);
    }
    let mut last = None;
    for path in &names {
        // As the platform's proxies do.
        let request = Request::get(path).header("Accept-Encoding", "gzip").header("Via", "1.1 portalgen-verify");
        let got = run.ask(&request);
        let small = got.as_ref().is_ok_and(|answer| answer.status == 200 && answer.body.len() < TOO_SMALL);
        let compressed = got.as_ref().is_ok_and(|answer| answer.header("content-encoding").is_some());
        last = Some((path, got));
        if !small || compressed {
            break;
        }
    }
    let Some((path, got)) = last else { return };
    let judged = judge_compression(&got, run.asked(&site));
    run.note(format!("GET {} with Accept-Encoding: gzip", shown(path)), judged);
}

fn judge_compression(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.header("content-encoding") {
        Some(coding) => Judged::passed(shown(&coding)),
        None if answer.status != 200 => Judged::failed(described(answer), &causes::ASSET_MISSING),
        None if answer.body.len() < TOO_SMALL => Judged::passed("too small to compress"),
        None => Judged::failed(format!("{} bytes as they are", answer.body.len()), &causes::NOT_COMPRESSED),
    };
    settled(from_nginx(got, asked).map(judge))
}

pub(super) fn ask_missing(run: &mut Run<'_>) {
    let site = run.site.clone();
    let got = run.ask(&Request::get(MISSING));
    let judged = judge_missing(&got, run.asked(&site));
    if let Ok(answer) = got {
        run.others.push(("a missing asset", answer));
    }
    run.note(format!("GET {MISSING}"), judged);
}

fn judge_missing(got: &Result<Answer, NoAnswer>, asked: Asked) -> Judged {
    let judge = |answer: &Answer| match answer.status {
        404 => Judged::passed("404"),
        200 if answer.is_html() => Judged::failed(described(answer), &causes::PAGE_FOR_MISSING_ASSET),
        _ => Judged::failed(described(answer), &causes::UNEXPECTED),
    };
    settled(from_nginx(got, asked).map(judge))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{PORTAL, answer, nginx, outcome, page};
    use super::*;

    #[test]
    fn the_home_pages_files_are_found() {
        let page = r#"<link href="/assets/a-1.css"><script src="/assets/b-2.js"></script>import("/assets/b-2.js")/assets/x.png"#;
        assert_eq!(names(page), ["/assets/a-1.css", "/assets/b-2.js"]);
        assert_eq!(names("href=/assets/a.css>url(/assets/b.css) /assets/c.js"), ["a.css", "b.css", "c.js"].map(own));
    }

    fn own(name: &str) -> String {
        format!("/assets/{name}")
    }

    #[test]
    fn only_files_of_the_portal_are_asked_for() {
        for foreign in [
            "\"https://cdn.example.com/assets/x.js\"",
            "\"//cdn.example.com/assets/x.js\"",
            "\"/assets/../ping/x.js\"",
            "\"/assets/a/assets/x.js\"",
            "/assets/x.js",
        ] {
            assert_eq!(names(foreign), [""; 0], "{foreign}");
        }
    }

    #[test]
    fn a_hostile_page_takes_no_time() {
        let begin = crate::verify::clock::now();
        for page in
            ["\"/assets/".repeat(200_000), "/assets/".repeat(250_000), format!("\"/assets/{}", "a/".repeat(1 << 20))]
        {
            assert_eq!(names(&page), [""; 0]);
        }
        let long = |length: usize| format!("\"/assets/{}.js\"", "x".repeat(length - 3));
        assert_eq!((names(&long(NAME_MAX)).len(), names(&long(NAME_MAX + 1)).len()), (1, 0));
        let many: String = (0..50_000).map(|i| format!("\"/assets/{i}.js\"")).collect();
        assert_eq!(names(&many).len(), NAMES_MAX);
        assert!(crate::verify::clock::now().duration_since(begin).as_secs() < 5);
    }

    #[test]
    fn an_asset_has_its_type_and_is_kept() {
        let script =
            |kind: &str, cache: &str| Ok(answer(200, &[("content-type", kind), ("cache-control", cache)], "x"));
        let outcome = |got| outcome(&judge_asset(&got, "/assets/a-1.js", PORTAL));
        assert_eq!(outcome(script("application/javascript", "public, max-age=1, immutable")), "passed");
        assert_eq!(outcome(script("text/plain", "immutable")), "failed asset-type");
        assert_eq!(outcome(script("text/javascript", "no-cache")), "failed asset-not-cached");
        assert_eq!(outcome(Ok(answer(200, &[("content-type", "text/javascript")], ""))), "failed asset-not-cached");
        assert_eq!(outcome(Ok(page(""))), "failed page-for-missing-asset");
        assert_eq!(outcome(Ok(nginx(404))), "failed asset-missing");
    }

    #[test]
    fn a_script_is_compressed() {
        let outcome = |got| outcome(&judge_compression(&got, PORTAL));
        assert_eq!(outcome(Ok(answer(200, &[("content-encoding", "gzip")], ""))), "passed");
        assert_eq!(outcome(Ok(answer(200, &[], &"x".repeat(TOO_SMALL)))), "failed not-compressed");
        assert_eq!(outcome(Ok(answer(200, &[], "x"))), "passed");
        assert_eq!(outcome(Ok(nginx(404))), "failed asset-missing");
    }

    #[test]
    fn a_missing_asset_is_404() {
        let outcome = |got| outcome(&judge_missing(&got, PORTAL));
        assert_eq!(outcome(Ok(nginx(404))), "passed");
        assert_eq!(outcome(Ok(page(""))), "failed page-for-missing-asset");
        assert_eq!(outcome(Ok(answer(204, &[], ""))), "failed unexpected-answer");
        assert_eq!(outcome(Err(NoAnswer::CutOff)), "failed connection-cut");
    }
}
