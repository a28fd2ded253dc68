use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap};
use local_lambda::{function::Function, poller::Poller, sqs::Queue};
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinSet};

use crate::sample;

/// A queue that gives each message once, and remembers what was deleted.
#[derive(Default)]
struct Held {
    waiting: Mutex<VecDeque<String>>,
    deleted: Mutex<Vec<String>>,
    refuses: Mutex<bool>,
    sent: Notify,
}

struct Server {
    held: Arc<Held>,
    queue: Queue,
    _tasks: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::new(Held::default());
        let router = Router::new().fallback(sqs).with_state(Arc::clone(&held));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let queue = Queue::at(&url, &format!("{url}/123456789012/turns")).unwrap();
        Self {
            held,
            queue,
            _tasks: tasks,
        }
    }

    fn deleted(&self) -> Vec<String> {
        self.held.deleted.lock().unwrap().clone()
    }
}

async fn sqs(
    State(held): State<Arc<Held>>,
    headers: HeaderMap,
    body: String,
) -> Result<Json<Value>, axum::http::StatusCode> {
    let request: Value = serde_json::from_str(&body).unwrap();
    assert!(
        request["QueueUrl"]
            .as_str()
            .unwrap()
            .ends_with("/123456789012/turns")
    );
    assert_eq!(headers["content-type"], "application/x-amz-json-1.0");
    if *held.refuses.lock().unwrap() {
        return Err(axum::http::StatusCode::SERVICE_UNAVAILABLE);
    }
    let answer = match headers["x-amz-target"].to_str().unwrap() {
        "AmazonSQS.SendMessage" => {
            let message = request["MessageBody"].as_str().unwrap().to_owned();
            held.waiting.lock().unwrap().push_back(message.clone());
            held.sent.notify_one();
            json!({ "MessageId": format!("id-{message}") })
        }
        "AmazonSQS.ReceiveMessage" => {
            assert_eq!(request["MaxNumberOfMessages"], 1);
            let wait = Duration::from_secs(request["WaitTimeSeconds"].as_u64().unwrap());
            let next = || held.waiting.lock().unwrap().pop_front();
            let mut message = next();
            if message.is_none() {
                let _ = tokio::time::timeout(wait, held.sent.notified()).await;
                message = next();
            }
            json!({ "Messages": message.into_iter().map(received).collect::<Vec<_>>() })
        }
        "AmazonSQS.DeleteMessage" => {
            let handle = request["ReceiptHandle"].as_str().unwrap().to_owned();
            held.deleted.lock().unwrap().push(handle);
            Value::Null
        }
        other => panic!("{other}"),
    };
    Ok(Json(answer))
}

fn received(body: String) -> Value {
    json!({
        "MessageId": format!("id-{body}"),
        "ReceiptHandle": format!("handle-{body}"),
        "Body": body,
        "MD5OfBody": "md5",
        "Attributes": { "ApproximateReceiveCount": "1" },
        "MessageAttributes": { "trace": { "StringValue": "t", "DataType": "String" } },
    })
}

fn function() -> Function {
    Function::new(sample(Duration::from_mins(1)), 2)
}

#[tokio::test]
async fn what_the_function_has_done_is_deleted() {
    let server = Server::start().await;
    let function = function();
    let poller = Poller::start(function.clone(), server.queue.clone(), 2);
    for message in ["one", "leave", "fail", "two"] {
        let id = server.queue.send(message).await.unwrap();
        assert_eq!(id, format!("id-{message}"));
    }
    let counts = poller
        .until(|counts| counts.received == 4 && counts.in_flight() == 0)
        .await;
    assert_eq!((counts.deleted, counts.failed, counts.errors), (2, 2, 0));
    let mut deleted = server.deleted();
    deleted.sort();
    assert_eq!(deleted, ["handle-one", "handle-two"]);
}

#[tokio::test]
async fn the_event_is_the_one_of_sqs() {
    let server = Server::start().await;
    let function = function();
    let poller = Poller::start(function.clone(), server.queue.clone(), 1);
    server.queue.send("안녕").await.unwrap();
    poller.until(|counts| counts.deleted == 1).await;
    let output = function.output();
    let (_, record) = output.split_once("record ").unwrap();
    let record: Value = serde_json::from_str(record.lines().next().unwrap()).unwrap();
    let expected = json!({
        "messageId": "id-안녕",
        "receiptHandle": "handle-안녕",
        "body": "안녕",
        "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": { "trace": {
            "stringValue": "t",
            "binaryValue": null,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        } },
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:ap-northeast-2:123456789012:turns",
        "awsRegion": "ap-northeast-2",
    });
    assert_eq!(record, expected);
}

#[tokio::test]
async fn a_paused_poller_receives_nothing() {
    let server = Server::start().await;
    let poller = Poller::start(function(), server.queue.clone(), 2);
    poller.pause().await;
    poller.pause().await;
    server.queue.send("one").await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(poller.counts().received, 0);
    poller.resume();
    poller.until(|counts| counts.deleted == 1).await;
}

#[tokio::test]
async fn a_server_that_refuses_is_asked_again() {
    let server = Server::start().await;
    *server.held.refuses.lock().unwrap() = true;
    let poller = Poller::start(function(), server.queue.clone(), 1);
    poller.until(|counts| counts.errors > 1).await;
    assert!(poller.last_error().unwrap().contains("503"));
    *server.held.refuses.lock().unwrap() = false;
    server.queue.send("one").await.unwrap();
    poller.until(|counts| counts.deleted == 1).await;
}
