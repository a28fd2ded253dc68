//! What the rules of all bubbles share: counting, measuring, and how they are broken.

use thiserror::Error;

/// Bytes of JSON in one bubble (skill.md §4.2).
pub const MAX_BUBBLE_BYTES: usize = 30_720;

/// A rule of the platform that a bubble would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    #[error("there is nothing in it")]
    Empty,
    #[error("there are more than {0} of them")]
    TooMany(usize),
    #[error("the cards of a carousel differ in kind, parts or the shape of their pictures")]
    Mixed,
    #[error("a bubble has more than {MAX_BUBBLE_BYTES} bytes")]
    TooLarge,
    #[error("a carousel of such cards has no header")]
    Headless,
}

pub(super) fn check_count(count: usize, max: usize) -> Result<(), Violation> {
    match count {
        0 => Err(Violation::Empty),
        _ if count > max => Err(Violation::TooMany(max)),
        _ => Ok(()),
    }
}
