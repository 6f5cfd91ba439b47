//! What an environment's strategy and settings mean for those who use, run and pay for it: by topic, in words, with
//! its own numbers. It says nothing of a service where there is none.
//!
//! Sources: <https://docs.cloud.google.com/run/docs/triggering/websockets> (an open socket is a request, ends by the
//! timeout, and is billed), <https://docs.cloud.google.com/run/docs/configuring/session-affinity> (best effort),
//! <https://docs.cloud.google.com/run/docs/configuring/billing-settings>,
//! <https://docs.cloud.google.com/run/docs/container-contract> (10 seconds after SIGTERM),
//! <https://docs.cloud.google.com/run/quotas> (request bodies) and
//! <https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts> (60 minutes, no affinity). What polling
//! does was seen with Reflex 0.8.24.post1.

use crate::config::environment::{Ingress, LoadBalancerMode, StateManager};
use crate::deployment::{Deployment, Service};
use crate::limits;
use crate::meaning::{capacity, token_delivery};
use crate::units::ImageRef;
use crate::words::plural;

/// How updates reach the browser.
pub const UPDATES: &str = "updates";
/// How many tabs can be open at once.
pub const OPEN_TABS: &str = "open tabs";
/// When a connection ends.
pub const CONNECTIONS: &str = "each connection";
/// How big an instance is.
pub const INSTANCE: &str = "each instance";
/// Where the portal answers, and whom.
pub const ADDRESS: &str = "where it answers";
/// What is asked of the API, and how its token comes.
pub const SIGN_IN: &str = "sign-in";
/// What is billed while tabs are open.
pub const BILLED: &str = "billed while tabs are open";
/// What is billed while none is.
pub const BILLED_IDLE: &str = "billed while none is open";
/// Session affinity.
pub const AFFINITY: &str = "session affinity";
/// Where state is, and when it is lost.
pub const STATE: &str = "shared state";
/// What a rollout and the end of an instance do.
pub const ROLLOUTS: &str = "rollouts and scale-in";
/// The largest upload.
pub const UPLOADS: &str = "uploads";
/// The load balancer.
pub const LOAD_BALANCER: &str = "load balancer";
/// What must be there before.
pub const PREREQUISITES: &str = "prerequisites";

/// Every topic, in the order of [`of`].
pub const TOPICS: &[&str] = &[
    UPDATES,
    OPEN_TABS,
    CONNECTIONS,
    INSTANCE,
    BILLED,
    BILLED_IDLE,
    AFFINITY,
    STATE,
    ROLLOUTS,
    UPLOADS,
    ADDRESS,
    LOAD_BALANCER,
    SIGN_IN,
    PREREQUISITES,
];

/// What follows for one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// One of [`TOPICS`].
    pub topic: &'static str,
    /// Whole sentences, in one line, with keys and values in backticks.
    pub text: String,
}

/// What an environment's strategy and settings mean, in the order of [`TOPICS`]. Without a Cloud Run service there are
/// fewer.
pub fn of(deployment: &Deployment) -> Vec<Consequence> {
    let mut consequences = Vec::new();
    let mut add = |topic, text| consequences.push(Consequence { topic, text });
    add(UPDATES, updates(deployment));
    if let Some(service) = &deployment.service {
        add(OPEN_TABS, open_tabs(deployment, service));
        add(CONNECTIONS, connections(deployment, service));
        add(INSTANCE, instance(service));
        add(BILLED, billed(deployment, service));
        add(BILLED_IDLE, billed_idle(service));
        add(AFFINITY, affinity(deployment, service));
        add(STATE, state(deployment, service));
        add(ROLLOUTS, rollouts(deployment, service));
        add(UPLOADS, uploads(deployment));
        add(ADDRESS, address(deployment, service));
        add(LOAD_BALANCER, load_balancer(deployment, service));
    }
    if let Some(text) = sign_in(deployment) {
        add(SIGN_IN, text);
    }
    if let Some(service) = &deployment.service {
        add(PREREQUISITES, prerequisites(deployment, service));
    }
    consequences
}

