//! A card on its way into a bubble.

use outside::Origin;

use super::words::Rest;
use crate::skill::response::{Shape, Surface};

/// Where a card will stand, and what has had no room on it so far.
pub(super) struct Fitting<'a> {
    pub(super) surface: Surface,
    /// Origins besides public hosts that addresses may have.
    pub(super) local: &'a [Origin],
    /// In a carousel, the shape of all its pictures.
    carousel: Option<Shape>,
    /// Most rows, where bytes are short.
    max_rows: usize,
    pub(super) rest: Rest,
}

impl<'a> Fitting<'a> {
    /// For a bubble of its own.
    pub(super) fn alone(surface: Surface, local: &'a [Origin]) -> Self {
        Self {
            surface,
            local,
            carousel: None,
            max_rows: usize::MAX,
            rest: Rest::default(),
        }
    }

    pub(super) fn in_carousel_of(shape: Shape, surface: Surface, local: &'a [Origin]) -> Self {
        Self {
            carousel: Some(shape),
            ..Self::alone(surface, local)
        }
    }

    pub(super) fn with_rows(self, max_rows: usize) -> Self {
        Self { max_rows, ..self }
    }

    pub(super) fn is_in_carousel(&self) -> bool {
        self.carousel.is_some()
    }

    /// The shape of a picture that would have its own elsewhere.
    pub(super) fn shape(&self, own: Shape) -> Shape {
        self.carousel.unwrap_or(own)
    }

    /// The limit that holds where the card stands.
    pub(super) fn limit(&self, alone: usize, in_carousel: usize) -> usize {
        if self.is_in_carousel() {
            in_carousel
        } else {
            alone
        }
    }

    /// As [`Self::limit`], for rows.
    pub(super) fn rows(&self, alone: usize, in_carousel: usize) -> usize {
        self.limit(alone, in_carousel).min(self.max_rows)
    }
}
