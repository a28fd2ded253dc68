//! The turn queue of `dari dev` behind the protocol of SQS, for functions that run beside it
//! (`cargo lambda watch`). It knows only the actions that functions use.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    keys::random_id,
    queue::{LocalTurnQueue, TurnQueue},
    turn::TurnRef,
};

/// Path of the queue.
pub const QUEUE: &str = "/sqs/turns";

const MAX_DELAY_SECONDS: u64 = 900;
const JSON: [(header::HeaderName, &str); 1] =
    [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];

/// Some clients send to the endpoint, which is the beginning of the queue's address, and some to
/// the queue.
pub(crate) fn router(queue: LocalTurnQueue) -> Router {
    Router::new()
        .route("/sqs", post(answer))
        .route("/sqs/", post(answer))
        .route(QUEUE, post(answer))
        .with_state(queue)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    queue_url: String,
    message_body: Option<String>,
    delay_seconds: Option<u64>,
}

/// One of the errors of SQS, and why it is given.
struct Refusal(Fault, String);

#[derive(Clone, Copy)]
enum Fault {
    NoTurn,
    NoSuchQueue,
    Malformed,
    Unsupported,
    Failed,
}

impl Fault {
    /// The name in JSON, and the older name, which clients use if both are given.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::NoTurn => ("InvalidMessageContents", "InvalidMessageContents"),
            Self::NoSuchQueue => (
                "QueueDoesNotExist",
                "AWS.SimpleQueueService.NonExistentQueue",
            ),
            Self::Malformed => ("InvalidParameterValueException", "InvalidParameterValue"),
            Self::Unsupported => (
                "UnsupportedOperation",
                "AWS.SimpleQueueService.UnsupportedOperation",
            ),
            Self::Failed => ("RequestThrottled", "RequestThrottled"),
        }
    }
}

async fn answer(State(queue): State<LocalTurnQueue>, headers: HeaderMap, body: Bytes) -> Response {
    let action = headers.get("x-amz-target");
    let action = action.and_then(|action| action.to_str().ok());
    match act(&queue, action.unwrap_or_default(), &body).await {
        Ok(answer) => (JSON, answer.to_string()).into_response(),
        Err(Refusal(fault, message)) => {
            let (name, older_name) = fault.names();
            let answer =
                json!({ "__type": format!("com.amazonaws.sqs#{name}"), "message": message });
            let older = [("x-amzn-query-error", format!("{older_name};Sender"))];
            (StatusCode::BAD_REQUEST, JSON, older, answer.to_string()).into_response()
        }
    }
}

async fn act(queue: &LocalTurnQueue, action: &str, body: &[u8]) -> Result<Value, Refusal> {
    let is_known = matches!(
        action,
        "AmazonSQS.SendMessage" | "AmazonSQS.GetQueueAttributes"
    );
    if !is_known {
        let message = format!("`dari dev` does not do {action:?}");
        return Err(Refusal(Fault::Unsupported, message));
    }
    let request: Request = serde_json::from_slice(body)
        .map_err(|error| Refusal(Fault::Malformed, error.to_string()))?;
    if !request.queue_url.ends_with(QUEUE) {
        let message = format!("`dari dev` has one queue, {QUEUE}");
        return Err(Refusal(Fault::NoSuchQueue, message));
    }
    match action {
        "AmazonSQS.SendMessage" => send(queue, request).await,
        _ => Ok(json!({ "Attributes": { "QueueArn": "arn:aws:sqs:local:000000000000:turns" } })),
    }
}

async fn send(queue: &LocalTurnQueue, request: Request) -> Result<Value, Refusal> {
    let body = request.message_body.unwrap_or_default();
    let turn = TurnRef::from_body(&body)
        .map_err(|error| Refusal(Fault::NoTurn, format!("no turn: {error}")))?;
    let delay = request.delay_seconds.unwrap_or_default();
    if delay > MAX_DELAY_SECONDS {
        let message = format!("DelaySeconds is at most {MAX_DELAY_SECONDS}");
        return Err(Refusal(Fault::Malformed, message));
    }
    let failed = |error: &dyn std::error::Error| Refusal(Fault::Failed, error.to_string());
    queue
        .send(&turn, Duration::from_secs(delay))
        .await
        .map_err(|error| failed(&error))?;
    let id = random_id().map_err(|error| failed(&error))?;
    Ok(json!({ "MessageId": id }))
}
