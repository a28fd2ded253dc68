//! A reply as bubbles: as much of it as one response shows, and the rest for the next.

use std::collections::VecDeque;

use outside::Origin;
use reply::{Image, Part, PlainText, Reply, Split, Suggestion, as_lines, split, units};

use super::{
    cards,
    response::{
        AltText, BubbleText, Bubbles, MAX_BUBBLE_UNITS, MAX_OUTPUTS, NOT_PUBLIC, QuickReply,
        Response, SimpleImage, Surface, WebUrl,
    },
};

/// Longest text of one bubble in UTF-16 code units: 1 to 1000, 900 unless configured
/// (`textChunkLimit`; skill.md §4.2). A limit of 1 counts as 2, the widest character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Where and how answers are shown.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub limit: ChunkLimit,
    pub surface: Surface,
    /// Origins that pictures and links may have besides public hosts; for local runs and tests.
    pub local: &'a [Origin],
    /// Said once in place of pictures that must not be shown and have no alternative text.
    pub hidden_picture: Option<&'a PlainText>,
}

/// As much of a reply as one response shows, and what a person may tap below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    bubbles: Bubbles,
    suggestions: Vec<QuickReply>,
    /// What did not fit: the next page. Offer a way to it.
    pub rest: Option<Reply>,
}

/// The first page of `reply`, in `most` bubbles at most. If more follows, the last bubble of text
/// ends with "…" where there is room for it, and the suggestions wait for the last page.
pub fn page(reply: &Reply, look: Look<'_>, most: usize) -> Page {
    let most = most.clamp(1, MAX_OUTPUTS);
    let (parts, own) = reply.clone().into_parts();
    let mut parts = VecDeque::from(parts);
    let mut suggestions = Vec::new();
    let mut suggest = |parts: &mut VecDeque<Part>, more: Vec<Suggestion>| {
        if look.surface.has_quick_replies() {
            suggestions.extend(more);
        } else {
            parts.extend(as_lines(&more).map(Part::Text));
        }
    };
    suggest(&mut parts, own);
    let mut bubbles = Bubbles::on(look.surface);
    let mut hidden_picture = look.hidden_picture.cloned();
    while bubbles.len() < most
        && let Some(space) = bubbles.space()
        && let Some(part) = parts.pop_front()
    {
        match part {
            Part::Text(text) => {
                let is_last = space.position() + 1 == most;
                let (first, rest) = first_bubble(&text, look.limit, is_last);
                space.text(first);
                push_front(&mut parts, rest.map(Part::Text));
            }
            Part::Image(image) => match shown(&image, look.local) {
                Ok(image) => space.image(image),
                Err(words) => {
                    // An agent often says in its text what the picture shows.
                    let unsaid = match words {
                        Some(words) => (!says(reply, &words)).then_some(words),
                        None => hidden_picture.take(),
                    };
                    push_front(&mut parts, unsaid.map(Part::Text));
                }
            },
            Part::Card(card) => {
                let (rest, taps) = cards::fit(&card, space, look.local).into_parts();
                push_front(&mut parts, rest);
                suggest(&mut parts, taps);
            }
        }
    }
    let rest = Reply::new(parts.into(), suggestions.clone());
    let suggestions = match rest {
        Some(_) => Vec::new(),
        None => suggestions
            .iter()
            .filter_map(QuickReply::suggested)
            .collect(),
    };
    Page {
        bubbles,
        suggestions,
        rest,
    }
}

/// As much of a text as one bubble holds, and the rest. In the last bubble "…" says that there is
/// more.
fn first_bubble(
    text: &PlainText,
    limit: ChunkLimit,
    is_last: bool,
) -> (BubbleText, Option<PlainText>) {
    let Split { parts, rest } = split(text, limit.units(), 1);
    let mut first = parts.into_iter().next().unwrap_or_default();
    if is_last && rest.is_some() && units(first.as_str()) + 2 <= limit.units() {
        first.push_ellipsis();
    }
    (first.into(), rest)
}

fn push_front(
    parts: &mut VecDeque<Part>,
    first: impl IntoIterator<Item = Part, IntoIter: DoubleEndedIterator>,
) {
    for part in first.into_iter().rev() {
        parts.push_front(part);
    }
}

/// The picture, or its alternative text if its address must not be shown.
fn shown(image: &Image, local: &[Origin]) -> Result<SimpleImage, Option<PlainText>> {
    match WebUrl::parse_or_local(&image.url, local) {
        Some(image_url) => Ok(SimpleImage {
            image_url,
            alt_text: image.alt.as_ref().map(AltText::from),
        }),
        None => {
            tracing::warn!("{NOT_PUBLIC}");
            Err(image.alt.clone())
        }
    }
}

fn says(reply: &Reply, words: &PlainText) -> bool {
    let mut texts = reply.parts().iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Image(_) | Part::Card(_) => None,
    });
    texts.any(|text| text.contains(words.as_str()))
}

impl Page {
    /// With a sentence of ours as its last bubble, if there is room for one more.
    #[must_use]
    pub fn with_last(mut self, sentence: &PlainText) -> Self {
        if let Some(space) = self.bubbles.space() {
            space.text(sentence.into());
        }
        self
    }

    /// With `ways_on` as buttons before what the agent suggests.
    pub fn into_response(self, mut ways_on: Vec<QuickReply>) -> Response {
        ways_on.extend(self.suggestions);
        Response::new(self.bubbles, ways_on)
    }
}

#[cfg(test)]
mod answers;
#[cfg(test)]
mod tests;
