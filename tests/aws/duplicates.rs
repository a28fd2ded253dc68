//! Requests that come many times at once, writes whose response is lost, calls that are throttled:
//! everything still happens once.

use std::collections::HashSet;

use emulator::{Exchange, Message};
use futures_util::future::join_all;
use local_lambda::fault::{Fault, Proxy};
use serde_json::Value;
use test_support::{
    canary::QUESTION,
    cloud::{Cloud, Setup, Store, delivered, now},
    keys::scope,
};

use crate::chat::{
    TRY_AGAIN, answer_to, is_acknowledged, screen, warm, with_agent, with_listening_agent,
};

const PROCESSES: usize = 4;
const COPIES: usize = 50;
const ROUNDS: usize = 3;

/// Sends a message and its copies at the same time, all with the same bytes and the same request
/// id. The original is the first of the exchanges.
async fn at_once(cloud: &Cloud, original: Message) -> Vec<Exchange> {
    // A copy names the exchange that it repeats. The emulator numbers exchanges in order, so the
    // number after this probe's is the original's.
    let probe = cloud.says("prober", "/상태").await;
    let before: usize = probe.id.strip_prefix('e').unwrap().parse().unwrap();
    let id = format!("e{}", before + 1);
    let copy = Message {
        repeat: Some(id.clone()),
        ..Message::default()
    };
    let copies = std::iter::repeat_n(copy, COPIES - 1);
    let all = std::iter::once(original).chain(copies);
    let exchanges = join_all(all.map(|message| cloud.sends(message))).await;
    assert_eq!(exchanges[0].id, id);
    let is_copy = |it: &Exchange| {
        (&it.request, &it.request_id) == (&exchanges[0].request, &exchanges[0].request_id)
    };
    assert!(exchanges.iter().all(is_copy));
    exchanges
}

async fn four_processes() -> Cloud {
    // The engine, because moto's conditional writes are not atomic.
    let cloud = Cloud::with(Setup {
        store: Store::Engine,
        webhooks: PROCESSES,
        ..Setup::default()
    })
    .await;
    warm(&cloud, PROCESSES).await;
    cloud
}

/// In each round one turn was opened, and the agent was asked once.
async fn had_one_effect_each(cloud: &Cloud) {
    cloud.until_idle().await;
    assert_eq!(cloud.webhook.sandboxes().len(), PROCESSES);
    assert_eq!(turns_handed_over(cloud).len(), ROUNDS);
    assert_eq!(cloud.agent.times_asked(), ROUNDS);
}

fn turns_handed_over(cloud: &Cloud) -> HashSet<String> {
    let seen = cloud.at_webhook.queue.seen().into_iter();
    let sent = seen.filter(|it| it.operation == "SendMessage");
    let turns = sent.map(|it| {
        let request: Value = serde_json::from_slice(&it.body).unwrap();
        let turn: Value = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
        turn["turn"].as_str().unwrap().to_owned()
    });
    turns.collect()
}

#[tokio::test]
async fn f32_fifty_identical_requests_over_four_processes_are_one_callback() {
    let cloud = four_processes().await;
    for round in 0..ROUNDS {
        let question = format!("{QUESTION} {round}");
        let message = Message::text(format!("person{round}"), &question);
        let exchanges = at_once(&cloud, message).await;
        let acknowledged = exchanges.iter().filter(|it| is_acknowledged(it)).count();
        let told = exchanges.iter().filter(|it| screen(it).contains(TRY_AGAIN));
        assert_eq!(acknowledged + told.count(), COPIES);
        assert!(acknowledged > 0);
        let asked = cloud.agent.asked().await;
        asked.answers(&answer_to(&question));
        let exchange = cloud.after_callback(&exchanges[0]).await;
        assert_eq!(delivered(&exchange), answer_to(&question));
    }
    had_one_effect_each(&cloud).await;
    assert_eq!(cloud.kakao.count("POST"), ROUNDS);
}

#[tokio::test]
async fn f32_fifty_identical_requests_over_four_processes_are_one_answer_without_a_callback() {
    let cloud = four_processes().await;
    with_agent(&cloud.agent, async {
        for round in 0..ROUNDS {
            let question = format!("{QUESTION} {round}");
            let message = Message {
                callback: Some(false),
                ..Message::text(format!("person{round}"), &question)
            };
            let exchanges = at_once(&cloud, message).await;
            let screens: Vec<_> = exchanges.iter().map(screen).collect();
            let answered = screens.iter().filter(|it| **it == answer_to(&question));
            let told = screens.iter().filter(|it| it.contains(TRY_AGAIN));
            let (answered, told) = (answered.count(), told.count());
            assert_eq!(answered + told, COPIES, "{screens:?}");
            assert!(answered > 0);
        }
        had_one_effect_each(&cloud).await;
    })
    .await;
    assert_eq!(cloud.kakao.count("POST"), 0);
}

/// The proxies before the stores and queues of both functions.
fn wires(cloud: &Cloud) -> [&Proxy; 4] {
    let (webhook, worker) = (&cloud.at_webhook, &cloud.at_worker);
    [&webhook.store, &webhook.queue, &worker.store, &worker.queue]
}

