//! The chatbot platform: what it sends to a skill, and what a skill may answer.

pub mod cards;
pub mod payload;
pub mod render;
pub mod response;
mod size;
