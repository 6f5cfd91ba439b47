use super::{Allowance, Check, Findings, Levels, Rule, element};

pub(super) static RULE: Rule = Rule {
    id: "unused-allowance",
    summary: "An allowance lets nothing pass: what it was for is mended, or was never found.",
    levels: Levels::WARNING,
    why: "An allowance that stays behind hides the next fault of its kind.",
    sources: &[],
    examples: examples!("unused-allowance"),
    check: Check::Allowance(check),
};

fn check(allowance: &Allowance, findings: &mut Findings<'_>) {
    let (source, at) = element(allowance.source, &["lint", "allow"], allowance.index, &["rule"]);
    let message = format!("no finding of `{}` needs this allowance", allowance.allow.rule);
    findings.push(findings.finding(message).at(source, at, "").help("remove the whole entry"));
}
