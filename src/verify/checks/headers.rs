//! The headers that protect the portal's pages, in answers of each kind: a file, the backend's, an error.

use crate::verify::causes;
use crate::verify::http::Answer;
use crate::verify::run::Run;
use crate::verify::verdict::Judged;

type IsRight = fn(&str) -> bool;

/// Each header, and which of its values, in lower case, are right.
const HEADERS: &[(&str, &str, IsRight)] = &[
    ("Content-Security-Policy", "content-security-policy", |value| value.contains("frame-ancestors")),
    // The last value that a browser knows counts, so a second one would decide.
    ("Referrer-Policy", "referrer-policy", |value| value == "no-referrer"),
    ("X-Content-Type-Options", "x-content-type-options", |value| value.contains("nosniff")),
];

pub(super) fn ask(run: &mut Run<'_>) {
    let Some(home) = &run.home else { return run.not_asked("`home-page` did not pass") };
    let mut answers = vec![("/", home)];
    answers.extend(run.others.iter().map(|(name, answer)| (*name, answer)));
    let judged = judge(&answers);
    let names = answers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    run.note(format!("headers of {names}"), judged);
}

fn judge(answers: &[(&str, &Answer)]) -> Judged {
    let lacks = |answer: &Answer| {
        let missing = HEADERS.iter().filter(|(_, name, is_right)| {
            !answer.header(name).is_some_and(|value| is_right(value.trim().to_ascii_lowercase().as_str()))
        });
        missing.map(|(shown, _, _)| *shown).collect::<Vec<_>>().join(", ")
    };
    let lacking: Vec<_> =
        answers.iter().map(|(name, answer)| (name, lacks(answer))).filter(|(_, l)| !l.is_empty()).collect();
    if lacking.is_empty() {
        return Judged::passed("all there");
    }
    let came = lacking.iter().map(|(name, lacking)| format!("{name} lacks {lacking}")).collect::<Vec<_>>().join("; ");
    Judged::failed(came, &causes::HEADERS_MISSING)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answer, outcome};
    use super::*;

    #[test]
    fn each_kind_of_answer_has_them_all() {
        let all = [
            ("content-security-policy", "frame-ancestors 'self'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ];
        let good = answer(200, &all, "");
        assert_eq!(outcome(&judge(&[("/", &good)])), "passed");
        for value in ["unsafe-url", "no-referrer, unsafe-url", "no-referrer-when-downgrade", ""] {
            let other = answer(200, &[all[0], ("referrer-policy", value), all[2]], "");
            assert_eq!(judge(&[("/", &other)]).came, "/ lacks Referrer-Policy", "{value}");
        }
        let judged = judge(&[("/", &good), ("/ping", &answer(200, &all[..2], "")), ("x", &answer(404, &[], ""))]);
        assert_eq!(outcome(&judged), "failed security-headers-missing");
        assert!(judged.came.starts_with("/ping lacks X-Content-Type-Options; x lacks Content-Security-Policy, "));
    }
}
