//! Cards as agents write them, made into bubbles that the platform shows (skill.md §4.3, §4.4, §8).
//! An agent is sloppy at best: what breaks a rule is repaired, and what has no room is said after
//! the card, so that no word is lost.
//!
//! `words::Fields` are a card as it was written, a `fitting::Fitting` is one
//! on its way into a bubble, and [`Rest`] is what comes after it.

mod address;
mod carousel;
mod commerce;
mod fitting;
mod item;
mod list;
mod plain;
mod single;
mod tap;
mod words;

use outside::Origin;
use reply::{Card, CardKind};

pub use self::words::Rest;
use super::response::Space;

/// Puts as much of a card into the space as one bubble shows, perhaps nothing, and returns the
/// rest. Fitting the cards of the rest in turn comes to an end, and fitting what fits changes
/// nothing. `local` are origins besides public hosts that addresses may have (local runs and
/// tests).
pub fn fit(card: &Card, space: Space<'_>, local: &[Origin]) -> Rest {
    match card.kind {
        CardKind::Carousel => carousel::fit(&card.body, space, local),
        kind => single::fit(kind, &card.body, space, local),
    }
}

#[cfg(test)]
pub(super) mod tests;
