//! Kakao's own platforms, each as its reference describes it. Nothing in here knows a function, the
//! configuration or a turn. Of ours it knows the channel-neutral reply (`reply`) and the guarded
//! HTTP client (`outside`).
//!
//! - `skill::payload` reads what the platform sends to a skill.
//! - `skill::response` is what a skill may answer: every limit is a type or a constructor there.
//! - `skill::render` turns a `reply::Reply` into such an answer; `skill::cards` does so for cards.
//! - `callback` posts an answer to the one-use URL, and tells what became of it.
//! - `address` says which hosts callbacks and pictures may be on.

pub mod address;
pub mod callback;
pub mod skill;
