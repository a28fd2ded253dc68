mod anything;
mod situations;
mod tables;

use serde_json::{Value, json};

use super::{Setting, Severity, Slot, judge, read};

const BLOCK: &str = "6f1a0c5e9d2b7348a1c0f002";

fn channel() -> Setting {
    Setting {
        slot: Slot::Given,
        blocks: Some(vec![BLOCK.to_owned()]),
        ..Setting::default()
    }
}

fn group() -> Setting {
    Setting {
        group: true,
        ..channel()
    }
}

fn answer(component: &Value) -> Value {
    json!({"version": "2.0", "template": {"outputs": [component]}})
}

/// The rules broken by a component: `(rule, path below the component's key, refused)`.
fn broken_by(component: &Value, setting: &Setting) -> Vec<(String, String, bool)> {
    let kind = component
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone();
    let prefix = format!("$.template.outputs[0].{kind}");
    let (_, broken) = read(&answer(component), setting);
    broken
        .into_iter()
        .map(|rule| {
            let below = rule.at.strip_prefix(&prefix).unwrap_or(&rule.at).to_owned();
            (rule.rule, below, rule.severity == Severity::Refused)
        })
        .collect()
}

/// `base` with the field at the JSON pointer replaced, or with `null` removed.
fn with(base: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = base.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap() {
        Value::Object(fields) => fields.insert(key.to_owned(), value),
        Value::Array(items) => Some(std::mem::replace(
            &mut items[key.parse::<usize>().unwrap()],
            value,
        )),
        other => panic!("no object or array: {other}"),
    };
    changed
}

fn text_card() -> Value {
    json!({"textCard": {"title": "제목", "description": "설명", "buttons": [
        {"label": "열기", "action": "webLink", "webLinkUrl": "https://example.com/"},
        {"label": "말하기", "action": "message", "messageText": "안녕", "extra": {"a": 1}},
        {"label": "이동", "action": "block", "blockId": BLOCK},
    ], "buttonLayout": "vertical"}})
}

fn basic_card() -> Value {
    json!({"basicCard": {"title": "제목", "description": "설명",
        "thumbnail": {"imageUrl": "https://example.com/a.png", "altText": "그림", "link": {"web": "https://example.com/"}},
        "profile": {"nickname": "하늘"}, "buttons": [{"label": "전화", "action": "phone", "phoneNumber": "02-0000-0000"}]}})
}

fn commerce_card() -> Value {
    json!({"commerceCard": {"title": "컵", "description": "따뜻한 컵", "price": 10000, "currency": "won",
        "discountRate": 10, "discountedPrice": 9000, "thumbnails": [{"imageUrl": "https://example.com/a.png"}],
        "buttons": [{"label": "공유", "action": "share"}, {"label": "상담", "action": "operator"}]}})
}

fn list_card() -> Value {
    json!({"listCard": {"header": {"title": "근처 카페"}, "items": [
        {"title": "달빛", "description": "4분", "imageUrl": "https://example.com/a.png", "link": {"web": "https://example.com/"}},
        {"title": "오후", "action": "message", "messageText": "오후 자세히", "extra": {"place": 2}},
        {"title": "아침", "action": "block", "blockId": BLOCK}]}})
}

fn item_card() -> Value {
    json!({"itemCard": {
        "thumbnail": {"imageUrl": "https://example.com/a.png", "width": 800, "height": 400},
        "head": {"title": "영수증"}, "imageTitle": {"title": "커피", "description": "따뜻한"},
        "itemList": [{"title": "수량", "description": "2잔"}], "itemListAlignment": "right",
        "itemListSummary": {"title": "합계", "description": "9,000원"}, "title": "고맙습니다", "description": "또 오세요"}})
}

fn carousel(kind: &str, item: &Value, count: usize) -> Value {
    let items = vec![item[kind].clone(); count];
    json!({"carousel": {"type": kind, "items": items}})
}

#[test]
fn good_answers_break_no_rule() {
    let header = json!({"title": "모음", "description": "설명", "thumbnail": {"imageUrl": "https://example.com/a.png"}});
    let good = [
        json!({"simpleText": {"text": "안녕하세요"}}),
        json!({"simpleText": {"text": "가".repeat(1000)}}),
        json!({"simpleImage": {"imageUrl": "https://example.com/a.png", "altText": "그림"}}),
        text_card(),
        basic_card(),
        commerce_card(),
        list_card(),
        item_card(),
        carousel("textCard", &text_card(), 10),
        with(
            &carousel("basicCard", &basic_card(), 10),
            "/carousel/header",
            header,
        ),
        carousel("commerceCard", &commerce_card(), 2),
        carousel("listCard", &list_card(), 5),
        carousel("itemCard", &item_card(), 2),
    ];
    for component in good {
        assert_eq!(judge(&answer(&component), false), []);
        assert_eq!(broken_by(&component, &channel()), [], "{component}");
    }
}
