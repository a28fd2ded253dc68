//! A reply that waits for its person.

use std::time::Duration;

use reply::Reply;
use serde::{Deserialize, Serialize};

use crate::clock::Time;

/// A reply kept for the person until a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The turn it answers; the last one, where several are joined.
    pub(super) turn: String,
    pub(super) reply: Reply,
    pub(super) until: Time,
    /// Posted, and nobody told us whether it arrived.
    pub(super) doubtful: bool,
}

/// The first of these, oldest first, joined as far as one reply can hold them; the rest stays.
pub(super) fn take_joined(kept: &mut Vec<Kept>) -> Option<Kept> {
    let mut joined: Option<Kept> = None;
    while let Some(next) = kept.first() {
        match &mut joined {
            None => joined = Some(next.clone()),
            Some(whole) => match whole.reply.and(&next.reply) {
                Some(reply) => {
                    *whole = Kept {
                        turn: next.turn.clone(),
                        reply,
                        until: whole.until.max(next.until),
                        doubtful: false,
                    }
                }
                None => break,
            },
        }
        kept.remove(0);
    }
    joined
}

impl Kept {
    pub(super) fn new(turn: &str, reply: Reply, now: Time, keep: Duration) -> Self {
        Self {
            turn: turn.to_owned(),
            reply,
            until: now + keep,
            doubtful: false,
        }
    }
}
