//! What is answered to a callback, in the documented words (skill.md §5.4).

use serde_json::{Value, json};

use super::faults::Mode;
use crate::keys::fresh_uuid;

pub(crate) const TESTING: &str = "Invalid callback token for testing purposes.";
pub(crate) const BAD_TOKEN: &str = "Invalid callback token. Check your callback token.";
pub(crate) const NOT_ACKNOWLEDGED: &str =
    "The skill server settings are incorrect. Use callback true setting required.";
pub(crate) const BAD_BOT: &str = "Invalid bot ID. Check your Bot ID.";
pub(crate) const BAD_BODY: &str = "Invalid json response from bot-skill.";
const INTERNAL_ERROR: &str = "Internal server error occured. code: 501";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) status: u16,
    kind: &'static str,
    pub(crate) message: &'static str,
}

impl Verdict {
    pub(crate) const ACCEPTED: Self = Self {
        status: 200,
        kind: "SUCCESS",
        message: "",
    };

    pub(crate) const fn fail(message: &'static str) -> Self {
        Self {
            status: 400,
            kind: "FAIL",
            message,
        }
    }

    pub(crate) fn body(self, now: i64) -> Value {
        json!({
            "taskId": fresh_uuid(),
            "status": self.kind,
            "message": self.message,
            "timestamp": now,
        })
    }

    /// What is answered instead of dealing with the callback.
    pub(crate) fn of_fault(mode: Mode) -> Self {
        match mode {
            Mode::ServerError => Self {
                status: 500,
                kind: "ERROR",
                message: INTERNAL_ERROR,
            },
            Mode::FailBody => Self {
                status: 200,
                ..Self::fail(BAD_TOKEN)
            },
            _ => Self::fail(BAD_TOKEN),
        }
    }
}
