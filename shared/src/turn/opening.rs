//! A message that asks to become a turn, and what it is told.

use reply::Reply;

use super::slot::Slot;
use crate::{clock::Time, config::Concurrency, identity::Scope, message::Message};

/// A message that asks to become a turn.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Fresh names, used if they are needed.
    pub turn: &'a str,
    pub session: &'a str,
    pub scope: &'a Scope,
    pub group: bool,
    pub message: &'a Message,
    pub received: Time,
    pub now: Time,
    /// When the function that opens the turn has ended for certain.
    pub opener_ends: Time,
    pub slot: &'a Slot,
    /// What the person is told if nobody ever answers.
    pub unanswered: &'a Reply,
    /// Digests of the request id and of the callback URL, where there are any.
    pub keys: &'a [String],
    /// The digest of the callback URL again, by itself.
    pub slot_key: Option<&'a str>,
    /// Digest of what was said, by whom and with which tap.
    pub fingerprint: &'a str,
    /// Digest of the person, who need not be the conversation: a group has many.
    pub speaker: &'a str,
    pub concurrency: Concurrency,
    /// Nothing new is taken: it would wait in the queue for too long.
    pub crowded: bool,
}

/// What became of an [`Opening`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// To be handed over.
    New,
    /// The request is known, and its turn is on its way.
    UnderWay {
        turn: String,
    },
    /// The request is known, whoever opened its turn is gone, and nobody took it up: to be handed
    /// over again.
    Stranded {
        turn: String,
    },
    /// The request is known, and its turn has ended.
    Ended {
        turn: String,
    },
    /// The request is known, but its answer goes to another callback than this one's.
    OtherSlot,
    /// The same words right after one another.
    DoubleTap,
    /// A known request with other content.
    Mismatch,
    /// `reject`: one at a time.
    Busy,
    /// Too much waits to be answered or collected.
    Full,
    /// Too many messages in too little time.
    TooFast,
    Crowded,
}
