//! JSON as servers really send it: behind a byte order mark, with other things after it, and with
//! half a surrogate pair where a server cut a text by its UTF-16 units.
//!
//! A half cannot stand in a Rust text. [`read`] puts a private character in its place, and
//! [`joined`] makes whole characters of those, once all pieces of a text are together.

use std::borrow::Cow;

use serde_json::Value;

/// What is added to half a surrogate pair: so it becomes a private character that nobody uses.
const PRIVATE: u32 = 0x10_0000;

/// The JSON value that `bytes` begin with. What comes after it is not looked at.
pub fn read(bytes: &[u8]) -> Option<Value> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    first(&text).or_else(|| first(&with_private(&text)?))
}

fn first(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    values.next()?.ok()
}

/// `json` with a private character for each half of a surrogate pair that stands alone; `None` if
/// there is none.
fn with_private(json: &str) -> Option<String> {
    let mut repaired = String::with_capacity(json.len());
    let mut rest = json;
    let mut is_changed = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let unit = unit(escape);
        let is_pair = unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit))
            && escape
                .get(6..)
                .and_then(self::unit)
                .is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        let half = unit.filter(|unit| (0xd800..0xe000).contains(unit) && !is_pair);
        let length = match (is_pair, unit) {
            (true, _) => 12,
            (false, Some(_)) => 6,
            // The backslash, and the character that it escapes.
            (false, None) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at(length);
        match half.and_then(|half| char::from_u32(PRIVATE + half)) {
            Some(private) => {
                repaired.push(private);
                is_changed = true;
            }
            None => repaired.push_str(escape),
        }
        rest = after;
    }
    repaired.push_str(rest);
    is_changed.then_some(repaired)
}

/// The UTF-16 unit of the escape that `text` begins with, such as `\ud83d`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

/// `text` with the halves that [`read`] kept as whole characters; a half alone becomes "�".
pub fn joined(text: &str) -> Cow<'_, str> {
    let half = |c: char| {
        let unit = u32::from(c).wrapping_sub(PRIVATE);
        u16::try_from(unit)
            .ok()
            .filter(|unit| (0xd800..0xe000).contains(unit))
    };
    if !text.contains(|c| half(c).is_some()) {
        return text.into();
    }
    let mut units = Vec::with_capacity(text.len());
    for c in text.chars() {
        match half(c) {
            Some(half) => units.push(half),
            None => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
        }
    }
    String::from_utf16_lossy(&units).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(json: &str) -> String {
        let value = read(json.as_bytes()).unwrap();
        value.as_str().unwrap().to_owned()
    }

    #[test]
    fn what_stands_around_the_value_does_not_matter() {
        for body in [
            "\u{feff}{\"a\":1}",
            " \n{\"a\":1}data: [DONE]",
            "{\"a\":1}{\"a\":2}",
        ] {
            assert_eq!(read(body.as_bytes()), Some(json!({"a": 1})), "{body}");
        }
        assert_eq!(read(b"\"a\xffb\""), Some(json!("a\u{fffd}b")));
        for body in ["", "안녕", "<html>", "{\"a\":", "{\"a\":\"\\ud83d"] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn halves_of_a_character_are_joined_and_a_lone_one_is_replaced() {
        let (high, low) = (text(r#""웃음 \ud83d""#), text(r#""\ude00 안녕""#));
        assert_eq!(joined(&(high.clone() + &low)), "웃음 😀 안녕");
        assert_eq!(joined(&high), "웃음 \u{fffd}");
        assert_eq!(joined(&low), "\u{fffd} 안녕");
        assert_eq!(
            joined(&text(r#""\ud83d\ude00\\ud83d \uD83D가""#)),
            "😀\\ud83d \u{fffd}가"
        );
    }

    proptest! {
        #[test]
        fn any_text_cut_anywhere_by_its_units_is_whole_again(whole: String, cut: prop::sample::Index) {
            let units: Vec<u16> = whole.encode_utf16().collect();
            let (first, second) = units.split_at(cut.index(units.len() + 1));
            let escaped = |units: &[u16]| {
                let escapes: Vec<_> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
                let escapes = escapes.concat();
                text(&format!("\"{escapes}\""))
            };
            let (first, second) = (escaped(first), escaped(second));
            let both = first + &second;
            prop_assert_eq!(joined(&both), whole);
        }

        #[test]
        fn nothing_panics(bytes: Vec<u8>, text in "[\\\\ud8de0-9\"]{0,20}") {
            let _ = (read(&bytes), read(text.as_bytes()), joined(&text));
        }
    }
}
