//! A small client for an SQS-compatible server, in the JSON protocol and without a signature that
//! anybody checks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::{
    REGION,
    machine::{alone_with_sqs, http_client},
};

/// A server that plays many services reads from this header which one is meant.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/ap-northeast-2/sqs/aws4_request, \
    SignedHeaders=host, Signature=none";

/// One queue on one server.
#[derive(Clone)]
pub struct Queue {
    endpoint: String,
    /// As the server names it. Requests go to the endpoint, whatever host is in here.
    pub url: String,
    client: reqwest::Client,
}

/// A received message, which nobody else receives until its visibility timeout is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub receipt_handle: String,
    pub body: String,
    pub md5_of_body: String,
    /// The server's: `ApproximateReceiveCount`, `SentTimestamp`, …
    pub attributes: Map<String, Value>,
    /// The sender's, as SQS writes them.
    pub message_attributes: Map<String, Value>,
}

/// How many messages the queue has, waiting to be received and received but not deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    pub visible: u64,
    pub in_flight: u64,
    pub delayed: u64,
}

/// How long a receive that got nothing waits before it asks again.
const PAUSE: Duration = Duration::from_millis(50);

impl Queue {
    /// A queue that exists.
    pub fn at(endpoint: &str, url: &str) -> Result<Self> {
        Ok(Self {
            endpoint: endpoint.to_owned(),
            url: url.to_owned(),
            client: http_client()?,
        })
    }

    /// Creates a queue, with attributes such as `VisibilityTimeout` and `RedrivePolicy`.
    pub async fn create(endpoint: &str, name: &str, attributes: &[(&str, &str)]) -> Result<Self> {
        let mut queue = Self::at(endpoint, "")?;
        let attributes: Map<String, Value> = attributes
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.into()))
            .collect();
        let request = json!({ "QueueName": name, "Attributes": attributes });
        let created = queue.call("CreateQueue", request).await?;
        queue.url = text(&created, "QueueUrl")?;
        Ok(queue)
    }

    /// Creates a queue whose messages go to `dead` after so many receives.
    pub async fn create_with_dead_letters(
        endpoint: &str,
        name: &str,
        dead: &Self,
        max_receives: u32,
        attributes: &[(&str, &str)],
    ) -> Result<Self> {
        let policy = json!({
            "deadLetterTargetArn": dead.arn(),
            "maxReceiveCount": max_receives,
        })
        .to_string();
        let mut all = attributes.to_vec();
        all.push(("RedrivePolicy", &policy));
        Self::create(endpoint, name, &all).await
    }

    /// The queue's ARN, in [`REGION`].
    pub fn arn(&self) -> String {
        let mut parts = self.url.rsplit('/');
        let name = parts.next().unwrap_or_default();
        let account = parts.next().unwrap_or_default();
        format!("arn:aws:sqs:{REGION}:{account}:{name}")
    }

    /// Sends a message and returns its id.
    pub async fn send(&self, body: &str) -> Result<String> {
        let request = json!({ "QueueUrl": self.url, "MessageBody": body });
        text(&self.call("SendMessage", request).await?, "MessageId")
    }

    /// Up to `max` (10 at most) messages; waits for the first up to `wait` seconds. They are
    /// invisible for `visibility` seconds, or as long as the queue is set up for.
    pub async fn receive(
        &self,
        max: u32,
        wait: u32,
        visibility: Option<u32>,
    ) -> Result<Vec<Message>> {
        let mut request = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": max,
            // Long polling would keep everybody else waiting: see `alone_with_sqs`.
            "WaitTimeSeconds": 0,
            "AttributeNames": ["All"],
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        if let (Some(visibility), Some(request)) = (visibility, request.as_object_mut()) {
            request.insert("VisibilityTimeout".to_owned(), visibility.into());
        }
        let until = Instant::now() + Duration::from_secs(wait.into());
        loop {
            let received = self.call("ReceiveMessage", request.clone()).await?;
            let messages = received.get("Messages").and_then(Value::as_array);
            if messages.is_some_and(|messages| !messages.is_empty()) || Instant::now() >= until {
                return messages.into_iter().flatten().map(Message::parse).collect();
            }
            sleep(PAUSE).await;
        }
    }

    pub async fn delete(&self, receipt_handle: &str) -> Result<()> {
        let request = json!({ "QueueUrl": self.url, "ReceiptHandle": receipt_handle });
        self.call("DeleteMessage", request).await.map(drop)
    }

    /// All attributes of the queue.
    pub async fn attributes(&self) -> Result<Map<String, Value>> {
        let request = json!({ "QueueUrl": self.url, "AttributeNames": ["All"] });
        let answer = self.call("GetQueueAttributes", request).await?;
        let attributes = answer.get("Attributes").and_then(Value::as_object);
        attributes.cloned().context("no attributes")
    }

    pub async fn depth(&self) -> Result<Depth> {
        let attributes = self.attributes().await?;
        let number = |name: &str| -> Result<u64> {
            let value = attributes.get(name).with_context(|| format!("no {name}"))?;
            let text = value
                .as_str()
                .with_context(|| format!("{name} is {value}"))?;
            Ok(text.parse()?)
        };
        Ok(Depth {
            visible: number("ApproximateNumberOfMessages")?,
            in_flight: number("ApproximateNumberOfMessagesNotVisible")?,
            delayed: number("ApproximateNumberOfMessagesDelayed")?,
        })
    }

    async fn call(&self, operation: &str, request: Value) -> Result<Value> {
        let _alone = alone_with_sqs().await;
        let answer = self
            .client
            .post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .header("authorization", AUTHORIZATION)
            .body(request.to_string())
            .send()
            .await
            .with_context(|| operation.to_owned())?;
        let (status, body) = (answer.status(), answer.bytes().await?);
        if !status.is_success() {
            bail!("{operation}: {status} {}", String::from_utf8_lossy(&body));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).with_context(|| operation.to_owned())
    }
}

impl Message {
    fn parse(message: &Value) -> Result<Self> {
        let map = |name: &str| message.get(name).and_then(Value::as_object).cloned();
        Ok(Self {
            id: text(message, "MessageId")?,
            receipt_handle: text(message, "ReceiptHandle")?,
            body: text(message, "Body")?,
            md5_of_body: text(message, "MD5OfBody")?,
            attributes: map("Attributes").unwrap_or_default(),
            message_attributes: map("MessageAttributes").unwrap_or_default(),
        })
    }
}

fn text(value: &Value, name: &str) -> Result<String> {
    let found = value.get(name).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .with_context(|| format!("no {name}"))
}