fn updates(deployment: &Deployment) -> String {
    if deployment.image.websocket {
        "Each update comes at once, over the WebSocket that the tab holds open.".to_owned()
    } else {
        "Each update comes by itself, as the answer to the poll that the tab holds open: step by step as over a \
         WebSocket, a round trip later at most. No page has to be loaded again."
            .to_owned()
    }
}

fn open_tabs(deployment: &Deployment, service: &Service) -> String {
    let (tabs, instances) = (capacity::tabs(service), plural(service.max_instances, "instance"));
    let holds = if deployment.image.websocket { "its WebSocket" } else { "its poll, nearly all the time" };
    if service.concurrency == 1 {
        let clicks = if deployment.image.websocket { "" } else { ", not even the clicks of that tab" };
        return format!(
            "At most {tabs}: {instances}, and an open tab takes a whole one by {holds}. Nothing else reaches that \
             instance meanwhile{clicks}."
        );
    }
    let each = if service.max_instances == 1 { "" } else { "each " };
    let beside = if deployment.image.websocket { "page loads" } else { "page loads, clicks" };
    format!(
        "Somewhat fewer than {tabs}: at most {instances}, {each}with `concurrency` {}. An open tab holds one request, \
         {holds}; {beside} and uploads take theirs besides.",
        service.concurrency
    )
}

fn connections(deployment: &Deployment, service: &Service) -> String {
    if deployment.image.websocket {
        return format!(
            "A WebSocket ends after {} (`timeout`), in use or not, and the tab connects again by itself.{}",
            time(capacity::websocket_lives(service)),
            if service.timeout_seconds < limits::REQUEST_TIMEOUT_MAX { " Cloud Run allows 60 minutes." } else { "" },
        );
    }
    let timeout = time(service.timeout_seconds);
    match capacity::poll_held(deployment) {
        Some(held) if service.timeout_seconds < capacity::poll_needs(held) => format!(
            "A poll is held for up to {}, but Cloud Run cuts it after {timeout} (`timeout`): idle tabs lose their \
             connection.",
            time(held)
        ),
        Some(held) => format!(
            "A poll is answered after {} at the latest and followed by the next. There is nothing for Cloud Run to \
             cut, whose `timeout` is {timeout}.",
            time(held)
        ),
        None => format!(
            "A poll is answered after as many seconds as the secret `{}` says; Cloud Run cuts it after {timeout} \
             (`timeout`).",
            capacity::INTERVAL_VARIABLE
        ),
    }
}

fn instance(service: &Service) -> String {
    let boost = if service.cpu_boost { ", more CPU while it starts" } else { "" };
    format!("{} vCPU and {} of memory, in which files that it writes count too{boost}.", service.cpu, service.memory)
}

fn address(deployment: &Deployment, service: &Service) -> String {
    let listed = |names: Vec<String>| names.join(", ");
    let hosts = listed(deployment.hosts.iter().map(|host| format!("`{host}`")).collect());
    let place = match hosts.as_str() {
        "" => "its run.app address".to_owned(),
        hosts => hosts.to_owned(),
    };
    let who = match (service.ingress, service.allow_unauthenticated) {
        (Ingress::Internal, _) => "Nobody from outside the project's own networks gets in",
        (Ingress::InternalAndCloudLoadBalancing, true) => "Everybody gets in, through the load balancer alone",
        (Ingress::All, true) => "Everybody gets in",
        (_, false) => "Only callers with a Google identity get in, which browsers have not",
    };
    let own = match (service.default_url, service.ingress, deployment.hosts.is_empty()) {
        (true, Ingress::All, false) => ", at the run.app address too",
        _ => "",
    };
    format!("At {place}, from `{}`. {who}{own}.", service.region)
}

