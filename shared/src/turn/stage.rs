//! One turn: how far it has come, and who has it.

use reply::{self, Reply};
use serde::{Deserialize, Serialize};

use super::{
    budget,
    kept::{Kept, first_words},
    opening::Opening,
    slot::{Callback, Slot},
};
use crate::{clock::Time, message::Message};

/// One message that goes to the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) id: String,
    /// The session it was asked in; empty until then.
    pub(super) session: String,
    pub(super) message: Message,
    /// Digest of the person.
    pub(super) speaker: String,
    pub(super) received: Time,
    opener_ends: Time,
    /// Closed once the answer is on its way: then [`Posting`] has the callback.
    pub(super) slot: Slot,
    pub(super) stage: Stage,
    /// How many workers have begun to ask.
    pub(super) tries: u8,
    /// A newer message took its place: the person is owed a sentence that says so, and no answer.
    pub(super) replaced: bool,
    /// What the person is told if nobody ever answers.
    pub(super) unanswered: Reply,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Opened,
    /// The agent is being asked.
    Answering(Claim),
    Posting(Posting),
}

/// Answers on their way to the callback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Posting {
    pub(super) claim: Claim,
    pub(super) callback: Callback,
    /// All that fitted into one post, oldest first.
    pub(super) answers: Vec<Kept>,
    /// The turn of an answer that may not have arrived, which the post mentions.
    pub(super) offers: Option<String>,
    /// An earlier post may have arrived, though nobody told us.
    pub(super) unsure: bool,
}

/// A worker's lease on a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) owner: String,
    pub(super) until: Time,
}

impl Claim {
    pub(super) fn new(owner: &str, now: Time) -> Self {
        Self {
            owner: owner.to_owned(),
            until: now + budget::LEASE,
        }
    }
}

impl Posting {
    /// A first post begins.
    pub(super) fn new(
        claim: Claim,
        mut callback: Callback,
        answers: Vec<Kept>,
        offers: Option<String>,
    ) -> Self {
        callback.posts_left = callback.posts_left.saturating_sub(1);
        Self {
            claim,
            callback,
            answers,
            offers,
            unsure: false,
        }
    }

    /// Another worker posts in any case: how far the one before it came is not known, and the URL
    /// lets only one through.
    pub(super) fn take_over(&mut self, claim: Claim) {
        self.claim = claim;
        self.callback.posts_left = self.callback.posts_left.saturating_sub(1);
        self.unsure = true;
    }

    /// Whether there may be another post by the same worker; it begins then.
    pub(super) fn begin_another(&mut self, now: Time) -> bool {
        let Some(left) = self.callback.posts_left.checked_sub(1) else {
            return false;
        };
        self.callback.posts_left = left;
        self.claim.until = now + budget::LEASE;
        true
    }
}

impl Turn {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        Self {
            id: opening.turn.to_owned(),
            session: String::new(),
            message: opening.message.clone(),
            speaker: opening.speaker.to_owned(),
            received: opening.received,
            opener_ends: opening.opener_ends,
            slot: opening.slot.clone(),
            stage: Stage::Opened,
            tries: 0,
            replaced: false,
            unanswered: opening.unanswered.clone(),
        }
    }

    /// What it takes to store it, and the longest answer besides.
    pub(super) fn bytes(&self) -> usize {
        let message = serde_json::to_vec(&self.message).map_or(0, |message| message.len());
        let posted: usize = match &self.stage {
            Stage::Posting(posting) => posting.answers.iter().map(Kept::bytes).sum(),
            Stage::Opened | Stage::Answering(_) => reply::MAX_BYTES,
        };
        message + posted
    }

    /// So old that nobody waits for it, and nobody is at it.
    pub(super) fn is_over(&self, now: Time) -> bool {
        now.since(self.received) > budget::TURN_LIFETIME && !self.is_held(now)
    }

    /// Nobody has taken it up, and the function that opened it has ended.
    pub(super) fn is_stranded(&self, now: Time) -> bool {
        self.stage == Stage::Opened && now > self.opener_ends
    }

    /// No worker holds it, though one should by now.
    pub(super) fn is_stalled(&self, now: Time) -> bool {
        match self.claim() {
            Some(claim) => claim.until <= now,
            None => now.since(self.received) > budget::LEASE,
        }
    }

    pub(super) fn claim(&self) -> Option<&Claim> {
        match &self.stage {
            Stage::Opened => None,
            Stage::Answering(claim) | Stage::Posting(Posting { claim, .. }) => Some(claim),
        }
    }

    /// Until when a worker holds it, if one does.
    pub(super) fn held_until(&self, now: Time) -> Option<Time> {
        self.claim()
            .map(|claim| claim.until)
            .filter(|until| *until > now)
    }

    fn is_held(&self, now: Time) -> bool {
        self.held_until(now).is_some()
    }

    /// Its worker keeps it for another lease.
    pub(super) fn renew(&mut self, now: Time) {
        match &mut self.stage {
            Stage::Opened => {}
            Stage::Answering(claim) | Stage::Posting(Posting { claim, .. }) => {
                claim.until = now + budget::LEASE;
            }
        }
    }

    pub(super) fn is_held_by(&self, owner: &str) -> bool {
        self.claim().is_some_and(|claim| claim.owner == owner)
    }

    /// Replaced, and not with the agent: nobody has to wait until its person is told.
    pub(super) fn is_out_of_the_lane(&self) -> bool {
        self.replaced && !matches!(self.stage, Stage::Answering(_))
    }

    /// The first words of what was asked.
    pub(super) fn question(&self) -> String {
        first_words(&self.message)
    }
}
