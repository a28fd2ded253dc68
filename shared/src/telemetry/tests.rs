use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tracing::Instrument;

use super::*;

#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that `speaking` writes under this filter, without their timestamps.
fn written_at(filter: &str, speaking: impl FnOnce()) -> Vec<Value> {
    let printed = Printed::default();
    let target = printed.clone();
    let lines = Lines {
        filing: Filing {
            namespace: "Dari/test".to_owned(),
            version: Some(Version {
                function: "webhook".to_owned(),
                version: "7".to_owned(),
            }),
        },
        writer: move || target.clone(),
    };
    let layer = lines.with_filter(heard(EnvFilter::new(filter)));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), speaking);
    let text = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &mut lines {
        let stamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(is_rfc_3339(stamp.as_str().unwrap()), "{stamp}");
        if let Some(aws) = line.get_mut("_aws") {
            let stamp = aws["Timestamp"].take();
            assert!(stamp.as_u64().unwrap() > 1_700_000_000_000);
        }
    }
    lines
}

fn written(speaking: impl FnOnce()) -> Vec<Value> {
    written_at("trace", speaking)
}

/// As Lambda wants it: without a valid time it takes every line for `INFO`.
fn is_rfc_3339(stamp: &str) -> bool {
    let shape: String = stamp
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    shape.starts_with("0000-00-00T00:00:00.") && shape.ends_with("0Z")
}

/// What `work` writes as the work of one invocation.
fn invoked(work: impl Future<Output = ()>) -> Vec<Value> {
    written(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(invocation(work));
    })
}

fn directive(dimensions: Value, metrics: Value) -> Value {
    json!({ "Namespace": "Dari/test", "Dimensions": dimensions, "Metrics": metrics })
}

#[test]
fn a_metric_is_a_line_that_cloudwatch_understands() {
    let lines = written(|| count(Metric::Held));
    let held = directive(json!([[]]), json!([{ "Name": "held", "Unit": "Count" }]));
    assert_eq!(
        lines,
        [json!({
            "_aws": { "Timestamp": null, "CloudWatchMetrics": [held] },
            "held": 1,
        })]
    );
}

#[test]
fn an_invocation_is_one_line_of_all_that_it_counted() {
    let lines = invoked(async {
        count(Metric::Message);
        let span = tracing::info_span!(
            target: "skill_webhook", "message",
            account = "default", outcome = tracing::field::Empty
        );
        async {
            count(Metric::Held);
            count(Metric::Held);
            count(Metric::Acknowledged);
            time(Timing::Ack, Duration::from_millis(12));
        }
        .instrument(span)
        .await;
    });
    let names = json!([
        { "Name": "message", "Unit": "Count" },
        { "Name": "held", "Unit": "Count" },
        { "Name": "acknowledged", "Unit": "Count" },
        { "Name": "ack_ms", "Unit": "Milliseconds" },
    ]);
    assert_eq!(
        lines,
        [json!({
            "_aws": { "Timestamp": null, "CloudWatchMetrics": [directive(json!([[]]), names)] },
            "message": 1, "held": 2, "acknowledged": 1, "ack_ms": 12,
            "account": "default", "outcome": "acknowledged",
        })]
    );
}

#[test]
fn what_was_measured_twice_has_two_values() {
    let lines = invoked(async {
        time(Timing::Agent, Duration::from_millis(3));
        time(Timing::Agent, Duration::from_millis(5));
    });
    assert_eq!(lines[0]["agent_ms"], json!([3, 5]));
}

#[test]
fn an_invocation_that_is_cut_off_has_counted_all_the_same() {
    let lines = written(|| {
        let mut work = Box::pin(invocation(async {
            count(Metric::Message);
            std::future::pending::<()>().await;
        }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_pending());
    });
    assert_eq!(lines[0]["message"], 1);
}

#[test]
fn what_counts_nothing_writes_nothing() {
    assert!(invoked(async {}).is_empty());
}

#[test]
fn what_a_new_version_is_judged_by_is_counted_for_the_version_too() {
    let lines = invoked(async {
        count(Metric::Message);
        count(Metric::CannedAnswer);
    });
    let of_version = directive(
        json!([["function", "version"]]),
        json!([{ "Name": "canned_answer", "Unit": "Count" }]),
    );
    assert_eq!(lines[0]["_aws"]["CloudWatchMetrics"][1], of_version);
    assert_eq!(
        (&lines[0]["function"], &lines[0]["version"]),
        (&json!("webhook"), &json!("7"))
    );
}

#[test]
fn no_log_filter_switches_metrics_off() {
    for filter in ["off", "error", "skill_webhook=warn", "dari::metric=off"] {
        let lines = written_at(filter, || {
            let span = tracing::info_span!(
                target: "skill_webhook", "message",
                account = "default", outcome = tracing::field::Empty
            );
            span.in_scope(|| {
                tracing::info!(target: "skill_webhook", "not wanted");
                count(Metric::Expired);
            });
        });
        assert_eq!(lines.len(), 1, "{filter}: {lines:?}");
        assert_eq!(lines[0]["expired"], 1);
        assert_eq!(lines[0]["account"], "default");
    }
}

#[test]
fn lines_know_what_the_spans_around_them_know_and_the_last_count_is_the_outcome() {
    let lines = written(|| {
        let outer = tracing::info_span!(target: "lambda_runtime", "invoke", requestId = "r");
        let span = tracing::info_span!(
            target: "skill_webhook", parent: &outer, "message",
            account = "default", outcome = tracing::field::Empty
        );
        span.in_scope(|| {
            count(Metric::Message);
            count(Metric::Acknowledged);
            tracing::warn!(target: "skill_webhook", times = 3, "so");
        });
    });
    assert_eq!(
        lines[2],
        json!({
            "level": "WARN", "target": "skill_webhook", "message": "so", "times": 3,
            "requestId": "r", "account": "default", "outcome": "acknowledged",
        })
    );
}

#[test]
fn f80_other_peoples_crates_are_heard_only_when_something_is_wrong() {
    let lines = written(|| {
        let secretive = tracing::info_span!(target: "hyper", "request", secret = "a secret");
        secretive.in_scope(|| {
            tracing::trace!(target: "aws_smithy_runtime", "a request with a secret");
            tracing::info!(target: "hyper", "a connection");
            tracing::warn!(target: "hyper", "a broken one");
            tracing::trace!(target: "shared::turn", "ours");
        });
    });
    let said: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(said, ["a broken one", "ours"]);
    assert!(lines.iter().all(|line| line.get("secret").is_none()));
}

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
