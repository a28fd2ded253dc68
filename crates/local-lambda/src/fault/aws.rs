//! As much of the AWS protocols as a proxy must know: what a request is about, and how each service
//! refuses.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// The names that an AWS request works on: tables, queue URLs and secrets, each once.
pub(super) fn resources(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut names = Vec::new();
    for name in ["TableName", "QueueUrl", "QueueName", "SecretId"] {
        names.extend(text(body.get(name)));
    }
    let items = body.get("TransactItems").and_then(Value::as_array);
    for part in items.into_iter().flatten().filter_map(Value::as_object) {
        names.extend(part.values().filter_map(|part| text(part.get("TableName"))));
    }
    let batch = body.get("RequestItems").and_then(Value::as_object);
    names.extend(batch.into_iter().flat_map(|tables| tables.keys().cloned()));
    names.sort();
    names.dedup();
    names
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

/// Whether the operation changes something; outside AWS the operation is the method.
pub(super) fn is_write(operation: &str) -> bool {
    const READS: [&str; 10] = [
        "Get",
        "BatchGet",
        "TransactGet",
        "Query",
        "Scan",
        "Describe",
        "List",
        "Receive",
        "HEAD",
        "OPTIONS",
    ];
    operation != "GET" && !READS.iter().any(|read| operation.starts_with(read))
}

pub(super) fn throttled(target: &str) -> Response {
    match service(target) {
        Service::Sqs => sqs_error("RequestThrottled", StatusCode::FORBIDDEN),
        Service::DynamoDb => json_error(
            "com.amazonaws.dynamodb.v20120810#ThrottlingException",
            StatusCode::BAD_REQUEST,
        ),
        Service::Other => json_error("ThrottlingException", StatusCode::BAD_REQUEST),
        Service::None => StatusCode::TOO_MANY_REQUESTS.into_response(),
    }
}

pub(super) fn denied(target: &str) -> Response {
    match service(target) {
        Service::Sqs => sqs_error("AccessDeniedException", StatusCode::FORBIDDEN),
        Service::DynamoDb => json_error(
            "com.amazon.coral.service#AccessDeniedException",
            StatusCode::BAD_REQUEST,
        ),
        Service::Other => json_error("AccessDeniedException", StatusCode::BAD_REQUEST),
        Service::None => StatusCode::FORBIDDEN.into_response(),
    }
}

enum Service {
    DynamoDb,
    Sqs,
    Other,
    None,
}

fn service(target: &str) -> Service {
    match target.split(['.', '_']).next().unwrap_or_default() {
        "" => Service::None,
        "DynamoDB" => Service::DynamoDb,
        "AmazonSQS" => Service::Sqs,
        _ => Service::Other,
    }
}

fn sqs_error(code: &str, status: StatusCode) -> Response {
    let mut response = json_error(&format!("com.amazonaws.sqs#{code}"), status);
    if let Ok(code) = format!("{code};Sender").parse() {
        response.headers_mut().insert("x-amzn-query-error", code);
    }
    response
}

fn json_error(kind: &str, status: StatusCode) -> Response {
    (
        status,
        [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amzn-requestid", "fault"),
        ],
        json!({ "__type": kind, "message": "the test wants it so" }).to_string(),
    )
        .into_response()
}
