//! The list card (skill.md §4.3).

use super::{
    check::{Check, Place},
    node::Node,
};

impl Check<'_> {
    pub(super) fn list_card(&mut self, card: &Node, place: Place) {
        self.known_of_card(card, &["header", "items", "listLayout"]);
        if let Some(header) = self.required_object(card, "header") {
            self.known(&header, &["title", "link"]);
            self.required_text(&header, "title");
            self.link(&header);
        }
        let max = if place == Place::Carousel { 4 } else { 5 };
        for item in self.some_objects(card, "items", max) {
            self.list_item(&item);
        }
        if let Some("ranking") = self.one_of(card, "listLayout", &["ranking"])
            && !self.setting.group
        {
            let at = card.path_of("listLayout");
            self.cut("group-only", at, "ignored outside group chat rooms");
        }
        self.buttons(card);
    }

    fn list_item(&mut self, item: &Node) {
        self.known(
            item,
            &[
                "title",
                "description",
                "imageUrl",
                "link",
                "action",
                "blockId",
                "messageText",
                "extra",
            ],
        );
        if self.setting.strict && item.get("link").is_some() && item.get("action").is_some() {
            let detail = "an item has a link or an action";
            self.cut("link-or-action", &item.path, detail);
        }
        self.required_text(item, "title");
        self.text(item, "description");
        self.url(item, "imageUrl");
        self.link(item);
        match self.one_of(item, "action", &["block", "message"]) {
            Some("block") => self.block(item, "blockId"),
            Some(_) => {
                self.required_text(item, "messageText");
            }
            None => {}
        }
    }
}
