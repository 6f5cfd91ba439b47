use super::{Check, Findings, Levels, Rule, more, span};
use crate::deployment::Portal;
use crate::lock::Locked;

pub(super) static RULE: Rule = Rule {
    id: "lock-without-hash",
    summary: "A package of the lock file has no hash, or no exact version.",
    levels: Levels::ERROR,
    why: "The image is built with `pip install --require-hashes`, which refuses the whole file if one package of it has no hash or is not pinned by `==`.",
    sources: &["https://pip.pypa.io/en/stable/topics/secure-installs/"],
    examples: examples!("lock-without-hash"),
    check: Check::Portal(check),
};

fn check(portal: &Portal, findings: &mut Findings<'_>) {
    let Some(file) = &portal.files.lock else { return };
    // Another tool's file has other lines too that look like packages.
    if !file.lock.unreadable.is_empty() {
        return;
    }
    let unpinned = |package: &&Locked| package.version.is_none() && !package.by_address;
    let unhashed = |package: &&Locked| !package.hashed && !unpinned(package);
    let packages = &file.lock.packages;
    let faults: [(&str, Vec<&Locked>); 2] = [
        ("hash", packages.iter().filter(unhashed).collect()),
        ("exact version", packages.iter().filter(unpinned).collect()),
    ];
    for (what, packages) in faults {
        let [first, others @ ..] = packages.as_slice() else { continue };
        let has = if others.is_empty() { "has" } else { "have" };
        findings.push(
            findings
                .finding(format!(
                    "`{}`{} {has} no {what}, without which pip installs nothing",
                    first.name,
                    more(others)
                ))
                .at(file.source, span(&first.span), "")
                .help("lock with hashes: `uv pip compile --generate-hashes` or `pip-compile --generate-hashes`"),
        );
    }
}
