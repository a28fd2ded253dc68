//! What tests share in which processes are killed or frozen: how to start them, how to find the
//! process or the request in question, and what came of a turn for Kakao and for the person.

use std::{
    thread::{self, Scope},
    time::Duration,
};

use emulator::{Exchange, Message};
use futures_util::future::join_all;
use local_lambda::{fault::Seen, function::Function, sandbox::Sandbox};
use serde_json::json;
use test_support::cloud::{Cloud, Setup, now, screen};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Kakao's status for a callback that it takes.
pub const ACCEPTED: Option<u16> = Some(200);
/// Kakao's status for a callback that was used before or never acknowledged.
pub const REFUSED: Option<u16> = Some(400);

/// Two clouds start at a time: processes that start take CPU that others need to meet their
/// deadlines.
static STARTING: Semaphore = Semaphore::const_new(2);

/// Longer than any case takes. A case that waits for what never comes fails, in a thread that has
/// its name.
const PATIENCE: Duration = Duration::from_secs(150);

/// Runs the test in a thread of its own with this name, so that other cases do not delay it.
pub fn alone<'scope, F: Future<Output = ()>>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    test: impl FnOnce() -> F + Send + 'scope,
) {
    let run = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let limited = async { tokio::time::timeout(PATIENCE, test()).await.unwrap() };
        runtime.enable_all().build().unwrap().block_on(limited);
    };
    let named = thread::Builder::new().name(name.to_owned());
    named.spawn_scoped(scope, run).unwrap();
}

/// Starts a cloud with its processes: one of the webhook, and one worker, or all workers if the
/// queue is not polled. The permit keeps others from starting; the test drops it when it has only
/// waiting left to do.
pub async fn start(setup: Setup) -> (SemaphorePermit<'static>, Cloud) {
    let permit = STARTING.acquire().await.unwrap();
    let workers = if setup.polls { 1 } else { setup.workers };
    let cloud = Cloud::with(setup).await;
    cloud.warms_up(0).await;
    let nothing = json!({ "Records": [] });
    let starting = (0..workers).map(|_| cloud.worker.invoke(nothing.clone()));
    for started in join_all(starting).await {
        started.unwrap();
    }
    (permit, cloud)
}

/// Whether a request writes a conversation.
pub fn put(seen: &Seen) -> bool {
    seen.operation == "PutItem" && seen.says(r#"{"S":"conversation"}"#)
}

/// Whether a request posts to a callback.
pub fn post(seen: &Seen) -> bool {
    seen.operation == "POST" && seen.path.contains("/callback/")
}

/// Whether a request sends a turn to the queue.
pub fn send(seen: &Seen) -> bool {
    seen.operation == "SendMessage"
}

/// The one process of this function that is handling an event.
pub fn busy(function: &Function) -> Sandbox {
    let busy = function.busy();
    assert_eq!(busy.len(), 1, "in the middle of an event");
    busy[0].clone()
}

/// The one worker that is handling a turn, once it has shortened the hold on its queue message to a
/// lease.
pub async fn worker(cloud: &Cloud) -> Sandbox {
    let held = |seen: &[Seen]| {
        seen.iter()
            .any(|it| it.operation == "ChangeMessageVisibility")
    };
    cloud.at_worker.queue.until(held).await;
    busy(&cloud.worker)
}

/// Sends the request of this exchange again.
pub async fn repeat(cloud: &Cloud, exchange: &Exchange) -> Exchange {
    let message = Message {
        repeat: Some(exchange.id.clone()),
        ..Message::default()
    };
    cloud.sends(message).await
}

/// Kakao's status for each use of the callback; `None` where the connection was cut.
pub fn attempts(cloud: &Cloud, exchange: &Exchange) -> Vec<Option<u16>> {
    let exchange = cloud.emulator.chatbot().exchange(&exchange.id).unwrap();
    let attempts = exchange.callback.unwrap().attempts;
    attempts.iter().map(|attempt| attempt.status).collect()
}

/// Whether a worker logged that it does not know whether its answer arrived.
pub fn says_unconfirmed(cloud: &Cloud) -> bool {
    cloud
        .worker
        .output()
        .contains(r#""callback_unconfirmed":1"#)
}

/// What is shown when there is nothing to collect.
pub const NOTHING: &str = "지금은 확인할 답변이 없어요.";

/// An answer, and after it that the one to this question may not have arrived.
pub fn with_offer(answer: &str, question: &str) -> String {
    format!(
        "{answer}\n\n“{question}”의 답변이 도착하지 않았을 수 있어요. 못 보셨다면 ‘답변 확인’을 누르거나 보내 주세요."
    )
}

/// Alice taps `답변 확인`; returns what is shown.
pub async fn collects(cloud: &Cloud) -> String {
    screen(&cloud.says_without_callback("alice", "답변 확인").await)
}

/// Waits until no turn is unfinished and the queue is empty, delayed messages included; there must
/// be no dead letter.
pub async fn ends(cloud: &Cloud) {
    let is_over = async || {
        if !cloud.turns.unfinished(now()).await.unwrap().is_empty() {
            return false;
        }
        let depth = cloud.queue.depth().await.unwrap();
        depth.visible + depth.in_flight + depth.delayed == 0
    };
    while !is_over().await {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let dead = cloud.dead_letters.depth().await.unwrap();
    assert_eq!(dead.visible + dead.in_flight, 0, "dead letters");
}
