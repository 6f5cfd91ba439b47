//! Asks a running portal what a person would ask by hand after a deployment, and judges what comes. It changes no data
//! and no settings there, and sends no credentials: it reads, opens sessions and closes them again. One of them fetches
//! the home page's state, as every visit does, and leaves what every visit leaves: a state of its own under a token that
//! nobody else has. Reflex drops it after an hour (`redis_token_expiration`) from Redis or from a file, and from memory
//! when the instance ends. No handler of the app is called.
//!
//! [`ask`] asks and tells each way not to get an answer; what an answer means is decided by the judges in [`checks`],
//! which are functions of the answer alone; [`causes`] holds what they name, and [`signatures`] what any question may
//! meet. A [`run`] is one round of all of them.

use std::time::Duration;

mod ask;
mod causes;
mod checks;
mod clock;
mod der;
mod http;
mod json;
mod lookup;
mod progress;
mod run;
mod signatures;
mod site;
mod socket;
mod text;
mod tls;
mod verdict;

pub use json::schema;
pub use lookup::Places;
pub use progress::Progress;
pub use run::{Limits, Subject};
pub use site::{Connect, Site};
pub use verdict::{Anchor, Verdict};

use ask::Asker;
use run::{Round, Run};
use site::Address;

/// How long an answer may take where nothing else is said.
pub const LIMITS: Limits = Limits { first: Duration::from_secs(60), other: Duration::from_secs(15) };

/// The first pause between two rounds, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Which check names which cause, by their ids, as far as it was seen: what tests/it/verify holds from runs against
/// portals that are broken, and the one of `dns` that hangs on a name server.
#[cfg(test)]
pub(crate) fn pairs() -> std::collections::BTreeSet<(&'static str, &'static str)> {
    let seen = [
        include_str!("../../tests/it/verify/snapshots/it__verify__broken__broken.snap"),
        include_str!("../../tests/it/verify/snapshots/it__verify__live__faults_of_tls.snap"),
    ];
    let checks = |id: &str| checks::CHECKS.iter().map(|check| check.id).find(|check| *check == id);
    let causes = |id: &str| causes::ALL.iter().map(|cause| cause.id).find(|cause| *cause == id);
    let pair = |(line, next): (&str, &str)| {
        let (check, _) = line.strip_prefix("failed ").or(line.strip_prefix("waiting "))?.split_once(": ")?;
        let (cause, _) = next.strip_prefix("  ")?.split_once(": ")?;
        Some((checks(check).expect("a check"), causes(cause).expect("a cause")))
    };
    let lines = seen.iter().flat_map(|text| text.lines().zip(text.lines().skip(1)));
    lines.filter_map(pair).chain(checks::of_dns()).collect()
}

/// What a verification found.
#[derive(Debug)]
pub struct Verification {
    round: Round,
    rounds: usize,
    environment: String,
    url: String,
}

/// Asks until nothing waits, something has failed, or the time is over; without a time, once.
pub fn verify(
    subject: &Subject<'_>,
    connect: Vec<Connect>,
    wait: Option<Duration>,
    progress: &Progress,
) -> Verification {
    let asker = Asker::new(connect, subject.insecure, subject.sites());
    let end = clock::Deadline::after(wait.unwrap_or_default());
    let mut pause = PAUSES.0;
    let mut rounds = 0;
    let mut said: Option<(Vec<&str>, usize)> = None;
    loop {
        rounds += 1;
        let round = Run::round(subject, &asker, progress);
        let waits = round.count(Verdict::Failed) == 0 && round.count(Verdict::Waiting) > 0;
        let Some(left) = end.left().filter(|_| waits) else {
            progress.clear();
            return Verification {
                round,
                rounds,
                environment: subject.deployment.environment.to_string(),
                url: subject.site.to_string(),
            };
        };
        let pause_now = pause.min(left);
        let waiting = round.waiting();
        // On a terminal each round; elsewhere what is new, and now and then that it still goes on.
        if said.as_ref().is_none_or(|(before, at)| *before != waiting || rounds - at >= 10) {
            let minutes = left.as_secs().div_ceil(60).max(1);
            progress.waiting(&format!("waiting for {}, {minutes} min at most", waiting.join(", ")));
            said = Some((waiting, rounds));
        }
        std::thread::sleep(pause_now);
        pause = pause.mul_f32(1.5).min(PAUSES.1);
    }
}

impl Verification {
    /// How many checks ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.round.count(verdict)
    }

    /// For people.
    pub fn to_text(&self, places: &Places<'_>) -> String {
        text::report(self, places)
    }

    /// For programs.
    pub fn to_json(&self, places: &Places<'_>) -> String {
        json::report(self, places)
    }
}

/// The place that `--url` names.
///
/// # Errors
///
/// If it is no http or https address, or has a path.
pub fn site(url: &str) -> Result<Site, String> {
    let address =
        Address::parse(url).ok_or_else(|| "is no address\nhelp: write https://HOST or http://HOST:PORT".to_owned())?;
    if address.path != "/" || url.contains(['?', '#']) {
        return Err(format!("has more than a host\nhelp: write {}", address.site));
    }
    Ok(address.site)
}
