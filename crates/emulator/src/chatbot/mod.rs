//! KakaoTalk's chatbot platform: bots that call a skill for every message, the rules for what it
//! may answer, and callbacks for what it answers later. The reference is skill.md.
//!
//! A [`Message`] is what a person does. [`Chatbot::say`] makes a request of it (`compose`,
//! `payload`), calls the skill (`skill`), judges the answer ([`rules`]), turns it into bubbles
//! (`render`), and keeps all that as an [`Exchange`]. A callback URL in the request is a `token`;
//! what is posted to it arrives at `bot_api`.

// What the platform sends.
mod bot;
mod compose;
mod keys;
mod message;
mod payload;
mod photos;
mod skill;

// What it makes of the answer.
mod callback;
mod exchange;
mod render;
pub mod rules;

// Callback URLs, from issue to end.
mod bot_api;
mod reaction;
mod token;
mod verdict;

// What it remembers, and how it is driven.
mod api;
mod chats;
mod conversation;
mod faults;
mod news;
mod platform;
mod state;

pub use bot::{Block, BlockKind, Bot};
pub use callback::{Attempt, Callback, CallbackState};
pub use chats::Chat;
pub use exchange::{Exchange, Outcome};
pub use faults::{CallbackFaults, Faults, Mode, SkillFaults};
pub use keys::UserKeys;
pub use message::{Console, Event, Message, Tap, TapKind, Validation};
pub use platform::Chatbot;
pub use render::{Bubble, QuickReply};
pub use rules::{BrokenRule, Severity};
