//! The bubbles of a response. Each is looked at before it is taken, so that all of them are shown.

use serde::Serialize;

use super::{AltText, AnyCard, Carousel, Limited, Surface, WebUrl, rules::MAX_BUBBLE_BYTES};
use crate::skill::size::json_size;

/// Bubbles in one response.
pub const MAX_OUTPUTS: usize = 3;

/// UTF-16 code units in a `simpleText`.
pub const MAX_BUBBLE_UNITS: usize = 1000;

/// The text of one bubble; what is beyond 500 characters is folded behind "전체 보기".
pub type BubbleText = Limited<MAX_BUBBLE_UNITS>;

// A text always fits: no unit takes more than three bytes of JSON.
const _: () = assert!(3 * MAX_BUBBLE_UNITS + 100 < MAX_BUBBLE_BYTES);

/// At most [`MAX_OUTPUTS`] bubbles, each of at most [`MAX_BUBBLE_BYTES`] and of a kind that their
/// surface shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Bubbles {
    outputs: Vec<Output>,
    #[serde(skip)]
    surface: Surface,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a response has at most three, and a box each would cost more"
)]
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Output {
    Text { simple_text: SimpleText },
    Image { simple_image: SimpleImage },
    Card(AnyCard),
    Carousel { carousel: Carousel },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct SimpleText {
    text: BubbleText,
}

/// A picture without words around it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SimpleImage {
    pub image_url: WebUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<AltText>,
}

impl Bubbles {
    /// None yet.
    pub fn on(surface: Surface) -> Self {
        Self {
            outputs: Vec::new(),
            surface,
        }
    }

    /// One of text.
    pub fn text(text: BubbleText, surface: Surface) -> Self {
        let mut bubbles = Self::on(surface);
        Space(&mut bubbles).text(text);
        bubbles
    }

    pub fn surface(&self) -> Surface {
        self.surface
    }

    pub fn len(&self) -> usize {
        self.outputs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Space for one more; `None` if there are as many as a response may have.
    pub fn space(&mut self) -> Option<Space<'_>> {
        (self.len() < MAX_OUTPUTS).then_some(Space(self))
    }
}

/// Space for one bubble.
pub struct Space<'a>(&'a mut Bubbles);

impl Space<'_> {
    pub fn surface(&self) -> Surface {
        self.0.surface
    }

    /// The bubbles before it.
    pub fn position(&self) -> usize {
        self.0.len()
    }

    pub fn text(self, text: BubbleText) {
        let simple_text = SimpleText { text };
        self.0.outputs.push(Output::Text { simple_text });
    }

    pub fn image(self, simple_image: SimpleImage) {
        self.0.outputs.push(Output::Image { simple_image });
    }

    /// Gives the space back if the card has too many bytes or is not shown there.
    pub fn card(self, card: AnyCard) -> Result<(), Self> {
        let is_known =
            self.surface().has_commerce_cards() || !matches!(card, AnyCard::CommerceCard(_));
        if !is_known || json_size(&card) > MAX_BUBBLE_BYTES {
            return Err(self);
        }
        self.0.outputs.push(Output::Card(card));
        Ok(())
    }

    /// Gives the space back if carousels are not shown there.
    pub fn carousel(self, carousel: Carousel) -> Result<(), Self> {
        if !self.surface().has_carousels() {
            return Err(self);
        }
        self.0.outputs.push(Output::Carousel { carousel });
        Ok(())
    }
}
