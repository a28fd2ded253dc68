//! Cards side by side: those at its front that go together are shown, and the others follow as a
//! carousel or a card of their own.

use outside::Origin;
use reply::{Card, CardKind, Part, readable};
use serde_json::{Map, Value};

use super::{
    fitting::Fitting,
    single,
    words::{Fields, Rest},
};
use crate::skill::response::{Carousel, CarouselHeader, Shape, Space, Surface};

pub(super) fn fit(body: &Map<String, Value>, space: Space<'_>, local: &[Origin]) -> Rest {
    let surface = space.surface();
    let mut fields = Fields::of(body);
    let declared = fields.code("type").and_then(CardKind::parse);
    let declared = declared.filter(|kind| *kind != CardKind::Carousel);
    let mut before = Rest::default();
    let mut cards = Vec::new();
    for value in fields.list("items") {
        match member(value, declared) {
            Some(card) => cards.push(card),
            None => before.unused_value(value),
        }
    }
    let header = fields.value("header");
    before.unused(fields);

    let mut row = Row::of(&cards, surface, local);
    let header = header.filter(|header| {
        let is_shown = row.take_header(header);
        if !is_shown {
            row.announce(header, &mut before);
        }
        is_shown
    });
    if before.is_empty() {
        return row.show(cards, space);
    }
    before.continue_with(together(cards, header, surface));
    before
}

/// A card of a carousel: its body, or an output that names its kind.
fn member(value: &Value, declared: Option<CardKind>) -> Option<Card> {
    let Value::Object(body) = value else {
        let said = readable(value)?;
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
struct Row<'a> {
    surface: Surface,
    local: &'a [Origin],
    carousel: Option<Carousel>,
    /// How many cards before the first one of the carousel have nothing to show.
    blank: usize,
    /// How many cards were looked at.
    seen: usize,
    rest: Rest,
    of_blank: Rest,
    of_header: Rest,
}

impl<'a> Row<'a> {
    /// Empty where there are no carousels.
    fn of(cards: &[Card], surface: Surface, local: &'a [Origin]) -> Self {
        let mut row = Self {
            surface,
            local,
            carousel: None,
            blank: 0,
            seen: 0,
            rest: Rest::default(),
            of_blank: Rest::default(),
            of_header: Rest::default(),
        };
        if !surface.has_carousels() {
            return row;
        }
        // Whole pictures lose nothing, cropped ones may.
        let has_square = cards.iter().any(|card| has_square_picture(&card.body));
        let shape = if has_square {
            Shape::Square
        } else {
            Shape::Wide
        };
        for card in cards {
            if card.kind == CardKind::Carousel || !row.take(card, shape) {
                break;
            }
        }
        row
    }

    /// Whether the card goes with those before it, or has nothing to show.
    fn take(&mut self, card: &Card, shape: Shape) -> bool {
        let mut fitting = Fitting::in_carousel_of(shape, self.surface, self.local);
        let Some(card) = single::shape(card.kind, &card.body, &mut fitting) else {
            self.of_blank.absorb(fitting.rest);
            self.seen += 1;
            if self.carousel.is_none() {
                self.blank = self.seen;
            }
            return true;
        };
        let taken = match &mut self.carousel {
            Some(carousel) => carousel.push(card),
            None => Carousel::starting_with(card).map(|it| self.carousel = Some(it)),
        };
        if taken.is_err() {
            return false;
        }
        self.rest.absorb(fitting.rest);
        self.seen += 1;
        true
    }

    /// Whether the header is shown with the cards.
    fn take_header(&mut self, header: &Value) -> bool {
        let cover = self.cover(header);
        let carousel = self.carousel.as_mut().filter(|it| it.count() > 1);
        let (Some(carousel), Some((header, rest))) = (carousel, cover) else {
            return false;
        };
        self.of_header = rest;
        carousel.set_header(header).is_ok()
    }

    /// A header that has everything it needs.
    fn cover(&self, header: &Value) -> Option<(CarouselHeader, Rest)> {
        let mut fields = Fields::of(header.as_object()?);
        let mut fitting = Fitting::alone(self.surface, self.local);
        let (title, description) = (fields.text("title")?, fields.text("description")?);
        let picture = fitting.picture(&mut fields)?;
        let rest = &mut fitting.rest;
        rest.say_all(picture.image.alt);
        let (title, description) = (rest.limited(&title), rest.limited(&description));
        rest.unused(fields);
        let header = CarouselHeader::new(title, description, picture.url);
        Some((header, fitting.rest))
    }

    /// A header that cannot be shown as one: its words and its picture come before the cards.
    fn announce(&self, header: &Value, before: &mut Rest) {
        before.unused_value(header);
        if let Value::Object(header) = header {
            let mut fitting = Fitting::alone(self.surface, self.local);
            let picture = fitting.picture(&mut Fields::of(header));
            before.show(picture.map(|it| it.image));
        } else if let Some(said) = readable(header) {
            before.say(said);
        }
    }

    /// Shows the carousel, or the first card alone if no other goes with it; the cards after it
    /// follow.
    fn show(self, mut cards: Vec<Card>, space: Space<'_>) -> Rest {
        let mut rest = self.rest;
        if let Some(carousel) = self.carousel.filter(|it| it.count() > 1) {
            rest.absorb(self.of_blank);
            rest.absorb(self.of_header);
            let shown = match space.carousel(carousel) {
                Ok(()) => self.seen,
                Err(_) => 0,
            };
            rest.continue_with(together(cards.split_off(shown), None, self.surface));
            return rest;
        }
        let mut rest = self.of_blank;
        let mut cards = cards.into_iter().skip(self.blank);
        if let Some(first) = cards.next() {
            let of_first = match first.kind {
                CardKind::Carousel => fit(&first.body, space, self.local),
                kind => single::fit(kind, &first.body, space, self.local),
            };
            let (parts, suggestions) = of_first.into_parts();
            rest.continue_with(parts);
            rest.suggest(suggestions);
        }
        let blank_after_first = (self.seen - self.blank).saturating_sub(1);
        let after = cards.skip(blank_after_first).collect();
        rest.continue_with(together(after, None, self.surface));
        rest
    }
}

fn has_square_picture(body: &Map<String, Value>) -> bool {
    let is_square = |value: &Value| value.get("fixedRatio") == Some(&Value::Bool(true));
    let thumbnails = ["thumbnail", "thumbnails"].into_iter();
    thumbnails.filter_map(|name| body.get(name)).any(|value| {
        is_square(value)
            || value
                .as_array()
                .is_some_and(|list| list.iter().any(is_square))
    })
}

/// Cards for later: a carousel where there are carousels and several cards.
fn together(cards: Vec<Card>, header: Option<&Value>, surface: Surface) -> Vec<Part> {
    if !surface.has_carousels() || cards.len() < 2 {
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
    body.insert("items".to_owned(), cards.into_iter().map(item).collect());
    if let Some(header) = header {
        body.insert("header".to_owned(), header.clone());
    }
    let kind = CardKind::Carousel;
    vec![Part::Card(Card { kind, body })]
}
