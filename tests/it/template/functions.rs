//! The functions: how they are built, started and logged, and how turns reach the worker.

use serde_norway::Value;
use shared::telemetry::JUDGING;

use super::{
    read::{
        at, entries, items, number_at, resources, substitutions, target, target_at, text, text_at,
    },
    rules::{Findings, unless},
};

pub fn shape(template: &Value) -> Findings {
    let common = "Globals.Function";
    let architectures = items(at(template, &format!("{common}.Architectures")));
    let of_all = [
        unless(
            text_at(template, &format!("{common}.Runtime")) == Some("provided.al2023"),
            "the runtime is not provided.al2023",
        ),
        unless(
            text_at(template, &format!("{common}.Handler")) == Some("bootstrap"),
            "the handler is not bootstrap",
        ),
        unless(
            matches!(architectures[..], [one] if matches!(one.as_str(), Some("arm64" | "x86_64"))),
            "the architecture is not one that is known when it is built for",
        ),
    ];
    let functions = resources(template, "AWS::Serverless::Function");
    let of_each = functions.iter().flat_map(|(id, properties)| {
        let metadata = format!("Resources.{id}.Metadata");
        let binary = text_at(template, &format!("{metadata}.BuildProperties.Binary"));
        let code = text_at(properties, "CodeUri").and_then(|it| it.strip_prefix("functions/"));
        let cargo = text_at(template, &format!("{metadata}.BuildMethod"));
        [
            unless(
                cargo == Some("rust-cargolambda"),
                format!("{id} is not built by cargo"),
            ),
            unless(
                binary.is_some() && binary == code,
                format!("{id}: the binary is not that of its crate"),
            ),
            unless(
                at(properties, "Architectures").is_none(),
                format!("{id} has an architecture of its own"),
            ),
            unless(
                number_at(properties, "Timeout").is_some(),
                format!("{id} has Lambda's own timeout"),
            ),
            unless(
                number_at(properties, "MemorySize").is_some(),
                format!("{id} has Lambda's own memory size"),
            ),
        ]
    });
    of_all.into_iter().chain(of_each).flatten().collect()
}

/// Events go to an alias, and every change of a variable is a new version behind it. SAM does not
/// see the value of a parameter change: its hash is over `!Ref LogFilter`, whatever that is.
pub fn versions(template: &Value) -> Findings {
    let alias = text_at(template, "Globals.Function.AutoPublishAlias");
    let chosen = |name: &str| at(template, &format!("Parameters.{name}")).is_some();
    let common = entries(at(template, "Globals.Function.Environment.Variables"));
    let functions = resources(template, "AWS::Serverless::Function");
    let own = functions
        .iter()
        .flat_map(|(_, properties)| entries(at(properties, "Environment.Variables")));
    let unseen = common
        .chain(own)
        .filter(|(_, value)| {
            target(value).is_some_and(chosen)
                || text(value).is_some_and(|it| substitutions(it).any(chosen))
        })
        .map(|(name, _)| format!("a new value of {name} reaches no version"));
    let alias = unless(alias == Some("live"), "events do not go to the alias");
    unseen.chain(alias).collect()
}

/// The logical ids of the alarms that decide whether a new version stays.
pub fn judges(template: &Value) -> Vec<&str> {
    resources(template, "AWS::Serverless::Function")
        .into_iter()
        .flat_map(|(_, properties)| items(at(properties, "DeploymentPreference.Alarms")))
        .filter_map(target)
        .collect()
}

