//! The turn queue: SQS, or in process on a laptop. It carries which turn, never what was said.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_sqs::Client;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    clock::{Clock, Time},
    store,
    turn::TurnRef,
};

#[derive(Debug, thiserror::Error)]
#[error("the turn queue did not take a turn: {reason}")]
pub struct QueueError {
    reason: String,
}

impl QueueError {
    pub fn timed_out() -> Self {
        Self {
            reason: "timed out".to_owned(),
        }
    }
}

/// Takes turns for the worker; each is delivered at least once.
pub trait TurnQueue: Send + Sync {
    /// `after` at the earliest; SQS allows up to 15 minutes.
    fn send(
        &self,
        turn: &TurnRef,
        after: Duration,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// A standard SQS queue: the order within a conversation is the lane's business, not the queue's.
#[derive(Clone, Debug)]
pub struct SqsTurnQueue {
    client: Client,
    url: String,
}

impl SqsTurnQueue {
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl TurnQueue for SqsTurnQueue {
    async fn send(&self, turn: &TurnRef, after: Duration) -> Result<(), QueueError> {
        let body = serde_json::to_string(turn).map_err(|error| QueueError {
            reason: error.to_string(),
        })?;
        // Rounded up: a turn that comes early would only be sent off again.
        let seconds = i32::try_from(after.as_millis().div_ceil(1000))
            .unwrap_or(i32::MAX)
            .min(900);
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(seconds)
            .send()
            .await
            .map_err(|error| QueueError {
                reason: store::reason(&error),
            })?;
        Ok(())
    }
}

/// A queue that lives as long as the process.
#[derive(Clone, Debug)]
pub struct LocalTurnQueue {
    clock: Clock,
    sender: mpsc::UnboundedSender<(TurnRef, Time)>,
}

/// The other end of a [`LocalTurnQueue`].
#[derive(Debug)]
pub struct LocalTurns {
    clock: Clock,
    receiver: mpsc::UnboundedReceiver<(TurnRef, Time)>,
}

impl LocalTurnQueue {
    pub fn new(clock: Clock) -> (Self, LocalTurns) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (
            Self {
                clock: clock.clone(),
                sender,
            },
            LocalTurns { clock, receiver },
        )
    }
}

impl TurnQueue for LocalTurnQueue {
    async fn send(&self, turn: &TurnRef, after: Duration) -> Result<(), QueueError> {
        let due = self.clock.now() + after;
        self.sender
            .send((turn.clone(), due))
            .map_err(|_| QueueError {
                reason: "the worker has stopped".to_owned(),
            })
    }
}

impl LocalTurns {
    /// Hands every turn to `work` when it is due, many at once, until every sender is gone. One that fails comes again after `retry`.
    pub async fn run<W, F, E>(mut self, retry: Duration, work: W)
    where
        W: Fn(TurnRef) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Send + 'static,
    {
        let work = Arc::new(work);
        let mut running = JoinSet::new();
        let mut turns = HashMap::new();
        loop {
            let (turn, due) = tokio::select! {
                received = self.receiver.recv() => match received {
                    Some(received) => received,
                    None => break,
                },
                Some(ended) = running.join_next_with_id() => {
                    let (task, failed) = match ended {
                        Ok((task, result)) => (task, Result::is_err(&result)),
                        // A panic: the turn's lease runs out, and it is tried again.
                        Err(error) => (error.id(), true),
                    };
                    match turns.remove(&task).filter(|_| failed) {
                        Some(turn) => (turn, self.clock.now() + retry),
                        None => continue,
                    }
                }
            };
            let (clock, work, attempt) = (self.clock.clone(), Arc::clone(&work), turn.clone());
            let task = running.spawn(async move {
                clock.sleep_until(due).await;
                work(attempt).await
            });
            turns.insert(task.id(), turn);
        }
        while running.join_next().await.is_some() {}
    }
}
