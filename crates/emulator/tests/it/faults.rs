//! The platform told to misbehave where callbacks are posted.

use emulator::CallbackState;
use serde_json::{Value, json};

use crate::world::{Answer, BOT, World, callback_url, text};

async fn misbehaving(mode: &str) -> (World, String, String) {
    let world = World::new().await;
    let location = "http://127.0.0.1:1/elsewhere";
    world
        .faults(json!({"callback": {"mode": mode, "location": location, "times": 1}}))
        .await;
    let (exchange, url) = world.acknowledged().await;
    (world, exchange.id, url)
}

async fn post(world: &World, url: &str) -> reqwest::Result<reqwest::Response> {
    world.http.post(url).json(&text("비가 와요")).send().await
}

/// Whether it was delivered, and what a second callback is answered.
async fn then(world: &World, id: &str, url: &str) -> (bool, u16) {
    let delivered = world.exchange(id).await.callback.unwrap().delivered;
    let (status, _, _) = world.posts(url, &text("다시")).await;
    (delivered, status)
}

#[tokio::test]
async fn refusals_do_not_spend_the_url() {
    for (mode, status, word) in [
        ("refuse", 400, "FAIL"),
        ("serverError", 500, "ERROR"),
        ("failBody", 200, "FAIL"),
    ] {
        let (world, id, url) = misbehaving(mode).await;
        let (got, said, message) = world.posts(&url, &text("비가 와요")).await;
        assert_eq!(
            (got, said.as_str(), message.is_empty()),
            (status, word, false),
            "{mode}"
        );
        assert_eq!(then(&world, &id, &url).await, (false, 200), "{mode}");
    }
}

#[tokio::test]
async fn f27_accepted_then_cut_is_delivered_and_spent() {
    let (world, id, url) = misbehaving("acceptThenCut").await;
    let error = post(&world, &url).await.unwrap_err();
    assert!(!error.is_connect() && error.status().is_none());
    let attempts = world.exchange(&id).await.callback.unwrap().attempts;
    assert_eq!(attempts[0].status, None);
    assert_eq!(then(&world, &id, &url).await, (true, 400));
}

#[tokio::test]
async fn cut_before_accept_leaves_everything_as_it_was() {
    let (world, id, url) = misbehaving("cutBeforeAccept").await;
    assert!(post(&world, &url).await.is_err());
    let state = world.exchange(&id).await.callback.unwrap().state;
    assert_eq!(state, CallbackState::Open);
    assert_eq!(then(&world, &id, &url).await, (false, 200));
}

#[tokio::test]
async fn f24_a_slow_answer_comes_byte_by_byte() {
    let (world, id, url) = misbehaving("slowDrip").await;
    let mut response = post(&world, &url).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "{");
    assert_eq!(then(&world, &id, &url).await, (true, 400));
}

#[tokio::test]
async fn f24_a_huge_answer_is_valid_json() {
    let (world, id, url) = misbehaving("huge").await;
    let body = post(&world, &url).await.unwrap().bytes().await.unwrap();
    assert!(body.len() > 64 << 20);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["status"], "SUCCESS");
    assert_eq!(then(&world, &id, &url).await, (true, 400));
}

#[tokio::test]
async fn f24_a_never_ending_answer_starts_well() {
    let (world, id, url) = misbehaving("neverEnding").await;
    let mut response = post(&world, &url).await.unwrap();
    let start = response.chunk().await.unwrap().unwrap();
    assert!(start.starts_with(b"{\"") && !start.ends_with(b"}"));
    assert_eq!(response.chunk().await.unwrap().unwrap(), " ");
    assert_eq!(then(&world, &id, &url).await, (true, 400));
}

#[tokio::test]
async fn f24_bad_json_comes_with_a_good_status() {
    let (world, id, url) = misbehaving("badJson").await;
    let response = post(&world, &url).await.unwrap();
    assert_eq!(response.status(), 200);
    let body = response.bytes().await.unwrap();
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    assert_eq!(then(&world, &id, &url).await, (true, 400));
}

#[tokio::test]
async fn a_redirect_points_elsewhere() {
    let (world, id, url) = misbehaving("redirect").await;
    let response = post(&world, &url).await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(
        response.headers()["location"],
        "http://127.0.0.1:1/elsewhere"
    );
    assert_eq!(then(&world, &id, &url).await, (false, 200));
}

#[tokio::test]
async fn a_refused_callback_does_not_use_a_fault_up() {
    let (world, _, url) = misbehaving("acceptThenCut").await;
    world.skill_answers(Answer::Json(text("바로 답해요")));
    let answered = world.says(json!({"user": "alice", "text": "안녕"})).await;
    let given_up = callback_url(&answered.request);
    assert_eq!(world.posts(&given_up, &text("안녕")).await.0, 400);
    assert!(post(&world, &url).await.is_err());
}

#[tokio::test]
async fn faults_are_cleared() {
    let world = World::new().await;
    world
        .faults(json!({"callback": {"mode": "refuse"}, "skill": {"dropAnswer": true}}))
        .await;
    let path = format!("/api/bots/{BOT}/faults");
    let faults: Value = world.get(&path).await.json().await.unwrap();
    assert_eq!(faults["callback"]["mode"], "refuse");
    world
        .http
        .delete(format!("{}{path}", world.url))
        .send()
        .await
        .unwrap();
    let (_, url) = world.acknowledged().await;
    assert_eq!(world.posts(&url, &text("비가 와요")).await.0, 200);
}
