//! JSON as models write it: with line breaks and quotes inside strings, commas too many or too few,
//! comments, keys without quotes, and without its end. What is sound JSON is read as such.

use serde_json::{Map, Value};

const MAX_DEPTH: usize = 32;

/// Reads the object or list that `text` begins with, and says how many bytes were read. `None` if
/// it is neither, or nested too deeply.
pub(super) fn read(text: &str) -> (Option<Value>, usize) {
    let mut reader = Reader { text, at: 0 };
    let value = match reader.peek() {
        Some('{') => reader.object(MAX_DEPTH),
        Some('[') => reader.list(MAX_DEPTH),
        _ => None,
    };
    (value, reader.at)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Whether `c` comes next; it is taken then.
    fn takes(&mut self, c: char) -> bool {
        let is_next = self.rest().starts_with(c);
        self.at += if is_next { c.len_utf8() } else { 0 };
        is_next
    }

    fn skip_while(&mut self, is_skipped: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let after = rest.trim_start_matches(is_skipped);
        let (skipped, _) = rest.split_at(rest.len() - after.len());
        self.at += skipped.len();
        skipped
    }

    /// White space, comments and what `also` says.
    fn skip_blank(&mut self, also: Option<char>) {
        loop {
            self.skip_while(|c| c.is_whitespace() || Some(c) == also);
            let rest = self.rest();
            if rest.starts_with("//") {
                self.skip_while(|c| c != '\n');
            } else if let Some((comment, _)) =
                rest.strip_prefix("/*").and_then(|it| it.split_once("*/"))
            {
                self.at += "/*".len() + comment.len() + "*/".len();
            } else {
                return;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_blank(None);
        match self.peek()? {
            '{' => self.object(depth.checked_sub(1)?),
            '[' => self.list(depth.checked_sub(1)?),
            quote @ ('"' | '\'' | '“') => Some(self.string(quote).into()),
            _ => self.bare(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        self.takes('{');
        loop {
            self.skip_blank(Some(','));
            let key = match self.peek() {
                // An answer that was cut off ends everything.
                None => return Some(object.into()),
                Some('}' | ']') => {
                    self.at += 1;
                    return Some(object.into());
                }
                Some(quote @ ('"' | '\'' | '“')) => self.string(quote),
                Some(_) => {
                    let key = self.skip_while(|c| c.is_alphanumeric() || c == '_');
                    (!key.is_empty()).then(|| key.to_owned())?
                }
            };
            self.skip_blank(None);
            let value = match (self.takes(':'), self.rest().is_empty()) {
                (true, _) => self.value(depth),
                (false, true) => None,
                // Words that belong to no key.
                (false, false) => {
                    add(&mut object, "text", key.into());
                    continue;
                }
            };
            match value {
                Some(value) => add(&mut object, &key, value),
                None if self.rest().is_empty() => {}
                None => return None,
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        self.takes('[');
        loop {
            self.skip_blank(Some(','));
            match self.peek() {
                None => return Some(values.into()),
                Some('}' | ']') => {
                    self.at += 1;
                    return Some(values.into());
                }
                Some(_) => values.push(self.value(depth)?),
            }
        }
    }

    /// A number, `true`, or words without quotes.
    fn bare(&mut self) -> Option<Value> {
        let written = self.skip_while(|c| !matches!(c, ',' | '}' | ']' | '{' | '[' | '\n'));
        let (written, _comment) = written.split_once(" //").unwrap_or((written, ""));
        let written = written.trim();
        (!written.is_empty()).then(|| match written {
            "True" => true.into(),
            "False" => false.into(),
            "None" | "undefined" => Value::Null,
            written => serde_json::from_str(written).unwrap_or_else(|_| written.into()),
        })
    }

    fn string(&mut self, quote: char) -> String {
        let close = if quote == '“' { '”' } else { quote };
        self.takes(quote);
        let mut out = String::new();
        loop {
            let plain = self.skip_while(|c| c != close && c != '\\');
            out.push_str(plain);
            if self.takes('\\') {
                self.escaped(&mut out);
            } else if self.takes(close) {
                if ends_string(self.rest()) {
                    return out;
                }
                out.push(close);
            } else {
                return out;
            }
        }
    }

    /// What a backslash makes of what follows it. One that JSON does not know is left to Markdown.
    fn escaped(&mut self, out: &mut String) {
        let Some(c) = self.peek() else { return };
        self.at += c.len_utf8();
        match c {
            '"' | '\'' | '/' => out.push(c),
            '\\' => out.push('\\'),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => self.unit(out),
            c => out.extend(['\\', c]),
        }
    }

    /// A code unit, or two that belong together; a half alone is replaced.
    fn unit(&mut self, out: &mut String) {
        let Some(unit) = self.hex() else {
            out.push_str("\\u");
            return;
        };
        let mut units = vec![unit];
        if (0xd800..0xdc00).contains(&unit) && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += "\\u".len();
            match self.hex() {
                Some(low @ 0xdc00..0xe000) => units.push(low),
                _ => self.at = before,
            }
        }
        let decoded = char::decode_utf16(units);
        out.extend(decoded.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }

    fn hex(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4)?;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let unit = is_hex.then(|| u16::from_str_radix(digits, 16).ok())??;
        self.at += digits.len();
        Some(unit)
    }
}

/// Whether a quote before `rest` ends a string: no other quote is followed by what JSON has there.
fn ends_string(rest: &str) -> bool {
    let next = rest.trim_start_matches([' ', '\t']);
    let is_apart = next.len() < rest.len();
    match next.chars().next() {
        None | Some(',' | '}' | ']' | ':' | '\n' | '\r') => true,
        Some('"' | '\'' | '“' | '/') => is_apart,
        Some(_) => false,
    }
}

/// A key that stands twice has both values.
fn add(object: &mut Map<String, Value>, key: &str, value: Value) {
    match object.get_mut(key) {
        None => {
            object.insert(key.to_owned(), value);
        }
        Some(Value::Array(values)) => match value {
            Value::Array(more) => values.extend(more),
            value => values.push(value),
        },
        Some(first) => *first = vec![first.take(), value].into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value(text: &str) -> Value {
        let (value, taken) = read(text);
        assert_eq!(taken, text.len(), "{text}");
        value.unwrap()
    }

    #[test]
    fn what_models_get_wrong_is_understood() {
        for (text, meant) in [
            ("{\"a\": \"첫\n둘\"}", json!({"a": "첫\n둘"})),
            ("{\"a\": [1, 2,], \"b\": 1,}", json!({"a": [1, 2], "b": 1})),
            (
                "{\"a\": \"x\"\n\"b\": \"y\" \"c\": 1}",
                json!({"a": "x", "b": "y", "c": 1}),
            ),
            (
                "{\"a\": \"그는 \"네\"라고, 했다\"}",
                json!({"a": "그는 \"네\"라고, 했다"}),
            ),
            (
                "{a: 'x', b: True, c: None}",
                json!({"a": "x", "b": true, "c": null}),
            ),
            ("{“a”: “x”}", json!({"a": "x"})),
            (
                "{\"a\": 1 // 하나\n, /* 둘 */ \"b\": 2}",
                json!({"a": 1, "b": 2}),
            ),
            (
                "{\"a\": \"\\*\\ud83d\\ude00\\ud83d\"}",
                json!({"a": "\\*😀\u{fffd}"}),
            ),
            ("{\"a\": 10,000원}", json!({"a": 10, "text": "000원"})),
            (
                "{\"a\": {\"b\": [\"c\", \"d",
                json!({"a": {"b": ["c", "d"]}}),
            ),
            (
                "{\"a\": {\"b\": 1}, \"a\": {\"b\": 2}}",
                json!({"a": [{"b": 1}, {"b": 2}]}),
            ),
        ] {
            assert_eq!(value(text), meant, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_not_read() {
        for text in ["", "가", "{{#a}}", "{ (x) }", "\"a\""] {
            assert_eq!(read(text).0, None, "{text}");
        }
        assert_eq!(read(&"[".repeat(100)).0, None);
        assert_eq!(read("{\"a\":1} 그리고"), (Some(json!({"a": 1})), 7));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            "[가-힣\\n\"', :{}\\[\\]]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            let object = prop::collection::btree_map("[a-z\"]{1,4}", inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                object.prop_map(|it| it.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn sound_json_is_read_as_such(it in json()) {
            let written = json!([it]);
            for text in [written.to_string(), serde_json::to_string_pretty(&written).unwrap()] {
                prop_assert_eq!(value(&text), written.clone());
            }
        }

        #[test]
        fn anything_is_read_or_not(text in "[\\[{]([\\[\\]{}\"':,a\\\\/* \\n]|\\\\u[0-9d]{4}|.){0,60}") {
            let (_, taken) = read(&text);
            prop_assert!(text.is_char_boundary(taken));
        }
    }
}
