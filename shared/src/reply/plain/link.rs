//! Links and pictures in Markdown.

use pulldown_cmark::CowStr;

use super::Writer;
use crate::reply::{Image, Part, PlainText};

pub(super) struct Link<'a> {
    pub(super) url: CowStr<'a>,
    /// Where its text starts in the output.
    pub(super) at: usize,
}

impl Writer<'_> {
    pub(super) fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let text = self.out.get(link.at..).unwrap_or_default().trim();
        let Some(url) = visible_address(&link.url).filter(|_| self.links.is_empty()) else {
            return;
        };
        let bare = |url: &str| {
            url.split_once("://")
                .map_or(url, |(_, url)| url)
                .trim_end_matches('/')
                .to_owned()
        };
        if text.is_empty() || bare(text) == bare(url) {
            self.out.truncate(link.at);
            self.leftovers.forget_from(link.at);
            self.text(url);
        } else {
            self.text(&format!(" ({url})"));
        }
    }

    pub(super) fn end_image(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let alt = self.out.get(link.at..).unwrap_or_default().trim();
        let address = visible_address(&link.url);
        if let Some(image) = address.and_then(|url| Image::parse(url, Some(alt))) {
            self.told += letters(alt);
            self.images.push(image);
        }
    }

    /// Nothing is around the block of now.
    pub(super) fn is_outermost(&self) -> bool {
        self.blocks.is_empty() && self.lists.is_empty()
    }

    pub(super) fn place_images(&mut self) {
        self.settle();
        if letters(self.out.get(self.outermost..).unwrap_or_default()) == self.told {
            self.out.truncate(self.outermost);
        }
        self.text_ends();
        self.parts.extend(self.images.drain(..).map(Part::Image));
        self.told = 0;
        self.gap = 0;
        self.fresh = true;
    }

    pub(super) fn text_ends(&mut self) {
        let text = std::mem::take(&mut self.out);
        self.parts.extend(PlainText::literal(&text).map(Part::Text));
    }
}

pub(super) fn is_address(url: &str) -> bool {
    url.contains(['/', ':']) || url.starts_with('#')
}

/// What a person can follow; other links (`javascript:`, `#top`) are not shown.
fn visible_address(url: &str) -> Option<&str> {
    let has_scheme = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    if ["https://", "http://"].into_iter().any(has_scheme) {
        return Some(url);
    }
    ["mailto:", "tel:"]
        .into_iter()
        .find(|scheme| has_scheme(scheme))
        .and_then(|scheme| url.get(scheme.len()..))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
