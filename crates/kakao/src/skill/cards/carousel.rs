//! Cards side by side: those at its front that go together are shown, and the others follow as a
//! carousel or a card of their own.

use reply::{Card, CardKind, Part};
use serde_json::{Map, Value};

use super::{
    Fitted, Place, Rules, Work,
    words::{Fields, Left, text},
};
use crate::skill::response::{Carousel, CarouselHeader, MAX_BUBBLE_BYTES, Output, Surface};

const MAX_CARDS: usize = 10;
const MAX_LISTS: usize = 5;
/// What the cards may take: a header needs some room, too.
const MAX_BYTES: usize = MAX_BUBBLE_BYTES - 4096;

pub(super) fn fit(body: &Map<String, Value>, rules: Rules<'_>) -> Fitted {
    let mut fields = Fields::of(body);
    let declared = fields.code("type").and_then(CardKind::parse);
    let declared = declared.filter(|kind| *kind != CardKind::Carousel);
    let mut before = Left::default();
    let mut cards = Vec::new();
    for value in fields.list("items") {
        match member(value, declared) {
            Some(card) => cards.push(card),
            None => before.unused_value(value),
        }
    }
    let header = fields.value("header");
    before.unused(fields);

    let row = Row::of(&cards, rules);
    let header = header.filter(|header| {
        let has_cover = row.can_have_header() && cover(header, rules).is_some();
        if !has_cover {
            announce(header, &mut before, rules);
        }
        has_cover
    });
    if !before.is_empty() {
        before.continue_with(together(cards, header, rules.surface));
        return Fitted::of(None, before);
    }
    if row.shown.len() < 2 {
        return row.apart(cards, rules);
    }
    row.carousel(cards, header.and_then(|header| cover(header, rules)))
}

/// A card of a carousel: its body, or an output that names its kind.
fn member(value: &Value, declared: Option<CardKind>) -> Option<Card> {
    let Value::Object(body) = value else {
        let said = text(value)?;
        return Some(Card {
            kind: CardKind::TextCard,
            body: Map::from_iter([("description".to_owned(), said.as_str().into())]),
        });
    };
    let named = CardKind::ALL.into_iter().find_map(|kind| {
        let body = body.get(kind.as_str())?.as_object()?;
        Some((kind, body))
    });
    let (kind, body) = match named.filter(|_| body.len() == 1) {
        Some(named) => named,
        None => (declared.unwrap_or_else(|| guess(body)), body),
    };
    let body = body.clone();
    Some(Card { kind, body })
}

fn guess(body: &Map<String, Value>) -> CardKind {
    let has = |name| body.contains_key(name);
    if has("itemList") {
        CardKind::ItemCard
    } else if has("items") {
        CardKind::ListCard
    } else if has("price") {
        CardKind::CommerceCard
    } else {
        CardKind::BasicCard
    }
}

/// The cards at the front that go together.
#[derive(Default)]
struct Row {
    shown: Vec<Output>,
    /// Where the first of them was.
    first: usize,
    /// How many cards were looked at.
    seen: usize,
    left: Left,
    /// What is left of cards of which there is nothing to show.
    blank: Left,
}

impl Row {
    /// Empty where there are no carousels.
    fn of(cards: &[Card], rules: Rules<'_>) -> Self {
        let mut row = Self::default();
        if rules.surface == Surface::Group {
            return row;
        }
        // Whole pictures lose nothing, cropped ones may.
        let square = cards.iter().any(|card| is_square(&card.body));
        let mut bytes = 0;
        for (at, card) in cards.iter().enumerate() {
            if card.kind == CardKind::Carousel {
                break;
            }
            let mut work = Work::new(rules, Place::Carousel { square }, usize::MAX);
            match work.shape(card.kind, &card.body) {
                None => row.blank.absorb(work.left),
                Some(output) => {
                    bytes += serde_json::to_vec(&output).map_or(usize::MAX, |json| json.len());
                    if !row.has_room_for(&output) || bytes > MAX_BYTES {
                        break;
                    }
                    if row.shown.is_empty() {
                        row.first = at;
                    }
                    row.shown.push(output);
                    row.left.absorb(work.left);
                }
            }
            row.seen = at + 1;
        }
        row
    }

    fn has_room_for(&self, next: &Output) -> bool {
        let max = match next {
            Output::ListCard(_) => MAX_LISTS,
            _ => MAX_CARDS,
        };
        self.shown.len() < max && self.shown.first().is_none_or(|it| go_together(it, next))
    }

    fn can_have_header(&self) -> bool {
        self.shown.len() > 1
            && !matches!(
                self.shown.first(),
                Some(Output::TextCard(_) | Output::ListCard(_))
            )
    }

    /// Two cards or more.
    fn carousel(self, mut cards: Vec<Card>, cover: Option<(CarouselHeader, Left)>) -> Fitted {
        let mut left = self.left;
        left.absorb(self.blank);
        let mut carousel = side_by_side(self.shown);
        if let Some((header, of_header)) = cover {
            left.absorb(of_header);
            carousel = carousel.and_then(|carousel| carousel.with_header(header).ok());
        }
        left.continue_with(together(cards.split_off(self.seen), None, Surface::Channel));
        Fitted::of(carousel.map(Output::from), left)
    }

