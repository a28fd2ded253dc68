//! Whole flows through real handlers, the embedded DynamoDB and the emulator.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::large_futures,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

mod access;
mod agent;
mod agents;
mod crash;
mod faults;
mod http;
mod late;
mod panel;
mod pictures;
mod rich;
mod samples;
mod talk;
mod template;
mod world;
