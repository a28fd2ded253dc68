//! Whatever a skill answers, it is judged and printed without a panic.

use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use super::{
    super::{judge, read, read_validation},
    channel, group,
};
use crate::chatbot::render;

const KEYS: [&str; 24] = [
    "text",
    "title",
    "description",
    "imageUrl",
    "thumbnail",
    "thumbnails",
    "buttons",
    "label",
    "action",
    "items",
    "itemList",
    "itemListSummary",
    "header",
    "type",
    "price",
    "discount",
    "discountedPrice",
    "link",
    "head",
    "profile",
    "width",
    "height",
    "fixedRatio",
    "extra",
];

const WORDS: [&str; 10] = [
    "",
    "가나다",
    "🙂\n",
    "basicCard",
    "itemCard",
    "textCard",
    "message",
    "block",
    "{{#webhook.",
    "1,000.5원",
];

const COMPONENTS: [&str; 8] = [
    "simpleText",
    "simpleImage",
    "textCard",
    "basicCard",
    "commerceCard",
    "listCard",
    "itemCard",
    "carousel",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| Number::from_f64(n).map_or(Value::Null, Value::Number)),
        prop::sample::select(&WORDS[..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        let fields = prop::collection::vec((prop::sample::select(&KEYS[..]), inner.clone()), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            fields.prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(fields.collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_component_is_judged_and_printed(
        kind in prop::sample::select(&COMPONENTS[..]),
        body in value(),
        replies in value(),
    ) {
        let answer = json!({"version": "2.0", "template": {"outputs": [{kind: body}], "quickReplies": replies}});
        read(&answer, &channel());
        read(&answer, &group());
        render::bubbles(&answer);
        render::quick_replies(&answer);
    }

    #[test]
    fn any_answer_is_judged_and_printed(answer in value()) {
        read(&answer, &channel());
        judge(&answer, true);
        read_validation(&answer);
        render::bubbles(&answer);
        render::waiting_message("{{#webhook.text}} {{#webhook.", Some(&answer));
    }
}
