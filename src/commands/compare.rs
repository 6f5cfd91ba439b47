//! `portalgen compare`.

use std::path::Path;

use super::plan_settings::State;
use super::{Exit, Loaded, Look, Outcome, check_is_one, load, load_planned};
use crate::cli::{Compare, Selection};
use crate::config::environment::Strategy;
use crate::deployment::Deployment;
use crate::meaning::estimate::Prices;
use crate::meaning::transition;
use crate::report;
use crate::report::comparison::{self, Month};
use crate::report::transition::concealed;
use crate::setting::Setting;

pub(super) fn run(arguments: &Compare, current: &Path) -> Outcome {
    for environment in &arguments.environments {
        if let Err(error) = check_is_one(environment, current, "compare") {
            return Outcome::cannot_run(error);
        }
    }
    let selection = Selection { inputs: arguments.environments.clone(), out: None, deny_warnings: false };
    let loaded = match load(&selection, current, Look::Rendered) {
        Ok(loaded) => loaded,
        Err(error) => return Outcome::cannot_run(error),
    };
    let Some(state) = State::of(&loaded) else {
        let messages = loaded.messages() + "nothing was compared\n";
        return Outcome { output: String::new(), messages, exit: loaded.exit };
    };
    // What is wrong is shown; what could be better is for lint.
    let mut messages = if loaded.exit == Exit::Clean { String::new() } else { loaded.messages() };
    let hidden = loaded.hidden();
    let output = match loaded.workspace.deployments.as_slice() {
        [one] if arguments.environments.len() == 1 => {
            let planned = match Other::of(one).load(state, &selection, current) {
                Ok((planned, said)) => {
                    messages.push_str(&said);
                    planned
                }
                Err(outcome) => return outcome,
            };
            let Some(other) = State::of(&planned) else {
                let messages = planned.messages() + "nothing was compared\n";
                return Outcome { output: String::new(), messages, exit: planned.exit };
            };
            let name = format!("{} (as planned)", name(other.deployment));
            text(arguments, (&self::name(one), one), (&name, other.deployment))
        }
        [one, other] => {
            // They are in the order of their names; the user has another one, perhaps.
            let is_first = |deployment: &Deployment| {
                let first = arguments.environments.first().and_then(|path| path.file_stem());
                first.is_some_and(|stem| stem == deployment.environment.as_str())
            };
            let (one, other) = if is_first(other) { (other, one) } else { (one, other) };
            text(arguments, (&name(one), one), (&name(other), other))
        }
        _ => {
            return Outcome::cannot_run(
                "both are one environment\nhelp: name two, or one alone to compare it under both strategies",
            );
        }
    };
    Outcome { output: concealed(&output, &hidden), messages, exit: loaded.exit }
}

/// The other strategy of an environment, and what else has to change for it.
struct Other {
    strategy: Strategy,
    without_http2: bool,
}

impl Other {
    fn of(deployment: &Deployment) -> Self {
        match deployment.image.websocket {
            true => Self { strategy: Strategy::WebsocketFree, without_http2: false },
            false => Self { strategy: Strategy::Websocket, without_http2: deployment.image.http2 },
        }
    }

    /// The environment with that strategy, and what is to be said of it.
    fn load(&self, state: State<'_>, selection: &Selection, current: &Path) -> Result<(Loaded, String), Outcome> {
        let strategy = match self.strategy {
            Strategy::Websocket => "strategy=websocket",
            Strategy::WebsocketFree => "strategy=websocket-free",
        };
        let mut settings = vec![strategy.to_owned()];
        let mut said = String::new();
        if self.without_http2 {
            settings.push("http2=false".to_owned());
            said.push_str(&report::note(
                "no WebSocket opens over end-to-end HTTP/2, so the other one is compared with `http2 = false`",
            ));
        }
        let planned = Setting::parse_all(&settings).and_then(|settings| state.planned(&settings));
        let planned = planned.map_err(Outcome::cannot_run)?;
        let loaded = load_planned(selection, current, Look::Rendered, &planned).map_err(Outcome::cannot_run)?;
        if loaded.exit == Exit::Findings && state.loaded.exit == Exit::Clean {
            said.push_str(&report::note(&format!(
                "with `{strategy}` an error would stand: portalgen plan {} --set {strategy}",
                selection.inputs.first().map(|typed| typed.to_string_lossy()).unwrap_or_default()
            )));
        }
        Ok((loaded, said))
    }
}

/// An environment and what its image is.
fn name(deployment: &Deployment) -> String {
    format!("{}: {}", deployment.environment, deployment.image.variant)
}

fn text(arguments: &Compare, left: (&str, &Deployment), right: (&str, &Deployment)) -> String {
    let mut text = comparison::table(left.0, right.0, &transition::topics(left.1, right.1));
    let month = Month {
        tabs: arguments.tabs,
        hours: arguments.hours,
        events: arguments.events,
        prices: Prices {
            vcpu_second: arguments.price_vcpu_second,
            gib_second: arguments.price_gib_second,
            idle_vcpu_second: arguments.price_idle_vcpu_second,
            idle_gib_second: arguments.price_idle_gib_second,
            million_requests: arguments.price_million_requests,
        },
    };
    if month.tabs.is_some() {
        text.push_str(&comparison::month(left.0, left.1, &month));
        text.push_str(&comparison::month(right.0, right.1, &month));
        text.push('\n');
        text.push_str(&report::note(
            "these are the fewest instances: Cloud Run starts more where their CPU is full before their requests are",
        ));
    }
    let missing = match (month.tabs, month.hours, month.prices.any()) {
        (None, ..) => "--tabs N tells how many instances so many open tabs need, and --hours H what that is in a month",
        (_, None, _) => "--hours H tells instance-hours and requests of a month in which the tabs are open so long",
        (.., false) => {
            "--price-vcpu-second, --price-gib-second and --price-million-requests tell what that costs; \
             --price-idle-vcpu-second and --price-idle-gib-second, what instances that are kept warm cost"
        }
        (.., true) => return text,
    };
    let blank = if month.tabs.is_some() { "" } else { "\n" };
    text.push_str(&format!("{blank}{}", report::note(missing)));
    text
}
