//! Conversations: a message goes in and an answer comes back, in every way that the platform
//! allows, as long as nothing is late or broken.

use std::time::Duration;

use emulator::{Console, Message, Outcome, Photo, Tap};
use test_support::{
    agent::ScriptedAgent,
    world::{ECHO, OPEN, World, callback_screen, document, labels, screen},
};

#[tokio::test]
async fn a_message_is_acknowledged_at_once_and_answered_through_the_callback() {
    let world = World::open().await;
    let exchange = world.sends("안녕하세요").await;
    assert_eq!(exchange.outcome, Outcome::Waiting);
    assert_eq!(
        exchange.waiting_message.as_deref(),
        Some("생각하고 있어요. 잠시만 기다려 주세요.")
    );
    world.later(Duration::from_secs(2));
    let exchange = world.after_callback(&exchange).await;
    assert_eq!(callback_screen(&exchange), "안녕하세요");
    let callback = exchange.callback.unwrap();
    assert_eq!(callback.attempts.len(), 1);
}

#[tokio::test]
async fn without_a_callback_the_answer_is_in_the_response_itself() {
    let world = World::open().await;
    let exchange = world.sends_without_callback("안녕하세요").await;
    assert_eq!(exchange.outcome, Outcome::Answered);
    assert_eq!(screen(&exchange), "안녕하세요");
}

#[tokio::test]
async fn the_agent_gets_the_new_message_only_under_a_session_that_names_nobody() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    for (words, answer) in [("첫 질문", "첫 답"), ("둘째 질문", "둘째 답")] {
        let exchange = world.sends(words).await;
        let asked = agent.asked().await;
        assert_eq!(asked.body["messages"].as_array().unwrap().len(), 1);
        assert_eq!(asked.text(), words);
        let session = asked.body["user"].as_str().unwrap();
        assert!(
            session.len() >= 32
                && session
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
            "{session}"
        );
        assert!(!asked.idempotency_key.is_empty());
        asked.answers(answer);
        world.later(Duration::from_secs(2));
        assert_eq!(
            callback_screen(&world.after_callback(&exchange).await),
            answer
        );
    }
}

#[tokio::test]
async fn the_session_stays_until_a_new_one_is_asked_for() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let session = async |words: &str| {
        world.sends(words).await;
        let asked = agent.asked().await;
        let session = asked.body["user"].as_str().unwrap().to_owned();
        asked.answers("네");
        world.later(Duration::from_secs(4));
        session
    };
    let (first, second) = (session("하나").await, session("둘").await);
    assert_eq!(first, second);
    assert_eq!(
        world.asks("/새대화").await,
        "새 대화를 시작했어요. 무엇이든 물어보세요."
    );
    assert_ne!(session("셋").await, first);
}

#[tokio::test]
async fn an_agent_without_memory_is_reminded_of_the_last_turns() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openai_chat())).await;
    let mut last = Vec::new();
    for number in 1..=4 {
        let exchange = world.sends(&format!("질문 {number}")).await;
        let asked = agent.asked().await;
        let messages = asked.body["messages"].as_array().unwrap();
        last = messages
            .iter()
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect();
        asked.answers(&format!("답 {number}"));
        world.later(Duration::from_secs(2));
        world.after_callback(&exchange).await;
    }
    assert_eq!(
        last,
        [
            "짧게 답해 주세요.",
            "질문 2",
            "답 2",
            "질문 3",
            "답 3",
            "질문 4"
        ]
    );
}

#[tokio::test]
async fn markdown_becomes_text_and_templates_are_broken() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let exchange = world.sends("오늘 할 일").await;
    agent.asked().await.answers(
        "# 오늘\n\n- **빨래**를 해요\n- [지도](https://example.com)\n\n{{#mentions.x}}\u{7}",
    );
    world.later(Duration::from_secs(2));
    let shown = callback_screen(&world.after_callback(&exchange).await);
    assert!(
        shown.contains("• 빨래를 해요") && shown.contains("지도 (https://example.com)"),
        "{shown}"
    );
    assert!(
        !shown.contains("**") && !shown.contains("{{#") && !shown.contains('\u{7}'),
        "{shown}"
    );
}

#[tokio::test]
async fn a_long_answer_is_three_bubbles_and_the_rest_is_offered() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let paragraphs: Vec<_> = (1..=80)
        .map(|number| format!("{number}번째 문단이에요. {}", "가나다라 ".repeat(20)))
        .collect();
    let exchange = world.sends("길게").await;
    agent.asked().await.answers(&paragraphs.join("\n\n"));
    world.later(Duration::from_secs(2));
    let exchange = world.after_callback(&exchange).await;
    let mut shown = callback_screen(&exchange);
    let callback = exchange.callback.unwrap();
    assert_eq!(callback.bubbles.len(), 3);
    assert_eq!(
        callback
            .quick_replies
            .iter()
            .map(|reply| reply.label.as_str())
            .collect::<Vec<_>>(),
        ["계속"]
    );
    loop {
        let exchange = world.sends_without_callback("계속").await;
        shown.push_str(&screen(&exchange));
        if !labels(&exchange).contains(&"계속".to_owned()) {
            break;
        }
    }
    for number in 1..=80 {
        assert!(
            shown.contains(&format!("{number}번째 문단이에요.")),
            "{number} is lost"
        );
    }
}

