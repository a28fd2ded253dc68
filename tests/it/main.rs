//! Whole flows through real handlers, the embedded DynamoDB and the emulator.

mod access;
mod agent;
mod faults;
mod http;
mod late;
mod proxy;
mod samples;
mod talk;
mod world;
