//! What operators see: logs without anything personal in them, and counted events under fixed
//! names.

mod counted;
mod lines;
mod metric;
#[cfg(test)]
mod tests;

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, FilterFn, filter_fn},
    fmt,
    layer::{Filter, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

pub use self::metric::{
    Gauge, JUDGING, Metric, Timing, count, count_many, gauge, invocation, time,
};
use self::{
    counted::{Filing, Version},
    lines::Lines,
};
use crate::{clock::Time, env::process_env};

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
/// `info` unless set; metrics are written whatever it says, because alarms ring by them.
pub fn init() {
    let namespace = process_env("DARI_METRICS_NAMESPACE");
    let lines = Lines {
        filing: Filing {
            namespace: namespace.unwrap_or_else(|| "Dari".to_owned()),
            version: Version::from_env(),
        },
        writer: std::io::stdout,
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(heard(filter("info"))))
        .init();
}

/// Metrics with the spans that they belong to; of the rest what is `wanted` and may be said.
fn heard<S>(wanted: EnvFilter) -> impl Filter<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    metrics().or(wanted.and(ours()))
}

/// Metrics, and the spans of ours, whose fields say whose message is counted.
fn metrics() -> FilterFn {
    let metrics: fn(&Metadata<'_>) -> bool =
        |metadata| metadata.target() == metric::TARGET || metadata.is_span() && is_known(metadata);
    filter_fn(metrics).with_max_level_hint(LevelFilter::INFO)
}

/// At whatever level, other people's crates only report what is wrong: in the rest there may be a
/// request (F-80).
fn ours() -> FilterFn {
    let ours: fn(&Metadata<'_>) -> bool = |metadata| {
        *metadata.level() <= Level::WARN
            || is_ours(crate_of(metadata.target()))
            || metadata.is_span() && is_known(metadata)
    };
    filter_fn(ours).with_max_level_hint(LevelFilter::TRACE)
}

/// A span of ours, or that of `lambda_runtime`: it names the invocation, and no more.
fn is_known(span: &Metadata<'_>) -> bool {
    let from = crate_of(span.target());
    is_ours(from) || from == "lambda_runtime"
}

fn crate_of(target: &str) -> &str {
    target.split("::").next().unwrap_or_default()
}

fn is_ours(name: &str) -> bool {
    OURS.split(',').any(|ours| ours == name)
}

/// For `dari dev`: logs to standard error, for eyes. Our crates say what happens and all others
/// what is wrong, but for those that are `silent`; metrics are not shown. `RUST_LOG` chooses
/// otherwise.
pub fn init_for_terminal(silent: &[&str]) {
    let ours = OURS.split(',').map(|name| format!("{name}=info"));
    let silent = silent.iter().chain([&metric::TARGET]);
    let silent = silent.map(|target| format!("{target}=off"));
    let directives: Vec<_> = ["warn".to_owned()]
        .into_iter()
        .chain(ours)
        .chain(silent)
        .collect();
    tracing_subscriber::registry()
        .with(filter(&directives.join(",")))
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
