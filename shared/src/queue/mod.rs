//! The turn queue: SQS, or in process on a laptop. It carries which turn, never what was said.

mod local;
mod sqs;

use std::time::Duration;

pub use self::{
    local::{LocalTurnQueue, LocalTurns},
    sqs::{Receipt, SqsTurnQueue},
};
use crate::turn::TurnRef;

#[derive(Debug, thiserror::Error)]
#[error("the turn queue did not do it: {reason}")]
pub struct QueueError {
    reason: String,
}

impl QueueError {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    pub fn timed_out() -> Self {
        Self::new("timed out")
    }
}

/// Takes turns for the worker, which gets each of them at least once.
pub trait TurnQueue: Send + Sync {
    /// The worker gets it `after` this time at the earliest; SQS allows up to 15 minutes.
    fn send(
        &self,
        turn: &TurnRef,
        after: Duration,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;
}
