//! An agent that is down is not asked for a while, and its people get an answer at once (F-133).
//!
//! Workers share what they know of an agent in one small document. While all goes well there is none, and nothing is written.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::{
    clock::Time,
    store::{Document, Documents, Place, StoreError},
    telemetry::{Metric, count},
};

/// What breakers are sealed to.
pub(crate) const PURPOSE: &str = "breakers";

/// Calls are looked at together if they ended within this.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer calls say nothing.
const ENOUGH: usize = 10;
/// An agent that is down is tried with one question this often.
const PROBE: Duration = Duration::from_secs(30);
/// After so many good answers in a row it is asked as before.
const RECOVERED: u8 = 3;

/// What is known of one agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Breaker {
    /// Since the first failure that still counts, oldest first.
    calls: Vec<Call>,
    /// There while the agent is down.
    down: Option<Down>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Call {
    at: Time,
    failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Down {
    probe_at: Time,
    good: u8,
}

impl Document for Breaker {
    fn expires(&self) -> Time {
        let last = self.calls.last().map(|call| call.at + WINDOW);
        let probe = self
            .down
            .map(|down| down.probe_at + Duration::from_hours(1));
        probe.or(last).unwrap_or_default()
    }
}

impl Breaker {
    /// Whether the agent may be asked now.
    fn lets_through(&mut self, now: Time) -> bool {
        match &mut self.down {
            None => true,
            Some(down) if down.probe_at <= now => {
                down.probe_at = now + PROBE;
                true
            }
            Some(_) => false,
        }
    }

    /// Whether this call has brought the agent down.
    fn ended(&mut self, failed: bool, now: Time) -> bool {
        match &mut self.down {
            Some(down) if failed => down.good = 0,
            Some(down) => {
                down.good = down.good.saturating_add(1);
                if down.good >= RECOVERED {
                    *self = Self::default();
                }
            }
            None => return self.count(failed, now),
        }
        false
    }

    fn count(&mut self, failed: bool, now: Time) -> bool {
        self.calls.retain(|call| now.since(call.at) < WINDOW);
        let first = self.calls.iter().position(|call| call.failed);
        self.calls.drain(..first.unwrap_or(self.calls.len()));
        if self.calls.is_empty() && !failed {
            return false;
        }
        self.calls.push(Call { at: now, failed });
        let failures = self.calls.iter().filter(|call| call.failed).count();
        if self.calls.len() < ENOUGH || failures * 2 < self.calls.len() {
            return false;
        }
        *self = Self {
            calls: Vec::new(),
            down: Some(Down {
                probe_at: now + PROBE,
                good: 0,
            }),
        };
        true
    }
}

/// Whether the agent may be asked now. Asked it is, if that is not known.
pub(crate) async fn lets_through(breakers: &Documents, agent: &str, now: Time) -> bool {
    let ask = |breaker: &mut Breaker| breaker.lets_through(now);
    let allowed = breakers.change(&place(agent), now, ask).await;
    allowed.unwrap_or_else(|error| not_known(&error))
}

/// Notes how a question ended.
pub(crate) async fn ended(breakers: &Documents, agent: &str, failed: bool, now: Time) {
    let note = |breaker: &mut Breaker| breaker.ended(failed, now);
    let down = breakers.change(&place(agent), now, note).await;
    if down.is_ok_and(|down| down) {
        tracing::error!(agent, "the agent is down: it is tried every half minute");
        count(Metric::AgentDown);
    }
}

fn not_known(error: &StoreError) -> bool {
    tracing::warn!(%error, "it is not known whether the agent is down");
    true
}

fn place(agent: &str) -> Place {
    Place {
        partition: format!("agent#{agent}"),
        sort: "breaker",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    fn after(calls: impl IntoIterator<Item = (bool, u64)>) -> Breaker {
        let mut breaker = Breaker::default();
        for (failed, seconds) in calls {
            breaker.ended(failed, at(seconds));
        }
        breaker
    }

    #[test]
    fn f133_ten_calls_with_half_of_them_failed_in_half_a_minute_bring_an_agent_down() {
        let failed = |count: u64| (0..count).map(|second| (true, second));
        assert!(after(failed(9)).lets_through(at(9)));
        assert!(!after(failed(10)).lets_through(at(9)));
        let half = (0..10).map(|second| (second % 2 == 0, second));
        assert!(!after(half).lets_through(at(9)));
        let fewer = (0..20).map(|second| (second % 3 == 0, second));
        assert!(after(fewer).lets_through(at(20)));
        let slowly = (0..20).map(|call| (true, call * 4));
        assert!(after(slowly).lets_through(at(80)));
    }

    #[test]
    fn f133_an_agent_that_is_down_is_tried_every_half_minute_and_back_after_three_good_answers() {
        let mut breaker = after((0..10).map(|_| (true, 0)));
        assert!(!breaker.lets_through(at(29)));
        assert!(breaker.lets_through(at(30)));
        assert!(!breaker.lets_through(at(31)), "one probe at a time");
        breaker.ended(false, at(31));
        assert!(breaker.lets_through(at(60)));
        breaker.ended(true, at(61));
        for second in [90, 120, 150] {
            assert!(!breaker.lets_through(at(second - 1)));
            assert!(breaker.lets_through(at(second)));
            breaker.ended(false, at(second + 1));
        }
        assert!(breaker.lets_through(at(152)));
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn while_all_goes_well_nothing_is_remembered() {
        assert_eq!(
            after((0..100).map(|second| (false, second))),
            Breaker::default()
        );
        let recovered = after([(true, 0), (false, 1), (false, 31)]);
        assert_eq!(recovered, Breaker::default());
    }
}
