//! What a reply is made of.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::PlainText;

/// Suggestions of one reply. A channel shows buttons of ours beside them.
pub const MAX_SUGGESTIONS: usize = 8;

/// One thing to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    Text(PlainText),
    Image(Image),
    Card(Card),
}

/// A picture at an address that the platform fetches. Whether the address may be shown is for the
/// channel to say.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub url: String,
    /// What it shows, for those who cannot see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<PlainText>,
}

/// A card as the agent wrote it, in the form of `KakaoTalk`'s components (skill.md §4.3). Nothing
/// in it is checked.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub kind: CardKind,
    pub body: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CardKind {
    TextCard,
    BasicCard,
    CommerceCard,
    ListCard,
    ItemCard,
    Carousel,
}

/// What the person may want to say next.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    pub label: String,
    /// Said in place of the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_text: Option<String>,
    /// A block of the bot to run, whatever the text is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_id: Option<String>,
    /// Comes back with the tap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

/// What a part takes besides its content when it is stored, in bytes.
pub(super) const OVERHEAD: usize = 64;

impl Part {
    pub(super) fn bytes(&self) -> usize {
        OVERHEAD
            + match self {
                Self::Text(text) => text.as_str().len() + escapes(text),
                Self::Image(image) => {
                    image.url.len() + image.alt.as_ref().map_or(0, |alt| alt.as_str().len())
                }
                Self::Card(card) => serde_json::to_vec(&card.body).map_or(0, |body| body.len()),
            }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Self::Text(text) => text.as_str().to_owned(),
            Self::Image(image) => match &image.alt {
                Some(alt) => format!("[{alt}] {}", image.url),
                None => image.url.clone(),
            },
            Self::Card(card) => {
                let words = PlainText::all(&words_of(&card.body, &[]), "\n");
                words.map(String::from).unwrap_or_default()
            }
        }
    }
}

impl Image {
    /// Longest address that is taken, in bytes. Longer ones are pictures written out as text.
    pub const MAX_URL: usize = 2048;

    /// A whole http or https address.
    pub fn parse(url: &str, alt: Option<&str>) -> Option<Self> {
        let url = url.trim();
        let is_web = |url: Url| matches!(url.scheme(), "http" | "https");
        (url.len() <= Self::MAX_URL && Url::parse(url).is_ok_and(is_web)).then(|| Self {
            url: url.to_owned(),
            alt: alt.and_then(PlainText::literal),
        })
    }
}

impl CardKind {
    pub const ALL: [Self; 6] = [
        Self::TextCard,
        Self::BasicCard,
        Self::CommerceCard,
        Self::ListCard,
        Self::ItemCard,
        Self::Carousel,
    ];

    /// The component's name in `KakaoTalk`'s JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TextCard => "textCard",
            Self::BasicCard => "basicCard",
            Self::CommerceCard => "commerceCard",
            Self::ListCard => "listCard",
            Self::ItemCard => "itemCard",
            Self::Carousel => "carousel",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl Suggestion {
    /// Longest label, in bytes; a button shows 14 letters of it.
    const MAX_LABEL: usize = 300;
    /// Longest thing said, in bytes; a message has 1,000 letters.
    const MAX_SAID: usize = 3_000;
    /// Most data that comes back with a tap, in bytes of JSON.
    const MAX_EXTRA: usize = 2_000;

    /// Says what it is labelled with.
    pub fn says(text: &str) -> Self {
        Self {
            label: text.to_owned(),
            message_text: None,
            block_id: None,
            extra: None,
        }
    }

    /// A text, or a quick reply or button in `KakaoTalk`'s words (skill.md §4.4). `None` if there
    /// is nothing to read on it.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
        let label = value
            .as_str()
            .map(str::to_owned)
            .or_else(|| text("label"))?;
        PlainText::literal(&label)?;
        let runs_block = value.get("action").is_none_or(|action| action == "block");
        Some(Self {
            label,
            message_text: text("messageText").filter(|said| !said.trim().is_empty()),
            block_id: text("blockId").filter(|_| runs_block),
            extra: value.get("extra").and_then(Value::as_object).cloned(),
        })
    }

