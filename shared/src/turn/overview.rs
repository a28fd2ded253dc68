//! How far each turn of a conversation has come, for whoever looks on.

use serde::Serialize;

use super::{conversation::Conversation, stage::Stage};
use crate::clock::Time;

/// A turn from outside: nothing of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnView {
    pub turn: String,
    pub opened_at: Time,
    pub state: TurnState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnState {
    /// In the queue, or waiting for the turn before it.
    Opened,
    /// The agent is being asked.
    Answering,
    /// The answer is on its way to the callback.
    Posting,
    /// The answer waits to be collected.
    Held,
    /// Posted, and nobody knows whether it arrived.
    Unconfirmed,
    /// Shown, through the callback or when it was asked for.
    Answered,
    /// A newer message took its place.
    Replaced,
    /// It ended unanswered, or its answer was not collected in time.
    Expired,
}

impl Conversation {
    /// The turns that are remembered, oldest first.
    pub fn overview(mut self, now: Time) -> Vec<TurnView> {
        self.tidy(now);
        let views = self.seen().map(|seen| TurnView {
            turn: seen.turn.clone(),
            opened_at: seen.at,
            state: self.state_of(&seen.turn, seen.replaced, seen.expired),
        });
        views.collect()
    }

    fn state_of(&self, id: &str, replaced: bool, expired: bool) -> TurnState {
        let open = self.turns.iter().find(|turn| turn.id == id);
        if replaced {
            return TurnState::Replaced;
        }
        match open.map(|turn| &turn.stage) {
            Some(Stage::Opened) => TurnState::Opened,
            Some(Stage::Answering(_)) => TurnState::Answering,
            Some(Stage::Posting { .. }) => TurnState::Posting,
            None if expired => TurnState::Expired,
            None if self.held.iter().any(|kept| kept.turn == id) => TurnState::Held,
            None if self
                .shown
                .iter()
                .any(|kept| kept.turn == id && kept.doubtful) =>
            {
                TurnState::Unconfirmed
            }
            None => TurnState::Answered,
        }
    }
}
