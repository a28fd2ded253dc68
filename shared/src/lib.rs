//! The crate all functions share: only what two or more of them use.

pub mod access;
pub mod aws;
pub mod clock;
pub mod config;
pub mod edge;
pub mod env;
pub mod identity;
pub mod keys;
pub mod live;
pub mod message;
pub mod queue;
pub mod secrets;
pub mod startup;
pub mod store;
pub mod telemetry;
#[cfg(test)]
mod test_keys;
pub mod text;
pub mod turn;
