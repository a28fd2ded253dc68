//! Between a function and one dependency: writes down what passes, and misbehaves when told to.
//!
//! Requests and answers pass as they are, the `Host` header included; bodies are held in full.

mod aws;
mod gate;
mod seen;
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
use gate::Hold;
pub use gate::{Gate, When};
pub use seen::Seen;
use tokio::{sync::Notify, task::JoinSet, time::sleep};
use wire::{Cut, Wires};

use crate::machine::{alone_with_sqs, detached, http_client, lock, loopback};

const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How the dependency, or the way to it, misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    Pass,
    /// Passes everything on after this delay.
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
    /// Refuses every n-th request as throttled, with the service's own error, outside AWS with
    /// status 429; 1 is every request.
    Throttle { every: u32 },
    /// Refuses as a missing permission does, with the service's own error, outside AWS with status
    /// 403.
    Deny,
    /// Answers with this status and no body.
    Status(u16),
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

    /// Sets the fault of every operation that has none of its own.
    pub fn set(&self, fault: Fault) {
        lock(&self.inner.rules).all = Rule::of(fault);
    }

    /// Sets the fault of one operation or, outside AWS, of one method.
    pub fn set_for(&self, operation: &str, fault: Fault) {
        let mut rules = lock(&self.inner.rules);
        rules
            .of_operation
            .insert(operation.to_owned(), Rule::of(fault));
    }

    /// Everything passes again, except requests that hang already; gates stay.
    pub fn heal(&self) {
        *lock(&self.inner.rules) = Rules::default();
    }

    /// Holds the next request that matches. With [`When::After`] that may be one that has been
    /// passed on already.
    pub fn gate(&self, matching: impl Fn(&Seen) -> bool + Send + 'static, when: When) -> Gate {
        let (gate, hold) = gate::gate(Box::new(matching), when);
        lock(&self.inner.holds).push(hold);
        gate
    }

    /// The requests that have arrived, in order.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.inner.seen).clone()
    }

    /// The requests that have arrived since the last call.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.inner.seen))
    }

    /// How often this operation has arrived.
    pub fn count(&self, operation: &str) -> usize {
        let seen = lock(&self.inner.seen);
        seen.iter().filter(|it| it.operation == operation).count()
    }

    /// Waits until the requests that have arrived satisfy the condition.
    pub async fn until(&self, condition: impl Fn(&[Seen]) -> bool) {
        loop {
            let changed = self.inner.changed.notified();
            if condition(&lock(&self.inner.seen)) {
                return;
            }
            changed.await;
        }
    }

    /// The bodies of all requests and responses, except of requests that `take_seen` took.
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
                if count.is_multiple_of(every) {
                    self.fault
                } else {
                    Fault::Pass
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
        let is_sqs = target.is_some_and(|it| it.as_bytes().starts_with(b"AmazonSQS."));
        let _alone = if is_sqs {
            Some(alone_with_sqs().await)
        } else {
            None
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
        resources: if target.is_empty() {
            Vec::new()
        } else {
            aws::resources(&body)
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
    // Detached, so that the request arrives even if its sender is killed now.
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
        // The dependency cut the connection: so does the proxy.
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

/// The headers except those that are about one connection.
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