fn sign_in(deployment: &Deployment) -> Option<String> {
    let api = deployment.api.as_ref()?;
    let paths: Vec<_> = deployment.image.api_locations.iter().map(|location| format!("`{}`", location.path)).collect();
    let passed = match paths.as_slice() {
        [] => format!("No path of the portal leads to the API, which is `{}`.", api.url),
        paths => format!("{} of the portal's address lead to the API, `{}`.", paths.join(", "), api.url),
    };
    let meaning = token_delivery::meaning(deployment);
    let token = meaning.map(|meaning| format!(" Its token comes by `{}`. {}", meaning.delivery, meaning.summary));
    Some(passed + &token.unwrap_or_default())
}

fn billed(deployment: &Deployment, service: &Service) -> String {
    let active = "An instance with an open tab counts as active, though nothing is sent: its CPU and memory are billed, \
                  and it is not ended.";
    let requests = match (deployment.image.websocket, capacity::poll_held(deployment)) {
        (true, _) => "A WebSocket is one request, however long it lives".to_owned(),
        (false, Some(held)) => {
            let an_hour = capacity::idle_poll_requests_an_hour(held);
            format!("A held poll is as open as a WebSocket, and an idle tab makes about {an_hour} requests an hour")
        }
        (false, None) => {
            "A held poll is as open as a WebSocket, and an idle tab makes requests all the time".to_owned()
        }
    };
    let price = if service.cpu_throttling { "requests are billed too" } else { "requests are not billed" };
    format!("{active} {requests}; {price}.")
}

fn billed_idle(service: &Service) -> String {
    let kept = plural(service.min_instances, "instance");
    match (service.min_instances, service.cpu_throttling) {
        (0, true) => "Nothing, once the last tab is closed. Whoever comes after a pause waits until an instance has \
                      started."
            .to_owned(),
        (0, false) => {
            "Each instance for as long as it lives, at the full rate (`cpu_throttling = false`), until Cloud \
                       Run ends it. Whoever comes after a pause waits until one has started."
                .to_owned()
        }
        (_, true) => format!("{kept} around the clock, at the idle rate (`min_instances`). Nobody waits for a start."),
        (_, false) => format!(
            "{kept} around the clock, at the full rate (`min_instances`, `cpu_throttling = false`). Nobody waits for a \
             start."
        ),
    }
}

fn affinity(deployment: &Deployment, service: &Service) -> String {
    let redis = deployment.state_manager == StateManager::Redis;
    match (deployment.image.websocket, service.session_affinity) {
        (true, true) => {
            let wanted = if redis { "no more than convenient with state in Redis" } else { "wanted" };
            format!(
                "On. An open WebSocket stays on its instance in any case; for a reload or a new connection affinity is \
                 {wanted}. It is best effort."
            )
        }
        (true, false) => {
            let then = if redis { "which finds the state in Redis" } else { "where its state may not be" };
            format!(
                "Off. An open WebSocket stays on its instance in any case; a reload or a new connection may reach \
                 another one, {then}."
            )
        }
        (false, true) => {
            "On, and required: all requests of a tab must reach the instance that opened its session, and \
                          each rollout makes a second instance. Redis does not replace it. It is best effort: where it \
                          fails, the tab connects again."
                .to_owned()
        }
        (false, false) => "Off, though required: another instance than the one that opened a tab's session answers \
                           400, and clicks do nothing. Redis does not help, and each rollout makes a second instance."
            .to_owned(),
    }
}

fn state(deployment: &Deployment, service: &Service) -> String {
    let place = match deployment.state_manager {
        StateManager::Redis => {
            return "In Redis: a tab that reloads, connects again or is sent to another instance finds it there."
                .to_owned();
        }
        StateManager::Memory => "In each instance's memory",
        StateManager::Disk => "In files of each instance, which are its memory",
    };
    match service.max_instances {
        1 => format!("{place}: lost with the instance, and so with each rollout and each pause. There is one at most."),
        many => format!(
            "{place}: lost with the instance, and to a tab that reaches another one, of up to {many}. Affinity is no \
             guarantee; Redis is."
        ),
    }
}

