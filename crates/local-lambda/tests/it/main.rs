//! The machinery around functions, with a function that does what it is told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

mod fault;
mod function;
mod gateway;
mod poller;
mod sandbox;

use std::time::Duration;

use local_lambda::sandbox::Program;

fn sample(timeout: Duration) -> Program {
    Program::new(env!("CARGO_BIN_EXE_sample-function"), timeout)
}
