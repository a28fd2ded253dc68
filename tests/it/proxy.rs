//! Between us and the tables: counts what passes, and misbehaves when told to.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use tokio::{
    net::TcpListener,
    sync::{Barrier, Notify},
    task::JoinSet,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// Answers no read before a second one has come: reads one after the other would wait for ever.
    PairReads,
    /// Never answers.
    Hang,
    /// Does what is asked, and loses the answer to the first try of each write.
    LoseFirstAnswers,
    /// Refuses every fifth request as throttled.
    Throttle,
}

struct Inner {
    target: String,
    client: reqwest::Client,
    mode: Mutex<Mode>,
    seen: Mutex<Vec<String>>,
    lost: Mutex<Vec<Vec<u8>>>,
    pair: Barrier,
    changed: Notify,
}

pub struct Proxy {
    pub url: String,
    inner: Arc<Inner>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// In front of an engine of its own.
    pub async fn start() -> Self {
        let mut tasks = JoinSet::new();
        let target = dari::engine::start(None, &mut tasks).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let inner = Arc::new(Inner {
            target,
            client,
            mode: Mutex::new(Mode::Pass),
            seen: Mutex::default(),
            lost: Mutex::default(),
            pair: Barrier::new(2),
            changed: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(forward)
            .with_state(Arc::clone(&inner));
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            inner,
            _tasks: tasks,
        }
    }

    pub fn set(&self, mode: Mode) {
        *self.inner.mode.lock().unwrap() = mode;
    }

    /// The operations since the last call.
    pub fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.seen.lock().unwrap())
    }

    /// Waits until this operation has been asked for so many times since the last [`Self::take_seen`].
    pub async fn until_seen(&self, operation: &str, times: usize) {
        loop {
            let changed = self.inner.changed.notified();
            let seen = self
                .inner
                .seen
                .lock()
                .unwrap()
                .iter()
                .filter(|seen| *seen == operation)
                .count();
            if seen >= times {
                return;
            }
            changed.await;
        }
    }

    /// Everything the engine holds.
    pub async fn dump(&self, table: &str) -> String {
        let client = shared::store::embedded_client(&self.inner.target).await;
        let scanned = client.scan().table_name(table).send().await.unwrap();
        format!("{:?}", scanned.items())
    }
}

async fn forward(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 10_000_000).await.unwrap().to_vec();
    let operation = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok()?.split('.').next_back())
        .unwrap_or_default()
        .to_owned();
    let count = {
        let mut seen = inner.seen.lock().unwrap();
        seen.push(operation.clone());
        seen.len()
    };
    inner.changed.notify_waiters();
    let mode = *inner.mode.lock().unwrap();
    let is_write =
        operation.contains("Put") || operation.contains("Write") || operation.contains("Delete");
    match mode {
        Mode::Hang => std::future::pending().await,
        Mode::PairReads if operation == "GetItem" => {
            inner.pair.wait().await;
        }
        Mode::Throttle if count.is_multiple_of(5) => return throttled(),
        _ => {}
    }
    let mut outgoing = inner
        .client
        .request(
            parts.method.clone(),
            format!("{}{}", inner.target, parts.uri),
        )
        .body(body.clone());
    for (name, value) in parts
        .headers
        .iter()
        .filter(|(name, _)| *name != "host" && *name != "content-length")
    {
        outgoing = outgoing.header(name, value);
    }
    let answer = outgoing.send().await.unwrap();
    if mode == Mode::LoseFirstAnswers && is_write {
        let mut lost = inner.lost.lock().unwrap();
        if !lost.contains(&body) {
            lost.push(body);
            return StatusCode::BAD_GATEWAY.into_response();
        }
    }
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != "transfer-encoding")
    {
        response = response.header(name, value);
    }
    response
        .body(Body::from(answer.bytes().await.unwrap()))
        .unwrap()
}

fn throttled() -> Response {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#;
    (
        StatusCode::BAD_REQUEST,
        [("content-type", "application/x-amz-json-1.0")],
        body,
    )
        .into_response()
}
