//! The crash matrix of the callback task (faults.md §6): the process of a function is killed
//! between any two steps, and the person still gets the answer, once. A gate in a proxy holds the
//! process at the step where it is to die. `tests/it/crash.rs` does the same within one process.
//!
//! The steps: S1 authenticated → S2 turn stored → S3 queued → S4 acknowledged ‖ W1 received → W2
//! claimed → W3 answer stored, W4 marked as being posted (one write) → W5 accepted by Kakao → W6
//! noted → W7 queue message deleted.

use std::thread;

use emulator::{Exchange, Outcome};
use local_lambda::{
    fault::{Fault, Gate, Seen, When},
    poller::event,
    sqs::Message,
};
use serde_json::{Map, Value, json};
use skill_webhook::budget;
use test_support::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, delivered, now},
};

use crate::outcome::{
    ACCEPTED, NOTHING, REFUSED, alone, attempts, busy, collects, ends, post, put, repeat,
    says_unconfirmed, send, start, with_offer, worker,
};

const NEXT_QUESTION: &str = "카나리아질문 하나 더";
const NEXT_ANSWER: &str = "카나리아답변 하나 더";
/// How often each case runs; two cores stand no more.
const ROUNDS: usize = 2;

/// Between which steps the worker dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// W1–W2: the worker's claim has not reached the table.
    Claiming,
    /// W2–W3: the claim is stored, and the worker has not been told.
    Claimed,
    /// W2–W3: the agent has the question.
    Asking,
    /// W2–W3: the worker has the answer, which has not reached the table.
    Answered,
    /// W4–W5: the answer is stored, and nothing was posted.
    Stored,
    /// W4–W5: the callback post is on its way, and never arrives.
    Posting,
    /// W5–W6: Kakao took the post, and its response has not reached the worker.
    Posted,
    /// W5–W6: the worker has the response, and the note of it has not reached the table.
    Noting,
    /// W6–W7: the note is stored, and the queue message is not deleted yet.
    Noted,
}

impl Gap {
    const ALL: [Self; 9] = [
        Self::Claiming,
        Self::Claimed,
        Self::Asking,
        Self::Answered,
        Self::Stored,
        Self::Posting,
        Self::Posted,
        Self::Noting,
        Self::Noted,
    ];

    /// Whether the agent is asked again afterwards, because no answer was stored.
    fn is_asked_afterwards(self) -> bool {
        matches!(
            self,
            Self::Claiming | Self::Claimed | Self::Asking | Self::Answered
        )
    }

    /// Whether Kakao took the answer and the worker died before it could record that.
    fn is_unconfirmed(self) -> bool {
        matches!(self, Self::Posted | Self::Noting)
    }
}

/// Alice asks, and the worker is killed at this gap. Returns the exchange, and the idempotency key
/// of the question if it reached the agent.
async fn killed_at(gap: Gap, cloud: &Cloud) -> (Exchange, Option<String>) {
    let (store, kakao) = (&cloud.at_worker.store, &cloud.kakao);
    let claim = match gap {
        Gap::Claiming => Some(store.gate(put, When::Before)),
        Gap::Claimed => Some(store.gate(put, When::After)),
        _ => None,
    };
    let exchange = cloud.says("alice", QUESTION).await;
    assert_eq!(exchange.outcome, Outcome::Waiting, "{exchange:?}");
    if let Some(claim) = claim {
        kill_at(claim, cloud).await;
        return (exchange, None);
    }
    let asked = cloud.agent.asked().await;
    let key = asked.idempotency_key.clone();
    let gate = match gap {
        Gap::Answered => store.gate(put, When::Before),
        Gap::Stored => store.gate(put, When::After),
        Gap::Posted => kakao.gate(post, When::After),
        Gap::Posting | Gap::Noting | Gap::Noted => kakao.gate(post, When::Before),
        Gap::Claiming | Gap::Claimed | Gap::Asking => {
            worker(cloud).await.kill();
            return (exchange, Some(key));
        }
    };
    asked.answers(ANSWER);
    let note = match gap {
        Gap::Noting => Some(When::Before),
        Gap::Noted => Some(When::After),
        _ => None,
    };
    let gate = match note {
        None => gate,
        Some(when) => {
            gate.reached().await;
            let note = store.gate(put, when);
            gate.release();
            note
        }
    };
    kill_at(gate, cloud).await;
    (exchange, Some(key))
}

/// Kills the worker whose request the gate holds; the request goes no further.
async fn kill_at(gate: Gate, cloud: &Cloud) {
    gate.reached().await;
    worker(cloud).await.kill();
    gate.drop_it();
}

