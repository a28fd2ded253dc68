//! What is said of an answer that breaks a rule.

use serde::{Deserialize, Serialize};

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

/// Whether one of the rules throws the answer away.
pub(crate) fn refused(broken: &[BrokenRule]) -> bool {
    broken.iter().any(|rule| rule.severity == Severity::Refused)
}
