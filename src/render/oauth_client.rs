//! redirect-uris.txt and oauth_client.json: what is registered with Google, for people and for programs. No API
//! edits the redirect URIs of a web client, so a person pastes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::json;

use crate::deployment::{CONSOLE, Deployment, RedirectUriEntry, SENT_URI_VARIABLE};
use crate::units::{JavascriptOrigin, RedirectUri};

/// redirect-uris.txt of one environment.
pub(super) fn text(deployment: &Deployment) -> String {
    let mut text = super::comments(&super::environment_header(deployment));
    let (pending, known): (Vec<_>, Vec<_>) =
        deployment.oauth.redirect_uris.iter().partition(|entry| entry.uri.has_placeholder());
    write_intro(&mut text, &deployment.oauth.name, known.len());
    for entry in known {
        write_line(&mut text, &describe(deployment, entry), entry.uri.as_str());
    }
    for entry in pending {
        write_line(
            &mut text,
            "not known yet: fill in the name, then register this URI too",
            &format!("# {}", entry.uri),
        );
    }
    write_origins(&mut text, std::slice::from_ref(deployment));
    text
}

/// redirect-uris.txt of all environments of the client.
pub(super) fn union_text(deployments: &[Deployment]) -> String {
    let mut uris: BTreeMap<&RedirectUri, Vec<&str>> = BTreeMap::new();
    for deployment in deployments {
        for entry in &deployment.oauth.redirect_uris {
            uris.entry(&entry.uri).or_default().push(deployment.environment.as_str());
        }
    }
    let header = super::header("every environment's file", "portalgen render");
    let mut text = super::comments(&header);
    let known = uris.keys().filter(|uri| !uri.has_placeholder()).count();
    let client = deployments.first().map_or("", |deployment| deployment.oauth.name.as_str());
    write_intro(&mut text, client, known);
    for (uri, environments) in &uris {
        let environments = environments.join(", ");
        if uri.has_placeholder() {
            let about = format!("{environments}: not known yet: fill in the name, then register this URI too");
            write_line(&mut text, &about, &format!("# {uri}"));
        } else {
            write_line(&mut text, &environments, uri.as_str());
        }
    }
    write_origins(&mut text, deployments);
    text
}

/// A section of its own, where any environment asks for them.
fn write_origins(text: &mut String, deployments: &[Deployment]) {
    let mut origins: BTreeMap<&JavascriptOrigin, BTreeSet<&str>> = BTreeMap::new();
    for deployment in deployments {
        for origin in &deployment.oauth.javascript_origins {
            origins.entry(origin).or_default().insert(deployment.environment.as_str());
        }
    }
    if origins.is_empty() {
        return;
    }
    let known = origins.keys().filter(|origin| !origin.has_placeholder()).count();
    text.push('\n');
    text.push_str(&super::comments(&[
        format!("Authorised JavaScript origins of the same client: {known} to register in the"),
        "same place, for code in the browser that calls Google.".to_owned(),
    ]));
    for (origin, environments) in origins {
        let environments = environments.into_iter().collect::<Vec<_>>().join(", ");
        if origin.has_placeholder() {
            let about = format!("{environments}: not known yet: fill in the name, then register this origin too");
            write_line(text, &about, &format!("# {origin}"));
        } else {
            write_line(text, &environments, origin.as_str());
        }
    }
}

fn write_intro(text: &mut String, client: &str, count: usize) {
    let lines = [
        String::new(),
        format!("Authorised redirect URIs of the OAuth client {client}: {count} to register at"),
        CONSOLE.to_owned(),
        "Google compares to the letter; a change takes five minutes to a few hours.".to_owned(),
        "To hold it against what is registered: portalgen oauth check --client FILE".to_owned(),
    ];
    text.push_str(&super::comments(&lines));
}

fn write_line(text: &mut String, about: &str, uri: &str) {
    write!(text, "\n# {about}\n{uri}\n").expect("a string takes every write");
}

fn describe(deployment: &Deployment, entry: &RedirectUriEntry) -> String {
    let served_by = entry.served();
    let sent = deployment.oauth.redirect_uri.as_ref() == Some(&entry.uri);
    if sent { format!("{served_by}; the one that the API sends ({SENT_URI_VARIABLE})") } else { served_by.to_owned() }
}

/// oauth_client.json, in the keys of the file that Google's console offers for download; without any secret.
pub(super) fn json(deployment: &Deployment) -> String {
    let uris: Vec<_> = (deployment.oauth.redirect_uris.iter())
        .filter(|entry| !entry.uri.has_placeholder())
        .map(|entry| entry.uri.as_str())
        .collect();
    let mut value = json!({ "web": { "redirect_uris": uris } });
    let origins = deployment.oauth.javascript_origins.iter().filter(|origin| !origin.has_placeholder());
    let origins: BTreeSet<_> = origins.map(JavascriptOrigin::as_str).collect();
    // Google's file leaves the list out where there is none.
    if !origins.is_empty() {
        value["web"]["javascript_origins"] = json!(origins);
    }
    let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
    text.push('\n');
    text
}
