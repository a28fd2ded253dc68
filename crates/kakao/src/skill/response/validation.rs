//! The answer to a parameter validation call (skill.md §7), which has a shape of its own.

use serde::Serialize;

/// The value that a block asked for is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidationResponse {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl ValidationResponse {
    /// `value` replaces what the person gave, if it is there.
    pub fn success(value: Option<String>) -> Self {
        Self {
            status: "SUCCESS",
            value,
        }
    }

    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "JSON of strings, written to memory"
    )]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a response is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_the_shape_of_the_call() {
        let success = |value: Option<&str>| ValidationResponse::success(value.map(str::to_owned));
        assert_eq!(
            success(Some("서울")).to_json(),
            r#"{"status":"SUCCESS","value":"서울"}"#
        );
        assert_eq!(success(None).to_json(), r#"{"status":"SUCCESS"}"#);
    }
}
