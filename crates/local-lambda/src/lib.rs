//! AWS Lambda, offline: runs functions' real binaries as Lambda does, with a gateway and a queue in
//! front of them and faults behind them.
//!
//! - A [`sandbox`] is one process with a Runtime API of its own: one event at a time, frozen in
//!   between, killed when an event takes too long.
//! - A [`function`] is a pool of sandboxes, as many as events come at once.
//! - Events come from a [`gateway`], which makes them of HTTP requests, or from a [`poller`], which
//!   takes them from an [`sqs`] queue.
//! - A [`fault`] proxy stands between a function and one of its dependencies: it writes down what
//!   passes, loses answers, throttles, and holds a request while a test kills the process.
//! - [`moto`] starts the AWS services that are played rather than embedded.
//!
//! README.md says what is like Lambda here and what is not.

mod capture;
mod failed;
pub mod fault;
pub mod function;
pub mod gateway;
mod machine;
pub mod moto;
pub mod poller;
mod proc;
mod runtime_api;
pub mod sandbox;
pub mod sqs;

pub use machine::epoch_millis;

/// The region that events name, unless the program's environment names another.
pub const REGION: &str = "ap-northeast-2";

/// The account that events name: the one that moto answers for.
pub const ACCOUNT: &str = "123456789012";
