use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap};
use local_lambda::{
    fault::{Fault, Gate, Proxy, When},
    sandbox::{Failed, Sandbox},
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::sample;

/// A dependency that counts what reaches it and answers with it.
struct Dependency {
    url: String,
    reached: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Dependency {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let reached = Arc::new(AtomicUsize::new(0));
        let router = Router::new()
            .fallback(echo)
            .with_state(Arc::clone(&reached));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            reached,
            _tasks: tasks,
        }
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

async fn echo(
    State(reached): State<Arc<AtomicUsize>>,
    headers: HeaderMap,
    body: Bytes,
) -> ([(&'static str, String); 1], Bytes) {
    reached.fetch_add(1, Ordering::SeqCst);
    let host = headers["host"].to_str().unwrap().to_owned();
    ([("x-host", host)], body)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn aws(proxy: &Proxy, target: &str, body: &str) -> reqwest::RequestBuilder {
    let request = client().post(&proxy.url).header("x-amz-target", target);
    request.body(body.to_owned())
}

fn put(proxy: &Proxy, n: u32) -> reqwest::RequestBuilder {
    let body = json!({ "TableName": "turns", "n": n }).to_string();
    aws(proxy, "DynamoDB_20120810.PutItem", &body)
}

fn is_reset(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return error.kind() == std::io::ErrorKind::ConnectionReset;
        }
        source = error.source();
    }
    false
}

async fn is_cut(request: reqwest::RequestBuilder) -> bool {
    is_reset(&request.send().await.unwrap_err())
}

#[tokio::test]
async fn everything_passes_as_it_is() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    let answer = put(&proxy, 1).send().await.unwrap();
    assert!(
        proxy
            .url
            .ends_with(answer.headers()["x-host"].to_str().unwrap())
    );
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"TableName":"turns","n":1}"#
    );
    let client = client();
    let get = client.get(format!("{}/a?b=c", proxy.url));
    assert_eq!(get.send().await.unwrap().status(), 200);
    let seen = proxy.seen();
    let said: Vec<_> = seen
        .iter()
        .map(|it| (it.operation.as_str(), it.path.as_str()))
        .collect();
    assert_eq!(said, [("PutItem", "/"), ("GET", "/a?b=c")]);
    assert!(seen[0].is("PutItem", "turns") && seen[0].says("\"n\":1"));
    let bodies = proxy.bodies();
    let with_n = bodies.iter().filter(|it| it.ends_with(b"\"n\":1}")).count();
    assert_eq!(with_n, 2, "the request's and the answer's");
    assert_eq!(proxy.take_seen().len(), 2);
    assert_eq!(proxy.count("PutItem"), 0);
}

#[tokio::test]
async fn requests_say_what_they_are_about() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    for (target, body, operation, resources) in [
        (
            "DynamoDB_20120810.TransactWriteItems",
            json!({ "TransactItems": [
                { "Put": { "TableName": "turns" } },
                { "Update": { "TableName": "access" } },
                { "Delete": { "TableName": "turns" } },
            ] }),
            "TransactWriteItems",
            vec!["access", "turns"],
        ),
        (
            "DynamoDB_20120810.BatchGetItem",
            json!({ "RequestItems": { "turns": {} } }),
            "BatchGetItem",
            vec!["turns"],
        ),
        (
            "AmazonSQS.SendMessage",
            json!({ "QueueUrl": "http://h/1/q", "MessageBody": "m" }),
            "SendMessage",
            vec!["http://h/1/q"],
        ),
        (
            "secretsmanager.GetSecretValue",
            json!({ "SecretId": "dari/config" }),
            "GetSecretValue",
            vec!["dari/config"],
        ),
    ] {
        aws(&proxy, target, &body.to_string()).send().await.unwrap();
        let seen = proxy.take_seen().remove(0);
        assert_eq!(seen.operation, operation);
        assert_eq!(seen.resources, resources);
    }
}

#[tokio::test]
async fn refused_requests_never_arrive() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    proxy.set(Fault::Refuse);
    assert!(is_cut(put(&proxy, 1)).await);
    proxy.set(Fault::Status(503));
    assert_eq!(put(&proxy, 1).send().await.unwrap().status(), 503);
    assert_eq!(dependency.reached(), 0);
    proxy.heal();
    assert_eq!(put(&proxy, 1).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_lost_answer_was_done_and_the_same_again_is_answered() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    proxy.set(Fault::LoseAnswers);
    for n in [1, 2] {
        assert!(is_cut(put(&proxy, n)).await);
        assert_eq!(put(&proxy, n).send().await.unwrap().status(), 200);
    }
    assert_eq!(dependency.reached(), 4);
    let read = aws(&proxy, "DynamoDB_20120810.GetItem", "{}");
    assert_eq!(read.send().await.unwrap().status(), 200);
    let read = client().get(&proxy.url);
    assert_eq!(read.send().await.unwrap().status(), 200);

    proxy.set(Fault::LoseAllAnswers);
    assert!(is_cut(put(&proxy, 1)).await);
    assert!(is_cut(client().get(&proxy.url)).await);
    assert_eq!(dependency.reached(), 8);
}

