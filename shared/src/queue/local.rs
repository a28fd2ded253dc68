//! The turn queue of a laptop: in this process, and lost when it ends.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{QueueError, TurnQueue};
use crate::{
    clock::{Clock, Time},
    turn::TurnRef,
};

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
            .map_err(|_| QueueError::new("the worker has stopped"))
    }
}

impl LocalTurns {
    /// Runs `work` for every turn when it is due, any number at a time, until every sender is gone.
    /// A turn whose work fails comes again after `retry`.
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
                        // A panic is a failure like any other.
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
