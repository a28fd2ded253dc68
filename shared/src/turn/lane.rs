//! The worker's side of a conversation: who may answer which turn, and where the answer goes. Pure,
//! like the rest of the document.

use std::time::Duration;

use reply::Reply;

use super::{
    budget,
    conversation::Conversation,
    kept::{Arrival, Kept, More, joined},
    slot::Callback,
    stage::{Claim, Posting, Stage, Turn},
    step::{Answer, Ask, Finished, Post, PostResult, Posted, Renewed, Step},
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
                self.post(id, now).map_or(Step::Gone, Step::Post)
            }
            Stage::Opened | Stage::Answering(_) if turn.replaced => Step::Replaced,
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

    /// The person of a replaced turn is owed `sentence`: it goes the way of an answer. Whoever
    /// comes may bring it, unless another worker has the turn.
    pub fn finish_replaced(
        &mut self,
        id: &str,
        owner: &str,
        sentence: &Reply,
        now: Time,
        keep: Duration,
    ) -> Finished {
        self.tidy(now);
        match self.turn(id) {
            Some(turn) if turn.is_held_by(owner) => {}
            Some(turn) if turn.replaced && turn.held_until(now).is_none() => {}
            _ => return Finished::Lost,
        }
        self.bring(id, owner, sentence, now, keep)
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
        if let Stage::Opened | Stage::Answering(_) = turn.stage {
            if turn.replaced {
                return Finished::Replaced;
            }
            if let Some((turns, said)) = &answer.memory {
                let (session, question) = (turn.session.clone(), turn.message.in_words(0));
                self.remember(&session, &question, said, *turns, now);
            }
        }
        self.bring(id, owner, &answer.reply, now, keep)
    }

    /// Sends what a turn ends with on its way: to the callback, or to what is held.
    fn bring(
        &mut self,
        id: &str,
        owner: &str,
        reply: &Reply,
        now: Time,
        keep: Duration,
    ) -> Finished {
        let Some(turn) = self.turn_mut(id) else {
            return Finished::Lost;
        };
        if let Stage::Posting(_) = turn.stage {
            return self.post(id, now).map_or(Finished::Lost, Finished::Post);
        }
        let reserved = turn.slot.reserved();
        let callback = turn.slot.spend(now);
        let kept = Kept::held(id, &turn.question(), reply.clone(), now + keep, reserved);
        self.kept.push(kept);
        let Some(callback) = callback else {
            self.remove(id);
            return Finished::Held { next: self.next() };
        };
        let answers = self.take_held(now);
        let offers = self.to_offer().map(|(turn, _)| turn);
        let posting = Posting::new(Claim::new(owner, now), callback, answers, offers);
        if let Some(turn) = self.turn_mut(id) {
            turn.stage = Stage::Posting(posting);
        }
        self.post(id, now).map_or(Finished::Lost, Finished::Post)
    }

    /// What is to be posted for a turn, if its answer is on its way.
    fn post(&self, id: &str, now: Time) -> Option<Post> {
        let turn = self.turn(id)?;
        let Stage::Posting(posting) = &turn.stage else {
            return None;
        };
        let (reply, _) = joined(posting.answers.iter())?;
        let offered = posting.offers.as_ref().and_then(|turn| {
            let kept = self.kept.iter().find(|kept| kept.turn == *turn)?;
            kept.is_unconfirmed().then(|| kept.question.clone())
        });
        Some(Post {
            callback: posting.callback.clone(),
            reply,
            unconfirmed: offered,
            waiting: self.is_due(now),
            received: turn.received,
            next: self.next().filter(|_| turn.replaced),
        })
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

    /// Takes out what is held, oldest first, as far as one reply can say it together.
    fn take_held(&mut self, now: Time) -> Vec<Kept> {
        let held = self.kept.iter().filter(|kept| kept.is_held(now));
        let mut left = joined(held).map_or(0, |(_, count)| count);
        let is_taken = |kept: &mut Kept| {
            let is_taken = left > 0 && kept.is_held(now);
            left -= usize::from(is_taken);
            is_taken
        };
        self.kept.extract_if(.., is_taken).collect()
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
        let offers = posting.offers.take();
        let mut answers = std::mem::take(&mut posting.answers);
        self.remove(id);
        let next = self.next();
        if result == PostResult::Accepted {
            let last = answers.last();
            let more = rest
                .zip(last)
                .map(|(rest, last)| More::new(last, rest, None));
            self.offer_more(more);
            if let Some(offered) = offers {
                self.mark_offered(&offered);
            }
            return Posted::Delivered { next };
        }
        let arrival = if unsure {
            Arrival::Unconfirmed { offered: false }
        } else {
            Arrival::Held { reserved: None }
        };
        for kept in &mut answers {
            kept.until = now + keep;
            kept.arrival = arrival;
            if result == PostResult::Malformed {
                kept.reply = kept.reply.in_words();
            }
        }
        self.kept.splice(0..0, answers);
        if unsure {
            Posted::Unconfirmed { next }
        } else {
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
        self.first_in_lane()
            .filter(|turn| turn.stage == Stage::Opened)
            .map(|turn| turn.id.clone())
    }
}
