//! What operators see: logs without anything personal in them, and counted events under fixed names.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{clock::Time, config};

/// An event worth counting. Alarms and dashboards go by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    AuthFailed,
    Acknowledged,
    AnsweredInTime,
    CannedAnswer,
    UnknownKind,
    RefusedUrl,
    RequestMismatch,
    OtherBot,
    Challenged,
    KeptOut,
    HandOverFailed,
    CallbackAccepted,
    CallbackRefused,
    CallbackUnconfirmed,
    NoticePosted,
    Held,
    Collected,
    Expired,
    Replaced,
    AgentFailed,
}

impl Metric {
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthFailed => "auth_failed",
            Self::Acknowledged => "acknowledged",
            Self::AnsweredInTime => "answered_in_time",
            Self::CannedAnswer => "canned_answer",
            Self::UnknownKind => "unknown_kind",
            Self::RefusedUrl => "refused_url",
            Self::RequestMismatch => "request_mismatch",
            Self::OtherBot => "other_bot",
            Self::Challenged => "challenged",
            Self::KeptOut => "kept_out",
            Self::HandOverFailed => "hand_over_failed",
            Self::CallbackAccepted => "callback_accepted",
            Self::CallbackRefused => "callback_refused",
            Self::CallbackUnconfirmed => "callback_unconfirmed",
            Self::NoticePosted => "notice_posted",
            Self::Held => "held",
            Self::Collected => "collected",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
            Self::AgentFailed => "agent_failed",
        }
    }
}

/// Lets one event a second through, with the number of those since the last that went through.
#[derive(Debug, Default)]
pub struct Sampler {
    through: AtomicU64,
    since: AtomicU64,
}

impl Sampler {
    /// How many events this one stands for, if it goes through.
    pub fn one_more(&self, now: Time) -> Option<u64> {
        let count = self.since.fetch_add(1, Ordering::Relaxed) + 1;
        let last = self.through.load(Ordering::Relaxed);
        if last != 0 && now.as_secs() <= last {
            return None;
        }
        self.through.store(now.as_secs(), Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
        Some(count)
    }
}

/// Counts one event.
pub fn count(metric: Metric) {
    count_many(metric, 1);
}

pub fn count_many(metric: Metric, times: u64) {
    tracing::info!(target: "dari::metric", metric = metric.name(), count = times);
}

/// Logs to standard output, one JSON object a line; `RUST_LOG` chooses, `info` unless set. For functions.
pub fn init() {
    tracing_subscriber::registry()
        .with(filter("info"))
        .with(
            fmt::layer()
                .json()
                .flatten_event(true)
                .without_time()
                .with_current_span(false),
        )
        .init();
}

/// Logs to standard error, for eyes. For `dari dev`.
pub fn init_for_terminal(default: &str) {
    tracing_subscriber::registry()
        .with(filter(default))
        .with(
            fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false)
                .without_time(),
        )
        .init();
}

fn filter(default: &str) -> EnvFilter {
    let wanted = config::process_env("RUST_LOG").filter(|wanted| !wanted.is_empty());
    EnvFilter::try_new(wanted.as_deref().unwrap_or(default))
        .unwrap_or_else(|_| EnvFilter::new(default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f07_one_event_a_second_goes_through_and_the_others_are_counted() {
        let sampler = Sampler::default();
        let at = |millis: u64| Time::from_millis(1_800_000_000_000 + millis);
        assert_eq!(sampler.one_more(at(0)), Some(1));
        for millis in 1..500 {
            assert_eq!(sampler.one_more(at(millis)), None);
        }
        assert_eq!(sampler.one_more(at(1_000)), Some(500));
    }
}
