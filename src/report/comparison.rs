//! What a comparison says: a table by topic, and the arithmetic of a month with its numbers put in.

use super::{visible, wrapping};
use crate::cli::COLUMNS;
use crate::deployment::{Deployment, Service};
use crate::meaning::capacity;
use crate::meaning::estimate::{self, HOURS_OF_MONTH, Instances, Prices, REQUESTS_OF_EVENT, Requests, Usage};
use crate::meaning::transition::Topic;
use crate::words::plural;

const BETWEEN: &str = " | ";

/// Two columns below each topic; one where both say the same.
pub fn table(left: &str, right: &str, topics: &[Topic]) -> String {
    let rule = format!("{}\n", "-".repeat(COLUMNS));
    let mut text = columns(left, right);
    text.push_str(&rule);
    for topic in topics {
        text.push_str(&format!("{}\n", topic.name));
        let cell = |side: &Option<String>| visible(side.as_deref().unwrap_or("There is no Cloud Run service."));
        if topic.is_same() {
            let options = wrapping(COLUMNS).initial_indent("  both: ").subsequent_indent("  ");
            text.push_str(&format!("{}\n", textwrap::fill(&cell(&topic.before), options)));
        } else {
            text.push_str(&columns(&cell(&topic.before), &cell(&topic.after)));
        }
    }
    text.push_str(&rule);
    text
}

fn columns(left: &str, right: &str) -> String {
    let width = (COLUMNS - 2 - BETWEEN.len()) / 2;
    let wrap = |text: &str| -> Vec<String> {
        let options = wrapping(width).break_words(true);
        textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
    };
    let (left, right) = (wrap(left), wrap(right));
    let line = |of: &[String], i: usize| of.get(i).cloned().unwrap_or_default();
    let lines = (0..left.len().max(right.len()))
        .map(|i| format!("  {:<width$}{BETWEEN}{}", line(&left, i), line(&right, i)).trim_end().to_owned() + "\n");
    lines.collect()
}

/// What the flags of the command line say of a month.
#[derive(Debug, Clone, Copy)]
pub struct Month {
    /// Tabs open at once.
    pub tabs: Option<u64>,
    /// Hours in which they are.
    pub hours: Option<f64>,
    /// Events of a tab in an hour.
    pub events: Option<f64>,
    /// What the user pays.
    pub prices: Prices,
}

/// The month of one environment, a formula a line.
pub fn month(name: &str, deployment: &Deployment, month: &Month) -> String {
    let mut text = format!("\n{}\n", visible(name));
    let Some(service) = &deployment.service else {
        return text + "  There is no Cloud Run service, so nothing to reckon with.\n";
    };
    let lines = match month.tabs {
        Some(tabs) => lines(deployment, service, tabs, month),
        None => Vec::new(),
    };
    for (label, formula) in lines {
        let options = wrapping(COLUMNS).initial_indent("  ").subsequent_indent("                   ");
        text.push_str(&format!("{}\n", textwrap::fill(&format!("{label:<17}{formula}"), options)));
    }
    text
}

fn lines(deployment: &Deployment, service: &Service, tabs: u64, month: &Month) -> Vec<(&'static str, String)> {
    let instances = estimate::instances(service, tabs);
    let Instances { tabs_of_one, needed, running, active, .. } = instances;
    let mut lines = vec![
        ("one instance", format!("{} at most, its `concurrency`", plural(tabs_of_one, "tab"))),
        (
            "instances",
            format!(
                "{tabs} / {tabs_of_one}, rounded up = {needed}; at least {} and at most {}: {running}",
                service.min_instances, service.max_instances
            ),
        ),
    ];
    if !instances.fit {
        lines.push(("", format!("{tabs} tabs do not fit: what follows is for the {} that do", instances.tabs)));
    }
    let Some(hours) = month.hours else { return lines };
    let usage = Usage { tabs: instances.tabs, hours, events: month.events.unwrap_or_default() };
    let of_month = estimate::instance_hours(service, instances, usage);
    // A month in which no tab is open is all rest.
    let (open, all) = (number(of_month.open), number(HOURS_OF_MONTH));
    lines.push(("active", format!("{open} h x {active} = {} instance-hours", number(of_month.active))));
    let spare = match running - active {
        0 => String::new(),
        spare => format!(" + {open} h x {spare}"),
    };
    let rest = format!("({all} h - {open} h) x {}{spare}", service.min_instances);
    lines.push(("kept warm", format!("{rest} = {} instance-hours", number(of_month.warm))));
    let requests = estimate::requests(deployment, service, usage);
    lines.push(("requests", requests_in_words(requests, usage)));
    if month.prices.any() {
        lines.extend(cost(service, of_month, requests.map(|requests| requests.of_month(usage)), &month.prices));
    }
    lines
}

