//! The document of one conversation: what is asked, what is held, what was said. Pure: time and
//! names come in as values.

use reply;
use serde::{Deserialize, Serialize};

use super::{
    budget,
    kept::{Arrival, Kept, More},
    memory::Memory,
    opening::{Opened, Opening},
    pace::Pace,
    seen::{Seen, Unanswered},
    stage::{Posting, Stage, Turn},
};
use crate::{access::Admitted, clock::Time, config::Concurrency, identity::Scope, store::Document};

/// Requests remembered per conversation.
const MAX_SEEN: usize = 100;
/// What a conversation may come to, with the longest answer to every open turn, before new messages
/// are turned away; DynamoDB's item ends at 400 KB.
const MAX_BYTES: usize = 360_000;

/// Everything about one (channel, account, sender or group).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    session: Option<Session>,
    touched: Time,
    /// Where it is; known from its first message on.
    chat: Option<Chat>,
    /// Unfinished turns, oldest first: the lane.
    pub(super) turns: Vec<Turn>,
    /// Answers whose arrival is not known, oldest first.
    pub(super) kept: Vec<Kept>,
    /// What did not fit into the last answer.
    pub(super) more: Option<More>,
    pub(super) memory: Memory,
    pub(super) seen: Vec<Seen>,
    pace: Pace,
}

/// What the agent knows a conversation by; another one after `/new`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Session {
    name: String,
    begun: Time,
}

/// The account that a conversation is with, and whether it is a group's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Chat {
    pub(super) scope: Scope,
    pub(super) group: bool,
}

/// For `/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// None before the first message.
    pub begun: Option<Time>,
    pub waiting: usize,
    pub held: usize,
}

impl Session {
    fn new(name: &str, begun: Time) -> Self {
        Self {
            name: name.to_owned(),
            begun,
        }
    }
}

impl Document for Conversation {
    const PURPOSE: &'static str = "turns";

    fn expires(&self) -> Time {
        let kept = self.kept.iter().map(|kept| kept.until);
        kept.chain(self.more.iter().map(|more| more.until))
            .chain([self.touched + budget::FORGET_CONVERSATION])
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
        if let Some(known) = self.recognised(opening) {
            return known;
        }
        if opening.crowded {
            return Opened::Crowded;
        }
        if !self.pace.takes(opening.speaker, now) {
            return Opened::TooFast;
        }
        self.make_room(opening.concurrency);
        if self.is_full(opening.concurrency) {
            return Opened::Full;
        }
        match opening.concurrency {
            Concurrency::Reject if !self.turns.is_empty() => return Opened::Busy,
            Concurrency::Latest => self.replace_all(),
            Concurrency::Queue | Concurrency::Reject => {}
        }
        self.session
            .get_or_insert_with(|| Session::new(opening.session, now));
        self.touched = now;
        self.chat = Some(Chat {
            scope: opening.scope.clone(),
            group: opening.group,
        });
        self.turns.push(Turn::new(opening));
        self.seen.push(Seen::new(opening));
        Opened::New
    }

    /// What a request is told that came before, or looks as if it had.
    fn recognised(&self, opening: &Opening<'_>) -> Option<Opened> {
        let shares_a_key = |seen: &&Seen| seen.keys.iter().any(|key| opening.keys.contains(key));
        if let Some(seen) = self.seen.iter().find(shares_a_key) {
            return Some(if seen.fingerprint == opening.fingerprint {
                self.again(seen, opening)
            } else {
                Opened::Mismatch
            });
        }
        let same_words = |seen: &&Seen| seen.fingerprint == opening.fingerprint;
        let seen = self.seen.iter().rev().find(same_words)?;
        if opening.now.since(seen.at) < budget::DOUBLE_TAP {
            return Some(Opened::DoubleTap);
        }
        // Without any key, only a request in flight can be the same.
        (opening.keys.is_empty() && self.is_open(&seen.turn)).then(|| self.again(seen, opening))
    }

    fn again(&self, seen: &Seen, opening: &Opening<'_>) -> Opened {
        let same_slot = |key: &str| seen.keys.iter().any(|seen| seen == key);
        if !opening.slot_key.is_none_or(same_slot) {
            return Opened::OtherSlot;
        }
        let turn = seen.turn.clone();
        match self.turn(&turn) {
            Some(open) if open.is_stranded(opening.now) => Opened::Stranded { turn },
            Some(_) => Opened::UnderWay { turn },
            None => Opened::Ended { turn },
        }
    }

    fn is_full(&self, concurrency: Concurrency) -> bool {
        // Under `latest` the new message takes the place of those that wait.
        let waiting = match concurrency {
            Concurrency::Latest => 0,
            Concurrency::Queue | Concurrency::Reject => self.waiting(),
        };
        waiting >= budget::MAX_WAITING || self.bytes() + reply::MAX_BYTES > MAX_BYTES
    }

