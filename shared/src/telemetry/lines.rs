//! The lines of a function's log: one flat JSON object each, with the fields of the spans around
//! it. A metric is such a line with an `_aws` part, from which CloudWatch takes it (the embedded
//! metric format).

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormattedFields,
        format::{JsonFields, Writer},
    },
    registry::LookupSpan,
};

use super::metric::TARGET;
use crate::clock::Clock;

pub(super) struct Lines {
    /// What CloudWatch files our metrics under.
    pub(super) namespace: String,
    pub(super) clock: Clock,
}

impl<S> FormatEvent<S, JsonFields> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = Map::new();
        if event.metadata().target() == TARGET {
            self.measure(&mut fields.0, &mut line);
        } else {
            line.insert("level".to_owned(), event.metadata().level().as_str().into());
            line.insert("target".to_owned(), event.metadata().target().into());
        }
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            let extensions = span.extensions();
            let known = extensions.get::<FormattedFields<JsonFields>>();
            let known = known.and_then(|known| serde_json::from_str(&known.fields).ok());
            if let Some(Value::Object(known)) = known {
                line.extend(known);
            }
        }
        line.extend(fields.0);
        writeln!(writer, "{}", Value::Object(line))
    }
}

impl Lines {
    /// Turns the three fields of a metric event into what CloudWatch looks for.
    fn measure(&self, fields: &mut Map<String, Value>, line: &mut Map<String, Value>) {
        let (Some(Value::String(name)), Some(value), Some(unit)) = (
            fields.remove("metric"),
            fields.remove("value"),
            fields.remove("unit"),
        ) else {
            return;
        };
        let directive = json!({
            "Timestamp": self.clock.now(),
            "CloudWatchMetrics": [{
                "Namespace": self.namespace,
                "Dimensions": [[]],
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        });
        line.insert("_aws".to_owned(), directive);
        line.insert(name, value);
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use tracing_subscriber::{Layer, fmt, layer::SubscriberExt};

    use super::*;
    use crate::telemetry::{Metric, Timing, count, ours, time};

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

    /// The lines that `speaking` writes.
    fn written(speaking: impl FnOnce()) -> Vec<Value> {
        let printed = Printed::default();
        let target = printed.clone();
        let lines = Lines {
            namespace: "Dari/test".to_owned(),
            clock: Clock::System,
        };
        let layer = fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(lines)
            .with_writer(move || target.clone())
            .with_filter(ours());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), speaking);
        let text = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_metric_is_a_line_that_cloudwatch_understands() {
        let mut lines = written(|| count(Metric::Held));
        let stamp = lines[0]["_aws"]["Timestamp"].take();
        assert!(stamp.as_u64().unwrap() > 1_700_000_000_000);
        assert_eq!(
            lines,
            [json!({
                "_aws": {
                    "Timestamp": null,
                    "CloudWatchMetrics": [{
                        "Namespace": "Dari/test",
                        "Dimensions": [[]],
                        "Metrics": [{ "Name": "held", "Unit": "Count" }],
                    }],
                },
                "held": 1,
            })]
        );
    }

    #[test]
    fn lines_know_what_the_spans_around_them_know_and_the_last_count_is_the_outcome() {
        let lines = written(|| {
            let span = tracing::info_span!(
                target: "skill_webhook", "message",
                account = "default", outcome = tracing::field::Empty
            );
            span.in_scope(|| {
                count(Metric::Message);
                count(Metric::Acknowledged);
                time(Timing::Ack, Duration::from_millis(12));
                tracing::warn!(target: "skill_webhook", times = 3, "so");
            });
        });
        assert_eq!(lines[2]["ack_ms"], 12);
        assert_eq!(lines[2]["outcome"], "acknowledged");
        assert_eq!(
            lines[3],
            json!({
                "level": "WARN", "target": "skill_webhook", "message": "so", "times": 3,
                "account": "default", "outcome": "acknowledged",
            })
        );
    }

    #[test]
    fn f80_other_peoples_crates_are_heard_only_when_something_is_wrong() {
        let lines = written(|| {
            tracing::trace!(target: "aws_smithy_runtime", "a request with a secret");
            tracing::info!(target: "hyper", "a connection");
            tracing::warn!(target: "hyper", "a broken one");
            tracing::trace!(target: "shared::turn", "ours");
        });
        let said: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
        assert_eq!(said, ["a broken one", "ours"]);
    }
}