fn requests_in_words(requests: Option<Requests>, usage: Usage) -> String {
    let Usage { tabs, hours, events } = usage;
    let (hours, of_month) = (number(hours), requests.map(|requests| number(requests.of_month(usage))));
    match (requests, of_month) {
        (Some(Requests::Connections { of_tab, lives }), Some(sum)) => {
            let sockets = plural(of_tab as u64, "WebSocket");
            let of_tab = number(of_tab);
            format!("{hours} h x 3600 s / {lives} s, rounded up = {sockets} a tab; {tabs} x {of_tab} = {sum}")
        }
        (Some(Requests::Polls { idle }), Some(sum)) if events == 0.0 => {
            format!("{tabs} x {hours} h x {idle} = {sum}, and {REQUESTS_OF_EVENT} for each event (--events)")
        }
        (Some(Requests::Polls { idle }), Some(sum)) => {
            format!("{tabs} x {hours} h x ({idle} + {REQUESTS_OF_EVENT} x {}) = {sum}", number(events))
        }
        _ => format!("as the secret `{}` says how long a poll is held", capacity::INTERVAL_VARIABLE),
    }
}

/// A line for each part whose price is given, and the flag for each other one; the sum where none is missing.
fn cost(
    service: &Service,
    hours: estimate::InstanceHours,
    requests: Option<f64>,
    prices: &Prices,
) -> Vec<(&'static str, String)> {
    let (cpu, gib) = (service.cpu.get(), service.memory.mebibytes() as f64 / 1024.0);
    // With CPU always allocated, an instance that waits costs as much as one that works, and requests are free.
    let (idle_cpu, idle_gib) = match service.cpu_throttling {
        true => (prices.idle_vcpu_second, prices.idle_gib_second),
        false => (prices.vcpu_second, prices.gib_second),
    };
    let parts = [
        ("CPU", hours.active, cpu, "vCPU", prices.vcpu_second, "--price-vcpu-second"),
        ("memory", hours.active, gib, "GiB", prices.gib_second, "--price-gib-second"),
        ("CPU, warm", hours.warm, cpu, "vCPU", idle_cpu, "--price-idle-vcpu-second"),
        ("memory, warm", hours.warm, gib, "GiB", idle_gib, "--price-idle-gib-second"),
    ];
    let (mut lines, mut sum) = (Vec::new(), Some(0.0));
    for (label, hours, amount, unit, price, flag) in parts {
        if hours == 0.0 {
            continue;
        }
        let cost = price.map(|price| estimate::cost_of_hours(hours, amount, price));
        sum = sum.zip(cost).map(|(sum, cost)| sum + cost);
        lines.push((
            label,
            match price.zip(cost) {
                Some((price, cost)) => {
                    format!("{} h x 3600 s x {} {unit} x {price} = {}", number(hours), number(amount), money(cost))
                }
                None => format!("{flag} brings it"),
            },
        ));
    }
    let of_requests = match (service.cpu_throttling, requests, prices.million_requests) {
        (false, ..) => "not billed, with CPU always allocated".to_owned(),
        (true, Some(requests), Some(price)) => {
            let cost = estimate::cost_of_requests(requests, price);
            sum = sum.map(|sum| sum + cost);
            format!("{} / 1000000 x {price} = {}", number(requests), money(cost))
        }
        (true, requests, _) => {
            sum = None;
            if requests.is_some() { "--price-million-requests brings it" } else { "not known" }.to_owned()
        }
    };
    lines.push(("requests", of_requests));
    lines.push((
        "in all",
        sum.map_or_else(|| "not known, since a part is missing".to_owned(), |sum| format!("{} a month", money(sum))),
    ));
    lines
}

/// Whole where it is, else with at most four decimals.
fn number(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn money(cost: f64) -> String {
    if cost > 0.0 && cost < 0.01 { "less than 0.01".to_owned() } else { format!("{cost:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        assert_eq!(number(400.0), "400");
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(0.083_333), "0.0833");
        assert_eq!(number(0.0), "0");
        assert_eq!((money(0.0), money(69.12), money(0.002)), ("0.00".into(), "69.12".into(), "less than 0.01".into()));
    }

    #[test]
    fn a_long_name_does_not_burst_its_column() {
        let text = columns(&"n".repeat(90), "other");
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
    }
}
