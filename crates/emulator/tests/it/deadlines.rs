//! What the person sees of an answer, a bad one, a late one and none (skill.md §2, §4).

use std::{sync::Arc, time::Duration};

use emulator::{Options, Outcome};
use serde_json::json;
use tokio::sync::Notify;

use crate::world::{Answer, World, ack, text};

#[tokio::test]
async fn a_good_answer_is_shown() {
    let world = World::new().await;
    let mut answer = text("안녕하세요");
    answer["template"]["quickReplies"] =
        json!([{"label": "네", "action": "message", "messageText": "네", "extra": {"n": 1}}]);
    world.skill_answers(Answer::Json(answer));
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Answered);
    assert_eq!(exchange.status, Some(200));
    assert_eq!(exchange.broken_rules, []);
    assert_eq!(exchange.bubbles[0].text, "안녕하세요");
    assert_eq!(exchange.quick_replies[0].extra, Some(json!({"n": 1})));
}

#[tokio::test]
async fn no_answer_in_time_shows_nothing() {
    let world = World::with_deadline(Duration::from_millis(50)).await;
    assert_eq!(Options::new("").skill_deadline, Duration::from_secs(5));
    world.skill_answers(Answer::Never);
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Timeout);
    assert_eq!(exchange.broken_rules[0].rule, "deadline");
    assert_eq!((exchange.status, exchange.bubbles.len()), (None, 0));
    assert!(exchange.elapsed_ms.unwrap() < 5_000);
}

#[tokio::test]
async fn latency_on_the_way_counts() {
    let world = World::with_deadline(Duration::from_millis(50)).await;
    world.faults(json!({"skill": {"latencyMs": 60_000}})).await;
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Timeout);
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn an_error_status_shows_nothing() {
    let world = World::new().await;
    for status in [302, 401, 404, 500, 503] {
        world.skill_answers(Answer::Text(status, "{}"));
        let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
        assert_eq!(exchange.outcome, Outcome::Failed);
        assert_eq!(exchange.status, Some(status));
    }
}

#[tokio::test]
async fn broken_json_shows_nothing() {
    let world = World::new().await;
    world.skill_answers(Answer::Text(200, "{\"version\": "));
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Failed);
    assert_eq!(exchange.response, "{\"version\": ");
}

#[tokio::test]
async fn another_content_type_is_only_remarked() {
    let world = World::new().await;
    let answer = r#"{"version":"2.0","template":{"outputs":[{"simpleText":{"text":"안녕"}}]}}"#;
    world.skill_answers(Answer::Text(200, answer));
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Answered);
    assert_eq!(exchange.broken_rules[0].rule, "content-type");
}

#[tokio::test]
async fn a_skill_that_is_down_fails() {
    let world = World::new().await;
    let bot = json!({"skillUrl": "http://127.0.0.1:1/kakao"});
    world.put("/api/bots/6f1a0c5e9d2b7348a1c0de02", bot).await;
    let message = json!({"user": "alice", "text": "안녕"});
    let path = "/api/bots/6f1a0c5e9d2b7348a1c0de02/messages";
    let exchange: emulator::Exchange = world.post(path, &message).await.json().await.unwrap();
    assert_eq!(exchange.outcome, Outcome::Failed);
    assert!(
        exchange
            .error
            .unwrap()
            .starts_with("connecting to the skill")
    );
}

#[tokio::test]
async fn a_lost_answer_fails() {
    let world = World::new().await;
    world.skill_answers(Answer::Json(ack()));
    world.faults(json!({"skill": {"dropAnswer": true}})).await;
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Failed);
    assert_eq!(
        exchange.callback.unwrap().state,
        emulator::CallbackState::RefusedAck
    );
}

#[tokio::test]
async fn a_broken_rule_shows_nothing_and_is_named() {
    let world = World::new().await;
    let card =
        json!({"version": "2.0", "template": {"outputs": [{"basicCard": {"title": "제목"}}]}});
    world.skill_answers(Answer::Json(card));
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    assert_eq!(exchange.outcome, Outcome::Refused);
    assert_eq!(exchange.broken_rules[0].rule, "thumbnail-2461");
    assert_eq!(
        exchange.broken_rules[0].at,
        "$.template.outputs[0].basicCard.thumbnail"
    );
    assert!(exchange.bubbles.is_empty());
}

#[tokio::test]
async fn an_acknowledgement_shows_the_waiting_message() {
    let world = World::new().await;
    let (exchange, _) = world.acknowledged().await;
    assert_eq!(exchange.outcome, Outcome::Waiting);
    assert_eq!(exchange.waiting_message.as_deref(), Some("생각하고 있어요"));
    assert!(exchange.bubbles.is_empty());
}

#[tokio::test]
async fn an_acknowledgement_without_a_callback_url_is_refused() {
    let world = World::new().await;
    world.skill_answers(Answer::Json(ack()));
    let exchange = world
        .says(json!({"user": "alice", "text": "안녕", "callback": false}))
        .await;
    assert_eq!(exchange.outcome, Outcome::Refused);
    assert_eq!(exchange.broken_rules[0].rule, "callback-without-url");
    assert_eq!(exchange.waiting_message, None);
}

#[tokio::test]
async fn a_group_room_refuses_quick_replies() {
    let world = World::new().await;
    let mut answer = text("안녕");
    answer["template"]["quickReplies"] = json!([{"label": "네", "action": "message"}]);
    world.skill_answers(Answer::Json(answer));
    let exchange = world
        .says(json!({"user": "alice", "room": "가족방", "text": "안녕"}))
        .await;
    assert_eq!(exchange.outcome, Outcome::Refused);
    assert_eq!(exchange.broken_rules[0].rule, "channel-only");
}

#[tokio::test]
async fn the_conversation_goes_on_when_its_watcher_leaves() {
    let world = World::new().await;
    let release = Arc::new(Notify::new());
    world.skill_answers(Answer::When(release.clone(), text("늦었지만")));
    let path = format!("/api/bots/{}/messages", crate::world::BOT);
    let message = json!({"user": "alice", "text": "안녕"});
    tokio::select! {
        _ = world.post(&path, &message) => panic!("the skill has not answered yet"),
        () = world.skill_called() => {}
    }
    release.notify_one();
    let response = world
        .get("/api/exchanges/e1?wait=callback&timeoutMs=5000")
        .await;
    let exchange: emulator::Exchange = response.json().await.unwrap();
    assert_eq!(exchange.outcome, Outcome::Answered);
    assert_eq!(exchange.bubbles[0].text, "늦었지만");
}
