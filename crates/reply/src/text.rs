//! Text that is safe to show.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    clean::{clean, is_blank},
    measure::floor,
};

/// Most bytes of a text, and of a whole reply as it is stored. What an agent says beyond it is cut.
pub const MAX_BYTES: usize = 64 * 1024;

/// Readable text that is safe to show: never blank, at most [`MAX_BYTES`], without control
/// characters except line breaks, without characters that hide others, without the `{{#` that opens
/// one of Kakao's templates, and never more than one empty line in a row.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PlainText(String);

impl PlainText {
    /// `text` as it stands; `None` if nothing readable is left.
    pub fn literal(text: &str) -> Option<Self> {
        let head = head(text);
        Self::cleaned(head, head.len() < text.len())
    }

    /// This text, `separator`, and the `other` text.
    #[must_use]
    pub fn joined(&self, other: &Self, separator: &str) -> Self {
        let text = clean(&[self.as_str(), separator, other.as_str()].concat());
        Self(limited(text, MAX_BYTES, false))
    }

    /// All of `texts`, with `separator` between them; `None` if there are none.
    pub fn all(texts: &[Self], separator: &str) -> Option<Self> {
        let texts: Vec<_> = texts.iter().map(Self::as_str).collect();
        Self::literal(&texts.join(separator))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As much of it as `bytes` hold, at least 3; "…" stands for the rest.
    #[must_use]
    pub(super) fn cut(self, bytes: usize) -> Self {
        Self(limited(self.0, bytes, false))
    }

    /// Says that more follows; adds 2 units.
    pub fn push_ellipsis(&mut self) {
        self.0.push_str(" …");
    }

    fn cleaned(text: &str, was_cut: bool) -> Option<Self> {
        let text = clean(text);
        (!is_blank(&text)).then(|| Self(limited(text, MAX_BYTES, was_cut)))
    }

    /// A piece of a clean text; `None` if it is blank.
    pub(super) fn piece(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\n').trim_end();
        (!is_blank(text)).then(|| Self(text.to_owned()))
    }
}

/// The part of a text that is not too long to be kept.
pub(super) fn head(text: &str) -> &str {
    text.get(..floor(text, MAX_BYTES)).unwrap_or(text)
}

fn limited(mut text: String, bytes: usize, was_cut: bool) -> String {
    if was_cut || text.len() > bytes {
        text.truncate(floor(&text, bytes - '…'.len_utf8()));
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

/// How much it is, but nothing of what it says: that is for one person's eyes.
impl fmt::Debug for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlainText({} bytes)", self.0.len())
    }
}

/// Stands where there must be a text and there is none.
impl Default for PlainText {
    fn default() -> Self {
        Self("…".to_owned())
    }
}

impl fmt::Display for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PlainText> for String {
    fn from(text: PlainText) -> Self {
        text.0
    }
}

impl TryFrom<String> for PlainText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::literal(&text).ok_or("nothing readable in the text")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Reply;

    fn literal(text: &str) -> String {
        PlainText::literal(text).unwrap().into()
    }

    #[test]
    fn literal_text_keeps_its_asterisks() {
        assert_eq!(literal("**3** * 4 # `5`\n"), "**3** * 4 # `5`");
    }

    #[test]
    fn blank_text_is_no_text() {
        for blank in [
            "",
            " \n\t ",
            "\0\u{1b}",
            "\u{200b}\u{feff}\u{202e}",
            "\u{3164}\u{ffa0}",
            "<!-- -->",
        ] {
            assert_eq!(Reply::from_markdown(blank), None, "{blank:?}");
        }
    }

    #[test]
    fn f115_joining_two_texts_never_makes_a_template() {
        let (open, hash) = (
            PlainText::literal("a {{").unwrap(),
            PlainText::literal("#mentions.x}}").unwrap(),
        );
        assert_eq!(open.joined(&hash, "").as_str(), "a { {#mentions.x}}");
        assert_eq!(
            open.joined(&hash, "\n\n\n\n").as_str(),
            "a { {\n\n#mentions.x}}"
        );
    }

    #[test]
    fn f115_text_beyond_the_limit_is_cut_between_graphemes() {
        let family = "👨‍👩‍👧";
        let text = literal(&family.repeat(MAX_BYTES));
        assert!(text.len() <= MAX_BYTES && text.len() > MAX_BYTES - 64);
        let kept = text.strip_suffix('…').unwrap();
        assert_eq!(kept.len() % family.len(), 0);
        assert_eq!(literal(&"{{#".repeat(MAX_BYTES / 3)).len(), MAX_BYTES);
    }

    #[test]
    fn text_is_checked_again_when_it_is_read_back() {
        let text = serde_json::from_str::<PlainText>(r#""a\u0000\r\n{{#b""#).unwrap();
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""a\n{ {#b""#);
        assert!(serde_json::from_str::<PlainText>(r#"" ""#).is_err());
    }

    proptest! {
        #[test]
        fn f115_cleaning_twice_changes_nothing(
            text in "([{#\\s\u{200d}\u{fe0f}\u{200b}a👨가]|\\PC|\\p{any}){0,40}",
        ) {
            if let Some(text) = PlainText::literal(&text) {
                prop_assert_eq!(literal(text.as_str()), text.as_str());
                prop_assert!(!text.as_str().contains(|c: char| c.is_control() && c != '\n'));
            }
        }
    }
}
