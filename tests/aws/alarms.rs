//! What the owner hears of: the alarms of `template.yaml`, rung by what the real binaries write.

use local_lambda::fault::{Fault, Proxy};
use serde_json::Value;
use serde_norway::Value as Yaml;
use test_support::{
    agent::ScriptedAgent,
    canary::QUESTION,
    cloud::{Cloud, Setup},
};

use crate::chat::taken;

/// An alarm on a sum, as CloudWatch reads it.
struct Alarm {
    namespace: String,
    metric: String,
    /// Milliseconds.
    period: u64,
    threshold: u64,
}

impl Alarm {
    /// Of a stack that is named `test`, as the functions of a [`Cloud`] believe.
    fn of(name: &str) -> Self {
        let template: Yaml = serde_norway::from_str(include_str!("../../template.yaml")).unwrap();
        let alarm = &template["Resources"][name]["Properties"];
        let text = |name: &str| alarm[name].as_str().unwrap().to_owned();
        assert_eq!(text("Statistic"), "Sum");
        assert_eq!(text("ComparisonOperator"), "GreaterThanOrEqualToThreshold");
        assert!(alarm.get("Dimensions").is_none());
        Self {
            namespace: text("Namespace").replace("${AWS::StackName}", "test"),
            metric: text("MetricName"),
            period: alarm["Period"].as_u64().unwrap() * 1_000,
            threshold: alarm["Threshold"].as_u64().unwrap(),
        }
    }

    /// Whether it rings by what a function has logged.
    fn rings(&self, log: &str) -> bool {
        let counts: Vec<_> = log.lines().filter_map(|line| self.count(line)).collect();
        let last = counts.iter().map(|(at, _)| *at).max().unwrap_or(0);
        let recent = counts.iter().filter(|(at, _)| last - at < self.period);
        recent.map(|(_, count)| count).sum::<u64>() >= self.threshold
    }

    /// When this line counts what the alarm looks at, and how many.
    fn count(&self, line: &str) -> Option<(u64, u64)> {
        let line: Value = serde_json::from_str(line).ok()?;
        let directives = line["_aws"]["CloudWatchMetrics"].as_array()?;
        let is_ours = directives.iter().any(|directive| {
            let of_all = directive["Dimensions"].as_array().unwrap();
            let metrics = directive["Metrics"].as_array().unwrap();
            directive["Namespace"] == self.namespace.as_str()
                && of_all.contains(&Value::Array(Vec::new()))
                && metrics.iter().any(|it| it["Name"] == self.metric.as_str())
        });
        let count = is_ours.then(|| line[&self.metric].as_u64())??;
        Some((line["_aws"]["Timestamp"].as_u64()?, count))
    }
}

/// A bot with few people and a log that is switched off; its agent has this fault.
struct SmallBot {
    cloud: Cloud,
    _agent: ScriptedAgent,
    _way: Proxy,
}

impl SmallBot {
    async fn with(fault: Fault) -> Self {
        let agent = ScriptedAgent::start().await;
        let way = Proxy::before(&agent.url).unwrap();
        way.set(fault);
        let cloud = Cloud::with(Setup {
            agent_url: Some(way.url.clone()),
            workers: 1,
            env: vec![("RUST_LOG", "off".to_owned())],
            ..Setup::default()
        })
        .await;
        Self {
            cloud,
            _agent: agent,
            _way: way,
        }
    }

    /// One person asks in vain; says which of these alarms ring then.
    async fn asked(&self, person: &str, alarms: [&str; 2]) -> [bool; 2] {
        taken(&self.cloud, person, QUESTION).await;
        self.cloud.until_idle().await;
        let log = self.cloud.worker.output();
        alarms.map(|alarm| Alarm::of(alarm).rings(&log))
    }
}

const ALARMS: [&str; 2] = ["AgentDownAlarm", "AgentFailedAlarm"];

#[tokio::test]
async fn f133_a_token_that_the_agent_refuses_rings_at_the_first_question_of_a_small_bot() {
    for status in [401, 403] {
        let bot = SmallBot::with(Fault::Status(status)).await;
        assert_eq!(bot.asked("alice", ALARMS).await, [true, false], "{status}");
    }
}

#[tokio::test]
async fn f133_a_broken_agent_of_a_small_bot_rings_at_the_third_question_of_an_hour() {
    let bot = SmallBot::with(Fault::Status(500)).await;
    assert_eq!(bot.asked("alice", ALARMS).await, [false, false]);
    assert_eq!(bot.asked("bob", ALARMS).await, [false, false]);
    assert_eq!(bot.asked("carol", ALARMS).await, [false, true]);
}

#[tokio::test]
async fn f133_a_message_that_is_too_long_for_the_agent_rings_nothing() {
    let bot = SmallBot::with(Fault::Status(413)).await;
    for person in ["alice", "bob", "carol"] {
        assert_eq!(bot.asked(person, ALARMS).await, [false, false]);
    }
}
