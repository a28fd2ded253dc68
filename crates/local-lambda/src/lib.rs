//! AWS Lambda, offline: runs functions' real binaries as Lambda does, with a gateway and a queue in
//! front of them and faults behind them.
//!
//! [`sandbox`] is one process under a Runtime API, [`function`] the pool of them that answers
//! events at once, [`gateway`] and [`poller`] are where events come from, [`fault`] stands between
//! a function and what it depends on, and [`moto`] starts the AWS services that are played. Linux
//! only where it measures; needs no AWS account, no container engine and no network.

mod capture;
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

/// The region that events name, unless the program's environment has another.
pub const REGION: &str = "ap-northeast-2";

/// The account that events name: the one that moto answers for.
pub const ACCOUNT: &str = "123456789012";
