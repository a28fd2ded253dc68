//! Kakao's own platforms, each as its reference describes it. Nothing in here knows Dari.

pub mod address;
pub mod callback;
pub mod skill;
