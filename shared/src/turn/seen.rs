//! The requests that are remembered, so that one that comes again is known.

use serde::{Deserialize, Serialize};

use super::opening::Opening;
use crate::clock::Time;

/// A request that became a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Digests of what makes the request unique; none if the platform gave nothing.
    pub(super) keys: Vec<String>,
    pub(super) fingerprint: String,
    pub(super) turn: String,
    pub(super) at: Time,
    pub(super) unanswered: Option<Unanswered>,
}

/// Why nobody gets to see the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Unanswered {
    /// A newer message took its place.
    Replaced,
    /// It had none when its time was over, or nobody collected it in time.
    Expired,
}

impl Seen {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        Self {
            keys: opening.keys.to_vec(),
            fingerprint: opening.fingerprint.to_owned(),
            turn: opening.turn.to_owned(),
            at: opening.now,
            unanswered: None,
        }
    }
}
