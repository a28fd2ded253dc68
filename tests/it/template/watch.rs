//! What operators see: the alarms, the topic that they go to, and the metrics on the dashboard.

use serde_norway::Value;
use shared::telemetry::{Gauge, JUDGING, Metric, Timing};

use super::{
    dashboard, functions,
    read::{at, items, number_at, resources, target, target_at, text_at},
    rules::{Findings, unless},
};

pub const ALARM: &str = "AWS::CloudWatch::Alarm";

/// The namespace of our own metrics, which the functions find in their environment.
const OURS: &str = "Dari/${AWS::StackName}";

/// The metrics of AWS that an alarm or the dashboard may use.
const OF_AWS: &[(&str, &[&str])] = &[
    ("AWS/ApiGateway", &["4xx", "5xx", "Count", "Latency"]),
    (
        "AWS/Lambda",
        &["ConcurrentExecutions", "Duration", "Errors", "Throttles"],
    ),
    (
        "AWS/SQS",
        &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        ],
    ),
];

/// A metric that an alarm or the dashboard looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub namespace: String,
    pub name: String,
    /// The logical id of the resource that its dimension names.
    pub of: Option<String>,
}

/// The metrics that the gateway's log is turned into.
fn filtered(template: &Value) -> Vec<&str> {
    resources(template, "AWS::Logs::MetricFilter")
        .into_iter()
        .flat_map(|(_, filter)| items(at(filter, "MetricTransformations")))
        .filter(|metric| text_at(metric, "MetricNamespace") == Some(OURS))
        .filter_map(|metric| text_at(metric, "MetricName"))
        .collect()
}

fn emitted() -> Vec<&'static str> {
    let counts = Metric::ALL.iter().map(|metric| metric.name());
    let times = Timing::ALL.iter().map(|timing| timing.name());
    let gauges = Gauge::ALL.iter().map(|gauge| gauge.name());
    counts.chain(times).chain(gauges).collect()
}

/// The metrics that an alarm looks at; several if it has an expression over them.
fn looks_at(alarm: &Value) -> Vec<Series> {
    let series = |metric: &Value| {
        let dimension = at(metric, "Dimensions.0.Value").and_then(target);
        Series {
            namespace: text_at(metric, "Namespace").unwrap_or_default().to_owned(),
            name: text_at(metric, "MetricName").unwrap_or_default().to_owned(),
            of: dimension.map(str::to_owned),
        }
    };
    match at(alarm, "Metrics") {
        None => vec![series(alarm)],
        Some(metrics) => items(Some(metrics))
            .into_iter()
            .filter_map(|metric| at(metric, "MetricStat.Metric"))
            .map(series)
            .collect(),
    }
}

/// What every alarm must have.
pub fn alarms(template: &Value) -> Findings {
    let all = resources(template, ALARM);
    let judges = functions::judges(template);
    let of_each = all.iter().flat_map(|(id, alarm)| {
        let tells = |actions: &str| {
            let actions = items(at(alarm, actions));
            matches!(actions[..], [one] if target(one) == Some("Alarms"))
        };
        let rings = tells("AlarmActions") && at(alarm, "ActionsEnabled").is_none();
        let judges = judges.contains(id);
        let told = text_at(alarm, "AlarmDescription").unwrap_or_default();
        let periods = items(at(alarm, "Metrics"))
            .into_iter()
            .filter_map(|metric| number_at(metric, "MetricStat.Period"))
            .chain(number_at(alarm, "Period"));
        let longest = periods.max().unwrap_or(0);
        let looked_back = longest * number_at(alarm, "EvaluationPeriods").unwrap_or(0);
        let missing = if looks_at(alarm)
            .iter()
            .any(|it| it.name == Metric::Message.name())
        {
            "breaching"
        } else {
            "notBreaching"
        };
        [
            unless(rings || judges, format!("{id} rings nowhere")),
            unless(
                tells("OKActions") || judges,
                format!("{id} does not say when it is over"),
            ),
            unless(
                told.split_whitespace().count() >= 10,
                format!("{id} does not say what it means"),
            ),
            unless(
                (60..=86_400).contains(&looked_back) && longest % 60 == 0,
                format!("{id} looks back {looked_back} s"),
            ),
            unless(
                text_at(alarm, "TreatMissingData") == Some(missing),
                format!("{id}: no data should be {missing}"),
            ),
        ]
    });
    of_each.flatten().collect()
}

