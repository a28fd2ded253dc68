//! The platform seen from outside: its control API on one side, a skill on the other.
#![cfg(test)]

mod api;
mod callbacks;
mod deadlines;
mod faults;
mod payloads;
mod world;
