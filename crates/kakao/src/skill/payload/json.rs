//! JSON, read strictly where two readers could disagree (a key that stands twice, trailing data)
//! and leniently where the platform is merely odd (nulls, numbers for strings).

use std::borrow::Cow;

use serde_json::Value;
use strict_json::Strict;

use super::error::ParseError;
use crate::skill::size::json_size;

/// Deepest data that is taken. It is wrapped again when it is stored, and must then be read back.
const MAX_DEPTH: usize = 32;

/// Longest id or name, in bytes.
const MAX_LABEL_BYTES: usize = 256;

/// Reads a whole body. One leading byte order mark is skipped; trailing data, invalid UTF-8, lone
/// surrogates, `NaN` and nesting beyond `serde_json`'s limit are refused.
pub(super) fn read(body: &[u8]) -> Result<Value, ParseError> {
    let text = std::str::from_utf8(body).map_err(|_| ParseError::NotJson)?;
    read_str(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn read_str(text: &str) -> Result<Value, ParseError> {
    // serde_json goes less deep and knows only finite numbers, so the one error that is not its own
    // is the key that stands twice.
    let read = serde_json::from_str::<Strict<{ u8::MAX }>>(text);
    read.map(|Strict(value)| value).map_err(|error| {
        if error.is_data() {
            ParseError::DuplicateKey
        } else {
            ParseError::NotJson
        }
    })
}

/// A value that may be an object written into a string, as structured entities are (skill.md §3.5).
pub(super) fn unwrapped(value: &Value) -> Cow<'_, Value> {
    value
        .as_str()
        .filter(|text| text.trim_start().starts_with('{'))
        .and_then(|text| read_str(text).ok())
        .map_or(Cow::Borrowed(value), Cow::Owned)
}

/// What stands at `path`; null and anything on the way that is no object count as absent.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| {
        value.get(name).filter(|found| !found.is_null())
    })
}

/// A string, or the exact digits of a whole number. Beyond 64 bits digits are already lost: absent.
pub(super) fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) if !number.is_f64() => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// An id or a name: not blank, without control characters, at most [`MAX_LABEL_BYTES`].
pub(super) fn label(value: &Value) -> Option<String> {
    let text = scalar(value)?;
    let text = text.trim();
    let fits =
        !text.is_empty() && text.len() <= MAX_LABEL_BYTES && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// `true`, also as the string that `ignoreMe` is.
pub(super) fn is_true(value: &Value) -> bool {
    value == &Value::Bool(true) || value == "true"
}

/// Nothing in it: `{}`, `[]` or a blank string.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Bytes it takes when written; absent if nested too deeply.
pub(super) fn size(value: &Value) -> Option<usize> {
    (depth(value) <= MAX_DEPTH).then(|| json_size(value))
}

fn depth(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(entries) => entries.values().map(depth).max(),
        _ => return 0,
    };
    1 + inside.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f110_odd_bodies_follow_the_written_rule() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let refused: [&[u8]; 14] = [
            b"",
            b" ",
            b"{",
            b"{\"a\":1}x",
            b"{} {}",
            b"{\"a\":NaN}",
            b"{\"a\":1e400}",
            b"{\"a\":01}",
            b"{'a':1}",
            b"{\"a\":\"\\ud800\"}",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\n\"}",
            b"\xef\xbb\xbf\xef\xbb\xbf{}",
            deep(200).leak().as_bytes(),
        ];
        for body in refused {
            assert_eq!(
                read(body),
                Err(ParseError::NotJson),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        for body in [
            b"\xef\xbb\xbf{}".as_slice(),
            b" {\"a\":\"\\u0000\"}\n",
            deep(100).as_bytes(),
        ] {
            assert!(read(body).is_ok());
        }
    }

    #[test]
    fn f110_a_key_said_twice_is_refused_at_any_depth() {
        for body in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":[{"b":{"c":1,"\u0063":2}}]}"#,
            r#"{"":0,"":0}"#,
        ] {
            assert_eq!(
                read(body.as_bytes()),
                Err(ParseError::DuplicateKey),
                "{body}"
            );
        }
        assert!(read(br#"{"a":{"a":1},"A":{"a":1}}"#).is_ok());
    }

    #[test]
    fn f111_whole_numbers_keep_every_digit() {
        for digits in [
            "0",
            "9007199254740993",
            "18446744073709551615",
            "-9223372036854775808",
        ] {
            assert_eq!(
                scalar(&read(digits.as_bytes()).unwrap()).as_deref(),
                Some(digits)
            );
        }
        for digits in ["18446744073709551616", "-9223372036854775809", "1.0", "1e3"] {
            assert_eq!(scalar(&read(digits.as_bytes()).unwrap()), None, "{digits}");
        }
    }

    #[test]
    fn an_object_in_a_string_is_opened_once_and_only_if_sound() {
        let open = |text: &str| unwrapped(&Value::from(text)).into_owned();
        assert_eq!(open(r#" {"a":"{}"}"#), serde_json::json!({"a": "{}"}));
        for raw in ["[1]", "1", "{", r#"{"a":1,"a":2}"#, "{}x"] {
            assert_eq!(open(raw), raw);
        }
    }

    #[test]
    fn nesting_too_deep_for_the_queue_has_no_size() {
        let nest =
            |levels: usize| (0..levels).fold(Value::from(1), |value, _| Value::Array(vec![value]));
        assert_eq!(size(&nest(MAX_DEPTH)), Some(2 * MAX_DEPTH + 1));
        assert_eq!(size(&nest(MAX_DEPTH + 1)), None);
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_reads_back_the_same(names in proptest::collection::btree_set(".*", 0..6), text in ".*", number: i64) {
            let map: serde_json::Map<String, Value> = names.into_iter().map(|name| (name, serde_json::json!([text, number, null, true]))).collect();
            let value = Value::Object(map);
            prop_assert_eq!(read(&serde_json::to_vec(&value).unwrap()), Ok(value));
        }
    }
}
