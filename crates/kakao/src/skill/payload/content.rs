//! What was said, tapped and recognised, cut to sizes that are safe to store, queue and hand to an
//! agent.

use serde_json::{Map, Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::json::{at, is_empty, scalar, size, unwrapped};

/// Longest text handed on, in characters; real messages are far shorter (skill.md §3.11).
pub(super) const MAX_TEXT_CHARS: usize = 10_000;

/// What a person said, showed or tapped.
#[derive(Clone, Default, PartialEq)]
pub struct Content {
    /// Trimmed, without control characters except line breaks, at most `MAX_TEXT_CHARS`
    /// characters.
    pub text: String,
    /// Raw addresses of pictures.
    pub images: Vec<String>,
    /// The data of the tapped button, quick reply or list item (`clientExtra`).
    pub tap: Option<Value>,
    /// What the platform recognised: block parameters under their names, knowledge entries under
    /// `knowledge`.
    pub details: Map<String, Value>,
}

/// Largest button data, and largest set of parameters, in bytes of JSON. Our own button data is far
/// smaller; a request is 1 to 4 KB altogether (skill.md §2).
pub(super) const MAX_DATA_BYTES: usize = 8 * 1_024;

/// Most parameters of one message.
pub(super) const MAX_ENTRIES: usize = 32;

/// The text of a [`Content`]. Tabs become spaces, so that words stay apart; other characters stay
/// as they were typed, decomposed Hangul and zero-width ones included.
pub(super) fn text(utterance: &str) -> String {
    let kept: String = utterance
        .replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            '\n' | '\r' => Some('\n'),
            '\t' => Some(' '),
            c => (!c.is_control()).then_some(c),
        })
        .collect();
    cut(kept.trim()).trim_end().to_owned()
}

/// At most [`MAX_TEXT_CHARS`] characters, whole graphemes only.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_TEXT_CHARS {
        return text;
    }
    let mut chars = 0;
    let end = text.grapheme_indices(true).find_map(|(start, grapheme)| {
        chars += grapheme.chars().count();
        (chars > MAX_TEXT_CHARS).then_some(start)
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The `extra` of what was tapped; absent when the person typed, or when it is too large to be ours
/// (skill.md §3.5). The guide of version 1 has the word `null` there.
pub(super) fn tap(root: &Value) -> Option<Value> {
    let extra = unwrapped(at(root, &["action", "clientExtra"])?);
    let is_absent = is_empty(&extra) || *extra == "null";
    (!is_absent && size(&extra)? <= MAX_DATA_BYTES).then(|| extra.into_owned())
}

/// Parameters of the block and the first knowledge entry. Photos of the secure plugin are left out:
/// they become images of the message, whose hosts are checked.
pub(super) fn details(root: &Value) -> Map<String, Value> {
    let params = at(root, &["action", "params"]).and_then(Value::as_object);
    let mut details = bounded(
        params
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null() && !is_entity_name(value))
            .map(|(name, value)| (name, unwrapped(value).into_owned()))
            .filter(|(_, value)| value.get("secureUrls").is_none()),
    );
    if let Some(entry) = knowledge(root) {
        details.insert("knowledge".to_owned(), json!([entry]));
    }
    details
}

/// Whether the Event API ran the block: then `userRequest.params` has values that are not the
/// platform's (skill.md §6.1).
pub(super) fn is_event(root: &Value) -> bool {
    let params = at(root, &["userRequest", "params"]).and_then(Value::as_object);
    let own = |name: &str| !["surface", "ignoreMe", "media"].contains(&name);
    let mut params = params.into_iter().flatten();
    params.any(|(name, value)| own(name) && !value.is_null())
}

/// Keeps what fits, in order; a large value does not push out the small ones after it.
fn bounded<'v>(entries: impl Iterator<Item = (&'v String, Value)>) -> Map<String, Value> {
    let mut kept = Map::new();
    let mut left = MAX_DATA_BYTES;
    for (name, value) in entries {
        let Some(rest) =
            size(&value).and_then(|bytes| left.checked_sub(name.len())?.checked_sub(bytes))
        else {
            continue;
        };
        if kept.len() == MAX_ENTRIES {
            break;
        }
        left = rest;
        kept.insert(name.clone(), value);
    }
    kept
}

/// The platform found no date, for example, and gives the name of what it looked for: `sys.date`
/// (skill.md §3.5).
fn is_entity_name(value: &Value) -> bool {
    value
        .as_str()
        .and_then(|text| text.trim().trim_start_matches('@').strip_prefix("sys."))
        .is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        })
}

