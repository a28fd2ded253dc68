//! The list of rules. Each finding starts with the name of its rule, and says where and what is
//! wrong.

use serde_norway::Value;

use super::{dashboard, entry, functions, numbers, permissions, read, state, watch};

/// What a rule finds; empty when all is well.
pub type Findings = Vec<String>;

/// A rule: its name, which is the line of docs/faults.md that it proves and a word; and the
/// function that looks at a template.
type Rule = (&'static str, fn(&Value) -> Findings);

const RULES: &[Rule] = &[
    ("F-130 matrix", permissions::matrix),
    ("F-130 star", permissions::stars),
    ("F-130 role", permissions::roles),
    ("F-130 environment", permissions::environment),
    ("F-131 function", functions::shape),
    ("F-131 version", functions::versions),
    ("F-131 canary", functions::canary),
    ("F-131 reserve", functions::reserve),
    ("F-131 event source", functions::event_source),
    ("F-131 log", functions::logs),
    ("F-131 table", state::tables),
    ("F-131 access table", state::access_table),
    ("F-131 turns table", state::turns_table),
    ("F-131 queue", state::queues),
    ("F-131 secret", state::secret),
    ("F-131 parameter", parameters),
    ("F-131 output", outputs),
    ("F-131a number", numbers::relations),
    ("F-131b access log", entry::access_log),
    ("F-131b trace", entry::traces),
    ("F-131c alarm", watch::alarms),
    ("F-131c needed", watch::needed),
    ("F-131c topic", watch::topic),
    ("F-131c metric", watch::metrics),
    ("F-131c dashboard", dashboard::tidy),
    ("F-131d throttling", entry::throttling),
    ("F-131d address", entry::addresses),
];

/// The findings of all rules.
pub fn check(template: &Value) -> Findings {
    RULES
        .iter()
        .flat_map(|(name, rule)| {
            rule(template)
                .into_iter()
                .map(move |finding| format!("{name}: {finding}"))
        })
        .collect()
}

pub fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|(name, _)| *name)
}

/// The finding, unless the condition holds.
pub fn unless(holds: bool, finding: impl Into<String>) -> Option<String> {
    (!holds).then(|| finding.into())
}

fn parameters(template: &Value) -> Findings {
    read::entries(template.get("Parameters"))
        .flat_map(|(name, parameter)| {
            let described = read::text_at(parameter, "Description").is_some_and(|it| it.len() > 20);
            [
                unless(described, format!("{name} is not described")),
                unless(
                    parameter.get("Default").is_some(),
                    format!("{name} has no default"),
                ),
            ]
        })
        .flatten()
        .collect()
}

/// The outputs that an operator copies or looks at, and those that `dari --stack` reads.
const OUTPUTS: &[&str] = &[
    "SkillUrl",
    "SkillUrlOfDefaultAccount",
    "HealthUrl",
    "ConfigSecret",
    "AccessTable",
    "TurnsTable",
    "TurnQueueUrl",
    "TurnDeadLettersUrl",
    "DashboardUrl",
    "AlarmTopic",
    "MetricsNamespace",
    "SkillWebhook",
    "TurnWorker",
    "SkillWebhookLog",
    "TurnWorkerLog",
    "GatewayLog",
];

fn outputs(template: &Value) -> Findings {
    let printed = |name: &str| {
        let output = format!("Outputs.{name}");
        read::text_at(template, &format!("{output}.Description")).is_some()
            && read::text_at(template, &format!("{output}.Value")).is_some()
    };
    OUTPUTS
        .iter()
        .filter_map(|name| unless(printed(name), format!("{name} is not printed")))
        .collect()
}
