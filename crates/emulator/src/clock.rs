//! The emulator's clock: the system's time plus what tests have added to it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

#[derive(Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        let now = Timestamp::now().as_millisecond();
        now.saturating_add(self.offset_ms.load(Ordering::SeqCst))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.offset_ms.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// How long until the moment, at least a millisecond; without a moment, practically forever.
    pub(crate) fn until(&self, at: Option<i64>) -> Duration {
        let left = at.map_or(i64::MAX, |at| at - self.now_ms());
        Duration::from_millis(u64::try_from(left).unwrap_or_default().max(1))
    }
}

/// The duration in milliseconds, at most about 146 million years.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).map_or(i64::MAX / 2, |ms| ms.min(i64::MAX / 2))
}

/// The moment as the platform writes it: `2030-01-01T00:10:00+0000` (skill.md §3.7).
pub(crate) fn iso(epoch_ms: i64) -> String {
    let moment = Timestamp::from_millisecond(epoch_ms).unwrap_or(Timestamp::MAX);
    moment.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_now() {
        let clock = Clock::default();
        let before = clock.now_ms();
        clock.advance(Duration::from_mins(10));
        assert!(clock.now_ms() >= before + 600_000);
    }

    #[test]
    fn moments_are_written_as_the_platform_writes_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00+0000");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00+0000");
        assert_eq!(iso(1_893_456_600_000), "2030-01-01T00:10:00+0000");
        assert_eq!(iso(1_735_689_599_999), "2024-12-31T23:59:59+0000");
    }
}
