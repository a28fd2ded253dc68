//! An agent's answer as bubbles: as much of the text as one response holds, and what is left for
//! the next.

use serde::{Deserialize, Serialize};

use super::response::{BubbleText, MAX_BUBBLE_UNITS, MAX_OUTPUTS, QuickReply, Response, Surface};
use crate::reply::{PlainText, split, units};

/// Longest text of one bubble in UTF-16 code units: 1 to 1000, 900 unless configured
/// (`textChunkLimit`; skill.md §4.2). A limit of 1 counts as 2, the widest character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct ChunkLimit(usize);

impl ChunkLimit {
    pub fn new(units: usize) -> Option<Self> {
        (1..=MAX_BUBBLE_UNITS)
            .contains(&units)
            .then_some(Self(units))
    }

    pub fn units(self) -> usize {
        self.0
    }
}

impl Default for ChunkLimit {
    fn default() -> Self {
        Self(900)
    }
}

impl TryFrom<usize> for ChunkLimit {
    type Error = &'static str;

    fn try_from(units: usize) -> Result<Self, Self::Error> {
        Self::new(units).ok_or("must be 1 to 1000")
    }
}

impl From<ChunkLimit> for usize {
    fn from(limit: ChunkLimit) -> Self {
        limit.0
    }
}

/// The text bubbles of one response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    bubbles: Vec<BubbleText>,
    /// What did not fit: the next page. Offer a way to it.
    pub rest: Option<PlainText>,
}

/// The first page of `text`, in at most so many bubbles. If more follows, the last bubble ends with "…" where there is room for
/// it.
pub fn page(text: &PlainText, limit: ChunkLimit, bubbles: usize) -> Page {
    let mut split = split(text, limit.units(), bubbles.clamp(1, MAX_OUTPUTS));
    if let (Some(last), Some(_)) = (split.parts.last_mut(), &split.rest)
        && units(last.as_str()) + 2 <= limit.units()
    {
        last.push_ellipsis();
    }
    Page {
        bubbles: split.parts.into_iter().map(BubbleText::from).collect(),
        rest: split.rest,
    }
}

impl Page {
    /// With a sentence of ours as its last bubble, if there is room for one more.
    #[must_use]
    pub fn with_last(mut self, sentence: &PlainText) -> Self {
        if self.bubbles.len() < MAX_OUTPUTS {
            self.bubbles.push(BubbleText::from(sentence));
        }
        self
    }

    pub fn into_response(self, quick_replies: Vec<QuickReply>, surface: Surface) -> Response {
        Response::texts(self.bubbles).with_quick_replies(quick_replies, surface)
    }
}

#[cfg(test)]
mod tests;
