//! The components with a picture or a text (skill.md §4.2, §4.3).

use super::{Check, Place, node::Node, utf16_len};

/// One bubble may have so many bytes.
const MAX_BUBBLE_BYTES: usize = 30_720;

const MAX_SIMPLE_TEXT: usize = 1_000;

impl Check<'_> {
    /// One element of `outputs`: exactly one component within the size limit.
    pub(super) fn output(&mut self, output: &Node) {
        let bytes = output.value.to_string().len();
        if bytes > MAX_BUBBLE_BYTES {
            let detail = format!("{bytes} bytes, at most {MAX_BUBBLE_BYTES} are sent");
            self.refuse("bubble-bytes", &output.path, detail);
        }
        let mut keys = output
            .value
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys());
        let (Some(kind), None) = (keys.next(), keys.next()) else {
            self.refuse("component", &output.path, "must have exactly one component");
            return;
        };
        let Some(body) = output.get(kind).filter(|body| body.value.is_object()) else {
            self.refuse("type", output.path_of(kind), "must be an object");
            return;
        };
        match kind.as_str() {
            "simpleText" => self.simple_text(&body),
            "simpleImage" => self.simple_image(&body),
            "carousel" => self.carousel(&body),
            kind => self.card(kind, &body, Place::Alone),
        }
    }

    /// A card of the kind, alone or as a carousel's item.
    pub(super) fn card(&mut self, kind: &str, card: &Node, place: Place) {
        match kind {
            "textCard" => self.text_card(card, place),
            "basicCard" => self.basic_card(card, place),
            "commerceCard" => self.commerce_card(card),
            "listCard" => self.list_card(card, place),
            "itemCard" => self.item_card(card, place),
            _ => self.refuse("component", &card.path, "is no known component"),
        }
        self.flag(card, "forwardable");
    }

    fn simple_text(&mut self, body: &Node) {
        let text = self.required_text(body, "text");
        let length = text.map_or(0, utf16_len);
        if length > MAX_SIMPLE_TEXT {
            let detail = format!("{length} characters, at most {MAX_SIMPLE_TEXT} are allowed");
            self.refuse("text-length", body.path_of("text"), detail);
        }
        if let Some(extra) = self.object(body, "extra") {
            let markdown = self.flag(&extra, "markdown").is_some();
            if markdown && !self.setting.group {
                let at = extra.path_of("markdown");
                self.cut("group-only", at, "ignored outside group chat rooms");
            }
        }
    }

    fn simple_image(&mut self, body: &Node) {
        self.required_url(body, "imageUrl");
        self.text(body, "altText");
        self.length(body, "altText", 50);
    }

    fn text_card(&mut self, card: &Node, place: Place) {
        let title = self.text(card, "title");
        let description = self.text(card, "description");
        let blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
        if blank(title) && blank(description) {
            let at = card.path_of("title");
            self.refuse("required", at, "a title or a description is required");
        }
        self.length(card, "title", 50);
        let together = title.map_or(0, utf16_len) + description.map_or(0, utf16_len);
        if place == Place::Carousel {
            self.length(card, "description", 128);
        } else if together > 400 {
            let detail = format!("{together} characters with the title, 400 are shown");
            self.cut("length", card.path_of("description"), detail);
        }
        self.buttons(card);
    }

    fn basic_card(&mut self, card: &Node, place: Place) {
        self.text(card, "title");
        self.text(card, "description");
        self.length(card, "title", 50);
        self.length(card, "description", 230);
        if place == Place::Carousel {
            self.lines(card, "title", 2);
            self.lines(card, "description", 2);
        }
        if card.get("thumbnail").is_none() {
            let at = card.path_of("thumbnail");
            self.refuse(
                "thumbnail-2461",
                at,
                "a basicCard without thumbnail is not delivered",
            );
        }
        if let Some(thumbnail) = self.object(card, "thumbnail") {
            self.thumbnail(&thumbnail);
        }
        self.profile(card);
        self.buttons(card);
    }

    fn commerce_card(&mut self, card: &Node) {
        if self.setting.group {
            self.refuse("channel-only", &card.path, "not in group chat rooms");
        }
        self.text(card, "title");
        self.text(card, "description");
        self.length(card, "title", 30);
        self.length(card, "description", 40);
        if card.get("price").is_none() {
            self.missing(card, "price");
        }
        for amount in ["price", "discount", "discountRate", "discountedPrice"] {
            self.integer(card, amount);
        }
        self.one_of(card, "currency", &["won"]);
        if card.get("discountRate").is_some() && card.get("discountedPrice").is_none() {
            let at = card.path_of("discountRate");
            self.cut("discount", at, "not shown without discountedPrice");
        }
        for thumbnail in self.some_objects(card, "thumbnails", 1) {
            self.thumbnail(&thumbnail);
        }
        self.profile(card);
        self.buttons(card);
    }
}
