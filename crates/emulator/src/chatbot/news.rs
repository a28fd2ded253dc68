//! What the chat page is told of this platform: everything when it connects, then what changes.

use serde_json::{Map, Value, json};

use super::{
    bot::Bot,
    platform::Chatbot,
    state::{BOTS, EXCHANGE, FAULTS},
};
use crate::changes::Subject;

impl Chatbot {
    /// The platform's part of the first event, `snapshot`.
    pub(crate) fn snapshot(&self) -> Map<String, Value> {
        let parts = [BOTS, FAULTS].map(|subject| {
            let now = self.news(&subject).unwrap_or_default();
            (subject.event.to_owned(), now)
        });
        parts.into_iter().collect()
    }

    /// The subject as it is now; none if it is not of this platform or is gone.
    pub(crate) fn news(&self, subject: &Subject) -> Option<Value> {
        let now = self.ground.clock.now_ms();
        let state = self.state();
        match (subject.event, &subject.id) {
            (EXCHANGE, Some(id)) => state.view(id, now).map(|exchange| json!(exchange)),
            _ if *subject == BOTS => Some(json!(state.bots().map(Bot::shown).collect::<Vec<_>>())),
            _ if *subject == FAULTS => Some(state.all_faults()),
            _ => None,
        }
    }

    /// Marks what has changed because time has passed, which is callback URLs that have expired.
    /// Returns when the next one will.
    pub(crate) fn pass_time(&self) -> Option<i64> {
        let now = self.ground.clock.now_ms();
        let mut state = self.state();
        state.lapse(now);
        state.next_lapse()
    }
}
