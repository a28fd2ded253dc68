//! The platform seen from outside: its control API on one side, a skill on the other.
#![cfg(test)]

mod api;
mod callbacks;
mod deadlines;
mod events;
mod faults;
mod page;
mod payloads;
mod world;
