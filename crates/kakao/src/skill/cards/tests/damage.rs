//! Whatever an agent writes for a card: what is shown keeps every rule, no word is lost, and it
//! comes to an end.

use std::collections::VecDeque;

use proptest::{collection::vec, prelude::*, sample::select};
use reply::{Card, CardKind, Part, PlainText};
use serde_json::{Map, Value, json};

use super::{A, card, fitted, in_json};
use crate::skill::response::Surface;

const WORDS: [&str; 5] = ["title", "description", "label", "altText", "nickname"];
const NAMES: [&str; 39] = [
    "title",
    "title",
    "description",
    "description",
    "label",
    "altText",
    "nickname",
    "text",
    "subtitle",
    "thumbnail",
    "thumbnail",
    "thumbnails",
    "imageUrl",
    "imageUrl",
    "link",
    "web",
    "webLinkUrl",
    "fixedRatio",
    "buttons",
    "buttonLayout",
    "action",
    "action",
    "messageText",
    "blockId",
    "phoneNumber",
    "extra",
    "header",
    "items",
    "items",
    "itemList",
    "itemListSummary",
    "head",
    "profile",
    "imageTitle",
    "price",
    "discount",
    "discountRate",
    "width",
    "type",
];

fn texts() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(vec!["하나", "달빛 커피", "12,000원", "10%", "걸어서 4분 거리예요", "{{#mentions.a}}", "👨‍👩‍👧 가족", "예", " ", "\u{200b}"])
            .prop_map(Value::from),
        2 => ("[가-힣]{1,9}", 1..60usize).prop_map(|(word, times)| format!("{word} ").repeat(times).into()),
        1 => ("[가-힣]{1,4}", 1..20usize).prop_map(|(word, times)| format!("{word}\n").repeat(times).into()),
        1 => "\\PC{0,80}".prop_map(Value::from),
        1 => "\\p{any}{0,30}".prop_map(Value::from),
        1 => any::<u32>().prop_map(Value::from),
    ]
}

fn addresses() -> impl Strategy<Value = Value> {
    let urls = [
        A,
        A,
        "http://127.0.0.1:8788/a.png",
        "http://10.0.0.1/",
        "javascript:alert(1)",
        "https://user@example.com/",
        "https://printer.local/{{#a}}",
        "https://example.com/{{#a}}",
        "달",
    ];
    select(urls.to_vec()).prop_map(Value::from)
}

fn value(name: &'static str, depth: u32) -> BoxedStrategy<Value> {
    let odd = prop_oneof![
        Just(Value::Null),
        Just(json!(0.5)),
        Just(json!([])),
        Just(json!("글")),
        Just(json!(true))
    ];
    let usual = match name {
        "imageUrl" | "webLinkUrl" | "web" => addresses().boxed(),
        "fixedRatio" => any::<bool>().prop_map(Value::from).boxed(),
        "buttonLayout" => select(vec!["horizontal", "vertical"])
            .prop_map(Value::from)
            .boxed(),
        "action" => select(vec![
            "message", "block", "webLink", "phone", "share", "invite", "dance",
        ])
        .prop_map(Value::from)
        .boxed(),
        "type" => select(CardKind::ALL.to_vec())
            .prop_map(|kind| kind.as_str().into())
            .boxed(),
        "blockId" => select(vec!["6f1a0c5e9d2b7348a1c0f001", "나쁜"])
            .prop_map(Value::from)
            .boxed(),
        "price" | "discount" | "discountRate" | "width" => {
            prop_oneof![texts(), (0..200u32).prop_map(Value::from)].boxed()
        }
        _ if depth == 0 => texts().boxed(),
        "extra" => object(depth - 1),
        "buttons" | "items" | "itemList" | "thumbnails" => vec(
            prop_oneof![9 => object(depth - 1), 3 => wrapped(depth - 1), 1 => texts()],
            0..14,
        )
        .prop_map(Value::from)
        .boxed(),
        "thumbnail" | "link" | "header" | "itemListSummary" | "head" | "profile" | "imageTitle" => {
            object(depth - 1)
        }
        _ => texts().boxed(),
    };
    prop_oneof![30 => usual, 1 => odd].boxed()
}

fn object(depth: u32) -> BoxedStrategy<Value> {
    let field = select(NAMES.to_vec()).prop_flat_map(move |name| {
        value(name, depth).prop_map(move |value| (name.to_owned(), value))
    });
    let words = prop::option::weighted(0.7, texts());
    (words, vec(field, 0..9))
        .prop_map(|(title, fields)| {
            let mut object: Map<_, _> = fields.into_iter().collect();
            object.extend(title.map(|title| ("title".to_owned(), title)));
            object.into()
        })
        .boxed()
}

/// A card as an agent may write it at its worst.
pub(in crate::skill) fn wrapped(depth: u32) -> BoxedStrategy<Value> {
    (select(CardKind::ALL.to_vec()), object(depth))
        .prop_map(|(kind, body)| json!({kind.as_str(): body}))
        .boxed()
}

/// Every word in fields that people read.
fn words(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "extra") {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    _ => String::new(),
                };
                if let (true, Some(text)) =
                    (WORDS.contains(&name.as_str()), PlainText::literal(&text))
                {
                    found.extend(text.as_str().split_whitespace().map(str::to_owned));
                }
                words(value, found);
            }
        }
        _ => {}
    }
}

/// Every text in it, whatever its field; what comes back with a tap is seen by the agent alone.
fn all_texts(value: &Value, found: &mut String) {
    match value {
        Value::String(text) => found.extend([text, "\n"]),
        Value::Array(values) => values.iter().for_each(|value| all_texts(value, found)),
        Value::Object(fields) => {
            let shown = fields.iter().filter(|(name, _)| *name != "extra");
            shown.for_each(|(_, value)| all_texts(value, found));
        }
        _ => {}
    }
}

/// Fits a card and all that comes after it; checks each bubble, and that it would be shown as it
/// is.
fn show(first: Card, surface: Surface) -> String {
    let mut seen = String::new();
    let mut waiting = VecDeque::from([first]);
    let mut rounds = 0;
    while let Some(next) = waiting.pop_front() {
        rounds += 1;
        assert!(rounds < 500, "it does not come to an end");
        let fitted = fitted(&next, surface);
        let mut json = in_json(&fitted);
        if let Some(rest) = json["rest"].as_array_mut() {
            rest.retain(|part| part.is_string() || part.get("image").is_some());
        }
        all_texts(&json, &mut seen);
        if let Some(output) = &fitted.output {
            assert_eq!(
                in_json(&super::fitted(&card(output), surface)),
                json!({"shown": output})
            );
        }
        let cards = fitted.rest.into_iter().filter_map(|part| match part {
            Part::Card(card) => Some(card),
            Part::Text(_) | Part::Image(_) => None,
        });
        waiting.extend(cards);
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn f115_any_card_becomes_bubbles_that_are_shown(written in wrapped(3), group in any::<bool>()) {
        let surface = if group { Surface::Group } else { Surface::Channel };
        // A reply keeps no more, and what is said after a card is one text.
        prop_assume!(written.to_string().len() < 40_000);
        let seen = show(card(&written), surface);
        prop_assert!(!seen.contains("10.0.0.1") && !seen.contains("printer.local"));
        let mut expected = Vec::new();
        words(&written, &mut expected);
        for word in expected {
            prop_assert!(seen.contains(&word), "{word:?} is lost\n{seen}");
        }
    }
}
