//! Templates with one thing wrong. Each must be found by the rule that is there for it.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::{
    read::{at, at_mut},
    rules, template,
};

enum Change {
    Remove,
    /// Sets the entry to this YAML, whether it was there before or not.
    Set(&'static str),
    /// Replaces this text by that one within a string.
    Replace(&'static str, &'static str),
}
use Change::{Remove, Replace, Set};

/// What is wrong, the rule that must find it, the path of the entry, and what is changed there.
type Mutant = (&'static str, &'static str, &'static str, Change);

const WEBHOOK: &str = "Resources.SkillWebhook.Properties";
const WORKER: &str = "Resources.TurnWorker.Properties";
const TURN: &str = "Resources.TurnWorker.Properties.Events.Turn.Properties";
const WEBHOOK_MAY: &str =
    "Resources.SkillWebhookRole.Properties.Policies.0.PolicyDocument.Statement";
const WORKER_MAY: &str = "Resources.TurnWorkerRole.Properties.Policies.0.PolicyDocument.Statement";
const GATEWAY: &str = "Resources.Gateway.Properties";
const ACCESS: &str = "Resources.AccessTable";
const TURNS: &str = "Resources.TurnsTable.Properties";
const QUEUE: &str = "Resources.TurnQueue.Properties";
const DEAD: &str = "Resources.TurnDeadLetters.Properties";
const ALARM: &str = "Resources.ExpiredAlarm.Properties";
const BODY: &str = "Resources.Dashboard.Properties";
const VARIABLES: &str = "Globals.Function.Environment.Variables";

#[rustfmt::skip]
fn mutants() -> Vec<(String, &'static str, String, Change)> {
    let listed: Vec<(&str, Vec<Mutant>)> = vec![
        (WEBHOOK_MAY, vec![
            ("a permission too many", "F-130 matrix", "3.Action", Set("[sqs:SendMessage, sqs:GetQueueAttributes, sqs:PurgeQueue]")),
            ("a permission too few", "F-130 matrix", "1.Action", Set("[dynamodb:GetItem, dynamodb:PutItem]")),
            ("a statement less", "F-130 matrix", "0", Set("{}")),
            ("another table", "F-130 matrix", "2.Resource", Set("!GetAtt AccessTable.Arn")),
            ("every secret", "F-130 star", "0.Resource", Set("'*'")),
            ("a table and all below it", "F-130 star", "1.Resource", Set("!Sub ${AccessTable.Arn}/*")),
            ("everything but", "F-130 star", "1.NotAction", Set("dynamodb:DeleteTable")),
        ]),
        (WORKER_MAY, vec![
            ("every action of a service", "F-130 star", "1.Action", Set("dynamodb:*")),
            ("the worker may forget people", "F-130 matrix", "1.Action", Set("[dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem]")),
            ("the worker cannot hold a turn", "F-130 matrix", "2.Action", Set("[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:SendMessage]")),
        ]),
        ("Resources", vec![
            ("a role for both functions", "F-130 role", "TurnWorker.Properties.Role", Set("!GetAtt SkillWebhookRole.Arn")),
            ("a managed policy", "F-130 role", "TurnWorkerRole.Properties.ManagedPolicyArns", Set("[arn:aws:iam::aws:policy/AdministratorAccess]")),
            ("SAM's policies beside the role", "F-130 role", "TurnWorker.Properties.Policies", Set("[AmazonSQSFullAccess]")),
            ("a role that others may take", "F-130 role", "TurnWorkerRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal", Set("{AWS: '*'}")),
        ]),
        (VARIABLES, vec![
            ("the worker is told of the access table", "F-130 environment", "DARI_ACCESS_TABLE", Set("!Ref AccessTable")),
            ("tables mixed up", "F-130 environment", "DARI_TURNS_TABLE", Set("!Ref AccessTable")),
            ("no queue", "F-130 environment", "DARI_TURN_QUEUE_URL", Remove),
            ("a variable of which no version hears", "F-131 version", "RUST_LOG", Set("!Ref LogRetentionDays")),
            ("another one, in a text", "F-131 version", "DARI_CALLBACK_DOMAIN", Set("!Sub ${AlarmEmail}.example")),
            ("another namespace for metrics", "F-131c metric", "DARI_METRICS_NAMESPACE", Set("Dari")),
        ]),
        ("Globals.Function", vec![
            ("an old runtime", "F-131 function", "Runtime", Set("provided.al2")),
            ("an architecture that is chosen too late", "F-131 function", "Architectures", Set("[!Ref Architecture]")),
            ("events past the alias", "F-131 version", "AutoPublishAlias", Remove),
            ("tracing", "F-131b trace", "Tracing", Set("Active")),
        ]),
        (WEBHOOK, vec![
            ("no timeout for the webhook", "F-131 function", "Timeout", Remove),
            ("a webhook stopped too soon", "F-131a number", "Timeout", Set("3")),
            ("a webhook that outlasts Kakao", "F-131a number", "Timeout", Set("30")),
            ("a new version for all at once", "F-131 canary", "DeploymentPreference.Type", Set("AllAtOnce")),
            ("a version that nobody judges", "F-131 canary", "DeploymentPreference.Alarms", Remove),
            ("a version that strangers judge", "F-131 canary", "DeploymentPreference.Alarms", Set("[!Ref AuthFailedAlarm]")),
            ("an architecture of its own", "F-131 function", "Architectures", Set("[x86_64]")),
            ("no reserve for the webhook", "F-131 reserve", "ReservedConcurrentExecutions", Remove),
            ("a gateway that gives up first", "F-131a number", "Events.WebhookOfAccount.Properties.TimeoutInMillis", Set("3500")),
            ("a gateway with its own timeout", "F-131a number", "Events.Webhook.Properties.TimeoutInMillis", Remove),
            ("a function with an address", "F-131d address", "FunctionUrlConfig", Set("{AuthType: NONE}")),
            ("events of the other version", "F-131d address", "Events.Webhook.Properties.PayloadFormatVersion", Set("'1.0'")),
            ("a log group made by Lambda", "F-131 log", "LoggingConfig.LogGroup", Remove),
        ]),
        (WORKER, vec![
            ("a worker that outlasts its message", "F-131a number", "Timeout", Set("361")),
            ("a worker stopped before a slow agent", "F-131a number", "Timeout", Set("300")),
            ("turns stopped as runaways", "F-131 event source", "RecursiveLoop", Remove),
            ("workers with a reserve", "F-131 reserve", "ReservedConcurrentExecutions", Set("2")),
            ("lines that Lambda drops", "F-131 log", "LoggingConfig.ApplicationLogLevel", Remove),
            ("plain logs", "F-131 log", "LoggingConfig.LogFormat", Set("Text")),
            ("the wrong binary", "F-131 function", "CodeUri", Set("functions/skill-webhook")),
        ]),
        (TURN, vec![
            ("no ReportBatchItemFailures", "F-131 event source", "FunctionResponseTypes", Remove),
            ("batches of ten", "F-131 event source", "BatchSize", Set("10")),
            ("as many workers as Lambda likes", "F-131 event source", "ScalingConfig", Remove),
            ("a queue filter", "F-131 event source", "FilterCriteria", Set("{Filters: [{Pattern: '{}'}]}")),
            ("a queue nobody takes from", "F-131 event source", "Enabled", Set("false")),
        ]),
        (QUEUE, vec![
            ("no redrive", "F-131 queue", "RedrivePolicy", Remove),
            ("turns hidden too shortly", "F-131a number", "VisibilityTimeout", Set("300")),
            ("AWS's own visibility", "F-131a number", "VisibilityTimeout", Remove),
            ("given up before the apology", "F-131a number", "RedrivePolicy.maxReceiveCount", Set("4")),
            ("given up in an outage", "F-131a number", "RedrivePolicy.maxReceiveCount", Set("10")),
            ("gone before the dead letters", "F-131a number", "MessageRetentionPeriod", Set("1800")),
            ("gone while it waits", "F-131a number", "MessageRetentionPeriod", Set("7200")),
            ("an unencrypted queue", "F-131 queue", "SqsManagedSseEnabled", Set("false")),
        ]),
        (DEAD, vec![
            ("dead letters for four days", "F-131 queue", "MessageRetentionPeriod", Remove),
            ("dead letters gone at once", "F-131a number", "MessageRetentionPeriod", Set("86400")),
            ("anybody's dead letters", "F-131 queue", "RedriveAllowPolicy", Remove),
            ("dead letters of a queue with another name", "F-131 queue", "RedriveAllowPolicy.sourceQueueArns", Set("[!Sub '${AWS::StackName}-other']")),
            ("unencrypted dead letters", "F-131 queue", "SqsManagedSseEnabled", Remove),
        ]),
        (ACCESS, vec![
            ("no restoring", "F-131 access table", "Properties.PointInTimeRecoverySpecification", Remove),
            ("no deletion protection", "F-131 access table", "Properties.DeletionProtectionEnabled", Set("false")),
            ("gone with the stack", "F-131 access table", "DeletionPolicy", Set("Delete")),
            ("gone when replaced", "F-131 access table", "UpdateReplacePolicy", Remove),
            ("pairing codes for ever", "F-131 table", "Properties.TimeToLiveSpecification", Remove),
            ("an unencrypted table", "F-131 table", "Properties.SSESpecification", Remove),
        ]),
        (TURNS, vec![
            ("conversations for ever", "F-131 table", "TimeToLiveSpecification.Enabled", Set("false")),
            ("the wrong time to live", "F-131 table", "TimeToLiveSpecification.AttributeName", Set("ttl")),
            ("backups of conversations", "F-131 turns table", "PointInTimeRecoverySpecification", Set("{PointInTimeRecoveryEnabled: true}")),
            ("other keys", "F-131 table", "KeySchema.1.AttributeName", Set("rk")),
        ]),
        ("Resources.ConfigSecret", vec![
            ("keys gone with the stack", "F-131 secret", "DeletionPolicy", Remove),
            ("a failed deployment's secret stays", "F-131 secret", "DeletionPolicy", Set("Retain")),
            ("a secret in the template", "F-131 secret", "Properties.SecretString", Set("'{}'")),
        ]),
        (GATEWAY, vec![
            ("half a throttle", "F-131d throttling", "RouteSettings.GET /health.ThrottlingBurstLimit", Remove),
            ("a throttle that is a string", "F-131d throttling", "RouteSettings.GET /health.ThrottlingRateLimit", Set("!Ref WebhookRate")),
            ("a throttle of nothing", "F-131d throttling", "RouteSettings.GET /health.ThrottlingRateLimit", Set("0")),
            ("no throttle for the rest", "F-131d throttling", "DefaultRouteSettings", Remove),
            ("the path in the access log", "F-131b access log", "AccessLogSettings.Format", Replace("$context.routeKey", "$context.path")),
            ("a header in the access log", "F-131b access log", "AccessLogSettings.Format", Replace("\"error\"", "\"ip\":\"$context.identity.sourceIp\",\"error\"")),
            ("an access log that is no JSON", "F-131b access log", "AccessLogSettings.Format", Replace("\"$context.status\"", "$context.status,")),
            ("an access log kept elsewhere", "F-131b access log", "AccessLogSettings.DestinationArn", Set("!GetAtt AccessTable.Arn")),
            ("data traces", "F-131b trace", "DefaultRouteSettings.DataTraceEnabled", Set("true")),
            ("data traces of one route", "F-131b trace", "RouteSettings.GET /health.DataTraceEnabled", Set("true")),
        ]),
        ("Resources", vec![
            ("logs for ever", "F-131 log", "TurnWorkerLog.Properties.RetentionInDays", Remove),
            ("access logs for ever", "F-131b access log", "GatewayLog.Properties.RetentionInDays", Remove),
            ("no alarm for lost turns", "F-131c needed", "ExpiredAlarm", Remove),
            ("no alarm for failed answers", "F-131c needed", "AgentFailedAlarm", Remove),
            ("failed answers that a small bot does not have", "F-131c needed", "AgentFailedAlarm.Properties.Threshold", Set("10")),
            ("no alarm for what the gateway turns away", "F-131c needed", "GatewayThrottledAlarm", Remove),
            ("no alarm for the gateway's errors", "F-131c needed", "GatewayErrorsAlarm", Remove),
            ("a filter that counts nothing", "F-131c metric", "GatewayThrottled", Remove),
            ("a judge of all versions", "F-131 canary", "NewVersionErrorsAlarm.Properties.Dimensions", Set("[{Name: FunctionName, Value: !Ref SkillWebhook}]")),
            ("no alarm for dead letters", "F-131c needed", "DeadLettersAlarm", Remove),
            ("no alarm for silence", "F-131c needed", "SilenceAlarm", Remove),
            ("dead letters of the wrong queue", "F-131c needed", "DeadLettersAlarm.Properties.Dimensions.0.Value", Set("!GetAtt TurnQueue.QueueName")),
            ("a day's silence found in an hour", "F-131c needed", "SilenceAlarm.Properties.EvaluationPeriods", Set("1")),
            ("silence is no news", "F-131c alarm", "SilenceAlarm.Properties.TreatMissingData", Set("notBreaching")),
            ("a threshold that follows no timeout", "F-131c needed", "WorkerSlowAlarm.Properties.Threshold", Set("330000")),
            ("a late turn found late", "F-131c needed", "TurnsWaitAlarm.Properties.Threshold", Set("60")),
            ("an alarm that waits for ten crashes", "F-131c needed", "WebhookErrorsAlarm.Properties.Threshold", Set("10")),
            ("a topic that CloudWatch cannot write to", "F-131c topic", "Alarms.Properties.KmsMasterKeyId", Set("alias/aws/sns")),
            ("any alarm of the account", "F-131c topic", "AlarmsPolicy.Properties.PolicyDocument.Statement.0.Condition.ArnLike", Remove),
            ("any account's alarms", "F-131c topic", "AlarmsPolicy.Properties.PolicyDocument.Statement.0.Condition.StringEquals", Remove),
            ("mail that goes nowhere", "F-131c topic", "AlarmMail", Remove),
        ]),
        (ALARM, vec![
            ("an alarm for what nobody counts", "F-131c metric", "MetricName", Set("expirred")),
            ("an alarm in another namespace", "F-131c metric", "Namespace", Set("Dari")),
            ("an alarm that rings nowhere", "F-131c alarm", "AlarmActions", Remove),
            ("an alarm that is never over", "F-131c alarm", "OKActions", Remove),
            ("an alarm switched off", "F-131c alarm", "ActionsEnabled", Set("false")),
            ("an alarm without words", "F-131c alarm", "AlarmDescription", Set("Expired.")),
            ("an alarm that rings when nothing happens", "F-131c alarm", "TreatMissingData", Remove),
            ("an alarm the wrong way round", "F-131c needed", "ComparisonOperator", Set("LessThanThreshold")),
        ]),
        (BODY, vec![
            ("a dashboard that is no JSON", "F-131c dashboard", "DashboardBody", Replace("\"widgets\": [", "\"widgets\": [,")),
            ("a widget over another", "F-131c dashboard", "DashboardBody", Replace("\"x\": 16, \"y\": 20", "\"x\": 15, \"y\": 20")),
            ("a metric that nobody sees", "F-131c metric", "DashboardBody", Replace("\"kept_out\"", "\"challenged\"")),
            ("a metric misspelt", "F-131c metric", "DashboardBody", Replace("\"5xx\"", "\"5XXError\"")),
            ("a resource that is not there", "F-131c dashboard", "DashboardBody", Replace("${TurnWorkerLog}", "${WorkerLog}")),
            ("an alarm that nobody sees", "F-131c dashboard", "DashboardBody", Replace("\"${ExpiredAlarm.Arn}\", ", "")),
            ("another region", "F-131c dashboard", "DashboardBody", Replace("\"title\": \"Errors · 오류\", \"region\": \"${AWS::Region}\"", "\"title\": \"Errors · 오류\", \"region\": \"us-east-1\"")),
        ]),
        ("Parameters", vec![
            ("a parameter to guess", "F-131 parameter", "AlarmEmail.Description", Remove),
            ("a parameter that must be given", "F-131 parameter", "WebhookRate.Default", Remove),
        ]),
        ("Outputs", vec![
            ("an address to look for", "F-131 output", "SkillUrl", Remove),
            ("a table `dari --stack` cannot find", "F-131 output", "AccessTable", Remove),
        ]),
    ];
    let whole = |place: &str, path: &str| format!("{place}.{path}");
    listed
        .into_iter()
        .flat_map(|(place, mutants)| mutants.into_iter().map(move |mutant| (place, mutant)))
        .map(|(place, (name, rule, path, change))| (name.to_owned(), rule, whole(place, path), change))
        .collect()
}

fn mutate(template: &mut Value, path: &str, change: &Change) {
    let before = template.clone();
    let (parent, name) = path.rsplit_once('.').unwrap();
    match change {
        Remove => {
            let parent = at_mut(template, parent).unwrap_or_else(|| panic!("no {parent}"));
            parent.as_mapping_mut().unwrap().remove(name);
        }
        Set(yaml) => {
            let value: Value = serde_norway::from_str(yaml).unwrap();
            match at_mut(template, parent).unwrap_or_else(|| panic!("no {parent}")) {
                Value::Sequence(items) => items[name.parse::<usize>().unwrap()] = value,
                parent => {
                    parent.as_mapping_mut().unwrap().insert(name.into(), value);
                }
            }
        }
        Replace(from, to) => {
            let text = match at_mut(template, path).unwrap_or_else(|| panic!("no {path}")) {
                Value::Tagged(tagged) => &mut tagged.value,
                text => text,
            };
            *text = text.as_str().unwrap().replacen(from, to, 1).into();
        }
    }
    assert_ne!(*template, before, "nothing was changed at {path}");
}

#[test]
fn f131_every_mutant_of_the_template_is_caught() {
    let mutants = mutants();
    assert!(mutants.len() >= 30);
    let survivors: Vec<_> = mutants
        .iter()
        .filter_map(|(name, rule, path, change)| {
            let mut mutant = template();
            mutate(&mut mutant, path, change);
            let found = rules::check(&mutant);
            let caught = found.iter().any(|it| it.starts_with(&format!("{rule}: ")));
            (!caught).then(|| format!("{name} ({path}) is not caught by {rule}, only by {found:?}"))
        })
        .collect();
    assert!(survivors.is_empty(), "{survivors:#?}");
}

#[test]
fn f131_every_rule_catches_a_mutant() {
    let rules: BTreeSet<_> = rules::names().collect();
    let awake: BTreeSet<_> = mutants().iter().map(|(_, rule, ..)| *rule).collect();
    assert_eq!(rules, awake);
}

#[test]
fn a_path_leads_through_lists_and_tags() {
    let template = template();
    let first = at(
        &template,
        "Resources.SkillWebhook.Properties.ReservedConcurrentExecutions.0",
    );
    assert_eq!(first.and_then(Value::as_str), Some("HasWebhookReserve"));
    assert!(at(&template, "Resources.Nothing.Properties").is_none());
}
