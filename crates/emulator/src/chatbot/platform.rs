//! The chatbot platform itself: its bots and what has been said to them.

use std::sync::{Arc, Mutex, MutexGuard};

use super::{bot::Bot, faults::Faults, skill::Caller, state::State};
use crate::{ground::Ground, lock::lock, refusal::Refusal};

pub(super) const NO_BOT: Refusal = Refusal::Unknown("bot");
pub(super) const NO_EXCHANGE: Refusal = Refusal::Unknown("exchange");

/// KakaoTalk's chatbot platform; clones share one state.
#[derive(Clone)]
pub struct Chatbot {
    pub(super) ground: Arc<Ground>,
    pub(super) caller: Arc<Caller>,
    state: Arc<Mutex<State>>,
}

impl Chatbot {
    pub(crate) fn new(ground: Arc<Ground>) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::new(Arc::clone(&ground)))),
            caller: Arc::new(Caller::new()),
            ground,
        }
    }

    /// Registers the bot, replacing one of the same id; faults of the id stay.
    pub fn add_bot(&self, bot: Bot) {
        self.state().put_bot(bot);
    }

    /// Replaces the faults of the bot.
    pub fn set_faults(&self, bot: &str, faults: Faults) -> Result<Faults, Refusal> {
        let mut state = self.state();
        let bot = state.bot(bot).ok_or(NO_BOT)?.id.clone();
        state.faults_mut(&bot).clone_from(&faults);
        Ok(faults)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}
