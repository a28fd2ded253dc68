//! One message and all that came of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    callback::Callback,
    render::{Bubble, QuickReply},
    rules::BrokenRule,
};

/// One request to the skill with its answer, and the callback that followed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    pub id: String,
    /// The bot's id without `!`.
    pub bot: String,
    pub user: String,
    pub room: Option<String>,
    /// The name of the block that ran.
    pub block: Option<String>,
    /// By the platform's clock, in milliseconds since the Unix epoch.
    pub sent_at: i64,
    /// The body sent: JSON, or a string when it was none.
    pub request: Value,
    /// `X-Request-Id`.
    pub request_id: String,
    /// The skill's HTTP status, if it answered in time.
    pub status: Option<u16>,
    /// From sending to the whole answer; null while the skill is being called.
    pub elapsed_ms: Option<u64>,
    /// The skill's answer: JSON, or a string when it is none; null without an answer.
    pub response: Value,
    pub outcome: Outcome,
    /// Why the outcome is `failed`, in words.
    pub error: Option<String>,
    pub broken_rules: Vec<BrokenRule>,
    /// What the person sees at once.
    pub bubbles: Vec<Bubble>,
    pub quick_replies: Vec<QuickReply>,
    /// What the person sees while the callback is awaited.
    pub waiting_message: Option<String>,
    /// The callback, if the request carried a URL for one.
    pub callback: Option<Callback>,
}

/// What came of calling the skill; a later callback does not change it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The skill is being called.
    Pending,
    /// Its answer is shown.
    Answered,
    /// It promised a callback.
    Waiting,
    /// It did not answer in time.
    Timeout,
    /// It could not be reached, or answered with an error or something that is no JSON.
    Failed,
    /// Its answer broke a rule and is not shown.
    Refused,
}

/// The JSON in the bytes, or else their text.
pub(crate) fn json_or_text(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
