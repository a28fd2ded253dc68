//! Between a function and one dependency: writes down what passes, and misbehaves when told to.
//!
//! Requests and answers pass as they are, the `Host` header included; bodies are held in full.

mod aws;
mod gate;
mod wire;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use tokio::{sync::Notify, task::JoinSet, time::sleep};

pub use gate::{Gate, When};

use gate::Hold;
use wire::{Cut, Wires};

use crate::machine::{alone_with_sqs, detached, http_client, lock, loopback};

const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How the dependency, or the way to it, misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    Pass,
    /// Passes everything on so much later.
    Latency(Duration),
    /// Takes requests and never answers, not even after another fault is set.
    Hang,
    /// Resets the connection, and the dependency never sees the request.
    Refuse,
    /// Does what is asked, and resets the connection instead of answering the first of each
    /// distinct write; the same bytes again are answered.
    LoseAnswers,
    /// Does what is asked, and resets the connection instead of answering.
    LoseAllAnswers,
    /// Refuses every n-th request as throttled, in the words of the service, 429 elsewhere; 1 is
    /// all.
    Throttle { every: u32 },
    /// Refuses as a missing permission does, in the words of the service, 403 elsewhere.
    Deny,
    /// Answers with this status and no body.
    Status(u16),
}

/// One request that has passed or was to pass.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    /// The AWS operation, such as `PutItem`; the method elsewhere.
    pub operation: String,
    /// With the query.
    pub path: String,
    /// What the AWS operation works on: table names, queue URL, secret.
    pub resources: Vec<String>,
    pub body: Bytes,
}

impl Seen {
    /// Whether it is this operation on something whose name ends so.
    pub fn is(&self, operation: &str, resource: &str) -> bool {
        let is_resource = |name: &String| name.ends_with(resource);
        self.operation == operation && self.resources.iter().any(is_resource)
    }

    /// Whether its body has this text.
    pub fn says(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}

/// A proxy that is up; it is taken down when dropped.
pub struct Proxy {
    /// Without a slash at the end.
    pub url: String,
    inner: Arc<Inner>,
    _tasks: JoinSet<()>,
}

struct Inner {
    target: String,
    client: reqwest::Client,
    rules: Mutex<Rules>,
    seen: Mutex<Vec<Seen>>,
    answers: Mutex<Vec<Bytes>>,
    lost: Mutex<HashSet<Bytes>>,
    holds: Mutex<Vec<Hold>>,
    changed: Notify,
}

#[derive(Default)]
struct Rules {
    all: Rule,
    of_operation: HashMap<String, Rule>,
}

#[derive(Default)]
struct Rule {
    fault: Fault,
    count: AtomicU32,
}

impl Proxy {
    /// In front of `http://host:port`.
    pub fn before(target: &str) -> Result<Self> {
        let (listener, address) = loopback()?;
        let inner = Arc::new(Inner {
            target: target.trim_end_matches('/').to_owned(),
            client: http_client()?,
            rules: Mutex::default(),
            seen: Mutex::default(),
            answers: Mutex::default(),
            lost: Mutex::default(),
            holds: Mutex::default(),
            changed: Notify::new(),
        });
        let service = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&inner))
            .into_make_service_with_connect_info::<Cut>();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let _ = axum::serve(Wires(listener), service).await;
        });
        Ok(Self {
            url: format!("http://{address}"),
            inner,
            _tasks: tasks,
        })
    }

    /// From now on, for every operation that has no fault of its own.
    pub fn set(&self, fault: Fault) {
        lock(&self.inner.rules).all = Rule::of(fault);
    }

    /// From now on, for one operation or, outside AWS, one method.
    pub fn set_for(&self, operation: &str, fault: Fault) {
        let mut rules = lock(&self.inner.rules);
        rules
            .of_operation
            .insert(operation.to_owned(), Rule::of(fault));
    }

    /// Everything passes again; what hangs stays so, and gates stay.
    pub fn heal(&self) {
        *lock(&self.inner.rules) = Rules::default();
    }

    /// Holds the next request that matches, which may be in flight already only for
    /// [`When::After`].
    pub fn gate(&self, matching: impl Fn(&Seen) -> bool + Send + 'static, when: When) -> Gate {
        let (gate, hold) = gate::gate(Box::new(matching), when);
        lock(&self.inner.holds).push(hold);
        gate
    }

    /// What has arrived, in its order.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.inner.seen).clone()
    }

    /// What has arrived since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.inner.seen))
    }

    /// How often this operation has arrived.
    pub fn count(&self, operation: &str) -> usize {
        let seen = lock(&self.inner.seen);
        seen.iter().filter(|it| it.operation == operation).count()
    }

    /// Waits until what has arrived satisfies the condition.
    pub async fn until(&self, condition: impl Fn(&[Seen]) -> bool) {
        loop {
            let changed = self.inner.changed.notified();
            if condition(&lock(&self.inner.seen)) {
                return;
            }
            changed.await;
        }
    }

    /// Every body that has passed, of requests and of answers, except what `take_seen` took.
    pub fn bodies(&self) -> Vec<Bytes> {
        let seen = lock(&self.inner.seen);
        let requests = seen.iter().map(|seen| seen.body.clone());
        requests
            .chain(lock(&self.inner.answers).iter().cloned())
            .collect()
    }
}

