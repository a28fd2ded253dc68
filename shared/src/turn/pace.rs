//! How fast a person may write: so many messages at once, and then one every so often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::budget::{BURST, PACE};
use crate::clock::Time;

/// By speaker; whoever is not in it has everything left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Pace(BTreeMap<String, Bucket>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Bucket {
    left: u32,
    since: Time,
}

impl Pace {
    /// Whether the speaker may write now. Nothing changes if not: a flood costs no writes.
    pub(super) fn takes(&mut self, speaker: &str, now: Time) -> bool {
        let bucket = self
            .0
            .get(speaker)
            .map_or(Bucket::full(now), |bucket| bucket.refilled(now));
        let Some(left) = bucket.left.checked_sub(1) else {
            return false;
        };
        self.0.insert(speaker.to_owned(), Bucket { left, ..bucket });
        true
    }

    pub(super) fn tidy(&mut self, now: Time) {
        self.0.retain(|_, bucket| bucket.refilled(now).left < BURST);
    }
}

impl Bucket {
    fn full(now: Time) -> Self {
        Self {
            left: BURST,
            since: now,
        }
    }

    fn refilled(&self, now: Time) -> Self {
        let steps = now.since(self.since).as_millis() / PACE.as_millis();
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.left.saturating_add(steps) {
            full if full >= BURST => Self::full(now),
            left => Self {
                left,
                since: self.since + PACE * steps,
            },
        }
    }
}
