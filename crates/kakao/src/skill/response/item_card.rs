//! A receipt-like card: pairs of name and value, with optional head, picture and sum.

use serde::Serialize;

use super::{
    AltText, Buttons, Limited, Link, WebUrl,
    rules::{Violation, check_count},
};

/// Words below the items.
pub type ItemCardWords = Limited<{ ItemCard::MAX_UNITS }, { ItemCard::MAX_LINES }>;

/// One to ten items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemCard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<ItemThumbnail>,
    #[serde(flatten)]
    pub top: Option<Top>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_title: Option<ImageTitle>,
    item_list: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_list_alignment: Option<Alignment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_list_summary: Option<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<ItemCardWords>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<ItemCardWords>,
    #[serde(flatten)]
    pub buttons: Option<Buttons>,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    pub title: Limited<6, 1>,
    pub description: Limited<100, 2>,
}

/// What stands above everything: one of them, never both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Top {
    Head { title: Limited<50, 1> },
    Profile(ItemProfile),
}

/// Who speaks; the picture is square.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemProfile {
    pub title: Limited<15, 1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<WebUrl>,
}

/// A title with a small picture at its right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageTitle {
    pub title: Limited<50, 2>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Limited<50, 1>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<WebUrl>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Alignment {
    Left,
    Right,
}

/// The shape of a card's picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 2:1; on an item card 800 × 400.
    Wide,
    /// 1:1; on an item card 800 × 800.
    Square,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemThumbnail {
    image_url: WebUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<AltText>,
    width: u16,
    height: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
}

impl ItemThumbnail {
    pub fn new(
        image_url: WebUrl,
        shape: Shape,
        alt_text: Option<AltText>,
        link: Option<Link>,
    ) -> Self {
        let height = match shape {
            Shape::Wide => 400,
            Shape::Square => 800,
        };
        Self {
            image_url,
            alt_text,
            width: 800,
            height,
            link,
        }
    }
}

/// The sum below the items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub title: Limited<6, 1>,
    pub description: Amount,
}

/// An amount of money: digits with commas and at most two decimals, and a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Amount(Limited<14, 1>);

impl Amount {
    pub fn parse(text: &str) -> Option<Self> {
        let text = Limited::<14, 1>::parse(text)?;
        let is_currency =
            |c: char| c.is_alphabetic() || matches!(c, '₩' | '￦' | '$' | '€' | '¥' | '£' | ' ');
        let number = text.as_str().trim_matches(is_currency);
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let fits = whole.starts_with(|c: char| c.is_ascii_digit())
            && whole.bytes().all(|b| b.is_ascii_digit() || b == b',')
            && (1..=2).contains(&decimals.len())
            && decimals.bytes().all(|b| b.is_ascii_digit());
        fits.then_some(Self(text))
    }
}

impl ItemCard {
    pub const MAX_ITEMS: usize = 10;
    pub const MAX_ITEMS_IN_CAROUSEL: usize = 5;
    /// Of title and description together.
    pub const MAX_UNITS: usize = 200;
    /// Of title and description together, in a carousel.
    pub const MAX_UNITS_IN_CAROUSEL: usize = 100;
    /// Of title and description together.
    pub const MAX_LINES: usize = 12;

    pub fn new(items: Vec<Item>) -> Result<Self, Violation> {
        check_count(items.len(), Self::MAX_ITEMS)?;
        Ok(Self {
            thumbnail: None,
            top: None,
            image_title: None,
            item_list: items,
            item_list_alignment: None,
            item_list_summary: None,
            title: None,
            description: None,
            buttons: None,
        })
    }

    /// Words below the items; a description needs a title. The description is shortened until both
    /// fit, and is left out where the title leaves no room.
    pub fn set_words(&mut self, title: ItemCardWords, description: Option<ItemCardWords>) {
        (self.title, self.description) = (Some(title), description);
        self.fit_words(Self::MAX_UNITS);
    }

    pub(super) fn for_carousel(mut self) -> Self {
        self.fit_words(Self::MAX_UNITS_IN_CAROUSEL);
        self
    }

