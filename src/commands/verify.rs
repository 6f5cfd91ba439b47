//! `portalgen verify`.

use std::path::Path;
use std::time::Duration;

use super::{Exit, Look, Outcome, check_is_one, load};
use crate::cli::{Selection, Verify, VerifyFormat};
use crate::verify::{self, Connect, LIMITS, Limits, Places, Progress, Site, Subject, Verdict};

pub(super) fn run(arguments: &Verify, current: &Path) -> Outcome {
    if let Err(error) = check_is_one(&arguments.environment, current, "verify") {
        return Outcome::cannot_run(error);
    }
    let (url, connect) = match addresses(arguments) {
        Ok(addresses) => addresses,
        Err(error) => return Outcome::cannot_run(error),
    };
    let selection = Selection { inputs: vec![arguments.environment.clone()], out: None, deny_warnings: false };
    let loaded = match load(&selection, current, Look::Rendered) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let Some(deployment) = loaded.workspace.deployments.first().filter(|_| loaded.exit == Exit::Clean) else {
        let messages = loaded.messages() + "nothing was asked\n";
        return Outcome { output: String::new(), messages, exit: loaded.exit };
    };
    let first_host = deployment.hosts.first().map(|host| Site::https(host.as_str()));
    let Some(site) = url.clone().or(first_host) else {
        return Outcome::cannot_run(format!(
            "`{}` names no `hosts`, so it is not known where its portal is\nhelp: say it: portalgen verify {0} --url http://localhost:8080",
            arguments.environment.display()
        ));
    };
    let limit = arguments.timeout.map(Duration::from_secs);
    let subject = Subject {
        deployment,
        site: &site,
        url_given: url.is_some(),
        insecure: arguments.insecure,
        registered: &loaded.workspace.registered,
        login_path: loaded.workspace.login_path.as_ref(),
        limits: limit.map_or(LIMITS, |limit| Limits { first: limit, other: limit }),
    };
    let found = verify::verify(&subject, connect, arguments.wait, &Progress::new());
    let places = Places {
        deployment,
        sources: &loaded.workspace.sources,
        artifacts: loaded.folders.iter().flat_map(|folder| &folder.artifacts).collect(),
        out: &loaded.out.shown,
    };
    let output = match arguments.format {
        VerifyFormat::Text => found.to_text(&places),
        VerifyFormat::Json => found.to_json(&places),
    };
    let exit = match (found.count(Verdict::Failed), found.count(Verdict::Waiting)) {
        (0, 0) => Exit::Clean,
        (0, _) => Exit::Waiting,
        _ => Exit::Findings,
    };
    Outcome { output, messages: String::new(), exit }
}

/// The addresses of the command line.
fn addresses(arguments: &Verify) -> Result<(Option<Site>, Vec<Connect>), String> {
    let url = arguments.url.as_ref().map(|url| verify::site(url).map_err(|error| wrong("url", url, &error)));
    let connect = arguments.connect.iter().map(|to| to.parse().map_err(|error: String| wrong("connect", to, &error)));
    Ok((url.transpose()?, connect.collect::<Result<_, _>>()?))
}

/// A password or a token may stand in an address, so it is not repeated.
fn wrong(option: &str, text: &str, error: &str) -> String {
    let shown =
        if text.contains(['@', '?', '#']) { "its value".to_owned() } else { format!("`{}`", text.escape_debug()) };
    format!("--{option}: {shown} {error}")
}
