//! What a page that follows along is told.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{Answer, BOT, SECRET, World, ack, text};

/// A connection to the events.
struct Events {
    response: reqwest::Response,
    unread: String,
}

impl Events {
    async fn of(world: &World) -> Self {
        let response = world.get("/api/events").await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            unread: String::new(),
        }
    }

    /// A connection that has read its snapshot, and the exchanges in it.
    async fn following(world: &World) -> (Self, Vec<Value>) {
        let mut events = Self::of(world).await;
        assert_eq!(events.next().await.0, "snapshot");
        let mut exchanges = Vec::new();
        loop {
            match events.next().await {
                (name, _) if name == "ready" => return (events, exchanges),
                (name, exchange) => {
                    assert_eq!(name, "exchange");
                    exchanges.push(exchange);
                }
            }
        }
    }

    async fn next(&mut self) -> (String, Value) {
        // Heartbeats do not count.
        let patience = Duration::from_secs(20);
        let event = tokio::time::timeout(patience, self.next_of_any()).await;
        event.expect("an event")
    }

    async fn next_of_any(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let told = field("event: ").map(str::to_owned);
                let data = field("data: ").map(|data| serde_json::from_str(data).unwrap());
                self.unread = rest.to_owned();
                if let (Some(name), Some(data)) = (told, data) {
                    return (name, data);
                }
                continue;
            }
            let chunk = self.response.chunk().await.unwrap().expect("no end");
            self.unread.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event of the name; others are passed over.
    async fn until(&mut self, wanted: &str) -> Value {
        loop {
            let (name, data) = self.next().await;
            if name == wanted {
                return data;
            }
        }
    }

    /// The first state of an exchange that has `value` at the JSON pointer.
    async fn exchange_with(&mut self, pointer: &str, value: &str) -> Value {
        loop {
            let exchange = self.until("exchange").await;
            if exchange.pointer(pointer) == Some(&json!(value)) {
                return exchange;
            }
        }
    }
}

#[tokio::test]
async fn a_reader_starts_with_everything_and_hears_of_what_changes() {
    let world = World::new().await;
    let early = world.says(json!({"user": "alice", "text": "하나"})).await;
    let mut events = Events::of(&world).await;
    let (name, snapshot) = events.next().await;
    assert_eq!(name, "snapshot");
    assert_eq!(snapshot["bots"][0]["id"], BOT);
    assert!(snapshot["nowMs"].as_i64().unwrap() > 1_700_000_000_000);
    assert!(!snapshot.to_string().contains(SECRET.1));
    let (name, exchange) = events.next().await;
    assert_eq!(
        (name.as_str(), exchange["id"].as_str()),
        ("exchange", Some(early.id.as_str()))
    );
    assert_eq!(exchange, serde_json::to_value(&early).unwrap());
    assert_eq!(events.next().await.0, "ready");

    let late = world.says(json!({"user": "me", "text": "둘"})).await;
    let told = events.exchange_with("/outcome", "answered").await;
    assert_eq!(told, serde_json::to_value(&late).unwrap());
}

#[tokio::test]
async fn a_call_shows_while_it_lasts() {
    let world = World::new().await;
    let (mut events, _) = Events::following(&world).await;
    let answered = std::sync::Arc::new(tokio::sync::Notify::new());
    world.skill_answers(Answer::When(answered.clone(), text("네")));
    let message = json!({"user": "alice", "text": "있어요?"});
    let watching = async {
        events.exchange_with("/outcome", "pending").await;
        answered.notify_one();
        events.exchange_with("/outcome", "answered").await
    };
    let (said, told) = tokio::join!(world.says(message), watching);
    assert_eq!(told["id"], said.id);
}

#[tokio::test]
async fn who_connects_again_starts_anew() {
    let world = World::new().await;
    for text in ["하나", "둘", "셋"] {
        world.says(json!({"user": "alice", "text": text})).await;
    }
    for _ in 0..2 {
        let (_, exchanges) = Events::following(&world).await;
        let ids: Vec<_> = exchanges.iter().map(|exchange| &exchange["id"]).collect();
        assert_eq!(ids, ["e1", "e2", "e3"]);
    }
}

#[tokio::test]
async fn a_callback_is_told_of_when_it_comes() {
    let world = World::new().await;
    let (mut events, _) = Events::following(&world).await;
    let (exchange, url) = world.acknowledged().await;
    let open = events.exchange_with("/outcome", "waiting").await;
    assert_eq!(open["callback"]["state"], "open");
    assert_eq!(world.posts(&url, &text("비가 와요")).await.0, 200);
    let used = events.exchange_with("/callback/state", "used").await;
    assert_eq!(used["id"], exchange.id);
    assert_eq!(used["callback"]["bubbles"][0]["text"], "비가 와요");
}

#[tokio::test]
async fn a_callback_expires_with_nobody_doing_anything() {
    let world = World::new().await;
    let (mut events, _) = Events::following(&world).await;
    world.skill_answers(Answer::Json(ack()));
    world.says(json!({"user": "alice", "text": "비 와?"})).await;
    // The rest of the minute passes by itself.
    world.later(Duration::from_millis(59_500)).await;
    let expired = events.exchange_with("/callback/state", "expired").await;
    assert_eq!(expired["id"], "e1");
}

#[tokio::test]
async fn bots_faults_and_the_clock_are_told_of() {
    let world = World::new().await;
    let (mut events, _) = Events::following(&world).await;
    world
        .faults(json!({"callback": {"mode": "refuse", "times": 1}}))
        .await;
    let faults = events.until("faults").await;
    assert_eq!(faults[BOT]["callback"]["mode"], "refuse");
    let (_, url) = world.acknowledged().await;
    assert_eq!(world.posts(&url, &text("네")).await.0, 400);
    assert_eq!(events.until("faults").await[BOT]["callback"]["times"], 0);

    world.later(Duration::from_mins(1)).await;
    assert!(events.until("clock").await["nowMs"].is_i64());

    let id = "6f1a0c5e9d2b7348a1c0de09";
    let bot = json!({"skillUrl": "http://127.0.0.1:1/", "header": ["X-Key", "top-secret"]});
    world.put(&format!("/api/bots/{id}"), bot).await;
    let bots = events.until("bots").await;
    assert_eq!(bots.as_array().unwrap().len(), 2);
    assert!(!bots.to_string().contains("top-secret"));
    let (mut again, _) = Events::following(&world).await;
    world.faults(json!({})).await;
    assert_eq!(again.next().await.0, "faults");
}
