//! What a worker is told at each step of a turn, and what it tells.

use reply::Reply;

use super::{memory::Exchange, slot::Callback, stage::Turn};
use crate::{clock::Time, message::Message};

/// What a worker that comes with a turn should do now.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Nothing: the turn is finished, replaced and told, or forgotten.
    Gone,
    /// Come again then: another worker is at it, or an earlier message is. `stalled` is before it
    /// in the lane, and in nobody's hands.
    Later {
        at: Time,
        stalled: Option<String>,
    },
    /// The slot is about to close on a turn that waits: spend it on a sentence, and come again
    /// then.
    Notice {
        callback: Callback,
        again: Time,
    },
    /// A newer message took over: the person is told so, in the place of an answer.
    Replaced,
    Ask(Box<Ask>),
    /// Too many workers failed at this turn: an apology is its answer.
    GiveUp,
    Post(Post),
}

/// A question for the agent.
#[derive(Debug, PartialEq)]
pub struct Ask {
    pub session: String,
    pub message: Message,
    /// Digest of the person.
    pub speaker: String,
    pub received: Time,
    pub memory: Vec<Exchange>,
    /// When the slot must be spent on a sentence, if there is one.
    pub notice_at: Option<Time>,
}

/// What the agent said, or what is said in its place.
#[derive(Clone)]
pub struct Answer {
    pub reply: Reply,
    /// For an agent without memory: how many exchanges to keep, and its words.
    pub memory: Option<(usize, String)>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Renewed {
    Mine,
    /// A newer message took over: stop asking.
    Replaced,
    /// Not mine any more: stop, and write nothing.
    Lost,
}

#[derive(Debug, PartialEq)]
pub enum Finished {
    Post(Post),
    /// Kept for the person; `next` waits for the lane.
    Held {
        next: Option<String>,
    },
    /// A newer message took over meanwhile.
    Replaced,
    Lost,
}

/// A stored reply on its way to a callback.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    pub callback: Callback,
    /// To the turn, and to those before it that were held.
    pub reply: Reply,
    /// The first words of a question whose answer may not have arrived, where the person has not
    /// been told yet.
    pub unconfirmed: Option<String>,
    /// Whether there is another answer that the person may ask for.
    pub waiting: bool,
    /// When the message came that is answered.
    pub received: Time,
    /// The turn that does not wait in the lane until this is posted.
    pub next: Option<String>,
}

/// What is known after a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostResult {
    Accepted,
    /// The platform said no.
    Refused,
    /// The platform said no to what was in it: as it is, it would never be shown.
    Malformed,
    /// It did not leave, or the platform asks to try again.
    NotSent,
    /// It may have arrived.
    Unknown,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Posted {
    Delivered {
        next: Option<String>,
    },
    /// The platform did not take it: it is held.
    Held {
        next: Option<String>,
    },
    /// It may have been shown: the person can ask for it, but it is not pushed on them again.
    Unconfirmed {
        next: Option<String>,
    },
    /// Post it once more.
    Again,
    Lost,
}

impl Ask {
    pub(super) fn new(turn: &Turn, memory: &[Exchange]) -> Self {
        Self {
            session: turn.session.clone(),
            message: turn.message.clone(),
            speaker: turn.speaker.clone(),
            received: turn.received,
            memory: memory.to_vec(),
            notice_at: turn.slot.notice_at(),
        }
    }
}
