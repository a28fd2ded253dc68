//! The document of one conversation: what is asked, what is held, what was said. Pure: time and names come in as values.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    budget,
    lane::{Slot, Turn},
};
use crate::{
    access::{Admitted, Scope},
    clock::Time,
    config::Concurrency,
    message::Message,
    reply::{self, PlainText},
    store::Document,
};

/// Requests remembered per conversation.
const MAX_SEEN: usize = 100;
/// Stored text a conversation may hold before new messages are turned away; DynamoDB's item ends at 400 KB.
const MAX_BYTES: usize = 250_000;
/// Memory sent to an agent without its own.
const MAX_MEMORY_BYTES: usize = 24_000;

/// Everything about one (channel, account, sender or group).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// What the agent knows this conversation by; another one after `/new`. Empty until the first message.
    session: String,
    begun: Time,
    touched: Time,
    scope: Option<Scope>,
    #[serde(default)]
    group: bool,
    /// Unfinished turns, oldest first.
    pub(super) turns: Vec<Turn>,
    /// Answers nobody has seen yet, oldest first.
    #[serde(default)]
    pub(super) held: Vec<Kept>,
    /// What did not fit into the last answer.
    #[serde(default)]
    pub(super) more: Option<Kept>,
    /// What was shown last, to be looked at again; and what nobody knows to have arrived, until it is asked for.
    #[serde(default)]
    pub(super) shown: Vec<Kept>,
    #[serde(default)]
    memory: Vec<Exchange>,
    #[serde(default)]
    memory_until: Time,
    #[serde(default)]
    seen: Vec<Seen>,
    #[serde(default)]
    pace: BTreeMap<String, Bucket>,
}

/// Text kept for the person until a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) text: PlainText,
    pub(super) until: Time,
    /// Posted, and nobody told us whether it arrived.
    #[serde(default)]
    pub(super) doubtful: bool,
}

/// A question and its answer, for an agent that does not remember.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub question: String,
    pub answer: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    /// Digests of what makes the request unique; none if the platform gave nothing.
    keys: Vec<String>,
    fingerprint: String,
    turn: String,
    at: Time,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Bucket {
    left: u32,
    since: Time,
}

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
    pub slot: &'a Slot,
    /// Digests of the request id and of the callback URL, where there are any.
    pub keys: &'a [String],
    /// Digest of what was said, by whom and with which tap.
    pub fingerprint: &'a str,
    /// Digest of the person, who need not be the conversation: a group has many.
    pub speaker: &'a str,
    pub concurrency: Concurrency,
}

/// What became of an [`Opening`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// To be handed over; `stalled` names a turn before it that no worker holds and that should be handed over too.
    New { stalled: Option<String> },
    /// The very same request came again; `turn` was opened for it then. `stranded`: whoever opened it is gone, and nobody took it up.
    Again { turn: String, stranded: bool },
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
}

/// What there is to collect.
#[derive(Clone, Debug, PartialEq)]
pub enum Collected<P> {
    /// `thinking`: more is on its way. `more`: it did not all fit.
    Answer {
        page: P,
        thinking: bool,
        more: bool,
    },
    Thinking,
    Nothing,
}

/// For `/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub begun: Time,
    pub waiting: usize,
    pub held: usize,
}

impl Document for Conversation {
    fn expires(&self) -> Time {
        let held = self.kept().map(|kept| kept.until);
        held.chain([self.touched + budget::FORGET_CONVERSATION])
            .max()
            .unwrap_or_default()
    }
}

