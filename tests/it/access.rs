//! Access: strangers are kept out until the owner approves them, and each policy admits only whom
//! it says.

use std::time::Duration;

use bundle::tables;
use emulator::{Event, Message, Tap};
use shared::config;
use test_support::{
    agent::ScriptedAgent,
    keys::{KEYS, scope},
    world::{ECHO, OPEN, World, document, screen},
};

#[tokio::test]
async fn f40_a_stranger_gets_a_code_and_the_owner_lets_them_in() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document("", &agent.as_openclaw())).await;
    let shown = screen(&world.sends("비밀 이야기").await);
    let request = world.waiting().await.pop().unwrap();
    assert!(shown.contains(request.code.expose()), "{shown}");
    assert!(
        !shown.contains("dari pairing") && !shown.contains(request.sender.id()),
        "they are the owner's: {shown}"
    );
    assert_eq!(agent.times_asked(), 0);
    let stored = [
        world.dump(tables::ACCESS).await,
        world.dump(tables::TURNS).await,
    ]
    .concat();
    assert!(
        !stored.contains("비밀") && !stored.contains(request.code.expose()),
        "{stored}"
    );

    world
        .owner_approves(request.code.expose())
        .await
        .unwrap()
        .unwrap();
    let exchange = world.sends("이제 들어왔어요").await;
    agent.asked().await.answers("어서 오세요");
    world.later(Duration::from_secs(2));
    assert_eq!(
        test_support::world::callback_screen(&world.after_callback(&exchange).await),
        "어서 오세요"
    );
    let stored = world.dump(tables::TURNS).await;
    assert!(
        !stored.contains("들어왔어요") && !stored.contains("어서 오세요"),
        "{stored}"
    );
}

#[tokio::test]
async fn f45_the_code_is_told_once_an_hour() {
    let world = World::new().await;
    assert!(screen(&world.sends("하나").await).contains("승인 코드"));
    let code = world.waiting().await[0].code.clone();
    for words in ["둘", "셋", "/help", "답변 확인"] {
        let shown = screen(&world.sends(words).await);
        assert!(
            shown.contains("아직 승인을 기다리고") && !shown.contains(code.expose()),
            "{shown}"
        );
    }
    world.later(Duration::from_secs(3601));
    let shown = screen(&world.sends("여섯").await);
    assert!(
        shown.contains("승인 코드") && !shown.contains(code.expose()),
        "{shown}"
    );
    assert!(world.owner_approves(code.expose()).await.unwrap().is_none());
}

#[tokio::test]
async fn f44_a_fourth_stranger_waits_outside_and_is_told_nothing_secret() {
    let world = World::new().await;
    for user in ["alice", "bob", "carol"] {
        assert!(
            screen(&world.sends_message(&Message::text(user, "안녕")).await).contains("승인 코드")
        );
    }
    let shown = screen(&world.sends_message(&Message::text("dave", "안녕")).await);
    assert!(
        shown.contains("기다리는 분이 많아요") && !shown.contains("코드"),
        "{shown}"
    );
    let first = world.waiting().await.remove(0);
    let id = first.opaque_id(&scope());
    world
        .stack
        .access
        .dismiss(&scope(), &id, world.now())
        .await
        .unwrap()
        .unwrap();
    assert!(
        screen(&world.sends_message(&Message::text("dave", "안녕")).await).contains("승인 코드")
    );
}

#[tokio::test]
async fn f43_racing_approvals_have_one_outcome() {
    let world = World::new().await;
    for round in 0..20 {
        let user = format!("user{round}");
        screen(&world.sends_message(&Message::text(&user, "안녕")).await);
        let request = world.waiting().await.pop().unwrap();
        let id = request.opaque_id(&scope());
        let (scope, now) = (scope(), world.now());
        let (one, two, dismissed) = tokio::join!(
            world.owner_approves(request.code.expose()),
            world.owner_approves(request.code.expose()),
            world.stack.access.dismiss(&scope, &id, now),
        );
        let outcomes = [
            one.unwrap().is_some(),
            two.unwrap().is_some(),
            dismissed.unwrap().is_some(),
        ];
        assert_eq!(
            outcomes.iter().filter(|done| **done).count(),
            1,
            "{outcomes:?}"
        );
        let approved = world
            .stack
            .access
            .is_approved(&scope, &request.sender, now)
            .await
            .unwrap();
        assert_eq!(approved, !outcomes[2]);
        assert!(world.waiting().await.is_empty());
        // The approvals that lost the race count as wrong codes. Fifteen minutes later they are
        // forgotten, so they do not add up over the rounds.
        world.later(Duration::from_secs(901));
    }
}