impl Rule {
    fn of(fault: Fault) -> Self {
        Self {
            fault,
            count: AtomicU32::new(0),
        }
    }

    /// What to do with the next request.
    fn next(&self) -> Fault {
        match self.fault {
            Fault::Throttle { every } => {
                let count = self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
                match count.is_multiple_of(every) {
                    true => self.fault,
                    false => Fault::Pass,
                }
            }
            fault => fault,
        }
    }
}

impl Inner {
    fn fault_for(&self, operation: &str) -> Fault {
        let rules = lock(&self.rules);
        rules
            .of_operation
            .get(operation)
            .unwrap_or(&rules.all)
            .next()
    }

    async fn hold(&self, seen: &Seen, when: When) {
        let hold = {
            let mut holds = lock(&self.holds);
            let matching = holds.iter_mut().position(|hold| hold.is_for(seen, when));
            let hold = matching.map(|index| holds.remove(index));
            holds.retain_mut(|hold| !hold.is_over());
            hold
        };
        if let Some(hold) = hold {
            hold.pass(seen.clone()).await;
        }
    }

    async fn forward(self: Arc<Self>, parts: Parts, body: Bytes) -> Result<Response> {
        let url = format!("{}{}", self.target, path(&parts));
        let target = parts.headers.get("x-amz-target");
        let _alone = match target.is_some_and(|it| it.as_bytes().starts_with(b"AmazonSQS.")) {
            true => Some(alone_with_sqs().await),
            false => None,
        };
        let answer = self
            .client
            .request(parts.method, url)
            .headers(end_to_end(&parts.headers))
            .body(body)
            .send()
            .await?;
        let (status, headers) = (answer.status(), end_to_end(answer.headers()));
        let body = answer.bytes().await?;
        lock(&self.answers).push(body.clone());
        Ok((status, headers, body).into_response())
    }
}

async fn handle(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let target = parts.headers.get("x-amz-target");
    let target = target.and_then(|it| it.to_str().ok());
    let target = target.unwrap_or_default().to_owned();
    let seen = Seen {
        at: Instant::now(),
        operation: match target.split('.').next_back() {
            None | Some("") => parts.method.to_string(),
            Some(operation) => operation.to_owned(),
        },
        path: path(&parts).to_owned(),
        resources: match target.is_empty() {
            true => Vec::new(),
            false => aws::resources(&body),
        },
        body: body.clone(),
    };
    lock(&inner.seen).push(seen.clone());
    inner.changed.notify_waiters();
    inner.hold(&seen, When::Before).await;
    let fault = inner.fault_for(&seen.operation);
    match fault {
        Fault::Latency(time) => sleep(time).await,
        Fault::Hang => std::future::pending().await,
        Fault::Refuse => return reset(&cut),
        Fault::Throttle { .. } => return aws::throttled(&target),
        Fault::Deny => return aws::denied(&target),
        Fault::Status(status) => return refused(status),
        Fault::Pass | Fault::LoseAnswers | Fault::LoseAllAnswers => {}
    }
    // What the sender has sent arrives, even if the sender is killed now.
    let forwarded = detached(Arc::clone(&inner).forward(parts, body.clone())).await;
    let answer = forwarded.context("the proxy has ended").flatten();
    inner.hold(&seen, When::After).await;
    let is_lost = match fault {
        Fault::LoseAllAnswers => true,
        Fault::LoseAnswers => aws::is_write(&seen.operation) && lock(&inner.lost).insert(body),
        _ => false,
    };
    match answer {
        _ if is_lost => reset(&cut),
        Ok(answer) => answer,
        // Whoever is behind us cut the connection: so do we.
        Err(_) => reset(&cut),
    }
}

fn reset(cut: &Cut) -> Response {
    cut.now();
    Response::new(Body::empty())
}

fn refused(status: u16) -> Response {
    StatusCode::from_u16(status)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

fn path(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |path| path.as_str())
}

/// Without the headers that are about one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const OF_CONNECTION: [HeaderName; 7] = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::EXPECT,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ];
    let mut headers = headers.clone();
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    headers
}