/// The alarms that there must be: for each, the metric, and how few events must ring it at the
/// latest.
pub fn needed(template: &Value) -> Findings {
    let judges = functions::judges(template);
    let mut all = resources(template, ALARM);
    all.retain(|(id, _)| !judges.contains(id));
    let found = |namespace: &str, name: &str, of: Option<&str>, rings: Rings| {
        all.iter().any(|(_, alarm)| {
            let looked_at = looks_at(alarm).into_iter().any(|series| {
                series.namespace == namespace && series.name == name && series.of.as_deref() == of
            });
            looked_at && rings.holds(alarm)
        })
    };
    let ours = [
        (Metric::NotReady, 1),
        (Metric::AgentDown, 1),
        (Metric::Expired, 1),
        (Metric::CallbackUnconfirmed, 3),
        (Metric::AgentFailed, 3),
        (Metric::CallbackRefused, 3),
        (Metric::CannedAnswer, 3),
        (Metric::HandOverFailed, 3),
        (Metric::ConfigStale, 3),
        (Metric::AuthFailed, 20),
    ];
    let ours = ours.into_iter().filter_map(|(metric, most)| {
        let there = found(OURS, metric.name(), None, Rings::From("Sum", most));
        unless(there, format!("no alarm for {most} of {}", metric.name()))
    });
    let silence = found(OURS, Metric::Message.name(), None, Rings::Silence);
    let silence = unless(silence, "no alarm for a day without a message");
    let gateway = [
        unless(
            found(
                "AWS/ApiGateway",
                "5xx",
                Some("Gateway"),
                Rings::From("Sum", 3),
            ),
            "no alarm for three errors of the gateway",
        ),
        unless(
            found(OURS, "gateway_throttled", None, Rings::From("Sum", 3)),
            "no alarm for three messages that the gateway turned away",
        ),
    ];
    let dead = Some("TurnDeadLetters");
    let waiting = Some("TurnQueue");
    let (visible, age) = (
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
    );
    let queues = [
        unless(
            found("AWS/SQS", visible, dead, Rings::From("Maximum", 1)),
            "no alarm for a dead letter",
        ),
        // At this age of the oldest turn, new messages are turned away (F-134).
        unless(
            found("AWS/SQS", age, waiting, Rings::Above("Maximum", 40)),
            "no alarm for a turn that waits over 40 s",
        ),
    ];
    let functions = resources(template, "AWS::Serverless::Function");
    let of_functions = functions.iter().flat_map(|(id, function)| {
        let timeout = number_at(function, "Timeout").unwrap_or(0);
        let of = Some(*id);
        let slow = Rings::Above("Maximum", timeout * 1_000 * 8 / 10);
        [
            unless(
                found("AWS/Lambda", "Errors", of, Rings::From("Sum", 1)),
                format!("no alarm for an error of {id}"),
            ),
            unless(
                found("AWS/Lambda", "Throttles", of, Rings::From("Sum", 1)),
                format!("no alarm for a throttled {id}"),
            ),
            unless(
                found("AWS/Lambda", "Duration", of, slow),
                format!("no alarm for 80 % of the timeout of {id}"),
            ),
        ]
    });
    let rest = queues
        .into_iter()
        .chain(gateway)
        .chain(of_functions)
        .flatten();
    ours.chain(silence).chain(rest).collect()
}

