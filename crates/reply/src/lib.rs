//! What an agent answered, before any channel gives it a shape: readable text, pictures, cards, and
//! what the person may want to say next.
//!
//! An answer comes as Markdown (`plain` makes text of it, with `lookalike`, `emphasis`, `html`,
//! `script` and `table`) or as JSON by our convention (`convention`). Text that people see is a
//! [`PlainText`], which `clean` makes safe; `measure` counts as Kakao may count, and `split` cuts a
//! text into bubbles.

mod clean;
mod convention;
mod emphasis;
mod fence;
mod html;
mod lookalike;
mod loose_json;
mod measure;
mod part;
mod plain;
mod script;
mod split;
mod table;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::{
    clean::clean,
    convention::{output, picture},
    measure::{fitting, floor, units},
    part::{
        Card, CardKind, Image, MAX_SUGGESTIONS, Part, Suggestion, as_lines, readable, words_in,
        words_of,
    },
    split::{Split, split},
    text::{MAX_BYTES, PlainText},
};

/// Most parts of one reply; what comes after them is one text.
const MAX_PARTS: usize = 100;

/// An agent's answer, the same for every channel: at least one part, in the order they are shown.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Reply {
    parts: Vec<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
}

/// A reply as it was written down, before it is checked again.
#[derive(Deserialize)]
struct Stored {
    parts: Vec<Part>,
    #[serde(default)]
    suggestions: Vec<Suggestion>,
}

impl Reply {
    /// `None` if there is no part. Texts next to each other become one; cards and suggestions that
    /// are too many or too large become text.
    pub fn new(parts: Vec<Part>, suggestions: Vec<Suggestion>) -> Option<Self> {
        let (suggestions, beyond) = part::fitting(suggestions);
        let mut room = Room(MAX_BYTES - suggestions.iter().map(Suggestion::bytes).sum::<usize>());
        let lines = part::as_lines(&beyond).map(Part::Text);
        let mut kept = Vec::new();
        let mut texts = Vec::new();
        for part in parts.into_iter().chain(lines) {
            match part {
                Part::Text(text) => texts.push(text),
                part if kept.len() < MAX_PARTS && part.bytes() <= room.0 => {
                    kept.extend(room.text(std::mem::take(&mut texts)));
                    kept.extend(room.take(part));
                }
                part => texts.extend(PlainText::literal(&part.words())),
            }
        }
        kept.extend(room.text(texts));
        (!kept.is_empty()).then_some(Self {
            parts: kept,
            suggestions,
        })
    }

    /// What a person would read in `markdown`, and its pictures; `None` if there is nothing.
    pub fn from_markdown(markdown: &str) -> Option<Self> {
        Self::new(plain::parts(markdown), Vec::new())
    }

    /// What an agent said: markdown, or cards as JSON (openclaw.md §5.4).
    pub fn read(said: &str) -> Option<Self> {
        match convention::read(said) {
            Some((parts, suggestions)) => Self::new(parts, suggestions),
            None => Self::from_markdown(said),
        }
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub fn suggestions(&self) -> &[Suggestion] {
        &self.suggestions
    }

    pub fn into_parts(self) -> (Vec<Part>, Vec<Suggestion>) {
        (self.parts, self.suggestions)
    }

    /// This reply and then `next`; `None` if that would cut something off.
    #[must_use]
    pub fn and(&self, next: &Self) -> Option<Self> {
        let is_small = self.bytes() + next.bytes() + "\n\n".len() <= MAX_BYTES
            && self.parts.len() + next.parts.len() <= MAX_PARTS;
        let parts = || [self.parts.clone(), next.parts.clone()].concat();
        let suggestions = || [self.suggestions.clone(), next.suggestions.clone()].concat();
        is_small.then(|| Self::new(parts(), suggestions()))?
    }

    /// What it takes when it is stored.
    pub fn bytes(&self) -> usize {
        let suggestions: usize = self.suggestions.iter().map(Suggestion::bytes).sum();
        self.parts.iter().map(Part::bytes).sum::<usize>() + suggestions
    }

    /// The same as text alone, which every chat can show.
    #[must_use]
    pub fn in_words(&self) -> Self {
        let lines = part::as_lines(&self.suggestions);
        let words = [self.words(), lines.map(String::from).unwrap_or_default()].join("\n\n");
        PlainText::literal(&words).unwrap_or_default().into()
    }

    /// The words in it, and the addresses of its pictures.
    pub fn words(&self) -> String {
        let words: Vec<_> = self.parts.iter().map(Part::words).collect();
        words.join("\n\n")
    }
}

/// How many of [`MAX_BYTES`] are left.
struct Room(usize);

impl Room {
    fn take(&mut self, part: Part) -> Option<Part> {
        let bytes = part.bytes();
        let fits = bytes <= self.0;
        self.0 = self.0.saturating_sub(bytes);
        fits.then_some(part)
    }

