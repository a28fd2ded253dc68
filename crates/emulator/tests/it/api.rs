//! The control API itself.

use emulator::chatbot::rules::judge;
use serde_json::{Value, json};

use crate::world::{BOT, SECRET, World};

#[tokio::test]
async fn a_bot_is_made_and_read_without_its_secret() {
    let world = World::new().await;
    let id = "6f1a0c5e9d2b7348a1c0de09";
    let bot = json!({
        "name": "새봇", "skillUrl": "http://127.0.0.1:1/", "header": ["X-Key", "top-secret"],
        "blocks": [{"name": "폴백", "kind": "fallback", "callback": true, "waitingMessage": "잠시만요"}],
    });
    let made = world.put(&format!("/api/bots/{id}"), bot).await;
    assert_eq!(made.status(), 200);
    assert!(!made.text().await.unwrap().contains("top-secret"));
    let read: Value = world
        .get(&format!("/api/bots/{id}"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(read["id"], id);
    assert_eq!(read["header"], json!(["X-Key", "***"]));
    assert_eq!(read["blocks"][0]["waitingMessage"], "잠시만요");
    assert_eq!(world.get(&format!("/api/bots/{id}!")).await.status(), 200);
    let all = world.get("/api/bots").await.text().await.unwrap();
    assert!(all.contains(BOT) && all.contains(id) && !all.contains(SECRET.1));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let world = World::new().await;
    let messages = format!("/api/bots/{BOT}/messages");
    let rows = [
        (
            messages.clone(),
            json!({"text": "안녕"}),
            400,
            "user is missing",
        ),
        (
            messages.clone(),
            json!({"user": "alice"}),
            400,
            "say something",
        ),
        (
            messages.clone(),
            json!({"user": "alice", "txt": "안녕"}),
            400,
            "unknown field `txt`",
        ),
        (
            messages.clone(),
            json!({"user": "alice", "text": "안녕", "block": "없는 블록"}),
            400,
            "no block",
        ),
        (
            messages.clone(),
            json!({"user": "alice", "photo": {"mediaType": "a/b", "base64": "%"}}),
            400,
            "base64",
        ),
        (messages, json!({"repeat": "e99"}), 404, "no such exchange"),
        (
            "/api/bots/000000000000000000000000/messages".to_owned(),
            json!({"user": "a", "text": "b"}),
            404,
            "no such bot",
        ),
        (
            "/api/clock".to_owned(),
            json!({"advanceMs": -1}),
            400,
            "advanceMs",
        ),
    ];
    for (path, body, status, words) in rows {
        let response = world.post(&path, &body).await;
        assert_eq!(response.status(), status, "{body}");
        let error: Value = response.json().await.unwrap();
        let error = error["error"].as_str().unwrap();
        assert!(error.contains(words), "{error}");
    }
    for (id, bot) in [
        ("short", json!({"skillUrl": "http://x/"})),
        (BOT, json!({"skillUrl": "no url"})),
    ] {
        assert_eq!(
            world.put(&format!("/api/bots/{id}"), bot).await.status(),
            400
        );
    }
    assert_eq!(world.get("/api/exchanges/e99").await.status(), 404);
    assert_eq!(world.get("/nothing/here").await.status(), 404);
}

#[tokio::test]
async fn exchanges_are_listed_newest_last() {
    let world = World::new().await;
    for (user, text) in [("alice", "하나"), ("bob", "둘"), ("alice", "셋")] {
        world.says(json!({"user": user, "text": text})).await;
    }
    let listed: Value = world
        .get("/api/exchanges?user=alice")
        .await
        .json()
        .await
        .unwrap();
    let said: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|exchange| {
            exchange["request"]["userRequest"]["utterance"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert_eq!(said, ["하나", "셋"]);
    let none = world
        .get("/api/exchanges?bot=000000000000000000000000")
        .await;
    assert_eq!(none.json::<Value>().await.unwrap(), json!([]));
}

#[tokio::test]
async fn an_answer_is_judged_without_a_platform() {
    let answer = |card: Value| json!({"version": "2.0", "template": {"outputs": [card]}});
    let button = json!({"label": "이동", "action": "block", "blockId": "6f1a0c5e9d2b7348a1c0f002"});
    let card = answer(json!({"textCard": {"title": "제목", "buttons": [button]}}));
    assert_eq!(judge(&card, false), []);
    let carousel = json!({"carousel": {"type": "textCard", "items": [{"title": "1안"}]}});
    let carousel = answer(carousel);
    assert_eq!(judge(&carousel, false), []);
    let broken = judge(&carousel, true);
    assert_eq!(broken[0].rule, "channel-only");
    let broken = judge(&answer(json!({"basicCard": {"title": "제목"}})), false);
    assert_eq!(broken[0].rule, "thumbnail-2461");
    assert_eq!(broken[0].at, "$.template.outputs[0].basicCard.thumbnail");
}

#[tokio::test]
async fn health_is_ok() {
    let world = World::new().await;
    let health: Value = world.get("/health").await.json().await.unwrap();
    assert_eq!(health, json!({"status": "ok"}));
}
