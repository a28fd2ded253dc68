//! What operators see: logs without anything personal in them, and counted events under fixed
//! names.

mod lines;
mod metric;

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterFn, filter_fn},
    fmt::{self, format::JsonFields},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::lines::Lines;
pub use self::metric::{Gauge, Metric, TARGET as METRICS, Timing, count, count_many, gauge, time};
use crate::{
    clock::{Clock, Time},
    env::process_env,
};

/// Our crates, with commas between them: every member of the workspace (build.rs).
const OURS: &str = env!("OUR_CRATES");

/// Seconds after which the count of a [`Sampler`] is forgotten.
const OLD: u64 = 60;

/// Lets one event a second through, with the number of events that it stands for.
#[derive(Debug, Default)]
pub struct Sampler {
    through: AtomicU64,
    since: AtomicU64,
}

impl Sampler {
    /// If this event goes through: the number of events since the last that did.
    pub fn one_more(&self, now: Time) -> Option<u64> {
        let count = self.since.fetch_add(1, Ordering::Relaxed) + 1;
        let last = self.through.load(Ordering::Relaxed);
        if last != 0 && now.as_secs() <= last {
            return None;
        }
        self.through.store(now.as_secs(), Ordering::Relaxed);
        self.since.store(0, Ordering::Relaxed);
        // The rest of a flood that is long over would look like a new one.
        let is_old = now.as_secs().saturating_sub(last) > OLD;
        Some(if is_old { 1 } else { count })
    }
}

/// For functions: logs to standard output, one JSON object a line. `RUST_LOG` chooses the level,
/// `info` unless set.
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

/// At whatever level, other people's crates only report what is wrong: in the rest there may be a
/// request (F-80).
fn ours() -> FilterFn {
    filter_fn(|metadata| {
        let from = crate_of(metadata.target());
        *metadata.level() <= Level::WARN
            || is_ours(from)
            // It names the invocation, and no more.
            || (metadata.is_span() && from == "lambda_runtime")
    })
}

fn crate_of(target: &str) -> &str {
    target.split("::").next().unwrap_or_default()
}

fn is_ours(name: &str) -> bool {
    OURS.split(',').any(|ours| ours == name)
}

/// What a program for a terminal shows: our crates say what happens and all others what is wrong,
/// but for those that are `silent`. `RUST_LOG` chooses otherwise.
pub fn filter_for_terminal(silent: &[&str]) -> EnvFilter {
    let ours = OURS.split(',').map(|name| format!("{name}=info"));
    let silent = silent.iter().map(|target| format!("{target}=off"));
    let directives: Vec<_> = ["warn".to_owned()]
        .into_iter()
        .chain(ours)
        .chain(silent)
        .collect();
    filter(&directives.join(","))
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

    #[test]
    fn the_lines_of_every_function_are_heard_and_f80_nobody_elses() {
        let functions = concat!(env!("CARGO_MANIFEST_DIR"), "/../functions");
        let mut heard = 0;
        for function in std::fs::read_dir(functions).unwrap() {
            let name = function.unwrap().file_name().into_string().unwrap();
            assert!(is_ours(&name.replace('-', "_")), "{name}");
            heard += 1;
        }
        assert!(heard >= 2, "they are elsewhere");
        for ours in [module_path!(), metric::TARGET] {
            assert!(is_ours(crate_of(ours)), "{ours}");
        }
        for other in ["aws_smithy_runtime", "hyper", "lambda_http", "reqwest", ""] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
