//! Every recorded sample, and what it must become.

use std::fmt::Write as _;

use serde_json::{Map, json};

use super::*;

mod damage;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../../../../tests/samples/skill/",
            $name,
            ".json"
        ))
        .as_slice()
    };
}

/// Body, and its outline: what a person would check by eye.
const SAMPLES: [(&[u8], &str); 31] = [
    (
        sample!("01-text-korean"),
        "message channel aliases=1 text=27",
    ),
    (
        sample!("02-text-emoji"),
        "message channel aliases=1 text=42",
    ),
    (
        sample!("03-text-long"),
        "message channel callback aliases=1 text=3095",
    ),
    (
        sample!("04-callback-enabled"),
        "message channel callback aliases=1 text=18",
    ),
    (
        sample!("05-image-upload-plain"),
        "message channel callback aliases=1 text=0 images=1",
    ),
    (
        sample!("06-image-secure-plugin"),
        "message channel aliases=1 text=11 images=2",
    ),
    (
        sample!("07-video-upload"),
        "unsupported-media channel aliases=1 media=video",
    ),
    (
        sample!("08-fallback-block-dev-channel"),
        "message channel dev callback aliases=1 text=21",
    ),
    (sample!("09-welcome-block"), "welcome channel aliases=1"),
    (
        sample!("10-missing-optional-fields"),
        "message channel aliases=0 text=5",
    ),
    (
        sample!("11-unknown-extra-fields"),
        "unsupported-media channel aliases=1 media=hologram",
    ),
    (
        sample!("12-admin-center-skill-test"),
        "skill-test channel aliases=0",
    ),
    (
        sample!("13-bot-test-console"),
        "bot-test channel dev callback aliases=0",
    ),
    (
        sample!("14-group-chat"),
        "message group dev callback aliases=0 text=18",
    ),
    (
        sample!("15-card-button-client-extra"),
        "message channel aliases=1 text=5 tap",
    ),
    (
        sample!("16-quickreply-block-client-extra"),
        "message channel aliases=1 text=5 tap",
    ),
    (
        sample!("17-entity-params-and-contexts"),
        "message channel aliases=1 text=14 details=sys_date,sys_location,sys_number",
    ),
    (
        sample!("18-kakao-login-linked-user"),
        "message channel aliases=2 text=10",
    ),
    (sample!("19-event-api-triggered"), "event channel aliases=1"),
    (
        sample!("20-knowledge-plus"),
        "message channel aliases=1 text=13 details=knowledge",
    ),
    (
        sample!("21-param-validation-request"),
        "validation value=11",
    ),
    (sample!("22-null-fields"), "welcome channel aliases=0"),
    (
        sample!("23-barcode-plugin"),
        "message channel aliases=1 text=12 details=barcode",
    ),
    (sample!("malformed-01-truncated-json"), "NotJson"),
    (sample!("malformed-02-top-level-array"), "NotObject"),
    (sample!("malformed-03-missing-user-id"), "NoSender"),
    (sample!("malformed-04-wrong-types"), "NoSender"),
    (
        sample!("malformed-05-callback-url-ssrf"),
        "message channel callback aliases=1 text=13",
    ),
    (sample!("malformed-06-empty-body"), "NotJson"),
    (sample!("malformed-07-invalid-utf8"), "NotJson"),
    (
        sample!("malformed-08-media-url-ssrf"),
        "message channel aliases=1 text=16 images=1",
    ),
];

fn outline(parsed: &Result<Call, ParseError>) -> String {
    let call = match parsed {
        Err(error) => return format!("{error:?}"),
        Ok(Call::Validation(call)) => {
            return format!(
                "validation value={}",
                call.value.as_deref().unwrap_or_default().len()
            );
        }
        Ok(Call::Skill(call)) => call,
    };
    let names = |map: &Map<String, Value>| {
        let mut names: Vec<&str> = map.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.join(",")
    };
    let mut line = call.kind.as_str().to_owned();
    line += if call.surface == Surface::Group {
        " group"
    } else {
        " channel"
    };
    for (flag, set) in [
        (" dev", call.bot.dev_channel),
        (" callback", call.callback_url.is_some()),
    ] {
        line += if set { flag } else { "" };
    }
    write!(line, " aliases={}", call.caller.aliases.len()).unwrap();
    match &call.kind {
        Kind::Message(message) => {
            write!(line, " text={}", message.text.chars().count()).unwrap();
            if !message.images.is_empty() {
                write!(line, " images={}", message.images.len()).unwrap();
            }
            line += if message.tap.is_some() { " tap" } else { "" };
            if !message.details.is_empty() {
                write!(line, " details={}", names(&message.details)).unwrap();
            }
        }
        Kind::UnsupportedMedia { media } => write!(line, " media={media}").unwrap(),
        Kind::SkillTest | Kind::BotTest | Kind::Welcome | Kind::Event => {}
    }
    line
}

