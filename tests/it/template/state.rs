//! What holds state: the tables, the queues, the secret.

use serde_norway::Value;

use super::{
    read::{at, is_true, items, number_at, resources, target_at, text_at},
    rules::{Findings, unless},
};

pub fn tables(template: &Value) -> Findings {
    resources(template, "AWS::DynamoDB::Table")
        .into_iter()
        .flat_map(|(id, table)| {
            let keys: Vec<_> = items(at(table, "KeySchema"))
                .into_iter()
                .map(|key| (text_at(key, "AttributeName"), text_at(key, "KeyType")))
                .collect();
            let expires = text_at(table, "TimeToLiveSpecification.AttributeName")
                == Some("expires")
                && is_true(table, "TimeToLiveSpecification.Enabled");
            [
                unless(expires, format!("{id} forgets nothing")),
                unless(
                    is_true(table, "SSESpecification.SSEEnabled"),
                    format!("{id} is not encrypted with a key of the account"),
                ),
                unless(
                    text_at(table, "BillingMode") == Some("PAY_PER_REQUEST"),
                    format!("{id} is not billed by request"),
                ),
                unless(
                    keys == [(Some("pk"), Some("HASH")), (Some("sk"), Some("RANGE"))],
                    format!("{id} does not have the keys of `create_table`"),
                ),
                unless(
                    at(table, "TableName").is_none(),
                    format!("{id} has a fixed name"),
                ),
            ]
        })
        .flatten()
        .collect()
}

/// If the access table were lost, everyone the owner approved would be locked out.
pub fn access_table(template: &Value) -> Findings {
    let table = "Resources.AccessTable";
    let backups = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled";
    let properties = format!("{table}.Properties");
    [
        unless(
            is_true(template, &format!("{properties}.{backups}")),
            "it cannot be restored",
        ),
        unless(
            is_true(template, &format!("{properties}.DeletionProtectionEnabled")),
            "it can be deleted by mistake",
        ),
        unless(
            outlives_the_stack(template, table),
            "it does not outlive the stack",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Conversations have no backups, because what people said must be gone when it expires.
pub fn turns_table(template: &Value) -> Findings {
    let backups = "PointInTimeRecoverySpecification";
    let backups = format!("Resources.TurnsTable.Properties.{backups}");
    unless(
        at(template, &backups).is_none(),
        "conversations are backed up",
    )
    .into_iter()
    .collect()
}

/// All queues are encrypted. A turn that no worker can finish goes to the dead letters, and stays
/// there for as long as SQS allows.
pub fn queues(template: &Value) -> Findings {
    let of_each = resources(template, "AWS::SQS::Queue")
        .into_iter()
        .flat_map(|(id, queue)| {
            [
                unless(
                    is_true(queue, "SqsManagedSseEnabled"),
                    format!("{id} is not encrypted"),
                ),
                unless(
                    at(queue, "FifoQueue").is_none(),
                    format!("{id} is a FIFO queue"),
                ),
            ]
        });
    let redrive = "Resources.TurnQueue.Properties.RedrivePolicy";
    let kept = "Resources.TurnDeadLetters.Properties.MessageRetentionPeriod";
    let allowed = "Resources.TurnDeadLetters.Properties.RedriveAllowPolicy";
    let from = text_at(template, &format!("{allowed}.sourceQueueArns.0"));
    let name = "Resources.TurnQueue.Properties.QueueName";
    let dead_letters = [
        unless(
            target_at(template, &format!("{redrive}.deadLetterTargetArn"))
                == Some("TurnDeadLetters"),
            "a turn that nobody can finish is lost",
        ),
        unless(
            number_at(template, kept) == Some(1_209_600),
            "dead letters are not kept for the two weeks that AWS allows",
        ),
        unless(
            text_at(template, &format!("{allowed}.redrivePermission")) == Some("byQueue")
                && from.is_some_and(|it| it.ends_with(":${AWS::StackName}-turns"))
                && text_at(template, name) == Some("${AWS::StackName}-turns"),
            "other queues may leave their dead letters here",
        ),
    ];
    of_each.chain(dead_letters).flatten().collect()
}

pub fn secret(template: &Value) -> Findings {
    let secret = "Resources.ConfigSecret";
    let properties = format!("{secret}.Properties");
    let written = ["SecretString", "GenerateSecretString"]
        .iter()
        .any(|name| at(template, &format!("{properties}.{name}")).is_some());
    [
        unless(
            text_at(template, &format!("{secret}.UpdateReplacePolicy")) == Some("Retain")
                && text_at(template, &format!("{secret}.DeletionPolicy"))
                    == Some("RetainExceptOnCreate"),
            "it does not outlive the stack",
        ),
        unless(!written, "its value is in the template"),
        unless(
            at(template, &format!("{properties}.Name")).is_none(),
            "it has a fixed name",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn outlives_the_stack(template: &Value, resource: &str) -> bool {
    ["DeletionPolicy", "UpdateReplacePolicy"]
        .iter()
        .all(|policy| text_at(template, &format!("{resource}.{policy}")) == Some("Retain"))
}
