//! What an agent is sent, and when it is asked a second time.

use serde_json::{Map, Value};
use wiremock::{
    Request,
    matchers::{header, method, path},
};

use super::*;

pub(super) fn sent(request: &Request) -> Value {
    let shown = [
        "authorization",
        "idempotency-key",
        "x-openclaw-message-channel",
        "content-type",
    ];
    let headers: Map<String, Value> = shown
        .into_iter()
        .filter_map(|name| {
            Some((
                name.to_owned(),
                request.headers.get(name)?.to_str().ok()?.into(),
            ))
        })
        .collect();
    json!({
        "path": request.url.path(),
        "headers": headers,
        "body": request.body_json::<Value>().unwrap(),
    })
}

#[tokio::test]
async fn f124_openclaw_gets_the_message_and_nothing_else() {
    let server = serving(streaming(&hello())).await;
    assert_eq!(
        ask(&openclaw(&server.uri())).await.unwrap(),
        "안녕하세요 **반가워요**"
    );
    let expected = json!({
        "path": "/v1/chat/completions",
        "headers": {
            "authorization": "Bearer canary-token",
            "content-type": "application/json",
            "idempotency-key": "turn-1",
            "x-openclaw-message-channel": "kakao",
        },
        "body": {
            "model": "openclaw/main",
            "user": "0a1b2c",
            "stream": true,
            "messages": [
                {"role": "user", "content": "안녕?\n\n[버튼 데이터] {\"orderId\":\"A-17\"}\n[사진 1장]"},
            ],
        },
    });
    assert_eq!(
        sent(&server.received_requests().await.unwrap()[0]),
        expected
    );
}

#[tokio::test]
async fn f124_an_openai_endpoint_gets_the_message_and_the_last_turns() {
    let server = serving(streaming(&hello())).await;
    let agent = openai_chat(&format!("{}/api/v1/", server.uri()));
    assert_eq!(ask(&agent).await.unwrap(), "안녕하세요 **반가워요**");
    let expected = json!({
        "path": "/api/v1/chat/completions",
        "headers": {
            "authorization": "Bearer canary-token",
            "content-type": "application/json",
            "idempotency-key": "turn-1",
        },
        "body": {
            "model": "gpt-x",
            "stream": true,
            "messages": [
                {"role": "system", "content": "짧게 답한다."},
                {"role": "user", "content": "질문 2"},
                {"role": "assistant", "content": "답 2"},
                {"role": "user", "content": "질문 3"},
                {"role": "assistant", "content": "답 3"},
                {"role": "user", "content": "안녕?\n\n[버튼 데이터] {\"orderId\":\"A-17\"}\n[사진 1장]"},
            ],
        },
    });
    assert_eq!(
        sent(&server.received_requests().await.unwrap()[0]),
        expected
    );
}

#[tokio::test]
async fn the_endpoint_is_found_below_every_spelling_of_the_address() {
    let server = serving(streaming(&hello())).await;
    for (base, expected) in [
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/claw", "/claw/v1/chat/completions"),
        ("/claw/v1", "/claw/v1/chat/completions"),
    ] {
        ask(&openclaw(&format!("{}{base}", server.uri())))
            .await
            .unwrap();
        assert_eq!(
            server
                .received_requests()
                .await
                .unwrap()
                .last()
                .unwrap()
                .url
                .path(),
            expected
        );
    }
    for (base, expected) in [
        ("", "/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        (
            "/openai?api-version=1",
            "/openai/chat/completions?api-version=1",
        ),
    ] {
        ask(&openai_chat(&format!("{}{base}", server.uri())))
            .await
            .unwrap();
        let requests = server.received_requests().await.unwrap();
        assert_eq!(
            requests.last().unwrap().url[url::Position::BeforePath..],
            *expected
        );
    }
}