    fn is_small(&self) -> bool {
        let extra = serde_json::to_vec(&self.extra).map_or(0, |extra| extra.len());
        let said = self.message_text.as_deref().map_or(0, str::len);
        let block = self.block_id.as_deref().map_or(0, str::len);
        self.label.len().max(block) <= Self::MAX_LABEL
            && said <= Self::MAX_SAID
            && extra <= Self::MAX_EXTRA
    }

    pub(super) fn bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |whole| whole.len())
    }
}

/// What a text grows by when it is stored as JSON.
pub(super) fn escapes(text: &PlainText) -> usize {
    let bytes = text.as_str().bytes();
    bytes.filter(|byte| b"\n\"\\".contains(byte)).count()
}

/// Those that are kept, and those that are too many or too large.
pub(super) fn fitting(suggestions: Vec<Suggestion>) -> (Vec<Suggestion>, Vec<Suggestion>) {
    let mut room = MAX_SUGGESTIONS;
    suggestions.into_iter().partition(|suggestion| {
        let fits = room > 0 && suggestion.is_small();
        room -= usize::from(fits);
        fits
    })
}

/// Suggestions as text, for where there is nothing to tap.
pub fn as_lines(suggestions: &[Suggestion]) -> Option<PlainText> {
    let lines: Vec<_> = suggestions
        .iter()
        .map(|suggestion| format!("· {}", suggestion.label))
        .collect();
    PlainText::literal(&lines.join("\n"))
}

/// Fields of cards that are written for people, in the order they are said.
const WORDS: [&str; 9] = [
    "title",
    "subtitle",
    "nickname",
    "label",
    "text",
    "content",
    "description",
    "caption",
    "altText",
];

/// Whether the text of a field is written for people: what it says, or a heading in short.
pub(super) fn is_for_people(name: &str) -> bool {
    WORDS.contains(&name) || matches!(name, "header" | "head" | "imageTitle" | "profile")
}

/// A text, or a number as one; `None` if there is nothing to read.
pub fn readable(value: &Value) -> Option<PlainText> {
    match value {
        // What is cleaned away may have stood before white space.
        Value::String(text) => PlainText::literal(PlainText::literal(text)?.as_str().trim()),
        Value::Number(number) => PlainText::literal(&number.to_string()),
        _ => None,
    }
}

/// What people would read in a card, or in what should have been one, without the fields in
/// `except`. What comes back with a tap is not for them.
pub fn words_of(body: &Map<String, Value>, except: &[&str]) -> Vec<PlainText> {
    let is_left = |name: &str| !except.contains(&name);
    let own = WORDS.iter().filter(|name| is_left(name));
    let mut words: Vec<_> = own.filter_map(|name| readable(body.get(*name)?)).collect();
    let inner = body.iter();
    let inner = inner.filter(|(name, _)| is_left(name) && name.as_str() != "extra");
    words.extend(inner.flat_map(|(_, value)| words_in(value)));
    words
}

/// What people would read in an object or a list.
pub fn words_in(value: &Value) -> Vec<PlainText> {
    match value {
        Value::Object(inner) => words_of(inner, &[]),
        Value::Array(values) => values.iter().flat_map(words_in_list).collect(),
        _ => Vec::new(),
    }
}

fn words_in_list(value: &Value) -> Vec<PlainText> {
    match value {
        // An address is for machines, and may be private.
        Value::String(text) if text.contains("://") => Vec::new(),
        Value::String(_) | Value::Number(_) => readable(value).into_iter().collect(),
        value => words_in(value),
    }
}

/// Nothing of their content goes to a log.
macro_rules! silent {
    ($($name:ident)*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

silent!(Image Card Suggestion);
