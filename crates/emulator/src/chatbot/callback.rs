//! What is shown of a callback: where it stands, what was posted, and what the person sees.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    render::{Bubble, QuickReply},
    rules::BrokenRule,
};

/// The callback of an exchange. Times are milliseconds since the exchange's `sentAt`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    pub state: CallbackState,
    /// When the URL was spent.
    pub posted_at_ms: Option<i64>,
    /// When the skill's `useCallback: true` arrived.
    pub ack_at_ms: Option<i64>,
    /// When the URL stops being good.
    pub expires_at_ms: i64,
    pub attempts: Vec<Attempt>,
    /// What the person sees of it.
    pub bubbles: Vec<Bubble>,
    pub quick_replies: Vec<QuickReply>,
    pub broken_rules: Vec<BrokenRule>,
    /// Whether the person sees it.
    pub delivered: bool,
}

/// What has become of a callback URL.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CallbackState {
    /// Good, as soon as the skill has acknowledged.
    Open,
    /// Spent, even if on an answer that was not delivered.
    Used,
    Expired,
    /// The skill's answer did not carry `useCallback: true`, so it cannot be used.
    RefusedAck,
    /// From the bot test, never usable.
    Testing,
}

/// One request to a callback URL.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub at_ms: i64,
    /// The status of the response; null when the connection was cut instead.
    pub status: Option<u16>,
    /// The body that came: JSON, or a string when it was none.
    pub body: Value,
    /// The message answered; empty for a success.
    pub message: String,
}

impl Callback {
    /// Whether nothing more can come of it.
    pub(crate) fn is_settled(&self) -> bool {
        match self.state {
            CallbackState::Open => false,
            CallbackState::Testing => !self.attempts.is_empty(),
            CallbackState::Used | CallbackState::Expired | CallbackState::RefusedAck => true,
        }
    }
}
