//! The time. A running portal answers in time or not, and its certificate ends on a day; no artifact depends on either.

use std::time::{Duration, Instant, SystemTime};

/// Now, to measure with.
#[expect(clippy::disallowed_methods, reason = "every wait has a limit; nothing of it reaches an artifact")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a certificate is valid until a day; nothing of it reaches an artifact")]
pub(super) fn unix_seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// A point in time by which something must be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    end: Instant,
    /// What was allowed in all.
    pub(super) limit: Duration,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self { end: now() + limit, limit }
    }

    /// What is left; nothing once it has passed.
    pub(super) fn left(&self) -> Option<Duration> {
        self.end.checked_duration_since(now()).filter(|left| !left.is_zero())
    }
}
