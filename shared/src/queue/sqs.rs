//! The turn queue on AWS: a standard SQS queue. The order within a conversation is the lane's
//! business, not the queue's.

use std::time::Duration;

use aws_sdk_sqs::{Client, types::QueueAttributeName};

use super::{QueueError, TurnQueue};
use crate::{aws, turn::TurnRef};

#[derive(Clone, Debug)]
pub struct SqsTurnQueue {
    client: Client,
    url: String,
}

/// Stands for one delivery of a message: with it, the receiver holds the message or gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    pub fn new(handle: String) -> Self {
        Self(handle)
    }
}

impl SqsTurnQueue {
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Keeps this message from other receivers for so long, in whole seconds; zero gives it back.
    pub async fn keep(&self, message: &Receipt, hold: Duration) -> Result<(), QueueError> {
        let seconds = i32::try_from(hold.as_secs()).unwrap_or(i32::MAX);
        let changed = self
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&message.0)
            .visibility_timeout(seconds)
            .send()
            .await;
        match changed {
            Ok(_) => Ok(()),
            Err(error) => Err(QueueError::new(aws::reason(&error))),
        }
    }

    /// Whether the queue is there. It also opens the connection that later calls use.
    pub(crate) async fn check(&self) -> Result<(), aws::Lack> {
        let asked = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await;
        match asked {
            Ok(_) => Ok(()),
            Err(error) => Err(aws::Lack::of("sqs:GetQueueAttributes", &error)),
        }
    }
}

impl TurnQueue for SqsTurnQueue {
    async fn send(&self, turn: &TurnRef, after: Duration) -> Result<(), QueueError> {
        let body = turn
            .to_body()
            .map_err(|error| QueueError::new(error.to_string()))?;
        // Rounded up: a turn that comes early would only be sent off again.
        let seconds = i32::try_from(after.as_millis().div_ceil(1000))
            .unwrap_or(i32::MAX)
            .min(900);
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(seconds)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => Err(QueueError::new(aws::reason(&error))),
        }
    }
}