fn knowledge(root: &Value) -> Option<Value> {
    let first = at(root, &["intent", "extra", "knowledge", "matchedKnowledges"])?
        .as_array()?
        .first()?;
    let fields = ["question", "answer", "landingUrl"]
        .into_iter()
        .filter_map(|name| {
            let text = scalar(at(first, &[name])?)?;
            (!text.trim().is_empty()).then(|| (name.to_owned(), Value::from(text.trim())))
        });
    let entry = Value::Object(fields.collect());
    (!is_empty(&entry) && size(&entry)? <= MAX_DATA_BYTES).then_some(entry)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f114_characters_are_kept_as_typed() {
        for kept in [
            "\u{1112}\u{1161}\u{11ab}",
            "가\u{200b}나",
            "\u{202e}abc",
            "１２３",
            "👨‍👩‍👧‍👦 👍🏽",
            "ㅤ",
        ] {
            assert_eq!(text(&format!("  {kept}\n")), kept);
        }
    }

    #[test]
    fn f110_control_characters_go_and_line_breaks_stay() {
        assert_eq!(text("\u{0}가\u{7}나\u{1b}[0m\u{85}\u{7f}"), "가나[0m");
        assert_eq!(text("가\r\n나\r다\n\n라\t마"), "가\n나\n다\n\n라 마");
        assert_eq!(text(" \u{0} \n\t"), "");
    }

    #[test]
    fn f114_long_text_is_cut_between_graphemes() {
        let family = "👨‍👩‍👧‍👦";
        let long = family.repeat(2_000);
        let cut = text(&long);
        assert_eq!(cut.chars().count(), MAX_TEXT_CHARS / 7 * 7);
        assert!(long.starts_with(&cut) && cut.ends_with(family));

        let exact = "가".repeat(MAX_TEXT_CHARS);
        assert_eq!(text(&exact), exact);
        assert_eq!(text(&format!("{exact}나")), exact);
        assert_eq!(text(&"\u{300}".repeat(MAX_TEXT_CHARS + 1)), "");
    }

    #[test]
    fn only_data_that_says_something_is_a_tap() {
        let tapped = |extra: Value| tap(&json!({"action": {"clientExtra": extra}}));
        for nothing in [json!(null), json!({}), json!([]), json!(" ")] {
            assert_eq!(tapped(nothing), None);
        }
        for data in [
            json!({"a": null}),
            json!("x"),
            json!(0),
            json!(false),
            json!([u64::MAX, i64::MIN]),
        ] {
            assert_eq!(tapped(data.clone()), Some(data));
        }
        assert!(tapped(json!("x".repeat(MAX_DATA_BYTES - 2))).is_some());
        assert!(tapped(json!("x".repeat(MAX_DATA_BYTES - 1))).is_none());
    }

    #[test]
    fn parameters_are_opened_and_empty_extractions_left_out() {
        let params = json!({
            "date": "{\"date\":\"2030-03-15\"}", "list": "[1]", "place": "홍대", "object": {"a": 1}, "none": null,
            "unset": "sys.text", "period": "@sys.date.period", "about": "sys. 이란?", "photo": "{\"\\u0073ecureUrls\":\"List()\"}",
        });
        assert_eq!(
            Value::Object(details(&json!({"action": {"params": params}}))),
            json!({"date": {"date": "2030-03-15"}, "list": "[1]", "place": "홍대", "object": {"a": 1}, "about": "sys. 이란?"})
        );
    }

    #[test]
    fn a_large_parameter_does_not_push_out_small_ones() {
        let mut params = json!({"big": "x".repeat(MAX_DATA_BYTES)});
        for n in 0..40 {
            params[format!("p{n:02}")] = json!(n);
        }
        let kept = details(&json!({"action": {"params": params}}));
        assert_eq!(kept.len(), MAX_ENTRIES);
        assert!(!kept.contains_key("big"));
    }

    #[test]
    fn events_bring_values_of_their_own() {
        let brings = |params: Value| is_event(&json!({"userRequest": {"params": params}}));
        for none in [
            json!(null),
            json!([1]),
            json!({}),
            json!({"surface": "x", "ignoreMe": "true", "media": {}, "a": null}),
        ] {
            assert!(!brings(none));
        }
        assert!(brings(json!({"surface": "x", "jobId": 7})));
    }

    #[test]
    fn knowledge_without_words_is_none() {
        for first in [
            json!({}),
            json!("x"),
            json!({"question": " ", "answer": null}),
        ] {
            let root = json!({"intent": {"extra": {"knowledge": {"matchedKnowledges": [first]}}}});
            assert_eq!(details(&root), Map::new());
        }
    }

    proptest! {
        #[test]
        fn text_is_always_within_limits(utterance in "(.|\r|\n|\t|\u{0}){0,60}", times in 1_usize..400) {
            let kept = text(&utterance.repeat(times));
            prop_assert!(kept.chars().count() <= MAX_TEXT_CHARS);
            prop_assert_eq!(kept.trim(), &kept);
            prop_assert!(!kept.contains(|c: char| c.is_control() && c != '\n'));
        }
    }
}
