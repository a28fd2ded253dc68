//! The list card (skill.md §4.3).

use super::{Check, Place, node::Node};

impl Check<'_> {
    pub(super) fn list_card(&mut self, card: &Node, place: Place) {
        if let Some(header) = self.required_object(card, "header") {
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
