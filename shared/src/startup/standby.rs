//! A function that could not start: it says so to whoever asks, and tries again.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::StartError;
use crate::{
    clock::{Clock, Time},
    telemetry::{Metric, Sampler, count_many},
};

/// A flood of events must not become a flood of attempts (F-75).
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// The same for what may have passed by then.
const TRY_SOON: Duration = Duration::from_secs(3);

/// What an event is handled with, as soon as everything it takes is there.
pub struct Standby<T, W> {
    wire: W,
    ready: OnceLock<T>,
    /// When the next attempt may be: milliseconds since the epoch, as [`Time`].
    due: AtomicU64,
    refused: Sampler,
    clock: Clock,
}

impl<T, W, F> Standby<T, W>
where
    W: Fn() -> F,
    F: Future<Output = Result<T, StartError>>,
{
    pub async fn start(wire: W) -> Self {
        let standby = Self {
            wire,
            ready: OnceLock::new(),
            due: AtomicU64::new(0),
            refused: Sampler::default(),
            clock: Clock::System,
        };
        standby.attempt().await;
        standby
    }

    /// `None` while something is missing; the log says what. What may pass is waited for as long as
    /// `patience`.
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
        match (self.wire)().await {
            // Another attempt was quicker: as good as this one.
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
