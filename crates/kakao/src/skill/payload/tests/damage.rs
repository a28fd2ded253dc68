//! Samples and noise: whatever is knocked out of a body or put into it, reading neither panics nor
//! exceeds a limit.

use proptest::prelude::*;
use serde_json::json;

use super::{
    super::{
        content::{MAX_DATA_BYTES, MAX_ENTRIES, MAX_TEXT_CHARS},
        *,
    },
    SAMPLES,
};

/// Every path into `value`.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, child)| (name.clone(), child))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(n, child)| (n.to_string(), child))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let path = format!("{at}/{name}");
        paths(child, &path, found);
        found.push(path);
    }
}

fn without(mut value: Value, path: &str) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    match value.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(name)),
        Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
        _ => panic!("no parent of {path}"),
    }
    value
}

fn replaced(mut value: Value, path: &str, new: &Value) -> Value {
    value.pointer_mut(path).unwrap().clone_from(new);
    value
}

fn assert_within_limits(call: &SkillCall) {
    match &call.kind {
        Kind::Message(message) => {
            assert!(message.text.chars().count() <= MAX_TEXT_CHARS);
            assert!(message.images.len() <= photo::MAX_IMAGES);
            assert!(
                message
                    .tap
                    .as_ref()
                    .is_none_or(|tap| tap.to_string().len() <= MAX_DATA_BYTES)
            );
            assert!(message.details.len() <= MAX_ENTRIES + 1);
            // Twice the data (parameters and knowledge), and the punctuation around it.
            assert!(json!(message.details).to_string().len() < 2 * MAX_DATA_BYTES + 512);
            assert!(
                !message.text.is_empty() || !message.images.is_empty() || message.tap.is_some()
            );
        }
        Kind::UnsupportedMedia { media } => assert!((1..=16).contains(&media.len())),
        Kind::SkillTest | Kind::BotTest | Kind::Welcome | Kind::Event => {}
    }
}

#[test]
fn f112_no_optional_field_is_needed_in_any_shape() {
    let shapes = [
        json!(null),
        json!(true),
        json!(-7),
        json!(u64::MAX),
        json!(1.5),
        json!("x"),
        json!(""),
        json!([1]),
        json!([]),
        json!({}),
        json!({"a": {}}),
    ];
    for (body, _) in SAMPLES {
        let (Ok(Call::Skill(original)), Ok(value)) = (parse(body), json::read(body)) else {
            continue;
        };
        let mut all = Vec::new();
        paths(&value, "", &mut all);
        for path in all {
            let changed = std::iter::once(without(value.clone(), &path)).chain(
                shapes
                    .iter()
                    .map(|shape| replaced(value.clone(), &path, shape)),
            );
            for body in changed {
                let parsed = parse(body.to_string().as_bytes());
                // Who is calling is all that counts, and a room that cannot be read is not a 1:1
                // chat.
                if ["/userRequest", "/userRequest/user", "/userRequest/user/id"]
                    .contains(&path.as_str())
                    || path.starts_with("/userRequest/chat")
                {
                    assert!(
                        matches!(parsed, Ok(_) | Err(ParseError::NoSender)),
                        "{path}"
                    );
                    continue;
                }
                let Ok(Call::Skill(call)) = parsed else {
                    panic!("{path}: {parsed:?}")
                };
                assert_eq!(call.speaker, original.speaker, "{path}");
                assert_eq!(call.caller.id, original.caller.id, "{path}");
                assert_within_limits(&call);
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        r"(List\()?(https?://[a-z.]{0,9}kakaocdn\.net/.?,? ?){0,4}\)?".prop_map(Value::from),
    ];
    let name = prop_oneof![
        ".{0,8}",
        r"(secureUrls|id|type|url|params|value|knowledge|matchedKnowledges|resolved)"
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn f109_arbitrary_bytes_never_panic(body: Vec<u8>) {
        let _ = parse(&body);
    }

    #[test]
    fn f109_damaged_samples_never_panic(n in 0..SAMPLES.len(), cut: prop::sample::Index, put in proptest::collection::vec(any::<u8>(), 0..4)) {
        let mut body = SAMPLES[n].0.to_vec();
        let at = cut.index(body.len() + 1);
        let end = body.len().min(at + put.len());
        body.splice(at..end, put);
        let _ = parse(&body);
        body.truncate(at);
        let _ = parse(&body);
    }

    #[test]
    fn f112_anything_in_place_of_a_field_stays_within_limits(n in 0..SAMPLES.len(), which: prop::sample::Index, new in any_json(), in_string: bool) {
        if let Ok(value) = json::read(SAMPLES[n].0) {
            let mut all = Vec::new();
            paths(&value, "", &mut all);
            let new = if in_string { Value::from(new.to_string()) } else { new };
            let body = replaced(value, &all[which.index(all.len())], &new).to_string();
            if let Ok(Call::Skill(call)) = parse(body.as_bytes()) {
                assert_within_limits(&call);
            }
        }
    }

    #[test]
    fn f110_a_key_said_twice_is_refused_wherever_it_stands(n in 0..22_usize, which: prop::sample::Index) {
        let text = std::str::from_utf8(SAMPLES[n].0).unwrap();
        let keys: Vec<usize> = text.match_indices("{\n").map(|(at, _)| at).collect();
        let (before, after) = text.split_at(which.get(&keys) + 1);
        let doubled = format!("{before}\"twice\": 1, \"twice\": 2, {after}");
        prop_assert_eq!(parse(doubled.as_bytes()), Err(ParseError::DuplicateKey));
    }
}
