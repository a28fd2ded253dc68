//! Time, passed in: the system's clock, or one that tests move by hand.

use std::{
    fmt,
    ops::{Add, Sub},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A point in time: milliseconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds, as DynamoDB's TTL wants them.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(rhs.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    fn sub(self, rhs: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(u64::try_from(rhs.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

/// Where the time comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    #[default]
    System,
    /// The system's, and ahead of it by as much as a test wants.
    Ahead(ClockAhead),
}

impl Clock {
    pub fn now(&self) -> Time {
        match self {
            Self::System => system_time(),
            Self::Ahead(clock) => system_time() + *clock.0.borrow(),
        }
    }

    /// Returns at once if `until` has passed.
    pub async fn sleep_until(&self, until: Time) {
        match self {
            Self::System => tokio::time::sleep(until.since(self.now())).await,
            Self::Ahead(clock) => {
                let mut ahead = clock.0.subscribe();
                while self.now() < until {
                    let moved = tokio::time::timeout(until.since(self.now()), ahead.changed());
                    // Moved, or slept long enough: the loop's condition tells.
                    let _ = moved.await;
                }
            }
        }
    }

    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now() + duration).await;
    }

    /// The output of `work`, or `None` if `until` came first; the work is dropped then.
    pub async fn before<T>(&self, until: Time, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            output = work => Some(output),
            () = self.sleep_until(until) => None,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system's clock"
)]
fn system_time() -> Time {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Time(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}

/// A clock that tests move forward; everyone who sleeps on it notices.
#[derive(Clone, Debug)]
pub struct ClockAhead(Arc<watch::Sender<Duration>>);

impl Default for ClockAhead {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }
}

impl ClockAhead {
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|ahead| *ahead += by);
    }
}
