//! The document of one conversation: what is asked, what is held, what was said. Pure: time and
//! names come in as values.

use std::fmt;

use reply;
use serde::{Deserialize, Serialize};

use super::{
    budget,
    kept::Kept,
    pace::Pace,
    stage::{Slot, Stage, Turn},
};
use crate::{
    access::Admitted, clock::Time, config::Concurrency, identity::Scope, message::Message,
    store::Document,
};

/// Requests remembered per conversation.
const MAX_SEEN: usize = 100;
/// What a conversation may come to, with the longest answer to every open turn, before new messages
/// are turned away; DynamoDB's item ends at 400 KB.
const MAX_BYTES: usize = 360_000;
/// Memory sent to an agent without its own.
const MAX_MEMORY_BYTES: usize = 24_000;
/// Of one question, and of one answer.
const MAX_REMEMBERED_BYTES: usize = 8_000;

/// Everything about one (channel, account, sender or group).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// What the agent knows this conversation by; another one after `/new`. Empty until the first
    /// message.
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
    /// What was shown last, to be looked at again; and what nobody knows to have arrived, until it
    /// is asked for.
    #[serde(default)]
    pub(super) shown: Vec<Kept>,
    #[serde(default)]
    memory: Vec<Exchange>,
    #[serde(default)]
    memory_until: Time,
    #[serde(default)]
    seen: Vec<Seen>,
    #[serde(default)]
    pace: Pace,
    /// Turns that ended unanswered in this very change.
    #[serde(skip)]
    expired: usize,
}

/// A question and its answer, for an agent that does not remember.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub question: String,
    pub answer: String,
}