    fn fit_words(&mut self, max_units: usize) {
        let Some(title) = self.title.take().map(|title| title.shortened(max_units)) else {
            return;
        };
        let units = max_units - title.units();
        let lines = Self::MAX_LINES - title.lines();
        self.description = self
            .description
            .take()
            .filter(|_| units > 0 && lines > 0)
            .map(|words| words.shaped(units, lines));
        self.title = Some(title);
    }

    pub(super) fn len(&self) -> usize {
        self.item_list.len()
    }

    pub(super) fn is_square(&self) -> bool {
        self.thumbnail
            .as_ref()
            .is_some_and(|thumbnail| thumbnail.height == thumbnail.width)
    }

    /// Which of the parts it has that all cards of a carousel must have, or none: thumbnail, head,
    /// profile, image title.
    pub(super) fn parts(&self) -> [bool; 4] {
        let (has_head, has_profile) = (
            matches!(self.top, Some(Top::Head { .. })),
            matches!(self.top, Some(Top::Profile(_))),
        );
        [
            self.thumbnail.is_some(),
            has_head,
            has_profile,
            self.image_title.is_some(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    fn item() -> Item {
        Item {
            title: Limited::fit("날짜"),
            description: Limited::fit("3월 1일"),
        }
    }

    #[test]
    fn a_card_is_written_as_documented() {
        let url = || WebUrl::parse("https://img.example.com/a.jpg").unwrap();
        let mut card = ItemCard::new(vec![item()]).unwrap();
        let alt = Some(AltText::fit("표"));
        card.thumbnail = Some(ItemThumbnail::new(url(), Shape::Wide, alt, None));
        card.top = Some(Top::Profile(ItemProfile {
            title: Limited::fit("극장"),
            image_url: None,
        }));
        card.image_title = Some(ImageTitle {
            title: Limited::fit("예매"),
            description: None,
            image_url: Some(url()),
        });
        card.item_list_alignment = Some(Alignment::Right);
        card.item_list_summary = Some(Summary {
            title: Limited::fit("합계"),
            description: Amount::parse("12,000원").unwrap(),
        });
        card.set_words(Limited::fit("안내"), Some(Limited::fit("10분 전에 오세요")));
        assert_eq!(
            to_value(card).unwrap(),
            json!({
                "thumbnail": {"imageUrl": "https://img.example.com/a.jpg", "altText": "표", "width": 800, "height": 400},
                "profile": {"title": "극장"},
                "imageTitle": {"title": "예매", "imageUrl": "https://img.example.com/a.jpg"},
                "itemList": [{"title": "날짜", "description": "3월 1일"}],
                "itemListAlignment": "right",
                "itemListSummary": {"title": "합계", "description": "12,000원"},
                "title": "안내", "description": "10분 전에 오세요",
            })
        );
    }

    #[test]
    fn a_card_has_one_to_ten_items() {
        assert_eq!(ItemCard::new(vec![]), Err(Violation::Empty));
        assert_eq!(ItemCard::new(vec![item(); 11]), Err(Violation::TooMany(10)));
    }

    #[test]
    fn words_share_their_room() {
        let long = "가\n".repeat(200);
        let mut card = ItemCard::new(vec![item()]).unwrap();
        card.set_words(Limited::fit("가\n나"), Some(Limited::fit(&long)));
        let description = card.description.clone().unwrap();
        assert_eq!((description.units(), description.lines()), (196, 10));
        card.set_words(Limited::fit(&long), Some(Limited::fit("나")));
        assert_eq!(
            (
                card.title.clone().unwrap().units(),
                card.description.clone()
            ),
            (200, None)
        );
        assert_eq!(card.for_carousel().title.unwrap().units(), 100);
    }

    #[test]
    fn an_amount_is_a_number_with_a_currency() {
        assert!(
            ["12,000원", "₩1", "$3.50", "USD 10"]
                .into_iter()
                .all(|text| Amount::parse(text).is_some())
        );
        assert!(
            ["원", "1.234", "무료", "1-2원", ",1", "123,456,789,000원"]
                .into_iter()
                .all(|text| Amount::parse(text).is_none())
        );
    }
}
