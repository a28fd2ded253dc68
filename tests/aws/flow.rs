//! The main job from end to end: gateway, webhook, SQS, worker, agent, callback.

use std::time::Duration;

use emulator::{Exchange, Message};
use serde_json::Value;
use shared::turn::budget;
use test_support::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, Store, delivered, now, screen},
    keys::scope,
};

#[tokio::test]
async fn a_question_is_answered_by_callback_through_sqs() {
    for store in [Store::Moto, Store::Engine] {
        let setup = Setup {
            store,
            ..Setup::default()
        };
        let cloud = Cloud::with(setup).await;
        let exchange = cloud
            .says("alice", &format!("{QUESTION} 내일 비 와요?"))
            .await;
        assert!(exchange.waiting_message.is_some(), "{exchange:?}");
        let asked = cloud.agent.asked().await;
        assert!(asked.text().contains(QUESTION));
        asked.answers(&format!("{ANSWER} 오후부터 와요."));
        let answer = delivered(&cloud.after_callback(&exchange).await);
        assert!(answer.contains("오후부터 와요."), "{answer}");
        cloud.until_idle().await;
        assert_eq!(cloud.poller.counts().deleted, 1);
        says_who_when_and_what_came_of_it(&cloud, &exchange);
    }
}

/// Both functions log one message with its request id, its sender as a digest, its times and its
/// outcome.
fn says_who_when_and_what_came_of_it(cloud: &Cloud, exchange: &Exchange) {
    let line = |output: String, metric: &str| -> Value {
        let lines = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let mut measured = lines.filter(|line: &Value| line[metric].is_u64());
        measured
            .next()
            .unwrap_or_else(|| panic!("{metric}\n{output}"))
    };
    let acknowledged = line(cloud.webhook.output(), "ack_ms");
    assert_eq!(
        acknowledged["kakao_request_id"],
        exchange.request_id.as_str()
    );
    assert_eq!(acknowledged["account"], "default");
    assert_eq!(acknowledged["outcome"], "acknowledged");
    assert_eq!(acknowledged["sender"].as_str().unwrap().len(), 32);
    let directive = &acknowledged["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "Dari/test");
    let metrics = directive["Metrics"].as_array().unwrap();
    let names: Vec<_> = metrics.iter().map(|metric| &metric["Name"]).collect();
    assert_eq!(names, ["message", "acknowledged", "ack_ms"]);
    assert_eq!(metrics[2]["Unit"], "Milliseconds");
    let answered = line(cloud.worker.output(), "answer_ms");
    assert_eq!(answered["sender"], acknowledged["sender"]);
    assert_eq!(answered["outcome"], "callback_accepted");
    assert!(line(cloud.worker.output(), "agent_ms")["turn"].is_string());
}

#[tokio::test]
async fn without_a_callback_an_answer_in_time_is_the_response_and_a_late_one_is_collected() {
    let cloud = Cloud::new().await;
    let (exchange, ()) = tokio::join!(cloud.says_without_callback("alice", QUESTION), async {
        cloud.agent.asked().await.answers(ANSWER);
    });
    assert_eq!(screen(&exchange), ANSWER);
    let late = cloud
        .says_without_callback("alice", "오래 걸리는 질문")
        .await;
    assert!(screen(&late).contains("답변을 준비하고 있어요"), "{late:?}");
    cloud
        .agent
        .asked()
        .await
        .answers(&format!("{ANSWER} 늦었어요"));
    cloud.until_idle().await;
    let collected = cloud.says_without_callback("alice", "답변 확인").await;
    assert_eq!(screen(&collected), format!("{ANSWER} 늦었어요"));
}

#[tokio::test]
async fn a_stranger_gets_a_code_and_after_the_owners_approval_an_answer() {
    let setup = Setup {
        account: r#"dmPolicy: "pairing""#,
        ..Setup::default()
    };
    let cloud = Cloud::with(setup).await;
    let challenged = cloud.says("mallory", QUESTION).await;
    assert!(challenged.waiting_message.is_none());
    let waiting = cloud.access.pending(&scope(), now()).await.unwrap();
    let code = waiting[0].code.expose();
    assert!(screen(&challenged).contains(code));
    cloud.secret(code);
    let (_, sender) = waiting[0]
        .sender
        .to_string()
        .split_once(':')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    cloud.secret(&sender);
    assert!(cloud.webhook.output().contains(r#""pending_pairings":1"#));
    let approved = cloud.access.approve(&scope(), code, now()).await;
    approved.unwrap().unwrap();
    let exchange = cloud.says("mallory", QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&exchange).await), ANSWER);
    assert_eq!(cloud.agent.times_asked(), 1);
    cloud.until_idle().await;
}

#[tokio::test]
async fn the_sample_events_are_answered_as_their_readme_says() {
    let cloud = Cloud::with(Setup {
        skill_key: "example-skill-key-not-a-secret-000",
        polls: false,
        ..Setup::default()
    })
    .await;
    let event = |name: &str| -> Value {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/");
        serde_json::from_slice(&std::fs::read(format!("{folder}{name}.json")).unwrap()).unwrap()
    };
    let answer = async |name: &str| {
        let answer = cloud.webhook.invoke(event(name)).await.unwrap();
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        (answer["statusCode"].as_u64().unwrap(), body)
    };
    for (name, status, says) in [
        ("skill-webhook-health", 200, r#"{"status":"ok"}"#),
        ("skill-webhook-other-method", 405, ""),
        ("skill-webhook-wrong-key", 401, ""),
        ("skill-webhook-skill-test", 200, "연결됐어요"),
        ("skill-webhook-callback", 200, r#""useCallback":true"#),
        ("skill-webhook-photo", 200, r#""useCallback":true"#),
        ("skill-webhook-text", 200, "답변을 준비하고 있어요"),
        ("skill-webhook-base64", 200, "답변을 준비하고 있어요"),
    ] {
        let (got, body) = answer(name).await;
        assert_eq!(got, status, "{name}: {body}");
        assert!(
            body.contains(says) && body.is_empty() == says.is_empty(),
            "{name}: {body}"
        );
    }
    let done = cloud
        .worker
        .invoke(event("turn-worker-turn"))
        .await
        .unwrap();
    assert_eq!(done["batchItemFailures"], Value::Array(Vec::new()));
    let poison = event("turn-worker-not-a-turn");
    let failed = cloud.worker.invoke(poison.clone()).await.unwrap();
    assert_eq!(
        failed["batchItemFailures"][0]["itemIdentifier"],
        poison["Records"][0]["messageId"]
    );
}

#[tokio::test]
async fn an_agent_that_thinks_for_longer_than_the_function_may_live_is_given_up_in_time() {
    let cloud = Cloud::with(Setup {
        worker_timeout: budget::BRING + Duration::from_secs(3),
        ..Setup::default()
    })
    .await;
    let exchange = cloud.says("alice", QUESTION).await;
    let _unanswered = cloud.agent.asked().await;
    let answer = delivered(&cloud.after_callback(&exchange).await);
    assert!(answer.contains("너무 오래 걸려 중단했어요"), "{answer}");
    cloud.until_idle().await;
    assert_eq!(cloud.poller.counts().failed, 0, "{}", cloud.worker.output());
}

#[tokio::test]
async fn f86_what_is_no_turn_goes_to_the_dead_letters_and_the_others_are_answered() {
    let cloud = Cloud::new().await;
    cloud.queue.send("this is no turn").await.unwrap();
    let exchange = cloud.says("alice", QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&exchange).await), ANSWER);
    while cloud.dead_letters.depth().await.unwrap().visible == 0 {
        tokio::task::yield_now().await;
    }
    let dead = cloud.dead_letters.receive(1, 0, None).await.unwrap();
    assert_eq!(dead[0].body, "this is no turn");
}

#[tokio::test]
async fn f19_nothing_runs_after_the_answer() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    for say in [QUESTION, "/help", "/status", QUESTION] {
        cloud.sends(Message::text("alice", say)).await;
        let before = (requests(&cloud), cloud.dump().await);
        let sandbox = &cloud.webhook.sandboxes()[0];
        while !sandbox.is_frozen().unwrap() {
            tokio::task::yield_now().await;
        }
        // The sandbox is thawed for events that need no store. Work left over from the message
        // would run now.
        let url = format!("{}/health", cloud.gateway.url);
        for _ in 0..20 {
            assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
        }
        assert_eq!((requests(&cloud), cloud.dump().await), before, "{say}");
    }
}

fn requests(cloud: &Cloud) -> usize {
    let wires = &cloud.at_webhook;
    let proxies = [&wires.store, &wires.queue, &wires.secrets];
    proxies.iter().map(|proxy| proxy.seen().len()).sum()
}
