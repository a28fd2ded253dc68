//! What a live check finds.

use serde::Serialize;

/// What a live check of an agent found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// The model or agent that would be asked.
    pub target: String,
    /// Whether the endpoint lists it. Some endpoints list less than they answer for.
    pub listed: bool,
    /// What the endpoint lists, as far as it does.
    pub models: Vec<String>,
    /// What an endpoint without a list answered: the status of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}
