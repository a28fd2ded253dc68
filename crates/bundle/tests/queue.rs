//! The turn queue of `dari dev`, used through SQS's own client, as functions beside it use it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and calls this machine"
)]

use std::{sync::Arc, time::Duration};

use aws_config::Region;
use aws_sdk_sqs::{
    Client, config::Credentials, error::ProvideErrorMetadata, types::QueueAttributeName,
};
use bundle::{Options, Stack, Store};
use bytes::Bytes;
use http::{Request, StatusCode};
use shared::{
    aws, clock::Clock, config, edge::HttpFunction, env::Hosts, keys::KeyRing, live::LiveConfig,
    queue::SqsTurnQueue,
};
use skill_webhook::SkillWebhook;

struct Bundle {
    stack: Stack,
    sqs: Client,
    queue: String,
}

/// A bundle with the configuration that the README uses with `cargo lambda watch`.
async fn bundle() -> Bundle {
    let document = include_str!("../../../events/dari.json5");
    let live = LiveConfig::new(config::load(document, &|_| None).unwrap().config);
    let keys = Arc::new(KeyRing::new(live.current().keys.clone().unwrap()));
    let options = Options {
        port: 0,
        store: Store::Memory,
        emulator: true,
        clock: Clock::System,
        hosts: Hosts::from_env(&|_| None).unwrap(),
    };
    let stack = Stack::start(live, keys, options).await.unwrap();
    let sdk = aws::sdk_settings(Duration::from_millis(700))
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .endpoint_url(format!("{}/sqs", stack.url))
        .load()
        .await;
    Bundle {
        sqs: Client::new(&sdk),
        queue: format!("{}/sqs/turns", stack.url),
        stack,
    }
}

/// The message of an event, as the gateway's adapter hands it to the function.
fn message(event: &str) -> Request<Bytes> {
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let text = |path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
    Request::post(text("/rawPath"))
        .header("x-dari-skill-key", text("/headers/x-dari-skill-key"))
        .header("x-request-id", text("/headers/x-request-id"))
        .body(text("/body").into())
        .unwrap()
}

#[tokio::test]
async fn a_turn_that_a_function_sends_through_sqs_is_worked_on_here() {
    let bundle = bundle().await;
    let queue = SqsTurnQueue::new(bundle.sqs, bundle.queue);
    let webhook = SkillWebhook::new(&bundle.stack.parts, queue).unwrap();
    let request = message(include_str!("../../../events/skill-webhook-text.json"));
    let answer = webhook.handle(&request, Clock::System.now()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let now = Clock::System.now();
    let worked_on = async {
        while !bundle.stack.turns.unfinished(now).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), worked_on)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_no_turn_or_not_of_this_queue_is_refused_in_sqs_words() {
    let Bundle {
        stack, sqs, queue, ..
    } = bundle().await;
    let send = |queue: &str, body: &str| {
        sqs.send_message()
            .queue_url(queue)
            .message_body(body)
            .send()
    };
    let no_turn = send(&queue, "{}").await.unwrap_err().into_service_error();
    assert!(no_turn.is_invalid_message_contents(), "{no_turn:?}");
    let elsewhere = send("http://127.0.0.1/other", "{}").await.unwrap_err();
    assert!(elsewhere.into_service_error().is_queue_does_not_exist());
    let turn = r#"{"v":1,"scope":{"channel":"kakao","account":"default"},"group":false,"conversation":"c","turn":"t","earliest":null}"#;
    assert!(send(&queue, turn).await.is_ok());
    let late = sqs.send_message().queue_url(&queue).message_body(turn);
    assert_eq!(
        late.delay_seconds(901).send().await.unwrap_err().code(),
        Some("InvalidParameterValue")
    );
    let purged = sqs.purge_queue().queue_url(&queue).send().await;
    assert_eq!(
        purged.unwrap_err().code(),
        Some("AWS.SimpleQueueService.UnsupportedOperation")
    );
    let attributes = sqs.get_queue_attributes().queue_url(&queue).send();
    let attributes = attributes.await.unwrap().attributes.unwrap();
    assert!(attributes.contains_key(&QueueAttributeName::QueueArn));

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let from_a_tunnel = client
        .post(&queue)
        .header("host", "bot.example.com")
        .header("x-amz-target", "AmazonSQS.SendMessage")
        .body(serde_json::json!({ "QueueUrl": queue, "MessageBody": turn }).to_string());
    assert_eq!(from_a_tunnel.send().await.unwrap().status(), 404);
    drop(stack);
}
