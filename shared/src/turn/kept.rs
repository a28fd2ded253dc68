//! Answers that are kept for their person: until their arrival is known, or their time is over.

use reply::{PlainText, Reply};
use serde::{Deserialize, Serialize};

use super::budget;
use crate::{clock::Time, message::Message};

/// So many characters of a question stand above its answer, where several are shown together.
const FIRST_WORDS: usize = 24;

/// An answer that its person has not seen for certain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The turn it answers.
    pub(super) turn: String,
    /// The first words of what was asked.
    pub(super) question: String,
    pub(super) reply: Reply,
    pub(super) until: Time,
    pub(super) arrival: Arrival,
}

/// What is known about whether the person has seen an answer. One that certainly arrived is not
/// kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Arrival {
    /// Nobody has been shown it: it goes along with whatever leaves next. Only the response that
    /// waits for it may carry it before `reserved`.
    Held { reserved: Option<Time> },
    /// It was posted to a callback, and nobody told us whether it arrived: the person may ask for
    /// it. `offered`: they have been told so.
    Unconfirmed { offered: bool },
    /// A response carried it at this time. Whether a response arrives nobody tells us, so it can be
    /// looked at again.
    Shown { at: Time },
}

impl Kept {
    pub(super) fn held(
        turn: &str,
        question: &str,
        reply: Reply,
        until: Time,
        reserved: Option<Time>,
    ) -> Self {
        Self {
            turn: turn.to_owned(),
            question: question.to_owned(),
            reply,
            until,
            arrival: Arrival::Held { reserved },
        }
    }

    /// Whether it goes along with what leaves next, though nobody asked for it.
    pub(super) fn is_held(&self, now: Time) -> bool {
        matches!(self.arrival, Arrival::Held { reserved } if reserved.is_none_or(|until| until <= now))
    }

    pub(super) fn is_reserved(&self, now: Time) -> bool {
        matches!(self.arrival, Arrival::Held { reserved: Some(until) } if now < until)
    }

    pub(super) fn is_unconfirmed(&self) -> bool {
        matches!(self.arrival, Arrival::Unconfirmed { .. })
    }

    /// Whether the person is shown it when they ask for what they have not seen.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.is_held(now) || self.is_unconfirmed()
    }

    pub(super) fn is_shown(&self) -> bool {
        matches!(self.arrival, Arrival::Shown { .. })
    }

    /// Notes that a response carries it now.
    pub(super) fn mark_carried(&mut self, now: Time) {
        self.until = self.until.min(now + budget::SHOW_AGAIN);
        self.arrival = Arrival::Shown { at: now };
    }

    /// The answer under the first words of its question.
    fn titled(&self) -> Reply {
        let title = PlainText::literal(&format!("“{}”", self.question));
        title
            .filter(|_| !self.question.is_empty())
            .and_then(|title| Reply::from(title).and(&self.reply))
            .unwrap_or_else(|| self.reply.clone())
    }

    pub(super) fn bytes(&self) -> usize {
        self.reply.bytes() + self.question.len()
    }
}

/// What these say together, and how many of them, from the first one on, fit into one reply. Where
/// there are several, each stands under the first words of its question.
pub(super) fn joined<'a>(kept: impl Iterator<Item = &'a Kept>) -> Option<(Reply, usize)> {
    let kept: Vec<_> = kept.collect();
    let (first, others) = kept.split_first()?;
    if others.is_empty() {
        return Some((first.reply.clone(), 1));
    }
    let mut whole = first.titled();
    let mut count = 1;
    for next in others {
        let Some(reply) = whole.and(&next.titled()) else {
            break;
        };
        whole = reply;
        count += 1;
    }
    Some((whole, count))
}

/// The first words of a message, on one line.
pub(super) fn first_words(message: &Message) -> String {
    let words = message.in_words(0);
    let words: Vec<_> = words.split_whitespace().collect();
    let words = words.join(" ");
    match words.char_indices().nth(FIRST_WORDS) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default().trim_end()),
        None => words,
    }
}

/// What did not fit into the last page, for whoever asks for more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct More {
    pub(super) turn: String,
    pub(super) question: String,
    pub(super) reply: Reply,
    pub(super) until: Time,
    /// When a response carried the page before it, if one did.
    pub(super) after: Option<Time>,
}

impl More {
    pub(super) fn new(of: &Kept, reply: Reply, after: Option<Time>) -> Self {
        Self {
            turn: of.turn.clone(),
            question: of.question.clone(),
            reply,
            until: of.until,
            after,
        }
    }
}
