//! What people see, and an agent that answers every question at once.

use std::{convert::Infallible, future::Future};

use emulator::{Exchange, Outcome};
use futures_util::future::join_all;
use test_support::{
    agent::ScriptedAgent,
    canary::ANSWER,
    cloud::{self, Cloud},
};

pub const TRY_AGAIN: &str = "잠시 문제가 생겼어요. 조금 뒤 다시 보내 주세요";

/// The text of the skill's response. Panics unless Kakao would show the response.
pub fn screen(exchange: &Exchange) -> String {
    assert_valid(exchange);
    cloud::screen(exchange)
}

/// Whether the response promised an answer through the callback.
pub fn is_acknowledged(exchange: &Exchange) -> bool {
    assert_valid(exchange);
    exchange.outcome == Outcome::Waiting
}

fn assert_valid(exchange: &Exchange) {
    let is_shown = matches!(exchange.outcome, Outcome::Answered | Outcome::Waiting);
    assert!(is_shown && exchange.status == Some(200), "{exchange:?}");
    assert!(exchange.broken_rules.is_empty(), "{exchange:?}");
}

/// A person writes, and writes again for as long as the function asks to try again: on a busy
/// machine that happens when nothing is wrong. Returns the exchange that was acknowledged.
pub async fn taken(cloud: &Cloud, person: &str, text: &str) -> Exchange {
    loop {
        let exchange = cloud.says(person, text).await;
        if is_acknowledged(&exchange) {
            return exchange;
        }
        assert!(is_told_to_try_again(&exchange), "{exchange:?}");
    }
}

pub fn is_told_to_try_again(exchange: &Exchange) -> bool {
    screen(exchange).contains(TRY_AGAIN)
}

/// Starts this many processes of the webhook, so that none starts while something is measured.
pub async fn warm(cloud: &Cloud, processes: usize) {
    loop {
        let looks = (0..processes).map(async |number| {
            let exchange = cloud.says(&format!("warm{number}"), "/상태").await;
            // A process that is just starting may answer too late for Kakao.
            cloud::texts(&exchange.bubbles).contains("준비 중인 답변")
        });
        let are_well = join_all(looks).await.into_iter().all(|is_well| is_well);
        if are_well && cloud.webhook.sandboxes().len() == processes {
            return;
        }
    }
}

/// The answer that the agent of [`with_agent`] gives to a question.
pub fn answer_to(question: &str) -> String {
    format!("{ANSWER}: {question}")
}

/// Runs the test while its agent answers every question at once.
pub async fn with_agent<T>(agent: &ScriptedAgent, test: impl Future<Output = T>) -> T {
    with_listening_agent(agent, test).await.0
}

/// The same; also returns the questions.
pub async fn with_listening_agent<T>(
    agent: &ScriptedAgent,
    test: impl Future<Output = T>,
) -> (T, Vec<String>) {
    let mut questions = Vec::new();
    let done = tokio::select! {
        done = test => done,
        never = answer_all(agent, &mut questions) => match never {},
    };
    (done, questions)
}

async fn answer_all(agent: &ScriptedAgent, questions: &mut Vec<String>) -> Infallible {
    loop {
        let asked = agent.asked().await;
        let question = asked.text().to_owned();
        asked.answers(&answer_to(&question));
        questions.push(question);
    }
}
