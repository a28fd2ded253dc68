//! The functions: how they are built, started and logged, and how turns reach the worker.

use serde_norway::Value;

use super::{
    read::{at, items, number_at, resources, target, target_at, text, text_at},
    rules::{Findings, unless},
};

pub fn shape(template: &Value) -> Findings {
    let common = "Globals.Function";
    let architectures = items(at(template, &format!("{common}.Architectures")));
    let either: Vec<_> = items(at(template, "Parameters.Architecture.AllowedValues"))
        .into_iter()
        .filter_map(text)
        .collect();
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
            matches!(architectures[..], [one] if target(one) == Some("Architecture")),
            "the architecture is not the parameter's",
        ),
        unless(
            either == ["arm64", "x86_64"]
                && text_at(template, "Parameters.Architecture.Default") == Some("arm64"),
            "Architecture is not arm64 with x86_64 to choose",
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
        [
            unless(
                declared,
                format!("{id} logs into a group that is not made here"),
            ),
            unless(json, format!("{id} does not log JSON")),
        ]
    });
    kept.chain(written.flatten()).collect()
}
