//! What is counted and measured in one invocation, and the one line of the log that it becomes.
//! CloudWatch takes the metrics from the line's `_aws` part (the embedded metric format).

use serde_json::{Map, Value, json};

use super::metric::{COUNT, JUDGING};
use crate::{clock::Clock, env::process_env};

/// What CloudWatch files our metrics under.
pub(super) struct Filing {
    pub(super) namespace: String,
    /// Which version of which function counts; `None` outside Lambda.
    pub(super) version: Option<Version>,
}

#[derive(Clone)]
pub(super) struct Version {
    pub(super) function: String,
    pub(super) version: String,
}

impl Version {
    pub(super) fn from_env() -> Option<Self> {
        let set = |name| process_env(name).filter(|value| !value.is_empty());
        Some(Self {
            function: set("AWS_LAMBDA_FUNCTION_NAME")?,
            version: set("AWS_LAMBDA_FUNCTION_VERSION")?,
        })
    }
}

/// The metrics so far, and what the spans around them knew.
#[derive(Default)]
pub(super) struct Counted {
    fields: Map<String, Value>,
    metrics: Vec<Measured>,
}

struct Measured {
    name: String,
    unit: String,
    values: Vec<u64>,
}

impl Counted {
    /// The fields of an event, which is one metric or none, and those of the spans around it.
    pub(super) fn of(event: &Map<String, Value>, around: Map<String, Value>) -> Self {
        let text = |name| event.get(name)?.as_str().map(str::to_owned);
        let measured = || {
            Some(Measured {
                name: text("metric")?,
                unit: text("unit")?,
                values: vec![event.get("value")?.as_u64()?],
            })
        };
        Self {
            fields: around,
            metrics: measured().into_iter().collect(),
        }
    }

    /// What was counted later is added; what was measured twice has two values.
    pub(super) fn join(&mut self, later: Self) {
        self.fields.extend(later.fields);
        for metric in later.metrics {
            let known = self.metrics.iter_mut().find(|it| it.name == metric.name);
            match known {
                None => self.metrics.push(metric),
                Some(known) => known.values.extend(metric.values),
            }
        }
    }
}

impl Filing {
    /// `None` if nothing was counted.
    pub(super) fn line(&self, counted: Counted) -> Option<Map<String, Value>> {
        if counted.metrics.is_empty() {
            return None;
        }
        let all = counted.metrics.iter().collect();
        let mut directives = vec![self.directive(json!([[]]), all)];
        let mut line = counted.fields;
        let judging: Vec<_> = counted.metrics.iter().filter(|it| judges(it)).collect();
        if let (Some(version), false) = (&self.version, judging.is_empty()) {
            directives.push(self.directive(json!([["function", "version"]]), judging));
            line.insert("function".to_owned(), version.function.as_str().into());
            line.insert("version".to_owned(), version.version.as_str().into());
        }
        let aws = json!({
            "Timestamp": Clock::System.now(),
            "CloudWatchMetrics": directives,
        });
        line.insert("_aws".to_owned(), aws);
        for Measured { name, unit, values } in counted.metrics {
            let value = match values[..] {
                [value] => value.into(),
                _ if unit == COUNT => values.iter().sum::<u64>().into(),
                _ => values.into(),
            };
            line.insert(name, value);
        }
        Some(line)
    }

    fn directive(&self, dimensions: Value, metrics: Vec<&Measured>) -> Value {
        let named = |it: &Measured| json!({ "Name": it.name, "Unit": it.unit });
        json!({
            "Namespace": self.namespace,
            "Dimensions": dimensions,
            "Metrics": metrics.into_iter().map(named).collect::<Vec<_>>(),
        })
    }
}

/// Whether a new version is judged by it.
fn judges(metric: &Measured) -> bool {
    JUDGING.iter().any(|it| it.name() == metric.name)
}
