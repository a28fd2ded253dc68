//! Servers of the owner's own (contract.md §5).

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value};
use wiremock::Request;

use super::*;

const SECRET: &[u8] = b"0123456789abcdef01234567";

fn webhook(url: &str) -> Agent {
    agent(&AgentKind::Webhook {
        url: format!("{url}/hook?key=canary").parse().unwrap(),
        secret: SECRET.to_vec().into(),
    })
}

/// Checks the signature as a receiver does.
fn is_signed(request: &Request) -> bool {
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    let signed = [
        header("webhook-id").as_bytes(),
        header("webhook-timestamp").as_bytes(),
        &request.body,
    ]
    .join(&b'.');
    let given = header("webhook-signature");
    let given = BASE64_STANDARD
        .decode(given.strip_prefix("v1,").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    hmac::verify(&key, &signed, &given).is_ok()
}

async fn replied(response: ResponseTemplate) -> Result<Option<Reply>, AgentError> {
    let server = serving(response).await;
    let said = webhook(&server.uri())
        .ask(&question(&message(), &[]))
        .await
        .map_err(|none| none.error)?;
    Ok(said.map(|said| said.reply))
}

async fn reply(reply: Value) -> Result<Option<Reply>, AgentError> {
    replied(ResponseTemplate::new(200).set_body_json(json!({ "reply": reply }))).await
}

#[tokio::test]
async fn f124_it_gets_what_the_contract_says_signed() {
    let server = serving(ResponseTemplate::new(204)).await;
    let agent = webhook(&server.uri());
    let picture = Picture {
        media_type: "image/png",
        bytes: Bytes::from_static(b"png"),
    };
    let message = message();
    let question = Question {
        pictures: &[picture],
        ..question(&message, &[])
    };
    assert!(agent.ask(&question).await.unwrap().is_none());
    let plain = Message {
        text: "[사진 9장]".to_owned(),
        details: Map::from_iter([("sys_date".to_owned(), json!("2026-01-02"))]),
        ..Message::default()
    };
    let english = Question {
        message: &plain,
        pictures: &[],
        locale: Locale::En,
        ..question
    };
    assert!(agent.ask(&english).await.unwrap().is_none());

    let requests = server.received_requests().await.unwrap();
    let expected = json!({
        "type": "message",
        "data": {
            "turn": "turn-1",
            "channel": "kakao",
            "account": "shop",
            "conversation": "c0ffee",
            "session": "0a1b2c",
            "sender": "5e4d",
            "text": "안녕?",
            "images": ["data:image/png;base64,cG5n"],
            "tap": {"orderId": "A-17"},
            "locale": "ko",
            "receivedAt": "2026-01-02T03:04:05.070Z",
        },
    });
    assert_eq!(requests[0].body_json::<Value>().unwrap(), expected);
    assert_eq!(requests[0].url.query(), Some("key=canary"));
    assert_eq!(requests[0].headers["webhook-id"], "turn-1");
    assert_eq!(requests[0].headers["webhook-timestamp"], "1767323047");
    assert_eq!(requests[0].headers["content-type"], "application/json");
    assert!(requests.iter().all(is_signed));
    let mut forged = requests[0].clone();
    forged.body.push(b' ');
    assert!(!is_signed(&forged));

    let data = requests[1].body_json::<Value>().unwrap()["data"].take();
    assert_eq!(data["text"], "[사진 9장]");
    assert_eq!(data["images"], json!([]));
    assert_eq!(data["tap"], Value::Null);
    assert_eq!(data["details"], json!({"sys_date": "2026-01-02"}));
    assert_eq!(data["locale"], "en");
}

#[tokio::test]
async fn text_pictures_cards_and_suggestions_come_in_this_order() {
    let whole = reply(json!({
        "text": "**안녕**하세요",
        "images": ["https://img.example.com/a.png", "data:image/png;base64,AAAA"],
        "suggestions": ["더 보기", {"label": "처음으로", "action": "message", "messageText": "처음"}, 7],
        "cards": [{"textCard": {"title": "제목"}}, {"hologram": {"title": "모르는 것"}}],
    }));
    let whole = whole.await.unwrap().unwrap();
    assert_eq!(
        whole.words(),
        "안녕하세요\n\nhttps://img.example.com/a.png\n\n제목\n\n모르는 것"
    );
    let labels: Vec<_> = whole
        .suggestions()
        .iter()
        .map(|it| it.label.as_str())
        .collect();
    assert_eq!(labels, ["더 보기", "처음으로"]);
    let card = reply(json!({"text": r#"{"textCard":{"title":"카드"}}"#}));
    assert!(matches!(
        card.await.unwrap().unwrap().parts(),
        [reply::Part::Card(_)]
    ));
    let only_suggestions = reply(json!({"suggestions": ["네", "아니요"]}));
    assert_eq!(only_suggestions.await.unwrap().unwrap().words(), "…");
}

#[tokio::test]
async fn what_has_another_shape_costs_nothing_else() {
    let picture = "https://img.example.com/a.png";
    for (images, words) in [
        (json!(picture), format!("안녕\n\n{picture}")),
        (json!([{"url": picture}]), format!("안녕\n\n{picture}")),
        (
            json!([{"imageUrl": picture, "alt": "달"}]),
            format!("안녕\n\n[달] {picture}"),
        ),
        (json!([1, {"text": "설명"}]), "안녕\n\n설명".to_owned()),
    ] {
        let reply = reply(json!({"text": "안녕", "images": images, "suggestions": {}}));
        assert_eq!(reply.await.unwrap().unwrap().words(), words, "{images}");
    }
    let cards = reply(json!({"cards": ["안녕", 7]})).await;
    assert_eq!(cards.unwrap().unwrap().words(), "안녕\n\n7");
}

#[tokio::test]
async fn silence_is_no_error() {
    for silent in [
        Value::Null,
        json!({}),
        json!({"text": " ", "images": [], "cards": null}),
    ] {
        assert_eq!(reply(silent.clone()).await, Ok(None), "{silent}");
    }
    assert_eq!(replied(ResponseTemplate::new(204)).await, Ok(None));
}

#[tokio::test]
async fn an_answer_of_another_shape_is_unreadable() {
    for wrong in [json!("안녕"), json!(["안녕"]), json!({"text": ["안녕"]})] {
        assert_eq!(
            reply(wrong.clone()).await,
            Err(AgentError::Unreadable),
            "{wrong}"
        );
    }
    for body in ["{}", "[]", "안녕", "", r#"{"error":"canary"}"#] {
        let response = ResponseTemplate::new(200).set_body_string(body);
        assert_eq!(
            replied(response).await,
            Err(AgentError::Unreadable),
            "{body}"
        );
    }
    let endless = ResponseTemplate::new(200).set_body_raw(vec![b' '; 3 << 20], "application/json");
    assert_eq!(replied(endless).await, Err(AgentError::Unreadable));
}

#[tokio::test]
async fn refusals_say_who_can_do_something() {
    use ErrorClass::{Permanent, PersonsMistake, TryAgain};

    for (status, expected, class) in [
        (401, AgentError::Unauthorized, Permanent),
        (404, AgentError::Rejected { status: 404 }, Permanent),
        (410, AgentError::Rejected { status: 410 }, Permanent),
        (308, AgentError::Rejected { status: 308 }, Permanent),
        (413, AgentError::MessageTooLong, PersonsMistake),
        (429, AgentError::Rejected { status: 429 }, TryAgain),
        (503, AgentError::Rejected { status: 503 }, TryAgain),
    ] {
        let response = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        let error = replied(response).await.unwrap_err();
        assert_eq!((error, error.class()), (expected, class));
    }
}

#[tokio::test]
async fn a_probe_is_a_signed_ping() {
    for (status, expected) in [
        (200, Ok(200)),
        (204, Ok(204)),
        (400, Ok(400)),
        (422, Ok(422)),
        (401, Err(AgentError::Unauthorized)),
        (404, Err(AgentError::Rejected { status: 404 })),
        (410, Err(AgentError::Rejected { status: 410 })),
        (301, Err(AgentError::Rejected { status: 301 })),
        (500, Err(AgentError::Rejected { status: 500 })),
    ] {
        let server = serving(ResponseTemplate::new(status)).await;
        let now = Time::from_millis(1_767_323_047_999);
        let report = webhook(&server.uri()).probe(now).await;
        assert_eq!(
            report
                .map(|report| report.status.unwrap())
                .map_err(|none| none.error),
            expected,
            "{status}"
        );
        let requests = server.received_requests().await.unwrap();
        assert!(is_signed(&requests[0]));
        assert_eq!(
            requests[0].body_json::<Value>().unwrap(),
            json!({"type": "ping", "data": {}})
        );
    }
}

#[test]
fn it_remembers_by_itself_and_takes_pictures() {
    let agent = webhook("http://localhost");
    assert_eq!((agent.memory_turns(), agent.takes_pictures()), (None, true));
}