    /// Texts as one, cut to the room.
    fn text(&mut self, mut texts: Vec<PlainText>) -> Option<Part> {
        let text = match texts.len() {
            0 | 1 => texts.pop()?,
            _ => PlainText::all(&texts, "\n\n")?,
        };
        let room = self.0.checked_sub(part::OVERHEAD)?;
        let plain = room.saturating_sub(part::escapes(&text)).max(room / 2);
        let part = Part::Text(text.cut(plain.max("…".len())));
        self.0 = self.0.saturating_sub(part.bytes());
        Some(part)
    }
}

impl From<PlainText> for Reply {
    fn from(text: PlainText) -> Self {
        Self {
            parts: vec![Part::Text(text)],
            suggestions: Vec::new(),
        }
    }
}

/// How much it is, but nothing of what it says: that is for one person's eyes.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Reply({} parts, {} bytes)",
            self.parts.len(),
            self.bytes()
        )
    }
}

impl TryFrom<Stored> for Reply {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Self::new(stored.parts, stored.suggestions).ok_or("a reply without anything to show")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(PlainText::literal(text).unwrap())
    }

    fn card(bytes: usize) -> Part {
        let body = json!({ "title": "가".repeat(bytes / 3) });
        Part::Card(Card {
            kind: CardKind::TextCard,
            body: body.as_object().unwrap().clone(),
        })
    }

    #[test]
    fn a_text_alone_is_stored_as_its_one_part() {
        let reply = Reply::from_markdown("**안녕**하세요").unwrap();
        let stored = serde_json::to_string(&reply).unwrap();
        assert_eq!(stored, r#"{"parts":[{"text":"안녕하세요"}]}"#);
        assert_eq!(serde_json::from_str::<Reply>(&stored).unwrap(), reply);
    }

    #[test]
    fn everything_is_stored_and_read_back() {
        let image = Image::parse("https://img.example.com/a.png", Some("달")).unwrap();
        let reply = Reply::new(
            vec![text("하나"), Part::Image(image), card(30)],
            vec![Suggestion::says("더 보기")],
        )
        .unwrap();
        let stored = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&stored).unwrap(), reply);
        assert!(serde_json::from_str::<Reply>(r#"{"parts":[]}"#).is_err());
    }

    #[test]
    fn texts_side_by_side_are_one() {
        let reply =
            Reply::new(vec![text("하나"), text("둘"), card(9), text("셋")], vec![]).unwrap();
        assert_eq!(reply.parts(), [text("하나\n\n둘"), card(9), text("셋")]);
        let both = reply.and(&Reply::new(vec![text("넷")], vec![]).unwrap());
        assert_eq!(both.unwrap().parts().last(), Some(&text("셋\n\n넷")));
    }

    #[test]
    fn a_card_that_is_too_much_is_said() {
        let cards = Reply::new(vec![card(30_000), card(30_000), card(30_000)], vec![]).unwrap();
        let [first, second, Part::Text(words)] = cards.parts() else {
            panic!("{cards:?}")
        };
        assert_eq!([first, second], [&card(30_000), &card(30_000)]);
        assert!(words.as_str().starts_with("가가") && words.as_str().ends_with('…'));
    }

    #[test]
    fn nothing_stored_is_larger_than_it_may_be() {
        let long = || text(&"가".repeat(MAX_BYTES / 3));
        let heavy = |n: usize| Suggestion {
            message_text: Some("가".repeat(n)),
            extra: json!({ "data": "가".repeat(n) }).as_object().cloned(),
            ..Suggestion::says(&"가".repeat(n))
        };
        for (parts, suggestions) in [
            (vec![card(9), long(), card(9)], vec![]),
            (vec![card(60_000), text("하나"), long()], vec![]),
            (vec![card(9); 16_000], vec![]),
            (vec![text("둘"); 16_000], vec![]),
            (vec![card(90_000)], vec![]),
            (vec![text("셋")], vec![heavy(80_000); 20]),
            (vec![long()], vec![heavy(500); 20]),
            (vec![text(&"\"\n".repeat(40_000))], vec![]),
        ] {
            let reply = Reply::new(parts, suggestions).unwrap();
            let stored = serde_json::to_string(&reply).unwrap();
            assert!(
                stored.len() <= MAX_BYTES + 100,
                "{} {reply:?}",
                stored.len()
            );
            assert_eq!(serde_json::from_str::<Reply>(&stored).unwrap(), reply);
        }
        let whole = Reply::new(vec![long()], vec![]).unwrap();
        assert_eq!(whole.and(&whole), None);
    }

    #[test]
    fn suggestions_beyond_the_room_become_lines() {
        let suggestions = (1..=10)
            .map(|n| Suggestion::says(&format!("{n}번")))
            .collect();
        let reply = Reply::new(vec![text("골라 주세요")], suggestions).unwrap();
        assert_eq!(reply.suggestions().len(), MAX_SUGGESTIONS);
        assert_eq!(reply.words(), "골라 주세요\n\n· 9번\n· 10번");
    }
}