/// Another worker finishes the turn, and then Alice's next one.
async fn is_survived(gap: Gap) {
    let (start, cloud) = start(Setup::default()).await;
    let (exchange, key) = killed_at(gap, &cloud).await;
    let next = cloud.says("alice", NEXT_QUESTION).await;
    assert_eq!(next.outcome, Outcome::Waiting, "{next:?}");
    drop(start);

    if gap.is_asked_afterwards() {
        let again = cloud.agent.asked().await;
        assert_eq!(again.text(), QUESTION);
        if let Some(key) = &key {
            assert_eq!(&again.idempotency_key, key);
        }
        again.answers(ANSWER);
    }
    let asked = cloud.agent.asked().await;
    assert_eq!(asked.text(), NEXT_QUESTION);
    assert_ne!(Some(&asked.idempotency_key), key.as_ref());
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), ANSWER);
    let posts: &[_] = if gap.is_unconfirmed() {
        &[ACCEPTED, REFUSED]
    } else {
        &[ACCEPTED]
    };
    assert_eq!(attempts(&cloud, &exchange), posts);

    asked.answers(NEXT_ANSWER);
    let next = cloud.after_callback(&next).await;
    // An answer that may have arrived is mentioned and not shown again by itself.
    let (shown, collected) = if gap.is_unconfirmed() {
        (with_offer(NEXT_ANSWER, QUESTION), ANSWER)
    } else {
        (NEXT_ANSWER.to_owned(), NOTHING)
    };
    assert_eq!(delivered(&next), shown);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), posts);
    assert_eq!(attempts(&cloud, &next), [ACCEPTED]);
    assert_eq!(says_unconfirmed(&cloud), gap.is_unconfirmed());
    let times = match gap {
        Gap::Asking | Gap::Answered => 3,
        _ => 2,
    };
    assert_eq!(cloud.agent.times_asked(), times);
    assert_eq!(collects(&cloud).await, collected);
}

/// S1–S2: nothing is stored, and the request comes again.
async fn killed_before_storing() {
    let (start, cloud) = start(Setup::default()).await;
    let gate = cloud.at_webhook.store.gate(put, When::Before);
    let exchange = killed_while_asked(&cloud, gate).await;
    assert_eq!(cloud.dump().await, "{}{}", "nothing is stored");
    assert_eq!(cloud.at_webhook.queue.count("SendMessage"), 0);
    let again = repeat(&cloud, &exchange).await;
    assert_eq!(again.outcome, Outcome::Waiting, "{again:?}");
    cloud.agent.asked().await.answers(ANSWER);
    drop(start);
    let again = cloud.after_callback(&again).await;
    assert_eq!(delivered(&again), ANSWER);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &again), [ACCEPTED]);
    assert_eq!(cloud.agent.times_asked(), 1);
}

/// S2–S3, and the request comes again.
async fn killed_before_queueing_and_repeated() {
    let (cloud, exchange) = killed_before_queueing().await;
    // Before this time has passed, the first request may still be worked on.
    tokio::time::sleep(budget::HARD_STOP).await;
    let again = repeat(&cloud, &exchange).await;
    assert_eq!(again.outcome, Outcome::Waiting, "{again:?}");
    cloud.agent.asked().await.answers(ANSWER);
    let again = cloud.after_callback(&again).await;
    assert_eq!(delivered(&again), ANSWER);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &again), [ACCEPTED]);
    assert_eq!(cloud.agent.times_asked(), 1);
}

/// S2–S3, and the person writes something else. If she writes at once, the worker finds the turn
/// that was never queued; if she writes later, the webhook does.
async fn killed_before_queueing_and_left(later: bool) {
    let (cloud, exchange) = killed_before_queueing().await;
    let unfinished = cloud.turns.unfinished(now()).await.unwrap();
    let is_stalled = async || {
        let now = now();
        let read = cloud.turns.read(&unfinished[0].conversation, now).await;
        read.unwrap().document.stalled(now).is_some()
    };
    while later && !is_stalled().await {
        tokio::time::sleep(budget::SETTLE).await;
    }
    let next = cloud.says("alice", NEXT_QUESTION).await;
    assert_eq!(next.outcome, Outcome::Waiting, "{next:?}");
    let sent = cloud.at_webhook.queue.seen();
    let of_first = |seen: &&Seen| send(seen) && seen.says(&unfinished[0].turn);
    let is_sent_for = sent.iter().filter(of_first).count() > 1;
    assert_eq!(is_sent_for, later);
    for (question, answer) in [(QUESTION, ANSWER), (NEXT_QUESTION, NEXT_ANSWER)] {
        let asked = cloud.agent.asked().await;
        assert_eq!(asked.text(), question);
        asked.answers(answer);
    }
    let next = cloud.after_callback(&next).await;
    let both = format!("“{QUESTION}”\n\n{ANSWER}\n\n“{NEXT_QUESTION}”\n\n{NEXT_ANSWER}");
    assert_eq!(delivered(&next), both);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), [REFUSED; 2]);
    assert_eq!(attempts(&cloud, &next), [ACCEPTED]);
    assert_eq!(cloud.agent.times_asked(), 2);
}

async fn killed_before_queueing() -> (Cloud, Exchange) {
    let (_start, cloud) = start(Setup::default()).await;
    let gate = cloud.at_webhook.queue.gate(send, When::Before);
    let exchange = killed_while_asked(&cloud, gate).await;
    let unfinished = cloud.turns.unfinished(now()).await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let depth = cloud.queue.depth().await.unwrap();
    assert_eq!(depth.visible + depth.in_flight, 0);
    (cloud, exchange)
}