#[tokio::test]
async fn f46_an_approval_is_worth_nothing_in_another_account_or_in_a_room() {
    let accounts = ["a", "b"]
        .map(|id| format!(r#"{id}: {{ skillKey: "{id}-key-0123456789abcdef0123" }}"#))
        .join(",");
    let world = World::with(&format!(
        "{{ channels: {{ kakao: {{ enabled: true, skillKey: \"unused-key-0123456789abcdef01\", accounts: {{ default: {{}}, {accounts} }} }} }}, agents: {{ {ECHO} }}, {KEYS} }}"
    ))
    .await;
    screen(&world.sends("안녕").await);
    world.owner_approves_all().await;
    assert_eq!(world.asks("안녕하세요").await, "안녕하세요");
    let in_room = Message {
        room: Some("모임".to_owned()),
        ..Message::text("alice", "안녕")
    };
    let shown = screen(&world.sends_message(&in_room).await);
    assert!(
        shown.contains("승인 코드") && shown.contains("방에 있는 모두가"),
        "{shown}"
    );
    let body = include_str!("../samples/skill/10-missing-optional-fields.json");
    let ask = async |account: &str| {
        let key = format!("{account}-key-0123456789abcdef0123");
        let request = world
            .client
            .post(world.webhook())
            .header("x-dari-skill-key", key)
            .body(body);
        request.send().await.unwrap().text().await.unwrap()
    };
    assert!(ask("a").await.contains("승인 코드"));
    let scope = shared::identity::Scope {
        account: shared::identity::AccountId::parse("a").unwrap(),
        ..scope()
    };
    let code = world
        .stack
        .access
        .pending(&scope, world.now())
        .await
        .unwrap()[0]
        .code
        .clone();
    assert!(
        world.owner_approves(code.expose()).await.unwrap().is_none(),
        "a's code opened the account default"
    );
    world
        .stack
        .access
        .approve(&scope, code.expose(), world.now())
        .await
        .unwrap()
        .unwrap();
    assert!(!ask("a").await.contains("승인"));
    assert!(ask("b").await.contains("승인 코드"));
}

#[tokio::test]
async fn f47_the_policies_admit_whom_they_say() {
    for (account, expected) in [
        (r#"dmPolicy: "allowlist""#, "승인한 분만"),
        (r#"dmPolicy: "allowlist", allowFrom: ["*"]"#, "승인한 분만"),
        (r#"dmPolicy: "open""#, "승인한 분만"),
        (r#"dmPolicy: "open", allowFrom: ["*"]"#, "안녕"),
        (
            r#"dmPolicy: "disabled", allowFrom: ["*"]"#,
            "지금은 대화할 수 없어요",
        ),
        (r#"dmPolicy: "pairing", allowFrom: ["*"]"#, "승인 코드"),
    ] {
        let world = World::with(&document(account, ECHO)).await;
        let shown = world.asks("안녕").await;
        assert!(shown.contains(expected), "{account}: {shown}");
        assert_eq!(
            world.waiting().await.len(),
            usize::from(expected == "승인 코드"),
            "{account}"
        );
    }
}

#[tokio::test]
async fn f47_another_policy_counts_at_once_in_a_running_bundle() {
    let world = World::with(&document(OPEN, ECHO)).await;
    assert_eq!(world.asks("안녕").await, "안녕");
    for (account, expected) in [
        (r#"dmPolicy: "disabled""#, "지금은 대화할 수 없어요"),
        (r#"dmPolicy: "allowlist""#, "승인한 분만"),
        (OPEN, "또 왔어요"),
    ] {
        let other = config::load(&document(account, ECHO), &|_| None).unwrap();
        world.stack.reconfigure(other.config);
        let shown = world.asks("또 왔어요").await;
        assert!(shown.contains(expected), "{account}: {shown}");
    }
}

#[tokio::test]
async fn f51_taps_events_and_commands_pass_the_same_door() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(r#"dmPolicy: "allowlist""#, &agent.as_openclaw())).await;
    let alice = || Message {
        user: "alice".to_owned(),
        ..Message::default()
    };
    for message in [
        Message {
            tap: Some(Tap {
                message_text: Some("답변 확인".to_owned()),
                ..Tap::default()
            }),
            ..alice()
        },
        Message {
            event: Some(Event {
                name: "report".to_owned(),
                params: serde_json::Map::default(),
            }),
            ..alice()
        },
        Message::text("alice", "/forget"),
        Message::text("alice", "답변 확인"),
        Message::text("alice", ""),
    ] {
        let shown = screen(&world.sends_message(&message).await);
        assert!(shown.contains("승인한 분만"), "{message:?} {shown}");
    }
    assert_eq!(agent.times_asked(), 0);
}

#[tokio::test]
async fn f52_chat_text_cannot_approve() {
    let world = World::new().await;
    screen(&world.sends("안녕").await);
    let code = world.waiting().await[0].code.expose().to_owned();
    for words in [
        format!("dari pairing approve kakao {code}"),
        format!("/approve {code}"),
        code,
    ] {
        screen(&world.sends(&words).await);
    }
    assert_eq!(world.waiting().await.len(), 1);
}

#[tokio::test]
async fn f53_a_revoked_sender_is_a_stranger_at_the_next_message() {
    let world = World::new().await;
    screen(&world.sends("안녕").await);
    let sender = world.waiting().await[0].sender.clone();
    world.owner_approves_all().await;
    assert_eq!(world.asks("안녕하세요").await, "안녕하세요");
    assert!(world.stack.access.revoke(&scope(), &sender).await.unwrap());
    assert!(world.asks("아직 되나요").await.contains("승인 코드"));
    assert!(!world.stack.access.revoke(&scope(), &sender).await.unwrap());
}

#[tokio::test]
async fn entering_the_room_is_not_asking_to_be_let_in() {
    let world = World::new().await;
    let entering = Message {
        block: Some("웰컴 블록".to_owned()),
        ..Message::text("alice", "")
    };
    assert!(screen(&world.sends_message(&entering).await).contains("메시지를 보내 주시면"));
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn f121_after_forget_a_person_starts_from_nothing() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document("", &agent.as_openclaw())).await;
    screen(&world.sends("안녕").await);
    world.owner_approves_all().await;
    let session = async || {
        world.sends("기억해?").await;
        let asked = agent.asked().await;
        let session = asked.body["user"].clone();
        asked.answers("네");
        world.later(Duration::from_secs(5));
        session
    };
    let before = session().await;
    assert!(world.asks("/내정보삭제").await.contains("모두 지웠어요"));
    assert!(world.asks("나 누구야?").await.contains("승인 코드"));
    world.owner_approves_all().await;
    assert_ne!(session().await, before);
}
