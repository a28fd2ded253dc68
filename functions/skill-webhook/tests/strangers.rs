//! Whatever a stranger sends, the function's real binary answers: events as a gateway may make them
//! of odd requests, one after another, to one process that must outlive them all.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use local_lambda::sandbox::{Failed, Program, Sandbox};
use serde_json::{Value, json};

const RIGHT_KEY: &str = include_str!("../../../events/skill-webhook-text.json");
const WRONG_KEY: &str = include_str!("../../../events/skill-webhook-wrong-key.json");
const HEALTH: &str = include_str!("../../../events/skill-webhook-health.json");

const HOST: &str = "/headers/host";
const QUERY: &str = "/rawQueryString";
const PATH: &str = "/rawPath";
const CONTEXT: &str = "/requestContext";
const METHOD: &str = "/requestContext/http/method";

/// The function as it is deployed, with stores that nobody answers for.
fn function(settings: &[(&str, &str)]) -> Sandbox {
    let nowhere = "http://127.0.0.1:9";
    let base = [
        // Empty is not on Lambda: there, a configuration must not be in a file.
        ("AWS_LAMBDA_FUNCTION_NAME", ""),
        ("AWS_REGION", local_lambda::REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL_DYNAMODB", nowhere),
        ("AWS_ENDPOINT_URL_SQS", nowhere),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", nowhere),
        ("DARI_ACCESS_TABLE", "access"),
        ("DARI_TURNS_TABLE", "turns"),
        ("DARI_TURN_QUEUE_URL", "http://127.0.0.1:9/turns"),
        ("RUST_LOG", "debug"),
    ];
    let program = Program::new(env!("CARGO_BIN_EXE_skill-webhook"), Duration::from_secs(5));
    let with = |program: Program, (name, value): &(&str, &str)| program.with_env(*name, *value);
    let program = base.iter().chain(settings).fold(program, with);
    Sandbox::start(&program).unwrap()
}

fn ready() -> Sandbox {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/dari.json5");
    function(&[("DARI_CONFIG_FILE", config)])
}

/// `event` with something else, or nothing, in one place.
fn changed(event: &str, place: &str, value: Option<Value>) -> Value {
    let mut event: Value = serde_json::from_str(event).unwrap();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    let parent = event.pointer_mut(parent).unwrap();
    let parent = parent.as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(name, value)),
        None => assert!(parent.remove(&name).is_some(), "there is no {place}"),
    }
    event
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| json!([inner]))
}

/// Status and body.
async fn answer(function: &Sandbox, event: Value) -> Result<(u64, String), Failed> {
    let answer = function.invoke(event).await?;
    let body = match &answer["body"] {
        Value::Null => "",
        body => body.as_str().unwrap(),
    };
    Ok((answer["statusCode"].as_u64().unwrap(), body.to_owned()))
}

/// Sends a message with a wrong key and with one oddity after the other, and tells what was not
/// answered as it should be, which is with an empty body.
async fn wrongly_answered(function: &Sandbox, knows_keys: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for (place, value, status) in odd_things() {
        let status = if status == 401 && !knows_keys {
            503
        } else {
            status
        };
        let shown = format!("{place} {value:?}");
        let answer = answer(function, changed(WRONG_KEY, place, value)).await;
        if answer != Ok((status, String::new())) {
            wrong.push(format!("{shown:.100}: {answer:?} instead of {status}"));
        }
    }
    wrong
}

