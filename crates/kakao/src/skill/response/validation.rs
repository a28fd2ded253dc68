//! The answer to a parameter validation call (skill.md §7), which has a shape of its own.

use serde::Serialize;

use super::Limited;

/// Whether a value that a block asked for is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "UPPERCASE")]
pub enum ValidationResponse {
    /// Taken; `value` replaces it if given.
    Success {
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Not taken: the person is shown `message` and asked again.
    Fail { message: Limited<1000> },
    /// Could not be looked at.
    Error { message: Limited<1000> },
    /// No longer asked for; the message is treated afresh.
    Ignore,
}

impl ValidationResponse {
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
        let success = ValidationResponse::Success {
            value: Some("서울".to_owned()),
        };
        assert_eq!(success.to_json(), r#"{"status":"SUCCESS","value":"서울"}"#);
        let fail = ValidationResponse::Fail {
            message: Limited::fit("다시 알려 주세요."),
        };
        assert_eq!(
            fail.to_json(),
            r#"{"status":"FAIL","message":"다시 알려 주세요."}"#
        );
        assert_eq!(
            ValidationResponse::Ignore.to_json(),
            r#"{"status":"IGNORE"}"#
        );
    }
}
