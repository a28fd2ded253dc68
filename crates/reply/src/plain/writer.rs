//! Writes plain text with its line breaks, bullets and quotes where they belong.

use std::ops::Range;

use pulldown_cmark::CowStr;

use crate::{Image, Part, PlainText, emphasis::Markers, lookalike};

/// Deeper quotes and lists are not indented further: a phone is narrow, and a hostile answer could
/// nest thousands.
const MAX_DEPTH: usize = 6;

pub(super) const BULLET: &str = "• ";
pub(super) const QUOTE: &str = "│ ";

pub(super) enum Block {
    Quote,
    Item,
}

pub(super) struct List {
    /// `None` for bullets.
    pub(super) count: Option<Count>,
    /// Its items are paragraphs, with empty lines between them.
    pub(super) loose: bool,
}

/// Many write the same number before every item, and mean a list that counts. Other numbers mean
/// themselves: lists count down, and `2026. 3. 1.` is a date.
pub(super) struct Count {
    first: u64,
    items: u64,
    is_same: bool,
}

impl From<u64> for Count {
    fn from(first: u64) -> Self {
        Self {
            first,
            items: 0,
            is_same: first <= 1,
        }
    }
}

impl Count {
    /// The number of the next item.
    pub(super) fn number(&mut self, written: &str) -> String {
        self.is_same &= written.parse() == Ok(self.first);
        let counted = self.first.saturating_add(self.items);
        self.items += 1;
        if self.is_same {
            counted.to_string()
        } else {
            written.to_owned()
        }
    }
}

#[derive(Default)]
pub(super) struct Writer<'a> {
    pub(super) source: &'a str,
    pub(super) html_depth: usize,
    pub(super) out: String,
    /// Line breaks to write before the next text.
    pub(super) gap: usize,
    /// Nothing is written since the bullet of the current item, or at all.
    pub(super) fresh: bool,
    pub(super) blocks: Vec<Block>,
    pub(super) lists: Vec<List>,
    pub(super) links: Vec<Link<'a>>,
    /// The link of HTML that is open.
    pub(super) anchor: Option<Link<'a>>,
    /// Where raised or lowered text starts in the output.
    pub(super) level: Option<usize>,
    pub(super) markers: Markers,
    /// How much of the line's source is written.
    pub(super) read: usize,
    /// Where the current formula ends in the source.
    pub(super) formula: usize,
    pub(super) is_code: bool,
    pub(super) html: String,
    pub(super) row: Vec<String>,
    /// What the source has of the row after its last cell.
    pub(super) row_rest: Range<usize>,
    pub(super) cell: usize,
    pub(super) rows: Vec<Vec<String>>,
    /// What is complete: texts, and the pictures between them.
    pub(super) parts: Vec<Part>,
    /// Where the current paragraph, list or table starts in the output.
    pub(super) outermost: usize,
    /// Its pictures, and how many of its letters are their alternative texts.
    pub(super) images: Vec<Image>,
    pub(super) told: usize,
}

/// A link or picture that is being read.
pub(super) struct Link<'a> {
    pub(super) url: CowStr<'a>,
    /// Where its text starts in the output.
    pub(super) at: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(source: &'a str, html_depth: usize) -> Self {
        let out = String::with_capacity(source.len());
        Self {
            source,
            html_depth,
            out,
            fresh: true,
            ..Self::default()
        }
    }

    /// Writes `text`, which may have several lines.
    pub(super) fn text(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let mut line = lines.next();
        while let Some(text) = line {
            if !text.is_empty() {
                self.close_gap();
                self.out.push_str(text);
                self.fresh = false;
            }
            line = lines.next();
            if line.is_some() {
                self.gap += 1;
            }
        }
    }

    /// A block begins or ends here: at least so many line breaks come before the next text, unless
    /// it is the first of a bullet.
    pub(super) fn block(&mut self, breaks: usize) {
        self.settle();
        if !self.fresh {
            self.want(breaks);
        }
    }

    pub(super) fn want(&mut self, breaks: usize) {
        self.gap = self.gap.max(breaks);
    }

    pub(super) fn close_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if gap == 0 && !self.out.is_empty() {
            return;
        }
        self.out.extend(std::iter::repeat_n('\n', gap));
        for block in self.blocks.iter().take(MAX_DEPTH) {
            self.out.push_str(match block {
                Block::Quote => QUOTE,
                Block::Item => "  ",
            });
        }
    }

    /// What stands in lines is over: nothing of it stays open.
    pub(super) fn settle(&mut self) {
        self.end_anchor();
        self.level = None;
        self.markers.settle(self.source, &mut self.out);
    }

    /// The current block is in no list and no quote.
    pub(super) fn is_outermost(&self) -> bool {
        self.blocks.is_empty() && self.lists.is_empty()
    }

    /// What is written so far is complete.
    pub(super) fn text_ends(&mut self) {
        let text = std::mem::take(&mut self.out);
        let text = PlainText::literal(&lookalike::shown(&text));
        self.parts.extend(text.map(Part::Text));
    }
}
