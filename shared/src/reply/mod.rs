//! What an agent answered, before any channel gives it a shape: markdown, the readable text it
//! becomes, and how that text is cut into pieces.

mod clean;
mod emphasis;
mod html;
mod measure;
mod plain;
mod split;

pub use split::{Split, split};
pub(crate) use {
    clean::clean,
    measure::{fitting, floor, units},
};

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest text that is kept, in bytes of UTF-8; what an agent says beyond it is cut.
pub const MAX_BYTES: usize = 64 * 1024;

/// An agent's answer, the same for every channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reply {
    pub markdown: String,
    /// What the person may want to say next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

/// Readable text that is safe to show: never blank, at most [`MAX_BYTES`], without control
/// characters except line breaks, without characters that hide others, without the `{{#` that opens
/// one of Kakao's templates, and never more than one empty line in a row.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PlainText(String);

impl PlainText {
    /// The text a person would read in `markdown`; `None` if nothing readable is left.
    pub fn from_markdown(markdown: &str) -> Option<Self> {
        let head = head(markdown);
        Self::cleaned(&plain::render(head), head.len() < markdown.len())
    }

    /// `text` as it stands; `None` if nothing readable is left.
    pub fn literal(text: &str) -> Option<Self> {
        let head = head(text);
        Self::cleaned(head, head.len() < text.len())
    }

    /// This text, `separator`, and the `other` text.
    #[must_use]
    pub fn joined(&self, other: &Self, separator: &str) -> Self {
        let text = clean(&[self.as_str(), separator, other.as_str()].concat());
        Self(limited(text, false))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says that more follows; adds 2 units.
    pub(crate) fn push_ellipsis(&mut self) {
        self.0.push_str(" …");
    }

    fn cleaned(text: &str, was_cut: bool) -> Option<Self> {
        let text = clean(text);
        (!clean::is_blank(&text)).then(|| Self(limited(text, was_cut)))
    }

    /// A piece of a text that was clean; `None` if the piece is blank.
    fn piece(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\n').trim_end();
        (!clean::is_blank(text)).then(|| Self(text.to_owned()))
    }
}

fn head(text: &str) -> &str {
    text.get(..floor(text, MAX_BYTES)).unwrap_or(text)
}

fn limited(mut text: String, was_cut: bool) -> String {
    if was_cut || text.len() > MAX_BYTES {
        text.truncate(floor(&text, MAX_BYTES - '…'.len_utf8()));
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

/// How much it is, and not what: it may have been said to one person only.
impl fmt::Debug for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlainText({} bytes)", self.0.len())
    }
}

/// The least that can be shown.
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
            assert_eq!(PlainText::from_markdown(blank), None, "{blank:?}");
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

    #[test]
    fn reply_needs_no_suggestions() {
        let reply: Reply = serde_json::from_str(r#"{"markdown":"안녕"}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&reply).unwrap(),
            r#"{"markdown":"안녕"}"#
        );
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
