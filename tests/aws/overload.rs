//! Overload: a flood of requests without the key, an agent that is down, a queue that nobody
//! empties.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, http::header::CONTENT_TYPE, routing::post};
use emulator::Exchange;
use futures_util::{StreamExt, future::join_all, stream};
use local_lambda::poller::{self, Counts};
use serde_json::json;
use test_support::{
    canary::{ANSWER, QUESTION},
    cloud::{Cloud, Setup, delivered},
};
use tokio::{net::TcpSocket, task::JoinSet};

use crate::chat::{
    answer_to, is_acknowledged, is_told_to_try_again, screen, taken, warm, with_agent,
};

const BUSY: &str = "지금은 메시지가 많이 밀려 있어요";
const UNREACHABLE: &str = "지금은 답변할 수 없어요";
const TOO_SLOW: &str = "답변이 너무 오래 걸려 중단했어요";
const SECOND: Duration = Duration::from_secs(1);

/// Sends requests without the right key, sixteen at a time, which is more than there are processes.
/// All must get 401.
async fn knock(cloud: &Cloud, times: usize, body: &str) {
    const AT_ONCE: usize = 16;
    #[expect(
        clippy::disallowed_methods,
        reason = "it plays the outside, and the guarded client refuses loopback"
    )]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let requests = (0..times).map(async |number| {
        let path = ["/kakao/webhook", "/kakao/webhook/nobody"][number % 2];
        let request = client
            .post(format!("{}{path}", cloud.gateway.url))
            .header("content-type", "application/json")
            .header("x-request-id", format!("stranger-{number}"));
        let request = match number % 3 {
            0 => request,
            1 => request.header("x-dari-skill-key", ""),
            _ => request.header("x-dari-skill-key", format!("a-guess-that-is-long-{number}")),
        };
        let answer = request.body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    });
    let knocking = stream::iter(requests).buffer_unordered(AT_ONCE);
    knocking.collect::<Vec<()>>().await;
}

#[tokio::test]
async fn f132_f75_a_flood_of_strangers_costs_no_write_no_hand_over_and_keeps_nobody_out() {
    const PROCESSES: usize = 4;
    let cloud = Cloud::with(Setup {
        webhooks: PROCESSES,
        ..Setup::default()
    })
    .await;
    warm(&cloud, PROCESSES).await;
    let first = (0..PROCESSES).map(async |number| {
        let exchange = taken(&cloud, &format!("early{number}"), QUESTION).await;
        delivered(&cloud.after_callback(&exchange).await);
        exchange
    });
    let first = with_agent(&cloud.agent, join_all(first)).await;
    cloud.until_idle().await;
    assert_eq!(cloud.webhook.sandboxes().len(), PROCESSES);
    let body = first[0].request.to_string();
    let wires = &cloud.at_webhook;
    let secret_reads = || wires.secrets.count("GetSecretValue");
    assert_eq!(secret_reads(), PROCESSES, "one at each start");

    let (store, queue) = (wires.store.seen().len(), wires.queue.seen().len());
    let good = async {
        for number in 0..10 {
            let exchange = cloud.says(&format!("good{number}"), "/상태").await;
            assert!(screen(&exchange).contains("준비 중인 답변 0개"));
        }
    };
    tokio::join!(knock(&cloud, 500, &body), good);
    let since = wires.store.seen().split_off(store);
    assert!(since.iter().all(|seen| seen.operation == "GetItem"));
    assert_eq!(wires.queue.seen().len(), queue);
    assert_eq!(secret_reads(), PROCESSES);

    // Half a minute after it last read the secret, each process reads it once more, and no more
    // often.
    let mut every_second = tokio::time::interval(SECOND);
    while secret_reads() == PROCESSES {
        every_second.tick().await;
        knock(&cloud, 1, &body).await;
    }
    let store = wires.store.seen().len();
    knock(&cloud, 500, &body).await;
    assert!(secret_reads() <= 2 * PROCESSES);
    assert_eq!(wires.store.seen().len(), store);
    assert_eq!(wires.queue.seen().len(), queue);
    let exchange = taken(&cloud, "late", QUESTION).await;
    let answered = with_agent(&cloud.agent, cloud.after_callback(&exchange)).await;
    assert_eq!(delivered(&answered), answer_to(QUESTION));
}

/// How often the breaker was opened, according to the worker's log.
fn times_down(cloud: &Cloud) -> usize {
    cloud.worker.output().matches("the agent is down").count()
}