#[tokio::test]
async fn the_start_race_of_openclaw_is_tried_once_more() {
    let race = json!({"error": {"message": "internal error", "type": "api_error"}});
    let other = json!({"error": {"message": "upstream provider error", "type": "api_error"}});
    let refused = |body: &Value| ResponseTemplate::new(500).set_body_json(body);
    let begun = json!({"choices": [{"index": 0, "delta": {"role": "assistant"}}]});
    let said = json!({"choices": [{"index": 0, "delta": {"content": "안녕"}}]});
    let streamed = |events: &[&Value]| {
        let events = events.iter().map(|event| format!("data: {event}\n\n"));
        let body: String = events.chain(["data: [DONE]\n\n".to_owned()]).collect();
        ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
    };
    let answer = || Ok("안녕하세요 **반가워요**".to_owned());
    let rejected = || Err(AgentError::Rejected { status: 500 });
    for (first, then, expected, requests) in [
        (refused(&race), streaming(&hello()), answer(), 2),
        (refused(&race), refused(&race), rejected(), 2),
        (refused(&other), streaming(&hello()), rejected(), 1),
        (streamed(&[&begun, &race]), streaming(&hello()), answer(), 2),
        (
            streamed(&[&begun, &other]),
            streaming(&hello()),
            Err(AgentError::Failed),
            1,
        ),
        (
            streamed(&[&begun, &said, &race]),
            streaming(&hello()),
            Err(AgentError::Failed),
            1,
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(header("idempotency-key", "turn-1"))
            .respond_with(first)
            .up_to_n_times(1)
            .mount(&server)
            .await;
        Mock::given(header("idempotency-key", "turn-1"))
            .respond_with(then)
            .mount(&server)
            .await;
        assert_eq!(ask(&openclaw(&server.uri())).await, expected);
        assert_eq!(server.received_requests().await.unwrap().len(), requests);
    }
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = ask(&openclaw(&format!("http://{closed}/canary")))
        .await
        .unwrap_err();
    assert_eq!(error, AgentError::Unreachable);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[tokio::test]
async fn a_probe_reads_the_list_of_models() {
    let server = MockServer::start().await;
    let list = json!({"object": "list", "data": [{"id": "openclaw"}, {"id": "openclaw/main"}]});
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .and(header("authorization", "Bearer canary-token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .expect(2)
        .mount(&server)
        .await;
    let models = vec!["openclaw".to_owned(), "openclaw/main".to_owned()];
    let report = openclaw(&server.uri())
        .probe(Time::default())
        .await
        .unwrap();
    assert_eq!(
        report,
        ProbeReport {
            target: "openclaw/main".to_owned(),
            listed: true,
            models: models.clone(),
            status: None,
        }
    );
    let report = openai_chat(&format!("{}/v1", server.uri()))
        .probe(Time::default())
        .await
        .unwrap();
    assert_eq!(
        report,
        ProbeReport {
            target: "gpt-x".to_owned(),
            listed: false,
            models,
            status: None,
        }
    );
}

#[tokio::test]
async fn a_probe_tells_a_wrong_token_from_a_wrong_address() {
    let server = serving(ResponseTemplate::new(401)).await;
    assert_eq!(
        openclaw(&server.uri()).probe(Time::default()).await,
        Err(AgentError::Unauthorized.into())
    );
    let server = serving(ResponseTemplate::new(200).set_body_raw("<html>", "text/html")).await;
    assert_eq!(
        openclaw(&server.uri()).probe(Time::default()).await,
        Err(AgentError::Unreadable.into())
    );
}

#[tokio::test]
async fn echo_says_it_back_and_needs_no_history() {
    let agent = agent(&AgentKind::Echo);
    assert_eq!(agent.memory_turns(), None);
    assert!(ask(&agent).await.unwrap().starts_with("안녕\\?"));
    assert!(agent.probe(Time::default()).await.unwrap().listed);
}

#[test]
fn only_openai_chat_needs_its_history() {
    assert_eq!(openclaw("http://localhost").memory_turns(), None);
    assert_eq!(openai_chat("http://localhost").memory_turns(), Some(2));
}
