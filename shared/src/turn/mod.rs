//! Turns: one message with the agent at a time, an answer that is posted once or held, and nothing
//! lost in between.
//!
//! ```text
//!  open        claim            finish           posted
//! ─────▶ opened ───▶ answering ────────▶ posting ──────▶ delivered     the callback took it: gone
//!                        │                  ├──────────▶ held          the callback refused it
//!                        │                  └──────────▶ unconfirmed   it may have arrived
//!                        └─────────────────────────────▶ held          there is no callback
//!
//! held, unconfirmed ──▶ shown      a response carried it
//! shown ──▶ shown                  the person asks once more, within ten minutes
//! ```
//!
//! Every turn that was taken comes to such an end. If a newer message took its place (`latest`), or
//! nobody answered in time, a sentence of ours goes the way of the answer.
//!
//! What is known about whether an answer arrived decides what becomes of it:
//!
//! | | known | unasked | when the person asks |
//! |---|---|---|---|
//! | held | nobody has seen it | goes along with what leaves next | shown |
//! | unconfirmed | a callback may have shown it | mentioned once, with the button | shown |
//! | shown | a response carried it, and may be lost | nothing | shown, if there is nothing else |
//! | delivered | the person has seen it | nothing | nothing |
//!
//! Everything about one conversation is one document ([`Conversation`]): the turns in its lane, the
//! answers whose arrival is not known, and the requests it remembers. A turn stays in the lane
//! until it has ended; then its answer and its request are what is left of it. Each step is one
//! compare-and-swap on the document, and comes before what it allows:
//!
//! | step | what is stored | what may be done then |
//! |---|---|---|
//! | `open` | the message, its reply slot, what it is recognised by | hand it over, acknowledge |
//! | `claim` | who has it, with a lease | ask the agent, or post what is stored |
//! | `renew` | a longer lease | go on asking |
//! | `spend_slot` | that the slot is closed | say in its place that it takes longer |
//! | `finish` | the reply, with the callback it goes to; or the reply as held | post it |
//! | `posted` | what came of the post, and the answer unless it arrived | take the next |
//! | `collect` | that a response carries the answer | show it |
//!
//! So whoever dies leaves a state that another can go on from. A worker that holds a turn has a
//! lease on it; when the lease runs out another may take over, and whatever the first one still
//! writes finds no turn of its own. Only the post itself can happen twice, and a callback lets one
//! through.

pub mod budget;
mod collect;
mod conversation;
mod kept;
mod lane;
mod memory;
mod opening;
mod overview;
mod pace;
mod reference;
mod seen;
mod slot;
mod stage;
mod step;
mod store;
#[cfg(test)]
mod tests;

pub use collect::{Collected, Showing, Wanted};
pub use conversation::{Conversation, Status};
pub use memory::Exchange;
pub use opening::{Opened, Opening};
pub use overview::{TurnState, TurnView};
pub use reference::{ConversationKey, TurnRef};
pub use slot::{Callback, OneUseUrl, Slot};
pub use step::{Answer, Ask, Finished, Post, PostResult, Posted, Renewed, Step};
pub use store::Turns;
