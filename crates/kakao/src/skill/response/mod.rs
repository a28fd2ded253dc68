//! What a skill may answer (skill.md §4). One broken rule and the person sees nothing, so every
//! rule is a type or a constructor: a [`Response`] that exists is one the platform shows. Texts
//! that are too long are shortened; what else breaks a rule is refused by whatever it should go
//! into.

mod any_card;
mod bubbles;
mod button;
mod card;
mod carousel;
mod item_card;
mod limited;
mod link;
mod list_card;
mod rules;
mod surface;
mod validation;

use reply::PlainText;
use serde::Serialize;

pub use self::{
    any_card::AnyCard,
    bubbles::{BubbleText, Bubbles, MAX_BUBBLE_UNITS, MAX_OUTPUTS, SimpleImage, Space},
    button::{BlockId, Button, Buttons, Extra, Label, PhoneNumber, QuickReply, Said, Tap},
    card::{BasicCard, CommerceCard, Currency, Discount, TextCard, TextCardWords, Title},
    carousel::{Carousel, CarouselHeader},
    item_card::{
        Alignment, Amount, ImageTitle, Item, ItemCard, ItemCardWords, ItemProfile, ItemThumbnail,
        Shape, Summary, Top,
    },
    limited::Limited,
    link::{AltText, Link, NOT_PUBLIC, Profile, Thumbnail, WebUrl},
    list_card::{Header, ListCard, ListItem, OnTap, RowText},
    rules::{MAX_BUBBLE_BYTES, Violation},
    surface::Surface,
    validation::ValidationResponse,
};

pub const MAX_QUICK_REPLIES: usize = 10;

/// A skill response, version 2.0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    version: &'static str,
    #[serde(flatten)]
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Content {
    Shown { template: Template },
    Later { use_callback: bool, data: Waiting },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    outputs: Bubbles,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    quick_replies: Vec<QuickReply>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Waiting {
    text: BubbleText,
}

impl Response {
    /// The bubbles, or "…" if there are none, and at most [`MAX_QUICK_REPLIES`] below the last one;
    /// none where their surface has none.
    pub fn new(mut bubbles: Bubbles, mut quick_replies: Vec<QuickReply>) -> Self {
        let surface = bubbles.surface();
        if bubbles.is_empty() {
            bubbles = Bubbles::text(PlainText::default().into(), surface);
        }
        let max = if surface.has_quick_replies() {
            MAX_QUICK_REPLIES
        } else {
            0
        };
        quick_replies.truncate(max);
        Self::of(Content::Shown {
            template: Template {
                outputs: bubbles,
                quick_replies,
            },
        })
    }

    /// One bubble of text, for any surface.
    pub fn text(text: BubbleText) -> Self {
        Self::new(Bubbles::text(text, Surface::Group), Vec::new())
    }

    /// "The answer comes later": only for a request that brought a `callbackUrl`. `waiting` is
    /// shown if the block's waiting message refers to it (skill.md §5.2).
    pub fn use_callback(waiting: &PlainText) -> Self {
        Self::of(Content::Later {
            use_callback: true,
            data: Waiting {
                text: waiting.into(),
            },
        })
    }

    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "JSON of strings, numbers and string keys, written to memory"
    )]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a response is JSON")
    }

    fn of(content: Content) -> Self {
        Self {
            version: "2.0",
            content,
        }
    }
}

#[cfg(test)]
mod tests;
