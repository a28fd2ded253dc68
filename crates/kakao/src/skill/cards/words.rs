//! Words of a card: reading them out of the fields it came in, and keeping those that had no room.

use std::collections::HashSet;

use reply::{Image, Part, PlainText, Suggestion, WORDS};
use serde_json::{Map, Value};

use crate::skill::response::Limited;

/// The fields of one object, and which of them were looked at. A field of the wrong type counts as
/// absent, and its words as unused.
pub(super) struct Fields<'a> {
    body: &'a Map<String, Value>,
    used: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(body: &'a Map<String, Value>) -> Self {
        Self {
            body,
            used: Vec::new(),
        }
    }

    /// A field that is not used yet.
    pub(super) fn peek(&self, name: &str) -> Option<&'a Value> {
        self.body.get(name)
    }

    /// A field whatever it is.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        let value = self.body.get(name)?;
        self.used.push(name);
        Some(value)
    }

    /// A text, or a number as one; `None` if there is nothing to read.
    pub(super) fn text(&mut self, name: &'static str) -> Option<PlainText> {
        let text = text(self.body.get(name)?)?;
        self.used.push(name);
        Some(text)
    }

    /// A text that is not meant for people.
    pub(super) fn code(&self, name: &str) -> Option<&'a str> {
        self.body.get(name)?.as_str()
    }

    pub(super) fn object(&mut self, name: &'static str) -> Option<Self> {
        let body = self.body.get(name)?.as_object()?;
        self.used.push(name);
        Some(Self::of(body))
    }

    /// The values of a list; a value that should have been in one is a list of its own.
    pub(super) fn list(&mut self, name: &'static str) -> &'a [Value] {
        match self.value(name) {
            Some(Value::Array(values)) => values,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }

    pub(super) fn extra(&self) -> Option<Map<String, Value>> {
        self.body.get("extra")?.as_object().cloned()
    }
}

pub(super) fn text(value: &Value) -> Option<PlainText> {
    match value {
        // What is cleaned away may have stood before white space.
        Value::String(text) => PlainText::literal(PlainText::literal(text)?.as_str().trim()),
        Value::Number(number) => PlainText::literal(&number.to_string()),
        _ => None,
    }
}

/// What of a card had no room on it.
#[derive(Debug, Default)]
pub(super) struct Left {
    lines: Vec<PlainText>,
    said: HashSet<PlainText>,
    more: Vec<Part>,
    suggestions: Vec<Suggestion>,
}

impl Left {
    /// Says a text after the card, once.
    pub(super) fn say(&mut self, text: PlainText) {
        if self.said.insert(text.clone()) {
            self.lines.push(text);
        }
    }

    pub(super) fn say_all(&mut self, texts: impl IntoIterator<Item = PlainText>) {
        for text in texts {
            self.say(text);
        }
    }

    /// Says `name: value`.
    pub(super) fn say_pair(&mut self, name: &PlainText, value: &str) {
        if let Some(value) = PlainText::literal(value) {
            self.say(name.joined(&value, ": "));
        }
    }

    pub(super) fn show(&mut self, images: impl IntoIterator<Item = Image>) {
        self.more.extend(images.into_iter().map(Part::Image));
    }

    pub(super) fn continue_with(&mut self, parts: impl IntoIterator<Item = Part>) {
        self.more.extend(parts);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.more.is_empty() && self.suggestions.is_empty()
    }

    pub(super) fn suggest(&mut self, suggestions: impl IntoIterator<Item = Suggestion>) {
        self.suggestions.extend(suggestions);
    }

    /// `text` as far as it fits; said in full if that is not all.
    pub(super) fn limited<const MAX: usize, const LINES: usize>(
        &mut self,
        text: &PlainText,
    ) -> Limited<MAX, LINES> {
        let limited = Limited::from(text);
        if is_cut(text, limited.as_str()) {
            self.say(text.clone());
        }
        limited
    }

    /// Says the words in fields that nobody looked at.
    pub(super) fn unused(&mut self, fields: Fields<'_>) {
        let mut lines = Vec::new();
        words(fields.body, &fields.used, &mut lines);
        self.say_all(lines);
    }

    pub(super) fn unused_value(&mut self, value: &Value) {
        let mut lines = Vec::new();
        words_in("", value, &mut lines);
        self.say_all(lines);
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.say_all(other.lines);
        self.more.extend(other.more);
        self.suggestions.extend(other.suggestions);
    }

    pub(super) fn into_parts(self) -> (Vec<Part>, Vec<Suggestion>) {
        let text = self.lines.iter().map(PlainText::as_str);
        let text = PlainText::literal(&text.collect::<Vec<_>>().join("\n"));
        let parts = text.map(Part::Text).into_iter().chain(self.more);
        (parts.collect(), self.suggestions)
    }
}

/// Whether more than white space is gone.
pub(super) fn is_cut(text: &PlainText, shown: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| !c.is_whitespace())
    }
    text.as_str() != shown && !letters(text.as_str()).eq(letters(shown))
}

fn words(body: &Map<String, Value>, used: &[&'static str], lines: &mut Vec<PlainText>) {
    let is_unused = |name: &str| !used.contains(&name);
    let own = WORDS.iter().filter(|name| is_unused(name));
    lines.extend(own.filter_map(|name| text(body.get(*name)?)));
    for (name, value) in body.iter().filter(|(name, _)| is_unused(name)) {
        words_in(name, value, lines);
    }
}

fn words_in(name: &str, value: &Value, lines: &mut Vec<PlainText>) {
    match value {
        Value::Object(inner) if name != "extra" => words(inner, &[], lines),
        Value::Array(values) if name != "extra" => {
            for value in values {
                match value {
                    // An address is for machines, and may be private.
                    Value::String(text) if text.contains("://") => {}
                    Value::String(_) | Value::Number(_) => lines.extend(text(value)),
                    value => words_in("", value, lines),
                }
            }
        }
        _ => {}
    }
}
