//! What SQS hands over, and what it gets back: the messages that must come again.

use std::{convert::Infallible, time::Duration};

use serde::{Deserialize, Serialize};
use shared::{
    clock::Time,
    queue::{Receipt, SqsTurnQueue},
    turn::{TurnRef, budget},
};

use crate::TurnWorker;

/// Ours have one message each (template.yaml): a short turn never waits behind a long one.
#[derive(Debug, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    receipt_handle: String,
    body: String,
}

/// The messages that come again; all others are deleted.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    batch_item_failures: Vec<Failed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    item_identifier: String,
}

impl TurnWorker<SqsTurnQueue> {
    /// `deadline` is when the function is killed.
    pub async fn take(&self, batch: Batch, deadline: Time) -> Failures {
        let mut failures = Failures::default();
        for record in batch.records {
            if !Box::pin(self.is_done(&record, deadline)).await {
                failures.batch_item_failures.push(Failed {
                    item_identifier: record.message_id,
                });
            }
        }
        failures
    }

    async fn is_done(&self, record: &Record, deadline: Time) -> bool {
        let message = Receipt::new(record.receipt_handle.clone());
        let Ok(turn) = TurnRef::from_body(&record.body) else {
            tracing::error!("a message of the turn queue is no turn: it goes to the dead letters");
            self.keep(&message, Duration::ZERO).await;
            return false;
        };
        tokio::select! {
            worked = self.work_until(&turn, Some(deadline)) => match worked {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, "a turn is tried again");
                    // If it was never held, it would stay away for the queue's own six minutes.
                    self.keep(&message, budget::LEASE).await;
                    false
                }
            },
            never = self.hold(&message) => match never {},
        }
    }

    /// The queue's own patience is longer than the function's timeout: too long to take over from a
    /// dead worker while the callback can still be used. So the message is held for as long as a
    /// lease, again and again.
    async fn hold(&self, message: &Receipt) -> Infallible {
        loop {
            self.keep(message, budget::LEASE).await;
            self.clock.sleep(budget::RENEW).await;
        }
    }

    async fn keep(&self, message: &Receipt, hold: Duration) {
        if let Err(error) = self.queue.keep(message, hold).await {
            tracing::warn!(%error, "a message of the turn queue could not be held");
        }
    }
}
