//! What open tabs cost a month: instances, instance-hours, requests and, for prices that the user gives, money. Numbers
//! in, numbers out. No price is known here, and no currency.
//!
//! Source of what is billed: <https://docs.cloud.google.com/run/docs/configuring/billing-settings>.

use crate::deployment::{Deployment, Service};
use crate::meaning::capacity;

/// Hours of a month, of which a year has twelve.
pub const HOURS_OF_MONTH: f64 = 730.0;

/// How the portal is used in a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Tabs that are open at once.
    pub tabs: u64,
    /// Hours in which they are, at most [`HOURS_OF_MONTH`].
    pub hours: f64,
    /// Events of each tab in an hour: clicks and the like.
    pub events: f64,
}

/// What the user pays, in one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Prices {
    /// A CPU of an active instance, each second.
    pub vcpu_second: Option<f64>,
    /// A gibibyte of memory of an active instance, each second.
    pub gib_second: Option<f64>,
    /// A CPU of an instance that is kept warm and does nothing, each second.
    pub idle_vcpu_second: Option<f64>,
    /// A gibibyte of its memory, each second.
    pub idle_gib_second: Option<f64>,
    /// A million requests.
    pub million_requests: Option<f64>,
}

impl Prices {
    /// Whether any is given.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// The instances that tabs need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instances {
    /// Tabs that one holds.
    pub tabs_of_one: u64,
    /// As many as the tabs need, whatever is allowed.
    pub needed: u64,
    /// As many as run: no fewer than the minimum, no more than the maximum.
    pub running: u64,
    /// As many of those as hold tabs.
    pub active: u64,
    /// The tabs that they hold: all of them, or as many as fit.
    pub tabs: u64,
    /// Whether the tabs fit.
    pub fit: bool,
}

/// The instances that so many tabs need.
pub fn instances(service: &Service, tabs: u64) -> Instances {
    let tabs_of_one = capacity::tabs_of_instance(service).max(1);
    let needed = tabs.div_ceil(tabs_of_one);
    let (least, most) = (u64::from(service.min_instances), u64::from(service.max_instances));
    let running = needed.max(least).min(most.max(least));
    let held = tabs.min(tabs_of_one.saturating_mul(running));
    Instances { tabs_of_one, needed, running, active: needed.min(running), tabs: held, fit: needed <= most }
}

/// Instance-hours of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstanceHours {
    /// Hours in which tabs are open, each on as many instances as hold them.
    pub active: f64,
    /// Those of instances that are kept warm: all of them in the rest of the month, and while tabs are open those that
    /// hold none.
    pub warm: f64,
    /// How many hours the month has in which tabs are open.
    pub open: f64,
}

/// The instance-hours of a month. Tabs that nobody opens keep nothing active.
pub fn instance_hours(service: &Service, instances: Instances, usage: Usage) -> InstanceHours {
    let hours = if usage.tabs == 0 { 0.0 } else { usage.hours.clamp(0.0, HOURS_OF_MONTH) };
    let rest = (HOURS_OF_MONTH - hours) * f64::from(service.min_instances);
    let spare = (instances.running - instances.active) as f64;
    InstanceHours { active: hours * instances.active as f64, warm: rest + hours * spare, open: hours }
}

/// The requests of a tab, besides loading the page, which is the same with either strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Requests {
    /// One connection after the other, each one request.
    Connections {
        /// Of each tab, in the month.
        of_tab: f64,
        /// Seconds that one lives.
        lives: u64,
    },
    /// Polls and pongs without end, and two requests for each event: the event itself, and the poll that follows the
    /// one which its answer ends.
    Polls {
        /// Of a tab in which nothing happens, an hour.
        idle: u64,
    },
}

/// Requests that an event makes with long polling.
pub const REQUESTS_OF_EVENT: u64 = 2;

/// How a tab makes requests. Nothing where a secret says how long polls are held.
pub fn requests(deployment: &Deployment, service: &Service, usage: Usage) -> Option<Requests> {
    if deployment.image.websocket {
        let lives = capacity::websocket_lives(service).max(1);
        return Some(Requests::Connections { of_tab: (usage.hours * 3600.0 / lives as f64).ceil(), lives });
    }
    let idle = capacity::idle_poll_requests_an_hour(capacity::poll_held(deployment)?);
    Some(Requests::Polls { idle })
}

impl Requests {
    /// Of all tabs in a month.
    pub fn of_month(self, usage: Usage) -> f64 {
        let tabs = usage.tabs as f64;
        match self {
            Self::Connections { of_tab, .. } => tabs * of_tab,
            Self::Polls { idle } => tabs * usage.hours * (idle as f64 + REQUESTS_OF_EVENT as f64 * usage.events),
        }
        .round()
    }
}

/// What so many hours of an instance cost: each second of each CPU, or of each gibibyte.
pub fn cost_of_hours(hours: f64, amount: f64, price_of_second: f64) -> f64 {
    hours * 3600.0 * amount * price_of_second
}