fn skill_call(body: &[u8]) -> SkillCall {
    match parse(body) {
        Ok(Call::Skill(call)) => *call,
        other => panic!("no skill call: {other:?}"),
    }
}

fn message(body: &[u8]) -> Content {
    match skill_call(body).kind {
        Kind::Message(message) => message,
        other => panic!("no message: {other:?}"),
    }
}

fn with(utterance: &Value, rest: Value) -> Kind {
    let mut body = json!({"userRequest": {"user": {"id": "u"}, "utterance": utterance}});
    if let Value::Object(rest) = rest {
        for (path, value) in rest {
            path.split('/')
                .fold(&mut body, |at, name| &mut at[name])
                .clone_from(&value);
        }
    }
    skill_call(body.to_string().as_bytes()).kind
}

#[test]
fn every_sample_becomes_what_it_should() {
    for (n, (body, expected)) in SAMPLES.iter().enumerate() {
        assert_eq!(outline(&parse(body)), *expected, "sample {}", n + 1);
    }
}

fn names(call: &SkillCall) -> Vec<String> {
    let ids = std::iter::once(&call.caller.id).chain(&call.caller.aliases);
    ids.map(ToString::to_string).collect()
}

#[test]
fn everyone_is_named_by_the_platforms_own_field() {
    let call = skill_call(sample!("18-kakao-login-linked-user"));
    let ids = names(&call);
    let key = "5c0ffee17a9b42d3e8f6041c2b7d59a80e3f61c4d27b958a06e1f3c5d7092b4e6a";
    assert_eq!(
        ids,
        [
            format!("botUserKey:{key}"),
            "plusfriendUserKey:Qm4x-T7kZb2a".to_owned(),
            "appUserId:3700112233".to_owned()
        ]
    );
    assert_eq!(call.speaker, call.caller.id);

    let group = skill_call(sample!("14-group-chat"));
    assert_eq!(group.caller.id.kind(), IdKind::BotGroupKey);
    assert_eq!(group.speaker.to_string(), format!("botUserKey:{key}"));
}

#[test]
fn f50_ids_in_parameters_and_button_data_are_nobody() {
    let spoof = json!({"botUserKey": "victim", "user": {"id": "victim"}, "plusfriendUserKey": "victim", "appUserId": "victim"});
    let body = json!({
        "userRequest": {"user": {"id": "me", "type": "botUserKey"}, "utterance": "안녕", "params": spoof},
        "action": {"params": spoof, "detailParams": spoof, "clientExtra": spoof},
        "user": {"id": "victim"}, "contexts": [spoof],
    });
    let call = skill_call(body.to_string().as_bytes());
    assert_eq!(names(&call), ["botUserKey:me"]);
    assert_eq!(call.speaker.id(), "me");
}

#[test]
fn the_development_channels_mark_is_taken_off_the_bot_id() {
    let call = skill_call(sample!("08-fallback-block-dev-channel"));
    assert_eq!(call.bot.id.as_deref(), Some("6f1a0c5e9d2b7348a1c0de01"));
    assert_eq!(
        call.callback_url.as_deref(),
        Some(
            "https://bot-api.kakao.com/v1/bots/6f1a0c5e9d2b7348a1c0de01!/callback/-fQw8Zk2LmN5_tRv1xYs7BdG0hJ4"
        )
    );
}

#[test]
fn photos_come_out_raw_and_leave_no_address_in_the_text() {
    let plain = message(sample!("05-image-upload-plain"));
    assert!(
        plain.text.is_empty()
            && plain.images[0].ends_with("signature=aB3dEf6%2FhIjKlMnOpQrStUvWxY4%3D")
    );
    let secure = message(sample!("06-image-secure-plugin"));
    assert!(
        secure
            .images
            .iter()
            .all(|url| url.starts_with("http://secure.kakaocdn.net/") && url.ends_with("%3D"))
    );
    let elsewhere = "http://dn-m.talk.kakao.com/a.jpg";
    let media = json!({"userRequest/params": {"media": {"type": "image", "url": elsewhere}}});
    assert!(
        matches!(with(&json!(elsewhere), media), Kind::Message(photo) if photo.text.is_empty())
    );
    let hostile = message(sample!("malformed-08-media-url-ssrf"));
    assert_eq!(hostile.images, ["http://169.254.169.254/latest/user-data"]);
}

