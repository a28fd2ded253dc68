//! Rules that depend on where an answer is given, or on several fields at once.

use serde_json::json;

use super::{
    super::{Kind, Setting, Slot, judge, read, read_validation, refused},
    answer, basic_card, broken_by, carousel, channel, commerce_card, group, item_card, list_card,
    text_card, with,
};

#[test]
fn labels_side_by_side_are_shorter() {
    let button = json!({"label": "아홉 글자입니다요", "action": "share"});
    let card = json!({"textCard": {"title": "제목", "buttonLayout": "horizontal", "buttons": [button, button]}});
    let broken = broken_by(&card, &channel());
    assert_eq!(broken.len(), 2);
    assert_eq!(
        broken[0],
        ("length".to_owned(), ".buttons[0].label".to_owned(), false)
    );
    let alone = with(&card, "/textCard/buttons", json!([button]));
    assert_eq!(broken_by(&alone, &channel()), []);
}

#[test]
fn a_square_thumbnail_lays_its_buttons_side_by_side() {
    let button = json!({"label": "하나", "action": "share"});
    let card = with(
        &basic_card(),
        "/basicCard/thumbnail/fixedRatio",
        json!(true),
    );
    let card = with(&card, "/basicCard/buttons", json!([button, button, button]));
    assert_eq!(broken_by(&card, &channel())[0].0, "count");
    let vertical = with(&card, "/basicCard/buttonLayout", json!("vertical"));
    assert_eq!(broken_by(&vertical, &channel()), []);
}

#[test]
fn a_bubble_has_at_most_30720_bytes() {
    let of = |bytes: usize| {
        let empty = json!({"simpleImage": {"imageUrl": "https://example.com/"}})
            .to_string()
            .len();
        json!({"simpleImage": {"imageUrl": format!("https://example.com/{}", "a".repeat(bytes - empty))}})
    };
    assert_eq!(broken_by(&of(30_720), &channel()), []);
    assert_eq!(broken_by(&of(30_721), &channel())[0].0, "bubble-bytes");
}

#[test]
fn an_acknowledgement_needs_a_callback_url() {
    let ack = json!({"version": "2.0", "useCallback": true, "data": {"text": "생각 중"}});
    assert_eq!(read(&ack, &channel()), (Kind::Acknowledgement, vec![]));
    for (slot, rule) in [
        (Slot::None, "callback-without-url"),
        (Slot::Filling, "callback-again"),
    ] {
        let (_, broken) = read(&ack, &Setting { slot, ..channel() });
        assert_eq!(broken[0].rule, rule);
        assert!(refused(&broken));
    }
}

#[test]
fn a_template_beside_an_acknowledgement_is_ignored() {
    let both = json!({"version": "2.0", "useCallback": true, "template": {"outputs": []}});
    let (kind, broken) = read(&both, &channel());
    assert_eq!(kind, Kind::Acknowledgement);
    assert_eq!(broken[0].rule, "callback-template");
    assert!(!refused(&broken));
}

#[test]
fn group_rooms_take_other_things_than_channels() {
    for component in [commerce_card(), carousel("textCard", &text_card(), 2)] {
        assert_eq!(broken_by(&component, &group())[0].0, "channel-only");
    }
    let replies = json!([{"label": "네", "action": "message", "messageText": "네"}]);
    let text = answer(&json!({"simpleText": {"text": "안녕", "extra": {"markdown": true}}}));
    assert_eq!(read(&text, &group()).1, []);
    let (_, broken) = read(&with(&text, "/template/quickReplies", replies), &group());
    assert_eq!(broken[0].rule, "channel-only");
    let five = with(
        &text_card(),
        "/textCard/buttons",
        json!(vec![json!({"label": "초대", "action": "invite"}); 5]),
    );
    assert_eq!(broken_by(&five, &group()), []);
    assert_eq!(
        broken_by(
            &with(&list_card(), "/listCard/listLayout", json!("ranking")),
            &group()
        ),
        []
    );
    let silence = json!({"version": "2.0", "template": {"outputs": []}});
    let by_event = Setting {
        event: true,
        ..group()
    };
    assert_eq!(read(&silence, &by_event).1, []);
    assert!(refused(&read(&silence, &group()).1));
}

#[test]
fn mentions_belong_to_group_rooms() {
    let mention = json!({"type": "botUserKey", "id": "u1"});
    let text = answer(&json!({"simpleText": {"text": "{{#mentions.a}} 안녕"}}));
    let good = with(&text, "/extra", json!({"mentions": {"a": mention}}));
    assert_eq!(read(&good, &group()).1, []);
    assert_eq!(read(&good, &channel()).1[0].rule, "group-only");
    let kind = with(&good, "/extra/mentions/a/type", json!("name"));
    assert_eq!(read(&kind, &group()).1[0].at, "$.extra.mentions.a.type");
    let many: serde_json::Map<_, _> = (0..16).map(|n| (n.to_string(), mention.clone())).collect();
    let many = with(&good, "/extra/mentions", json!(many));
    assert_eq!(read(&many, &group()).1[0].rule, "count");
}

#[test]
fn a_judge_names_what_the_reference_does_not_have() {
    let linked = with(
        &list_card(),
        "/listCard/items/1/link",
        json!({"web": "https://a.kr/"}),
    );
    let rows = [
        (text_card(), "/textCard/text", "unknown-field"),
        (text_card(), "/textCard/buttons/0/extra", "unknown-field"),
        (basic_card(), "/basicCard/social", "unknown-field"),
        (basic_card(), "/basicCard/thumbnail/width", "unknown-field"),
        (
            basic_card(),
            "/basicCard/thumbnail/link/app",
            "unknown-field",
        ),
        (basic_card(), "/basicCard/profile/title", "unknown-field"),
        (commerce_card(), "/commerceCard/thumbnail", "unknown-field"),
        (list_card(), "/listCard/header/description", "unknown-field"),
        (list_card(), "/listCard/items/0/altText", "unknown-field"),
        (
            item_card(),
            "/itemCard/itemList/0/imageUrl",
            "unknown-field",
        ),
        (
            item_card(),
            "/itemCard/thumbnail/fixedRatio",
            "unknown-field",
        ),
        (linked, "/listCard/items/1/extra", "link-or-action"),
    ];
    for (card, pointer, rule) in rows {
        let odd = with(&card, pointer, json!({}));
        let broken = judge(&answer(&odd), false);
        assert!(broken.iter().any(|it| it.rule == rule), "{odd}: {broken:?}");
        let shown = read(&answer(&odd), &channel()).1;
        assert!(shown.iter().all(|it| it.rule != rule), "{odd}");
    }
    let envelope = with(&answer(&text_card()), "/reply", json!("안녕"));
    assert_eq!(judge(&envelope, false)[0].at, "$.reply");
}

#[test]
fn a_validation_answer_has_one_of_four_statuses() {
    let good = json!({"status": "SUCCESS", "value": "010"});
    assert_eq!(read_validation(&good), (None, vec![]));
    let fail = json!({"status": "FAIL", "message": "다시 입력해 주세요"});
    assert_eq!(
        read_validation(&fail).0.as_deref(),
        Some("다시 입력해 주세요")
    );
    for bad in [
        json!({}),
        json!({"status": "OK"}),
        json!([]),
        json!({"status": "FAIL", "message": 1}),
    ] {
        assert!(refused(&read_validation(&bad).1), "{bad}");
    }
}
