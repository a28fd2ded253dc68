//! Callback URLs from issue to end (skill.md §5).

use std::{sync::Arc, time::Duration};

use emulator::{CallbackState, Exchange};
use serde_json::json;
use tokio::sync::Notify;

use crate::world::{Answer, World, ack, callback_url, text};

const BAD_TOKEN: &str = "Invalid callback token. Check your callback token.";
const NOT_ACKNOWLEDGED: &str =
    "The skill server settings are incorrect. Use callback true setting required.";

fn refusal(message: &str) -> (u16, String, String) {
    (400, "FAIL".to_owned(), message.to_owned())
}

fn success() -> (u16, String, String) {
    (200, "SUCCESS".to_owned(), String::new())
}

#[tokio::test]
async fn a_callback_delivers_once() {
    let world = World::new().await;
    let (exchange, url) = world.acknowledged().await;
    assert_eq!(exchange.callback.unwrap().state, CallbackState::Open);
    assert_eq!(world.posts(&url, &text("비가 와요")).await, success());
    assert_eq!(
        world.posts(&url, &text("또 와요")).await,
        refusal(BAD_TOKEN)
    );
    let callback = world.exchange(&exchange.id).await.callback.unwrap();
    assert_eq!(callback.state, CallbackState::Used);
    assert!(callback.delivered);
    assert_eq!(callback.bubbles.len(), 1);
    assert_eq!(callback.bubbles[0].text, "비가 와요");
    let statuses: Vec<_> = callback
        .attempts
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    assert_eq!(statuses, [Some(200), Some(400)]);
    assert!(callback.ack_at_ms.unwrap() <= callback.posted_at_ms.unwrap());
}

#[tokio::test]
async fn of_many_at_once_one_is_accepted() {
    let world = World::new().await;
    let (_, url) = world.acknowledged().await;
    let body = text("비가 와요");
    let posts = (0..20).map(|_| world.posts(&url, &body));
    let answers = futures_util::future::join_all(posts).await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| **answer == success())
            .count(),
        1
    );
}

#[tokio::test]
async fn a_callback_expires_after_a_minute() {
    let world = World::new().await;
    let (exchange, url) = world.acknowledged().await;
    world.later(Duration::from_secs(61)).await;
    assert_eq!(
        world.posts(&url, &text("늦었어요")).await,
        refusal(BAD_TOKEN)
    );
    let callback = world.exchange(&exchange.id).await.callback.unwrap();
    assert_eq!(
        (callback.state, callback.delivered),
        (CallbackState::Expired, false)
    );
}

#[tokio::test]
async fn a_group_room_s_callback_expires_after_five_minutes() {
    let world = World::new().await;
    world.skill_answers(Answer::Json(ack()));
    let message = json!({"user": "alice", "room": "가족방", "text": "안녕"});
    let first = world.says(message.clone()).await;
    let second = world.says(message).await;
    world.later(Duration::from_secs(290)).await;
    let url = callback_url(&first.request);
    assert_eq!(world.posts(&url, &text("됐어요")).await, success());
    world.later(Duration::from_secs(11)).await;
    let url = callback_url(&second.request);
    assert_eq!(
        world.posts(&url, &text("늦었어요")).await,
        refusal(BAD_TOKEN)
    );
}

#[tokio::test]
async fn a_callback_before_the_acknowledgement_is_refused_and_costs_nothing() {
    let world = World::new().await;
    let release = Arc::new(Notify::new());
    world.skill_answers(Answer::When(release.clone(), ack()));
    let early = async {
        world.skill_called().await;
        let url = callback_url(&world.payload());
        let answer = world.posts(&url, &text("너무 일러요")).await;
        release.notify_one();
        (url, answer)
    };
    let message = json!({"user": "alice", "text": "안녕"});
    let (_, (url, answer)) = tokio::join!(world.says(message), early);
    assert_eq!(answer, refusal(NOT_ACKNOWLEDGED));
    assert_eq!(world.posts(&url, &text("이제 됐어요")).await, success());
}

#[tokio::test]
async fn an_acknowledgement_can_take_time_to_settle() {
    let world = World::new().await;
    world.faults(json!({"callback": {"settleMs": 1000}})).await;
    let (_, url) = world.acknowledged().await;
    assert_eq!(
        world.posts(&url, &text("일러요")).await,
        refusal(NOT_ACKNOWLEDGED)
    );
    world.later(Duration::from_secs(1)).await;
    assert_eq!(world.posts(&url, &text("됐어요")).await, success());
}

#[tokio::test]
async fn an_answer_in_time_gives_the_callback_up() {
    let world = World::new().await;
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    let url = callback_url(&exchange.request);
    assert_eq!(exchange.callback.unwrap().state, CallbackState::RefusedAck);
    assert_eq!(
        world.posts(&url, &text("또 답해요")).await,
        refusal(NOT_ACKNOWLEDGED)
    );
}

#[tokio::test]
async fn the_path_must_match_byte_for_byte() {
    let world = World::new().await;
    for development in [false, true] {
        world.skill_answers(Answer::Json(ack()));
        let message = json!({"user": "alice", "text": "안녕", "devChannel": development});
        let url = callback_url(&world.says(message).await.request);
        let altered = if development {
            url.replace('!', "%21")
        } else {
            url.replace("cbtoken:", "cbtoken%3A")
        };
        for wrong in [
            altered,
            format!("{url}x"),
            format!("{url}?x=1"),
            format!("{url}/"),
        ] {
            assert_eq!(
                world.posts(&wrong, &text("안녕")).await,
                refusal(BAD_TOKEN),
                "{wrong}"
            );
        }
        assert_eq!(world.posts(&url, &text("안녕")).await, success());
    }
}

