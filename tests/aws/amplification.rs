//! A dependency that is down gets at most twice the calls that it gets when all is well (F-136).
//! The proxy before it counts them, with the same requests from people in both cases.

use std::time::Duration;

use emulator::Exchange;
use futures_util::future::join_all;
use local_lambda::fault::{Fault, Proxy};
use shared::turn::budget;
use test_support::{
    agent::{Asked, ScriptedAgent},
    canary::QUESTION,
    cloud::{Cloud, Setup, Wires, delivered},
};
use tokio::time::sleep;

use crate::chat::{answer_to, is_acknowledged, is_told_to_try_again, taken, warm, with_agent};

const OUTAGES: [Fault; 3] = [Fault::Refuse, Fault::Hang, Fault::Throttle { every: 1 }];
const AGENT_FAILED: &str = "답변을 준비하다가 문제가 생겼어요";
/// How long an outage lasts (faults.md §7.15).
const LONG: Duration = Duration::from_mins(1);

/// How many calls one function made to its store and to its queue.
#[derive(Clone, Copy, Debug)]
struct Calls {
    store: usize,
    queue: usize,
}

impl Calls {
    async fn during(wires: &Wires, doing: impl Future<Output = ()>) -> Self {
        let so_far = || [&wires.store, &wires.queue].map(|proxy| proxy.seen().len());
        let before = so_far();
        doing.await;
        let after = so_far();
        Self {
            store: after[0] - before[0],
            queue: after[1] - before[1],
        }
    }

    fn assert_at_most_twice(self, healthy: Self, what: &str) {
        let is_fine = self.store <= 2 * healthy.store && self.queue <= 2 * healthy.queue;
        assert!(
            is_fine,
            "{what}: {self:?}, and {healthy:?} when all is well"
        );
    }
}

#[tokio::test]
async fn f136_the_webhook_calls_what_is_down_at_most_twice_as_often() {
    let cloud = Cloud::with(Setup {
        polls: false,
        ..Setup::default()
    })
    .await;
    warm(&cloud, 1).await;
    let wires = &cloud.at_webhook;
    let ask = async |name: String, is_well: bool| {
        for number in 0..5 {
            let exchange = cloud.says(&format!("{name}{number}"), QUESTION).await;
            assert_eq!(is_acknowledged(&exchange), is_well, "{exchange:?}");
            assert!(is_well || is_told_to_try_again(&exchange));
        }
    };
    ask("early".to_owned(), true).await;
    let healthy = Calls::during(wires, ask("healthy".to_owned(), true)).await;
    assert_eq!((healthy.store, healthy.queue), (10, 5));
    for fault in OUTAGES {
        for (place, proxy) in [("store", &wires.store), ("queue", &wires.queue)] {
            let what = format!("{place} {fault:?}");
            proxy.set(fault);
            let calls = Calls::during(wires, ask(what.clone(), false)).await;
            proxy.heal();
            calls.assert_at_most_twice(healthy, &what);
        }
    }
    ask("late".to_owned(), true).await;
}

const WORKERS: usize = 3;

async fn cloud_with_workers() -> Cloud {
    let cloud = Cloud::with(Setup {
        webhooks: WORKERS,
        workers: WORKERS,
        ..Setup::default()
    })
    .await;
    warm(&cloud, WORKERS).await;
    cloud
}

/// A cloud for each kind of outage. They start one after the other, because so many processes that
/// start at once would be too slow for Kakao's deadline.
async fn three_clouds() -> Vec<Cloud> {
    let mut clouds = Vec::new();
    for _ in OUTAGES {
        clouds.push(cloud_with_workers().await);
    }
    clouds
}

/// As many people ask as there are workers; returns when the agent has all their questions.
async fn asked(cloud: &Cloud, name: &str) -> (Vec<Exchange>, Vec<Asked>) {
    let asking = (0..WORKERS).map(async |number| {
        let person = format!("{name}{number}");
        taken(cloud, &person, &person).await
    });
    let exchanges = join_all(asking).await;
    let mut asked = Vec::new();
    for _ in 0..WORKERS {
        asked.push(cloud.agent.asked().await);
    }
    (exchanges, asked)
}

fn answer(asked: Vec<Asked>) {
    for asked in asked {
        let answer = answer_to(asked.text());
        asked.answers(&answer);
    }
}

async fn are_delivered(cloud: &Cloud, exchanges: &[Exchange]) {
    let delivered = exchanges.iter().map(async |exchange| {
        let exchange = cloud.after_callback(exchange).await;
        assert_eq!(delivered(&exchange), answer_to(&exchange.user));
    });
    join_all(delivered).await;
    cloud.until_idle().await;
}

