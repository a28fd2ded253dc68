//! The worker's side of a conversation: who may answer which turn, and where the answer may still
//! go. Pure, like the rest of the document.

use std::time::Duration;

use reply::Reply;

use super::{
    budget,
    conversation::{Conversation, Exchange},
    kept::{Kept, take_joined},
    stage::{Claim, OneUseUrl, Slot, Stage},
};
use crate::{clock::Time, message::Message, prompt::prompt};

/// What a worker that comes with a turn should do now.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Finished, replaced and told, or forgotten.
    Gone,
    /// Another is at it, or an earlier message is: look again then. `stalled` is before it, and in
    /// nobody's hands.
    Later {
        at: Time,
        stalled: Option<String>,
    },
    /// The slot is about to close on a turn that waits: spend it on a sentence, and look again
    /// then.
    Notice {
        url: OneUseUrl,
        settled: Time,
        again: Time,
    },
    Replaced(Replaced),
    Ask(Box<Ask>),
    /// Too many workers failed at this turn: an apology is its answer.
    GiveUp,
    Post(Post),
}

/// A newer message took over: the person is told, if there is still a way.
#[derive(Debug, PartialEq)]
pub struct Replaced {
    pub url: Option<OneUseUrl>,
    pub settled: Time,
    pub next: Option<String>,
}

/// What the agent said, or what is said in its place.
#[derive(Clone)]
pub struct Answer {
    pub reply: Reply,
    /// For an agent without memory: how many exchanges to keep, and its words.
    pub memory: Option<(usize, String)>,
}

/// A question for the agent.
#[derive(Debug, PartialEq)]
pub struct Ask {
    pub session: String,
    pub message: Message,
    /// Digest of the person, if it was stored.
    pub speaker: Option<String>,
    pub received: Time,
    pub memory: Vec<Exchange>,
    /// When the slot must be spent on a sentence, if there is one.
    pub notice_at: Option<Time>,
}

/// An answer for a callback, to be posted after `settled` and before `due`.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    pub url: OneUseUrl,
    pub answer: Reply,
    pub received: Time,
    pub settled: Time,
    pub due: Time,
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

/// What is known after a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostResult {
    Accepted,
    /// Kakao said no.
    Refused,
    /// Kakao said no to what was in it: as it is, it would never be shown.
    Malformed,
    /// It did not leave, or Kakao asks to try again.
    NotSent,
    /// It may have arrived.
    Unknown,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Posted {
    Delivered {
        next: Option<String>,
    },
    /// Kakao did not take it: it is held.
    Held {
        next: Option<String>,
    },
    /// It may have been shown: the person can ask for it, but it is not pushed on them again.
    Unconfirmed {
        next: Option<String>,
    },
    /// Once more.
    Again,
    Lost,
}

impl Conversation {
    /// `owner` comes for the turn: to ask, to post what is stored, or to come back later.
    pub fn claim(&mut self, id: &str, owner: &str, now: Time) -> Step {
        self.tidy(now);
        let head = self
            .turns
            .iter()
            .find(|turn| !turn.is_out_of_the_lane())
            .is_none_or(|turn| turn.id == id);
        let stalled = self
            .stalled(now)
            .filter(|stalled| *stalled != id)
            .map(str::to_owned);
        let memory = self.memory(now);
        let session = self.session().to_owned();
        let Some(turn) = self.turns.iter_mut().find(|turn| turn.id == id) else {
            return Step::Gone;
        };
        let busy = turn.claim().filter(|claim| claim.until > now);
        if busy.is_some() || (!head && !turn.replaced) {
            let again = busy.map_or(now + budget::LANE_RECHECK, |claim| claim.until);
            let posting = matches!(turn.stage, Stage::Posting { .. });
            return match turn.notice_at() {
                Some(at) if at <= now && !posting => {
                    let settled = turn.settled();
                    match turn.spend_slot(now) {
                        Some(url) => Step::Notice {
                            url,
                            settled,
                            again,
                        },
                        None => Step::Later { at: again, stalled },
                    }
                }
                Some(at) if !posting => Step::Later {
                    at: again.min(at),
                    stalled,
                },
                _ => Step::Later { at: again, stalled },
            };
        }
        let claim = Claim {
            owner: owner.to_owned(),
            until: now + budget::LEASE,
        };
        match &mut turn.stage {
            Stage::Posting {
                claim: holder,
                answer,
                posts,
                unsure,
            } => {
                // Whoever posted it before may have reached Kakao; the URL itself lets it through
                // only once.
                *holder = claim;
                *posts = posts.saturating_add(1);
                *unsure = true;
                let answer = answer.clone();
                turn.post(answer).map_or(Step::Gone, Step::Post)
            }
            Stage::Opened | Stage::Answering(_) if turn.replaced => self
                .drop_replaced(id, now)
                .map_or(Step::Gone, Step::Replaced),
            stage => {
                *stage = Stage::Answering(claim);
                turn.session.clone_from(&session);
                turn.tries = turn.tries.saturating_add(1);
                if turn.tries > budget::MAX_TRIES {
                    return Step::GiveUp;
                }
                Step::Ask(Box::new(Ask {
                    session,
                    message: turn.message.clone(),
                    speaker: turn.speaker.clone(),
                    received: turn.received,
                    memory,
                    notice_at: turn.notice_at(),
                }))
            }
        }
    }