#[derive(Clone, Copy)]
enum Rings {
    /// At this many of the statistic, or fewer.
    From(&'static str, u64),
    /// Above exactly this value.
    Above(&'static str, u64),
    /// When there was none for a day.
    Silence,
}

impl Rings {
    fn holds(self, alarm: &Value) -> bool {
        let operator = text_at(alarm, "ComparisonOperator").unwrap_or_default();
        let threshold = number_at(alarm, "Threshold");
        let of_one = text_at(alarm, "Statistic");
        let statistics = items(at(alarm, "Metrics"))
            .into_iter()
            .filter_map(|metric| text_at(metric, "MetricStat.Stat"))
            .chain(of_one)
            .collect::<Vec<_>>();
        let every = |wanted| !statistics.is_empty() && statistics.iter().all(|it| *it == wanted);
        let periods = number_at(alarm, "EvaluationPeriods");
        match self {
            Self::From(statistic, most) => {
                let least = match operator {
                    "GreaterThanThreshold" => threshold.map(|it| it + 1),
                    "GreaterThanOrEqualToThreshold" => threshold,
                    _ => None,
                };
                least.is_some_and(|least| (1..=most).contains(&least))
                    && number_at(alarm, "Period") <= Some(3_600)
                    && every(statistic)
                    && periods == Some(1)
            }
            Self::Above(statistic, exactly) => {
                operator == "GreaterThanThreshold"
                    && threshold == Some(exactly)
                    && every(statistic)
                    && periods <= Some(3)
            }
            Self::Silence => {
                let looked_back = number_at(alarm, "Period").zip(periods);
                operator == "LessThanThreshold"
                    && threshold == Some(1)
                    && every("Sum")
                    && looked_back.is_some_and(|(period, count)| period * count == 86_400)
            }
        }
    }
}

/// Only this stack's alarms may publish to the topic, through CloudWatch, and the `AlarmEmail`
/// subscribes to it.
pub fn topic(template: &Value) -> Findings {
    let policy = resources(template, "AWS::SNS::TopicPolicy");
    let published = policy.iter().flat_map(|(_, policy)| {
        items(at(policy, "PolicyDocument.Statement"))
            .into_iter()
            .map(|statement| {
                let account = at(statement, "Condition.StringEquals.aws:SourceAccount");
                let source = text_at(statement, "Condition.ArnLike.aws:SourceArn");
                account.and_then(target) == Some("AWS::AccountId")
                    && source.is_some_and(|it| it.ends_with(":alarm:${AWS::StackName}-*"))
            })
            .collect::<Vec<_>>()
    });
    let published: Vec<_> = published.collect();
    let mail = "Resources.AlarmMail";
    [
        unless(
            !published.is_empty() && published.iter().all(|it| *it),
            "others than this stack's alarms may publish",
        ),
        unless(
            at(template, "Resources.Alarms").is_some()
                && at(template, "Resources.Alarms.Properties.KmsMasterKeyId").is_none(),
            "CloudWatch has no right to the key of the topic",
        ),
        unless(
            text_at(template, &format!("{mail}.Condition")) == Some("HasAlarmEmail")
                && target_at(template, &format!("{mail}.Properties.TopicArn")) == Some("Alarms")
                && target_at(template, &format!("{mail}.Properties.Endpoint"))
                    == Some("AlarmEmail"),
            "alarms are not mailed to AlarmEmail",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every metric of an alarm or of the dashboard exists, and the dashboard shows all metrics that
/// the code emits.
pub fn metrics(template: &Value) -> Findings {
    let told = text_at(
        template,
        "Globals.Function.Environment.Variables.DARI_METRICS_NAMESPACE",
    );
    let namespace = unless(
        told == Some(OURS),
        "the functions write to another namespace",
    );
    let ours = [emitted(), filtered(template)].concat();
    let alarms = resources(template, ALARM);
    let of_alarms = alarms
        .iter()
        .flat_map(|(id, alarm)| looks_at(alarm).into_iter().map(|it| ((*id).to_owned(), it)));
    let shown = dashboard::series(template);
    let of_dashboard = shown
        .iter()
        .map(|(title, series)| (format!("the dashboard, {title}"), series.clone()));
    let unknown = of_alarms
        .chain(of_dashboard)
        .filter(|(_, series)| {
            let Series {
                namespace,
                name,
                of,
            } = series;
            let known = OF_AWS.iter().find(|(of_aws, _)| of_aws == namespace);
            let exists = match known {
                Some((_, names)) => {
                    names.contains(&name.as_str())
                        && of
                            .as_ref()
                            .is_some_and(|of| at(template, &format!("Resources.{of}")).is_some())
                }
                None if of.is_some() => {
                    namespace == OURS && JUDGING.iter().any(|it| it.name() == name)
                }
                None => namespace == OURS && ours.contains(&name.as_str()),
            };
            !exists
        })
        .map(|(place, series)| format!("{place}: nobody writes {series:?}"));
    let unseen = ours
        .iter()
        .filter(|name| {
            !shown
                .iter()
                .any(|(_, series)| series.namespace == OURS && series.name == **name)
        })
        .map(|name| format!("{name} is not on the dashboard"));
    namespace.into_iter().chain(unknown).chain(unseen).collect()
}