/// Takes the next message from the queue in place of the poller; returns how long the worker took
/// with it.
async fn invocation(cloud: &Cloud) -> Duration {
    let message = loop {
        let mut received = cloud.queue.receive(1, 1, None).await.unwrap();
        if let Some(message) = received.pop() {
            break message;
        }
    };
    let event = poller::event(&message, &cloud.queue.arn());
    let start = Instant::now();
    let answer = cloud.worker.invoke(event).await.unwrap();
    let took = start.elapsed();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    cloud.queue.delete(&message.receipt_handle).await.unwrap();
    took
}

/// The breaker opened after `start`, and the agent would answer again by now; `calls` counts what
/// it has got since. Half a minute later the breaker lets one question through. That three of these
/// close it is shown by the breaker's own tests, where the clock can be moved.
async fn only_a_probe_gets_through(cloud: &Cloud, start: Instant, calls: impl Fn() -> usize) {
    assert_eq!(times_down(cloud), 1);
    cloud.poller.pause().await;
    let mut took = Vec::new();
    for number in 0..5 {
        let person = format!("unheard{number}");
        let asking = cloud.says_without_callback(&person, QUESTION);
        let (exchange, invocation) = tokio::join!(asking, invocation(cloud));
        assert!(screen(&exchange).contains(UNREACHABLE));
        took.push(invocation);
    }
    took.sort();
    assert!(took[2] <= Duration::from_millis(300), "{took:?}");
    assert_eq!(calls(), 0);
    cloud.poller.resume();

    let mut every_second = tokio::time::interval(SECOND);
    for number in 0..60 {
        every_second.tick().await;
        let person = format!("hopeful{number}");
        let shown = screen(&cloud.says_without_callback(&person, QUESTION).await);
        if shown.contains(ANSWER) {
            break;
        }
        assert!(shown.contains(UNREACHABLE), "{shown}");
        assert_eq!(calls(), 0);
    }
    assert!(start.elapsed() >= Duration::from_secs(30));
    let shown = screen(&cloud.says_without_callback("next", QUESTION).await);
    assert!(shown.contains(UNREACHABLE), "{shown}");
    assert_eq!((calls(), times_down(cloud)), (1, 1));
}

#[tokio::test]
async fn f133_an_agent_that_refuses_ten_calls_is_left_alone_for_half_a_minute() {
    // The port is bound and nobody listens: calls are refused, and no other process can take the
    // port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let cloud = Cloud::with(Setup {
        agent_url: Some(format!("http://{}", socket.local_addr().unwrap())),
        webhooks: 3,
        workers: 3,
        ..Setup::default()
    })
    .await;
    warm(&cloud, 3).await;
    let ask = async |number: usize| {
        let person = format!("person{number}");
        let shown = screen(&cloud.says_without_callback(&person, QUESTION).await);
        assert!(shown.contains(UNREACHABLE), "{shown}");
    };
    join_all((0..9).map(&ask)).await;
    assert_eq!(times_down(&cloud), 0);
    let start = Instant::now();
    ask(9).await;

    let calls = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    let router = agent_that_is_back(Arc::clone(&calls));
    let listener = socket.listen(16).unwrap();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    only_a_probe_gets_through(&cloud, start, || calls.load(Ordering::SeqCst)).await;
    let failed = cloud
        .worker
        .output()
        .matches("the agent did not answer")
        .count();
    assert_eq!(failed, 10);
}

fn agent_that_is_back(calls: Arc<AtomicUsize>) -> Router {
    let answer = json!({ "object": "chat.completion.chunk", "choices": [{ "index": 0, "delta": { "content": ANSWER }, "finish_reason": "stop" }] });
    let stream = format!("data: {answer}\n\ndata: [DONE]\n\n");
    let complete = async move || {
        calls.fetch_add(1, Ordering::SeqCst);
        ([(CONTENT_TYPE, "text/event-stream")], stream)
    };
    Router::new().route("/v1/chat/completions", post(complete))
}

#[tokio::test]
async fn f133_an_agent_that_hangs_in_ten_calls_is_left_alone_for_half_a_minute() {
    let cloud = Cloud::with(Setup {
        agent: "timeoutSeconds: 5",
        webhooks: 3,
        workers: 5,
        ..Setup::default()
    })
    .await;
    warm(&cloud, 3).await;
    let start = Instant::now();
    let told = (0..10).map(async |number| {
        let exchange = taken(&cloud, &format!("person{number}"), QUESTION).await;
        let shown = delivered(&cloud.after_callback(&exchange).await);
        assert!(shown.contains(TOO_SLOW), "{shown}");
    });
    join_all(told).await;
    // The questions are kept, because dropping one would answer it with an error.
    let mut hung = Vec::new();
    for _ in 0..10 {
        hung.push(cloud.agent.asked().await);
    }
    let calls = || cloud.agent.times_asked() - hung.len();
    let probing = only_a_probe_gets_through(&cloud, start, calls);
    with_agent(&cloud.agent, probing).await;
}

