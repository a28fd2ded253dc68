//! The cards that are not lists (skill.md §4.3), and which card is which.

use super::{
    check::{Check, Place, utf16_len},
    node::Node,
};

impl Check<'_> {
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

    /// As [`Self::known`], besides what every card may have.
    pub(super) fn known_of_card(&mut self, card: &Node, fields: &[&str]) {
        let of_all = ["buttons", "buttonLayout", "forwardable"];
        self.known(card, &[fields, &of_all].concat());
    }

    fn text_card(&mut self, card: &Node, place: Place) {
        self.known_of_card(card, &["title", "description"]);
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
        self.known_of_card(card, &["title", "description", "thumbnail", "profile"]);
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
        self.known_of_card(
            card,
            &[
                "title",
                "description",
                "price",
                "currency",
                "discount",
                "discountRate",
                "discountedPrice",
                "thumbnails",
                "profile",
            ],
        );
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