async fn approve_all(cloud: &Cloud) {
    let waiting = cloud.access.pending(&scope(), now()).await.unwrap();
    for request in waiting {
        let code = request.code.expose();
        let approved = cloud.access.approve(&scope(), code, now()).await;
        assert!(approved.unwrap().is_some());
    }
}

#[tokio::test]
async fn f104_when_every_first_write_loses_its_answer_all_goes_on_and_happens_once() {
    let stores = [Store::Engine, Store::Moto];
    join_all(stores.map(|store| async move {
        let cloud = Cloud::with(Setup {
            store,
            account: r#"dmPolicy: "pairing""#,
            ..Setup::default()
        })
        .await;
        for proxy in wires(&cloud) {
            proxy.set(Fault::LoseAnswers);
        }
        with_agent(&cloud.agent, every_flow_once(&cloud)).await;
    }))
    .await;
}

async fn every_flow_once(cloud: &Cloud) {
    let shown = screen(&cloud.says("alice", "안녕하세요").await);
    let waiting = cloud.access.pending(&scope(), now()).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert!(shown.contains(waiting[0].code.expose()), "{shown}");
    approve_all(cloud).await;

    let by_callback = format!("{QUESTION} 하나");
    let exchange = cloud.says("alice", &by_callback).await;
    assert!(is_acknowledged(&exchange), "{}", cloud.webhook.output());
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), answer_to(&by_callback));
    let at_once = format!("{QUESTION} 둘");
    let shown = screen(&cloud.says_without_callback("alice", &at_once).await);
    assert_eq!(shown, answer_to(&at_once));
    // The queue took both messages twice: the response to the first `SendMessage` was lost.
    cloud.until_idle().await;
    let queue = &cloud.at_webhook.queue;
    assert_eq!(queue.count("SendMessage"), 4);
    assert_eq!(cloud.agent.times_asked(), 2);
    let exchange = cloud.emulator.chatbot().exchange(&exchange.id).unwrap();
    assert_eq!(exchange.callback.unwrap().attempts.len(), 1);
    let counts = cloud.poller.counts();
    assert!(counts.deleted >= 4 && counts.failed == 0, "{counts:?}");

    let sender = waiting[0].sender.clone();
    assert!(
        cloud
            .access
            .is_approved(&scope(), &sender, now())
            .await
            .unwrap()
    );
    let shown = screen(&cloud.says("alice", "/내정보삭제").await);
    assert!(shown.contains("모두 지웠어요"), "{shown}");
    assert!(
        !cloud
            .access
            .is_approved(&scope(), &sender, now())
            .await
            .unwrap()
    );
    assert!(screen(&cloud.says("alice", "답변 확인").await).contains("승인 코드"));
    let dead = cloud.dead_letters.depth().await.unwrap();
    assert_eq!((dead.visible, dead.in_flight), (0, 0));
    assert!(wires(cloud).iter().all(|proxy| lost(proxy) > 0));
}

/// How many writes came again with the same bytes, because the response to the first was lost.
fn lost(proxy: &Proxy) -> usize {
    let mut writes = proxy.seen();
    writes.retain(|seen| !seen.operation.starts_with("Get"));
    writes.sort_by(|one, other| one.body.cmp(&other.body));
    let pairs = writes.windows(2);
    pairs.filter(|pair| pair[0].body == pair[1].body).count()
}

#[tokio::test]
async fn f105_when_every_fifth_call_is_throttled_nothing_is_lost_or_happens_twice() {
    let cloud = Cloud::with(Setup {
        webhooks: 2,
        ..Setup::default()
    })
    .await;
    for proxy in wires(&cloud) {
        proxy.set(Fault::Throttle { every: 5 });
    }
    let asking = async {
        let taken = join_all((0..12).map(|number| one_question(&cloud, number))).await;
        cloud.until_idle().await;
        taken
    };
    let (taken, questions) = with_listening_agent(&cloud.agent, asking).await;
    let taken = taken.into_iter().filter(|taken| *taken).count();
    let once: HashSet<_> = questions.iter().collect();
    assert_eq!(once.len(), questions.len(), "{questions:?}");
    assert!(0 < taken && taken <= once.len(), "{taken} of {questions:?}");
    assert!(wires(&cloud).iter().all(|proxy| proxy.seen().len() >= 10));
    let dead = cloud.dead_letters.depth().await.unwrap();
    assert_eq!((dead.visible, dead.in_flight), (0, 0));
}

/// Asks one question; returns whether it was acknowledged. If so, its answer must come through the
/// callback, once; otherwise the person must be asked to try again.
async fn one_question(cloud: &Cloud, number: usize) -> bool {
    let (person, question) = (format!("person{number}"), format!("{QUESTION} {number}"));
    let exchange = cloud.says(&person, &question).await;
    if !is_acknowledged(&exchange) {
        let shown = screen(&exchange);
        assert!(shown.contains(TRY_AGAIN), "{shown}");
        return false;
    }
    let exchange = cloud.after_callback(&exchange).await;
    assert_eq!(delivered(&exchange), answer_to(&question));
    let callback = exchange.callback.unwrap();
    let accepted = callback.attempts.iter().filter(|it| it.status == Some(200));
    assert_eq!(accepted.count(), 1, "{:?}", callback.attempts);
    true
}
