//! How much an environment holds, and how long its connections last: the arithmetic that rules, consequences and
//! comparisons share. Numbers in, numbers out; the words are theirs.

use crate::deployment::{Deployment, Service};
use crate::limits;

/// The variable for how many seconds Reflex holds a poll that has nothing to say.
pub const INTERVAL_VARIABLE: &str = "REFLEX_SOCKET_INTERVAL";

/// Tabs that can be open at once in one instance: each holds one request nearly all the time, its WebSocket or its
/// poll. Page loads, uploads and, with long polling, each event are requests beside it, so a little fewer fit.
///
/// Source: <https://docs.cloud.google.com/run/docs/triggering/websockets>.
pub fn tabs_of_instance(service: &Service) -> u64 {
    u64::from(service.concurrency)
}

/// Tabs that can be open at once in all instances that Cloud Run may start.
pub fn tabs(service: &Service) -> u64 {
    tabs_of_instance(service) * u64::from(service.max_instances)
}

/// Seconds that Reflex holds a poll at most. Nothing where Secret Manager says so, which nobody reads here.
pub fn poll_held(deployment: &Deployment) -> Option<u64> {
    if deployment.secrets.keys().any(|name| name.as_str() == INTERVAL_VARIABLE) {
        return None;
    }
    let written = deployment.variables.iter().find(|(name, _)| name.as_str() == INTERVAL_VARIABLE);
    Some(written.and_then(|(_, value)| value.as_str().trim().parse().ok()).unwrap_or(limits::PING_INTERVAL))
}

/// Seconds that a poll takes at most from end to end.
pub fn poll_needs(held: u64) -> u64 {
    held.saturating_add(limits::POLL_RESERVE)
}

/// Seconds that a WebSocket lives at most: Cloud Run's timeout, whatever is sent.
pub fn websocket_lives(service: &Service) -> u64 {
    service.timeout_seconds.min(limits::REQUEST_TIMEOUT_MAX)
}

/// Requests an hour of a tab in which nothing happens, with long polling: when a poll has been held for its time, the
/// server's ping answers it, the client sends the pong in a request of its own and polls again.
///
/// Source: the heartbeat of Engine.IO 4, <https://socket.io/docs/v4/engine-io-protocol/#heartbeat>.
pub fn idle_poll_requests_an_hour(held: u64) -> u64 {
    (2 * 3600) / held.max(1)
}
