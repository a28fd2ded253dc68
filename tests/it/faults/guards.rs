//! Whatever happens, panics included, the skill function gives a valid response; and it
//! acknowledges no turn that no worker will get.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use shared::{edge::HttpFunction, turn::budget};
use test_support::world::{ECHO, OPEN, World, document, take_operations};

use super::{Behaviour, SECOND, asks_to_try_again, is_acknowledged, webhook, with_callback};

#[tokio::test]
async fn f16_a_hung_queue_still_leaves_a_valid_answer() {
    let world = World::open().await;
    let (webhook, _) = webhook(&world, Behaviour::Hang);
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
}

#[tokio::test]
async fn a_turn_that_nobody_holds_is_sent_for_by_the_next_message_whatever_that_is() {
    let world = World::open().await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    assert!(is_acknowledged(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
    world.later(budget::LEASE + SECOND);
    let help = include_str!("../../samples/skill/04-callback-enabled.json")
        .replace("제주도 2박 3일 여행 일정 짜줘", "/상태");
    let mut request = with_callback("two");
    *request.body_mut() = Bytes::from(help);
    webhook.handle(&request, world.now()).await;
    assert_eq!(sent.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn f18_a_turn_that_cannot_be_handed_over_is_not_acknowledged_and_can_be_sent_again() {
    let world = World::open().await;
    let (failing, _) = webhook(&world, Behaviour::Fail);
    assert!(asks_to_try_again(
        &failing.handle(&with_callback("one"), world.now()).await
    ));
    let (working, sent) = webhook(&world, Behaviour::Keep);
    assert!(is_acknowledged(
        &working.handle(&with_callback("one"), world.now()).await
    ));
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_panic_inside_still_leaves_a_valid_answer() {
    let world = World::open().await;
    let (webhook, _) = webhook(&world, Behaviour::Panic);
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
}

#[tokio::test]
async fn f21_a_request_that_comes_late_is_answered_at_once_and_starts_nothing() {
    let (world, proxy) = World::behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    let received = world.now() - 3 * SECOND;
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), received).await
    ));
    assert_eq!(
        (take_operations(&proxy), sent.load(Ordering::SeqCst)),
        (Vec::new(), 0)
    );
}
