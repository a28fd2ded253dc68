//! What came of a turn, as Kakao, the agent and the person see it; for tests in which processes die
//! or stand still.

use std::{
    thread::{self, Scope},
    time::Duration,
};

use emulator::{Exchange, Message};
use futures_util::future::join_all;
use local_lambda::{fault::Seen, function::Function, sandbox::Sandbox};
use serde_json::json;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::cloud::{Cloud, Setup, now, screen};

/// What Kakao answers when a callback is used.
pub const ACCEPTED: Option<u16> = Some(200);
/// What it answers when the callback was used before, or not acknowledged.
pub const REFUSED: Option<u16> = Some(400);

/// Processes that start take the time that others need to answer by their deadlines.
static STARTING: Semaphore = Semaphore::const_new(2);

/// Longer than any of them takes; who waits for what never comes says so by its name.
const PATIENCE: Duration = Duration::from_secs(150);

/// Runs the test in a thread of this name, so that others do not keep it waiting.
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

/// A cloud whose functions have a process each, or as many workers as it has. To be dropped when
/// the test has nothing left to do but to wait.
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

/// A write of a conversation.
pub fn put(seen: &Seen) -> bool {
    seen.operation == "PutItem" && seen.says(r#"{"S":"conversation"}"#)
}

/// A use of a callback.
pub fn post(seen: &Seen) -> bool {
    seen.operation == "POST" && seen.path.contains("/callback/")
}

/// A turn on its way to the queue.
pub fn send(seen: &Seen) -> bool {
    seen.operation == "SendMessage"
}

/// The one process in the middle of an event.
pub fn busy(function: &Function) -> Sandbox {
    let busy = function.busy();
    assert_eq!(busy.len(), 1, "in the middle of an event");
    busy[0].clone()
}

/// The one worker in the middle of a turn, once its queue message is held no longer than a lease.
pub async fn worker(cloud: &Cloud) -> Sandbox {
    let held = |seen: &[Seen]| {
        seen.iter()
            .any(|it| it.operation == "ChangeMessageVisibility")
    };
    cloud.at_worker.queue.until(held).await;
    busy(&cloud.worker)
}

/// The same request once more.
pub async fn repeat(cloud: &Cloud, exchange: &Exchange) -> Exchange {
    let message = Message {
        repeat: Some(exchange.id.clone()),
        ..Message::default()
    };
    cloud.sends(message).await
}

/// How Kakao answered each use of the callback; nothing where it cut the connection.
pub fn attempts(cloud: &Cloud, exchange: &Exchange) -> Vec<Option<u16>> {
    let exchange = cloud.emulator.chatbot().exchange(&exchange.id).unwrap();
    let attempts = exchange.callback.unwrap().attempts;
    attempts.iter().map(|attempt| attempt.status).collect()
}

/// Whether a worker was left in doubt whether its answer arrived.
pub fn says_unconfirmed(cloud: &Cloud) -> bool {
    cloud
        .worker
        .output()
        .contains(r#""callback_unconfirmed":1"#)
}

/// What the button under a late answer shows.
pub async fn collects(cloud: &Cloud) -> String {
    screen(&cloud.says_without_callback("alice", "답변 확인").await)
}

/// Waits until nobody has anything to do, copies that were sent for later included; nothing was
/// given up.
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
