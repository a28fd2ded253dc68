//! What operators see: logs without anything personal in them, and counted events under fixed
//! names.

mod lines;
mod metric;

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterFn, filter_fn},
    fmt::{self, format::JsonFields},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::lines::Lines;
pub use self::metric::{Gauge, Metric, Timing, count, count_many, gauge, time};
use crate::{
    clock::{Clock, Time},
    env::process_env,
};

/// Events longer ago than this are not told of any more. Seconds.
const OLD: u64 = 60;

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
        // What is left of an old flood is not news.
        let is_old = now.as_secs().saturating_sub(last) > OLD;
        Some(if is_old { 1 } else { count })
    }
}

/// Logs to standard output, one JSON object a line; `RUST_LOG` chooses, `info` unless set. For
/// functions.
pub fn init() {
    let namespace = process_env("DARI_METRICS_NAMESPACE");
    let lines = Lines {
        namespace: namespace.unwrap_or_else(|| "Dari".to_owned()),
        clock: Clock::System,
    };
    tracing_subscriber::registry()
        .with(filter("info"))
        .with(
            fmt::layer()
                .fmt_fields(JsonFields::new())
                .event_format(lines)
                .with_filter(ours()),
        )
        .init();
}

/// Whatever is asked for, other people's crates only report what is wrong: what they would say
/// besides may hold a request.
fn ours() -> FilterFn {
    filter_fn(|metadata| {
        let from = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= Level::WARN
            || ["shared", "skill_webhook", "turn_worker", "dari"].contains(&from)
            // It names the invocation, and no more.
            || (metadata.is_span() && from == "lambda_runtime")
    })
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
    let wanted = process_env("RUST_LOG").filter(|wanted| !wanted.is_empty());
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
        assert_eq!(sampler.one_more(at(1_001)), None);
        assert_eq!(sampler.one_more(at(3_600_000)), Some(1));
    }
}
