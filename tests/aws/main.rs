//! The functions' real binaries under a Lambda Runtime API, against AWS-compatible servers. `.ci/aws` starts what that takes.

#[path = "../it/agent.rs"]
mod agent;
mod canary;
mod cloud;
mod flow;
