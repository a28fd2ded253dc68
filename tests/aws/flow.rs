//! The main job, end to end: gateway, webhook, SQS, worker, agent, callback.

use crate::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, Store},
};

/// What the callback showed.
fn delivered(exchange: &emulator::Exchange) -> String {
    let callback = exchange.callback.as_ref().unwrap();
    assert!(callback.delivered, "{callback:?}");
    assert!(
        callback.broken_rules.is_empty(),
        "{:?}",
        callback.broken_rules
    );
    callback
        .bubbles
        .iter()
        .map(|bubble| bubble.text.as_str())
        .collect()
}

#[tokio::test]
async fn a_question_is_answered_by_callback_through_sqs() {
    for store in [Store::Moto, Store::Engine] {
        let cloud = Cloud::with(Setup {
            store,
            ..Setup::default()
        })
        .await;
        let exchange = cloud
            .says("alice", &format!("{QUESTION} 내일 비 와요?"))
            .await;
        assert!(
            exchange.waiting_message.is_some(),
            "{exchange:?}\n{}",
            cloud.webhook.output()
        );
        let asked = cloud.agent.asked().await;
        assert!(asked.text().contains(QUESTION));
        asked.answers(&format!("{ANSWER} 오후부터 와요."));
        let answer = delivered(&cloud.after_callback(&exchange).await);
        assert!(answer.contains("오후부터 와요."), "{answer}");
        cloud.until_idle().await;
        assert_eq!(cloud.poller.counts().deleted, 1);
    }
}
