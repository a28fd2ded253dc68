//! Kakao's own platforms, each as its reference describes it.

pub mod callback;
pub mod skill;