    /// The first card alone, and the others after it.
    fn apart(self, cards: Vec<Card>, rules: Rules<'_>) -> Fitted {
        let (first, blank) = match self.shown.is_empty() {
            true => (self.seen, 0),
            false => (self.first, self.seen - self.first - 1),
        };
        let mut left = self.blank;
        let mut output = None;
        let mut cards = cards.into_iter().skip(first);
        for card in cards.by_ref() {
            let one = super::fit(&card, rules.surface, rules.local);
            let is_shown = one.output.is_some() || !one.rest.is_empty();
            output = one.output;
            left.continue_with(one.rest);
            left.suggest(one.suggestions);
            if is_shown {
                break;
            }
        }
        left.continue_with(together(cards.skip(blank).collect(), None, rules.surface));
        Fitted::of(output, left)
    }
}

fn is_square(body: &Map<String, Value>) -> bool {
    let is_square = |value: &Value| value.get("fixedRatio") == Some(&Value::Bool(true));
    let thumbnails = ["thumbnail", "thumbnails"].into_iter();
    thumbnails.filter_map(|name| body.get(name)).any(|value| {
        is_square(value)
            || value
                .as_array()
                .is_some_and(|list| list.iter().any(is_square))
    })
}

/// Whether a carousel may have both: it decides for item cards itself, by their parts.
fn go_together(one: &Output, other: &Output) -> bool {
    match (one, other) {
        (Output::ItemCard(one), Output::ItemCard(other)) => {
            Carousel::of_item_cards(vec![one.clone(), other.clone()]).is_ok()
        }
        (Output::TextCard(_), Output::TextCard(_))
        | (Output::BasicCard(_), Output::BasicCard(_))
        | (Output::CommerceCard(_), Output::CommerceCard(_))
        | (Output::ListCard(_), Output::ListCard(_)) => true,
        _ => false,
    }
}

/// Cards that go together.
fn side_by_side(cards: Vec<Output>) -> Option<Carousel> {
    let (mut text, mut basic, mut commerce) = (Vec::new(), Vec::new(), Vec::new());
    let (mut list, mut item) = (Vec::new(), Vec::new());
    for card in cards {
        match card {
            Output::TextCard(card) => text.push(card),
            Output::BasicCard(card) => basic.push(card),
            Output::CommerceCard(card) => commerce.push(card),
            Output::ListCard(card) => list.push(card),
            Output::ItemCard(card) => item.push(card),
            Output::SimpleText { .. } | Output::SimpleImage(_) | Output::Carousel(_) => {}
        }
    }
    Carousel::of_text_cards(text)
        .or_else(|_| Carousel::of_basic_cards(basic))
        .or_else(|_| Carousel::of_commerce_cards(commerce))
        .or_else(|_| Carousel::of_list_cards(list))
        .or_else(|_| Carousel::of_item_cards(item))
        .ok()
}

/// Cards for later: a carousel where there are carousels and several cards.
fn together(mut cards: Vec<Card>, header: Option<&Value>, surface: Surface) -> Vec<Part> {
    if surface == Surface::Group || cards.len() < 2 {
        return cards.into_iter().map(Part::Card).collect();
    }
    let mut body = Map::new();
    let kind = cards.first().map(|card| card.kind);
    let kind = kind.filter(|kind| *kind != CardKind::Carousel);
    let kind = kind.filter(|kind| cards.iter().all(|card| card.kind == *kind));
    if let Some(kind) = kind {
        body.insert("type".to_owned(), kind.as_str().into());
    }
    let item = |card: Card| match kind {
        Some(_) => Value::Object(card.body),
        None => Map::from_iter([(card.kind.as_str().to_owned(), card.body.into())]).into(),
    };
    body.insert("items".to_owned(), cards.drain(..).map(item).collect());
    if let Some(header) = header {
        body.insert("header".to_owned(), header.clone());
    }
    let kind = CardKind::Carousel;
    vec![Part::Card(Card { kind, body })]
}

/// A header that has everything it needs.
fn cover(header: &Value, rules: Rules<'_>) -> Option<(CarouselHeader, Left)> {
    let mut fields = Fields::of(header.as_object()?);
    let mut work = Work::new(rules, Place::Alone, 0);
    let (title, description) = (fields.text("title")?, fields.text("description")?);
    let picture = work.picture(&mut fields)?;
    work.left.say_all(picture.image.alt);
    let (title, description) = (work.left.limited(&title), work.left.limited(&description));
    work.left.unused(fields);
    let header = CarouselHeader::new(title, description, picture.url);
    Some((header, work.left))
}

/// A header that cannot be shown as one: its words and its picture come before the cards.
fn announce(header: &Value, before: &mut Left, rules: Rules<'_>) {
    before.unused_value(header);
    if let Value::Object(header) = header {
        let picture = Work::new(rules, Place::Alone, 0).picture(&mut Fields::of(header));
        before.show(picture.map(|it| it.image));
    } else if let Some(said) = text(header) {
        before.say(said);
    }
}
