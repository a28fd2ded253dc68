//! The worker's side of a conversation: who may answer which turn, and where the answer goes. Pure,
//! like the rest of the document.

use std::time::Duration;

use reply::Reply;

use super::{
    budget,
    conversation::Conversation,
    kept::{Kept, take_joined},
    slot::Callback,
    stage::{Claim, Posting, Stage, Turn},
    step::{Answer, Ask, Finished, Post, PostResult, Posted, Renewed, Replaced, Step},
};
use crate::clock::Time;

impl Conversation {
    /// `owner` comes for the turn: to ask, to post what is stored, or to come back later.
    pub fn claim(&mut self, id: &str, owner: &str, now: Time) -> Step {
        self.tidy(now);
        if let Some(again) = self.comes_too_early(id, now) {
            return self.put_off(id, again, now);
        }
        let Some(turn) = self.turn_mut(id) else {
            return Step::Gone;
        };
        let claim = Claim::new(owner, now);
        match &mut turn.stage {
            Stage::Posting(posting) => {
                posting.take_over(claim);
                Step::Post(Post::new(posting, turn.received))
            }
            Stage::Opened | Stage::Answering(_) if turn.replaced => self
                .drop_replaced(id, now)
                .map_or(Step::Gone, Step::Replaced),
            Stage::Opened | Stage::Answering(_) => self.begin_to_ask(id, claim, now),
        }
    }

    /// When to come again, if another worker holds the turn or an earlier one has the lane.
    fn comes_too_early(&self, id: &str, now: Time) -> Option<Time> {
        let turn = self.turn(id)?;
        if let Some(until) = turn.held_until(now) {
            return Some(until);
        }
        let first = self.first_in_lane()?;
        (first.id != id && !turn.replaced).then_some(now + budget::LANE_RECHECK)
    }

    /// A turn that waits does not let its slot close unused.
    fn put_off(&mut self, id: &str, again: Time, now: Time) -> Step {
        let notice_at = self.turn(id).and_then(|turn| turn.slot.notice_at());
        let at = match notice_at {
            Some(notice_at) if notice_at > now => again.min(notice_at),
            Some(_) => match self.turn_mut(id).and_then(|turn| turn.slot.spend(now)) {
                Some(callback) => return Step::Notice { callback, again },
                None => again,
            },
            None => again,
        };
        let stalled = self.stalled(now).filter(|stalled| *stalled != id);
        Step::Later {
            at,
            stalled: stalled.map(str::to_owned),
        }
    }

    fn begin_to_ask(&mut self, id: &str, claim: Claim, now: Time) -> Step {
        let session = self.session().to_owned();
        let Some(turn) = self.turns.iter_mut().find(|turn| turn.id == id) else {
            return Step::Gone;
        };
        turn.stage = Stage::Answering(claim);
        turn.session = session;
        turn.tries = turn.tries.saturating_add(1);
        if turn.tries > budget::MAX_TRIES {
            return Step::GiveUp;
        }
        Step::Ask(Box::new(Ask::new(turn, self.memory.at(now))))
    }

    /// Keeps the turn while the agent thinks.
    pub fn renew(&mut self, id: &str, owner: &str, now: Time) -> Renewed {
        match self.held_by(id, owner) {
            Some(turn) if turn.replaced => Renewed::Replaced,
            Some(turn) => {
                turn.renew(now);
                Renewed::Mine
            }
            None => Renewed::Lost,
        }
    }

    /// Closes the slot of a turn of ours, to spend it on a sentence. `None` if there is nothing to
    /// spend.
    pub fn spend_slot(&mut self, id: &str, owner: &str, now: Time) -> Option<Callback> {
        self.held_by(id, owner)?.slot.spend(now)
    }

    /// Takes a replaced turn out.
    pub fn drop_replaced(&mut self, id: &str, now: Time) -> Option<Replaced> {
        let callback = self.turn_mut(id)?.slot.spend(now);
        self.remove(id);
        Some(Replaced {
            callback,
            next: self.next(),
        })
    }

