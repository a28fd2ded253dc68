//! Cards of one kind side by side.

use reply::CardKind;
use serde::{Serialize, Serializer};

use super::{
    AnyCard, ItemCard, Limited, ListCard, WebUrl,
    rules::{MAX_BUBBLE_BYTES, Violation, check_count},
};
use crate::skill::size::json_size;

/// Cards of one kind whose pictures have one shape: at most ten of them (five lists), and no more
/// bytes than a bubble may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Carousel {
    #[serde(rename = "type")]
    kind: CardKind,
    items: Vec<Body>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<CarouselHeader>,
    /// What the cards take.
    #[serde(skip)]
    bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Body(AnyCard);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.body(serializer)
    }
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
    /// What the cards leave of a bubble's bytes: enough for most headers.
    const BYTES_BESIDE_CARDS: usize = 4096;
    /// The names of the fields around cards and header.
    const BYTES_AROUND: usize = 100;

    /// A carousel of one card so far.
    pub fn starting_with(card: AnyCard) -> Result<Self, Violation> {
        let mut carousel = Self {
            kind: card.kind(),
            items: Vec::new(),
            header: None,
            bytes: 0,
        };
        carousel.push(card)?;
        Ok(carousel)
    }

    /// Adds a card that goes with the first and has room beside the others. Its words are shortened
    /// to what a carousel shows.
    pub fn push(&mut self, card: AnyCard) -> Result<(), Violation> {
        let max = match self.kind {
            CardKind::ListCard => Self::MAX_LISTS,
            _ => Self::MAX_CARDS,
        };
        check_count(self.count() + 1, max)?;
        match &card {
            AnyCard::ListCard(list) => check_count(list.len(), ListCard::MAX_ITEMS_IN_CAROUSEL)?,
            AnyCard::ItemCard(card) if card.is_square() => return Err(Violation::Mixed),
            AnyCard::ItemCard(card) => check_count(card.len(), ItemCard::MAX_ITEMS_IN_CAROUSEL)?,
            _ => {}
        }
        let first = self.items.first().map_or(&card, |Body(first)| first);
        if look(first) != look(&card) {
            return Err(Violation::Mixed);
        }
        let bytes = self.bytes + json_size(&card);
        if bytes > MAX_BUBBLE_BYTES - Self::BYTES_BESIDE_CARDS {
            return Err(Violation::TooLarge);
        }
        self.bytes = bytes;
        self.items.push(Body(match card {
            AnyCard::TextCard(card) => AnyCard::TextCard(card.for_carousel()),
            AnyCard::BasicCard(card) => AnyCard::BasicCard(card.for_carousel()),
            AnyCard::ItemCard(card) => AnyCard::ItemCard(card.for_carousel()),
            card @ (AnyCard::CommerceCard(_) | AnyCard::ListCard(_)) => card,
        }));
        Ok(())
    }

    /// Carousels of text and list cards have none.
    pub fn set_header(&mut self, header: CarouselHeader) -> Result<(), Violation> {
        if matches!(self.kind, CardKind::TextCard | CardKind::ListCard) {
            return Err(Violation::Headless);
        }
        if self.bytes + json_size(&header) + Self::BYTES_AROUND > MAX_BUBBLE_BYTES {
            return Err(Violation::TooLarge);
        }
        self.header = Some(header);
        Ok(())
    }

    pub fn count(&self) -> usize {
        self.items.len()
    }
}

