//! How far each turn of a conversation has come, for whoever looks on.

use serde::Serialize;

use super::{
    conversation::Conversation,
    kept::{Arrival, Kept},
    seen::{Seen, Unanswered},
    stage::Stage,
};
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
        let views = self.seen.iter().map(|seen| TurnView {
            turn: seen.turn.clone(),
            opened_at: seen.at,
            state: self.state_of(seen),
        });
        views.collect()
    }

    fn state_of(&self, seen: &Seen) -> TurnState {
        let is_of_it = |kept: &&Kept| kept.turn == seen.turn;
        let stage = self.turn(&seen.turn).map(|turn| &turn.stage);
        match (seen.unanswered, stage) {
            (Some(Unanswered::Replaced), _) => TurnState::Replaced,
            (_, Some(Stage::Opened)) => TurnState::Opened,
            (_, Some(Stage::Answering(_))) => TurnState::Answering,
            (_, Some(Stage::Posting(_))) => TurnState::Posting,
            (Some(Unanswered::Expired), None) => TurnState::Expired,
            (None, None) => match self.kept.iter().find(is_of_it).map(|kept| kept.arrival) {
                Some(Arrival::Held { .. }) => TurnState::Held,
                Some(Arrival::Unconfirmed { .. }) => TurnState::Unconfirmed,
                Some(Arrival::Shown { .. }) | None => TurnState::Answered,
            },
        }
    }
}
