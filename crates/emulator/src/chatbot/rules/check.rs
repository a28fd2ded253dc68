//! Walks through an answer and collects the rules that it breaks: what every component is checked
//! with.

use super::{broken::BrokenRule, node::Node, setting::Setting};

/// The length as the platform is taken to count it.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Whether a card stands alone or in a carousel.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Place {
    Alone,
    Carousel,
}

/// Collects broken rules while an answer is walked through.
pub(super) struct Check<'s> {
    pub(super) setting: &'s Setting,
    pub(super) broken: Vec<BrokenRule>,
}

impl<'s> Check<'s> {
    pub(super) fn new(setting: &'s Setting) -> Self {
        Self {
            setting,
            broken: Vec::new(),
        }
    }

    pub(super) fn refuse(&mut self, rule: &str, at: impl Into<String>, detail: impl Into<String>) {
        self.broken.push(BrokenRule {
            at: at.into(),
            ..BrokenRule::refusing(rule, detail)
        });
    }

    pub(super) fn cut(&mut self, rule: &str, at: impl Into<String>, detail: impl Into<String>) {
        self.broken.push(BrokenRule {
            at: at.into(),
            ..BrokenRule::displaying(rule, detail)
        });
    }

    pub(super) fn wrong_type(&mut self, node: &Node, wanted: &str) {
        self.refuse("type", &node.path, format!("must be {wanted}"));
    }

    pub(super) fn missing(&mut self, parent: &Node, key: &str) {
        self.refuse("required", parent.path_of(key), "is required");
    }

    /// If the setting is strict, the object may have these fields and no others.
    pub(super) fn known(&mut self, node: &Node, fields: &[&str]) {
        let keys = node.value.as_object().map(|map| map.keys());
        for key in keys.into_iter().flatten() {
            let is_known = fields.contains(&key.as_str()) || node.get(key).is_none();
            if self.setting.strict && !is_known {
                let detail = "the reference has no such field here";
                self.cut("unknown-field", node.path_of(key), detail);
            }
        }
    }

    /// The field as text; anything else than text refuses.
    pub(super) fn text<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<&'a str> {
        let node = parent.get(key)?;
        let text = node.value.as_str();
        if text.is_none() {
            self.wrong_type(&node, "a string");
        }
        text
    }

    /// As [`Self::text`], and a missing or blank text refuses.
    pub(super) fn required_text<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<&'a str> {
        let text = self.text(parent, key);
        let absent = parent.get(key).is_none() || text.is_some_and(|text| text.trim().is_empty());
        if absent {
            self.missing(parent, key);
        }
        text
    }

    /// The field as an object; anything else refuses.
    pub(super) fn object<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Node<'a>> {
        let node = parent.get(key)?;
        if node.value.is_object() {
            return Some(node);
        }
        self.wrong_type(&node, "an object");
        None
    }

    pub(super) fn required_object<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Node<'a>> {
        if parent.get(key).is_none() {
            self.missing(parent, key);
        }
        self.object(parent, key)
    }

    /// The objects in a list; anything else refuses, no list is none.
    pub(super) fn objects<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Vec<Node<'a>>> {
        let node = parent.get(key)?;
        let Some(items) = node.items() else {
            self.wrong_type(&node, "an array");
            return None;
        };
        let (objects, others): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| item.value.is_object());
        for other in &others {
            self.wrong_type(other, "an object");
        }
        Some(objects)
    }

    /// As [`Self::objects`], at least one and at most `max` of them.
    pub(super) fn some_objects<'a>(
        &mut self,
        parent: &Node<'a>,
        key: &str,
        max: usize,
    ) -> Vec<Node<'a>> {
        if parent.get(key).is_none() {
            self.missing(parent, key);
        }
        let Some(objects) = self.objects(parent, key) else {
            return Vec::new();
        };
        if objects.is_empty() {
            self.refuse("count", parent.path_of(key), "must not be empty");
        }
        self.at_most(parent, key, objects.len(), max);
        objects
    }

    pub(super) fn at_most(&mut self, parent: &Node, key: &str, count: usize, max: usize) {
        if count > max {
            let detail = format!("{count} items, at most {max} are allowed");
            self.refuse("count", parent.path_of(key), detail);
        }
    }

    pub(super) fn flag(&mut self, parent: &Node, key: &str) -> Option<bool> {
        let node = parent.get(key)?;
        let flag = node.value.as_bool();
        if flag.is_none() {
            self.wrong_type(&node, "true or false");
        }
        flag
    }

    pub(super) fn integer(&mut self, parent: &Node, key: &str) -> Option<i64> {
        let node = parent.get(key)?;
        let number = node.value.as_i64();
        if number.is_none() {
            self.wrong_type(&node, "an integer");
        }
        number
    }

    /// The field as one of the words; any other value refuses.
    pub(super) fn one_of<'a>(
        &mut self,
        parent: &Node<'a>,
        key: &str,
        words: &[&str],
    ) -> Option<&'a str> {
        let word = self.text(parent, key)?;
        if words.contains(&word) {
            return Some(word);
        }
        let detail = format!("must be one of {}", words.join(", "));
        self.refuse("value", parent.path_of(key), detail);
        None
    }

    /// The field, if present, must be a web address.
    pub(super) fn url(&mut self, parent: &Node, key: &str) {
        let Some(text) = self.text(parent, key) else {
            return;
        };
        let web = |url: url::Url| matches!(url.scheme(), "http" | "https");
        if !url::Url::parse(text).is_ok_and(web) {
            self.refuse(
                "url",
                parent.path_of(key),
                "must be an http or https address",
            );
        }
    }

    pub(super) fn required_url(&mut self, parent: &Node, key: &str) {
        if parent.get(key).is_none() {
            self.missing(parent, key);
        }
        self.url(parent, key);
    }

    /// A longer text is cut in display.
    pub(super) fn length(&mut self, parent: &Node, key: &str, max: usize) {
        let length = parent.str(key).map_or(0, utf16_len);
        if length > max {
            let detail = format!("{length} characters, {max} are shown");
            self.cut("length", parent.path_of(key), detail);
        }
    }

    /// More lines are cut in display.
    pub(super) fn lines(&mut self, parent: &Node, key: &str, max: usize) {
        let lines = parent
            .str(key)
            .map_or(0, |text| text.trim_end().lines().count());
        if lines > max {
            let detail = format!("{lines} lines, {max} are shown");
            self.cut("lines", parent.path_of(key), detail);
        }
    }

    /// The block must be one of the bot's (skill.md §4.4).
    pub(super) fn block(&mut self, parent: &Node, key: &str) {
        let Some(id) = self.required_text(parent, key) else {
            return;
        };
        let blocks = self.setting.blocks.as_ref();
        if blocks.is_some_and(|blocks| !blocks.iter().any(|block| block == id)) {
            self.refuse("block", parent.path_of(key), "the bot has no such block");
        }
    }
}
