use super::{Check, Findings, Levels, Rule, Unused, element};

pub(super) static RULE: Rule = Rule {
    id: "unused-allowance",
    summary: "An allowance lets nothing pass: what it was for is mended, or was never found.",
    levels: Levels::WARNING,
    why: "An allowance that stays behind hides the next fault of its kind.",
    sources: &[],
    examples: examples!("unused-allowance"),
    check: Check::Allowance(check),
};

fn check(Unused { allowance, elsewhere }: &Unused<'_>, findings: &mut Findings<'_>) {
    let (source, at) = element(allowance.source, &["lint", "allow"], allowance.index, &["rule"]);
    let rule = &allowance.allow.rule;
    findings.push(match elsewhere {
        None => {
            let message = format!("no finding of `{rule}` needs this allowance");
            findings.finding(message).at(source, at, "").help("remove the whole entry")
        }
        Some(place) => findings
            .finding(format!("no finding of `{rule}` in this file needs this allowance"))
            .at(source, at, "")
            .at(place.source, place.at.clone(), "this one is in another file")
            .help("move the entry there: an allowance is for its own file"),
    });
}