#[tokio::test]
async fn a_hung_or_late_dependency_answers_nothing_in_time() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    proxy.set(Fault::Hang);
    let short = put(&proxy, 1).timeout(Duration::from_millis(200));
    assert!(short.send().await.unwrap_err().is_timeout());
    assert_eq!(dependency.reached(), 0);

    proxy.set(Fault::Latency(Duration::from_millis(200)));
    let before = Instant::now();
    put(&proxy, 1).send().await.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_fault_may_be_for_one_operation() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    proxy.set_for("GetItem", Fault::Status(500));
    let get = aws(&proxy, "DynamoDB_20120810.GetItem", "{}");
    assert_eq!(get.send().await.unwrap().status(), 500);
    assert_eq!(put(&proxy, 1).send().await.unwrap().status(), 200);
    proxy.set_for("GET", Fault::Deny);
    assert_eq!(client().get(&proxy.url).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn every_nth_request_is_throttled_in_the_words_of_its_service() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    proxy.set(Fault::Throttle { every: 3 });
    let mut statuses = Vec::new();
    for n in 0..6 {
        let answer = put(&proxy, n).send().await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 400, 200, 200, 400]);

    proxy.set(Fault::Throttle { every: 1 });
    for (target, status, code) in [
        ("DynamoDB_20120810.PutItem", 400, "#ThrottlingException"),
        ("AmazonSQS.SendMessage", 403, "#RequestThrottled"),
        ("secretsmanager.GetSecretValue", 400, "ThrottlingException"),
    ] {
        let answer = aws(&proxy, target, "{}").send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(answer.text().await.unwrap().contains(code), "{target}");
    }
    let answer = client().get(&proxy.url).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    proxy.set(Fault::Deny);
    for target in ["DynamoDB_20120810.X", "AmazonSQS.X", "secretsmanager.X"] {
        let answer = aws(&proxy, target, "{}").send().await.unwrap();
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("AccessDeniedException")
        );
    }
}

async fn held(proxy: &Proxy, gate: &Gate) -> tokio::task::JoinHandle<reqwest::Result<u16>> {
    let request = put(proxy, 1);
    let held = tokio::spawn(async { Ok(request.send().await?.status().as_u16()) });
    assert!(gate.reached().await.is("PutItem", "turns"));
    held
}

#[tokio::test]
async fn a_gate_before_holds_what_has_not_been_done() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    let gate = proxy.gate(|seen| seen.is("PutItem", "turns"), When::Before);
    assert!(!gate.is_reached());
    assert_eq!(client().get(&proxy.url).send().await.unwrap().status(), 200);
    let request = held(&proxy, &gate).await;
    assert!(gate.is_reached());
    assert_eq!(dependency.reached(), 1);
    assert_eq!(
        put(&proxy, 1).send().await.unwrap().status(),
        200,
        "a gate holds one"
    );
    gate.release();
    assert_eq!(request.await.unwrap().unwrap(), 200);
    assert_eq!(dependency.reached(), 3);
}

#[tokio::test]
async fn a_gate_after_holds_what_has_been_done() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    let gate = proxy.gate(|seen| seen.is("PutItem", "turns"), When::After);
    let request = held(&proxy, &gate).await;
    assert_eq!(dependency.reached(), 1);
    assert!(!request.is_finished());
    gate.release();
    assert_eq!(request.await.unwrap().unwrap(), 200);
    assert_eq!(dependency.reached(), 1);
}

#[tokio::test]
async fn what_is_dropped_at_a_gate_never_arrives() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    let gate = proxy.gate(|_| true, When::Before);
    let held = held(&proxy, &gate).await;
    gate.drop_it();
    held.abort();
    let unused = proxy.gate(|_| true, When::Before);
    drop(unused);
    assert_eq!(put(&proxy, 1).send().await.unwrap().status(), 200);
    assert_eq!(dependency.reached(), 1);
}

#[tokio::test]
async fn a_process_can_be_killed_at_a_gate() {
    let dependency = Dependency::start().await;
    let proxy = Proxy::before(&dependency.url).unwrap();
    for (when, reached) in [(When::Before, 0), (When::After, 1)] {
        let gate = proxy.gate(|seen| seen.operation == "GET", when);
        let sandbox = Sandbox::start(&sample(Duration::from_mins(1))).unwrap();
        let host = proxy.url.trim_start_matches("http://");
        let event = json!({ "do": "get", "host": host });
        let kill = async {
            gate.reached().await;
            sandbox.kill();
        };
        let (failed, ()) = tokio::join!(sandbox.invoke(event), kill);
        assert_eq!(failed, Err(Failed::Died("killed".to_owned())));
        assert_eq!(dependency.reached(), reached);
    }
}

#[tokio::test]
async fn many_at_once_pass() {
    let dependency = Dependency::start().await;
    let proxy = Arc::new(Proxy::before(&dependency.url).unwrap());
    let client = client();
    let mut requests = JoinSet::new();
    for _ in 0..100 {
        let request = client.get(&proxy.url);
        requests.spawn(async { request.send().await.unwrap().status().as_u16() });
    }
    assert_eq!(requests.join_all().await, [200; 100]);
    proxy.until(|seen| seen.len() == 100).await;
    assert_eq!(dependency.reached(), 100);
}
