//! Cards of one kind side by side.

use serde::Serialize;

use super::{
    BasicCard, CommerceCard, ItemCard, Limited, ListCard, TextCard, Thumbnail, Violation, WebUrl,
    check_count,
};

/// One to ten cards of one kind (five lists) whose pictures have one shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carousel {
    #[serde(flatten)]
    cards: Cards,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<CarouselHeader>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "items")]
enum Cards {
    #[serde(rename = "textCard")]
    Text(Vec<TextCard>),
    #[serde(rename = "basicCard")]
    Basic(Vec<BasicCard>),
    #[serde(rename = "commerceCard")]
    Commerce(Vec<CommerceCard>),
    #[serde(rename = "listCard")]
    List(Vec<ListCard>),
    #[serde(rename = "itemCard")]
    Item(Vec<ItemCard>),
}

/// The cover of a carousel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarouselHeader {
    title: Limited<50, 2>,
    description: Limited<100, 3>,
    thumbnail: HeaderThumbnail,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct HeaderThumbnail {
    image_url: WebUrl,
}

impl CarouselHeader {
    pub fn new(title: Limited<50, 2>, description: Limited<100, 3>, image_url: WebUrl) -> Self {
        Self {
            title,
            description,
            thumbnail: HeaderThumbnail { image_url },
        }
    }
}

impl Carousel {
    const MAX_CARDS: usize = 10;
    const MAX_LISTS: usize = 5;

    /// Descriptions are shortened to 128 units.
    pub fn of_text_cards(cards: Vec<TextCard>) -> Result<Self, Violation> {
        check_count(cards.len(), Self::MAX_CARDS)?;
        Ok(Self::of(Cards::Text(
            cards.into_iter().map(TextCard::for_carousel).collect(),
        )))
    }

    pub fn of_basic_cards(cards: Vec<BasicCard>) -> Result<Self, Violation> {
        check_count(cards.len(), Self::MAX_CARDS)?;
        check_same(cards.iter().map(|card| card.thumbnail().has_fixed_ratio()))?;
        Ok(Self::of(Cards::Basic(cards)))
    }

    pub fn of_commerce_cards(cards: Vec<CommerceCard>) -> Result<Self, Violation> {
        check_count(cards.len(), Self::MAX_CARDS)?;
        check_same(
            cards
                .iter()
                .map(CommerceCard::thumbnail)
                .map(Thumbnail::has_fixed_ratio),
        )?;
        Ok(Self::of(Cards::Commerce(cards)))
    }

    /// At most five lists of at most four rows.
    pub fn of_list_cards(cards: Vec<ListCard>) -> Result<Self, Violation> {
        check_count(cards.len(), Self::MAX_LISTS)?;
        for card in &cards {
            check_count(card.len(), ListCard::MAX_ITEMS_IN_CAROUSEL)?;
        }
        Ok(Self::of(Cards::List(cards)))
    }

    /// At most five items each, wide pictures, and the same parts on every card. Words are
    /// shortened to 100 units.
    pub fn of_item_cards(cards: Vec<ItemCard>) -> Result<Self, Violation> {
        check_count(cards.len(), Self::MAX_CARDS)?;
        for card in &cards {
            check_count(card.len(), ItemCard::MAX_ITEMS_IN_CAROUSEL)?;
        }
        check_same(cards.iter().map(ItemCard::parts))?;
        if cards.iter().any(ItemCard::is_square) {
            return Err(Violation::Mixed);
        }
        Ok(Self::of(Cards::Item(
            cards.into_iter().map(ItemCard::for_carousel).collect(),
        )))
    }

    /// Text and list cards have none.
    pub fn with_header(mut self, header: CarouselHeader) -> Result<Self, Violation> {
        if matches!(self.cards, Cards::Text(_) | Cards::List(_)) {
            return Err(Violation::Misplaced);
        }
        self.header = Some(header);
        Ok(self)
    }

    fn of(cards: Cards) -> Self {
        Self {
            cards,
            header: None,
        }
    }
}

