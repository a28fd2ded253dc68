//! Cards as agents write them, made into bubbles that the platform shows (skill.md §4.3, §4.4, §8).
//! An agent is sloppy at best: what breaks a rule is repaired, and what has no room is said after
//! the card, so that no word is lost.

mod address;
mod carousel;
mod commerce;
mod item;
mod list;
mod plain;
mod tap;
mod words;

use outside::Origin;
use reply::{Card, CardKind, Part, Suggestion};
use serde_json::{Map, Value};

use self::words::{Fields, Left};
use super::response::{MAX_BUBBLE_BYTES, Output, Surface};

/// What became of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The bubble; `None` if nothing of it can be shown as one.
    pub output: Option<Output>,
    /// What comes after it because it did not fit: more cards, pictures, text.
    pub rest: Vec<Part>,
    /// Taps that had no room on it.
    pub suggestions: Vec<Suggestion>,
}

/// As much of a card as one bubble shows on `surface`. Fitting the cards in its rest in turn comes
/// to an end, and fitting what fits changes nothing. `local` are origins besides public hosts that
/// addresses may have (local runs and tests).
pub fn fit(card: &Card, surface: Surface, local: &[Origin]) -> Fitted {
    let rules = Rules { surface, local };
    match card.kind {
        CardKind::Carousel => carousel::fit(&card.body, rules),
        kind => alone(kind, &card.body, rules),
    }
}

/// What holds for the whole answer.
#[derive(Clone, Copy)]
struct Rules<'a> {
    surface: Surface,
    local: &'a [Origin],
}

/// Where a card stands, which decides how much room it has.
#[derive(Clone, Copy)]
enum Place {
    Alone,
    Carousel {
        /// Whether its pictures are whole (1:1), like those beside it.
        square: bool,
    },
}

/// One card in the making.
struct Work<'a> {
    rules: Rules<'a>,
    place: Place,
    /// Most rows, where bytes are short.
    rows: usize,
    left: Left,
}

impl<'a> Work<'a> {
    fn new(rules: Rules<'a>, place: Place, rows: usize) -> Self {
        Self {
            rules,
            place,
            rows,
            left: Left::default(),
        }
    }

    fn in_carousel(&self) -> bool {
        matches!(self.place, Place::Carousel { .. })
    }

    fn shape(&mut self, kind: CardKind, body: &Map<String, Value>) -> Option<Output> {
        match kind {
            CardKind::CommerceCard => commerce::shape(body, self),
            CardKind::ListCard => list::shape(body, self),
            CardKind::ItemCard => item::shape(body, self),
            CardKind::TextCard | CardKind::BasicCard | CardKind::Carousel => {
                plain::shape(body, self)
            }
        }
    }
}

impl Fitted {
    fn of(output: Option<Output>, left: Left) -> Self {
        let (rest, suggestions) = left.into_parts();
        Self {
            output,
            rest,
            suggestions,
        }
    }
}

fn alone(kind: CardKind, body: &Map<String, Value>, rules: Rules<'_>) -> Fitted {
    for rows in [usize::MAX, 2, 1] {
        let mut work = Work::new(rules, Place::Alone, rows);
        let output = work.shape(kind, body);
        if output.as_ref().is_none_or(is_small) {
            return Fitted::of(output, work.left);
        }
    }
    let mut work = Work::new(rules, Place::Alone, 0);
    let mut fields = Fields::of(body);
    if let Some(picture) = work.picture(&mut fields) {
        work.left.show([picture.image]);
    }
    work.press_none(&mut fields);
    work.left.unused(fields);
    Fitted::of(None, work.left)
}

fn is_small(output: &Output) -> bool {
    serde_json::to_vec(output).is_ok_and(|json| json.len() <= MAX_BUBBLE_BYTES)
}

#[cfg(test)]
mod tests;
