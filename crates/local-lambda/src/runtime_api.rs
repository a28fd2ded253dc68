//! The Lambda Runtime API that one process sees, and where that process stands.
//!
//! The process asks for events and answers them over HTTP; everything it may do next follows from
//! the [`State`] here. Signals are sent under its lock, so none reaches a process between events
//! that has just been given one.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Path, State as AxumState},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use crate::{
    failed::Failed,
    machine::{epoch_millis, lock},
};

/// What a function may answer: 6 MB on Lambda.
const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

pub(crate) struct Runtime {
    pub(crate) pid: Pid,
    pub(crate) arn: String,
    pub(crate) timeout: Duration,
    pub(crate) freezes: bool,
    /// Just before the process was started.
    pub(crate) exec: Instant,
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Notify,
}

pub(crate) struct State {
    pub(crate) life: Life,
    pub(crate) event: Option<Event>,
    pub(crate) first_poll: Option<Instant>,
    pub(crate) first_answer: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Has not asked for an event yet.
    Starting,
    Ready,
    /// Takes no event any more, for this reason, and may not have exited yet.
    Ending(String),
    Gone(String),
}

/// What the process works on, or will when it next asks.
pub(crate) struct Event {
    pub(crate) id: String,
    payload: Bytes,
    is_handed_out: bool,
    answer: oneshot::Sender<Result<Value, Failed>>,
}

impl Event {
    pub(crate) fn new(payload: &Value) -> (Self, oneshot::Receiver<Result<Value, Failed>>) {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let seconds = epoch_millis() / 1000;
        let (answer, answered) = oneshot::channel();
        let event = Self {
            id: format!("{seconds:08x}-0000-4000-8000-{count:012x}"),
            payload: payload.to_string().into(),
            is_handed_out: false,
            answer,
        };
        (event, answered)
    }
}

impl State {
    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.life, Life::Starting | Life::Ready)
    }
}

