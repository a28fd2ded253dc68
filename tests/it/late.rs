//! Answers that come later than Kakao waits: each is held until the person collects it. And
//! messages that come while an earlier one is still being answered.

use std::time::Duration;

use emulator::{CallbackState, Message, Outcome};
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, callback_screen, document, labels, screen},
};

const SECOND: Duration = Duration::from_secs(1);

/// A world that lets everyone in, and the agent that answers when the test says so.
async fn world(account: &str) -> (World, ScriptedAgent) {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(
        &format!("{account} {OPEN}"),
        &agent.as_openclaw(),
    ))
    .await;
    (world, agent)
}

/// Waits until `/status` shows this many held answers.
async fn until_held(world: &World, count: &str) {
    loop {
        let shown = world.asks("/status").await;
        world.later(4 * SECOND);
        if shown.contains(&format!("확인하지 않은 답변 {count}개")) {
            return;
        }
    }
}

#[tokio::test]
async fn after_fifty_seconds_the_slot_is_spent_on_a_sentence_and_the_late_answer_is_collected() {
    let (world, agent) = world("").await;
    let exchange = world.sends("어려운 질문").await;
    let asked = agent.asked().await;
    world.later(49 * SECOND);
    let exchange = world.after_callback(&exchange).await;
    assert!(callback_screen(&exchange).contains("답변을 준비하고 있어요"));
    let callback = exchange.callback.unwrap();
    assert_eq!(callback.quick_replies[0].label, "답변 확인");
    assert!(
        callback.attempts[0].at_ms <= 50_000,
        "{}",
        callback.attempts[0].at_ms
    );

    asked.answers("드디어 찾았어요");
    until_held(&world, "1").await;
    let tapped = world.sends_without_callback("답변 확인").await;
    assert_eq!(screen(&tapped), "드디어 찾았어요");
    // Kakao may never have shown the answer to this tap, so a second tap shows it again.
    world.later(4 * SECOND);
    assert_eq!(
        screen(&world.sends_without_callback("답변 확인").await),
        "드디어 찾았어요"
    );
}

#[tokio::test]
async fn a_held_answer_comes_before_the_next_one() {
    let (world, agent) = world("").await;
    world.sends("하나").await;
    let asked = agent.asked().await;
    world.later(55 * SECOND);
    asked.answers("하나의 답");
    until_held(&world, "1").await;
    let exchange = world.sends("둘").await;
    agent.asked().await.answers("둘의 답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&exchange).await),
        "“하나”\n\n하나의 답\n\n“둘”\n\n둘의 답"
    );
}

#[tokio::test]
async fn without_a_callback_a_slow_answer_is_promised_and_collected() {
    let (world, agent) = world("").await;
    let sending = world.sends_without_callback("느린 질문");
    let (exchange, asked) = tokio::join!(sending, async {
        let asked = agent.asked().await;
        world.later(3 * SECOND);
        asked
    });
    assert!(screen(&exchange).contains("답변을 준비하고 있어요"));
    assert_eq!(labels(&exchange), ["답변 확인"]);
    // This waits on the real clock, up to 3.3 s: the test cannot see when the request has arrived,
    // and so cannot move the clock after it.
    let early = screen(&world.sends_without_callback("답변 확인").await);
    assert!(early.contains("답변을 준비하고 있어요"));
    asked.answers("오래 생각한 답");
    assert_eq!(
        screen(&world.sends_without_callback("답변 확인").await),
        "오래 생각한 답"
    );
}

#[tokio::test]
async fn an_answer_that_comes_while_the_person_waits_is_in_the_response() {
    let (world, agent) = world("").await;
    let sending = world.sends_without_callback("질문");
    let (exchange, ()) = tokio::join!(sending, async { agent.asked().await.answers("바로 답") });
    assert_eq!(screen(&exchange), "바로 답");
}

#[tokio::test]
async fn an_agent_that_takes_too_long_is_stopped_and_the_person_told() {
    let (world, agent) = world("timeoutSeconds: 120,").await;
    let exchange = world.sends("영원한 질문").await;
    let _asked = agent.asked().await;
    // The time passes in steps shorter than a lease, so that the worker can renew it.
    for _ in 0..30 {
        world.later(5 * SECOND);
        world.workers_look_around().await;
    }
    world.after_callback(&exchange).await;
    until_held(&world, "1").await;
    assert!(screen(&world.sends_without_callback("답변 확인").await).contains("너무 오래 걸려"));
}

