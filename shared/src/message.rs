//! One inbound thing, whichever channel it came from: what a person said, showed or tapped.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest text handed to an agent, in characters; real messages are far shorter (skill.md §3.11).
pub const MAX_TEXT_CHARS: usize = 10_000;

/// A message on its way to an agent.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Trimmed, without control characters except line breaks, at most [`MAX_TEXT_CHARS`]
    /// characters.
    pub text: String,
    /// Addresses of pictures; the function that takes the message in lets only the channel's own
    /// media hosts pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// The data of the tapped button, quick reply or list item (`clientExtra`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap: Option<Value>,
    /// What the platform recognised: block parameters under their names, knowledge entries under
    /// `knowledge`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

/// How much there is of everything, and nothing of what was said.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("text_bytes", &self.text.len())
            .field("images", &self.images.len())
            .field("tap", &self.tap.is_some())
            .field("details", &self.details.len())
            .finish()
    }
}
