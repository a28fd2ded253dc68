//! Turns: one message with the agent at a time, an answer that is posted once or held, and nothing
//! lost in between.
//!
//! ```text
//!  open        claim            finish           posted
//! ─────▶ opened ───▶ answering ────────▶ posting ──────▶ delivered     the callback took it
//!                        │                  ├──────────▶ held          the callback refused it
//!                        │                  └──────────▶ unconfirmed   it may have arrived
//!                        └─────────────────────────────▶ held          its slot had closed before
//!
//! held, unconfirmed ──▶ collected         the person asked for it, or wrote again
//! opened, answering ──▶ replaced          a newer message took its place (`latest`)
//! opened, answering, held ──▶ expired     nobody answered in time, or nobody collected
//! ```
//!
//! Everything about one conversation is one document ([`Conversation`]): the turns in its lane, the
//! replies that are held, unconfirmed or shown last, and the requests it remembers. A turn stays in
//! the lane until it has ended; then its reply and its request are what is left of it. Each step is
//! one compare-and-swap on the document, and comes before what it allows:
//!
//! | step | what is stored | what may be done then |
//! |---|---|---|
//! | `open` | the message, its reply slot, what it is recognised by | hand it over, acknowledge |
//! | `claim` | who has it, with a lease | ask the agent, or post what is stored |
//! | `renew` | a longer lease | go on asking |
//! | `spend_slot` | that the slot is closed | say in its place that it takes longer |
//! | `finish` | the reply, with the callback it goes to; or the reply as held | post it |
//! | `posted` | what came of the post; the reply as shown, held or unconfirmed | take the next |
//! | `collect` | the reply as shown | show it |
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
