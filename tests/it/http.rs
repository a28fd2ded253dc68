//! The routes of the skill function (contract.md §2): which keys, methods, paths and bodies it
//! accepts, and which status it answers to the others.

use reqwest::{Method, StatusCode, header};
use test_support::{
    keys::{KEYS, SKILL_KEY},
    world::{ECHO, OPEN, World, document, take_operations},
};

const HELLO: &str = include_str!("../samples/skill/01-text-korean.json");

async fn status(
    world: &World,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (StatusCode, String) {
    let mut request = world
        .client
        .request(method, format!("{}{path}", world.stack.url))
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

async fn posts(
    world: &World,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (u16, String) {
    let (status, body) = status(world, Method::POST, path, headers, body).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn f01_the_right_key_opens_in_any_letter_case_of_its_header() {
    let world = World::open().await;
    for name in ["X-Dari-Skill-Key", "x-dari-skill-key", "X-DARI-SKILL-KEY"] {
        let (status, body) = posts(&world, "/kakao/webhook", &[(name, SKILL_KEY)], HELLO).await;
        assert_eq!(status, 200, "{name}");
        assert!(body.contains(r#""version":"2.0""#), "{body}");
    }
}

#[tokio::test]
async fn f02_anything_but_the_right_key_is_401_and_empty_and_touches_nothing() {
    let (world, proxy) = World::behind_proxy(&document(OPEN, ECHO)).await;
    let (longer, shorter, doubled) = (
        format!("{SKILL_KEY}x"),
        &SKILL_KEY[1..],
        format!("{SKILL_KEY},{SKILL_KEY}"),
    );
    let same_length = SKILL_KEY.replace('t', "u");
    for headers in [
        &[][..],
        &[("x-dari-skill-key", "")],
        &[("x-dari-skill-key", "   ")],
        &[("x-dari-skill-key", "null")],
        &[("x-dari-skill-key", "wrong-wrong-wrong-wrong-wrong")],
        &[("x-dari-skill-key", &longer)],
        &[("x-dari-skill-key", &same_length)],
        &[("x-dari-skill-key", shorter)],
        &[("x-dari-skill-key", &doubled)],
        &[("authorization", SKILL_KEY)],
        &[("x-skill-key", SKILL_KEY)],
        &[
            ("x-dari-skill-key", SKILL_KEY),
            ("x-dari-skill-key", SKILL_KEY),
        ],
    ] {
        let answer = posts(&world, "/kakao/webhook", headers, HELLO).await;
        assert_eq!(answer, (401, String::new()), "{headers:?}");
        assert_eq!(
            posts(&world, "/kakao/webhook/default", headers, HELLO).await,
            (401, String::new())
        );
    }
    assert_eq!(
        posts(
            &world,
            "/kakao/webhook/other",
            &[("x-dari-skill-key", SKILL_KEY)],
            HELLO
        )
        .await,
        (401, String::new())
    );
    assert_eq!(take_operations(&proxy), Vec::<String>::new());
}

#[tokio::test]
async fn f03_an_account_without_a_usable_key_refuses_everyone() {
    for key in ["", r#"skillKey: "","#, r#"skillKey: "too-short-a-key","#] {
        let document = format!(
            "{{ channels: {{ kakao: {{ enabled: true, {key} {OPEN} }} }}, agents: {{ {ECHO} }}, {KEYS} }}"
        );
        let world = World::with(&document).await;
        for headers in [
            &[][..],
            &[("x-dari-skill-key", "")],
            &[("x-dari-skill-key", "null")],
            &[("x-dari-skill-key", "too-short-a-key")],
        ] {
            assert_eq!(
                posts(&world, "/kakao/webhook", headers, HELLO).await,
                (503, String::new()),
                "{key} {headers:?}"
            );
        }
    }
}

#[tokio::test]
async fn during_rotation_both_keys_open() {
    let world = World::with(&document(
        &format!(r#"{OPEN}, skillKeyPrevious: "the-key-we-had-before-0123456789""#),
        ECHO,
    ))
    .await;
    for key in [SKILL_KEY, "the-key-we-had-before-0123456789"] {
        assert_eq!(
            posts(
                &world,
                "/kakao/webhook",
                &[("x-dari-skill-key", key)],
                HELLO
            )
            .await
            .0,
            200
        );
    }
}

#[tokio::test]
async fn f07_a_flood_of_wrong_keys_never_shuts_the_right_one_out() {
    let world = World::open().await;
    for number in 0..500 {
        let right = number % 50 == 0;
        let key = if right {
            SKILL_KEY
        } else {
            "guess-guess-guess-guess-guess"
        };
        let (status, _) = posts(
            &world,
            "/kakao/webhook",
            &[("x-dari-skill-key", key)],
            HELLO,
        )
        .await;
        assert_eq!(status, if right { 200 } else { 401 });
    }
}

#[tokio::test]
async fn f09_other_methods_are_405() {
    let world = World::open().await;
    for method in [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
    ] {
        let (code, _) = status(
            &world,
            method.clone(),
            "/kakao/webhook",
            &[("x-dari-skill-key", SKILL_KEY)],
            "",
        )
        .await;
        assert_eq!(code, 405, "{method}");
    }
}

#[tokio::test]
async fn f10_the_key_of_one_account_does_not_carry_to_another() {
    let account = |id: &str| {
        let bot = format!("{:0>24}", format!("{:x}", id.len() * 7));
        format!(r#"{id}: {{ skillKey: "{id}-key-0123456789abcdef0123", botId: "{bot}", {OPEN} }}"#)
    };
    let accounts = ["a", "bb", "ccc"].map(account).join(",");
    let world = World::with(&format!(
        "{{ channels: {{ kakao: {{ enabled: true, accounts: {{ {accounts} }} }} }}, agents: {{ {ECHO} }}, {KEYS} }}"
    ))
    .await;
    let body = |id: &str| {
        HELLO.replace(
            "6f1a0c5e9d2b7348a1c0de01",
            &format!("{:0>24}", format!("{:x}", id.len() * 7)),
        )
    };
    for key_of in ["a", "bb", "ccc"] {
        let key = format!("{key_of}-key-0123456789abcdef0123");
        for bot_of in ["a", "bb", "ccc"] {
            let (status, answer) = posts(
                &world,
                "/kakao/webhook",
                &[("x-dari-skill-key", &key)],
                body(bot_of),
            )
            .await;
            assert_eq!(status, 200);
            assert_eq!(
                answer.contains("부산 가는 기차표"),
                key_of == bot_of,
                "{key_of} {bot_of} {answer}"
            );
            let (status, _) = posts(
                &world,
                &format!("/kakao/webhook/{bot_of}"),
                &[("x-dari-skill-key", &key)],
                body(bot_of),
            )
            .await;
            assert_eq!(status, if key_of == bot_of { 200 } else { 401 });
        }
        // The bot's development channel puts a `!` behind the id; it is the same bot.
        let dev = body(key_of).replacen(r#"","#, r#"!","#, 1);
        let (_, answer) = posts(
            &world,
            "/kakao/webhook",
            &[("x-dari-skill-key", &key), ("x-request-id", "dev")],
            dev,
        )
        .await;
        assert!(answer.contains("version"), "{answer}");
    }
}

#[tokio::test]
async fn f108_a_body_over_256_kib_is_413() {
    let world = World::open().await;
    let key = [("x-dari-skill-key", SKILL_KEY)];
    let padded = |size: usize| {
        let start = HELLO.trim_end().strip_suffix('}').unwrap();
        let filler = "x".repeat(size - start.len() - r#","pad":""}"#.len());
        format!(r#"{start},"pad":"{filler}"}}"#)
    };
    assert_eq!(
        posts(&world, "/kakao/webhook", &key, padded(256 * 1024))
            .await
            .0,
        200
    );
    assert_eq!(
        posts(&world, "/kakao/webhook", &key, padded(256 * 1024 + 1))
            .await
            .0,
        413
    );
    assert_eq!(
        posts(&world, "/kakao/webhook", &[], padded(256 * 1024 + 1))
            .await
            .0,
        401
    );
}

#[tokio::test]
async fn f05_forged_forwarding_headers_change_nothing() {
    let world = World::open().await;
    let forged = [
        ("x-dari-skill-key", SKILL_KEY),
        ("x-forwarded-for", "219.249.231.41"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=127.0.0.1;host=evil.example"),
        ("x-real-ip", "127.0.0.1"),
        ("host", "evil.example"),
    ];
    let (status, answer) = posts(&world, "/kakao/webhook", &forged, HELLO).await;
    assert_eq!(status, 200);
    assert!(!answer.contains("evil"), "{answer}");
    assert_eq!(
        posts(&world, "/kakao/webhook", &forged[1..], HELLO).await.0,
        401
    );
}

#[tokio::test]
async fn health_answers_without_a_key() {
    let world = World::new().await;
    let response = world
        .client
        .get(format!("{}/health", world.stack.url))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(
        response.headers()[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("application/json")
    );
    assert_eq!(response.text().await.unwrap(), r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn other_paths_are_404() {
    let world = World::new().await;
    assert_eq!(
        posts(
            &world,
            "/kakao/webhooks",
            &[("x-dari-skill-key", SKILL_KEY)],
            HELLO
        )
        .await
        .0,
        404
    );
}