/// What so many requests cost.
pub fn cost_of_requests(requests: f64, price_of_million: f64) -> f64 {
    requests / 1e6 * price_of_million
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app_files::AppFiles;
    use crate::config::{EnvironmentFile, PortalFile};
    use crate::finding::SourceId;
    use crate::resolve;

    fn deployment(strategy: &str, cloud_run: &str) -> Deployment {
        let portal: PortalFile = toml::from_str(include_str!("../../tests/fixtures/minimal/portal.toml")).unwrap();
        let text = include_str!("../../tests/fixtures/minimal/envs/demo.toml");
        let text = text.replace("\"websocket\"", &format!("\"{strategy}\"")).replace("max_instances = 1", cloud_run);
        let file: EnvironmentFile = toml::from_str(&text).unwrap();
        let resolved = resolve::portal(&portal, SourceId(0), AppFiles::default());
        let name = "demo".parse().unwrap();
        resolve::deployment(&portal, &resolved, &name, "envs/demo.toml", SourceId(0), &file)
    }

    fn service(cloud_run: &str) -> Service {
        deployment("websocket", cloud_run).service.unwrap()
    }

    fn usage(tabs: u64, hours: f64) -> Usage {
        Usage { tabs, hours, events: 0.0 }
    }

    #[test]
    fn instances_are_as_many_as_the_tabs_need_within_what_is_allowed() {
        for (keys, tabs, needed, running, fit) in [
            ("max_instances = 5", 0, 0, 0, true),
            ("max_instances = 5", 1, 1, 1, true),
            ("max_instances = 5", 80, 1, 1, true),
            ("max_instances = 5", 81, 2, 2, true),
            ("max_instances = 5", 400, 5, 5, true),
            ("max_instances = 5", 401, 6, 5, false),
            ("max_instances = 5\nmin_instances = 2", 1, 1, 2, true),
            ("max_instances = 3\nmin_instances = 3", 0, 0, 3, true),
            ("max_instances = 3\nmin_instances = 3", 500, 7, 3, false),
            // Less than one CPU takes one request.
            ("max_instances = 5\ncpu = 0.5", 3, 3, 3, true),
            ("max_instances = 5\ncpu = 0.5", 6, 6, 5, false),
            ("max_instances = 5\nconcurrency = 1000", 5000, 5, 5, true),
        ] {
            let found = instances(&service(keys), tabs);
            assert_eq!((found.needed, found.running, found.fit), (needed, running, fit), "{keys}: {tabs}");
        }
        let far_too_many = instances(&service("max_instances = 5"), u64::MAX);
        assert_eq!((far_too_many.running, far_too_many.active, far_too_many.tabs), (5, 5, 400));
        let few = instances(&service("max_instances = 5\nmin_instances = 3"), 1);
        assert_eq!((few.running, few.active, few.tabs), (3, 1, 1));
    }

    #[test]
    fn hours_are_active_or_warm() {
        for (keys, tabs, hours, active, warm) in [
            // 200 h x 2 instances; none is kept warm.
            ("max_instances = 5", 100, 200.0, 400.0, 0.0),
            // (730 - 200) h x 1.
            ("max_instances = 5\nmin_instances = 1", 100, 200.0, 400.0, 530.0),
            // One of three holds the tabs, the two others wait: 630 h x 3 + 100 h x 2.
            ("max_instances = 3\nmin_instances = 3", 10, 100.0, 100.0, 2090.0),
            ("max_instances = 3\nmin_instances = 3", 240, 100.0, 300.0, 1890.0),
            ("max_instances = 3\nmin_instances = 3", 500, 100.0, 300.0, 1890.0),
            ("max_instances = 5\nmin_instances = 1", 0, 200.0, 0.0, 730.0),
            ("max_instances = 5\nmin_instances = 1", 10, 730.0, 730.0, 0.0),
            ("max_instances = 5\nmin_instances = 1", 10, 0.0, 0.0, 730.0),
        ] {
            let (service, usage) = (service(keys), usage(tabs, hours));
            let found = instance_hours(&service, instances(&service, tabs), usage);
            assert_eq!((found.active, found.warm), (active, warm), "{keys}: {tabs} for {hours}");
        }
    }

    #[test]
    fn requests_are_connections_or_polls() {
        let of = |strategy, keys, usage| {
            let deployment = deployment(strategy, keys);
            requests(&deployment, deployment.service.as_ref().unwrap(), usage).unwrap().of_month(usage)
        };
        // One an hour.
        assert_eq!(of("websocket", "max_instances = 5", usage(100, 200.0)), 20_000.0);
        // Two an hour; half an hour begun is one more.
        assert_eq!(of("websocket", "max_instances = 5\ntimeout = \"30m\"", usage(10, 2.25)), 50.0);
        // 3600 s / 25 s, a poll and a pong each time: 288 an hour.
        assert_eq!(of("websocket-free", "max_instances = 5", usage(100, 200.0)), 5_760_000.0);
        // 60 events an hour, two requests each: 408 an hour.
        let busy = Usage { events: 60.0, ..usage(100, 200.0) };
        assert_eq!(of("websocket-free", "max_instances = 5", busy), 8_160_000.0);
        assert_eq!(of("websocket", "max_instances = 5", busy), 20_000.0, "events go over the socket");
        assert_eq!(of("websocket-free", "max_instances = 5", usage(0, 200.0)), 0.0);
    }

    #[test]
    fn money_is_seconds_times_amount_times_price() {
        // 400 h are 1 440 000 s; two CPUs at 0.000024 each second.
        assert!((cost_of_hours(400.0, 2.0, 0.000_024) - 69.12).abs() < 1e-9);
        assert!((cost_of_requests(5_760_000.0, 0.4) - 2.304).abs() < 1e-9);
        assert_eq!(cost_of_hours(0.0, 2.0, 1.0), 0.0);
        assert!(!Prices::default().any());
    }
}
