//! The same request, message or turn comes more than once, at the same time or long afterwards.

use std::sync::{Arc, atomic::Ordering};

use emulator::{CallbackState, Message};
use futures_util::future::join_all;
use outside::Origin;
use shared::edge::HttpFunction;
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, callback_screen, document, screen},
};
use turn_worker::TurnWorker;

use super::{
    Behaviour, SECOND, TestQueue, asks_to_try_again, is_acknowledged, webhook, with_callback,
};

#[tokio::test]
async fn f32_fifty_identical_requests_at_once_are_one_turn() {
    let world = World::open().await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    let (request, now) = (with_callback("one"), world.now());
    let answers = join_all((0..50).map(|_| webhook.handle(&request, now))).await;
    assert!(
        answers
            .iter()
            .all(|answer| is_acknowledged(answer) || asks_to_try_again(answer)),
        "{answers:?}"
    );
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn f08_a_replayed_request_does_not_reach_the_agent_again() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let first = world.sends("안녕").await;
    agent.asked().await.answers("네");
    world.later(2 * SECOND);
    callback_screen(&world.after_callback(&first).await);
    for seconds in [1, 600, 25 * 3600] {
        world.later(seconds * SECOND);
        world
            .sends_message(&Message {
                repeat: Some(first.id.clone()),
                ..Message::default()
            })
            .await;
        let same_url = Message {
            repeat: Some(first.id.clone()),
            new_request_id: true,
            ..Message::default()
        };
        world.sends_message(&same_url).await;
    }
    assert_eq!(agent.times_asked(), 1);
}

#[tokio::test]
async fn a_double_tap_is_one_turn() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    world.sends("예약해 줘").await;
    agent.asked().await.answers("네");
    assert!(screen(&world.sends("예약해 줘").await).contains("한 번만 받았어요"));
    assert_eq!(agent.times_asked(), 1);
}

#[tokio::test]
async fn f28_many_workers_with_one_turn_ask_the_agent_once_and_post_once() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let exchange = world.sends("질문").await;
    let asked = agent.asked().await;
    let turn = world
        .stack
        .turns
        .unfinished(world.now())
        .await
        .unwrap()
        .remove(0);
    let origin = Origin::parse(&world.stack.url).unwrap();
    let queue = TestQueue {
        sent: Arc::default(),
        behaviour: Behaviour::Keep,
    };
    let worker = TurnWorker::new(&world.parts(&[origin]), queue).unwrap();
    let others = join_all((0..20).map(|_| worker.work(&turn))).await;
    assert!(others.iter().all(Result::is_ok));
    asked.answers("한 번만");
    world.later(2 * SECOND);
    let exchange = world.after_callback(&exchange).await;
    assert_eq!(callback_screen(&exchange), "한 번만");
    join_all((0..20).map(|_| worker.work(&turn))).await;
    let callback = world.after_a_look(&exchange).await.callback.unwrap();
    assert_eq!((callback.attempts.len(), agent.times_asked()), (1, 1));
    assert_eq!(callback.state, CallbackState::Used);
}