    /// Keeps the turn while the agent thinks.
    pub fn renew(&mut self, id: &str, owner: &str, now: Time) -> Renewed {
        match self
            .turns
            .iter_mut()
            .find(|turn| turn.id == id && turn.is_held_by(owner))
        {
            Some(turn) if turn.replaced => Renewed::Replaced,
            Some(turn) => {
                turn.stage = Stage::Answering(Claim {
                    owner: owner.to_owned(),
                    until: now + budget::LEASE,
                });
                Renewed::Mine
            }
            None => Renewed::Lost,
        }
    }

    /// Closes the slot of a turn of ours, to spend it on a sentence. `None` if there is nothing to
    /// spend.
    pub fn spend_slot(&mut self, id: &str, owner: &str, now: Time) -> Option<OneUseUrl> {
        self.turns
            .iter_mut()
            .find(|turn| turn.id == id && turn.is_held_by(owner))?
            .spend_slot(now)
    }

    /// Takes a replaced turn out.
    pub fn drop_replaced(&mut self, id: &str, now: Time) -> Option<Replaced> {
        let position = self.turns.iter().position(|turn| turn.id == id)?;
        let mut turn = self.turns.remove(position);
        Some(Replaced {
            url: turn.spend_slot(now),
            settled: turn.settled(),
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
        let Some(turn) = self
            .turns
            .iter()
            .find(|turn| turn.id == id && turn.is_held_by(owner))
        else {
            return Finished::Lost;
        };
        if let Stage::Posting { answer, .. } = &turn.stage {
            let stored = turn.post(answer.clone());
            return stored.map_or(Finished::Lost, Finished::Post);
        }
        if turn.replaced {
            return Finished::Replaced;
        }
        if let Some((turns, said)) = &answer.memory {
            let (session, question) = (turn.session.clone(), prompt(&turn.message, 0));
            self.remember(&session, &question, said, *turns, now);
        }
        let Some(turn) = self.turns.iter_mut().find(|turn| turn.id == id) else {
            return Finished::Lost;
        };
        let open = matches!(turn.slot, Slot::Callback { due, .. } if now < due);
        if !open {
            self.turns.retain(|turn| turn.id != id);
            self.held
                .push(Kept::new(id, answer.reply.clone(), now, keep));
            return Finished::Held { next: self.next() };
        }
        let reply = match take_joined(&mut self.held) {
            Some(held) => match held.reply.and(&answer.reply) {
                Some(joined) => joined,
                // Too long together: what came first goes first, and this answer is held after it.
                None => {
                    self.held
                        .push(Kept::new(id, answer.reply.clone(), now, keep));
                    held.reply
                }
            },
            None => answer.reply.clone(),
        };
        turn.stage = Stage::Posting {
            claim: Claim {
                owner: owner.to_owned(),
                until: now + budget::LEASE,
            },
            answer: reply.clone(),
            posts: 1,
            unsure: false,
        };
        turn.post(reply).map_or(Finished::Lost, Finished::Post)
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
        let Some(position) = self
            .turns
            .iter()
            .position(|turn| turn.id == id && turn.is_held_by(owner))
        else {
            return Posted::Lost;
        };
        let Some(Stage::Posting {
            claim,
            answer,
            posts,
            unsure,
        }) = self.turns.get_mut(position).map(|turn| &mut turn.stage)
        else {
            return Posted::Lost;
        };
        *unsure |= result == PostResult::Unknown;
        let (answer, unsure) = (answer.clone(), *unsure);
        match result {
            PostResult::NotSent | PostResult::Unknown if *posts < budget::MAX_POSTS => {
                *posts += 1;
                claim.until = now + budget::LEASE;
                return Posted::Again;
            }
            _ => {}
        }
        self.turns.remove(position);
        let answer = match result {
            PostResult::Malformed => answer.in_words(),
            _ => answer,
        };
        let kept = Kept::new(id, answer, now, keep);
        match result {
            PostResult::Accepted => {
                self.offer_more(rest.map(|reply| Kept::new(id, reply, now, keep)));
                self.was_shown(Kept {
                    until: kept.until.min(now + budget::SHOW_AGAIN),
                    ..kept
                });
                Posted::Delivered { next: self.next() }
            }
            _ if unsure => {
                self.shown.push(Kept {
                    doubtful: true,
                    ..kept
                });
                Posted::Unconfirmed { next: self.next() }
            }
            _ => {
                self.held.insert(0, kept);
                Posted::Held { next: self.next() }
            }
        }
    }

    /// The turn whose time in the lane has come, if it waits.
    fn next(&self) -> Option<String> {
        self.turns
            .first()
            .filter(|turn| turn.stage == Stage::Opened)
            .map(|turn| turn.id.clone())
    }
}