/// The webhook moves on slowly, and back when something rings that strangers cannot ring and that
/// looks at the new version alone: one that rings already would keep out what mends it.
pub fn canary(template: &Value) -> Findings {
    let preference = "Resources.SkillWebhook.Properties.DeploymentPreference.Type";
    let enabled = "Resources.SkillWebhook.Properties.DeploymentPreference.Enabled";
    let slow = text_at(template, preference).is_some_and(|it| it.starts_with("Canary10Percent"));
    let judges = judges(template);
    let of_judges = judges.iter().flat_map(|id| {
        let alarm = format!("Resources.{id}.Properties");
        let metric = text_at(template, &format!("{alarm}.MetricName")).unwrap_or_default();
        let fair = metric == "Errors" || JUDGING.iter().any(|it| it.name() == metric);
        let dimensions = items(at(template, &format!("{alarm}.Dimensions")));
        let version = dimensions
            .into_iter()
            .any(|it| text_at(it, "Value") == Some("SkillWebhook.Version.Version"));
        [
            unless(fair, format!("strangers can ring {id}")),
            unless(version, format!("{id} does not look at the new version")),
        ]
    });
    let wanted = JUDGING.iter().map(|it| it.name()).chain(["Errors"]);
    let missing = wanted.filter_map(|metric| {
        let asked = judges.iter().any(|id| {
            text_at(template, &format!("Resources.{id}.Properties.MetricName")) == Some(metric)
        });
        unless(asked, format!("a new version is not judged by {metric}"))
    });
    let slow = unless(
        slow && target_at(template, enabled) == Some("Canary"),
        "a new webhook gets all messages at once",
    );
    of_judges.flatten().chain(missing).chain(slow).collect()
}

/// An operator can set executions aside for the webhook (F-135); none are set aside for the worker.
pub fn reserve(template: &Value) -> Findings {
    let webhook = "Resources.SkillWebhook.Properties.ReservedConcurrentExecutions";
    let worker = "Resources.TurnWorker.Properties.ReservedConcurrentExecutions";
    [
        unless(
            target_at(template, &format!("{webhook}.1")) == Some("WebhookReserve"),
            "WebhookReserve sets nothing aside for SkillWebhook",
        ),
        unless(
            at(template, worker).is_none(),
            "TurnWorker has a reserve, which WorkerConcurrency may exceed",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn event_source(template: &Value) -> Findings {
    let worker = "Resources.TurnWorker.Properties";
    let source = format!("{worker}.Events.Turn.Properties");
    let here = |name: &str| at(template, &format!("{source}.{name}"));
    let reported = items(here("FunctionResponseTypes"));
    [
        unless(
            here("Queue").and_then(target) == Some("TurnQueue"),
            "the worker does not take from TurnQueue",
        ),
        unless(
            number_at(template, &format!("{source}.BatchSize")) == Some(1),
            "a batch is not one turn",
        ),
        unless(
            matches!(reported[..], [one] if text(one) == Some("ReportBatchItemFailures")),
            "a turn that has to come again counts as an error of the function",
        ),
        unless(
            here("ScalingConfig.MaximumConcurrency").and_then(target) == Some("WorkerConcurrency"),
            "nothing bounds the workers",
        ),
        unless(
            here("FilterCriteria").is_none(),
            "a filter drops turns unseen",
        ),
        unless(
            here("Enabled").is_none_or(|it| *it == Value::Bool(true)),
            "the event source is switched off",
        ),
        unless(
            text_at(template, &format!("{worker}.RecursiveLoop")) == Some("Allow"),
            "Lambda stops a turn that waits for its lane",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn logs(template: &Value) -> Findings {
    let groups = resources(template, "AWS::Logs::LogGroup");
    let kept = groups.iter().filter_map(|(id, group)| {
        let kept = target_at(group, "RetentionInDays") == Some("LogRetentionDays");
        unless(kept, format!("{id} is kept for ever"))
    });
    let functions = resources(template, "AWS::Serverless::Function");
    let written = functions.iter().flat_map(|(id, properties)| {
        let group = target_at(properties, "LoggingConfig.LogGroup");
        let declared = groups.iter().any(|(declared, _)| Some(*declared) == group);
        let json = text_at(properties, "LoggingConfig.LogFormat") == Some("JSON");
        let level = text_at(properties, "LoggingConfig.ApplicationLogLevel");
        [
            unless(
                declared,
                format!("{id} logs into a group that is not made here"),
            ),
            unless(json, format!("{id} does not log JSON")),
            // Ours have a timestamp and a level, so Lambda would drop what is below `INFO`.
            unless(
                level == Some("TRACE"),
                format!("Lambda drops lines of {id} that RUST_LOG asks for"),
            ),
        ]
    });
    kept.chain(written.flatten()).collect()
}