#[tokio::test]
async fn an_unknown_bot_is_told_so() {
    let world = World::new().await;
    let url = format!(
        "{}/bot-api/v1/bots/000000000000000000000000/callback/cbtoken:x",
        world.url
    );
    let expected = refusal("Invalid bot ID. Check your Bot ID.");
    assert_eq!(world.posts(&url, &text("안녕")).await, expected);
}

#[tokio::test]
async fn only_post_is_allowed() {
    let world = World::new().await;
    let (exchange, url) = world.acknowledged().await;
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 405);
    assert_eq!(
        world.exchange(&exchange.id).await.callback.unwrap().state,
        CallbackState::Open
    );
}

#[tokio::test]
async fn a_bot_test_token_never_works() {
    let world = World::new().await;
    world.skill_answers(Answer::Json(ack()));
    let message = json!({"user": "owner", "console": "bot-test", "text": "안녕"});
    let exchange = world.says(message).await;
    assert_eq!(exchange.callback.unwrap().state, CallbackState::Testing);
    let url = callback_url(&exchange.request);
    let expected = refusal("Invalid callback token for testing purposes.");
    assert_eq!(world.posts(&url, &text("안녕")).await, expected);
    assert!(
        !world
            .exchange(&exchange.id)
            .await
            .callback
            .unwrap()
            .delivered
    );
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_spends_the_token() {
    let world = World::new().await;
    let bad = [
        json!({"version": "2.0", "template": {"outputs": []}}),
        ack(),
        json!({"version": "2.0", "template": {"outputs": [{"basicCard": {"title": "제목"}}]}}),
    ];
    for body in bad {
        let (exchange, url) = world.acknowledged().await;
        let expected = refusal("Invalid json response from bot-skill.");
        assert_eq!(world.posts(&url, &body).await, expected);
        assert_eq!(world.posts(&url, &text("다시")).await, refusal(BAD_TOKEN));
        let callback = world.exchange(&exchange.id).await.callback.unwrap();
        assert_eq!(
            (callback.state, callback.delivered),
            (CallbackState::Used, false)
        );
        assert!(!callback.broken_rules.is_empty() && callback.bubbles.is_empty());
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_long_is_refused() {
    let world = World::new().await;
    for (body, rule) in [
        ("안녕".to_owned(), "json"),
        ("a".repeat(2 << 20), "body-size"),
    ] {
        let (exchange, url) = world.acknowledged().await;
        let response = world.http.post(&url).body(body).send().await;
        // The server may hang up on a body it does not read to the end.
        if let Ok(response) = response {
            assert_eq!(response.status(), 400);
        }
        let callback = world.exchange(&exchange.id).await.callback.unwrap();
        assert_eq!(callback.broken_rules[0].rule, rule);
    }
}

#[tokio::test]
async fn a_repeat_shares_the_callback() {
    let world = World::new().await;
    let (first, url) = world.acknowledged().await;
    let again = world.says(json!({"repeat": first.id})).await;
    assert_eq!(world.posts(&url, &text("비가 와요")).await, success());
    for id in [first.id, again.id] {
        assert!(world.exchange(&id).await.callback.unwrap().delivered);
    }
}

#[tokio::test]
async fn a_reader_waits_until_the_callback_comes_or_cannot() {
    let world = World::new().await;
    let wait = |id: String, timeout: u32| {
        let path = format!("/api/exchanges/{id}?wait=callback&timeoutMs={timeout}");
        let world = &world;
        async move {
            world
                .get(&path)
                .await
                .json::<Exchange>()
                .await
                .unwrap()
                .callback
        }
    };
    let (exchange, url) = world.acknowledged().await;
    let body = text("비가 와요");
    let (waited, _) = tokio::join!(wait(exchange.id, 60_000), world.posts(&url, &body));
    assert!(waited.unwrap().delivered);

    let (exchange, _) = world.acknowledged().await;
    let hurried = wait(exchange.id.clone(), 1).await.unwrap();
    assert_eq!(hurried.state, CallbackState::Open);
    let later = world.later(Duration::from_mins(1));
    let (waited, ()) = tokio::join!(wait(exchange.id, 60_000), later);
    assert_eq!(waited.unwrap().state, CallbackState::Expired);

    world.skill_answers(Answer::Json(text("바로 답해요")));
    let exchange = world.says(json!({"user": "alice", "text": "안녕"})).await;
    let waited = wait(exchange.id, 60_000).await;
    assert_eq!(waited.unwrap().state, CallbackState::RefusedAck);
    let exchange = world
        .says(json!({"user": "alice", "text": "안녕", "callback": false}))
        .await;
    assert_eq!(wait(exchange.id, 60_000).await, None);
}

#[tokio::test]
async fn what_was_posted_is_written_down() {
    let world = World::new().await;
    let (exchange, url) = world.acknowledged().await;
    world.posts(&url, &text("비가 와요")).await;
    let attempts = world
        .exchange(&exchange.id)
        .await
        .callback
        .unwrap()
        .attempts;
    assert_eq!(attempts[0].body, text("비가 와요"));
    assert_eq!(attempts[0].message, "");
}
