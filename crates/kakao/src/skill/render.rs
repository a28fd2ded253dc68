//! An agent's answer as bubbles: as much of it as one response holds, and what is left for the
//! next.

use std::collections::VecDeque;

use outside::Origin;
use reply::{Image, Part, PlainText, Reply, Suggestion, as_lines, split, units};
use serde::{Deserialize, Serialize};

use super::{
    cards,
    response::{
        AltText, BubbleText, MAX_BUBBLE_UNITS, MAX_OUTPUTS, Output, QuickReply, Response,
        SimpleImage, Surface, WebUrl,
    },
};

/// Longest text of one bubble in UTF-16 code units: 1 to 1000, 900 unless configured
/// (`textChunkLimit`; skill.md §4.2). A limit of 1 counts as 2, the widest character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct ChunkLimit(usize);

impl ChunkLimit {
    pub const DEFAULT: Self = Self(900);

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
        Self::DEFAULT
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

/// Where and how answers are shown.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub limit: ChunkLimit,
    pub surface: Surface,
    /// Origins that pictures and links may have besides public hosts; for local runs and tests.
    pub local: &'a [Origin],
}

/// The bubbles of one response, and what a person may tap below them.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    bubbles: Vec<Output>,
    suggestions: Vec<QuickReply>,
    /// What did not fit: the next page. Offer a way to it.
    pub rest: Option<Reply>,
}

/// The first page of `reply`, in at most so many bubbles. If more follows, the last bubble of text
/// ends with "…" where there is room for it, and the suggestions wait for the last page.
pub fn page(reply: &Reply, look: Look<'_>, bubbles: usize) -> Page {
    let room = bubbles.clamp(1, MAX_OUTPUTS);
    let (parts, own) = reply.clone().into_parts();
    let mut parts = VecDeque::from(parts);
    let mut suggestions = Vec::new();
    let mut suggest = |parts: &mut VecDeque<Part>, more: Vec<Suggestion>| match look.surface {
        Surface::Channel => suggestions.extend(more),
        // Where there is nothing to tap, they are lines at the end.
        Surface::Group => parts.extend(as_lines(&more).map(Part::Text)),
    };
    suggest(&mut parts, own);
    let mut bubbles = Vec::new();
    while bubbles.len() < room
        && let Some(part) = parts.pop_front()
    {
        match part {
            Part::Text(text) => {
                let mut split = split(&text, look.limit.units(), room - bubbles.len());
                if let (Some(last), Some(_)) = (split.parts.last_mut(), &split.rest)
                    && units(last.as_str()) + 2 <= look.limit.units()
                {
                    last.push_ellipsis();
                }
                let texts = split.parts.into_iter().map(BubbleText::from);
                bubbles.extend(texts.map(|text| Output::SimpleText { text }));
                if let Some(rest) = split.rest {
                    parts.push_front(Part::Text(rest));
                }
            }
            Part::Image(image) => match shown(&image, look.local) {
                Ok(image) => bubbles.push(image.into()),
                // What it shows may stand in the text already.
                Err(words) => {
                    let unsaid = words.filter(|words| !says(reply, words));
                    push_front(&mut parts, unsaid.map(Part::Text));
                }
            },
            Part::Card(card) => {
                let fitted = cards::fit(&card, look.surface, look.local);
                bubbles.extend(fitted.output);
                push_front(&mut parts, fitted.rest);
                suggest(&mut parts, fitted.suggestions);
            }
        }
    }
    if bubbles.is_empty() {
        let text = BubbleText::from(PlainText::default());
        bubbles.push(Output::SimpleText { text });
    }
    let mut page = Page {
        bubbles,
        suggestions: Vec::new(),
        rest: None,
    };
    match Reply::new(parts.into(), suggestions.clone()) {
        Some(rest) => page.rest = Some(rest),
        None => page.suggestions = suggestions.iter().filter_map(quick_reply).collect(),
    }
    page
}

fn push_front(
    parts: &mut VecDeque<Part>,
    first: impl IntoIterator<Item = Part, IntoIter: DoubleEndedIterator>,
) {
    for part in first.into_iter().rev() {
        parts.push_front(part);
    }
}

/// The picture, or the words in its place if its address must not be shown.
fn shown(image: &Image, local: &[Origin]) -> Result<SimpleImage, Option<PlainText>> {
    match WebUrl::parse_or_local(&image.url, local) {
        Some(url) => Ok(SimpleImage::new(url, image.alt.as_ref().map(AltText::from))),
        None => Err(image.alt.clone()),
    }
}

fn says(reply: &Reply, words: &PlainText) -> bool {
    let mut texts = reply.parts().iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Image(_) | Part::Card(_) => None,
    });
    texts.any(|text| text.contains(words.as_str()))
}

fn quick_reply(suggestion: &Suggestion) -> Option<QuickReply> {
    let quick_reply = QuickReply::suggestion(&suggestion.label)?;
    Some(quick_reply.saying(suggestion))
}

impl Page {
    /// With a sentence of ours as its last bubble, if there is room for one more.
    #[must_use]
    pub fn with_last(mut self, sentence: &PlainText) -> Self {
        if self.bubbles.len() < MAX_OUTPUTS {
            let text = BubbleText::from(sentence);
            self.bubbles.push(Output::SimpleText { text });
        }
        self
    }

    /// `ways_on` stand before what the agent suggests.
    pub fn into_response(self, mut ways_on: Vec<QuickReply>, surface: Surface) -> Response {
        ways_on.extend(self.suggestions);
        Response::bubbles(self.bubbles).with_quick_replies(ways_on, surface)
    }
}

#[cfg(test)]
mod tests;
