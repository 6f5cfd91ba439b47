use super::uri_registered_twice::alike;
use super::{Check, Findings, Levels, Rule, value};
use crate::deployment::{Deployment, SENT_URI_VARIABLE};

pub(super) static RULE: Rule = Rule {
    id: "redirect-uri-unregistered",
    summary: "The portal is to send a redirect URI that is in no environment's list.",
    levels: Levels::ERROR,
    why: "What is sent must equal a registered URI to the letter, case and a `/` at the end included; Google answers anything else with `redirect_uri_mismatch`.",
    sources: &[
        "https://developers.google.com/identity/openid-connect/openid-connect",
        "https://support.google.com/cloud/answer/15549257",
    ],
    examples: examples!("redirect-uri-unregistered"),
    check: Check::Environments(check),
};

fn check(deployments: &[Deployment], findings: &mut Findings<'_>) {
    let listed = || deployments.iter().flat_map(|deployment| &deployment.oauth.redirect_uris);
    for deployment in deployments {
        let Some((_, sent)) = deployment.variables.iter().find(|(name, _)| name.as_str() == SENT_URI_VARIABLE) else {
            continue;
        };
        let sent = sent.as_str();
        if sent.trim().is_empty() || listed().any(|entry| entry.uri.as_str() == sent) {
            continue;
        }
        let near = deployment.oauth.redirect_uris.iter().find(|entry| alike(entry.uri.as_str(), sent));
        let help = match near {
            Some(near) => format!("write `{}`, to the letter", near.uri),
            None => "add it to `[oauth] redirect_uris`, or write one that is listed".to_owned(),
        };
        findings.push(
            findings
                .finding("Google would refuse this redirect URI: it is not among those to register")
                .at(deployment.source, value(&["variables", SENT_URI_VARIABLE]), "")
                .rests_on(deployment.source, &["oauth"])
                .rests_on(deployment.source, &["hosts"])
                .help(help),
        );
    }
}
