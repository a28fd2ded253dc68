//! Routing: which agent gets a person's messages; and agents of kind `webhook`, which are servers
//! of the owner's own.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use emulator::Message;
use serde_json::{Value, json};
use test_support::world::{OPEN, World, document};
use tokio::{net::TcpListener, task::JoinSet};

type Events = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

/// A webhook agent that keeps every event it gets. It repeats the text, and gives no reply to
/// `조용히`.
struct Hook {
    url: String,
    events: Events,
    _tasks: JoinSet<()>,
}

impl Hook {
    async fn start() -> Self {
        let events = Events::default();
        let router = Router::new()
            .route("/hook", post(answer))
            .with_state(Arc::clone(&events));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            events,
            _tasks: tasks,
        }
    }

    fn as_agent(&self) -> String {
        let secret = "A".repeat(32);
        format!(
            r#"hook: {{ kind: "webhook", url: "{}", secret: "{secret}" }}"#,
            self.url
        )
    }

    fn data(&self) -> Vec<Value> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .map(|(_, body)| body["data"].clone())
            .collect()
    }
}

async fn answer(
    State(events): State<Events>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let text = body["data"]["text"].as_str().unwrap().to_owned();
    events.lock().unwrap().push((headers, body));
    Json(match text.as_str() {
        "조용히" => json!({ "reply": null }),
        text => json!({ "reply": { "text": format!("**훅**: {text}"), "suggestions": ["또"] } }),
    })
}

fn alice_in(room: Option<&str>, text: &str) -> Message {
    Message {
        room: room.map(str::to_owned),
        ..Message::text("alice", text)
    }
}

/// The id of Alice as the bot sees it, or the id of a room that she is in.
async fn sender(room: Option<&str>) -> String {
    let world = World::new().await;
    world.sends_message(&alice_in(room, "안녕")).await;
    world.waiting().await[0].sender.to_string()
}

#[tokio::test]
async fn a_sender_and_a_room_are_led_to_agents_of_their_own() {
    let hook = Hook::start().await;
    let (alice, room) = (sender(None).await, sender(Some("방")).await);
    assert!(alice.starts_with("botUserKey:") && room.starts_with("botGroupKey:"));
    let agents = format!(
        r#"main: {{ kind: "echo" }}, {} }}, routing: {{ bindings: [
            {{ channel: "kakao", agent: "main" }},
            {{ channel: "kakao", senders: ["{alice}", "{room}"], agent: "hook" }},
        ]"#,
        hook.as_agent()
    );
    let world = World::with(&document(OPEN, &agents)).await;
    assert_eq!(world.asks("저예요").await, "훅: 저예요");
    let others = world.answer_to(&Message::text("bob", "저는요")).await;
    assert_eq!(others, "저는요");
    let room = world.answer_to(&alice_in(Some("방"), "여기는요")).await;
    assert_eq!(room, "훅: 여기는요\n---\n· 또");
    let elsewhere = world
        .answer_to(&alice_in(Some("다른 방"), "거기는요"))
        .await;
    assert_eq!(elsewhere, "거기는요");

    // The webhook sees the same sender in both places and two conversations, and no Kakao id of
    // either.
    let data = hook.data();
    assert_eq!(data.len(), 2);
    assert_eq!(data[0]["sender"], data[1]["sender"]);
    assert_ne!(data[0]["conversation"], data[1]["conversation"]);
    assert_ne!(data[1]["sender"], data[1]["conversation"]);
    let key = alice.strip_prefix("botUserKey:").unwrap();
    assert!(!format!("{data:?}").contains(key));
}

#[tokio::test]
async fn a_webhook_knows_the_conversation_again_and_may_stay_silent() {
    let hook = Hook::start().await;
    let world = World::with(&document(OPEN, &hook.as_agent())).await;
    assert_eq!(world.asks("하나").await, "훅: 하나");
    world.asks("/새대화").await;
    assert_eq!(
        world.asks("조용히").await,
        "이번에는 답변이 오지 않았어요. 다른 표현으로 다시 물어봐 주세요."
    );
    let data = hook.data();
    assert_eq!(data[0]["conversation"], data[1]["conversation"]);
    assert_ne!(data[0]["session"], data[1]["session"]);
    assert_eq!(data[0]["account"], "default");
    // The timestamp comes from the worker's clock, which the test has moved.
    let (headers, _) = hook.events.lock().unwrap()[1].clone();
    let said: u64 = headers["webhook-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(said.abs_diff(world.now().as_secs()) < 60);
}
