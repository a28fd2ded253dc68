//! How each response of Kakao is judged, and each way of not getting one.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use outside::Origin;
use proptest::prelude::*;
use serde_json::json;
use test_server::{RawServer, wait_for_hang_up};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method},
};

use super::*;
use crate::address::CallbackHosts;

const PATH: &str = "/v1/bots/6f1a0c5e9d2b7348a1c0de01!/callback/cbtoken:-canary_b%2F?x=%E3%85%8E+1";

const BODY: &str = r#"{"version":"2.0","template":{"outputs":[{"simpleText":{"text":"안녕"}}]}}"#;

/// Short, so that tests of silence are over soon.
const SOON: Duration = Duration::from_secs(1);

async fn post_to(origin: Origin, total: Duration) -> Outcome {
    let url = format!("{origin}{PATH}");
    let http = Http::new(std::slice::from_ref(&origin)).unwrap();
    let url = CallbackUrl::parse(&url, &CallbackHosts::new(vec![origin])).unwrap();
    post_within(total, &http, &url, BODY.to_owned()).await
}

async fn post_to_raw(server: &RawServer) -> Outcome {
    post_to_raw_within(TOTAL, server).await
}

async fn post_to_raw_within(total: Duration, server: &RawServer) -> Outcome {
    let outcome = post_to(Origin::parse(server.origin()).unwrap(), total).await;
    assert_eq!(server.connections(), 1, "the only try is not repeated");
    outcome
}

#[tokio::test]
async fn answers_of_kakao_are_understood() {
    let task = "b4f1e1a0-2c3d-4e5f-8a9b-0c1d2e3f4a5b";
    let table = [
        (
            "Invalid callback token for testing purposes.",
            Refusal::TestToken,
        ),
        (
            "Invalid callback token. Check your callback token.",
            Refusal::InvalidToken,
        ),
        (
            "The skill server settings are incorrect. Use callback true setting required.",
            Refusal::NotAcknowledged,
        ),
        ("Invalid bot ID. Check your Bot ID.", Refusal::BadBot),
        ("Invalid json response from bot-skill.", Refusal::BadBody),
        (
            "Invalid skill-json format. This talk bubble is not suitable for advertising.",
            Refusal::BadFormat,
        ),
        (
            "Internal server error occured. Please contact administrator. 504",
            Refusal::Kakao,
        ),
        ("something new", Refusal::Other),
    ];
    let mut cases = vec![(
        200,
        "SUCCESS",
        "",
        Outcome::Accepted {
            task: Some(task.to_owned()),
        },
    )];
    for (message, refusal) in table {
        for (status, word) in [
            (200, "FAIL"),
            (200, "ERROR"),
            (400, "FAIL"),
            (403, "SUCCESS"),
        ] {
            cases.push((status, word, message, Outcome::Refused(refusal)));
        }
    }
    for (status, word, message, outcome) in cases {
        let server = MockServer::start().await;
        let answer = json!({"taskId": task, "status": word, "message": message, "timestamp": 1});
        Mock::given(method("POST"))
            .and(header("content-type", "application/json"))
            .and(body_string(BODY))
            .respond_with(ResponseTemplate::new(status).set_body_json(answer))
            .expect(1)
            .mount(&server)
            .await;
        let origin = Origin::parse(&server.uri()).unwrap();
        assert_eq!(
            post_to(origin, TOTAL).await,
            outcome,
            "{status} {word} {message}"
        );
    }
}

#[tokio::test]
async fn the_address_is_posted_byte_for_byte() {
    let server = RawServer::start(|stream, request| {
        let line = request.lines().next().unwrap_or_default();
        let status = if line == format!("POST {PATH} HTTP/1.1") {
            "SUCCESS"
        } else {
            "FAIL"
        };
        let body = format!(r#"{{"status":"{status}"}}"#);
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
    });
    assert_eq!(post_to_raw(&server).await, Outcome::Accepted { task: None });
}

#[test]
fn the_status_code_decides_when_the_answer_says_nothing() {
    for (status, outcome) in [
        (200, Outcome::Unconfirmed),
        (204, Outcome::Unconfirmed),
        (302, Outcome::Refused(Refusal::Other)),
        (404, Outcome::Refused(Refusal::Other)),
        (500, Outcome::Refused(Refusal::Kakao)),
        (503, Outcome::Refused(Refusal::Kakao)),
    ] {
        for answer in [
            json!(null),
            json!([]),
            json!("SUCCESS"),
            json!({"status": 1}),
            json!({"message": "x"}),
        ] {
            assert_eq!(judge(status, &answer), outcome, "{status} {answer}");
        }
    }
    assert_eq!(
        judge(200, &json!({"status": "success"})),
        Outcome::Refused(Refusal::Other)
    );
}

#[test]
fn a_task_that_is_no_id_is_dropped() {
    for task in [
        json!("a b"),
        json!(""),
        json!(7),
        json!("x".repeat(65)),
        json!("한"),
    ] {
        let answer = json!({"status": "SUCCESS", "taskId": task});
        assert_eq!(
            judge(200, &answer),
            Outcome::Accepted { task: None },
            "{task}"
        );
    }
}

#[tokio::test]
async fn f27_accepted_then_cut_is_unconfirmed() {
    let server = RawServer::start(|_, _| ());
    assert_eq!(post_to_raw(&server).await, Outcome::Unconfirmed);
}

#[tokio::test]
async fn f27_silence_is_unconfirmed() {
    let server = RawServer::start(|stream, _| wait_for_hang_up(stream));
    assert_eq!(
        post_to_raw_within(SOON, &server).await,
        Outcome::Unconfirmed
    );
}

#[tokio::test]
async fn f27_an_answer_that_is_no_http_is_unconfirmed() {
    let server = RawServer::saying("SSH-2.0-OpenSSH_9.6\r\n");
    assert_eq!(post_to_raw(&server).await, Outcome::Unconfirmed);
}

#[tokio::test]
async fn a_closed_port_means_nothing_was_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let origin = Origin::parse(&format!("http://{closed}")).unwrap();
    assert_eq!(post_to(origin, TOTAL).await, Outcome::NotSent);
}