impl Runtime {
    pub(crate) fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(self))
    }

    /// Sends the signal. A process that has just exited is no error here; `gone` tells those who
    /// wait.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
    }

    /// Thaws the process and gives it the event; an error if it takes no events any more.
    pub(crate) fn offer(&self, event: Event) -> Result<(), Failed> {
        let mut state = lock(&self.state);
        if let Life::Ending(why) | Life::Gone(why) = &state.life {
            return Err(Failed::ended(state.first_poll.is_some(), why.clone()));
        }
        state.event = Some(event);
        if self.freezes {
            self.signal(Signal::CONT);
        }
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Kills the process; true if it had not ended already.
    pub(crate) fn kill(&self, why: &str) -> bool {
        self.kill_if(why, State::is_alive)
    }

    /// Kills the process if it still works on this event.
    pub(crate) fn kill_in(&self, event: &str, why: &str) -> bool {
        self.kill_if(why, |state| {
            state.is_alive() && state.event.as_ref().is_some_and(|it| it.id == event)
        })
    }

    fn kill_if(&self, why: &str, condition: impl Fn(&State) -> bool) -> bool {
        let mut state = lock(&self.state);
        let is_alive = condition(&state);
        if is_alive {
            state.life = Life::Ending(why.to_owned());
            self.signal(Signal::KILL);
        }
        drop(state);
        self.changed.notify_waiters();
        is_alive
    }

    /// Records that the process has exited; a reason recorded before wins over the status.
    pub(crate) fn gone(&self, status: String) {
        let mut state = lock(&self.state);
        let why = match &state.life {
            Life::Ending(why) | Life::Gone(why) => why.clone(),
            Life::Starting | Life::Ready => status,
        };
        state.life = Life::Gone(why.clone());
        if let Some(event) = state.event.take() {
            let _ = event
                .answer
                .send(Err(Failed::ended(state.first_poll.is_some(), why)));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Waits until `answer` finds one in the state.
    pub(crate) async fn until<T>(&self, answer: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            if let Some(answer) = answer(&lock(&self.state)) {
                return answer;
            }
            changed.await;
        }
    }

    fn first_poll(&self) {
        let mut state = lock(&self.state);
        if state.life == Life::Starting {
            state.life = Life::Ready;
            state.first_poll = Some(Instant::now());
            if self.freezes && state.event.is_none() {
                self.signal(Signal::STOP);
            }
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn hand_out(&self) -> Option<(String, Bytes)> {
        let mut state = lock(&self.state);
        let event = state.event.as_mut().filter(|event| !event.is_handed_out)?;
        event.is_handed_out = true;
        Some((event.id.clone(), event.payload.clone()))
    }

    /// Takes the answer. The process is frozen before it learns that its answer was taken.
    fn answered(&self, id: &str, answer: Result<Value, Failed>) -> bool {
        let mut state = lock(&self.state);
        let is_due = state
            .event
            .as_ref()
            .is_some_and(|event| event.id == id && event.is_handed_out);
        if state.life != Life::Ready || !is_due {
            return false;
        }
        state.first_answer.get_or_insert_with(Instant::now);
        if self.freezes {
            self.signal(Signal::STOP);
        }
        let event = state.event.take();
        drop(state);
        if let Some(event) = event {
            let _ = event.answer.send(answer);
        }
        true
    }
}

async fn next(AxumState(runtime): AxumState<Arc<Runtime>>) -> Response {
    runtime.first_poll();
    let (id, payload) = loop {
        let changed = runtime.changed.notified();
        if let Some(event) = runtime.hand_out() {
            break event;
        }
        changed.await;
    };
    let limit = u64::try_from(runtime.timeout.as_millis()).unwrap_or(u64::MAX);
    let deadline = epoch_millis().saturating_add(limit);
    (
        [
            ("content-type", "application/json".to_owned()),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            ("lambda-runtime-invoked-function-arn", runtime.arn.clone()),
            (
                "lambda-runtime-trace-id",
                format!("Root=1-{};Sampled=0", id.replace('-', "")),
            ),
            ("lambda-runtime-aws-request-id", id),
        ],
        payload,
    )
        .into_response()
}

async fn response(
    AxumState(runtime): AxumState<Arc<Runtime>>,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let Ok(body) = to_bytes(body, ANSWER_LIMIT).await else {
        let too_large = Failed::error("Function.ResponseSizeTooLarge", "more than 6 MB");
        runtime.answered(&id, Err(too_large));
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let answer = if body.is_empty() {
        Ok(Value::Null)
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Failed::error("Runtime.MarshalError", &format!("not JSON: {error}")))
    };
    acknowledged(runtime.answered(&id, answer))
}

async fn error(
    AxumState(runtime): AxumState<Arc<Runtime>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (kind, message) = diagnostic(&headers, &body);
    acknowledged(runtime.answered(&id, Err(Failed::Error { kind, message })))
}

/// The process says why it cannot start, and exits. It is not killed, because it may still be
/// logging the reason.
async fn init_error(
    AxumState(runtime): AxumState<Arc<Runtime>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (kind, message) = diagnostic(&headers, &body);
    let mut state = lock(&runtime.state);
    let is_starting = state.life == Life::Starting;
    if is_starting {
        state.life = Life::Ending(format!("{kind}: {message}"));
    }
    drop(state);
    acknowledged(is_starting)
}

fn diagnostic(headers: &HeaderMap, body: &[u8]) -> (String, String) {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let header = headers
        .get("lambda-runtime-function-error-type")
        .and_then(|value| value.to_str().ok());
    let kind = text("errorType").or_else(|| header.map(str::to_owned));
    (
        kind.unwrap_or_else(|| "Unknown".to_owned()),
        text("errorMessage").unwrap_or_default(),
    )
}

fn acknowledged(is_expected: bool) -> Response {
    let (status, body) = if is_expected {
        (StatusCode::ACCEPTED, json!({ "status": "OK" }))
    } else {
        let error = json!({
            "errorType": "InvalidRequestID",
            "errorMessage": "Invalid request ID",
        });
        (StatusCode::BAD_REQUEST, error)
    };
    (status, Json(body)).into_response()
}
