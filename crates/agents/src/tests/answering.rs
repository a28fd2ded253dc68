//! How an agent's response becomes an answer or an error.

use std::io::Write;

use serde_json::Value;
use test_server::{RawServer, wait_for_hang_up};
use tokio::sync::mpsc;

use super::*;

#[tokio::test]
async fn an_answer_in_one_piece_is_understood() {
    for content in [
        json!("답 **하나**"),
        json!([{"type": "text", "text": "답 "}, {"type": "text", "text": "**하나**"}]),
    ] {
        let message = json!({"role": "assistant", "content": content});
        let body = json!({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
        let server = serving(ResponseTemplate::new(200).set_body_json(body)).await;
        assert_eq!(ask(&openclaw(&server.uri())).await.unwrap(), "답 **하나**");
        assert_eq!(
            ask(&openai_chat(&server.uri())).await.unwrap(),
            "답 **하나**"
        );
    }
}

#[tokio::test]
async fn pictures_among_the_parts_of_an_answer_are_kept() {
    let server = MockServer::start().await;
    let content = json!([
        {"type": "text", "text": "달이에요."},
        {"type": "image_url", "image_url": {"url": "https://img.example.com/moon.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]);
    let body = json!({"choices": [{"message": {"content": content}}]});
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    assert_eq!(
        ask(&openai_chat(&server.uri())).await.unwrap(),
        "달이에요.\n\n![](<https://img.example.com/moon.png>)"
    );
}

#[tokio::test]
async fn f30_answers_that_are_none_are_errors() {
    let error = r#"{"error":{"message":"canary","type":"api_error"}}"#;
    let json = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let content = |content: Value| json(json!({"choices": [{"message": {"content": content}}]}));
    let cases = [
        (
            "error in a stream",
            streaming(&events(&[error, "[DONE]"])),
            AgentError::Failed,
        ),
        (
            "error after text",
            streaming(&events(&[&delta("반쪽"), error, "[DONE]"])),
            AgentError::Failed,
        ),
        ("stream of nothing", streaming(""), AgentError::Failed),
        (
            "stream of nonsense",
            streaming("data: {\"choi\n\n"),
            AgentError::Failed,
        ),
        (
            "stream without text",
            streaming(&events(&[FINISHED, "[DONE]"])),
            AgentError::Empty,
        ),
        (
            "blank text",
            streaming(&events(&[&delta(" \n"), "[DONE]"])),
            AgentError::Empty,
        ),
        (
            "error in a good answer",
            json(json!({"error": {"message": "canary"}})),
            AgentError::Failed,
        ),
        (
            "no choice",
            json(json!({"choices": []})),
            AgentError::Unreadable,
        ),
        (
            "something else",
            json(json!({"ok": true})),
            AgentError::Unreadable,
        ),
        ("no content", content(json!(null)), AgentError::Empty),
        (
            "a page",
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            AgentError::Unreadable,
        ),
        (
            "an endless answer",
            content("x".repeat(3 << 20).into()),
            AgentError::Unreadable,
        ),
    ];
    for (name, response, expected) in cases {
        let server = serving(response).await;
        assert_eq!(
            ask(&openclaw(&server.uri())).await,
            Err(expected),
            "openclaw: {name}"
        );
        assert_eq!(
            ask(&openai_chat(&server.uri())).await,
            Err(expected),
            "openai-chat: {name}"
        );
    }
}

#[tokio::test]
async fn the_placeholder_of_openclaw_is_silence() {
    let server = serving(streaming(&events(&[
        &delta("No response from OpenClaw."),
        FINISHED,
        "[DONE]",
    ])))
    .await;
    assert_eq!(ask(&openclaw(&server.uri())).await, Err(AgentError::Empty));
}

#[tokio::test]
async fn refusals_say_who_can_do_something() {
    use ErrorClass::{Permanent, TryAgain};

    for (status, expected, class) in [
        (400, AgentError::Rejected { status: 400 }, Permanent),
        (401, AgentError::Unauthorized, Permanent),
        (403, AgentError::Unauthorized, Permanent),
        (404, AgentError::Rejected { status: 404 }, Permanent),
        (307, AgentError::Rejected { status: 307 }, Permanent),
        (429, AgentError::Rejected { status: 429 }, TryAgain),
        (502, AgentError::Rejected { status: 502 }, TryAgain),
    ] {
        let body = json!({"error": {"message": "canary", "type": "invalid_request_error"}});
        let server = serving(ResponseTemplate::new(status).set_body_json(body)).await;
        for agent in [openclaw(&server.uri()), openai_chat(&server.uri())] {
            let error = ask(&agent).await.unwrap_err();
            assert_eq!((error, error.class()), (expected, class));
        }
        assert_eq!(
            server.received_requests().await.unwrap().len(),
            2,
            "{status} is not tried again"
        );
    }
}

#[tokio::test]
async fn a_finished_answer_counts_although_the_connection_breaks() {
    let body = events(&[&delta("다 했어요"), FINISHED]);
    let server = RawServer::saying(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n{body}"
    ));
    assert_eq!(ask(&openclaw(&server.url(""))).await.unwrap(), "다 했어요");
}

#[tokio::test]
async fn half_an_answer_is_a_failure() {
    let body = events(&[&delta("환불은 안")]);
    let server = RawServer::saying(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n{body}"
    ));
    assert_eq!(
        ask(&openclaw(&server.url(""))).await,
        Err(AgentError::Failed)
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn nothing_is_awaited_after_done() {
    let server = RawServer::start(|stream, _| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        stream
            .write_all(format!("{head}{}", hello()).as_bytes())
            .unwrap();
        wait_for_hang_up(stream);
    });
    assert_eq!(
        ask(&openai_chat(&server.url(""))).await.unwrap(),
        "안녕하세요 **반가워요**"
    );
}

#[tokio::test]
async fn f30_an_endless_answer_is_cut_with_a_mark() {
    let server = RawServer::start(|stream, _| {
        let mut going = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
            .is_ok();
        let event = events(&[&delta(&"가나다".repeat(1000))]);
        while going {
            going = stream.write_all(event.as_bytes()).is_ok();
        }
    });
    let text = ask(&openclaw(&server.url(""))).await.unwrap();
    assert!(text.ends_with('…') && text.starts_with("가나다"));
    assert!(
        (256 * 1024 - 3..=256 * 1024 + 3).contains(&text.len()),
        "{}",
        text.len()
    );
}

#[tokio::test]
async fn dropping_the_question_closes_the_connection() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = RawServer::start(move |stream, _| {
        tell.send("asked").unwrap();
        wait_for_hang_up(stream);
        tell.send("hung up").unwrap();
    });
    let agent = openclaw(&server.url(""));
    tokio::select! {
        answer = ask(&agent) => panic!("{answer:?}"),
        news = told.recv() => assert_eq!(news, Some("asked")),
    }
    assert_eq!(told.recv().await, Some("hung up"));
}
