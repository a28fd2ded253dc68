//! A card as it was written, and what of it is shown after the bubble.

use std::collections::HashSet;

use reply::{Image, Part, PlainText, Suggestion, readable, words_in, words_of};
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

    /// A field, which stays unused.
    pub(super) fn peek(&self, name: &str) -> Option<&'a Value> {
        self.body.get(name)
    }

    /// A field of any type.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        let value = self.body.get(name)?;
        self.used.push(name);
        Some(value)
    }

    /// A text, or a number as one; `None` if there is nothing to read.
    pub(super) fn text(&mut self, name: &'static str) -> Option<PlainText> {
        let text = readable(self.body.get(name)?)?;
        self.used.push(name);
        Some(text)
    }

    /// A text for machines, which nobody would read.
    pub(super) fn code(&self, name: &str) -> Option<&'a str> {
        self.body.get(name)?.as_str()
    }

    pub(super) fn object(&mut self, name: &'static str) -> Option<Self> {
        let body = self.body.get(name)?.as_object()?;
        self.used.push(name);
        Some(Self::of(body))
    }

    /// The values of a list; a single value counts as a list of one.
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

/// What of a card had no room on it, to be shown after it: words, then pictures and further cards,
/// and taps.
#[derive(Debug, Default)]
pub struct Rest {
    lines: Vec<PlainText>,
    said: HashSet<PlainText>,
    more: Vec<Part>,
    suggestions: Vec<Suggestion>,
}

impl Rest {
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

    /// `text` as far as it fits; if some of it does not, it is said in full.
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
        self.say_all(words_of(fields.body, &fields.used));
    }

    pub(super) fn unused_value(&mut self, value: &Value) {
        self.say_all(words_in(value));
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.say_all(other.lines);
        self.more.extend(other.more);
        self.suggestions.extend(other.suggestions);
    }

    pub fn into_parts(self) -> (Vec<Part>, Vec<Suggestion>) {
        let words = PlainText::all(&self.lines, "\n").map(Part::Text);
        let parts = words.into_iter().chain(self.more).collect();
        (parts, self.suggestions)
    }
}

/// Whether more than white space is gone.
pub(super) fn is_cut(text: &PlainText, shown: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| !c.is_whitespace())
    }
    text.as_str() != shown && !letters(text.as_str()).eq(letters(shown))
}
