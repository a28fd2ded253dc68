//! Cards with words, a picture and buttons.

use serde::Serialize;

use super::{Buttons, Limited, Profile, Thumbnail};

/// What stands first on a text card or basic card.
pub type Title = Limited<50>;

/// The words of a text card below its title.
pub type TextCardWords = Limited<{ TextCard::MAX_UNITS }>;

/// A card of words alone: a title or a description, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<TextCardWords>,
    #[serde(flatten)]
    buttons: Option<Buttons>,
}

impl TextCard {
    /// Of title and description together.
    pub const MAX_UNITS: usize = 400;
    /// Of the description, in a carousel.
    pub const MAX_UNITS_IN_CAROUSEL: usize = 128;

    /// The description is shortened until both fit. `None` if there is neither.
    pub fn new(
        title: Option<Title>,
        description: Option<TextCardWords>,
        buttons: Option<Buttons>,
    ) -> Option<Self> {
        let room = Self::MAX_UNITS - title.as_ref().map_or(0, Title::units);
        let description = description.map(|words| words.shortened(room));
        (title.is_some() || description.is_some()).then_some(Self {
            title,
            description,
            buttons,
        })
    }

    pub(super) fn for_carousel(mut self) -> Self {
        let description = self.description.take();
        self.description = description.map(|it| it.shortened(Self::MAX_UNITS_IN_CAROUSEL));
        self
    }
}

/// A card with a picture: without one the platform drops the whole response (error 2461, skill.md
/// §4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BasicCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Limited<230>>,
    pub thumbnail: Thumbnail,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    #[serde(flatten)]
    pub buttons: Option<Buttons>,
}

impl BasicCard {
    /// Of the title, and of the description.
    pub const MAX_LINES_IN_CAROUSEL: usize = 2;

    pub(super) fn for_carousel(mut self) -> Self {
        let (title, description) = (self.title.take(), self.description.take());
        self.title = title.map(|it| it.on_lines(Self::MAX_LINES_IN_CAROUSEL));
        self.description = description.map(|it| it.on_lines(Self::MAX_LINES_IN_CAROUSEL));
        self
    }
}

/// Something with a price, in won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommerceCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Limited<30>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Limited<40>>,
    pub price: u32,
    pub currency: Currency,
    #[serde(flatten)]
    pub discount: Option<Discount>,
    pub thumbnails: [Thumbnail; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    #[serde(flatten)]
    pub buttons: Option<Buttons>,
}

/// The only one there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Currency {
    Won,
}

/// How much less it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Discount {
    /// In won.
    Amount { discount: u32 },
    /// In percent; the platform shows it only next to the price that remains.
    Rate {
        discount_rate: u8,
        discounted_price: u32,
    },
    /// What it costs now.
    Price { discounted_price: u32 },
}

#[cfg(test)]
mod tests {
    use reply::units;
    use serde_json::{json, to_value};

    use super::*;
    use crate::skill::response::{AnyCard, WebUrl};

    fn thumbnail() -> Thumbnail {
        Thumbnail::new(WebUrl::parse("https://img.example.com/a.jpg").unwrap())
    }

    #[test]
    fn words_of_a_text_card_share_400_units() {
        let long = "가".repeat(500);
        let (title, words) = (Limited::fit(&long), Limited::fit(&long));
        let card = TextCard::new(Some(title), Some(words), None).unwrap();
        let (title, description) = (
            card.title.clone().unwrap(),
            card.description.clone().unwrap(),
        );
        assert_eq!(
            (units(title.as_str()), units(description.as_str())),
            (50, 350)
        );
        assert_eq!(
            units(card.for_carousel().description.unwrap().as_str()),
            128
        );
        assert_eq!(TextCard::new(None, None, None), None);
    }

    #[test]
    fn words_of_a_basic_card_have_two_lines_in_a_carousel() {
        let card = BasicCard {
            title: Some(Limited::fit("하나\n둘\n셋")),
            description: Some(Limited::fit("하나\n둘")),
            thumbnail: thumbnail(),
            profile: None,
            buttons: None,
        };
        let card = card.for_carousel();
        assert_eq!(card.title.unwrap().as_str(), "하나\n둘 셋");
        assert_eq!(card.description.unwrap().as_str(), "하나\n둘");
    }

    #[test]
    fn a_commerce_card_has_one_picture_and_its_price() {
        let card = CommerceCard {
            title: Some(Limited::fit("귤 한 상자")),
            description: None,
            price: 12_000,
            currency: Currency::Won,
            discount: Some(Discount::Rate {
                discount_rate: 10,
                discounted_price: 10_800,
            }),
            thumbnails: [thumbnail()],
            profile: None,
            buttons: None,
        };
        assert_eq!(
            to_value(AnyCard::CommerceCard(card)).unwrap(),
            json!({"commerceCard": {
                "title": "귤 한 상자", "price": 12000, "currency": "won", "discountRate": 10, "discountedPrice": 10800,
                "thumbnails": [{"imageUrl": "https://img.example.com/a.jpg"}],
            }})
        );
    }
}
