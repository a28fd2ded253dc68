//! Every kind of agent, against a server of the test. This file has the agents, questions and
//! responses that the other files share.

mod answering;
mod asking;
mod complaining;
mod pictures;
mod responses;
mod webhook;

use serde_json::json;
use shared::{
    config::{Locale, OpenAi},
    message::Message,
    turn::Exchange,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::*;

fn agent(kind: &AgentKind) -> Agent {
    Agent::new(kind, &Http::new(&[]).unwrap())
}

fn openclaw(url: &str) -> Agent {
    agent(&AgentKind::OpenClaw {
        url: url.parse().unwrap(),
        token: Some("canary-token".into()),
        agent_id: Some("main".to_owned()),
    })
}

fn settings(url: &str) -> OpenAi {
    OpenAi {
        url: url.parse().unwrap(),
        token: Some("canary-token".into()),
        model: "gpt-x".to_owned(),
        instructions: Some("짧게 답한다.".to_owned()),
        memory_turns: 2,
        images: true,
    }
}

fn openai_chat(url: &str) -> Agent {
    agent(&AgentKind::OpenAiChat(settings(url)))
}

fn openai_responses(url: &str) -> Agent {
    agent(&AgentKind::OpenAiResponses(settings(url)))
}

fn message() -> Message {
    Message {
        text: "안녕?".to_owned(),
        images: vec!["https://talk.kakaocdn.net/a?signature=canary".to_owned()],
        tap: Some(json!({"orderId": "A-17"})),
        ..Message::default()
    }
}

fn question<'a>(message: &'a Message, history: &'a [Exchange]) -> Question<'a> {
    Question {
        turn: "turn-1",
        session: "0a1b2c",
        channel: "kakao",
        account: "shop",
        conversation: "c0ffee",
        sender: "5e4d",
        locale: Locale::Ko,
        received: Time::from_millis(1_767_323_045_070),
        now: Time::from_millis(1_767_323_047_999),
        message,
        pictures: &[],
        missing: 0,
        history,
    }
}

async fn ask(agent: &Agent) -> Result<String, AgentError> {
    ask_with(agent, &[]).await
}

async fn ask_with(agent: &Agent, pictures: &[Picture]) -> Result<String, AgentError> {
    let turn = |n: u8| Exchange {
        question: format!("질문 {n}"),
        answer: format!("답 {n}"),
    };
    let (message, history) = (message(), [turn(1), turn(2), turn(3)]);
    let question = Question {
        pictures,
        ..question(&message, &history)
    };
    let said = agent.ask(&question).await.map_err(|none| none.error)?;
    Ok(said.map_or_else(|| "(silence)".to_owned(), |said| said.words))
}

async fn serving(response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&server)
        .await;
    server
}

fn events(data: &[&str]) -> String {
    data.iter()
        .flat_map(|data| ["data: ", data, "\n\n"])
        .collect()
}

fn streaming(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream; charset=utf-8")
}

fn delta(text: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
        .to_string()
}

const FINISHED: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// The answer as `OpenClaw` streams it (openclaw.md §1.2).
fn hello() -> String {
    events(&[
        r#"{"choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}"#,
        &delta("안녕"),
        &delta("하세요 **반가워요**\n"),
        FINISHED,
        r#"{"choices":[],"usage":{"total_tokens":16}}"#,
        "[DONE]",
    ])
}
