//! Endpoints of the kind `openai-responses`.

use serde_json::Value;

use super::{asking::sent, *};

fn said(text: &str) -> String {
    json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": text})
        .to_string()
}

fn last(status: &str, output: Value) -> String {
    json!({"type": format!("response.{status}"), "response": {"status": status, "output": output, "error": null}})
        .to_string()
}

fn message_of(parts: Value) -> Value {
    json!([{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": parts}])
}

/// The answer as it is streamed, each event with its name (openclaw.md §1.3).
fn streamed() -> String {
    let whole = message_of(json!([{"type": "output_text", "text": "안녕하세요"}]));
    let data = [
        json!({"type": "response.created", "response": {"status": "in_progress", "error": null}}).to_string(),
        json!({"type": "response.output_item.added", "output_index": 0}).to_string(),
        said("안녕"),
        said("하세요"),
        json!({"type": "response.output_text.done", "text": "안녕하세요"}).to_string(),
        json!({"type": "response.content_part.done", "part": {"type": "output_text", "text": "안녕하세요"}}).to_string(),
        last("completed", whole),
        "[DONE]".to_owned(),
    ];
    data.iter()
        .flat_map(|data| ["event: x\ndata: ", data, "\n\n"])
        .collect()
}

async fn answered(response: ResponseTemplate) -> Result<String, AgentError> {
    let server = serving(response).await;
    ask(&openai_responses(&server.uri())).await
}

#[tokio::test]
async fn f124_it_gets_the_message_and_the_last_turns() {
    let server = serving(streaming(&streamed())).await;
    let agent = openai_responses(&format!("{}/v1", server.uri()));
    assert_eq!(ask(&agent).await.unwrap(), "안녕하세요");
    let item = |role: &str, text: &str| json!({"type": "message", "role": role, "content": text});
    let expected = json!({
        "path": "/v1/responses",
        "headers": {
            "authorization": "Bearer canary-token",
            "content-type": "application/json",
            "idempotency-key": "turn-1",
        },
        "body": {
            "model": "gpt-x",
            "instructions": "짧게 답한다.",
            "stream": true,
            "store": false,
            "input": [
                item("user", "질문 2"),
                item("assistant", "답 2"),
                item("user", "질문 3"),
                item("assistant", "답 3"),
                item("user", "안녕?\n\n[버튼 데이터] {\"orderId\":\"A-17\"}\n[사진 1장]"),
            ],
        },
    });
    assert_eq!(
        sent(&server.received_requests().await.unwrap()[0]),
        expected
    );
    assert_eq!(agent.memory_turns(), Some(2));
}

#[tokio::test]
async fn answers_are_read_in_every_form() {
    let text = |text: &str| json!({"type": "output_text", "text": text});
    let refusal = json!({"type": "refusal", "refusal": "못 해요."});
    let done = |kind: &str, name: &str, text: &str| {
        json!({"type": format!("response.{kind}.done"), name: text}).to_string()
    };
    let whole = |status: &str, parts: Value| {
        let body = json!({"object": "response", "status": status, "output": message_of(parts), "error": null});
        ResponseTemplate::new(200).set_body_json(body)
    };
    let cases = [
        (
            "in one piece",
            whole("completed", json!([text("하나 "), text("둘")])),
            "하나 둘",
        ),
        (
            "a refusal",
            whole("completed", json!([refusal])),
            "못 해요.",
        ),
        (
            "cut short",
            whole("incomplete", json!([text("하나 ")])),
            "하나…",
        ),
        (
            "without a status",
            ResponseTemplate::new(200)
                .set_body_json(json!({"output": message_of(json!([text("하나")]))})),
            "하나",
        ),
        (
            "two parts",
            streaming(&events(&[
                &said("하"),
                &done("output_text", "text", "하나"),
                &said("둘"),
                &done("output_text", "text", "둘"),
                &last("completed", json!([])),
            ])),
            "하나둘",
        ),
        (
            "two messages",
            streaming(&events(&[
                &json!({"type": "response.output_item.added", "item": {"type": "message"}})
                    .to_string(),
                &said("잠시만요."),
                &done("output_text", "text", "잠시만요."),
                &json!({"type": "response.output_item.added", "item": {"type": "reasoning"}})
                    .to_string(),
                &json!({"type": "response.output_item.added", "item": {"type": "message"}})
                    .to_string(),
                &said("답은"),
                &done("output_text", "text", "답은 둘."),
                &last("completed", json!([])),
            ])),
            "잠시만요.\n\n답은 둘.",
        ),
        (
            "a streamed refusal",
            streaming(&events(&[
                &json!({"type": "response.refusal.delta", "delta": "못 "}).to_string(),
                &done("refusal", "refusal", "못 해요."),
                &last("completed", json!([])),
            ])),
            "못 해요.",
        ),
        (
            "only at the end",
            streaming(&events(&[&last(
                "completed",
                message_of(json!([text("하나")])),
            )])),
            "하나",
        ),
        (
            "cut short in a stream",
            streaming(&events(&[&said("하나\n"), &last("incomplete", json!([]))])),
            "하나…",
        ),
        (
            "done without more",
            streaming(&events(&[&said("하나"), "[DONE]"])),
            "하나",
        ),
    ];
    for (name, response, expected) in cases {
        assert_eq!(answered(response).await.as_deref(), Ok(expected), "{name}");
    }
}

#[tokio::test]
async fn f30_answers_that_are_none_are_errors() {
    let body = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let half = |end: &str| streaming(&events(&[&said("반쪽"), end, "[DONE]"]));
    let cases = [
        (
            "failed",
            half(&last("failed", json!([]))),
            AgentError::Failed,
        ),
        (
            "cancelled",
            half(&last("cancelled", json!([]))),
            AgentError::Failed,
        ),
        (
            "an error",
            half(r#"{"type":"error","code":"x","message":"canary"}"#),
            AgentError::Failed,
        ),
        (
            "an error of the gateway",
            half(r#"{"error":{"message":"canary"}}"#),
            AgentError::Failed,
        ),
        (
            "nonsense",
            streaming("data: {\"type\n\n"),
            AgentError::Failed,
        ),
        (
            "no words",
            streaming(&events(&[&last("completed", json!([]))])),
            AgentError::Empty,
        ),
        (
            "cut short before a word",
            streaming(&events(&[&last("incomplete", json!([]))])),
            AgentError::Empty,
        ),
        (
            "failed in one piece",
            body(json!({"status": "failed", "output": []})),
            AgentError::Failed,
        ),
        (
            "still at it",
            body(json!({"status": "in_progress", "output": []})),
            AgentError::Failed,
        ),
        (
            "an error in one piece",
            body(json!({"error": {"message": "canary"}})),
            AgentError::Failed,
        ),
        (
            "something else",
            body(json!({"choices": []})),
            AgentError::Unreadable,
        ),
        (
            "a page",
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            AgentError::Unreadable,
        ),
        (
            "no such route",
            ResponseTemplate::new(404),
            AgentError::Rejected { status: 404 },
        ),
        (
            "a wrong token",
            ResponseTemplate::new(401),
            AgentError::Unauthorized,
        ),
    ];
    for (name, response, expected) in cases {
        assert_eq!(answered(response).await, Err(expected), "{name}");
    }
}

#[tokio::test]
async fn f30_an_endless_answer_is_cut_with_a_mark() {
    let events = events(&[&said(&"가나다".repeat(1000))]).repeat(40);
    let text = answered(streaming(&events)).await.unwrap();
    assert!(text.ends_with("…") && text.len() <= 256 * 1024 + 3);
}
