//! A store that hangs, loses answers or throttles, and how many calls it gets meanwhile.

use std::{pin::pin, sync::atomic::Ordering};

use bundle::tables;
use emulator::{Message, Outcome};
use futures_util::future::join_all;
use local_lambda::fault::{Fault, Gate, When};
use shared::edge::HttpFunction;
use skill_webhook::budget;
use test_support::{
    agent::ScriptedAgent,
    world::{ECHO, OPEN, World, callback_screen, document, screen, take_operations},
};

use super::{Behaviour, SECOND, asks_to_try_again, is_acknowledged, webhook, with_callback};

#[tokio::test]
async fn f138_a_known_sender_costs_two_reads_at_once_one_write_and_one_hand_over_before_the_acknowledgement()
 {
    let (world, proxy) = World::behind_proxy(&document("", ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    webhook.handle(&with_callback("first"), world.now()).await;
    world.owner_approves_all().await;
    proxy.take_seen();
    let reads = [tables::ACCESS, tables::TURNS]
        .map(|table| proxy.gate(move |seen| seen.is("GetItem", table), When::Before));
    let request = with_callback("second");
    let mut handling = pin!(webhook.handle(&request, world.now()));
    tokio::select! {
        answer = &mut handling => panic!("it has not asked for both: {answer:?}"),
        _ = join_all(reads.iter().map(Gate::reached)) => {}
    }
    reads.into_iter().for_each(Gate::release);
    let response = handling.await;
    assert!(is_acknowledged(&response), "{response:?}");
    assert_eq!(take_operations(&proxy), ["GetItem", "GetItem", "PutItem"]);
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn f16_a_hung_store_still_leaves_a_valid_answer() {
    let (world, proxy) = World::behind_proxy(&document(OPEN, ECHO)).await;
    proxy.set(Fault::Hang);
    for message in [
        Message::text("alice", "안녕"),
        Message::text("alice", "/상태"),
        Message {
            callback: Some(false),
            ..Message::text("alice", "음")
        },
    ] {
        let exchange = world.sends_message(&message).await;
        assert_eq!(exchange.outcome, Outcome::Answered);
        assert!(screen(&exchange).contains("다시 보내 주세요"));
    }
}

#[tokio::test]
async fn f16_when_the_time_is_over_a_valid_answer_leaves_whatever_still_hangs() {
    let (world, proxy) = World::behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, _) = webhook(&world, Behaviour::Keep);
    proxy.set(Fault::Hang);
    let (received, request) = (world.now(), with_callback("one"));
    let (response, ()) = tokio::join!(webhook.handle(&request, received), async {
        proxy.until(|seen| !seen.is_empty()).await;
        world.later(budget::HARD_STOP);
    });
    assert!(asks_to_try_again(&response), "{response:?}");
    // The time limit of a single store call has not passed, so the SDK has not tried again.
    assert_eq!(take_operations(&proxy), ["GetItem"]);
}

#[tokio::test]
async fn f104_an_opening_that_was_stored_unheard_is_handed_over_all_the_same() {
    let (world, proxy) = World::behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    proxy.set(Fault::LoseAnswers);
    let response = webhook.handle(&with_callback("one"), world.now()).await;
    assert!(is_acknowledged(&response), "{response:?}");
    assert_eq!(sent.load(Ordering::SeqCst), 1);
    assert_eq!(take_operations(&proxy), ["GetItem", "PutItem", "PutItem"]);
}

#[tokio::test]
async fn f104_lost_answers_of_the_store_are_recognised_as_our_own_writes() {
    let agent = ScriptedAgent::start().await;
    let (world, proxy) = World::behind_proxy(&document("", &agent.as_openclaw())).await;
    proxy.set(Fault::LoseAnswers);
    assert!(screen(&world.sends("안녕").await).contains("승인 코드"));
    world.owner_approves_all().await;
    for words in ["하나", "둘", "셋"] {
        let exchange = world.sends(words).await;
        assert_eq!(exchange.outcome, Outcome::Waiting);
        agent.asked().await.answers(&format!("{words}의 답"));
        world.later(2 * SECOND);
        assert_eq!(
            callback_screen(&world.after_callback(&exchange).await),
            format!("{words}의 답")
        );
    }
    assert_eq!(agent.times_asked(), 3);
}

#[tokio::test]
async fn f105_a_throttled_store_loses_and_doubles_nothing() {
    let agent = ScriptedAgent::start().await;
    let (world, proxy) = World::behind_proxy(&document(OPEN, &agent.as_openclaw())).await;
    proxy.set(Fault::Throttle { every: 5 });
    for number in 0..6 {
        let exchange = world.sends(&format!("질문 {number}")).await;
        assert_eq!(exchange.outcome, Outcome::Waiting);
        agent.asked().await.answers(&format!("답 {number}"));
        world.later(2 * SECOND);
        assert_eq!(
            callback_screen(&world.after_callback(&exchange).await),
            format!("답 {number}")
        );
    }
    assert_eq!(agent.times_asked(), 6);
}
