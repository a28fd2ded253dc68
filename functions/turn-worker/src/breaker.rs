//! An agent that is down is not asked for a while, and its people get an answer at once (F-133).
//!
//! Workers share what they know of an agent in one small document. While all goes well there is
//! none, and nothing is written.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::{
    clock::Time,
    store::{Document, Documents, PrimaryKey, StoreError},
    telemetry::{Metric, count},
    turn::Turns,
};

/// A call counts for this long after its end, and as long again as it took: five workers with a
/// hung agent end five calls at a time, and the next five a whole timeout later.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer calls do not bring an agent down.
const ENOUGH: usize = 10;
/// An agent that is down is tried with one question this often.
const PROBE: Duration = Duration::from_secs(30);
/// After so many good answers in a row it is asked as before.
const RECOVERED: u8 = 3;

/// What is known of one agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Breaker {
    /// The calls that count, oldest first, from the first failure on: noting good answers before it
    /// would cost a write each.
    calls: Vec<Call>,
    /// There while the agent is down.
    down: Option<Down>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Call {
    asked: Time,
    ended: Time,
    failed: bool,
}

impl Call {
    fn counts(&self, now: Time) -> bool {
        now.since(self.ended) < WINDOW + self.ended.since(self.asked)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Down {
    since: Time,
    probe_at: Time,
    good: u8,
}

impl Document for Breaker {
    const PURPOSE: &'static str = "breakers";

    fn expires(&self) -> Time {
        let last = self
            .calls
            .last()
            .map(|call| call.ended + Duration::from_hours(1));
        let probe = self
            .down
            .map(|down| down.probe_at + Duration::from_hours(1));
        probe.or(last).unwrap_or_default()
    }
}

impl Breaker {
    /// Whether the agent may be asked now. While it is down, whoever is let through is the probe.
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
    fn ended(&mut self, call: Call) -> bool {
        match &mut self.down {
            // Asked before it was down: it says nothing of now.
            Some(down) if call.asked < down.since => {}
            Some(down) if call.failed => down.good = 0,
            Some(down) => {
                down.good = down.good.saturating_add(1);
                if down.good >= RECOVERED {
                    *self = Self::default();
                }
            }
            None => return self.counted(call),
        }
        false
    }

    /// Adds a call while the agent is up; true if that brings it down.
    fn counted(&mut self, call: Call) -> bool {
        let now = call.ended;
        self.calls.retain(|call| call.counts(now));
        let first = self.calls.iter().position(|call| call.failed);
        self.calls.drain(..first.unwrap_or(self.calls.len()));
        if self.calls.is_empty() && !call.failed {
            return false;
        }
        self.calls.push(call);
        let failures = self.calls.iter().filter(|call| call.failed).count();
        if self.calls.len() < ENOUGH || failures * 2 < self.calls.len() {
            return false;
        }
        *self = Self {
            calls: Vec::new(),
            down: Some(Down {
                since: now,
                probe_at: now + PROBE,
                good: 0,
            }),
        };
        true
    }
}

/// The breaker of one agent, as all workers share it.
pub(crate) struct SharedBreaker<'a> {
    documents: Documents<Breaker>,
    agent: &'a str,
}

impl<'a> SharedBreaker<'a> {
    pub(crate) fn of(agent: &'a str, turns: &Turns) -> Self {
        Self {
            documents: turns.beside(),
            agent,
        }
    }

    /// True while the breaker is open; does not use up the probe.
    pub(crate) async fn is_open(&self, now: Time) -> bool {
        let read = self.documents.read(&self.key(), now).await;
        read.inspect_err(warn)
            .is_ok_and(|read| read.document.down.is_some_and(|down| now < down.probe_at))
    }

    /// Whether the agent may be asked now. If it is not known, it may.
    pub(crate) async fn lets_through(&self, now: Time) -> bool {
        let ask = |breaker: &mut Breaker| breaker.lets_through(now);
        let allowed = self.documents.change(&self.key(), now, ask).await;
        allowed.inspect_err(warn).unwrap_or(true)
    }

    /// Notes how a question ended that was asked at that time.
    pub(crate) async fn ended(&self, failed: bool, asked: Time, ended: Time) {
        let call = Call {
            asked,
            ended,
            failed,
        };
        let note = |breaker: &mut Breaker| breaker.ended(call);
        let went_down = self.documents.change(&self.key(), ended, note).await;
        if went_down.inspect_err(warn).is_ok_and(|down| down) {
            let agent = self.agent;
            tracing::error!(agent, "the agent is down: it is tried every half minute");
            count(Metric::AgentDown);
        }
    }

    fn key(&self) -> PrimaryKey {
        PrimaryKey::new(format!("agent#{}", self.agent), "breaker")
    }
}

fn warn(error: &StoreError) {
    tracing::warn!(%error, "it is not known whether the agent is down");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    fn call(failed: bool, asked: u64, ended: u64) -> Call {
        Call {
            asked: at(asked),
            ended: at(ended),
            failed,
        }
    }

    fn after(calls: impl IntoIterator<Item = (bool, u64)>) -> Breaker {
        let mut breaker = Breaker::default();
        for (failed, seconds) in calls {
            breaker.ended(call(failed, seconds, seconds));
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
        breaker.ended(call(false, 31, 31));
        assert!(breaker.lets_through(at(60)));
        breaker.ended(call(true, 61, 61));
        for second in [90, 120, 150] {
            assert!(!breaker.lets_through(at(second - 1)));
            assert!(breaker.lets_through(at(second)));
            breaker.ended(call(false, second + 1, second + 1));
        }
        assert!(breaker.lets_through(at(152)));
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn f133_five_workers_bring_a_hung_agent_down_with_their_second_calls() {
        let mut breaker = Breaker::default();
        for ended in [300, 600] {
            for _ in 0..4 {
                assert!(!breaker.ended(call(true, ended - 300, ended)));
            }
            assert_eq!(breaker.ended(call(true, ended - 300, ended)), ended == 600);
        }
        assert!(!breaker.lets_through(at(601)));
    }

    #[test]
    fn f133_answers_to_older_questions_do_not_count_as_probes() {
        let mut breaker = after((0..10).map(|_| (true, 10)));
        for _ in 0..3 {
            breaker.ended(call(false, 9, 11));
        }
        assert!(!breaker.lets_through(at(12)));
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
