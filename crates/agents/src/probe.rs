//! What a live check of an agent finds, as `dari agents test` prints it.

use serde::Serialize;

/// What a live check of an agent found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// The model or agent that would be asked.
    pub target: String,
    /// Whether the endpoint lists the target. Some endpoints answer for more than they list.
    pub listed: bool,
    /// All that the endpoint lists; empty for an agent without a list.
    pub models: Vec<String>,
    /// The HTTP status that an agent without a list answered; `None` for one that has a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}
