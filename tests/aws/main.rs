//! The functions' real binaries under a Lambda Runtime API, against AWS-compatible servers.
//! `.ci/aws` starts what that takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::large_futures,
    reason = "a test fails by panicking, and plays the outside world itself"
)]

#[expect(dead_code, reason = "the tests of one process use more of it")]
#[path = "../it/agent.rs"]
mod agent;
mod amplification;
mod canary;
mod chat;
mod cloud;
mod crash;
mod deadline;
mod duplicates;
mod flow;
mod lease;
mod operator;
mod outcome;
mod overload;
mod permissions;
mod servers;
mod start;