#[tokio::test]
async fn f134_while_nobody_empties_the_queue_new_messages_are_turned_away_and_old_ones_not_wasted()
{
    const PROCESSES: usize = 2;
    let cloud = Cloud::with(Setup {
        webhooks: PROCESSES,
        workers: 4,
        polls: false,
        ..Setup::default()
    })
    .await;
    warm(&cloud, PROCESSES).await;
    let mut pace = tokio::time::interval(Duration::from_millis(1_250));
    let mut sent = Vec::new();
    for number in 0..50 {
        pace.tick().await;
        let (one, other) = (format!("one{number}"), format!("other{number}"));
        let (one, other) = tokio::join!(cloud.says(&one, &one), cloud.says(&other, &other));
        sent.extend([one, other]);
    }
    assert_eq!(cloud.webhook.sandboxes().len(), PROCESSES);
    let first = sent[0].sent_at;
    let sent_between = |from: i64, to: i64| {
        let wanted = (from * 1_000)..(to * 1_000);
        let sent = sent.iter();
        sent.filter(move |it| wanted.contains(&(it.sent_at - first)))
    };
    let is_busy = |it: &&Exchange| screen(it).contains(BUSY);
    assert_eq!(sent_between(0, 40).filter(is_busy).count(), 0);
    // From 42 s, not 40 s: the first turns were opened a moment after their messages were sent.
    let turned_away = sent_between(42, 70).filter(is_busy).count();
    let scouts = sent_between(42, 70).count() - turned_away;
    assert!(
        scouts <= PROCESSES && turned_away > 15,
        "{scouts} {turned_away}"
    );
    let admitted: Vec<_> = sent.iter().filter(|it| is_acknowledged(it)).collect();
    let told = sent.iter().filter(|it| is_told_to_try_again(it)).count();
    assert!(admitted.len() > 50);
    // A message whose sender was asked to try again may be in the queue too: a hand-over that took
    // too long may still have succeeded.
    let queued = cloud.queue.depth().await.unwrap().visible;
    assert!((admitted.len()..=admitted.len() + told).contains(&usize::try_from(queued).unwrap()));

    cloud.poller.resume();
    with_agent(&cloud.agent, async {
        let is_done = |counts: Counts| counts.deleted >= queued;
        cloud.poller.until(is_done).await;
        cloud.until_idle().await;
        assert!(cloud.agent.times_asked() >= admitted.len());
        let late = (0..2 * PROCESSES).map(async |number| {
            let person = format!("late{number}");
            let exchange = taken(&cloud, &person, &person).await;
            let exchange = cloud.after_callback(&exchange).await;
            assert_eq!(delivered(&exchange), answer_to(&person));
        });
        join_all(late).await;
    })
    .await;
    let ends = join_all(admitted.iter().map(|it| end_of(&cloud, it))).await;
    let count = |end: End| ends.iter().filter(|it| **it == end).count();
    let (posted, collected, wasted) = (
        count(End::Posted),
        count(End::Collected),
        count(End::Nowhere),
    );
    assert!(posted > 0 && collected > 0, "{posted} {collected} {wasted}");
    let unheard = wasted + cloud.agent.times_asked() - admitted.len() - 2 * PROCESSES;
    assert!(
        unheard * 20 <= admitted.len(),
        "{unheard} of {}",
        admitted.len()
    );
}

/// How the answer to a question reached its person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Posted,
    /// Too late for the callback; the person collected it.
    Collected,
    Nowhere,
}

async fn end_of(cloud: &Cloud, exchange: &Exchange) -> End {
    let exchange = cloud.emulator.chatbot().exchange(&exchange.id).unwrap();
    let callback = exchange.callback.as_ref().unwrap();
    let is_in_time = |at_ms: i64| at_ms < callback.expires_at_ms;
    let attempts = &callback.attempts;
    assert!(
        attempts.iter().all(|it| is_in_time(it.at_ms)),
        "{attempts:?}"
    );
    let answer = answer_to(&exchange.user);
    if callback.delivered && delivered(&exchange) == answer {
        return End::Posted;
    }
    let collected = cloud
        .says_without_callback(&exchange.user, "답변 확인")
        .await;
    if screen(&collected) == answer {
        End::Collected
    } else {
        End::Nowhere
    }
}