#[tokio::test]
async fn f136_a_worker_calls_a_queue_that_is_down_at_most_twice_as_often() {
    let clouds = three_clouds().await;
    join_all(OUTAGES.iter().zip(&clouds).map(async |(&fault, cloud)| {
        let wires = &cloud.at_worker;
        // Each worker holds its queue message twice in this time, even if the first time hangs for
        // as long as the worker has patience.
        let ask = async |name: &str| {
            let (exchanges, asked) = asked(cloud, name).await;
            sleep(budget::RENEW + turn_worker::PATIENCE + Duration::from_secs(1)).await;
            answer(asked);
            are_delivered(cloud, &exchanges).await;
        };
        let (exchanges, early) = asked(cloud, "early").await;
        answer(early);
        are_delivered(cloud, &exchanges).await;
        let healthy = Calls::during(wires, ask("healthy")).await;
        assert_eq!(healthy.queue, 2 * WORKERS);
        wires.queue.set(fault);
        let calls = Calls::during(wires, ask("outage")).await;
        calls.assert_at_most_twice(healthy, &format!("{fault:?}"));
        assert!(calls.queue > healthy.queue, "{calls:?}");
    }))
    .await;
}

/// The store is away for this long, from the moment when the agent has all the questions.
async fn away_before_the_answers(cloud: &Cloud, fault: Fault, outage: Duration) -> Vec<Exchange> {
    let wires = &cloud.at_worker;
    let ask = async |name: &str| {
        let (exchanges, asked) = asked(cloud, name).await;
        answer(asked);
        are_delivered(cloud, &exchanges).await;
    };
    ask("early").await;
    let healthy = Calls::during(wires, ask("healthy")).await;
    let (exchanges, asked) = asked(cloud, "outage").await;
    let away = async {
        wires.store.set(fault);
        answer(asked);
        sleep(outage).await;
        wires.store.heal();
    };
    let calls = Calls::during(wires, away).await;
    assert!(calls.store > 4 * WORKERS, "{fault:?}: {calls:?}");
    // The queue is not down, and gets more calls because workers hold their messages for longer.
    let of_store = Calls { queue: 0, ..calls };
    of_store.assert_at_most_twice(healthy, &format!("{fault:?}"));
    exchanges
}

#[tokio::test]
async fn f136_a_worker_with_an_answer_calls_a_store_that_is_down_at_most_twice_as_often() {
    let clouds = three_clouds().await;
    let away = OUTAGES.iter().zip(&clouds);
    join_all(away.map(|(fault, cloud)| away_before_the_answers(cloud, *fault, LONG))).await;
}

#[tokio::test]
async fn f136_an_answer_outlasts_a_store_that_is_away_for_as_long_as_a_lease() {
    let cloud = cloud_with_workers().await;
    let exchanges = away_before_the_answers(&cloud, Fault::Refuse, budget::LEASE).await;
    are_delivered(&cloud, &exchanges).await;
    assert_eq!(cloud.agent.times_asked(), 3 * WORKERS);
    assert_eq!(cloud.kakao.count("POST"), 3 * WORKERS);
}

#[tokio::test]
async fn f136_an_agent_that_is_down_is_called_once_for_each_question() {
    let agent = ScriptedAgent::start().await;
    let way = Proxy::before(&agent.url).unwrap();
    let cloud = Cloud::with(Setup {
        agent_url: Some(way.url.clone()),
        webhooks: WORKERS,
        workers: WORKERS,
        ..Setup::default()
    })
    .await;
    warm(&cloud, WORKERS).await;
    let ask = async |name: &str| {
        let shown = (0..WORKERS).map(async |number| {
            let person = format!("{name}{number}");
            let exchange = taken(&cloud, &person, QUESTION).await;
            delivered(&cloud.after_callback(&exchange).await)
        });
        join_all(shown).await
    };
    let shown = with_agent(&agent, ask("healthy")).await;
    assert_eq!(shown, vec![answer_to(QUESTION); WORKERS]);
    let mut calls = WORKERS;
    for fault in [Fault::Refuse, Fault::Status(500), Fault::Status(429)] {
        way.set(fault);
        let shown = ask(&format!("{fault:?}")).await;
        assert!(
            shown.iter().all(|it| it.contains(AGENT_FAILED)),
            "{shown:?}"
        );
        calls += WORKERS;
        assert_eq!(way.seen().len(), calls, "{fault:?}");
    }
}

#[tokio::test]
async fn f136_a_callback_that_is_down_is_called_at_most_twice() {
    let cloud = cloud_with_workers().await;
    let posts = || cloud.kakao.count("POST");
    for (fault, most) in [
        (Fault::Pass, 1),
        (Fault::Refuse, 2),
        (Fault::Hang, 2),
        (Fault::Status(500), 1),
        (Fault::Throttle { every: 1 }, 1),
    ] {
        let before = posts();
        cloud.kakao.set(fault);
        let (_, asked) = asked(&cloud, &format!("{fault:?}")).await;
        answer(asked);
        cloud.until_idle().await;
        assert_eq!(posts() - before, most * WORKERS, "{fault:?}");
    }
}
