//! A function that cannot start stays up: it says so to whoever asks for it, and tries again.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::error::StartError;
use crate::{
    clock::{Clock, Time},
    telemetry::{Metric, Sampler, count_many},
};

/// Between attempts, if somebody must mend something first. A flood of events must not become a
/// flood of attempts (F-75).
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// Between attempts, if the failure may pass by itself.
const TRY_SOON: Duration = Duration::from_secs(3);

/// A function, as soon as it could be started with `start`.
pub struct Standby<T, S> {
    start: S,
    ready: OnceLock<T>,
    /// When the next attempt may be: milliseconds since the epoch, as [`Time`].
    due: AtomicU64,
    refused: Sampler,
    clock: Clock,
}

impl<T, S, F> Standby<T, S>
where
    S: Fn() -> F,
    F: Future<Output = Result<T, StartError>>,
{
    /// Returns after the first attempt, whatever came of it.
    pub async fn start(start: S) -> Self {
        let standby = Self {
            start,
            ready: OnceLock::new(),
            due: AtomicU64::new(0),
            refused: Sampler::default(),
            clock: Clock::System,
        };
        standby.attempt().await;
        standby
    }

    /// The function, or `None` while something is missing; the log says what. Failures that may
    /// pass are retried for up to `patience`.
    pub async fn ready(&self, patience: Duration) -> Option<&T> {
        let until = self.clock.now() + patience;
        while self.ready.get().is_none() {
            let due = Time::from_millis(self.due.load(Ordering::Relaxed));
            if due > until.max(self.clock.now()) {
                break;
            }
            self.clock.sleep_until(due).await;
            self.attempt().await;
        }
        let now = self.clock.now();
        let ready = self.ready.get();
        if ready.is_none()
            && let Some(times) = self.refused.one_more(now)
        {
            count_many(Metric::NotReady, times);
        }
        ready
    }

    async fn attempt(&self) {
        let now = self.clock.now();
        match (self.start)().await {
            // If another attempt was quicker, its result stays: it is as good.
            Ok(ready) => drop(self.ready.set(ready)),
            Err(error) => {
                let pause = if error.is_lasting() {
                    TRY_AGAIN
                } else {
                    TRY_SOON
                };
                let due = (now + pause).as_millis();
                self.due.store(due, Ordering::Relaxed);
                tracing::error!(%error, "the function cannot start");
            }
        }
    }
}
