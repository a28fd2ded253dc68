//! How the tree is built: which file and which crate may know which, and how wide a comment is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod arrows;
mod circles;
mod source;
mod width;
mod workspace;
