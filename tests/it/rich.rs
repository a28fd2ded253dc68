//! Answers with pictures, cards and suggestions, as the person sees them.

use std::time::Duration;

use emulator::{Exchange, Message, Tap, TapKind};
use serde_json::{Value, json};
use test_support::{
    agent::ScriptedAgent,
    world::{OPEN, World, document, labels, screen},
};

const SECOND: Duration = Duration::from_secs(1);

/// A world that lets everyone in, and its agent.
struct Talk {
    world: World,
    agent: ScriptedAgent,
}

impl Talk {
    async fn start() -> Self {
        let agent = ScriptedAgent::start().await;
        let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
        Self { world, agent }
    }

    /// Sends the message, lets the agent answer with `said`, and returns the exchange after its
    /// callback.
    async fn answered(&self, message: Message, said: &str) -> Exchange {
        let exchange = self.world.sends_message(&message).await;
        self.agent.asked().await.answers(said);
        // Later than the three seconds in which the same message again counts as a double tap.
        self.world.later(4 * SECOND);
        let exchange = self.world.after_callback(&exchange).await;
        // The worker still has to note that Kakao took the callback.
        self.world.workers_look_around().await;
        exchange
    }

    async fn shows(&self, said: &str) -> Exchange {
        self.answered(Message::text("alice", "보여 줘"), said).await
    }
}

/// The bubbles that came through the callback: the kind and the text of each.
fn bubbles(exchange: &Exchange) -> Vec<(&str, &str)> {
    let callback = exchange.callback.as_ref().unwrap();
    assert!(callback.delivered, "{:?}", callback.broken_rules);
    assert_eq!(callback.broken_rules, []);
    let bubbles = callback.bubbles.iter();
    bubbles
        .map(|bubble| (bubble.kind.as_str(), bubble.text.as_str()))
        .collect()
}

fn kinds(exchange: &Exchange) -> Vec<&str> {
    bubbles(exchange)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}

fn suggested(exchange: &Exchange) -> Vec<&str> {
    let replies = exchange.callback.as_ref().unwrap().quick_replies.iter();
    replies.map(|reply| reply.label.as_str()).collect()
}

fn list(rows: usize) -> Value {
    let rows: Vec<_> = (1..=rows)
        .map(|n| json!({ "title": format!("{n}번 카페"), "description": "걸어서 4분" }))
        .collect();
    json!({ "listCard": { "header": { "title": "근처 카페" }, "items": rows } })
}

#[tokio::test]
async fn pictures_in_markdown_are_pictures_in_the_chat() {
    let talk = Talk::start().await;
    let said = "오늘의 달이에요.\n\n![보름달](https://img.example.com/moon.png)\n\n예쁘죠?";
    let shown = talk.shows(said).await;
    assert_eq!(
        bubbles(&shown),
        [
            ("simpleText", "오늘의 달이에요."),
            (
                "simpleImage",
                "[사진: 보름달]\nhttps://img.example.com/moon.png"
            ),
            ("simpleText", "예쁘죠?"),
        ]
    );
}

#[tokio::test]
async fn f116_pictures_at_private_addresses_are_words() {
    let talk = Talk::start().await;
    for private in [
        "http://169.254.169.254/a.png",
        "http://localhost/a.png",
        "http://10.0.0.1/a.png",
    ] {
        let shown = talk.shows(&format!("여기요.\n\n![지도]({private})")).await;
        assert_eq!(
            bubbles(&shown),
            [("simpleText", "여기요."), ("simpleText", "지도")]
        );
    }
}

#[tokio::test]
async fn an_object_of_a_component_is_a_card() {
    let talk = Talk::start().await;
    let card = json!({ "textCard": {
        "title": "주문 A-17",
        "description": "내일 도착해요.",
        "buttons": [
            { "label": "배송 조회", "action": "webLink", "webLinkUrl": "https://shop.example.com/a-17" },
            { "label": "취소", "action": "message", "messageText": "A-17 취소", "extra": { "order": "A-17" } },
        ],
    } });
    let shown = talk.shows(&card.to_string()).await;
    assert_eq!(kinds(&shown), ["textCard"]);
    let body = &shown.callback.as_ref().unwrap().bubbles[0].body;
    assert_eq!(body["buttons"][1]["extra"]["order"], "A-17");

    let tap = Message {
        text: None,
        tap: Some(Tap {
            label: Some("취소".to_owned()),
            message_text: Some("A-17 취소".to_owned()),
            extra: Some(body["buttons"][1]["extra"].clone()),
            block_id: None,
            kind: TapKind::CardButton,
        }),
        ..Message::text("alice", "")
    };
    let exchange = talk.world.sends_message(&tap).await;
    let asked = talk.agent.asked().await;
    assert_eq!(
        asked.text(),
        "A-17 취소\n\n[버튼 데이터] {\"order\":\"A-17\"}"
    );
    asked.answers("취소했어요.");
    talk.world.later(2 * SECOND);
    let shown = talk.world.after_callback(&exchange).await;
    assert_eq!(bubbles(&shown), [("simpleText", "취소했어요.")]);
}

