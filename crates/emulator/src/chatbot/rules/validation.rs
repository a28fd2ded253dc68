//! The answer to a parameter validation call (skill.md §7).

use serde_json::Value;

use super::{broken::BrokenRule, check::Check, node::Node, setting::Setting};

/// Reads the answer: what the person is told if the value is refused, and the broken rules.
pub(crate) fn read_validation(answer: &Value) -> (Option<String>, Vec<BrokenRule>) {
    let setting = Setting::default();
    let mut check = Check::new(&setting);
    let root = Node::root(answer);
    if !answer.is_object() {
        check.wrong_type(&root, "an object");
        return (None, check.broken);
    }
    check.required_text(&root, "status");
    let status = check.one_of(&root, "status", &["SUCCESS", "FAIL", "ERROR", "IGNORE"]);
    check.text(&root, "value");
    check.object(&root, "data");
    let message = check.text(&root, "message");
    let told = message
        .filter(|_| status == Some("FAIL"))
        .map(str::to_owned);
    (told, check.broken)
}