impl Conversation {
    /// Takes a message in. Only an admitted sender's: hence the proof.
    pub fn open(&mut self, opening: &Opening<'_>, _admitted: &Admitted) -> Opened {
        let now = opening.now;
        self.tidy(now);
        if let Some(seen) = self
            .seen
            .iter()
            .find(|seen| seen.keys.iter().any(|key| opening.keys.contains(key)))
        {
            return match seen.fingerprint == opening.fingerprint {
                true => self.again(&seen.turn, now),
                false => Opened::Mismatch,
            };
        }
        let same = self
            .seen
            .iter()
            .rev()
            .find(|seen| seen.fingerprint == opening.fingerprint);
        if let Some(seen) = same {
            if now.since(seen.at) < budget::DOUBLE_TAP {
                return Opened::DoubleTap;
            }
            if opening.keys.is_empty() && self.turns.iter().any(|turn| turn.id == seen.turn) {
                return self.again(&seen.turn, now);
            }
        }
        if !self.takes_pace(opening.speaker, now) {
            return Opened::TooFast;
        }
        match opening.concurrency {
            Concurrency::Reject if !self.turns.is_empty() => return Opened::Busy,
            Concurrency::Latest => self.turns.iter_mut().for_each(|turn| turn.replaced = true),
            Concurrency::Queue | Concurrency::Reject => {}
        }
        if self.turns.iter().filter(|turn| !turn.replaced).count() >= budget::MAX_WAITING
            || self.bytes() > MAX_BYTES
        {
            return Opened::Full;
        }
        if self.session.is_empty() {
            opening.session.clone_into(&mut self.session);
            self.begun = now;
        }
        self.touched = now;
        self.scope = Some(opening.scope.clone());
        self.group = opening.group;
        let stalled = self
            .turns
            .first()
            .filter(|turn| turn.is_stalled(now))
            .map(|turn| turn.id.clone());
        self.turns.push(Turn::new(opening));
        self.seen.push(Seen {
            keys: opening.keys.to_vec(),
            fingerprint: opening.fingerprint.to_owned(),
            turn: opening.turn.to_owned(),
            at: now,
        });
        Opened::New { stalled }
    }

    fn again(&self, turn: &str, now: Time) -> Opened {
        let open = self.turns.iter().find(|open| open.id == turn);
        Opened::Again {
            turn: turn.to_owned(),
            stranded: open.is_some_and(|open| open.is_stranded(now)),
        }
    }

    /// Takes a turn back that could not be handed over.
    pub fn abandon(&mut self, turn: &str) {
        self.turns.retain(|open| open.id != turn);
        self.seen.retain(|seen| seen.turn != turn);
    }

    pub fn is_open(&self, turn: &str) -> bool {
        self.turns.iter().any(|open| open.id == turn)
    }

    /// Hands out what is held, or what was shown last if nothing is, cut into a page; the rest is kept for [`Self::collect_more`].
    pub fn collect<P>(
        &mut self,
        now: Time,
        page: impl FnOnce(&PlainText) -> (P, Option<PlainText>),
    ) -> Collected<P> {
        self.tidy(now);
        let thinking = self.is_thinking();
        let doubtful = self.shown.iter().any(|kept| kept.doubtful);
        let kept = match take_joined(&mut self.held) {
            Some(held) => held,
            None if thinking && !doubtful => return Collected::Thinking,
            None => match take_joined(&mut self.shown) {
                Some(shown) => shown,
                None => return Collected::Nothing,
            },
        };
        self.show(kept, now, thinking, page)
    }

    /// Hands out what did not fit before.
    pub fn collect_more<P>(
        &mut self,
        now: Time,
        page: impl FnOnce(&PlainText) -> (P, Option<PlainText>),
    ) -> Collected<P> {
        self.tidy(now);
        match self.more.take() {
            Some(more) => {
                let thinking = self.is_thinking();
                self.show(more, now, thinking, page)
            }
            None => self.collect(now, page),
        }
    }

    fn show<P>(
        &mut self,
        kept: Kept,
        now: Time,
        thinking: bool,
        page: impl FnOnce(&PlainText) -> (P, Option<PlainText>),
    ) -> Collected<P> {
        let (page, rest) = page(&kept.text);
        let more = rest.is_some();
        self.more = rest.map(|text| Kept {
            text,
            ..kept.clone()
        });
        // The answer to this very request may get lost: it can be asked for again.
        self.was_shown(Kept {
            until: kept.until.min(now + budget::SHOW_AGAIN),
            doubtful: false,
            ..kept
        });
        Collected::Answer {
            page,
            thinking,
            more,
        }
    }

