//! What an answer must look like (skill.md §4, §5, §7, §8), checked field by field.
//!
//! A rule has one of two weights: the platform throws the whole answer away, or shows it with
//! something cut or left out. Lengths are counted in UTF-16 units (§4.2). Where the reference
//! leaves the weight open, too many items and missing fields throw away, too many letters cut.

mod card;
mod carousel;
mod envelope;
mod item_card;
mod list_card;
mod node;
mod parts;
#[cfg(test)]
mod tests;
mod validation;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use envelope::{Kind, read};
use node::Node;
pub(crate) use validation::read_validation;

/// One broken rule.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BrokenRule {
    /// A short name of the rule, such as `required`, `length` or `thumbnail-2461`.
    pub rule: String,
    /// Where in the answer, as a JSON path: `$.template.outputs[0].simpleText.text`.
    #[serde(rename = "where")]
    pub at: String,
    /// What is wrong, in words.
    pub detail: String,
    pub severity: Severity,
}

/// What a broken rule leads to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The whole answer is thrown away.
    Refused,
    /// The answer is shown, with something cut or ignored.
    Display,
}

/// What an answer is judged by, besides itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    /// In a group chat room (skill.md §8).
    pub(crate) group: bool,
    /// Started by the Event API rather than by the person.
    pub(crate) event: bool,
    pub(crate) slot: Slot,
    /// The ids of the bot's blocks; none if they are not known, which lets any id pass.
    pub(crate) blocks: Option<Vec<String>>,
}

/// Whether the answer may promise a callback.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Slot {
    /// The request carried no `callbackUrl`.
    #[default]
    None,
    /// The request carried a `callbackUrl`.
    Given,
    /// The answer is itself a callback's body.
    Filling,
}

impl BrokenRule {
    /// A rule that throws the answer as a whole away.
    pub(crate) fn refusing(rule: &str, detail: impl Into<String>) -> Self {
        Self {
            rule: rule.into(),
            at: "$".into(),
            detail: detail.into(),
            severity: Severity::Refused,
        }
    }

    /// A rule that does not keep the answer from being shown.
    pub(crate) fn displaying(rule: &str, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Display,
            ..Self::refusing(rule, detail)
        }
    }
}

/// The rules that an answer of a skill or the body of a callback breaks, in a group chat room or in
/// the channel's own chat. The bot's blocks are not known, so any block id passes; promising a
/// callback is taken to be allowed.
pub fn broken_rules(answer: &Value, group: bool) -> Vec<BrokenRule> {
    let setting = Setting {
        group,
        slot: Slot::Given,
        ..Setting::default()
    };
    read(answer, &setting).1
}

/// Whether one of the rules throws the answer away.
pub(crate) fn refused(broken: &[BrokenRule]) -> bool {
    broken.iter().any(|rule| rule.severity == Severity::Refused)
}

/// The length as the platform is taken to count it.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Whether a card stands alone or in a carousel.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Alone,
    Carousel,
}

/// Collects broken rules while an answer is walked through.
struct Check<'s> {
    setting: &'s Setting,
    broken: Vec<BrokenRule>,
}

impl<'s> Check<'s> {
    fn new(setting: &'s Setting) -> Self {
        Self {
            setting,
            broken: Vec::new(),
        }
    }

    fn refuse(&mut self, rule: &str, at: impl Into<String>, detail: impl Into<String>) {
        self.broken.push(BrokenRule {
            at: at.into(),
            ..BrokenRule::refusing(rule, detail)
        });
    }

    fn cut(&mut self, rule: &str, at: impl Into<String>, detail: impl Into<String>) {
        self.broken.push(BrokenRule {
            at: at.into(),
            ..BrokenRule::displaying(rule, detail)
        });
    }

    fn wrong_type(&mut self, node: &Node, wanted: &str) {
        self.refuse("type", &node.path, format!("must be {wanted}"));
    }

    fn missing(&mut self, parent: &Node, key: &str) {
        self.refuse("required", parent.path_of(key), "is required");
    }