#[tokio::test]
async fn a_held_answer_is_nobody_elses() {
    let (world, agent) = world("").await;
    world.sends("내 비밀").await;
    let asked = agent.asked().await;
    world.later(55 * SECOND);
    asked.answers("비밀의 답");
    until_held(&world, "1").await;
    let other = Message {
        callback: Some(false),
        ..Message::text("bob", "답변 확인")
    };
    assert!(screen(&world.sends_message(&other).await).contains("확인할 답변이 없어요"));
}

#[tokio::test]
async fn a_held_answer_is_kept_as_long_as_configured_and_no_longer() {
    for (hours, kept) in [(1, true), (3, false)] {
        let (world, agent) = world("heldAnswerHours: 2,").await;
        world.sends("질문").await;
        let asked = agent.asked().await;
        world.later(55 * SECOND);
        asked.answers("답");
        until_held(&world, "1").await;
        world.later(hours * 3600 * SECOND);
        let shown = screen(&world.sends_without_callback("답변 확인").await);
        assert_eq!(shown == "답", kept, "{hours} h: {shown}");
    }
}

#[tokio::test]
async fn a_second_message_waits_for_the_first_and_both_are_answered() {
    let (world, agent) = world("").await;
    let first = world.sends("하나").await;
    let asked = agent.asked().await;
    let second = world.sends("둘").await;
    assert_eq!(second.outcome, Outcome::Waiting);
    assert_eq!(agent.times_asked(), 1);
    asked.answers("하나의 답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&first).await),
        "하나의 답"
    );
    agent.asked().await.answers("둘의 답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&second).await),
        "둘의 답"
    );
}

#[tokio::test]
async fn f21b_a_message_that_waits_is_told_so_before_its_own_callback_expires() {
    let (world, agent) = world("").await;
    world.sends("하나").await;
    let _asked = agent.asked().await;
    let second = world.sends("둘").await;
    while world.after_a_look(&second).await.callback.unwrap().state == CallbackState::Open {
        world.later(SECOND);
        world.workers_look_around().await;
    }
    let second = world.after_callback(&second).await;
    assert!(callback_screen(&second).contains("답변을 준비하고 있어요"));
}

#[tokio::test]
async fn under_latest_the_older_message_is_told_it_was_replaced() {
    let (world, agent) = world(r#"concurrency: "latest","#).await;
    let first = world.sends("하나").await;
    let asked = agent.asked().await;
    let second = world.sends("둘").await;
    world.later(3 * SECOND);
    let newer = agent.asked().await;
    assert_eq!(newer.text(), "둘");
    assert!(callback_screen(&world.after_callback(&first).await).contains("새 메시지를 보내셔서"));
    drop(asked);
    newer.answers("둘의 답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&second).await),
        "둘의 답"
    );
}

#[tokio::test]
async fn under_reject_a_second_message_is_asked_for_patience() {
    let (world, agent) = world(r#"concurrency: "reject","#).await;
    let first = world.sends("하나").await;
    let asked = agent.asked().await;
    assert!(screen(&world.sends("둘").await).contains("먼저 보내신 메시지에 답변하고 있어요"));
    asked.answers("하나의 답");
    world.later(2 * SECOND);
    assert_eq!(
        callback_screen(&world.after_callback(&first).await),
        "하나의 답"
    );
    assert_eq!(agent.times_asked(), 1);
}

#[tokio::test]
async fn a_room_has_almost_five_minutes() {
    let (world, agent) = world("").await;
    let in_room = Message {
        room: Some("가족방".to_owned()),
        ..Message::text("alice", "오래 걸리는 질문")
    };
    let exchange = world.sends_message(&in_room).await;
    let asked = agent.asked().await;
    for _ in 0..24 {
        world.later(10 * SECOND);
        world.workers_look_around().await;
    }
    asked.answers("사 분 뒤의 답");
    assert_eq!(
        callback_screen(&world.after_callback(&exchange).await),
        "사 분 뒤의 답"
    );
}
