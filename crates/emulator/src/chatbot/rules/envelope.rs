//! The answer around its components: version, acknowledgement, outputs, quick replies, context and
//! mentions (skill.md §4.1, §4.6, §5.2, §8).

use serde_json::Value;

use super::{
    broken::BrokenRule,
    check::Check,
    node::Node,
    setting::{Setting, Slot},
};

/// What an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Bubbles to be shown.
    Bubbles,
    /// The promise of a callback.
    Acknowledgement,
}

/// Reads an answer and says which rules it breaks.
pub(crate) fn read(answer: &Value, setting: &Setting) -> (Kind, Vec<BrokenRule>) {
    let mut check = Check::new(setting);
    let root = Node::root(answer);
    if !answer.is_object() {
        check.wrong_type(&root, "an object");
        return (Kind::Bubbles, check.broken);
    }
    match root.get("version").map(|node| node.value.as_str()) {
        Some(Some("2.0")) => {}
        None => check.refuse("version", "$.version", "missing: taken for the old format"),
        Some(_) => check.refuse("version", "$.version", "must be exactly \"2.0\""),
    }
    check.known(
        &root,
        &[
            "version",
            "template",
            "context",
            "data",
            "useCallback",
            "extra",
        ],
    );
    check.object(&root, "data");
    check.context(&root);
    let kind = if check.flag(&root, "useCallback") == Some(true) {
        check.acknowledgement(&root);
        Kind::Acknowledgement
    } else {
        check.template(&root);
        check.mentions(&root);
        Kind::Bubbles
    };
    (kind, check.broken)
}

impl Check<'_> {
    fn acknowledgement(&mut self, root: &Node) {
        let at = root.path_of("useCallback");
        match self.setting.slot {
            Slot::Given => {}
            Slot::None => {
                let detail = "the request carried no callbackUrl";
                self.refuse("callback-without-url", at, detail);
            }
            Slot::Filling => {
                let detail = "a callback cannot promise another one";
                self.refuse("callback-again", at, detail);
            }
        }
        if root.get("template").is_some() {
            self.cut(
                "callback-template",
                "$.template",
                "ignored beside useCallback",
            );
        }
    }

    fn template(&mut self, root: &Node) {
        let Some(template) = self.required_object(root, "template") else {
            return;
        };
        self.known(&template, &["outputs", "quickReplies"]);
        self.outputs(&template);
        self.quick_replies(&template);
    }

    fn outputs(&mut self, template: &Node) {
        let silent = self.setting.group && self.setting.event;
        let none = template
            .get("outputs")
            .and_then(|node| Some(node.items()?.is_empty()));
        if silent && none == Some(true) {
            return;
        }
        for output in self.some_objects(template, "outputs", 3) {
            self.output(&output);
        }
    }

    fn context(&mut self, root: &Node) {
        let Some(context) = self.object(root, "context") else {
            return;
        };
        self.known(&context, &["values"]);
        for value in self.objects(&context, "values").into_iter().flatten() {
            self.known(&value, &["name", "lifeSpan", "ttl", "params"]);
            self.required_text(&value, "name");
            if value.get("lifeSpan").is_none() {
                self.missing(&value, "lifeSpan");
            }
            self.integer(&value, "lifeSpan");
            self.integer(&value, "ttl");
            if let Some(params) = self.object(&value, "params") {
                for key in params
                    .value
                    .as_object()
                    .into_iter()
                    .flat_map(|map| map.keys())
                {
                    self.text(&params, key);
                }
            }
        }
    }

    fn mentions(&mut self, root: &Node) {
        let Some(extra) = self.object(root, "extra") else {
            return;
        };
        self.known(&extra, &["mentions"]);
        let Some(mentions) = self.object(&extra, "mentions") else {
            return;
        };
        if !self.setting.group {
            self.cut(
                "group-only",
                &mentions.path,
                "ignored outside group chat rooms",
            );
            return;
        }
        let keys: Vec<_> = mentions
            .value
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys())
            .collect();
        self.at_most(&extra, "mentions", keys.len(), 15);
        for key in keys {
            if let Some(mention) = self.object(&mentions, key) {
                self.known(&mention, &["type", "id"]);
                self.required_text(&mention, "type");
                self.one_of(&mention, "type", &["botUserKey", "appUserId"]);
                self.required_text(&mention, "id");
            }
        }
    }
}
