//! What must hold of the tree itself: which file and which crate may know which, that what is
//! cited, linked, promised and proven is there, and how wide a comment is.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod arrows;
mod circles;
mod citations;
mod contract;
mod faults;
mod links;
mod markdown;
mod place;
#[path = "../../src/repo.rs"]
mod repo;
mod source;
mod width;
mod workspace;