fn check_same<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Result<(), Violation> {
    let first = values.next();
    if values.all(|value| Some(value) == first) {
        Ok(())
    } else {
        Err(Violation::Mixed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::skill::response::{Item, ItemThumbnail, ListItem, Shape, Top};

    fn url() -> WebUrl {
        WebUrl::parse("https://img.example.com/a.jpg").unwrap()
    }

    fn header() -> CarouselHeader {
        CarouselHeader::new(Limited::fit("표지"), Limited::fit("설명"), url())
    }

    #[test]
    fn a_carousel_is_written_as_documented() {
        let card = BasicCard::new(Thumbnail::new(url())).with_title(Limited::fit("1안"));
        assert_eq!(
            to_value(
                Carousel::of_basic_cards(vec![card])
                    .unwrap()
                    .with_header(header())
                    .unwrap()
            )
            .unwrap(),
            json!({
                "type": "basicCard",
                "items": [{"title": "1안", "thumbnail": {"imageUrl": "https://img.example.com/a.jpg"}}],
                "header": {"title": "표지", "description": "설명", "thumbnail": {"imageUrl": "https://img.example.com/a.jpg"}},
            })
        );
    }

    #[test]
    fn text_and_list_cards_have_no_header() {
        let text = Carousel::of_text_cards(vec![TextCard::titled(Limited::fit("1안"))]).unwrap();
        assert_eq!(text.with_header(header()), Err(Violation::Misplaced));
    }

    #[test]
    fn too_many_cards_or_rows_are_refused() {
        let card = TextCard::titled(Limited::fit("1안"));
        assert_eq!(
            Carousel::of_text_cards(vec![card.clone(); 11]),
            Err(Violation::TooMany(10))
        );
        assert!(Carousel::of_text_cards(vec![card; 10]).is_ok());
        let list = |rows| {
            ListCard::new(
                Limited::fit("목록"),
                vec![ListItem::new(Limited::fit("줄")); rows],
            )
            .unwrap()
        };
        assert_eq!(
            Carousel::of_list_cards(vec![list(1); 6]),
            Err(Violation::TooMany(5))
        );
        assert_eq!(
            Carousel::of_list_cards(vec![list(5)]),
            Err(Violation::TooMany(4))
        );
        assert_eq!(Carousel::of_list_cards(vec![]), Err(Violation::Empty));
    }

    #[test]
    fn pictures_of_two_shapes_are_refused() {
        let (wide, square) = (
            Thumbnail::new(url()),
            Thumbnail::new(url()).with_fixed_ratio(),
        );
        let basic = [wide.clone(), square.clone()].map(BasicCard::new);
        assert_eq!(
            Carousel::of_basic_cards(basic.into()),
            Err(Violation::Mixed)
        );
        let commerce = [wide, square].map(|thumbnail| CommerceCard::new(1000, thumbnail));
        assert_eq!(
            Carousel::of_commerce_cards(commerce.into()),
            Err(Violation::Mixed)
        );
    }

    #[test]
    fn item_cards_have_the_same_parts_and_wide_pictures() {
        let item = Item {
            title: Limited::fit("날짜"),
            description: Limited::fit("3월 1일"),
        };
        let card = |items| ItemCard::new(vec![item.clone(); items]).unwrap();
        let pictured = |shape| card(1).with_thumbnail(ItemThumbnail::new(url(), shape, None, None));
        let headed = card(1).with_top(Top::Head {
            title: Limited::fit("머리"),
        });
        assert_eq!(
            Carousel::of_item_cards(vec![card(6)]),
            Err(Violation::TooMany(5))
        );
        assert_eq!(
            Carousel::of_item_cards(vec![card(1), headed]),
            Err(Violation::Mixed)
        );
        assert_eq!(
            Carousel::of_item_cards(vec![pictured(Shape::Square)]),
            Err(Violation::Mixed)
        );
        assert!(Carousel::of_item_cards(vec![pictured(Shape::Wide); 10]).is_ok());
    }
}
