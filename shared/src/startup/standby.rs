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

/// What an event is handled with, as soon as everything it takes is there.
pub struct Standby<T, W> {
    wire: W,
    ready: OnceLock<T>,
    /// Milliseconds since the epoch, as [`Time`].
    tried: AtomicU64,
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
            tried: AtomicU64::new(0),
            refused: Sampler::default(),
            clock: Clock::System,
        };
        standby.attempt().await;
        standby
    }

    /// `None` while something is missing; the log says what.
    pub async fn ready(&self) -> Option<&T> {
        let now = self.clock.now();
        let tried = Time::from_millis(self.tried.load(Ordering::Relaxed));
        if self.ready.get().is_none() && now.since(tried) >= TRY_AGAIN {
            self.attempt().await;
        }
        let ready = self.ready.get();
        if ready.is_none()
            && let Some(times) = self.refused.one_more(now)
        {
            count_many(Metric::NotReady, times);
        }
        ready
    }

    async fn attempt(&self) {
        let now = self.clock.now().as_millis();
        self.tried.store(now, Ordering::Relaxed);
        match (self.wire)().await {
            // Another attempt was quicker: as good as this one.
            Ok(ready) => drop(self.ready.set(ready)),
            Err(error) => tracing::error!(%error, "the function cannot start"),
        }
    }
}