/// The last column is the answer to a message with a wrong key.
fn odd_things() -> Vec<(&'static str, Option<Value>, u64)> {
    let mut odd = vec![
        // The address: whatever is in it, it is the webhook's, or it is not.
        (QUERY, Some(json!("a b")), 401),
        (QUERY, Some(json!(r#"q="<script>"#)), 401),
        (QUERY, Some(json!("q=안녕&%zz=%")), 401),
        (QUERY, Some(json!("\u{0}\r\n\t\u{7f}")), 401),
        (QUERY, Some(json!("a?b#c[]{}|\\^`")), 401),
        (QUERY, Some(json!("a".repeat(10_000))), 401),
        (QUERY, Some(json!(" ".repeat(40_000))), 400),
        (QUERY, Some(json!(7)), 401),
        (QUERY, None, 401),
        (PATH, Some(json!("/kakao/webhook/안녕 \"<>")), 401),
        (PATH, Some(json!("/kakao/webhook/%zz%")), 401),
        (PATH, Some(json!("/kakao/webhook?x")), 404),
        (PATH, Some(json!("/kakao/webhook#x")), 404),
        (PATH, Some(json!("kakao/webhook")), 401),
        (PATH, Some(json!("//kakao/webhook")), 404),
        (PATH, Some(json!("/\\/@:99999/[")), 404),
        (PATH, Some(json!(":99999")), 404),
        (PATH, Some(json!("/kakao\n/webhook")), 404),
        (PATH, Some(json!("*")), 404),
        (PATH, Some(json!("")), 404),
        (PATH, Some(json!({})), 404),
        (PATH, None, 404),
        ("/requestContext/stage", Some(json!("@:x")), 401),
        ("/requestContext/stage", Some(json!(1)), 401),
        ("/requestContext/domainName", Some(json!("a b:c")), 401),
        // Headers: one that cannot be is not there.
        (HOST, Some(json!("")), 401),
        (HOST, Some(json!("a b")), 401),
        (HOST, Some(json!("x:99999")), 401),
        (HOST, Some(json!("[::1")), 401),
        (HOST, Some(json!("u:p@h/health?")), 401),
        (HOST, Some(json!("안녕.한국")), 401),
        (HOST, Some(json!(["a", "b"])), 401),
        (HOST, None, 401),
        ("/headers/x-forwarded-proto", Some(json!("ht tp")), 401),
        ("/headers/x-forwarded-proto", Some(json!("")), 401),
        ("/headers/x-forwarded-proto", Some(json!("javascript")), 401),
        ("/headers/x-forwarded-port", Some(json!("-1")), 401),
        ("/headers/x-dari-skill-key", Some(json!("a\nb")), 401),
        ("/headers/x-dari-skill-key", Some(json!("비밀")), 401),
        ("/headers/x-dari-skill-key", Some(Value::Null), 401),
        ("/headers/a b", Some(json!("c")), 401),
        ("/headers/", Some(json!("c")), 401),
        ("/headers/이름", Some(json!("c")), 401),
        ("/headers", Some(json!("none")), 401),
        ("/headers", Some(json!([])), 401),
        ("/headers", None, 401),
        ("/cookies", Some(json!(["a=\u{1}", "b"])), 401),
        ("/cookies", Some(json!([1, null])), 401),
        ("/cookies", Some(json!("a=b")), 401),
        // The body.
        ("/isBase64Encoded", Some(json!(true)), 400),
        ("/isBase64Encoded", Some(json!("yes")), 401),
        ("/isBase64Encoded", None, 401),
        ("/body", Some(json!({ "a": 1 })), 401),
        ("/body", None, 401),
        // Around them.
        (METHOD, Some(json!("GET")), 405),
        (METHOD, Some(json!("PO ST")), 400),
        (METHOD, Some(json!("")), 400),
        (METHOD, Some(json!(1)), 400),
        (METHOD, None, 400),
        ("/requestContext/http", Some(json!("POST")), 400),
        ("/requestContext/http", None, 400),
        (CONTEXT, Some(json!([])), 400),
        (CONTEXT, None, 400),
        ("/requestContext/authorizer", Some(json!(1)), 401),
        ("/requestContext/authentication", Some(json!("x")), 401),
        ("/version", Some(json!(2)), 401),
        ("/routeKey", Some(json!([])), 401),
        ("/pathParameters", Some(json!({ "account": 1 })), 401),
        ("/queryStringParameters", Some(json!([1])), 401),
        ("/stageVariables", Some(json!("x")), 401),
        ("/more", Some(nested(100)), 401),
        ("/more", Some(nested(200)), 400),
    ];
    for time in [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!("1583348638390"),
        Value::Null,
    ] {
        odd.push(("/requestContext/timeEpoch", Some(time), 401));
    }
    odd.push(("/requestContext/timeEpoch", None, 401));
    odd
}

#[tokio::test]
async fn no_event_of_a_stranger_makes_the_function_fail() {
    let function = ready();
    let wrong = wrongly_answered(&function, true).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    for event in [json!({}), json!([1]), json!("event"), Value::Null] {
        let answer = answer(&function, event).await;
        assert_eq!(answer, Ok((400, String::new())));
    }
    let log = function.output();
    assert!(!log.contains("panicked"), "{log}");
    assert!(function.has_process());
}

/// While nobody can be told from a stranger, and the rest is as ever.
#[tokio::test]
async fn nor_does_one_while_the_function_cannot_start() {
    let function = function(&[]);
    let wrong = wrongly_answered(&function, false).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    let log = function.output();
    assert!(log.contains("DARI_CONFIG_SECRET: is not set"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    assert!(function.has_process());
}

#[tokio::test]
async fn health_depends_on_nothing_whatever_comes_with_the_question() {
    for function in [ready(), function(&[])] {
        for (place, value) in [
            (QUERY, json!("")),
            (QUERY, json!("a b\"")),
            (HOST, json!("a b")),
            ("/headers/x-forwarded-proto", json!("ht tp")),
        ] {
            let event = changed(HEALTH, place, Some(value));
            let well = (200, r#"{"status":"ok"}"#.to_owned());
            assert_eq!(answer(&function, event).await, Ok(well));
        }
        let other = changed(HEALTH, METHOD, Some(json!("DELETE")));
        assert_eq!(answer(&function, other).await, Ok((405, String::new())));
    }
}

/// Oddities around a message of the platform's own cost nobody an answer. The stores are down, so
/// it is the canned one.
#[tokio::test]
async fn who_has_the_key_is_answered_whatever_is_odd_besides() {
    let function = ready();
    for (place, value) in [
        (QUERY, json!("a b\"")),
        (HOST, json!("a b")),
        ("/headers/이름", json!("c")),
        ("/requestContext/timeEpoch", json!("now")),
    ] {
        let event = changed(RIGHT_KEY, place, Some(value));
        let (status, body) = answer(&function, event).await.unwrap();
        assert_eq!(status, 200, "{place}");
        assert!(body.contains(r#""version":"2.0""#), "{body}");
        assert!(body.contains("잠시 문제가 생겼어요"), "{place}: {body}");
    }
    for (place, value, expected) in [
        ("/body", json!("knock knock"), 400),
        ("/body", json!("[]"), 400),
        ("/isBase64Encoded", json!(true), 400),
        ("/body", json!("x".repeat(300_000)), 413),
    ] {
        let event = changed(RIGHT_KEY, place, Some(value));
        let answer = answer(&function, event).await;
        assert_eq!(answer, Ok((expected, String::new())), "{place}");
    }
    let log = function.output();
    assert!(!log.contains("panicked"), "{log}");
    assert!(function.has_process());
}