/// Without what was said.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange(…)")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Digests of what makes the request unique; none if the platform gave nothing.
    keys: Vec<String>,
    fingerprint: String,
    pub(super) turn: String,
    pub(super) at: Time,
    /// A newer message took its place.
    #[serde(default)]
    pub(super) replaced: bool,
    /// It ended unanswered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) expired: bool,
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
    /// A request we know came again; `turn` was opened for it then.
    Again {
        turn: String,
        /// It is not finished yet.
        open: bool,
        /// Whoever opened it is gone, and nobody took it up.
        stranded: bool,
        /// Its answer goes where the one to this request would.
        same_slot: bool,
    },
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
        // Our own write, whose answer was lost.
        if self.is_open(opening.turn) {
            return Opened::New;
        }
        let known = |seen: &&Seen| seen.keys.iter().any(|key| opening.keys.contains(key));
        if let Some(seen) = self.seen.iter().find(known) {
            return match seen.fingerprint == opening.fingerprint {
                true => self.again(seen, opening),
                false => Opened::Mismatch,
            };
        }
        let same = |seen: &&Seen| seen.fingerprint == opening.fingerprint;
        if let Some(seen) = self.seen.iter().rev().find(same) {
            if now.since(seen.at) < budget::DOUBLE_TAP {
                return Opened::DoubleTap;
            }
            if opening.keys.is_empty() && self.is_open(&seen.turn) {
                return self.again(seen, opening);
            }
        }
        if opening.crowded {
            return Opened::Crowded;
        }
        if !self.pace.takes(opening.speaker, now) {
            return Opened::TooFast;
        }
        let latest = opening.concurrency == Concurrency::Latest;
        let waiting = self.turns.iter().filter(|turn| !latest && !turn.replaced);
        if waiting.count() >= budget::MAX_WAITING || self.bytes() + reply::MAX_BYTES > MAX_BYTES {
            return Opened::Full;
        }
        match opening.concurrency {
            Concurrency::Reject if !self.turns.is_empty() => return Opened::Busy,
            Concurrency::Latest => self.replace_all(),
            Concurrency::Queue | Concurrency::Reject => {}
        }
        if self.session.is_empty() {
            opening.session.clone_into(&mut self.session);
            self.begun = now;
        }
        self.touched = now;
        self.scope = Some(opening.scope.clone());
        self.group = opening.group;
        self.turns.push(Turn::new(opening));
        self.seen.push(Seen {
            keys: opening.keys.to_vec(),
            fingerprint: opening.fingerprint.to_owned(),
            turn: opening.turn.to_owned(),
            at: now,
            replaced: false,
            expired: false,
        });
        Opened::New
    }

    fn replace_all(&mut self) {
        for turn in &mut self.turns {
            turn.replaced = true;
            let seen = self.seen.iter_mut().filter(|seen| seen.turn == turn.id);
            seen.for_each(|seen| seen.replaced = true);
        }
    }

    pub fn was_replaced(&self, turn: &str) -> bool {
        self.seen
            .iter()
            .any(|seen| seen.turn == turn && seen.replaced)
    }

    /// The turn whose time in the lane it is, if nobody holds it though somebody should.
    pub fn stalled(&self, now: Time) -> Option<&str> {
        let head = self.turns.iter().find(|turn| !turn.is_out_of_the_lane())?;
        head.is_stalled(now).then_some(head.id.as_str())
    }

    fn again(&self, seen: &Seen, opening: &Opening<'_>) -> Opened {
        let open = self.turns.iter().find(|open| open.id == seen.turn);
        Opened::Again {
            turn: seen.turn.clone(),
            open: open.is_some(),
            stranded: open.is_some_and(|open| open.is_stranded(opening.now)),
            same_slot: opening
                .slot_key
                .is_none_or(|key| seen.keys.iter().any(|seen| seen == key)),
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

    /// Whether no worker has ever begun with the turn.
    pub fn awaits_worker(&self, turn: &str) -> bool {
        self.turns
            .iter()
            .any(|open| open.id == turn && open.stage == Stage::Opened && open.tries == 0)
    }

    pub(super) fn is_thinking(&self) -> bool {
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

    pub(super) fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.seen.iter()
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

    /// How many turns ended unanswered in this change.
    pub fn expired(&self) -> usize {
        self.expired
    }

    /// The last exchanges, oldest first; empty once they are too old.
    pub(super) fn memory(&self, now: Time) -> Vec<Exchange> {
        if self.memory_until > now {
            self.memory.clone()
        } else {
            Vec::new()
        }
    }

    /// Long texts are cut: what is remembered goes along with every question.
    pub(super) fn remember(
        &mut self,
        session: &str,
        question: &str,
        answer: &str,
        turns: usize,
        now: Time,
    ) {
        if self.session != session {
            return;
        }
        let cut = |text: &str| {
            text.get(..reply::floor(text, MAX_REMEMBERED_BYTES))
                .unwrap_or_default()
                .to_owned()
        };
        self.memory = self.memory(now);
        self.memory.push(Exchange {
            question: cut(question),
            answer: cut(answer),
        });
        let excess = self.memory.len().saturating_sub(turns);
        self.memory.drain(..excess);
        let size = |exchange: &Exchange| exchange.question.len() + exchange.answer.len();
        while self.memory.iter().map(size).sum::<usize>() > MAX_MEMORY_BYTES {
            self.memory.remove(0);
        }
        self.memory_until = now + budget::FORGET_MEMORY;
    }

    /// Drops what is over: reads check expiry themselves, the table's TTL is lazy.
    pub(super) fn tidy(&mut self, now: Time) {
        let mut expired = Vec::new();
        for turn in self.turns.extract_if(.., |turn| turn.is_over(now)) {
            match turn.stage {
                // Somebody may have posted it, but nobody lived to tell.
                Stage::Posting { answer, .. } => self.shown.push(Kept {
                    doubtful: true,
                    ..Kept::new(&turn.id, answer, now, budget::KEEP_DOUBTFUL)
                }),
                Stage::Opened | Stage::Answering(_) => {
                    self.expired += 1;
                    expired.push(turn.id);
                }
            }
        }
        let uncollected = self.held.extract_if(.., |kept| kept.until <= now);
        expired.extend(uncollected.map(|kept| kept.turn));
        for seen in &mut self.seen {
            seen.expired |= expired.contains(&seen.turn);
        }
        self.shown.retain(|kept| kept.until > now);
        self.more.take_if(|more| more.until <= now);
        if self.memory_until <= now {
            self.memory.clear();
        }
        self.seen
            .retain(|seen| now.since(seen.at) < budget::REMEMBER_REQUEST);
        let excess = self.seen.len().saturating_sub(MAX_SEEN);
        self.seen.drain(..excess);
        self.pace.tidy(now);
    }

    fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.held.iter().chain(&self.more).chain(&self.shown)
    }

    fn bytes(&self) -> usize {
        let kept = self.kept().map(|kept| kept.reply.bytes());
        kept.chain(self.turns.iter().map(Turn::bytes)).sum()
    }
}