    /// The answer is here: it goes to the slot if that is still open, together with what was held,
    /// or is held itself. Said twice, because nobody knows whether the first time was stored, it
    /// changes nothing.
    pub fn finish(
        &mut self,
        id: &str,
        owner: &str,
        answer: &Answer,
        now: Time,
        keep: Duration,
    ) -> Finished {
        self.tidy(now);
        let Some(turn) = self.held_by(id, owner) else {
            return Finished::Lost;
        };
        match &turn.stage {
            Stage::Posting(posting) => return Finished::Post(Post::new(posting, turn.received)),
            Stage::Opened | Stage::Answering(_) if turn.replaced => return Finished::Replaced,
            Stage::Opened | Stage::Answering(_) => {}
        }
        let (received, callback) = (turn.received, turn.slot.spend(now));
        if let Some((turns, said)) = &answer.memory {
            let (session, question) = (turn.session.clone(), turn.message.in_words(0));
            self.remember(&session, &question, said, *turns, now);
        }
        let kept = Kept::new(id, answer.reply.clone(), now, keep);
        let Some(callback) = callback else {
            self.remove(id);
            self.held.push(kept);
            return Finished::Held { next: self.next() };
        };
        let reply = self.after_what_is_held(kept);
        let posting = Posting::new(Claim::new(owner, now), callback, reply);
        let post = Post::new(&posting, received);
        match self.turn_mut(id) {
            Some(turn) => turn.stage = Stage::Posting(posting),
            None => return Finished::Lost,
        }
        Finished::Post(post)
    }

    /// For an agent without memory, unless another session was begun meanwhile.
    pub(super) fn remember(
        &mut self,
        session: &str,
        question: &str,
        said: &str,
        turns: usize,
        now: Time,
    ) {
        if self.session() == session {
            self.memory.add(question, said, turns, now);
        }
    }

    /// What is posted now: what was held, and then this reply. Too long together, this one is held
    /// in its place.
    fn after_what_is_held(&mut self, kept: Kept) -> Reply {
        let Some(held) = take_joined(&mut self.held) else {
            return kept.reply;
        };
        match held.reply.and(&kept.reply) {
            Some(joined) => joined,
            None => {
                self.held.push(kept);
                held.reply
            }
        }
    }

    /// Notes what came of a post. `rest` is what did not fit into the bubbles that were posted.
    pub fn posted(
        &mut self,
        id: &str,
        owner: &str,
        result: PostResult,
        rest: Option<Reply>,
        now: Time,
        keep: Duration,
    ) -> Posted {
        let Some(Stage::Posting(posting)) = self.held_by(id, owner).map(|turn| &mut turn.stage)
        else {
            return Posted::Lost;
        };
        posting.unsure |= result == PostResult::Unknown;
        let is_open = matches!(result, PostResult::NotSent | PostResult::Unknown);
        if is_open && posting.begin_another(now) {
            return Posted::Again;
        }
        let unsure = posting.unsure;
        let reply = if result == PostResult::Malformed {
            posting.reply.in_words()
        } else {
            posting.reply.clone()
        };
        self.remove(id);
        let next = self.next();
        let kept = Kept::new(id, reply, now, keep);
        if result == PostResult::Accepted {
            self.offer_more(rest.map(|reply| Kept::new(id, reply, now, keep)));
            self.was_shown(Kept {
                until: kept.until.min(now + budget::SHOW_AGAIN),
                ..kept
            });
            Posted::Delivered { next }
        } else if unsure {
            self.shown.push(Kept {
                doubtful: true,
                ..kept
            });
            Posted::Unconfirmed { next }
        } else {
            self.held.insert(0, kept);
            Posted::Held { next }
        }
    }

    /// The turn, if it is this worker's.
    fn held_by(&mut self, id: &str, owner: &str) -> Option<&mut Turn> {
        self.turn_mut(id).filter(|turn| turn.is_held_by(owner))
    }

    fn remove(&mut self, id: &str) {
        self.turns.retain(|turn| turn.id != id);
    }

    /// The turn whose time in the lane has come, if it waits.
    fn next(&self) -> Option<String> {
        self.turns
            .first()
            .filter(|turn| turn.stage == Stage::Opened)
            .map(|turn| turn.id.clone())
    }
}
