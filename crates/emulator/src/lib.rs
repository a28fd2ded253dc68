//! Kakao, offline: plays the chatbot platform so that a skill can be driven without Kakao.
//!
//! Written from the platform reference (skill.md) alone and knowing nothing of the code it drives,
//! so that it can prove that code wrong. A JSON control API plays the person in the chat and turns
//! the faults on, and a chat page lets a real person do the same; the paths under `/bot-api` and
//! `/media` are what the skill sees of Kakao.

mod api;
mod bot;
mod callback;
mod changes;
mod chats;
mod clock;
mod conversation;
mod events;
mod exchange;
mod faults;
mod keys;
mod media;
mod message;
mod page;
mod payload;
mod render;
mod rules;
mod skill;
mod state;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::Router;
use tokio::sync::Notify;

pub use bot::{Block, BlockKind, Bot};
pub use callback::{Attempt, Callback, CallbackState};
pub use chats::Chat;
pub use conversation::Refusal;
pub use exchange::{Bubble, Exchange, Outcome, QuickReply};
pub use faults::{CallbackFaults, Faults, Mode, SkillFaults};
pub use keys::UserKeys;
pub use message::{Console, Event, Message, Photo, Tap, TapKind, Validation};
pub use rules::{BrokenRule, Severity, broken_rules};

use changes::Subject;
use clock::Clock;
use skill::Caller;
use state::State;

/// How the platform is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the router is reachable, without a trailing slash; callback and media URLs start with
    /// it, e.g. `http://127.0.0.1:8788/emulator`.
    pub public_url: String,
    /// How long a skill may take, network included; 5 s on the platform (skill.md §2).
    pub skill_deadline: Duration,
    /// The address, on the page's own origin, of an ES module that fills a tab beside the chat;
    /// none is no such tab. The page calls its `mount(root, {language})` once with an empty element
    /// and `"ko"` or `"en"`, and expects `{title: {ko, en}, update({language})}` or a promise of
    /// it; its `shown()` and `hidden()`, if it has them, are called when the tab comes into view
    /// and leaves it.
    pub panel: Option<String>,
}

impl Options {
    /// The platform as documented, reachable at `public_url`.
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into(),
            skill_deadline: Duration::from_secs(5),
            panel: None,
        }
    }
}

/// The platform; clones share one state.
#[derive(Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    clock: Clock,
    caller: Caller,
    state: Mutex<State>,
    /// Something a waiting reader may be interested in has happened.
    changed: Notify,
}

impl Emulator {
    /// A platform without bots.
    pub fn new(options: Options) -> Self {
        Self {
            inner: Arc::new(Inner {
                options,
                clock: Clock::default(),
                caller: Caller::new(),
                state: Mutex::default(),
                changed: Notify::new(),
            }),
        }
    }

    /// Everything the platform serves, with paths relative to [`Options::public_url`]; nested with
    /// `nest_service`, the prefix with and without a slash leads to the chat page at `chat`.
    pub fn router(&self) -> Router {
        api::router(self.clone())
    }

    /// Registers the bot, replacing one of the same id; faults of the id stay.
    pub fn add_bot(&self, bot: Bot) {
        self.state().put_bot(bot);
        self.inner.changed.notify_waiters();
    }

    /// Moves the platform's clock forward.
    pub fn advance(&self, by: Duration) {
        self.inner.clock.advance(by);
        self.state().changes.mark(Subject::Clock);
        self.inner.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
