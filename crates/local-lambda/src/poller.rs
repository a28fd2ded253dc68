//! SQS's event source mapping: receives one message at a time, gives it to the function, and
//! deletes it once the function is done with it.
//!
//! A message stays in the queue when the invocation failed or its id is in `batchItemFailures`; it
//! comes again when its visibility timeout is over.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio::{
    sync::{Notify, OwnedRwLockWriteGuard, RwLock},
    task::JoinSet,
    time::sleep,
};

use crate::{
    REGION,
    function::Function,
    machine::lock,
    sqs::{Message, Queue},
};

/// How long a receiver that got nothing waits before it asks again. It asks without long polling,
/// during which the server would keep everybody else waiting.
const PAUSE: Duration = Duration::from_millis(200);

/// What has happened to the messages since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub received: u64,
    /// Done with, and deleted.
    pub deleted: u64,
    /// Left in the queue, or perhaps in it because the delete failed.
    pub failed: u64,
    /// Receives and deletes that the server refused.
    pub errors: u64,
}

impl Counts {
    /// Received, and neither deleted nor left in the queue yet.
    pub fn in_flight(self) -> u64 {
        self.received - self.deleted - self.failed
    }
}

/// A running event source mapping; it stops when dropped, and the messages it works on stay in the
/// queue.
pub struct Poller {
    shared: Arc<Shared>,
    paused: Mutex<Option<OwnedRwLockWriteGuard<()>>>,
    _tasks: JoinSet<()>,
}

struct Shared {
    function: Function,
    queue: Queue,
    /// Held while a message is being received.
    receiving: Arc<RwLock<()>>,
    counts: Mutex<Counts>,
    last_error: Mutex<Option<String>>,
    changed: Notify,
}

impl Poller {
    /// Works on up to `concurrency` messages at once.
    pub fn start(function: Function, queue: Queue, concurrency: usize) -> Self {
        let shared = Arc::new(Shared {
            function,
            queue,
            receiving: Arc::default(),
            counts: Mutex::default(),
            last_error: Mutex::default(),
            changed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..concurrency {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move { shared.work().await });
        }
        Self {
            shared,
            paused: Mutex::default(),
            _tasks: tasks,
        }
    }

    /// Receives nothing more once this returns; what was received before is still worked on.
    pub async fn pause(&self) {
        let receiving = Arc::clone(&self.shared.receiving);
        let is_paused = lock(&self.paused).is_some();
        if !is_paused {
            let guard = receiving.write_owned().await;
            *lock(&self.paused) = Some(guard);
        }
    }

    pub fn resume(&self) {
        lock(&self.paused).take();
    }

    pub fn counts(&self) -> Counts {
        *lock(&self.shared.counts)
    }

    /// Why the server last refused something.
    pub fn last_error(&self) -> Option<String> {
        lock(&self.shared.last_error).clone()
    }

    /// Waits until the counts satisfy the condition.
    pub async fn until(&self, condition: impl Fn(Counts) -> bool) -> Counts {
        loop {
            let changed = self.shared.changed.notified();
            let counts = self.counts();
            if condition(counts) {
                return counts;
            }
            changed.await;
        }
    }
}

impl Shared {
    async fn work(&self) {
        loop {
            let received = {
                let _receiving = self.receiving.read().await;
                let received = self.queue.receive(1, 0, None).await;
                let messages = received.as_ref().map_or(0, Vec::len);
                self.count(|counts| counts.received += messages as u64);
                received
            };
            match received {
                Ok(messages) if messages.is_empty() => sleep(PAUSE).await,
                Ok(messages) => {
                    for message in messages {
                        self.deliver(&message).await;
                    }
                }
                Err(error) => {
                    self.refused(&error);
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn deliver(&self, message: &Message) {
        let answer = self
            .function
            .invoke(event(message, &self.queue.arn()))
            .await;
        let is_done = answer.is_ok_and(|answer| !has_failures(&answer));
        if !is_done {
            return self.count(|counts| counts.failed += 1);
        }
        match self.queue.delete(&message.receipt_handle).await {
            Ok(()) => self.count(|counts| counts.deleted += 1),
            Err(error) => {
                self.refused(&error);
                self.count(|counts| counts.failed += 1);
            }
        }
    }

    fn refused(&self, error: &anyhow::Error) {
        *lock(&self.last_error) = Some(format!("{error:#}"));
        self.count(|counts| counts.errors += 1);
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut lock(&self.counts));
        self.changed.notify_waiters();
    }
}

/// Whether the message has failed: in a batch of one, any entry in the list says so, even one that
/// names another message.
fn has_failures(answer: &Value) -> bool {
    match answer.get("batchItemFailures") {
        None | Some(Value::Null) => false,
        Some(failures) => failures.as_array().is_none_or(|all| !all.is_empty()),
    }
}

/// The event of one message, as the event source mapping writes it.
pub fn event(message: &Message, queue_arn: &str) -> Value {
    let attributes: Map<String, Value> = message
        .message_attributes
        .iter()
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect();
    json!({
        "Records": [{
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": message.attributes,
            "messageAttributes": attributes,
            "md5OfBody": message.md5_of_body,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": REGION,
        }]
    })
}

/// SQS says `StringValue` where Lambda says `stringValue`.
fn attribute(value: &Value) -> Value {
    let field = |name: &str| value.get(name).cloned().unwrap_or_default();
    json!({
        "stringValue": field("StringValue"),
        "binaryValue": field("BinaryValue"),
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": field("DataType"),
    })
}
