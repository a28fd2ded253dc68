//! Cards with words, a picture and buttons.

use reply::PlainText;
use serde::Serialize;

use super::{Buttons, Limited, Output, Profile, Thumbnail};

const MAX_TEXT_CARD_UNITS: usize = 400;

/// A card of words alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Limited<50>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Limited<MAX_TEXT_CARD_UNITS>>,
    #[serde(flatten)]
    buttons: Option<Buttons>,
}

impl TextCard {
    const MAX_IN_CAROUSEL: usize = 128;

    pub fn titled(title: Limited<50>) -> Self {
        Self {
            title: Some(title),
            description: None,
            buttons: None,
        }
    }

    pub fn described(description: Limited<MAX_TEXT_CARD_UNITS>) -> Self {
        Self {
            title: None,
            description: Some(description),
            buttons: None,
        }
    }

    /// The description is shortened until both have at most 400 units.
    #[must_use]
    pub fn with_title(mut self, title: Limited<50>) -> Self {
        let room = MAX_TEXT_CARD_UNITS - title.units();
        self.description = self
            .description
            .map(|description| description.shortened(room));
        self.title = Some(title);
        self
    }

    #[must_use]
    pub fn with_buttons(mut self, buttons: Buttons) -> Self {
        self.buttons = Some(buttons);
        self
    }

    pub(super) fn for_carousel(mut self) -> Self {
        self.description = self
            .description
            .map(|description| description.shortened(Self::MAX_IN_CAROUSEL));
        self
    }
}

/// A card with a picture: without one the platform drops the whole response (error 2461, skill.md
/// §4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BasicCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Limited<50>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Limited<230>>,
    thumbnail: Thumbnail,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    #[serde(flatten)]
    buttons: Option<Buttons>,
}

impl BasicCard {
    pub fn new(thumbnail: Thumbnail) -> Self {
        Self {
            title: None,
            description: None,
            thumbnail,
            profile: None,
            buttons: None,
        }
    }

    /// A basic card if there is a picture, else a text card.
    pub fn or_text_card(
        title: Option<Limited<50>>,
        description: PlainText,
        thumbnail: Option<Thumbnail>,
        buttons: Option<Buttons>,
    ) -> Output {
        if let Some(thumbnail) = thumbnail {
            let description = Some(description.into());
            return Self {
                title,
                description,
                thumbnail,
                profile: None,
                buttons,
            }
            .into();
        }
        let mut card = TextCard::described(description.into());
        card.buttons = buttons;
        match title {
            Some(title) => card.with_title(title).into(),
            None => card.into(),
        }
    }

    #[must_use]
    pub fn with_title(mut self, title: Limited<50>) -> Self {
        self.title = Some(title);
        self
    }

    #[must_use]
    pub fn with_description(mut self, description: Limited<230>) -> Self {
        self.description = Some(description);
        self
    }

    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    #[must_use]
    pub fn with_buttons(mut self, buttons: Buttons) -> Self {
        self.buttons = Some(buttons);
        self
    }

    pub(super) fn thumbnail(&self) -> &Thumbnail {
        &self.thumbnail
    }
}

/// Something with a price, in won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommerceCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Limited<30>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Limited<40>>,
    price: u32,
    currency: &'static str,
    #[serde(flatten)]
    discount: Option<Discount>,
    thumbnails: [Thumbnail; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    #[serde(flatten)]
    buttons: Option<Buttons>,
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

impl CommerceCard {
    pub fn new(price: u32, thumbnail: Thumbnail) -> Self {
        Self {
            title: None,
            description: None,
            price,
            currency: "won",
            discount: None,
            thumbnails: [thumbnail],
            profile: None,
            buttons: None,
        }
    }

    #[must_use]
    pub fn with_title(mut self, title: Limited<30>) -> Self {
        self.title = Some(title);
        self
    }

    #[must_use]
    pub fn with_description(mut self, description: Limited<40>) -> Self {
        self.description = Some(description);
        self
    }

    #[must_use]
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discount = Some(discount);
        self
    }

    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = Some(profile);
        self
    }

    #[must_use]
    pub fn with_buttons(mut self, buttons: Buttons) -> Self {
        self.buttons = Some(buttons);
        self
    }

    pub(super) fn thumbnail(&self) -> &Thumbnail {
        let [thumbnail] = &self.thumbnails;
        thumbnail
    }
}

#[cfg(test)]
mod tests {
    use reply::units;
    use serde_json::{json, to_value};

    use super::*;
    use crate::skill::response::{Button, Label, Tap, WebUrl};

    fn thumbnail() -> Thumbnail {
        Thumbnail::new(WebUrl::parse("https://img.example.com/a.jpg").unwrap())
    }

    fn buttons() -> Buttons {
        Buttons::vertical(vec![Button::tap(Label::fit("좋아요"), Tap::says("좋아요"))]).unwrap()
    }

    #[test]
    fn words_of_a_text_card_share_400_units() {
        let long = "가".repeat(500);
        let card = TextCard::described(Limited::fit(&long)).with_title(Limited::fit(&long));
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
    }

    #[test]
    fn a_card_without_a_picture_becomes_a_text_card() {
        let text = || PlainText::literal("설명").unwrap();
        assert_eq!(
            to_value(BasicCard::or_text_card(
                Some(Limited::fit("제목")),
                text(),
                None,
                Some(buttons())
            ))
            .unwrap(),
            json!({"textCard": {
                "title": "제목", "description": "설명",
                "buttons": [{"label": "좋아요", "action": "message", "messageText": "좋아요"}], "buttonLayout": "vertical",
            }})
        );
        assert_eq!(
            to_value(BasicCard::or_text_card(
                None,
                text(),
                Some(thumbnail().with_fixed_ratio()),
                None
            ))
            .unwrap(),
            json!({"basicCard": {"description": "설명", "thumbnail": {"imageUrl": "https://img.example.com/a.jpg", "fixedRatio": true}}})
        );
    }

    #[test]
    fn a_commerce_card_has_one_picture_and_its_price() {
        let card = CommerceCard::new(12_000, thumbnail())
            .with_title(Limited::fit("귤 한 상자"))
            .with_discount(Discount::Rate {
                discount_rate: 10,
                discounted_price: 10_800,
            });
        assert_eq!(
            to_value(Output::from(card)).unwrap(),
            json!({"commerceCard": {
                "title": "귤 한 상자", "price": 12000, "currency": "won", "discountRate": 10, "discountedPrice": 10800,
                "thumbnails": [{"imageUrl": "https://img.example.com/a.jpg"}],
            }})
        );
    }
}
