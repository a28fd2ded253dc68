//! Kakao waits five seconds for a skill: the function gives a valid response within 3.8 s, whatever
//! hangs behind it.

use std::time::Duration;

use emulator::Outcome;
use futures_util::future::join_all;
use local_lambda::{fault::Fault, gateway};
use serde_json::Value;
use test_support::{
    canary::{QUESTION, SKILL_KEY},
    cloud::{Cloud, Setup, now, screen},
};

const HARD_STOP_MS: u64 = 3_800;

/// Fifty people write, ten at a time, and everyone reads `what` in time.
async fn fifty_read(cloud: &Cloud, what: &str) {
    for round in 0..5 {
        let people = (0..10).map(|person| async move {
            let user = format!("person-{round}-{person}");
            let exchange = cloud.says(&user, QUESTION).await;
            assert_eq!(exchange.status, Some(200), "{exchange:?}");
            assert_eq!(exchange.outcome, Outcome::Answered, "{exchange:?}");
            assert!(screen(&exchange).contains(what), "{exchange:?}");
            assert!(exchange.elapsed_ms.unwrap() <= HARD_STOP_MS, "{exchange:?}");
        });
        join_all(people).await;
    }
}

async fn ten_warm_processes() -> Cloud {
    let cloud = Cloud::with(Setup {
        webhooks: 10,
        polls: false,
        ..Setup::default()
    })
    .await;
    join_all((0..10).map(|person| cloud.warms_up(person))).await;
    cloud
}

#[tokio::test]
async fn f16_f17_a_store_that_does_not_answer_reads_is_not_waited_for() {
    let cloud = ten_warm_processes().await;
    cloud.at_webhook.store.set_for("GetItem", Fault::Hang);
    fifty_read(&cloud, "잠시 문제가 생겼어요").await;
    assert_eq!(cloud.at_webhook.store.count("PutItem"), 0);
}

#[tokio::test]
async fn f16_f17_a_store_that_does_not_answer_writes_is_not_waited_for() {
    let cloud = ten_warm_processes().await;
    cloud.at_webhook.store.set_for("PutItem", Fault::Hang);
    fifty_read(&cloud, "잠시 문제가 생겼어요").await;
    assert_eq!(cloud.at_webhook.queue.count("SendMessage"), 0);
}

#[tokio::test]
async fn f16_f17_f18_a_queue_that_does_not_answer_is_not_waited_for_and_nothing_is_promised() {
    let cloud = ten_warm_processes().await;
    cloud.at_webhook.queue.set(Fault::Hang);
    fifty_read(&cloud, "잠시 문제가 생겼어요").await;
    cloud.at_webhook.queue.heal();
    let unfinished = cloud.turns.unfinished(now()).await.unwrap();
    assert_eq!(
        unfinished,
        [],
        "turns that nobody will answer were taken back"
    );
}

#[tokio::test]
async fn f16_f74_a_secret_that_does_not_answer_leaves_the_old_configuration_in_force() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    cloud.warms_up(0).await;
    let secrets = &cloud.at_webhook.secrets;
    assert_eq!(secrets.count("GetSecretValue"), 1);
    secrets.set(Fault::Hang);
    // A wrong key makes the function read the secret again, once half a minute has passed since it
    // last did.
    while secrets.count("GetSecretValue") == 1 {
        assert_eq!(cloud.knocks("wrong-key-wrong-key-wrong-key").await, 401);
    }
    let exchange = cloud.says("alice", QUESTION).await;
    assert!(exchange.waiting_message.is_some(), "{exchange:?}");
    assert!(exchange.elapsed_ms.unwrap() <= HARD_STOP_MS, "{exchange:?}");
    assert_eq!(
        cloud.knocks(SKILL_KEY).await,
        400,
        "past the door, with a body that is no JSON"
    );
    assert!(cloud.webhook.output().contains(r#""config_stale":1"#));
}

#[tokio::test]
async fn f20_a_cold_start_is_in_time_when_everything_takes_a_tenth_of_a_second() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    let wires = &cloud.at_webhook;
    for proxy in [&wires.store, &wires.queue, &wires.secrets] {
        proxy.set(Fault::Latency(Duration::from_millis(100)));
    }
    for start in 0..20 {
        cloud.webhook.cool();
        let exchange = cloud.says(&format!("person-{start}"), QUESTION).await;
        assert!(exchange.waiting_message.is_some(), "{exchange:?}");
        assert!(exchange.elapsed_ms.unwrap() <= HARD_STOP_MS, "{exchange:?}");
    }
}

#[tokio::test]
async fn f21_an_event_that_is_three_seconds_old_gets_the_canned_answer_and_starts_nothing() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    let exchange = cloud.says("alice", QUESTION).await;
    let reads = cloud.at_webhook.store.seen().len();
    let request = http::Request::post(format!("{}/kakao/webhook", cloud.gateway.url))
        .header("content-type", "application/json")
        .header("x-dari-skill-key", SKILL_KEY)
        .body(exchange.request.to_string().into())
        .unwrap();
    let received = local_lambda::epoch_millis() - 3_000;
    let event = gateway::event(&request, "ANY /kakao/webhook", "203.0.113.7", received);
    let answer = cloud.webhook.invoke(event).await.unwrap();
    assert_eq!(answer["statusCode"], 200);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let text = body["template"]["outputs"][0]["simpleText"]["text"].as_str();
    assert!(text.unwrap().contains("잠시 문제가 생겼어요"), "{body}");
    assert_eq!(cloud.at_webhook.store.seen().len(), reads);
    assert_eq!(cloud.at_webhook.queue.count("SendMessage"), 1);
}
