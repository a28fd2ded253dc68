//! Turns: one message with the agent at a time, an answer that is posted once or held, and nothing
//! lost in between.
//!
//! ```text
//! opened ──▶ answering ──▶ delivered      the callback took it
//!                     ├──▶ held ──▶ collected   its reply slot closed first
//!                     ├──▶ expired        nobody could answer it in time
//!                     └──▶ refused        a newer message replaced it
//! ```
//!
//! Everything about one conversation is one document ([`Conversation`]); each step of a turn is one
//! compare-and-swap on it. A worker that holds a turn has a lease on it; when the lease runs out
//! another may take over, and whatever the first one still writes finds no turn of its own.

pub mod budget;
mod collect;
mod conversation;
mod kept;
mod lane;
mod overview;
mod pace;
mod stage;
mod store;
#[cfg(test)]
mod tests;

pub use collect::Collected;
pub use conversation::{Conversation, Exchange, Opened, Opening, Status};
pub use lane::{Answer, Ask, Finished, Post, PostResult, Posted, Renewed, Replaced, Step};
pub use overview::{TurnState, TurnView};
pub use stage::{OneUseUrl, Slot};
pub use store::{ConversationKey, TurnRef, Turns};
