//! The worlds that tests run in. README.md says which one to take.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::large_futures,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

pub mod agent;
pub mod canary;
pub mod cloud;
pub mod keys;
pub mod servers;
pub mod world;
