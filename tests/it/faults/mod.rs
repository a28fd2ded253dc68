//! What must survive what (faults.md): stores that hang, lose answers or throttle, requests that
//! come twice, callbacks that misbehave. Most of these tests call the skill function directly, with
//! a queue that behaves as the test wants.

mod arrival;
mod callbacks;
mod channels;
mod duplicates;
mod guards;
mod stores;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use shared::{
    queue::{QueueError, TurnQueue},
    turn::TurnRef,
};
use skill_webhook::SkillWebhook;
use test_support::{keys::SKILL_KEY, world::World};

const SECOND: Duration = Duration::from_secs(1);

/// A queue that counts the turns it is sent, and behaves as the test wants.
#[derive(Clone)]
struct TestQueue {
    sent: Arc<AtomicUsize>,
    behaviour: Behaviour,
}

#[derive(Clone, Copy)]
enum Behaviour {
    Keep,
    Fail,
    Hang,
    Panic,
}

impl TurnQueue for TestQueue {
    async fn send(&self, _: &TurnRef, _: Duration) -> Result<(), QueueError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        match self.behaviour {
            Behaviour::Keep => Ok(()),
            Behaviour::Fail => Err(QueueError::timed_out()),
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Panic => panic!("the queue panics"),
        }
    }
}

/// The skill function by itself, on the tables of `world`; and how many turns it has sent.
fn webhook(world: &World, behaviour: Behaviour) -> (SkillWebhook<TestQueue>, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let queue = TestQueue {
        sent: Arc::clone(&sent),
        behaviour,
    };
    let webhook = SkillWebhook::new(&world.parts(&[]), queue).unwrap();
    (webhook, sent)
}

fn with_callback(request_id: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri("/kakao/webhook")
        .header("x-dari-skill-key", SKILL_KEY)
        .header("x-request-id", request_id)
        .body(Bytes::from_static(include_bytes!(
            "../../samples/skill/04-callback-enabled.json"
        )))
        .unwrap()
}

fn is_acknowledged(response: &Response<String>) -> bool {
    response.status() == 200 && response.body().contains(r#""useCallback":true"#)
}

fn asks_to_try_again(response: &Response<String>) -> bool {
    response.status() == 200 && response.body().contains("다시 보내 주세요")
}