    /// Drops what responses have carried, oldest first, as far as it keeps a new message out.
    fn make_room(&mut self, concurrency: Concurrency) {
        while self.is_full(concurrency) {
            let Some(shown) = self.kept.iter().position(Kept::is_shown) else {
                return;
            };
            self.kept.remove(shown);
        }
    }

    fn replace_all(&mut self) {
        for turn in &mut self.turns {
            turn.replaced = true;
            for seen in self.seen.iter_mut().filter(|seen| seen.turn == turn.id) {
                seen.unanswered = Some(Unanswered::Replaced);
            }
        }
    }

    /// The turn whose time in the lane it is, if nobody holds it though somebody should.
    pub fn stalled(&self, now: Time) -> Option<&str> {
        let first = self.first_in_lane()?;
        first.is_stalled(now).then_some(first.id.as_str())
    }

    pub(super) fn first_in_lane(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| !turn.is_out_of_the_lane())
    }

    /// Takes a turn back that could not be handed over.
    pub fn abandon(&mut self, turn: &str) {
        self.turns.retain(|open| open.id != turn);
        self.seen.retain(|seen| seen.turn != turn);
    }

    pub(super) fn turn(&self, id: &str) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.id == id)
    }

    pub(super) fn turn_mut(&mut self, id: &str) -> Option<&mut Turn> {
        self.turns.iter_mut().find(|turn| turn.id == id)
    }

    pub fn is_open(&self, turn: &str) -> bool {
        self.turn(turn).is_some()
    }

    /// Whether no worker has ever begun with the turn.
    pub fn awaits_worker(&self, turn: &str) -> bool {
        self.turn(turn)
            .is_some_and(|turn| turn.stage == Stage::Opened && turn.tries == 0)
    }

    /// How many turns are to be answered.
    fn waiting(&self) -> usize {
        self.turns.iter().filter(|turn| !turn.replaced).count()
    }

    /// Whether an answer is on its way to the person: from the agent, or into the response that
    /// waits for it.
    pub(super) fn is_thinking(&self, now: Time) -> bool {
        self.waiting() > 0 || self.kept.iter().any(|kept| kept.is_reserved(now))
    }

    pub fn begin_session(&mut self, session: &str, now: Time) {
        self.session = Some(Session::new(session, now));
        self.touched = now;
        self.memory.clear();
    }

    pub fn status(&self, now: Time) -> Status {
        let held = |kept: &&Kept| kept.until > now && matches!(kept.arrival, Arrival::Held { .. });
        Status {
            begun: self.session.as_ref().map(|session| session.begun),
            waiting: self.waiting(),
            held: self.kept.iter().filter(held).count(),
        }
    }

    /// The name of the session that a turn is asked in.
    pub(super) fn session(&self) -> &str {
        self.session.as_ref().map_or("", |session| &session.name)
    }

    /// Whether there is a turn that nobody has finished.
    pub fn is_busy(&self) -> bool {
        !self.turns.is_empty()
    }

    /// The turns nobody has finished, oldest first, with the chat they are in.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = (&Chat, &str)> {
        let turns = self.turns.iter().map(|turn| turn.id.as_str());
        self.chat.iter().cycle().zip(turns)
    }

    /// Drops what is over: reads check expiry themselves, the table's TTL is lazy. How many turns
    /// ended unanswered by it.
    pub(super) fn tidy(&mut self, now: Time) -> usize {
        let mut expired = Vec::new();
        let until = now + budget::KEEP;
        for turn in self.turns.extract_if(.., |turn| turn.is_over(now)) {
            let question = turn.question();
            match turn.stage {
                // Its worker died, and the post may have arrived.
                Stage::Posting(Posting { answers, .. }) => {
                    self.kept.extend(answers.into_iter().map(|kept| Kept {
                        until,
                        arrival: Arrival::Unconfirmed { offered: false },
                        ..kept
                    }));
                }
                Stage::Opened | Stage::Answering(_) => {
                    self.kept.push(Kept::held(
                        &turn.id,
                        &question,
                        turn.unanswered,
                        until,
                        None,
                    ));
                    expired.push(turn.id);
                }
            }
        }
        let ended = expired.len();
        let over = self.kept.extract_if(.., |kept| kept.until <= now);
        expired.extend(over.filter(|kept| !kept.is_shown()).map(|kept| kept.turn));
        for seen in &mut self.seen {
            if expired.contains(&seen.turn) {
                seen.unanswered.get_or_insert(Unanswered::Expired);
            }
        }
        self.more.take_if(|more| more.until <= now);
        self.memory.tidy(now);
        self.seen
            .retain(|seen| now.since(seen.at) < budget::REMEMBER_REQUEST);
        let excess = self.seen.len().saturating_sub(MAX_SEEN);
        self.seen.drain(..excess);
        self.pace.tidy(now);
        ended
    }

    fn bytes(&self) -> usize {
        let kept = self.kept.iter().map(Kept::bytes);
        let more = self.more.iter().map(|more| more.reply.bytes());
        let turns = self.turns.iter().map(Turn::bytes);
        kept.chain(more).chain(turns).sum()
    }
}
