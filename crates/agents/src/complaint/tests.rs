//! Whom an error concerns, and what of it reaches a log.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn cleaned(words: &str) -> String {
    Complaint::of(&json!(words)).cleaned(&["canary-token"], &["내일 서울 날씨 어때요?", "홍길동"])
}

fn sorted(status: u16, error: Value) -> AgentError {
    let complaint = Complaint::in_body(json!({ "error": error }).to_string().as_bytes());
    Complaint::error(complaint.as_ref(), (status != 200).then_some(status))
}

#[test]
fn errors_are_sorted_by_whom_they_concern() {
    use AgentError::{ConversationTooLong, Failed, Filtered, MessageTooLong, Unauthorized};

    let rejected = |status| AgentError::Rejected { status };
    let code = |code: &str| json!({"message": "…", "code": code});
    let says = |message: &str| json!({ "message": message });
    for (status, error, expected) in [
        (400, code("context_length_exceeded"), ConversationTooLong),
        (200, code("context_length_exceeded"), ConversationTooLong),
        (
            400,
            says("prompt is too long: 210000 tokens > 200000 maximum"),
            ConversationTooLong,
        ),
        (
            400,
            says("This model's maximum context length is 4096 tokens."),
            ConversationTooLong,
        ),
        (
            500,
            says("the request exceeds the available context size"),
            ConversationTooLong,
        ),
        (
            429,
            says("Request too large for gpt-x: Limit 30000, Requested 45000"),
            ConversationTooLong,
        ),
        (413, says("Payload too large"), MessageTooLong),
        (400, code("content_filter"), Filtered),
        (
            400,
            json!({"message": "x", "innererror": {"code": "ResponsibleAIPolicyViolation"}}),
            Filtered,
        ),
        (
            403,
            says("Your input was flagged. It requires moderation on this model."),
            Filtered,
        ),
        (400, says("Content Exists Risk"), Filtered),
        (200, code("data_inspection_failed"), Filtered),
        (401, code("invalid_api_key"), Unauthorized),
        (403, says("no"), Unauthorized),
        (200, code("invalid_api_key"), Unauthorized),
        (
            200,
            json!({"message": "Provider returned error", "code": 429}),
            rejected(429),
        ),
        (404, code("model_not_found"), rejected(404)),
        (400, says("max_tokens is too large"), rejected(400)),
        (429, code("rate_limit_exceeded"), rejected(429)),
        (200, json!("Unexpected endpoint or method."), Failed),
    ] {
        assert_eq!(sorted(status, error.clone()), expected, "{status} {error}");
    }
}

#[test]
fn the_words_are_found_in_every_form() {
    for (body, words) in [
        (
            r#"{"error":{"message":"no such model","type":"x"}}"#,
            "no such model",
        ),
        (r#"{"error":"no such model"}"#, "no such model"),
        (
            r#"{"error":{"type":"invalid_request_error"}}"#,
            "invalid_request_error",
        ),
        (
            r#"{"object":"error","message":"no such model"}"#,
            "no such model",
        ),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        (r#"{"detail":[{"msg":"field required"}]}"#, "field required"),
        (r#"{"message":"Forbidden"}"#, "Forbidden"),
        ("Bad\n\tGateway", "Bad Gateway"),
    ] {
        let complaint = Complaint::in_body(body.as_bytes()).unwrap();
        assert_eq!(complaint.cleaned(&[], &[]), words, "{body}");
    }
    assert!(Complaint::in_body(b"<html><h1>502</h1>").is_none());
    assert!(Complaint::in_body(b" ").is_none());
}

#[test]
fn secrets_and_what_people_said_are_left_out() {
    for (words, shown) in [
        (
            "Incorrect API key provided: sk-proj-abcDEF123.",
            "Incorrect API key provided: …",
        ),
        ("key sk-ab**********wxyz is wrong", "key … is wrong"),
        ("Bearer 0123456789abcdef0123456789abcdef", "Bearer …"),
        ("token 'canary-token' expired", "token '…' expired"),
        ("key 01234567-89ab-cdef-0123-456789abcdef", "key …"),
        (
            "POST https://api.example.com/v1/x?key=canary failed",
            "POST https://api.example.com/v1/x?… failed",
        ),
        ("bad input: '내일 서울 날씨 어때요?'", "bad input: '…'"),
        ("bad name 홍길동 given", "bad name … given"),
        (
            "model `claude-3-5-sonnet-20241022` not found",
            "model `claude-3-5-sonnet-20241022` not found",
        ),
        ("a\u{7}\u{1b}[31mb", "a [31mb"),
    ] {
        assert_eq!(cleaned(words), shown);
    }
    assert_eq!(cleaned(&"가 ".repeat(500)).chars().count(), MAX_SHOWN);
}

#[test]
fn an_error_that_says_nothing_is_none() {
    for blank in [
        json!(null),
        json!(""),
        json!({}),
        json!([]),
        json!(false),
        json!({"message": "", "code": 0, "type": null}),
    ] {
        assert_eq!(in_response(&json!({ "error": blank })), None, "{blank}");
    }
    assert!(in_response(&json!({"error": {"code": 500}})).is_some());
}

proptest! {
    #[test]
    fn any_words_become_one_short_line(words: String, told: String, secret: String) {
        let shown = Complaint::of(&json!(words)).cleaned(&[&secret], &[&told]);
        prop_assert!(shown.chars().count() <= MAX_SHOWN);
        prop_assert!(!shown.chars().any(char::is_control));
    }
}