    /// Replaces what was shown before it, but for what may never have arrived.
    pub(super) fn was_shown(&mut self, kept: Kept) {
        self.shown.retain(|shown| shown.doubtful);
        self.shown.push(kept);
    }

    fn is_thinking(&self) -> bool {
        self.turns.iter().any(|turn| !turn.replaced)
    }

    pub fn begin_session(&mut self, session: &str, now: Time) {
        session.clone_into(&mut self.session);
        self.begun = now;
        self.touched = now;
        self.memory.clear();
        // What was seen belongs to the conversation before.
        self.shown.retain(|shown| shown.doubtful);
    }

    pub fn status(&self, now: Time) -> Status {
        let held = self.held.iter().filter(|kept| kept.until > now).count();
        Status {
            begun: self.begun,
            waiting: self.turns.iter().filter(|turn| !turn.replaced).count(),
            held,
        }
    }

    pub fn session(&self) -> &str {
        &self.session
    }

    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    pub fn is_group(&self) -> bool {
        self.group
    }

    /// The turns nobody has finished, oldest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &str> {
        self.turns.iter().map(|turn| turn.id.as_str())
    }

    /// The last exchanges, oldest first; empty once they are too old.
    pub(super) fn memory(&self, now: Time) -> Vec<Exchange> {
        if self.memory_until > now {
            self.memory.clone()
        } else {
            Vec::new()
        }
    }

    pub(super) fn remember(&mut self, session: &str, exchange: Exchange, turns: usize, now: Time) {
        if self.session != session {
            return;
        }
        self.memory = self.memory(now);
        self.memory.push(exchange);
        let size = |exchange: &Exchange| exchange.question.len() + exchange.answer.len();
        while self.memory.len() > turns
            || self.memory.iter().map(size).sum::<usize>() > MAX_MEMORY_BYTES
        {
            self.memory.remove(0);
        }
        self.memory_until = now + budget::FORGET_MEMORY;
    }

    /// Drops what is over: reads check expiry themselves, the table's TTL is lazy.
    pub(super) fn tidy(&mut self, now: Time) {
        self.turns.retain(|turn| !turn.is_over(now));
        self.held.retain(|kept| kept.until > now);
        self.shown.retain(|kept| kept.until > now);
        self.more.take_if(|more| more.until <= now);
        if self.memory_until <= now {
            self.memory.clear();
        }
        self.seen
            .retain(|seen| now.since(seen.at) < budget::REMEMBER_REQUEST);
        let excess = self.seen.len().saturating_sub(MAX_SEEN);
        self.seen.drain(..excess);
        self.pace
            .retain(|_, bucket| bucket.refilled(now).left < budget::BURST);
    }

    /// Unchanged when the sender is too fast: a flood costs no writes.
    fn takes_pace(&mut self, speaker: &str, now: Time) -> bool {
        let full = Bucket {
            left: budget::BURST,
            since: now,
        };
        let bucket = self
            .pace
            .get(speaker)
            .map_or(full, |bucket| bucket.refilled(now));
        let Some(left) = bucket.left.checked_sub(1) else {
            return false;
        };
        self.pace
            .insert(speaker.to_owned(), Bucket { left, ..bucket });
        true
    }

    fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.held.iter().chain(&self.more).chain(&self.shown)
    }

    fn bytes(&self) -> usize {
        let kept = self.kept().map(|kept| kept.text.as_str().len());
        kept.chain(self.turns.iter().map(Turn::bytes)).sum()
    }
}

impl Bucket {
    fn refilled(&self, now: Time) -> Self {
        let steps = now.since(self.since).as_millis() / budget::PACE.as_millis();
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.left.saturating_add(steps) {
            full if full >= budget::BURST => Self {
                left: budget::BURST,
                since: now,
            },
            left => Self {
                left,
                since: self.since + budget::PACE * steps,
            },
        }
    }
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
    pub(super) fn new(text: PlainText, now: Time, keep: Duration) -> Self {
        Self {
            text,
            until: now + keep,
            doubtful: false,
        }
    }
}
