//! Several workers have the same turn. Only the one that holds the lease works on it, one that lost
//! the lease changes nothing, and the person sees one answer.

use std::{collections::HashSet, thread, time::Duration};

use emulator::{Exchange, Outcome};
use futures_util::{StreamExt, future::join_all, stream};
use local_lambda::{
    fault::{Gate, Seen, When},
    poller::event,
    sandbox::Sandbox,
};
use serde_json::{Value, json};
use shared::turn::budget;
use test_support::{
    agent::Asked,
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, delivered, now},
};

use crate::outcome::{
    ACCEPTED, NOTHING, REFUSED, alone, attempts, collects, ends, post, put, says_unconfirmed,
    start, worker,
};

const NEXT_QUESTION: &str = "카나리아질문 하나 더";
const FIRST_ANSWER: &str = "카나리아답변 첫째";
const SECOND_ANSWER: &str = "카나리아답변 둘째";
/// How often each case runs; two cores stand no more.
const ROUNDS: usize = 2;

/// Where the first worker is frozen until the second has finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The agent has the question.
    Asking,
    /// The answer is on its way to the table.
    Storing,
    /// The answer is stored, and the worker has not been told.
    Stored,
    /// The worker has been told, and waits until the callback may be posted.
    Waiting,
    /// The callback post is on its way to Kakao.
    Posting,
    /// Kakao took the post, and its response is on the way back.
    Posted,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Asking,
        Self::Storing,
        Self::Stored,
        Self::Waiting,
        Self::Posting,
        Self::Posted,
    ];
}

/// A worker that is frozen in the middle of a turn.
struct Frozen {
    exchange: Exchange,
    worker: Sandbox,
    /// The idempotency key of the question.
    key: String,
    /// The question, if the worker still waits for its answer.
    asked: Option<Asked>,
    /// The gate that holds the worker's request, if it has one on the way.
    gate: Option<Gate>,
}

/// Alice asks, and the worker is frozen at this step. Without an answer the agent fails.
async fn frozen_at(step: Step, answer: Option<&str>, cloud: &Cloud) -> Frozen {
    let (store, kakao) = (&cloud.at_worker.store, &cloud.kakao);
    let exchange = cloud.says("alice", QUESTION).await;
    assert_eq!(exchange.outcome, Outcome::Waiting, "{exchange:?}");
    let asked = cloud.agent.asked().await;
    let worker = worker(cloud).await;
    let key = asked.idempotency_key.clone();
    let gate = match step {
        Step::Asking => {
            freeze(&worker).await;
            return Frozen {
                exchange,
                worker,
                key,
                asked: Some(asked),
                gate: None,
            };
        }
        Step::Storing => store.gate(put, When::Before),
        Step::Stored | Step::Waiting => store.gate(put, When::After),
        Step::Posting => kakao.gate(post, When::Before),
        Step::Posted => kakao.gate(post, When::After),
    };
    match answer {
        Some(answer) => asked.answers(answer),
        None => drop(asked),
    }
    gate.reached().await;
    let gate = match step {
        Step::Waiting => {
            gate.release();
            // Nothing shows when the worker has been told that the answer is stored. Wherever it is
            // frozen around this time, what is asserted afterwards holds.
            tokio::time::sleep(skill_webhook::budget::SETTLE / 2).await;
            None
        }
        _ => Some(gate),
    };
    freeze(&worker).await;
    Frozen {
        exchange,
        worker,
        key,
        asked: None,
        gate,
    }
}