/// What all cards of a carousel have in common: their kind, the shape of their pictures, and which
/// parts item cards have.
fn look(card: &AnyCard) -> impl PartialEq + use<> {
    let is_square = match card {
        AnyCard::BasicCard(card) => card.thumbnail.fixed_ratio,
        AnyCard::CommerceCard(card) => card.thumbnails.iter().any(|it| it.fixed_ratio),
        AnyCard::TextCard(_) | AnyCard::ListCard(_) | AnyCard::ItemCard(_) => false,
    };
    let parts = match card {
        AnyCard::ItemCard(card) => Some(card.parts()),
        _ => None,
    };
    (card.kind(), is_square, parts)
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::skill::response::{
        BasicCard, CommerceCard, Currency, Header, Item, ItemThumbnail, Link, ListItem, OnTap,
        Shape, TextCard, Thumbnail, Top,
    };

    fn url() -> WebUrl {
        WebUrl::parse("https://img.example.com/a.jpg").unwrap()
    }

    fn header() -> CarouselHeader {
        CarouselHeader::new(Limited::fit("표지"), Limited::fit("설명"), url())
    }

    fn carousel(cards: impl IntoIterator<Item = AnyCard>) -> Result<Carousel, Violation> {
        let mut cards = cards.into_iter();
        let mut carousel = Carousel::starting_with(cards.next().unwrap())?;
        cards.try_for_each(|card| carousel.push(card))?;
        Ok(carousel)
    }

    fn text(title: &str) -> AnyCard {
        AnyCard::TextCard(TextCard::new(Some(Limited::fit(title)), None, None).unwrap())
    }

    fn basic(thumbnail: Thumbnail) -> AnyCard {
        AnyCard::BasicCard(BasicCard {
            title: Some(Limited::fit("1안")),
            description: None,
            thumbnail,
            profile: None,
            buttons: None,
        })
    }

    fn list(row: &ListItem, rows: usize) -> AnyCard {
        let title = Header {
            title: Limited::fit("목록"),
            link: None,
        };
        AnyCard::ListCard(ListCard::new(title, vec![row.clone(); rows]).unwrap())
    }

    fn square() -> Thumbnail {
        Thumbnail {
            fixed_ratio: true,
            ..Thumbnail::new(url())
        }
    }

    #[test]
    fn a_carousel_is_written_as_documented() {
        let mut carousel = carousel([basic(Thumbnail::new(url()))]).unwrap();
        carousel.set_header(header()).unwrap();
        assert_eq!(
            to_value(carousel).unwrap(),
            json!({
                "type": "basicCard",
                "items": [{"title": "1안", "thumbnail": {"imageUrl": "https://img.example.com/a.jpg"}}],
                "header": {"title": "표지", "description": "설명", "thumbnail": {"imageUrl": "https://img.example.com/a.jpg"}},
            })
        );
    }

    #[test]
    fn text_and_list_cards_have_no_header() {
        for card in [text("1안"), list(&ListItem::new(Limited::fit("줄")), 1)] {
            let mut carousel = carousel([card]).unwrap();
            assert_eq!(carousel.set_header(header()), Err(Violation::Headless));
        }
    }

    #[test]
    fn too_many_cards_or_rows_are_refused() {
        assert_eq!(carousel(vec![text("1안"); 11]), Err(Violation::TooMany(10)));
        assert!(carousel(vec![text("1안"); 10]).is_ok());
        let row = ListItem::new(Limited::fit("줄"));
        assert_eq!(carousel(vec![list(&row, 1); 6]), Err(Violation::TooMany(5)));
        assert!(carousel(vec![list(&row, 1); 5]).is_ok());
        assert_eq!(carousel([list(&row, 5)]), Err(Violation::TooMany(4)));
    }

    #[test]
    fn too_many_bytes_are_refused() {
        let long = |letter: &str| {
            let url = format!("https://img.example.com/{}", letter.repeat(2000));
            WebUrl::parse(&url).unwrap()
        };
        let row = ListItem {
            image_url: Some(long("a")),
            on_tap: Some(OnTap::Link {
                link: Link::web(long("b")),
            }),
            ..ListItem::new(Limited::fit("줄"))
        };
        let one = carousel([list(&row, 4)]).unwrap();
        let mut two = one.clone();
        assert_eq!(two.push(list(&row, 4)), Err(Violation::TooLarge));
        assert_eq!(two, one);
    }

    #[test]
    fn pictures_of_two_shapes_are_refused() {
        let wide = Thumbnail::new(url());
        assert_eq!(
            carousel([wide.clone(), square()].map(basic)),
            Err(Violation::Mixed)
        );
        let commerce = |thumbnail| {
            AnyCard::CommerceCard(CommerceCard {
                title: None,
                description: None,
                price: 1000,
                currency: Currency::Won,
                discount: None,
                thumbnails: [thumbnail],
                profile: None,
                buttons: None,
            })
        };
        assert_eq!(
            carousel([wide.clone(), square()].map(commerce)),
            Err(Violation::Mixed)
        );
        assert_eq!(
            carousel([basic(wide.clone()), commerce(wide)]),
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
        let pictured = |shape| {
            let mut card = card(1);
            card.thumbnail = Some(ItemThumbnail::new(url(), shape, None, None));
            AnyCard::ItemCard(card)
        };
        let mut headed = card(1);
        headed.top = Some(Top::Head {
            title: Limited::fit("머리"),
        });
        assert_eq!(
            carousel([AnyCard::ItemCard(card(6))]),
            Err(Violation::TooMany(5))
        );
        assert_eq!(
            carousel([card(1), headed].map(AnyCard::ItemCard)),
            Err(Violation::Mixed)
        );
        assert_eq!(carousel([pictured(Shape::Square)]), Err(Violation::Mixed));
        assert!(carousel(vec![pictured(Shape::Wide); 10]).is_ok());
    }
}