#[tokio::test]
async fn a_tap_brings_its_data_to_the_agent() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let tap = Tap {
        message_text: Some("예약 취소".to_owned()),
        extra: Some(serde_json::json!({ "reservationId": "rsv-42" })),
        ..Tap::default()
    };
    world
        .sends_message(&Message {
            user: "alice".to_owned(),
            tap: Some(tap),
            ..Message::default()
        })
        .await;
    let asked = agent.asked().await;
    assert!(
        asked.text().starts_with("예약 취소") && asked.text().contains("rsv-42"),
        "{}",
        asked.text()
    );
}

#[tokio::test]
async fn a_photo_reaches_the_agent_as_a_photo() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let photo = Photo {
        media_type: "image/png".to_owned(),
        base64: "iVBORw0KGgo=".to_owned(),
    };
    world
        .sends_message(&Message {
            user: "alice".to_owned(),
            photo: Some(photo),
            ..Message::default()
        })
        .await;
    let asked = agent.asked().await;
    assert!(asked.text().contains("사진 1장"), "{}", asked.text());
    assert!(!asked.text().contains("http"), "{}", asked.text());
}

#[tokio::test]
async fn a_video_gets_a_friendly_answer_and_no_turn() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let exchange = world
        .sends_message(&Message {
            user: "alice".to_owned(),
            video: true,
            ..Message::default()
        })
        .await;
    assert!(screen(&exchange).contains("텍스트나 사진으로"));
    assert_eq!(agent.times_asked(), 0);
}

#[tokio::test]
async fn the_consoles_are_answered_at_once_without_the_agent() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document("", &agent.as_openclaw())).await;
    for console in [Console::SkillTest, Console::BotTest] {
        let exchange = world
            .sends_message(&Message {
                console: Some(console),
                ..Message::text("alice", "발화 내용")
            })
            .await;
        assert!(screen(&exchange).contains("연결됐어요"), "{console:?}");
    }
    assert!(world.waiting().await.is_empty());
    assert_eq!(agent.times_asked(), 0);
}

#[tokio::test]
async fn a_room_is_one_conversation_without_quick_replies() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let mut sessions = Vec::new();
    for user in ["alice", "bob"] {
        let exchange = world
            .sends_message(&Message {
                room: Some("가족방".to_owned()),
                ..Message::text(user, format!("{user}의 말"))
            })
            .await;
        let asked = agent.asked().await;
        sessions.push(asked.body["user"].clone());
        asked.answers(&"긴 답이에요. ".repeat(600));
        world.later(Duration::from_secs(2));
        let exchange = world.after_callback(&exchange).await;
        callback_screen(&exchange);
        assert!(exchange.callback.unwrap().quick_replies.is_empty());
    }
    assert_eq!(sessions[0], sessions[1]);
}

#[tokio::test]
async fn the_commands_answer_by_themselves() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    assert!(world.asks("/help").await.contains("/내정보삭제"));
    assert!(world.asks("/도움말").await.contains("/내정보삭제"));
    assert!(
        world
            .asks("/status")
            .await
            .contains("아직 대화를 시작하지 않았어요.")
    );
    assert!(world.asks("/forget").await.contains("모두 지웠어요"));
    assert_eq!(agent.times_asked(), 0);
}

#[tokio::test]
async fn english_is_spoken_where_it_is_set() {
    let world = World::with(&document(&format!(r#"locale: "en", {OPEN}"#), ECHO)).await;
    assert!(
        world
            .asks("/help")
            .await
            .starts_with("Here is what you can do.")
    );
}

#[tokio::test]
async fn without_an_agent_people_are_told() {
    let world = World::with(&document(OPEN, "")).await;
    assert!(world.asks("안녕").await.contains("아직 준비되지 않았어요"));
}

#[tokio::test]
async fn a_broken_agent_is_told_kindly() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let exchange = world.sends("안녕").await;
    drop(agent.asked().await);
    world.later(Duration::from_secs(2));
    assert!(callback_screen(&world.after_callback(&exchange).await).contains("문제가 생겼어요"));
    let dead = document(
        OPEN,
        r#"main: { kind: "openclaw", url: "http://127.0.0.1:9", token: "t" }"#,
    );
    let world = World::with(&dead).await;
    assert!(world.asks("안녕").await.contains("지금은 답변할 수 없어요"));
}
