//! What an endpoint says about an error, what is done about it at once, and whom it reaches.

use serde_json::Value;
use wiremock::matchers::{body_string_contains, header, method, path};

use super::*;

fn too_long() -> ResponseTemplate {
    let error = json!({"message": "maximum context length is 4096 tokens", "code": "context_length_exceeded"});
    ResponseTemplate::new(400).set_body_json(json!({ "error": error }))
}

async fn ask_for_all(agent: &Agent, turns: u8) -> Result<Said, NoAnswer> {
    let history: Vec<_> = (1..=turns)
        .map(|n| Exchange {
            question: format!("질문 {n}번"),
            answer: format!("답 {n}번"),
        })
        .collect();
    let message = message();
    let said = agent.ask(&question(&message, &history)).await?;
    Ok(said.unwrap())
}

fn with_memory(url: &str, is_chat: bool) -> Agent {
    let settings = OpenAi {
        memory_turns: 20,
        ..settings(url)
    };
    agent(&if is_chat {
        AgentKind::OpenAiChat(settings)
    } else {
        AgentKind::OpenAiResponses(settings)
    })
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_asked_once_more_with_its_newest_turns() {
    let chat = json!({"choices": [{"message": {"content": "네"}}]});
    let responses = json!({"output": [{"type": "message", "content": [{"type": "output_text", "text": "네"}]}]});
    for (is_chat, answer) in [(true, chat), (false, responses)] {
        let server = MockServer::start().await;
        Mock::given(body_string_contains("질문 1번"))
            .respond_with(too_long())
            .mount(&server)
            .await;
        Mock::given(header("idempotency-key", "turn-1-shorter"))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
        let said = ask_for_all(&with_memory(&server.uri(), is_chat), 8)
            .await
            .unwrap();
        assert_eq!((said.words.as_str(), said.memory_turns), ("네", Some(3)));
        let asked = server.received_requests().await.unwrap();
        let last = String::from_utf8(asked[1].body.clone()).unwrap();
        assert!(
            last.contains("질문 7번") && !last.contains("질문 6번"),
            "{last}"
        );
        assert_eq!(asked.len(), 2);
    }
}

#[tokio::test]
async fn what_stays_too_long_is_told_apart() {
    let server = serving(too_long()).await;
    for (agent, turns, expected, requests) in [
        (
            with_memory(&server.uri(), true),
            8,
            AgentError::ConversationTooLong,
            2,
        ),
        (
            with_memory(&server.uri(), true),
            1,
            AgentError::ConversationTooLong,
            2,
        ),
        (
            with_memory(&server.uri(), false),
            0,
            AgentError::MessageTooLong,
            1,
        ),
        (
            openclaw(&server.uri()),
            8,
            AgentError::ConversationTooLong,
            1,
        ),
    ] {
        server.reset().await;
        Mock::given(any())
            .respond_with(too_long())
            .mount(&server)
            .await;
        let none = ask_for_all(&agent, turns).await.unwrap_err();
        assert_eq!(
            (none.error, none.error.class()),
            (expected, ErrorClass::PersonsMistake)
        );
        assert_eq!(server.received_requests().await.unwrap().len(), requests);
    }
}

#[tokio::test]
async fn what_is_not_shortened_remembers_as_many_turns_as_configured() {
    let body = json!({"choices": [{"message": {"content": "네"}}]});
    let server = serving(ResponseTemplate::new(200).set_body_json(body)).await;
    for (agent, expected) in [
        (with_memory(&server.uri(), true), Some(20)),
        (openclaw(&server.uri()), None),
    ] {
        assert_eq!(ask_for_all(&agent, 3).await.unwrap().memory_turns, expected);
    }
}

#[tokio::test]
async fn the_endpoints_own_words_come_along_without_secrets_and_people() {
    let error = json!({"message": "The model `gpt-x` does not exist: canary-token, '안녕?', Bearer 0123456789abcdef0123456789abcdef"});
    let refusal = |status| ResponseTemplate::new(status).set_body_json(json!({ "error": error }));
    for response in [
        refusal(404),
        refusal(200),
        streaming(&events(&[&json!({ "error": error }).to_string()])),
    ] {
        let server = serving(response).await;
        for agent in [
            openclaw(&server.uri()),
            openai_chat(&server.uri()),
            openai_responses(&server.uri()),
        ] {
            let none = ask_for_all(&agent, 0).await.unwrap_err();
            assert_eq!(
                none.words,
                "The model `gpt-x` does not exist: …, '…', Bearer …"
            );
            assert!(none.to_string().ends_with(&none.words), "{none}");
        }
    }
}

#[tokio::test]
async fn a_token_that_was_copied_with_its_scheme_is_understood() {
    let server = serving(streaming(&hello())).await;
    for token in [
        "canary-token",
        "Bearer canary-token",
        " bearer  canary-token\n",
    ] {
        let settings = OpenAi {
            token: Some(token.into()),
            ..settings(&server.uri())
        };
        ask(&agent(&AgentKind::OpenAiChat(settings))).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let sent = &requests.last().unwrap().headers["authorization"];
        assert_eq!(sent, "Bearer canary-token", "{token}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_found_although_anybody_may_list_the_models() {
    let error = |message: &str| json!({"error": {"message": message}});
    for (status, body, expected) in [
        (401, error("Invalid token"), Err(AgentError::Unauthorized)),
        (
            404,
            error("no such model"),
            Err(AgentError::Rejected { status: 404 }),
        ),
        (400, error("messages must not be empty"), Ok(())),
        (422, error("messages must not be empty"), Ok(())),
        (200, json!({}), Ok(())),
    ] {
        let server = MockServer::start().await;
        let list = json!({"data": [{"id": "gpt-x"}]});
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(200).set_body_json(list))
            .mount(&server)
            .await;
        for at in ["/chat/completions", "/responses"] {
            Mock::given(path(at))
                .respond_with(ResponseTemplate::new(status).set_body_json(&body))
                .mount(&server)
                .await;
        }
        for agent in [openai_chat(&server.uri()), openai_responses(&server.uri())] {
            assert!(agent.probe(Time::default()).await.unwrap().listed);
            assert_eq!(agent.knock().await.map_err(|none| none.error), expected);
        }
        let asked = server.received_requests().await.unwrap();
        let nothing: Value = asked[1].body_json().unwrap();
        assert_eq!(
            nothing,
            json!({"model": "gpt-x", "messages": [], "max_tokens": 1})
        );
    }
}
