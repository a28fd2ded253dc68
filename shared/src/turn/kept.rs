//! Text that waits for its person.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    reply::{self, PlainText},
};

/// Text kept for the person until a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The turn it answers; the last one, where several are joined.
    #[serde(default)]
    pub(super) turn: String,
    pub(super) text: PlainText,
    pub(super) until: Time,
    /// Posted, and nobody told us whether it arrived.
    #[serde(default)]
    pub(super) doubtful: bool,
}

/// The first of these, oldest first, joined as far as one text can hold them; the rest stays.
pub(super) fn take_joined(kept: &mut Vec<Kept>) -> Option<Kept> {
    let mut joined: Option<Kept> = None;
    while let Some(next) = kept.first() {
        match &mut joined {
            None => joined = Some(next.clone()),
            Some(whole) => match joined_whole(&whole.text, &next.text) {
                Some(text) => {
                    *whole = Kept {
                        turn: next.turn.clone(),
                        text,
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

/// Both texts as one, unless that would cut something off.
pub(super) fn joined_whole(first: &PlainText, next: &PlainText) -> Option<PlainText> {
    const SEPARATOR: &str = "\n\n";
    let size = first.as_str().len() + SEPARATOR.len() + next.as_str().len();
    (size <= reply::MAX_BYTES).then(|| first.joined(next, SEPARATOR))
}

impl Kept {
    pub(super) fn new(turn: &str, text: PlainText, now: Time, keep: Duration) -> Self {
        Self {
            turn: turn.to_owned(),
            text,
            until: now + keep,
            doubtful: false,
        }
    }
}