fn rollouts(deployment: &Deployment, service: &Service) -> String {
    let drained = match deployment.image.websocket {
        true => format!(
            "An open WebSocket stays with the old revision until it ends, so both run side by side for up to {}.",
            time(capacity::websocket_lives(service))
        ),
        false => {
            "A poll that is held ends on the old revision, and a later one may reach the new, which does not know \
                  the session: the tab connects again."
                .to_owned()
        }
    };
    format!("{drained} An instance that is ended has 10 seconds; its tabs connect again elsewhere.")
}

fn uploads(deployment: &Deployment) -> String {
    let (most, asked) = (deployment.image.client_max_body_size >> 20, deployment.max_upload);
    match (deployment.image.http2, deployment.image.websocket) {
        (true, false) => {
            format!("Up to {most}Mi: end-to-end HTTP/2 knows no limit of {}Mi.", limits::HTTP1_BODY_MAX_MIB)
        }
        (true, true) => format!("Up to {most}Mi, but no WebSocket opens over end-to-end HTTP/2."),
        (false, _) if asked <= most => format!("Up to {most}Mi."),
        (false, false) => {
            format!(
                "Up to {most}Mi, of the {asked}Mi asked for: Cloud Run takes no more over HTTP/1. `http2` lifts that."
            )
        }
        (false, true) => format!(
            "Up to {most}Mi, of the {asked}Mi asked for: Cloud Run takes no more over HTTP/1, which WebSockets need."
        ),
    }
}

fn load_balancer(deployment: &Deployment, service: &Service) -> String {
    let works = "Either strategy works through it. It cuts a request after 60 minutes, which no setting changes, and \
                 leaves affinity to Cloud Run.";
    match (deployment.load_balancer_mode, service.ingress) {
        (LoadBalancerMode::Create, _) => format!("Made by load_balancer.tf. {works}"),
        (LoadBalancerMode::Attach, _) => {
            format!("One that is there already; load_balancer.tf makes its backend. {works}")
        }
        (LoadBalancerMode::None, Ingress::InternalAndCloudLoadBalancing) => {
            format!("None of portalgen's, and nothing but one gets in (`ingress`). {works}")
        }
        (LoadBalancerMode::None, Ingress::All | Ingress::Internal) => {
            "None: the portal answers on its run.app address. Either strategy would work through one.".to_owned()
        }
    }
}

fn prerequisites(deployment: &Deployment, service: &Service) -> String {
    let image = &deployment.image;
    let mut text = format!(
        "The image `{}`, built from `{}`: client and backend both for `REFLEX_TRANSPORT={}`.",
        shortened(&service.image),
        image.directory,
        image.transport
    );
    if deployment.state_manager == StateManager::Redis {
        text.push_str(" A Redis that the instances reach.");
    }
    text
}

/// What tells one image of a repository from another: from the last name on, a digest with its first digits.
pub(crate) fn shortened(image: &ImageRef) -> String {
    let last = image.as_str().rsplit('/').next().unwrap_or_default();
    match last.split_once("@sha256:") {
        Some((name, digest)) => format!("{name}@sha256:{}...", digest.get(..12).unwrap_or(digest)),
        None => last.to_owned(),
    }
}

