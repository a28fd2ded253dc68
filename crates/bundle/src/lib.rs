//! The whole of Dari in one process: every function behind its real route, the embedded DynamoDB, a
//! queue in memory, Kakao's emulator and the operator's panel. `dari dev` runs it, and so do the
//! tests.
//!
//! Begin with [`Stack::start`].

mod bots;
pub mod engine;
mod panel;
pub mod sqs;
mod stack;
pub mod tables;

pub use self::{
    bots::bot_id,
    stack::{Options, Stack, Store},
};
