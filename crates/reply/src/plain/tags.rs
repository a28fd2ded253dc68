//! HTML in a line of Markdown.

use pulldown_cmark::CowStr;

use super::writer::{Link, Writer};
use crate::{
    html::{Piece, Tag, pieces},
    script,
};

impl Writer<'_> {
    pub(super) fn inline_html(&mut self, html: &str) {
        for piece in pieces(html) {
            match piece {
                Piece::Text(text) => self.text(text),
                Piece::Tag(tag) => self.tag(tag),
            }
        }
    }

    fn tag(&mut self, tag: Tag<'_>) {
        match (tag.element, tag.closes) {
            ("a", false) => {
                self.end_anchor();
                self.close_gap();
                let url = tag.attribute("href").unwrap_or_default();
                self.anchor = Some(Link {
                    url: CowStr::from(url),
                    at: self.out.len(),
                });
            }
            ("a", true) => self.end_anchor(),
            ("img", false) => {
                self.close_gap();
                let url = tag.attribute("src").unwrap_or_default();
                self.links.push(Link {
                    url: CowStr::from(url),
                    at: self.out.len(),
                });
                self.text(&tag.attribute("alt").unwrap_or_default());
                self.end_image();
            }
            ("sub" | "sup", false) => {
                self.close_gap();
                self.level = Some(self.out.len());
            }
            ("sub" | "sup", true) => self.end_level(&tag),
            ("td" | "th", false) => {
                let line = self.out.get(self.cell..).unwrap_or(&self.out);
                if self.gap == 0 && !line.is_empty() && !line.ends_with('\n') {
                    self.text(" | ");
                }
            }
            _ if tag.is_block => self.gap = 2.min(self.gap + 1),
            _ => {}
        }
    }

    /// What is raised or lowered takes other letters, or a sign that it is.
    fn end_level(&mut self, tag: &Tag<'_>) {
        let Some(at) = self.level.take() else { return };
        let text = self.out.get(at..).unwrap_or_default().to_owned();
        self.out.truncate(at);
        self.markers.forget_from(at);
        self.out.push_str(&match tag.element {
            "sup" => script::raised(&text),
            _ => script::lowered(&text),
        });
    }
}