/// S3–S4: the request was never acknowledged, so Kakao refuses the callback.
async fn killed_before_acknowledging() {
    let (start, cloud) = start(Setup::default()).await;
    let gate = cloud.at_webhook.queue.gate(send, When::After);
    let exchange = killed_while_asked(&cloud, gate).await;
    cloud.agent.asked().await.answers(ANSWER);
    drop(start);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), [REFUSED; 2]);
    assert_eq!(cloud.kakao.seen().len(), 2, "no other way is taken");
    assert!(cloud.kakao.seen().iter().all(post));
    assert_eq!(collects(&cloud).await, ANSWER);
    let next = cloud.says("alice", NEXT_QUESTION).await;
    cloud.agent.asked().await.answers(NEXT_ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&next).await), NEXT_ANSWER);
    assert_eq!(cloud.agent.times_asked(), 2);
}

/// Alice asks, the webhook is killed at the gate, and Kakao shows its own error.
async fn killed_while_asked(cloud: &Cloud, gate: Gate) -> Exchange {
    let (exchange, ()) = tokio::join!(cloud.says("alice", QUESTION), async {
        gate.reached().await;
        busy(&cloud.webhook).kill();
        gate.drop_it();
    });
    assert_eq!(exchange.outcome, Outcome::Failed, "{exchange:?}");
    exchange
}

/// W6–W7: the queue message was not deleted and comes again, also with a receipt handle that the
/// queue no longer knows.
async fn comes_again_after_the_end() {
    let (start, cloud) = start(Setup::default()).await;
    let exchange = cloud.says("alice", QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    drop(start);
    let exchange = cloud.after_callback(&exchange).await;
    ends(&cloud).await;
    let sent = cloud.at_webhook.queue.seen();
    let sent = sent
        .iter()
        .find(|it| it.operation == "SendMessage")
        .unwrap();
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    let body = sent["MessageBody"].as_str().unwrap();
    for _ in 0..3 {
        cloud.queue.send(body).await.unwrap();
    }
    cloud.poller.until(|counts| counts.deleted == 4).await;
    let lost = Message {
        id: "again".to_owned(),
        receipt_handle: "nobody knows it any more".to_owned(),
        body: body.to_owned(),
        md5_of_body: String::new(),
        attributes: Map::new(),
        message_attributes: Map::new(),
    };
    let event = event(&lost, &cloud.queue.arn());
    let answer = cloud.worker.invoke(event).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), [ACCEPTED]);
    assert_eq!(cloud.kakao.seen().len(), 1);
    assert_eq!(cloud.agent.times_asked(), 1);
    assert_eq!(collects(&cloud).await, NOTHING);
}

/// Kakao takes the answer, and its response never arrives: the connection is cut or stays silent.
async fn unheard(silent: bool) {
    let (start, cloud) = start(Setup::default()).await;
    let gate = silent.then(|| cloud.kakao.gate(post, When::After));
    if !silent {
        cloud.kakao.set_for("POST", Fault::LoseAnswers);
    }
    let exchange = cloud.says("alice", QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    drop(start);
    ends(&cloud).await;
    drop(gate);
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), ANSWER);
    assert_eq!(attempts(&cloud, &exchange), [ACCEPTED, REFUSED]);
    let paths: Vec<_> = cloud.kakao.seen().into_iter().map(|it| it.path).collect();
    assert!(paths.len() == 2 && paths[0] == paths[1], "{paths:?}");
    assert!(says_unconfirmed(&cloud));
    // The answer is mentioned and not shown again by itself, and can still be collected.
    cloud.kakao.heal();
    let next = cloud.says("alice", NEXT_QUESTION).await;
    cloud.agent.asked().await.answers(NEXT_ANSWER);
    let shown = delivered(&cloud.after_callback(&next).await);
    assert_eq!(shown, with_offer(NEXT_ANSWER, QUESTION));
    ends(&cloud).await;
    assert_eq!(collects(&cloud).await, ANSWER);
    assert_eq!(cloud.kakao.seen().len(), 3);
    assert_eq!(cloud.agent.times_asked(), 2);
}

#[test]
fn f25_f34_whoever_is_killed_at_any_step_the_person_reads_the_answer_once() {
    thread::scope(|scope| {
        for _ in 0..ROUNDS {
            // The cases that take longest start first.
            alone(scope, "left", || killed_before_queueing_and_left(false));
            alone(scope, "left for long", || {
                killed_before_queueing_and_left(true)
            });
            for gap in Gap::ALL {
                alone(scope, &format!("{gap:?}"), move || is_survived(gap));
            }
            alone(scope, "not stored", killed_before_storing);
            alone(scope, "repeated", killed_before_queueing_and_repeated);
            alone(scope, "not acknowledged", killed_before_acknowledging);
        }
        alone(scope, "again", comes_again_after_the_end);
    });
}

#[test]
fn f27_an_answer_that_was_taken_in_silence_is_not_sent_again_in_any_way() {
    thread::scope(|scope| {
        for _ in 0..ROUNDS {
            alone(scope, "cut off", || unheard(false));
            alone(scope, "silent", || unheard(true));
        }
    });
}
