//! The emulator as a whole: the platforms, and the ground they stand on.

use std::{sync::Arc, time::Duration};

use crate::{
    chatbot::Chatbot,
    ground::{Ground, Options},
};

/// Kakao, offline; clones share one state.
#[derive(Clone)]
pub struct Emulator {
    pub(crate) ground: Arc<Ground>,
    chatbot: Chatbot,
}

impl Emulator {
    /// Without bots.
    pub fn new(options: Options) -> Self {
        let ground = Arc::new(Ground::new(options));
        Self {
            chatbot: Chatbot::new(Arc::clone(&ground)),
            ground,
        }
    }

    /// KakaoTalk's chatbot platform.
    pub fn chatbot(&self) -> &Chatbot {
        &self.chatbot
    }

    /// Moves the clock of all platforms forward.
    pub fn advance(&self, by: Duration) {
        self.ground.advance(by);
    }
}