/// A time as people say it: whole minutes from two on, else seconds.
pub(crate) fn time(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        minutes if minutes >= 120 && minutes.is_multiple_of(60) => format!("{} minutes", minutes / 60),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app_files::AppFiles;
    use crate::config::{EnvironmentFile, PortalFile};
    use crate::finding::SourceId;
    use crate::resolve;

    /// The least environment, with these lines instead of its strategy and behind `[cloud_run]`.
    fn deployment(top: &str, cloud_run: &str) -> Deployment {
        let portal: PortalFile = toml::from_str(include_str!("../../tests/fixtures/minimal/portal.toml")).unwrap();
        let text = include_str!("../../tests/fixtures/minimal/envs/demo.toml");
        let text = text.replace("strategy = \"websocket\"", top);
        let text = text.replace("max_instances = 1", cloud_run);
        let file: EnvironmentFile = toml::from_str(&text).unwrap();
        let source = SourceId(0);
        let resolved = resolve::portal(&portal, source, AppFiles::default());
        resolve::deployment(&portal, &resolved, &"demo".parse().unwrap(), "envs/demo.toml", source, &file)
    }

    fn text(deployment: &Deployment, topic: &str) -> String {
        of(deployment).into_iter().find(|consequence| consequence.topic == topic).unwrap().text
    }

    const POLLING: &str = "strategy = \"websocket-free\"";
    const WEBSOCKET: &str = "strategy = \"websocket\"";

    #[test]
    fn every_topic_is_there_in_its_order() {
        let topics: Vec<_> = of(&deployment(POLLING, "max_instances = 5")).iter().map(|c| c.topic).collect();
        // That portal has no API.
        let due: Vec<_> = TOPICS.iter().copied().filter(|topic| *topic != SIGN_IN).collect();
        assert_eq!(topics, due);
        let mut without = deployment(POLLING, "max_instances = 5");
        without.service = None;
        assert_eq!(of(&without).iter().map(|c| c.topic).collect::<Vec<_>>(), [UPDATES]);
    }

    #[test]
    fn the_numbers_are_the_environments() {
        let polling = deployment(POLLING, "max_instances = 5\nconcurrency = 200");
        assert!(text(&polling, OPEN_TABS).starts_with("Somewhat fewer than 1000: at most 5 instances"));
        assert!(text(&polling, CONNECTIONS).contains("after 25 seconds at the latest"));
        assert!(text(&polling, CONNECTIONS).contains("`timeout` is 5 minutes"));
        assert!(text(&polling, BILLED).contains("about 288 requests an hour"));
        let websocket = deployment(WEBSOCKET, "max_instances = 1\ntimeout = \"30m\"");
        assert!(text(&websocket, OPEN_TABS).starts_with("Somewhat fewer than 80: at most 1 instance, with"));
        assert!(text(&websocket, CONNECTIONS).contains("ends after 30 minutes"));
        assert!(text(&websocket, ROLLOUTS).contains("up to 30 minutes"));
    }

    #[test]
    fn both_strategies_keep_an_instance_busy_and_polling_needs_affinity() {
        for strategy in [POLLING, WEBSOCKET] {
            assert!(text(&deployment(strategy, "max_instances = 5"), BILLED).contains("counts as active"));
        }
        let redis = format!("{POLLING}\nstate_manager = \"redis\"");
        assert!(text(&deployment(&redis, "max_instances = 5"), AFFINITY).starts_with("On, and required"));
        let off = "max_instances = 1\nsession_affinity = false";
        assert!(text(&deployment(POLLING, off), AFFINITY).starts_with("Off, though required"));
        assert!(text(&deployment(WEBSOCKET, off), AFFINITY).contains("stays on its instance in any case"));
    }

    #[test]
    fn what_is_billed_while_none_is_open_follows_from_two_keys() {
        let idle = |keys| text(&deployment(POLLING, keys), BILLED_IDLE);
        assert!(idle("max_instances = 5").starts_with("Nothing, once the last tab is closed"));
        assert!(idle("max_instances = 5\nmin_instances = 2").starts_with("2 instances around the clock, at the idle"));
        assert!(idle("max_instances = 5\ncpu_throttling = false").starts_with("Each instance for as long as it lives"));
        assert!(
            idle("max_instances = 5\nmin_instances = 1\ncpu_throttling = false")
                .starts_with("1 instance around the clock, at the full")
        );
    }

    #[test]
    fn a_poll_that_is_cut_and_a_tab_that_takes_an_instance_are_said() {
        assert!(
            text(&deployment(POLLING, "max_instances = 1\ntimeout = \"20s\""), CONNECTIONS).contains("cuts it after")
        );
        let alone = deployment(POLLING, "max_instances = 3\nconcurrency = 1");
        assert!(text(&alone, OPEN_TABS).starts_with("At most 3: 3 instances, and an open tab takes a whole one"));
    }
}
