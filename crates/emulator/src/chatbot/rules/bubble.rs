//! One bubble: its size, and which component it is (skill.md §4.2, §4.3).

use super::{
    check::{Check, Place, utf16_len},
    node::Node,
};

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

    fn simple_text(&mut self, body: &Node) {
        self.known(body, &["text", "extra", "forwardable"]);
        let text = self.required_text(body, "text");
        let length = text.map_or(0, utf16_len);
        if length > MAX_SIMPLE_TEXT {
            let detail = format!("{length} characters, at most {MAX_SIMPLE_TEXT} are allowed");
            self.refuse("text-length", body.path_of("text"), detail);
        }
        if let Some(extra) = self.object(body, "extra") {
            self.known(&extra, &["markdown"]);
            let markdown = self.flag(&extra, "markdown").is_some();
            if markdown && !self.setting.group {
                let at = extra.path_of("markdown");
                self.cut("group-only", at, "ignored outside group chat rooms");
            }
        }
    }

    fn simple_image(&mut self, body: &Node) {
        self.known(body, &["imageUrl", "altText", "forwardable"]);
        self.required_url(body, "imageUrl");
        self.text(body, "altText");
        self.length(body, "altText", 50);
    }
}
