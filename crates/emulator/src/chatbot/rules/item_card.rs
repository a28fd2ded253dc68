//! The item card (skill.md §4.3).

use super::{
    check::{Check, Place, utf16_len},
    node::Node,
};

impl Check<'_> {
    pub(super) fn item_card(&mut self, card: &Node, place: Place) {
        self.known_of_card(
            card,
            &[
                "thumbnail",
                "head",
                "profile",
                "imageTitle",
                "itemList",
                "itemListAlignment",
                "itemListSummary",
                "title",
                "description",
            ],
        );
        self.item_thumbnail(card);
        if let Some(head) = self.object(card, "head") {
            self.known(&head, &["title"]);
            self.required_text(&head, "title");
            self.lines(&head, "title", 1);
            if card.get("profile").is_some() {
                self.refuse("head-with-profile", &head.path, "not together with profile");
            }
        }
        if let Some(profile) = self.object(card, "profile") {
            self.known(&profile, &["title", "imageUrl", "width", "height"]);
            self.required_text(&profile, "title");
            self.length(&profile, "title", 15);
            self.url(&profile, "imageUrl");
            self.integer(&profile, "width");
            self.integer(&profile, "height");
        }
        if let Some(image_title) = self.object(card, "imageTitle") {
            self.known(&image_title, &["title", "description", "imageUrl"]);
            self.required_text(&image_title, "title");
            self.text(&image_title, "description");
            self.lines(&image_title, "title", 2);
            self.lines(&image_title, "description", 1);
            self.url(&image_title, "imageUrl");
        }
        let max = if place == Place::Carousel { 5 } else { 10 };
        for item in self.some_objects(card, "itemList", max) {
            self.known(&item, &["title", "description"]);
            self.required_text(&item, "title");
            self.required_text(&item, "description");
            self.length(&item, "title", 6);
            self.lines(&item, "description", 2);
        }
        self.one_of(card, "itemListAlignment", &["left", "right"]);
        self.summary(card);
        self.item_texts(card, place);
        self.buttons(card);
    }

    fn item_thumbnail(&mut self, card: &Node) {
        let Some(thumbnail) = self.object(card, "thumbnail") else {
            return;
        };
        self.known(
            &thumbnail,
            &["imageUrl", "altText", "width", "height", "link"],
        );
        self.picture(&thumbnail);
        let width = self.integer(&thumbnail, "width");
        let height = self.integer(&thumbnail, "height");
        if ratio(width, height) == Ratio::Other {
            self.cut("ratio", &thumbnail.path, "must be 2:1 or 1:1");
        }
    }

    fn summary(&mut self, card: &Node) {
        let Some(summary) = self.object(card, "itemListSummary") else {
            return;
        };
        self.known(&summary, &["title", "description"]);
        self.required_text(&summary, "title");
        self.length(&summary, "title", 6);
        let amount = self.required_text(&summary, "description");
        self.length(&summary, "description", 14);
        if amount.is_some_and(|amount| !is_amount(amount)) {
            let detail = "must be an amount: currency, digits, commas, at most 2 decimals";
            self.cut("amount", summary.path_of("description"), detail);
        }
    }

    fn item_texts(&mut self, card: &Node, place: Place) {
        let title = self.text(card, "title");
        let description = self.text(card, "description");
        if description.is_some() && title.is_none() {
            let at = card.path_of("title");
            self.refuse(
                "description-without-title",
                at,
                "a description needs a title",
            );
        }
        let texts = [title, description].into_iter().flatten();
        let length: usize = texts.clone().map(utf16_len).sum();
        let lines: usize = texts.map(|text| text.trim_end().lines().count()).sum();
        let max = if place == Place::Carousel { 100 } else { 200 };
        if length > max {
            let detail = format!("{length} characters with the title, {max} are shown");
            self.cut("length", card.path_of("description"), detail);
        }
        if lines > 12 {
            let detail = format!("{lines} lines with the title, 12 are shown");
            self.cut("lines", card.path_of("description"), detail);
        }
    }
}

/// The shapes a picture may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ratio {
    Wide,
    Square,
    Other,
}

/// The ratio of an item card's thumbnail; without measures it is square.
pub(super) fn ratio(width: Option<i64>, height: Option<i64>) -> Ratio {
    match (width, height) {
        (Some(width), Some(height)) if width == height => Ratio::Square,
        (Some(width), Some(height)) if width == height.saturating_mul(2) => Ratio::Wide,
        (Some(_), Some(_)) => Ratio::Other,
        _ => Ratio::Square,
    }
}

/// A currency sign or word before or after digits with commas and at most two decimals.
fn is_amount(text: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let around = text.replace(number, "");
    digits(&whole.replace(',', ""))
        && digits(decimals)
        && decimals.len() <= 2
        && !around.contains(is_number)
}

#[cfg(test)]
mod tests {
    use super::is_amount;

    #[test]
    fn amounts_are_told_from_other_texts() {
        for amount in ["10,000원", "₩4,500", "$ 3.50", "USD 3.5", "700"] {
            assert!(is_amount(amount), "{amount}");
        }
        for other in ["무료", "3.555달러", "1.2.3원", "", "원"] {
            assert!(!is_amount(other), "{other}");
        }
    }
}
