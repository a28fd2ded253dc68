//! Every sample body of the platform reference (skill.md §11), posted unchanged, and what the skill
//! function must answer to it.

use serde_json::Value;
use test_support::{
    keys::SKILL_KEY,
    world::{ECHO, OPEN, World, document},
};

/// What the skill function must answer.
enum Expected {
    /// This status and an empty body.
    Status(u16),
    /// A valid response whose first bubble contains this text.
    Says(&'static str),
    /// `useCallback`, without a template.
    Callback,
    /// Status 200 and exactly this body.
    Body(&'static str),
}

use Expected::{Body, Callback, Says, Status};

const CASES: &[(&str, &[u8], Expected)] = &[
    (
        "01",
        include_bytes!("../samples/skill/01-text-korean.json"),
        Says("부산 가는 기차표"),
    ),
    (
        "02",
        include_bytes!("../samples/skill/02-text-emoji.json"),
        Says("오늘 기분 최고😆🎉"),
    ),
    (
        "03",
        include_bytes!("../samples/skill/03-text-long.json"),
        Callback,
    ),
    (
        "04",
        include_bytes!("../samples/skill/04-callback-enabled.json"),
        Callback,
    ),
    (
        "05",
        include_bytes!("../samples/skill/05-image-upload-plain.json"),
        Callback,
    ),
    (
        "06",
        include_bytes!("../samples/skill/06-image-secure-plugin.json"),
        Says("사진"),
    ),
    (
        "07",
        include_bytes!("../samples/skill/07-video-upload.json"),
        Says("텍스트나 사진으로"),
    ),
    (
        "08",
        include_bytes!("../samples/skill/08-fallback-block-dev-channel.json"),
        Callback,
    ),
    (
        "09",
        include_bytes!("../samples/skill/09-welcome-block.json"),
        Says("무엇이든 물어보세요"),
    ),
    (
        "10",
        include_bytes!("../samples/skill/10-missing-optional-fields.json"),
        Says("안녕하세요"),
    ),
    (
        "11",
        include_bytes!("../samples/skill/11-unknown-extra-fields.json"),
        Says("텍스트나 사진으로"),
    ),
    (
        "12",
        include_bytes!("../samples/skill/12-admin-center-skill-test.json"),
        Says("연결됐어요"),
    ),
    (
        "13",
        include_bytes!("../samples/skill/13-bot-test-console.json"),
        Says("봇테스트에서는"),
    ),
    (
        "14",
        include_bytes!("../samples/skill/14-group-chat.json"),
        Callback,
    ),
    (
        "15",
        include_bytes!("../samples/skill/15-card-button-client-extra.json"),
        Says("예약 취소"),
    ),
    (
        "16",
        include_bytes!("../samples/skill/16-quickreply-block-client-extra.json"),
        Says("확인할 답변이 없어요"),
    ),
    (
        "17",
        include_bytes!("../samples/skill/17-entity-params-and-contexts.json"),
        Says("금요일에 4명 홍대로 예약"),
    ),
    (
        "18",
        include_bytes!("../samples/skill/18-kakao-login-linked-user.json"),
        Says("내 포인트 얼마야?"),
    ),
    (
        "19",
        include_bytes!("../samples/skill/19-event-api-triggered.json"),
        Says("새 소식이 있어요"),
    ),
    (
        "20",
        include_bytes!("../samples/skill/20-knowledge-plus.json"),
        Says("환불 규정이 어떻게 돼?"),
    ),
    (
        "21",
        include_bytes!("../samples/skill/21-param-validation-request.json"),
        Body(r#"{"status":"SUCCESS","value":"01012340000"}"#),
    ),
    (
        "22",
        include_bytes!("../samples/skill/22-null-fields.json"),
        Says("무엇이든 물어보세요"),
    ),
    (
        "23",
        include_bytes!("../samples/skill/23-barcode-plugin.json"),
        Says("바코드를 스캔했습니다."),
    ),
    (
        "truncated",
        include_bytes!("../samples/skill/malformed-01-truncated-json.json"),
        Status(400),
    ),
    (
        "array",
        include_bytes!("../samples/skill/malformed-02-top-level-array.json"),
        Status(400),
    ),
    (
        "no user",
        include_bytes!("../samples/skill/malformed-03-missing-user-id.json"),
        Says("다시 보내 주세요"),
    ),
    (
        "wrong types",
        include_bytes!("../samples/skill/malformed-04-wrong-types.json"),
        Says("다시 보내 주세요"),
    ),
    (
        "hostile callback",
        include_bytes!("../samples/skill/malformed-05-callback-url-ssrf.json"),
        Says("콜백 주소가"),
    ),
    (
        "empty",
        include_bytes!("../samples/skill/malformed-06-empty-body.json"),
        Status(400),
    ),
    (
        "not utf-8",
        include_bytes!("../samples/skill/malformed-07-invalid-utf8.json"),
        Status(400),
    ),
    (
        "hostile picture",
        include_bytes!("../samples/skill/malformed-08-media-url-ssrf.json"),
        Says("사진을 열 수 없어요"),
    ),
];

async fn post(world: &World, body: &[u8]) -> (u16, String) {
    let response = world
        .client
        .post(world.webhook())
        .header("x-dari-skill-key", SKILL_KEY)
        .body(body.to_vec())
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn first_bubble(body: &str) -> String {
    let response: Value = serde_json::from_str(body).unwrap();
    assert_eq!(response["version"], "2.0", "{body}");
    response["template"]["outputs"][0]["simpleText"]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{body}"))
        .to_owned()
}

#[tokio::test]
async fn every_sample_gets_what_it_must() {
    for (name, body, expected) in CASES {
        let world = World::open().await;
        let (status, answer) = post(&world, body).await;
        match expected {
            Status(code) => assert_eq!((status, answer.as_str()), (*code, ""), "{name}"),
            Says(words) => {
                assert_eq!(status, 200, "{name}");
                assert!(first_bubble(&answer).contains(words), "{name}: {answer}");
            }
            Callback => {
                assert_eq!(status, 200, "{name}");
                let response: Value = serde_json::from_str(&answer).unwrap();
                assert_eq!(response["useCallback"], true, "{name}: {answer}");
                assert!(response.get("template").is_none(), "{name}: {answer}");
            }
            Body(exact) => assert_eq!((status, answer.as_str()), (200, *exact), "{name}"),
        }
    }
}

#[tokio::test]
async fn another_bot_than_the_configured_one_is_refused_and_the_development_channel_is_not() {
    let account = format!(r#"botId: "6f1a0c5e9d2b7348a1c0de01", {OPEN}"#);
    let world = World::with(&document(&account, ECHO)).await;
    let (_, answer) = post(
        &world,
        include_bytes!("../samples/skill/08-fallback-block-dev-channel.json"),
    )
    .await;
    assert!(answer.contains("useCallback"), "{answer}");
    let other =
        include_str!("../samples/skill/10-missing-optional-fields.json").replace("de01", "de02");
    let (status, answer) = post(&world, other.as_bytes()).await;
    assert_eq!(status, 200);
    assert!(
        first_bubble(&answer).contains("연결되지 않았어요"),
        "{answer}"
    );
}

/// Samples with bytes changed, removed or cut off get a valid response or status 400. The random
/// numbers are xorshift from a fixed seed, so every run is the same.
#[tokio::test]
async fn f109_damaged_samples_never_break_the_function() {
    let world = World::open().await;
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    for _ in 0..300 {
        let (_, body, _) = CASES[random(CASES.len())];
        let mut body = body.to_vec();
        for _ in 0..=random(4) {
            if body.is_empty() {
                break;
            }
            let at = random(body.len());
            match random(3) {
                0 => body[at] = b"{}[]\",:0nul\\\xff\0"[random(14)],
                1 => drop(body.remove(at)),
                _ => body.truncate(at),
            }
        }
        let (status, answer) = post(&world, &body).await;
        match status {
            400 => assert_eq!(answer, ""),
            200 => {
                let response: Value = serde_json::from_str(&answer).unwrap();
                assert!(
                    response["version"] == "2.0" || response["status"] == "SUCCESS",
                    "{answer}"
                );
            }
            other => panic!("{other} for {}", String::from_utf8_lossy(&body)),
        }
    }
}
