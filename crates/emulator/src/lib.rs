//! Kakao, offline: plays the platforms, so that code for them can be driven without an account.
//!
//! It is written from the platform references alone and imports nothing of the code that it drives,
//! so that it can prove that code wrong. A JSON control API plays the person in the chat and turns
//! faults on, and a chat page lets a real person do the same.
//!
//! An [`Emulator`] is the platforms and the ground they stand on. Each platform is one folder:
//! [`chatbot`] is KakaoTalk's chatbots. All else here is what the platforms share; README.md says
//! how to add one.

pub mod chatbot;

// The ground: what every platform uses.
mod changes;
mod clock;
mod ground;
mod keys;
mod lock;
mod media;
mod refusal;

// The whole: what is made of the platforms.
mod emulator;
mod events;
mod page;
mod routes;

// Most callers drive the chatbot platform, so its names are here as well.
pub use chatbot::{
    Attempt, Block, BlockKind, Bot, BrokenRule, Bubble, Callback, CallbackFaults, CallbackState,
    Chat, Console, Event, Exchange, Faults, Message, Mode, Outcome, QuickReply, Severity,
    SkillFaults, Tap, TapKind, UserKeys, Validation,
};
pub use emulator::Emulator;
pub use ground::Options;
pub use media::Photo;
pub use refusal::Refusal;