#[tokio::test]
async fn suggestions_are_quick_replies_below_the_last_page() {
    let talk = Talk::start().await;
    let suggestions = json!(["내일은?", { "label": "주말 날씨도 함께 알려 주세요", "action": "message", "messageText": "주말 날씨" }]);
    let short = json!({ "simpleText": { "text": "맑아요." }, "quickReplies": suggestions });
    let shown = talk.shows(&short.to_string()).await;
    assert_eq!(suggested(&shown), ["내일은?", "주말 날씨도 함께 알려…"]);
    let replies = &shown.callback.as_ref().unwrap().quick_replies;
    assert_eq!(replies[1].message_text.as_deref(), Some("주말 날씨"));

    let long =
        json!({ "simpleText": { "text": "맑아요. ".repeat(700) }, "quickReplies": suggestions });
    let first = talk.shows(&long.to_string()).await;
    assert_eq!(suggested(&first), ["계속"]);
    let last = talk.world.sends_without_callback("계속").await;
    assert_eq!(labels(&last), ["내일은?", "주말 날씨도 함께 알려…"]);
}

#[tokio::test]
async fn f30_what_has_no_room_on_a_card_or_page_comes_with_the_next() {
    let talk = Talk::start().await;
    let outputs = json!({ "outputs": [list(12), { "simpleImage": { "imageUrl": "https://img.example.com/map.png" } }, { "simpleText": { "text": "끝이에요." } }] });
    let first = talk.shows(&outputs.to_string()).await;
    assert_eq!(kinds(&first), ["listCard", "listCard", "listCard"]);
    assert_eq!(suggested(&first), ["계속"]);
    let rest = talk.world.sends_without_callback("계속").await;
    let kinds: Vec<_> = rest.bubbles.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["simpleImage", "simpleText"]);
    assert_eq!(rest.bubbles[1].text, "끝이에요.");
    let rows: usize = first
        .callback
        .unwrap()
        .bubbles
        .iter()
        .map(|it| it.body["items"].as_array().unwrap().len())
        .sum();
    assert_eq!(rows, 12);
}

#[tokio::test]
async fn a_room_gets_what_a_room_can_show() {
    let talk = Talk::start().await;
    let said = json!({
        "outputs": [{ "carousel": { "type": "textCard", "items": [{ "title": "1안" }, { "title": "2안" }] } }],
        "quickReplies": ["1안으로 할게요"],
    });
    let message = Message {
        room: Some("가족방".to_owned()),
        ..Message::text("alice", "골라 줘")
    };
    let shown = talk.answered(message, &said.to_string()).await;
    assert_eq!(
        bubbles(&shown),
        [
            ("textCard", "1안"),
            ("textCard", "2안"),
            ("simpleText", "· 1안으로 할게요")
        ]
    );
}

#[tokio::test]
async fn a_card_that_came_too_late_is_collected_as_a_card() {
    let talk = Talk::start().await;
    let exchange = talk.world.sends("보여 줘").await;
    let asked = talk.agent.asked().await;
    talk.world.later(55 * SECOND);
    talk.world.after_callback(&exchange).await;
    asked.answers(&list(2).to_string());
    assert_eq!(talk.world.settled().await, 1);
    let collected = talk.world.sends_without_callback("답변 확인").await;
    assert_eq!(
        collected.bubbles[0].kind,
        "listCard",
        "{}",
        screen(&collected)
    );
    assert_eq!(collected.broken_rules, []);
}

#[tokio::test]
async fn a_broken_card_is_never_lost() {
    let talk = Talk::start().await;
    for (said, words) in [
        (
            json!({ "basicCard": { "title": "사진 없는 카드" } }),
            "사진 없는 카드",
        ),
        (
            json!({ "listCard": { "header": { "title": "빈 목록" }, "items": [] } }),
            "빈 목록",
        ),
        (
            json!({ "itemCard": { "itemList": "없음", "title": "제목만" } }),
            "제목만",
        ),
        (
            json!({ "carousel": { "type": "hologram", "items": [{ "title": "알 수 없는 카드" }] } }),
            "알 수 없는 카드",
        ),
        (
            json!({ "commerceCard": { "title": "값 없는 컵" } }),
            "값 없는 컵",
        ),
    ] {
        let shown = talk.shows(&said.to_string()).await;
        let seen: String = bubbles(&shown).into_iter().map(|(_, text)| text).collect();
        assert!(seen.contains(words), "{words}: {seen}");
    }
}
