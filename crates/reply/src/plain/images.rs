//! Pictures in Markdown.

use super::{link::visible_address, writer::Writer};
use crate::{Image, Part, lookalike::NOTHING};

impl Writer<'_> {
    pub(super) fn end_image(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let alt = self.out.get(link.at..).unwrap_or_default().trim();
        let address = visible_address(&link.url);
        if let Some(image) = address.and_then(|url| Image::parse(url, Some(alt))) {
            self.told += letters(alt);
            self.images.push(image);
        }
    }

    /// The pictures of a block that ends here come after it.
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
}

fn letters(text: &str) -> usize {
    let is_letter = |c: &char| !c.is_whitespace() && *c != NOTHING;
    text.chars().filter(is_letter).count()
}
