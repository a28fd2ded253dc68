//! What a skill may answer (skill.md §4). One broken rule and the person sees nothing, so every
//! rule is a type or a constructor: a response that exists is one the platform shows. Texts that
//! are too long are shortened; too many things are refused.

mod button;
mod card;
mod carousel;
mod item_card;
mod limited;
mod link;
mod list_card;
mod validation;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::Map;
use thiserror::Error;

pub use self::{
    button::{BlockId, Button, Buttons, Extra, Label, PhoneNumber, QuickReply, Tap},
    card::{BasicCard, CommerceCard, Discount, TextCard},
    carousel::{Carousel, CarouselHeader},
    item_card::{
        Alignment, Amount, ImageTitle, Item, ItemCard, ItemProfile, ItemThumbnail, Shape, Top,
    },
    limited::Limited,
    link::{AltText, Link, Profile, Thumbnail, WebUrl},
    list_card::{ListCard, ListItem},
    validation::ValidationResponse,
};
use reply::PlainText;

/// Bubbles in one response.
pub const MAX_OUTPUTS: usize = 3;
pub const MAX_QUICK_REPLIES: usize = 10;
/// Bytes of JSON in one bubble (skill.md §4.2).
pub const MAX_BUBBLE_BYTES: usize = 30_720;
/// UTF-16 code units in a `simpleText`.
pub const MAX_BUBBLE_UNITS: usize = 1000;

/// The text of one `simpleText` bubble; what is beyond 500 characters is folded behind "전체 보기".
pub type BubbleText = Limited<MAX_BUBBLE_UNITS>;

/// Where a response is shown. Group chat rooms know neither quick replies nor carousels nor
/// commerce cards (skill.md §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    #[default]
    Channel,
    Group,
}

/// A rule of the platform that a response would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    #[error("there is nothing in it")]
    Empty,
    #[error("there are more than {0} of them")]
    TooMany(usize),
    #[error("the cards of a carousel differ in their parts or in the shape of their pictures")]
    Mixed,
    #[error("a bubble has more than {MAX_BUBBLE_BYTES} bytes")]
    TooLarge,
    #[error("it is not shown there")]
    Misplaced,
}

/// A skill response, version 2.0.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Template>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    use_callback: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Extra>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    outputs: Vec<Output>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quick_replies: Vec<QuickReply>,
}

/// One bubble.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Output {
    SimpleText { text: BubbleText },
    SimpleImage(SimpleImage),
    TextCard(TextCard),
    BasicCard(BasicCard),
    CommerceCard(CommerceCard),
    ListCard(ListCard),
    ItemCard(ItemCard),
    Carousel(Carousel),
}

/// A picture without words around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleImage {
    image_url: WebUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<AltText>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Context {
    values: Vec<ContextValue>,
}

/// What the platform remembers for the next turns, for an output context of the block (skill.md
/// §4.6).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextValue {
    pub name: Limited<50, 1>,
    /// In turns; 0 forgets it.
    pub life_span: u32,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<Limited<50, 1>, Limited<1000>>,
}

impl SimpleImage {
    pub fn new(image_url: WebUrl, alt_text: Option<AltText>) -> Self {
        Self {
            image_url,
            alt_text,
        }
    }
}

impl Response {
    /// One to [`MAX_OUTPUTS`] bubbles, each at most [`MAX_BUBBLE_BYTES`], of kinds that `surface`
    /// shows.
    pub fn new(outputs: Vec<Output>, surface: Surface) -> Result<Self, Violation> {
        check_count(outputs.len(), MAX_OUTPUTS)?;
        for output in &outputs {
            if surface == Surface::Group
                && matches!(output, Output::Carousel(_) | Output::CommerceCard(_))
            {
                return Err(Violation::Misplaced);
            }
            if size(output) > MAX_BUBBLE_BYTES {
                return Err(Violation::TooLarge);
            }
        }
        Ok(Self::of(outputs))
    }

    /// One bubble of text.
    pub fn text(text: BubbleText) -> Self {
        Self::of(vec![Output::SimpleText { text }])
    }

    /// "The answer comes later": only for a request that brought a `callbackUrl`. `waiting` is
    /// shown if the block's waiting message refers to it (skill.md §5.2).
    pub fn use_callback(waiting: Option<&PlainText>) -> Self {
        let data = waiting.map(|text| {
            Extra::new(Map::from_iter([(
                "text".to_owned(),
                BubbleText::from(text).as_str().into(),
            )]))
        });
        Self {
            version: "2.0",
            template: None,
            use_callback: true,
            context: None,
            data,
        }
    }

    /// At most [`MAX_QUICK_REPLIES`] of them below the last bubble; none where `surface` has none,
    /// or while the answer is still to come.
    #[must_use]
    pub fn with_quick_replies(
        mut self,
        mut quick_replies: Vec<QuickReply>,
        surface: Surface,
    ) -> Self {
        if let (Some(template), Surface::Channel) = (&mut self.template, surface) {
            quick_replies.truncate(MAX_QUICK_REPLIES);
            template.quick_replies = quick_replies;
        }
        self
    }

    #[must_use]
    pub fn with_context(mut self, values: Vec<ContextValue>) -> Self {
        self.context = Some(Context { values });
        self
    }

    /// Values for the bubbles of the block itself (skill.md §1, *values* mode).
    #[must_use]
    pub fn with_data(mut self, data: Extra) -> Self {
        self.data = Some(data);
        self
    }

    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "JSON of strings, numbers and string keys, written to memory"
    )]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a response is JSON")
    }

    /// The caller vouches for the rules of [`Response::new`].
    fn of(outputs: Vec<Output>) -> Self {
        let template = Template {
            outputs,
            quick_replies: Vec::new(),
        };
        Self {
            version: "2.0",
            template: Some(template),
            use_callback: false,
            context: None,
            data: None,
        }
    }

    /// Bubbles that are known to keep the rules of [`Response::new`].
    pub(super) fn bubbles(bubbles: Vec<Output>) -> Self {
        debug_assert!(check_count(bubbles.len(), MAX_OUTPUTS).is_ok());
        Self::of(bubbles)
    }
}

fn check_count(count: usize, max: usize) -> Result<(), Violation> {
    match count {
        0 => Err(Violation::Empty),
        _ if count > max => Err(Violation::TooMany(max)),
        _ => Ok(()),
    }
}

/// Bytes of JSON.
fn size(output: &Output) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, output).map_or(usize::MAX, |()| count.0)
}

impl From<SimpleImage> for Output {
    fn from(image: SimpleImage) -> Self {
        Self::SimpleImage(image)
    }
}

impl From<TextCard> for Output {
    fn from(card: TextCard) -> Self {
        Self::TextCard(card)
    }
}

impl From<BasicCard> for Output {
    fn from(card: BasicCard) -> Self {
        Self::BasicCard(card)
    }
}

impl From<CommerceCard> for Output {
    fn from(card: CommerceCard) -> Self {
        Self::CommerceCard(card)
    }
}

impl From<ListCard> for Output {
    fn from(card: ListCard) -> Self {
        Self::ListCard(card)
    }
}

impl From<ItemCard> for Output {
    fn from(card: ItemCard) -> Self {
        Self::ItemCard(card)
    }
}

impl From<Carousel> for Output {
    fn from(carousel: Carousel) -> Self {
        Self::Carousel(carousel)
    }
}

#[cfg(test)]
mod tests;
