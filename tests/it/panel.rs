//! The operator's panel beside the chat page of `dari dev`. It approves and dismisses as the
//! command does, and refuses requests that come from elsewhere than this machine's own page.

use reqwest::StatusCode;
use serde_json::{Value, json};
use test_support::world::{World, screen};

/// The first event of the panel's stream: all that the panel shows now.
async fn shown(world: &World) -> Value {
    let url = format!("{}/operator/events", world.stack.url);
    let mut response = world.client.get(url).send().await.unwrap();
    let mut text = String::new();
    while !text.contains("\n\n") {
        let chunk = response.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    serde_json::from_str(text.trim().strip_prefix("data:").unwrap()).unwrap()
}

async fn posts(world: &World, what: &str, body: &Value) -> StatusCode {
    let url = format!("{}/operator/{what}", world.stack.url);
    let sent = world.client.post(url).json(body).send().await;
    sent.unwrap().status()
}

#[tokio::test]
async fn a_stranger_is_approved_on_the_panel_and_their_turns_are_seen() {
    let world = World::new().await;
    world.sends("안녕하세요").await;
    let panel = shown(&world).await;
    let request = &panel["requests"][0];
    assert_eq!(request["name"], "alice");
    assert_eq!(panel["chats"], json!([]));

    let id = json!({ "id": request["id"] });
    assert_eq!(posts(&world, "approve", &id).await, StatusCode::NO_CONTENT);
    // A second click is refused, and does not count as a wrong code.
    for _ in 0..6 {
        assert_eq!(posts(&world, "approve", &id).await, StatusCode::CONFLICT);
    }
    let answered = world.sends_without_callback("반가워요").await;
    assert_eq!(screen(&answered), "반가워요");
    let panel = shown(&world).await;
    assert_eq!(panel["requests"], json!([]));
    assert_eq!(panel["chats"][0]["name"], "alice");
    assert_eq!(panel["chats"][0]["turns"][0]["state"], "answered");
}

#[tokio::test]
async fn a_note_is_kept_and_an_approval_is_taken_back_on_the_panel() {
    let world = World::new().await;
    world.sends("안녕하세요").await;
    let waiting = async || {
        let url = format!("{}/operator/waiting", world.stack.url);
        let answer = world.client.get(url).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(waiting().await, json!({ "waiting": 1 }));
    let id = shown(&world).await["requests"][0]["id"].clone();
    let body = json!({ "id": id, "note": " 단골 지영 " });
    assert_eq!(
        posts(&world, "approve", &body).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(waiting().await, json!({ "waiting": 0 }));
    let approved = shown(&world).await["approved"][0].clone();
    assert_eq!(
        (&approved["note"], &approved["name"]),
        (&json!("단골 지영"), &json!("alice"))
    );

    let body = json!({ "account": approved["account"], "sender": approved["sender"] });
    assert_eq!(posts(&world, "revoke", &body).await, StatusCode::NO_CONTENT);
    assert_eq!(posts(&world, "revoke", &body).await, StatusCode::CONFLICT);
    assert_eq!(shown(&world).await["approved"], json!([]));
    assert!(world.asks("아직 되나요").await.contains("승인 코드"));
}

#[tokio::test]
async fn a_dismissed_stranger_is_gone_and_may_ask_again() {
    let world = World::new().await;
    world.sends("안녕하세요").await;
    let id = shown(&world).await["requests"][0]["id"].clone();
    let body = json!({ "id": id });
    assert_eq!(
        posts(&world, "dismiss", &body).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(shown(&world).await["requests"], json!([]));
    assert_eq!(posts(&world, "dismiss", &body).await, StatusCode::CONFLICT);
    world.sends("다시 안녕하세요").await;
    assert_eq!(shown(&world).await["requests"][0]["name"], "alice");
}

#[tokio::test]
async fn nobody_elsewhere_can_use_it() {
    let world = World::new().await;
    world.sends("안녕하세요").await;
    let id = shown(&world).await["requests"][0]["id"].clone();
    let url = format!("{}/operator/approve", world.stack.url);
    let body = json!({ "id": id });
    let post = || world.client.post(&url);
    for refused in [
        post().header("host", "tunnel.example.com").json(&body),
        post()
            .header("origin", "https://evil.example.com")
            .json(&body),
        post().header("origin", "null").json(&body),
        // Proxies that rewrite the host, as nginx does by itself.
        post().header("x-forwarded-for", "203.0.113.9").json(&body),
        post().header("forwarded", "for=203.0.113.9").json(&body),
        post().header("cf-ray", "8f1c").json(&body),
        // A form of another site may send this type without asking the browser first.
        post()
            .header("content-type", "text/plain")
            .body(body.to_string()),
    ] {
        let status = refused.send().await.unwrap().status();
        assert!(status.is_client_error(), "{status}");
    }
    assert_eq!(shown(&world).await["requests"][0]["id"], id);
    let events = world
        .client
        .get(format!("{}/operator/events", world.stack.url));
    let elsewhere = events.header("host", "tunnel.example.com").send().await;
    assert_eq!(elsewhere.unwrap().status(), StatusCode::NOT_FOUND);
    let own = post().header("origin", &world.stack.url).json(&body);
    assert_eq!(own.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}
