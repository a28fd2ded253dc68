//! The worker's side of a conversation: who may answer which turn, and where the answer may still go. Pure, like the rest of the document.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    budget,
    conversation::{Conversation, Exchange, Kept, Opening, joined_whole, take_joined},
};
use crate::{agent, clock::Time, message::Message, reply::PlainText};

/// One message that goes to the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) id: String,
    session: String,
    message: Message,
    received: Time,
    slot: Slot,
    stage: Stage,
    #[serde(default)]
    tries: u8,
    /// A newer message took its place; the person is told so.
    #[serde(default)]
    pub(super) replaced: bool,
}

/// Where the answer of a turn may still go besides the pile of held answers.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot {
    /// A one-use URL, to be used before `due`.
    Callback { url: String, due: Time },
    /// Nowhere: there was none, or it is spent.
    Closed,
}

/// The URL is a credential.
impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Callback { due, .. } => write!(f, "Callback {{ due: {due} }}"),
            Self::Closed => f.write_str("Closed"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stage {
    Opened,
    /// The agent is being asked.
    Answering(Claim),
    /// The answer is here and on its way to the callback.
    Posting {
        claim: Claim,
        answer: PlainText,
        posts: u8,
        /// Whether an earlier post may have arrived though nobody told us.
        unsure: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Claim {
    owner: String,
    until: Time,
}

/// What a worker that comes with a turn should do now.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Finished, replaced and told, or forgotten.
    Gone,
    /// Another is at it, or an earlier message is: look again then.
    Later(Time),
    /// The slot is about to close on a turn that waits: spend it on a sentence, and look again then.
    Notice {
        url: String,
        again: Time,
    },
    /// Tell the person, if there is still a way, that a newer message took over.
    Replaced {
        url: Option<String>,
        next: Option<String>,
    },
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
    pub memory: Vec<Exchange>,
    /// When the slot must be spent on a sentence, if there is one.
    pub notice_at: Option<Time>,
}

/// An answer for a callback.
#[derive(PartialEq)]
pub struct Post {
    pub url: String,
    pub answer: PlainText,
    pub due: Time,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Post {{ due: {} }}", self.due)
    }
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

impl Turn {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        Self {
            id: opening.turn.to_owned(),
            session: String::new(),
            message: opening.message.clone(),
            received: opening.received,
            slot: opening.slot.clone(),
            stage: Stage::Opened,
            tries: 0,
            replaced: false,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let answer = match &self.stage {
            Stage::Posting { answer, .. } => answer.as_str().len(),
            Stage::Opened | Stage::Answering(_) => 0,
        };
        self.message.text.len() + answer
    }

    /// So old that nobody waits for it, and nobody is at it.
    pub(super) fn is_over(&self, now: Time) -> bool {
        now.since(self.received) > budget::TURN_LIFETIME
            && self.claim().is_none_or(|claim| claim.until <= now)
    }

    /// Nobody has taken it up since the function that opened it must have ended.
    pub(super) fn is_stranded(&self, now: Time) -> bool {
        self.stage == Stage::Opened && now.since(self.received) > budget::HARD_STOP
    }

    /// No worker holds it, though one should by now.
    pub(super) fn is_stalled(&self, now: Time) -> bool {
        match self.claim() {
            Some(claim) => claim.until <= now,
            None => now.since(self.received) > budget::LEASE,
        }
    }

    fn claim(&self) -> Option<&Claim> {
        match &self.stage {
            Stage::Opened => None,
            Stage::Answering(claim) | Stage::Posting { claim, .. } => Some(claim),
        }
    }

    fn is_held_by(&self, owner: &str) -> bool {
        self.claim().is_some_and(|claim| claim.owner == owner)
    }

    /// When the slot is spent on a sentence, if it is still open.
    fn notice_at(&self) -> Option<Time> {
        match &self.slot {
            Slot::Callback { due, .. } => Some(*due - budget::NOTICE_MARGIN),
            Slot::Closed => None,
        }
    }

    fn spend_slot(&mut self) -> Option<String> {
        match std::mem::replace(&mut self.slot, Slot::Closed) {
            Slot::Callback { url, .. } => Some(url),
            Slot::Closed => None,
        }
    }

    /// Replaced before anyone asked the agent: it does not take part in the lane.
    fn is_out_of_the_lane(&self) -> bool {
        self.replaced && self.stage == Stage::Opened
    }
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
        let memory = self.memory(now);
        let session = self.session().to_owned();
        let Some(turn) = self.turns.iter_mut().find(|turn| turn.id == id) else {
            return Step::Gone;
        };
        let busy = turn.claim().is_some_and(|claim| claim.until > now);
        if busy || (!head && !turn.replaced) {
            let again = turn
                .claim()
                .filter(|_| busy)
                .map_or(now + budget::LANE_RECHECK, |claim| claim.until);
            return match turn.notice_at() {
                Some(at) if matches!(turn.stage, Stage::Posting { .. }) || at > now => {
                    Step::Later(again.min(at.max(now + budget::SETTLE)))
                }
                Some(_) => turn
                    .spend_slot()
                    .map_or(Step::Gone, |url| Step::Notice { url, again }),
                None => Step::Later(again),
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
                // Whoever posted it before may have reached Kakao; the URL itself lets it through only once.
                *holder = claim;
                *posts = posts.saturating_add(1);
                *unsure = true;
                match &turn.slot {
                    Slot::Callback { url, due } => Step::Post(Post {
                        url: url.clone(),
                        answer: answer.clone(),
                        due: *due,
                    }),
                    Slot::Closed => Step::Gone,
                }
            }
            Stage::Opened | Stage::Answering(_) if turn.replaced => self.drop_replaced(id),
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

    /// Closes the slot of a turn of ours, to spend it on a sentence. `None` if there is nothing to spend.
    pub fn spend_slot(&mut self, id: &str, owner: &str) -> Option<String> {
        self.turns
            .iter_mut()
            .find(|turn| turn.id == id && turn.is_held_by(owner))?
            .spend_slot()
    }

    /// Takes a replaced turn out, with the URL its person can still be told by.
    pub fn drop_replaced(&mut self, id: &str) -> Step {
        let Some(position) = self.turns.iter().position(|turn| turn.id == id) else {
            return Step::Gone;
        };
        let url = self.turns.remove(position).spend_slot();
        Step::Replaced {
            url,
            next: self.next(),
        }
    }

    /// The answer is here: it goes to the slot if that is still open, together with what was held, or is held itself.
    pub fn finish(
        &mut self,
        id: &str,
        owner: &str,
        answer: PlainText,
        now: Time,
        keep: Duration,
    ) -> Finished {
        self.tidy(now);
        let Some(position) = self
            .turns
            .iter()
            .position(|turn| turn.id == id && turn.is_held_by(owner))
        else {
            return Finished::Lost;
        };
        if self.turns.get(position).is_some_and(|turn| turn.replaced) {
            return Finished::Replaced;
        }
        let open = self.turns.get(position).and_then(|turn| match &turn.slot {
            Slot::Callback { url, due } if now < *due => Some((url.clone(), *due)),
            _ => None,
        });
        let Some((url, due)) = open else {
            self.turns.remove(position);
            self.held.push(Kept::new(answer, now, keep));
            return Finished::Held { next: self.next() };
        };
        let answer = match take_joined(&mut self.held) {
            Some(held) => match joined_whole(&held.text, &answer) {
                Some(joined) => joined,
                // Too long together: what came first goes first, and this answer is held after it.
                None => {
                    self.held.push(Kept::new(answer, now, keep));
                    held.text
                }
            },
            None => answer,
        };
        if let Some(turn) = self.turns.get_mut(position) {
            let claim = Claim {
                owner: owner.to_owned(),
                until: now + budget::LEASE,
            };
            turn.stage = Stage::Posting {
                claim,
                answer: answer.clone(),
                posts: 1,
                unsure: false,
            };
        }
        Finished::Post(Post { url, answer, due })
    }

    /// For an agent without memory: what was asked and answered in this turn.
    pub fn remember_turn(&mut self, id: &str, answer: &str, turns: usize, now: Time) {
        let Some(turn) = self.turns.iter().find(|turn| turn.id == id) else {
            return;
        };
        let (session, question) = (turn.session.clone(), agent::prompt(&turn.message));
        self.remember(
            &session,
            Exchange {
                question,
                answer: answer.to_owned(),
            },
            turns,
            now,
        );
    }

    /// Notes what came of a post. `rest` is what did not fit into the bubbles that were posted.
    pub fn posted(
        &mut self,
        id: &str,
        owner: &str,
        result: PostResult,
        rest: Option<PlainText>,
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
        let kept = Kept::new(answer, now, keep);
        match result {
            PostResult::Accepted => {
                self.more = rest.map(|text| Kept::new(text, now, keep));
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