    /// The field as text; anything else than text refuses.
    fn text<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<&'a str> {
        let node = parent.get(key)?;
        let text = node.value.as_str();
        if text.is_none() {
            self.wrong_type(&node, "a string");
        }
        text
    }

    /// As [`Self::text`], and a missing or blank text refuses.
    fn required_text<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<&'a str> {
        let text = self.text(parent, key);
        let absent = parent.get(key).is_none() || text.is_some_and(|text| text.trim().is_empty());
        if absent {
            self.missing(parent, key);
        }
        text
    }

    /// The field as an object; anything else refuses.
    fn object<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Node<'a>> {
        let node = parent.get(key)?;
        if node.value.is_object() {
            return Some(node);
        }
        self.wrong_type(&node, "an object");
        None
    }

    fn required_object<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Node<'a>> {
        if parent.get(key).is_none() {
            self.missing(parent, key);
        }
        self.object(parent, key)
    }

    /// The objects in a list; anything else refuses, no list is none.
    fn objects<'a>(&mut self, parent: &Node<'a>, key: &str) -> Option<Vec<Node<'a>>> {
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
    fn some_objects<'a>(&mut self, parent: &Node<'a>, key: &str, max: usize) -> Vec<Node<'a>> {
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

    fn at_most(&mut self, parent: &Node, key: &str, count: usize, max: usize) {
        if count > max {
            let detail = format!("{count} items, at most {max} are allowed");
            self.refuse("count", parent.path_of(key), detail);
        }
    }

    fn flag(&mut self, parent: &Node, key: &str) -> Option<bool> {
        let node = parent.get(key)?;
        let flag = node.value.as_bool();
        if flag.is_none() {
            self.wrong_type(&node, "true or false");
        }
        flag
    }

    fn integer(&mut self, parent: &Node, key: &str) -> Option<i64> {
        let node = parent.get(key)?;
        let number = node.value.as_i64();
        if number.is_none() {
            self.wrong_type(&node, "an integer");
        }
        number
    }

    /// The field as one of the words; any other value refuses.
    fn one_of<'a>(&mut self, parent: &Node<'a>, key: &str, words: &[&str]) -> Option<&'a str> {
        let word = self.text(parent, key)?;
        if words.contains(&word) {
            return Some(word);
        }
        let detail = format!("must be one of {}", words.join(", "));
        self.refuse("value", parent.path_of(key), detail);
        None
    }

    /// The field, if present, must be a web address.
    fn url(&mut self, parent: &Node, key: &str) {
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

    fn required_url(&mut self, parent: &Node, key: &str) {
        if parent.get(key).is_none() {
            self.missing(parent, key);
        }
        self.url(parent, key);
    }

    /// A longer text is cut in display.
    fn length(&mut self, parent: &Node, key: &str, max: usize) {
        let length = parent.str(key).map_or(0, utf16_len);
        if length > max {
            let detail = format!("{length} characters, {max} are shown");
            self.cut("length", parent.path_of(key), detail);
        }
    }

    /// More lines are cut in display.
    fn lines(&mut self, parent: &Node, key: &str, max: usize) {
        let lines = parent
            .str(key)
            .map_or(0, |text| text.trim_end().lines().count());
        if lines > max {
            let detail = format!("{lines} lines, {max} are shown");
            self.cut("lines", parent.path_of(key), detail);
        }
    }

    /// The block must be one of the bot's (skill.md §4.4).
    fn block(&mut self, parent: &Node, key: &str) {
        let Some(id) = self.required_text(parent, key) else {
            return;
        };
        let blocks = self.setting.blocks.as_ref();
        if blocks.is_some_and(|blocks| !blocks.iter().any(|block| block == id)) {
            self.refuse("block", parent.path_of(key), "the bot has no such block");
        }
    }
}

/// The root of an answer.
fn root(answer: &Value) -> Node<'_> {
    Node {
        value: answer,
        path: "$".into(),
    }
}
