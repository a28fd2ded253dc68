//! One turn: how far it has come, who has it, and where its answer may still go.

use std::fmt;

use reply::{self, Reply};
use serde::{Deserialize, Serialize};

use super::{budget, conversation::Opening, lane::Post};
use crate::{clock::Time, message::Message};

/// One message that goes to the agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) id: String,
    pub(super) session: String,
    pub(super) message: Message,
    /// Digest of the person; a turn stored by an earlier release has none.
    #[serde(default)]
    pub(super) speaker: Option<String>,
    pub(super) received: Time,
    opened: Time,
    pub(super) slot: Slot,
    pub(super) stage: Stage,
    #[serde(default)]
    pub(super) tries: u8,
    /// A newer message took its place; the person is told so.
    #[serde(default)]
    pub(super) replaced: bool,
}

/// Where the answer of a turn may still go besides the pile of held answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Slot {
    /// A one-use URL, to be used before `due`.
    Callback { url: OneUseUrl, due: Time },
    /// Nowhere: there was none, or it is spent.
    Closed,
}

/// The address of a callback as it was received. Whoever knows it can answer, so it is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OneUseUrl(String);

impl OneUseUrl {
    pub fn new(url: &str) -> Self {
        Self(url.to_owned())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneUseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneUseUrl(…)")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Opened,
    /// The agent is being asked.
    Answering(Claim),
    /// The answer is here and on its way to the callback.
    Posting {
        claim: Claim,
        answer: Reply,
        posts: u8,
        /// Whether an earlier post may have arrived though nobody told us.
        unsure: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) owner: String,
    pub(super) until: Time,
}

impl Turn {
    pub(super) fn new(opening: &Opening<'_>) -> Self {
        Self {
            id: opening.turn.to_owned(),
            session: String::new(),
            message: opening.message.clone(),
            speaker: Some(opening.speaker.to_owned()),
            received: opening.received,
            opened: opening.now,
            slot: opening.slot.clone(),
            stage: Stage::Opened,
            tries: 0,
            replaced: false,
        }
    }

    /// What it takes to store it, and the longest answer besides.
    pub(super) fn bytes(&self) -> usize {
        let message = serde_json::to_vec(&self.message).map_or(0, |message| message.len());
        message + reply::MAX_BYTES
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

    pub(super) fn claim(&self) -> Option<&Claim> {
        match &self.stage {
            Stage::Opened => None,
            Stage::Answering(claim) | Stage::Posting { claim, .. } => Some(claim),
        }
    }

    pub(super) fn is_held_by(&self, owner: &str) -> bool {
        self.claim().is_some_and(|claim| claim.owner == owner)
    }

    /// When the slot is spent on a sentence, if it is still open.
    pub(super) fn notice_at(&self) -> Option<Time> {
        match &self.slot {
            Slot::Callback { due, .. } => Some(*due - budget::NOTICE_MARGIN),
            Slot::Closed => None,
        }
    }

    /// Closes the slot. Its URL, if it can still be used.
    pub(super) fn spend_slot(&mut self, now: Time) -> Option<OneUseUrl> {
        match std::mem::replace(&mut self.slot, Slot::Closed) {
            Slot::Callback { url, due } if now < due => Some(url),
            Slot::Callback { .. } | Slot::Closed => None,
        }
    }

    /// Before this Kakao may not have seen our acknowledgement, and would refuse the callback.
    pub(super) fn settled(&self) -> Time {
        self.opened + budget::ACKNOWLEDGED + budget::SETTLE
    }

    /// The stored answer, for the slot; `None` if that is closed.
    pub(super) fn post(&self, answer: Reply) -> Option<Post> {
        match &self.slot {
            Slot::Callback { url, due } => Some(Post {
                url: url.clone(),
                answer,
                received: self.received,
                settled: self.settled(),
                due: *due,
            }),
            Slot::Closed => None,
        }
    }

    /// Replaced before anyone asked the agent: it does not take part in the lane.
    pub(super) fn is_out_of_the_lane(&self) -> bool {
        self.replaced && self.stage == Stage::Opened
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_turn_stored_before_speakers_were_is_read() {
        let stored = json!({
            "id": "t1", "session": "s1", "message": { "text": "안녕" }, "received": 1, "opened": 2,
            "slot": "closed", "stage": "opened",
        });
        let turn: Turn = serde_json::from_value(stored).unwrap();
        assert_eq!(turn.speaker, None);
    }
}
