//! What real models and servers send, and what is meant for the person: every file of
//! `tests/samples/answers` whose name begins with a kind of agent.
//!
//! A file has the response, as `body` (a text to the letter, or JSON) or as `stream` (the data of
//! each event), with `status` and `type` where they matter, and the right `text` or the `error`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{fs, path::Path};

use agents::{Agent, Question};
use outside::Http;
use serde_json::Value;
use shared::{
    clock::Time,
    config::{AgentKind, Locale, OpenAi},
    message::Message,
    turn::Exchange,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

const KINDS: [&str; 4] = ["openclaw", "openai-chat", "openai-responses", "webhook"];

fn agent(kind: &str, server: &MockServer) -> Agent {
    let url = server.uri().parse().unwrap();
    let settings = |url| OpenAi {
        url,
        token: None,
        model: "small".to_owned(),
        instructions: None,
        memory_turns: 20,
        images: true,
    };
    let kind = match kind {
        "openclaw" => AgentKind::OpenClaw {
            url,
            token: None,
            agent_id: None,
        },
        "openai-chat" => AgentKind::OpenAiChat(settings(url)),
        "openai-responses" => AgentKind::OpenAiResponses(settings(url)),
        _ => AgentKind::Webhook {
            url,
            secret: vec![7; 32].into(),
        },
    };
    Agent::new(&kind, &Http::new(&[]).unwrap())
}

fn response(sample: &Value) -> ResponseTemplate {
    let status = sample["status"].as_u64().unwrap_or(200);
    let response = ResponseTemplate::new(u16::try_from(status).unwrap());
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let (body, usual) = match sample["stream"].as_array() {
        Some(events) => {
            let events = events
                .iter()
                .map(|event| format!("data: {}\n\n", text(event)));
            (events.collect(), "text/event-stream")
        }
        None => (text(&sample["body"]), "application/json"),
    };
    match sample["type"].as_str().unwrap_or(usual) {
        "" => response.set_body_bytes(body),
        kind => response.set_body_raw(body, kind),
    }
}

async fn answered(kind: &str, sample: &Value) -> Result<String, String> {
    let server = MockServer::start().await;
    let serving = Mock::given(any()).respond_with(response(sample));
    serving.mount(&server).await;
    let message = Message {
        text: "내일 서울 날씨 어때?".to_owned(),
        ..Message::default()
    };
    let history = [Exchange {
        question: "안녕".to_owned(),
        answer: "안녕하세요".to_owned(),
    }];
    let question = Question {
        turn: "turn-1",
        session: "0a1b2c",
        channel: "kakao",
        account: "shop",
        conversation: "c0ffee",
        sender: "5e4d",
        locale: Locale::Ko,
        received: Time::default(),
        now: Time::default(),
        message: &message,
        pictures: &[],
        missing: 0,
        history: &history,
    };
    match agent(kind, &server).ask(&question).await {
        Ok(said) => Ok(said.map(|said| said.words).unwrap_or_default()),
        Err(none) => Err(format!("{:?}", none.error)),
    }
}

#[tokio::test]
async fn every_sample_is_read_as_it_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/answers");
    let mut seen = KINDS.map(|_| 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let Some(kind) = KINDS
            .iter()
            .position(|kind| name.starts_with(&format!("{kind}-")))
        else {
            continue;
        };
        seen[kind] += 1;
        let sample: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let expected = match (sample["text"].as_str(), sample["error"].as_str()) {
            (Some(text), None) => Ok(text.to_owned()),
            (None, Some(error)) => Err(error.to_owned()),
            _ => panic!("{name} has to have either a text or an error"),
        };
        assert_eq!(answered(KINDS[kind], &sample).await, expected, "{name}");
    }
    assert!(seen.iter().all(|samples| *samples > 2), "{seen:?}");
}
