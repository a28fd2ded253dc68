//! What components share: thumbnails, links, profiles, buttons and quick replies (skill.md §4.4,
//! §8).

use super::{
    check::{Check, utf16_len},
    node::Node,
};

const MAX_LABEL: usize = 14;
const MAX_LABEL_SIDE_BY_SIDE: usize = 8;

impl Check<'_> {
    pub(super) fn thumbnail(&mut self, thumbnail: &Node) {
        self.known(thumbnail, &["imageUrl", "altText", "link", "fixedRatio"]);
        self.picture(thumbnail);
    }

    /// What thumbnails of all cards have in common.
    pub(super) fn picture(&mut self, thumbnail: &Node) {
        self.required_url(thumbnail, "imageUrl");
        self.text(thumbnail, "altText");
        self.length(thumbnail, "altText", 50);
        self.flag(thumbnail, "fixedRatio");
        self.link(thumbnail);
    }

    pub(super) fn link(&mut self, parent: &Node) {
        if let Some(link) = self.object(parent, "link") {
            self.known(&link, &["web", "pc", "mobile"]);
            for target in ["web", "pc", "mobile"] {
                self.url(&link, target);
            }
        }
    }

    pub(super) fn profile(&mut self, card: &Node) {
        if let Some(profile) = self.object(card, "profile") {
            self.known(&profile, &["nickname", "imageUrl"]);
            self.required_text(&profile, "nickname");
            self.url(&profile, "imageUrl");
        }
    }

    pub(super) fn buttons(&mut self, card: &Node) {
        let fixed_ratio = card
            .get("thumbnail")
            .and_then(|thumbnail| thumbnail.get("fixedRatio"))
            .is_some_and(|fixed| fixed.value.as_bool() == Some(true));
        let horizontal = match self.one_of(card, "buttonLayout", &["vertical", "horizontal"]) {
            Some(layout) => layout == "horizontal",
            None => fixed_ratio,
        };
        let Some(buttons) = self.objects(card, "buttons") else {
            return;
        };
        let max = match (horizontal, self.setting.group) {
            (true, _) => 2,
            (false, false) => 3,
            (false, true) => 5,
        };
        self.at_most(card, "buttons", buttons.len(), max);
        let side_by_side = horizontal && buttons.len() == 2;
        for button in &buttons {
            self.button(button, side_by_side);
        }
    }

    fn button(&mut self, button: &Node, side_by_side: bool) {
        let label = self.required_text(button, "label");
        let length = label.map_or(0, utf16_len);
        if length > MAX_LABEL {
            let detail = format!("{length} characters, at most {MAX_LABEL} are allowed");
            self.refuse("label-length", button.path_of("label"), detail);
        } else if side_by_side {
            self.length(button, "label", MAX_LABEL_SIDE_BY_SIDE);
        }
        let action = self.required_text(button, "action");
        let own: &[&str] = match action {
            Some("webLink") => &["webLinkUrl"],
            Some("message") => &["messageText", "extra"],
            Some("block") => &["blockId", "messageText", "extra"],
            Some("phone") => &["phoneNumber"],
            _ => &[],
        };
        self.known(button, &[&["label", "action"], own].concat());
        match action {
            Some("webLink") => {
                self.required_url(button, "webLinkUrl");
            }
            Some("message") => {
                self.required_text(button, "messageText");
            }
            Some("block") => {
                self.block(button, "blockId");
                self.text(button, "messageText");
            }
            Some("phone") => {
                self.required_text(button, "phoneNumber");
            }
            Some("share" | "operator") | None => {}
            Some("guide" | "invite" | "inviteMember" | "mention" | "settings") => {
                if !self.setting.group {
                    let at = button.path_of("action");
                    self.refuse("group-only", at, "only in group chat rooms");
                }
            }
            Some(_) => {
                let at = button.path_of("action");
                self.refuse("action", at, "is no action of a button");
            }
        }
    }

    pub(super) fn quick_replies(&mut self, template: &Node) {
        let Some(replies) = self.objects(template, "quickReplies") else {
            return;
        };
        if self.setting.group && !replies.is_empty() {
            let at = template.path_of("quickReplies");
            self.refuse("channel-only", at, "not in group chat rooms");
        }
        self.at_most(template, "quickReplies", replies.len(), 10);
        for reply in &replies {
            self.known(
                reply,
                &["label", "action", "messageText", "blockId", "extra"],
            );
            self.required_text(reply, "label");
            self.length(reply, "label", MAX_LABEL);
            self.required_text(reply, "action");
            self.text(reply, "messageText");
            if self.one_of(reply, "action", &["message", "block"]) == Some("block") {
                self.block(reply, "blockId");
            }
        }
    }
}
