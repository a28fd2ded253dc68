//! What the tree says about itself: that what is cited, linked, promised and proven is there.

#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod citations;
mod contract;
mod faults;
mod links;
mod markdown;
mod place;
#[path = "../../src/repo.rs"]
mod repo;