async fn freeze(worker: &Sandbox) {
    worker.freeze();
    until(|| worker.is_frozen().unwrap()).await;
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The first worker is thawed when the second has finished the turn; it changes neither the table
/// nor what the person sees.
async fn thawed_after_the_end(step: Step) {
    let (start, cloud) = start(Setup::default()).await;
    let Frozen {
        exchange,
        worker,
        key,
        asked: _never_answered,
        gate,
    } = frozen_at(step, Some(FIRST_ANSWER), &cloud).await;
    drop(start);

    let asks_again = matches!(step, Step::Asking | Step::Storing);
    let shown = if asks_again {
        let again = cloud.agent.asked().await;
        assert_eq!(again.idempotency_key, key);
        again.answers(SECOND_ANSWER);
        SECOND_ANSWER
    } else {
        FIRST_ANSWER
    };
    while !cloud.turns.unfinished(now()).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    cloud.poller.until(|counts| counts.in_flight() == 1).await;
    let end = cloud.dump().await;

    if let Some(gate) = gate {
        gate.release();
    }
    match step {
        Step::Storing => until(|| a_write_was_refused(&cloud)).await,
        Step::Posting => until(|| attempts(&cloud, &exchange).len() == 2).await,
        _ => {}
    }
    assert!(worker.is_frozen().unwrap());
    worker.thaw();
    cloud.poller.until(|counts| counts.in_flight() == 0).await;
    assert_eq!(cloud.dump().await, end);
    let posts = attempts(&cloud, &exchange);
    match step {
        Step::Asking | Step::Storing => assert_eq!(posts, [ACCEPTED]),
        Step::Stored | Step::Waiting => assert!(
            [&[ACCEPTED][..], &[ACCEPTED, REFUSED]].contains(&&posts[..]),
            "{posts:?}"
        ),
        Step::Posting | Step::Posted => assert_eq!(posts, [ACCEPTED, REFUSED]),
    }
    assert_eq!(says_unconfirmed(&cloud), step == Step::Posted);
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), shown);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), posts);
    let times = if asks_again { 2 } else { 1 };
    assert_eq!(cloud.agent.times_asked(), times);
    let collected = if step == Step::Posted { shown } else { NOTHING };
    assert_eq!(collects(&cloud).await, collected);
}

fn a_write_was_refused(cloud: &Cloud) -> bool {
    let refused = "ConditionalCheckFailedException";
    let bodies = cloud.at_worker.store.bodies();
    bodies
        .iter()
        .any(|body| String::from_utf8_lossy(body).contains(refused))
}

/// The first worker's write, an answer or an apology, reaches the table while the second worker
/// still waits for the agent.
async fn stored_in_the_middle(answer: Option<&str>) {
    let (start, cloud) = start(Setup::default()).await;
    let first = frozen_at(Step::Storing, answer, &cloud).await;
    drop(start);
    let failed = cloud.worker.output().contains("the agent did not answer");
    assert_eq!(failed, answer.is_none());
    let second = cloud.agent.asked().await;
    assert_eq!(second.idempotency_key, first.key);
    first.gate.unwrap().release();
    until(|| a_write_was_refused(&cloud)).await;
    first.worker.thaw();
    cloud.poller.until(|counts| counts.in_flight() == 1).await;
    assert!(cloud.kakao.seen().is_empty());
    let unfinished = cloud.turns.unfinished(now()).await.unwrap();
    assert_eq!(unfinished.len(), 1);

    second.answers(SECOND_ANSWER);
    let exchange = cloud.after_callback(&first.exchange).await;
    assert_eq!(delivered(&exchange), SECOND_ANSWER);
    ends(&cloud).await;
    assert_eq!(attempts(&cloud, &exchange), [ACCEPTED]);
    assert_eq!(cloud.agent.times_asked(), 2);
    assert_eq!(collects(&cloud).await, NOTHING);
    let next = cloud.says("alice", NEXT_QUESTION).await;
    cloud.agent.asked().await.answers(ANSWER);
    assert_eq!(delivered(&cloud.after_callback(&next).await), ANSWER);
}

const TURNS: usize = 30;
const WORKERS: usize = 3;
const AT_ONCE: usize = 3;

/// Gives one queue message to three workers at once. Gates hold their reads, so that all three have
/// read the conversation before one writes to it, unless one is too slow to arrive in 300 ms.
async fn delivered_thrice(cloud: &Cloud) {
    let message = cloud.queue.receive(1, 5, None).await.unwrap().remove(0);
    let turn: Value = serde_json::from_str(&message.body).unwrap();
    let conversation = turn["conversation"].as_str().unwrap();
    let gates = (0..WORKERS).map(|_| {
        let conversation = conversation.to_owned();
        let reads = move |seen: &Seen| seen.operation == "GetItem" && seen.says(&conversation);
        cloud.at_worker.store.gate(reads, When::After)
    });
    let gates: Vec<_> = gates.collect();
    let event = event(&message, &cloud.queue.arn());
    let working = (0..WORKERS).map(|_| cloud.worker.invoke(event.clone()));
    let (answers, ()) = tokio::join!(join_all(working), async {
        // Shorter than the workers' own time limit for a read.
        let all = join_all(gates.iter().map(Gate::reached));
        let _ = tokio::time::timeout(Duration::from_millis(300), all).await;
        gates.into_iter().for_each(Gate::release);
    });
    // On a busy machine a worker may give its delivery back. That does no harm as long as another
    // has dealt with the turn.
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let done = json!({ "batchItemFailures": [] });
    assert!(answers.contains(&done), "{answers:?}");
}

