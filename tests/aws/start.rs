//! Functions that start while something is missing: the log names it, the skill route answers 503,
//! and nobody is let in.

use local_lambda::fault::Fault;
use test_support::{
    canary::{QUESTION, SKILL_KEY},
    cloud::{Cloud, Setup},
    servers::{create_secret, moto},
};

async fn with_env(name: &'static str, value: &str) -> Cloud {
    Cloud::with(Setup {
        env: vec![(name, value.to_owned())],
        polls: false,
        ..Setup::default()
    })
    .await
}

/// Nobody gets in, the health check still answers 200, and the log says what to do.
async fn is_shut(cloud: &Cloud, says: &[&str]) {
    assert_eq!(cloud.knocks(SKILL_KEY).await, 503);
    assert_eq!(cloud.knocks("wrong-key-wrong-key-wrong-key").await, 503);
    let health = reqwest::get(format!("{}/health", cloud.gateway.url)).await;
    assert_eq!(health.unwrap().status(), 200);
    let log = cloud.webhook.output();
    for line in says {
        assert!(log.contains(line), "{line:?} is not in\n{log}");
    }
    assert!(log.contains(r#""not_ready":1"#), "{log}");
    assert_eq!(cloud.at_webhook.store.count("PutItem"), 0);
}

#[tokio::test]
async fn a_missing_table_is_named_with_its_resource() {
    let cloud = with_env("DARI_ACCESS_TABLE", "nowhere").await;
    let says = "DARI_ACCESS_TABLE: the table nowhere: it is not there; AccessTable of template.yaml provides it";
    is_shut(&cloud, &[says]).await;
}

#[tokio::test]
async fn everything_that_is_missing_is_named_at_once() {
    let queue = format!("{}/123456789012/nowhere", moto());
    let cloud = Cloud::with(Setup {
        env: vec![
            ("DARI_CONFIG_SECRET", "nowhere".to_owned()),
            ("DARI_TURNS_TABLE", "nowhere".to_owned()),
            ("DARI_TURN_QUEUE_URL", queue.clone()),
        ],
        polls: false,
        ..Setup::default()
    })
    .await;
    let lines = [
        "DARI_CONFIG_SECRET: the secret nowhere: it is not there; `dari config push` fills the ConfigSecret of template.yaml",
        "DARI_TURNS_TABLE: the table nowhere: it is not there; TurnsTable of template.yaml provides it",
        "DARI_TURN_QUEUE_URL: the queue ",
        "it is not there; TurnQueue of template.yaml provides it",
    ];
    is_shut(&cloud, &lines).await;
}

#[tokio::test]
async fn a_variable_that_is_not_set_is_named() {
    let cloud = with_env("DARI_TURN_QUEUE_URL", "").await;
    let says = "DARI_TURN_QUEUE_URL: is not set; on AWS, TurnQueue of template.yaml provides it";
    is_shut(&cloud, &[says]).await;
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    cloud.at_webhook.store.set_for("GetItem", Fault::Deny);
    cloud.at_webhook.queue.set(Fault::Deny);
    let lines = [
        "dynamodb:GetItem on it is not allowed; the function's role in template.yaml allows it (docs/permissions.md)",
        "sqs:GetQueueAttributes on it is not allowed",
    ];
    is_shut(&cloud, &lines).await;
}

#[tokio::test]
async fn a_function_that_could_not_start_is_there_half_a_minute_after_what_was_missing() {
    let cloud = with_env(
        "DARI_CONFIG_SECRET",
        &format!("late-{}", std::process::id()),
    )
    .await;
    is_shut(&cloud, &["DARI_CONFIG_SECRET: the secret late-"]).await;
    let name = format!("late-{}", std::process::id());
    create_secret(&moto(), &name, &cloud.document).await;
    while cloud.knocks(SKILL_KEY).await == 503 {}
    assert!(cloud.at_webhook.secrets.count("GetSecretValue") <= 3);
    let exchange = cloud.says("alice", QUESTION).await;
    assert!(exchange.waiting_message.is_some(), "{exchange:?}");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_says_where_and_why() {
    let name = format!("broken-{}", std::process::id());
    create_secret(
        &moto(),
        &name,
        r#"{ channels: { kakao: { skilKey: "x" } } }"#,
    )
    .await;
    let cloud = with_env("DARI_CONFIG_SECRET", &name).await;
    is_shut(&cloud, &["channels.kakao.skilKey", "skillKey"]).await;
}

#[tokio::test]
async fn a_worker_that_cannot_start_leaves_the_turn_in_the_queue() {
    let cloud = with_env("DARI_TURNS_TABLE", "nowhere").await;
    cloud.queue.send("{}").await.unwrap();
    cloud.poller.resume();
    cloud.poller.until(|counts| counts.failed == 1).await;
    assert!(
        cloud
            .worker
            .output()
            .contains("DARI_TURNS_TABLE: the table nowhere")
    );
    assert_eq!(cloud.poller.counts().deleted, 0);
    let depth = cloud.queue.depth().await.unwrap();
    assert_eq!(depth.visible + depth.in_flight, 1);
}

#[tokio::test]
async fn a_store_that_hangs_at_start_keeps_nobody_out_for_longer_than_it_hangs() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    cloud.at_webhook.store.set(Fault::Hang);
    let exchange = cloud.says("alice", QUESTION).await;
    assert_eq!(exchange.status, Some(200), "{exchange:?}");
    cloud.at_webhook.store.heal();
    let exchange = cloud.says("alice", QUESTION).await;
    assert!(exchange.waiting_message.is_some(), "{exchange:?}");
}
