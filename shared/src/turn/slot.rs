//! Where the answer of a turn may still go. What the channel allows is said by the slot itself, by
//! whoever opens the turn: nothing here knows how long a callback of `KakaoTalk` lives.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::budget;
use crate::clock::Time;

/// Where the answer of a turn may go besides the pile of held answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot {
    /// Into the response to the message, which waits for it until then.
    Response {
        until: Time,
    },
    Callback(Callback),
    /// Nowhere: there was none, or it is spent.
    Closed,
}

/// An address that takes one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Callback {
    pub url: OneUseUrl,
    /// What is posted sooner may be refused, because the message is not acknowledged yet.
    pub earliest: Time,
    /// Nothing is posted from this on.
    pub latest: Time,
    /// How many posts of an answer may still begin. Another one follows only if the one before it
    /// may not have arrived.
    pub posts_left: u8,
}

/// The address of a callback as it was received. Whoever knows it can answer, so it is never shown.
/// It is not `KakaoTalk`'s checked `CallbackUrl`, because the document knows no channel: whoever
/// posts checks it again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OneUseUrl(String);

impl OneUseUrl {
    pub fn new(url: &str) -> Self {
        Self(url.to_owned())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneUseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneUseUrl(…)")
    }
}

impl Slot {
    /// When it is spent on a sentence, if it is still open.
    pub(super) fn notice_at(&self) -> Option<Time> {
        match self {
            Self::Callback(callback) => Some(callback.latest - budget::NOTICE_MARGIN),
            Self::Response { .. } | Self::Closed => None,
        }
    }

    /// Until when only the response to the message may carry the answer, if there is one.
    pub(super) fn reserved(&self) -> Option<Time> {
        match self {
            Self::Response { until } => Some(*until),
            Self::Callback(_) | Self::Closed => None,
        }
    }

    /// Closes it. The callback, if it can still be used.
    pub(super) fn spend(&mut self, now: Time) -> Option<Callback> {
        match std::mem::replace(self, Self::Closed) {
            Self::Callback(callback) if now < callback.latest => Some(callback),
            Self::Response { .. } | Self::Callback(_) | Self::Closed => None,
        }
    }
}