#[tokio::test]
async fn a_handshake_that_fails_means_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    assert_eq!(
        post_to(Origin::parse(&origin).unwrap(), TOTAL).await,
        Outcome::NotSent
    );
}

/// A server whose response has this status and a body that only trickles in.
fn dripping(status: u16) -> RawServer {
    RawServer::start(move |stream, _| {
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-length: 1000\r\n\r\n{{\"status\":\"SUCC");
        if stream.write_all(head.as_bytes()).is_ok() {
            while stream.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(10));
            }
        }
    })
}

#[tokio::test]
async fn f24_the_status_code_decides_when_the_answer_drips() {
    let (good, bad, broken) = (dripping(200), dripping(400), dripping(500));
    let outcomes = tokio::join!(
        post_to_raw_within(SOON, &good),
        post_to_raw_within(SOON, &bad),
        post_to_raw_within(SOON, &broken),
    );
    let expected = (
        Outcome::Unconfirmed,
        Outcome::Refused(Refusal::Other),
        Outcome::Refused(Refusal::Kakao),
    );
    assert_eq!(outcomes, expected);
}

#[tokio::test]
async fn f24_a_huge_answer_is_not_read_to_its_end() {
    const WHOLE: usize = 256 << 20;
    for (status, outcome) in [
        (200, Outcome::Unconfirmed),
        (400, Outcome::Refused(Refusal::Other)),
    ] {
        let written = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&written);
        let server = RawServer::start(move |stream, _| {
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {WHOLE}\r\n\r\n");
            let mut going = stream.write_all(head.as_bytes()).is_ok();
            while going && counter.fetch_add(1 << 16, Ordering::SeqCst) < WHOLE {
                going = stream.write_all(&vec![b' '; 1 << 16]).is_ok();
            }
        });
        assert_eq!(post_to_raw(&server).await, outcome);
        assert!(written.load(Ordering::SeqCst) < WHOLE / 4);
    }
}

#[tokio::test]
async fn f24_an_answer_cut_short_is_unconfirmed() {
    let server =
        RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\":\"SUCCESS\"}");
    assert_eq!(post_to_raw(&server).await, Outcome::Unconfirmed);
}

#[tokio::test]
async fn f24_an_answer_without_an_end_is_unconfirmed() {
    let server = RawServer::start(|stream, _| {
        let mut going = stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .is_ok();
        while going {
            going = stream.write_all(b"5\r\n     \r\n").is_ok();
        }
    });
    assert_eq!(post_to_raw(&server).await, Outcome::Unconfirmed);
}

#[tokio::test]
async fn f23_a_redirect_is_refused_and_its_target_left_alone() {
    let target =
        RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"status\":\"SUCCESS\"}");
    let location = target.url("/");
    let server = RawServer::saying(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    ));
    assert_eq!(post_to_raw(&server).await, Outcome::Refused(Refusal::Other));
    assert_eq!(target.connections(), 0);
}

proptest! {
    #[test]
    fn f27_only_a_clear_success_is_accepted(
        status in 100_u16..600,
        answer in prop_oneof!["\\PC{0,40}", Just(r#"{"status":"SUCCESS"}"#.to_owned())],
    ) {
        let answer = serde_json::from_str(&answer).unwrap_or(Value::Null);
        let accepted = matches!(judge(status, &answer), Outcome::Accepted { .. });
        let clear = (200..300).contains(&status) && answer == json!({"status": "SUCCESS"});
        prop_assert_eq!(accepted, clear);
    }
}