#[test]
fn taps_entities_and_knowledge_reach_the_agent() {
    let tap = message(sample!("15-card-button-client-extra")).tap.unwrap();
    assert_eq!(tap["flags"]["fromCard"], true);
    for (extra, tap) in [
        (json!("null"), None),
        (json!(" "), None),
        (json!("{\"a\":1}"), Some(json!({"a": 1}))),
    ] {
        let kind = with(&json!("스킬"), json!({"action/clientExtra": extra}));
        assert!(matches!(kind, Kind::Message(message) if message.tap == tap));
    }
    let details = message(sample!("17-entity-params-and-contexts")).details;
    assert_eq!(details["sys_number"], json!({"amount": 4, "unit": "명"}));
    assert_eq!(details["sys_location"], "홍대");
    assert_eq!(
        message(sample!("20-knowledge-plus")).details["knowledge"],
        json!([{"question": "환불은 언제까지 가능한가요?", "answer": "수령 후 7일 안에 신청할 수 있어요.", "landingUrl": "https://shop.example.com/refund"}])
    );
}

#[test]
fn silence_is_a_welcome_an_event_or_a_tap() {
    let silent = |rest: Value| with(&json!(" \n"), rest).as_str();
    assert_eq!(silent(json!({})), "welcome");
    assert_eq!(
        silent(json!({"userRequest/params": {"surface": "Kakaotalk.plusfriend"}})),
        "welcome"
    );
    assert_eq!(silent(json!({"userRequest/params": {"jobId": 1}})), "event");
    assert_eq!(
        silent(json!({"userRequest/params": {"hint": 1}, "intent/name": "웰컴 블록"})),
        "welcome"
    );
    assert_eq!(
        silent(json!({"userRequest/params": {"jobId": 1}, "action/clientExtra": {"a": 1}})),
        "message"
    );
    assert_eq!(
        silent(json!({"userRequest/params": {"ignoreMe": "true"}})),
        "bot-test"
    );
}

#[test]
fn words_in_the_welcome_block_are_still_a_message() {
    let said = |text: &str, block: &str| {
        with(&json!(text), json!({"userRequest/block": {"name": block}})).as_str()
    };
    assert_eq!(said("웰컴 블록", "웰컴 블록"), "welcome");
    assert_eq!(said("Welcome!", "Welcome!"), "welcome");
    assert_eq!(said("환불해 주세요", "웰컴 블록"), "message");
    assert_eq!(said("폴백 블록", "폴백 블록"), "message");
}

#[test]
fn a_number_for_an_utterance_is_its_digits() {
    assert!(
        matches!(with(&json!(20_301_225), json!({})), Kind::Message(message) if message.text == "20301225")
    );
    assert_eq!(with(&json!({"a": 1}), json!({})).as_str(), "welcome");
}

#[test]
fn a_validation_gives_back_what_it_was_given() {
    let value = |value: Value| match parse(
        json!({"isInSlotFilling": false, "value": value})
            .to_string()
            .as_bytes(),
    ) {
        Ok(Call::Validation(call)) => call.value,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        value(json!({"origin": "a", "resolved": " b "})).as_deref(),
        Some(" b ")
    );
    assert_eq!(
        value(json!({"origin": "a", "resolved": null})).as_deref(),
        Some("a")
    );
    assert_eq!(
        value(json!({"resolved": {"amount": 4}})).as_deref(),
        Some("{\"amount\":4}")
    );
    assert_eq!(
        value(json!({"resolved": u64::MAX})).as_deref(),
        Some("18446744073709551615")
    );
    assert_eq!(value(json!("a")).as_deref(), Some("a"));
    assert_eq!(value(json!({})), None);
    assert_eq!(value(json!("x".repeat(9_000))), None);
    let console = json!({"isInSlotFilling": true, "user": {"id": "918273", "type": "accountId"}});
    assert_eq!(
        outline(&parse(console.to_string().as_bytes())),
        "validation value=0"
    );
    assert_eq!(
        parse(br#"{"value": {"origin": "a"}}"#),
        Err(ParseError::NoSender)
    );
}

#[test]
fn nothing_of_the_body_shows_in_debug_output() {
    for (body, _) in SAMPLES {
        let shown = format!("{:?}", parse(body));
        let secrets = [
            "5c0f", "6f1a", "3e91", "https", "http:", "cbtoken", "Qm4x", "37001", "내일", "웰컴",
            "0101234",
        ];
        assert!(
            !secrets.iter().any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
}