async fn delivered_to_three_at_once() {
    let (start, cloud) = start(Setup {
        workers: WORKERS * AT_ONCE,
        polls: false,
        ..Setup::default()
    })
    .await;
    let mut exchanges = Vec::new();
    for person in 0..TURNS {
        let exchange = cloud.says(&format!("person-{person}"), QUESTION).await;
        assert_eq!(exchange.outcome, Outcome::Waiting, "{exchange:?}");
        exchanges.push(exchange);
    }
    drop(start);

    let turns = (0..TURNS).map(|_| delivered_thrice(&cloud));
    let working = stream::iter(turns).buffer_unordered(AT_ONCE);
    let answering = async {
        let mut keys = HashSet::new();
        while keys.len() < TURNS {
            let asked = cloud.agent.asked().await;
            assert!(keys.insert(asked.idempotency_key.clone()), "asked twice");
            asked.answers(ANSWER);
        }
    };
    tokio::join!(working.collect::<()>(), answering);
    // The workers without the lease have sent the turn to the queue again, delayed until the lease
    // would have run out.
    let copies = cloud.at_worker.queue.count("SendMessage");
    assert!(copies > TURNS, "{copies}");
    // These copies, and the first messages, which nobody has deleted, now reach workers that find
    // nothing to do.
    cloud.poller.resume();
    ends(&cloud).await;
    for exchange in exchanges {
        let exchange = cloud.after_callback(&exchange).await;
        assert_eq!(delivered(&exchange), ANSWER);
        assert_eq!(attempts(&cloud, &exchange), [ACCEPTED]);
    }
    assert_eq!(cloud.agent.times_asked(), TURNS);
    assert_eq!(cloud.at_worker.queue.count("SendMessage"), copies);
}

/// For as long as a worker lives, no other gets its queue message; and Alice's next question, if
/// she has one, waits.
async fn held_for_long(next: Option<&str>) {
    let (start, cloud) = start(Setup::default()).await;
    let exchange = cloud.says("alice", QUESTION).await;
    let asked = cloud.agent.asked().await;
    worker(&cloud).await;
    let queue = &cloud.at_worker.queue;
    let body = |seen: &Seen| -> Value { serde_json::from_slice(&seen.body).unwrap() };
    let is_hold = |seen: &&Seen| seen.operation == "ChangeMessageVisibility";
    let message = body(queue.seen().iter().find(is_hold).unwrap())["ReceiptHandle"].clone();
    let next = match next {
        Some(next) => Some(cloud.says("alice", next).await),
        None => None,
    };
    drop(start);
    let hold = |seen: &&Seen| {
        is_hold(seen)
            && body(seen)["ReceiptHandle"] == message
            && body(seen)["VisibilityTimeout"] == budget::LEASE.as_secs()
    };
    // After five holds the message has been invisible for longer than a single hold lasts.
    queue
        .until(|seen| seen.iter().filter(hold).count() == 5)
        .await;
    assert_eq!(cloud.agent.times_asked(), 1);
    if next.is_none() {
        assert_eq!(cloud.poller.counts().received, 1);
    }
    asked.answers(FIRST_ANSWER);
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), FIRST_ANSWER);
    assert_eq!(attempts(&cloud, &exchange), [ACCEPTED]);
    if let Some(next) = &next {
        cloud.agent.asked().await.answers(SECOND_ANSWER);
        let next = cloud.after_callback(next).await;
        assert_eq!(delivered(&next), SECOND_ANSWER);
        assert_eq!(attempts(&cloud, &next), [ACCEPTED]);
    }
    ends(&cloud).await;
    let questions = if next.is_some() { 2 } else { 1 };
    assert_eq!(cloud.agent.times_asked(), questions);
}

#[test]
fn f28_a_turn_that_many_workers_have_is_answered_by_one_of_them() {
    thread::scope(|scope| {
        alone(scope, "three at once", delivered_to_three_at_once);
        alone(scope, "held", || held_for_long(None));
        alone(scope, "held before another", || {
            held_for_long(Some(NEXT_QUESTION))
        });
    });
}

#[test]
fn f29_f35_a_worker_that_stood_still_for_longer_than_its_lease_changes_nothing() {
    thread::scope(|scope| {
        for _ in 0..ROUNDS {
            for step in Step::ALL {
                alone(scope, &format!("{step:?}"), move || {
                    thawed_after_the_end(step)
                });
            }
            alone(scope, "late answer", || {
                stored_in_the_middle(Some(FIRST_ANSWER))
            });
            alone(scope, "late failure", || stored_in_the_middle(None));
        }
    });
}
