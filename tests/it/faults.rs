//! What must survive what (faults.md): stores that hang, lose answers or throttle, callbacks that misbehave, workers that die.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use bytes::Bytes;
use dari::stack::Store;
use emulator::{CallbackFaults, CallbackState, Faults, Message, Mode as Callback, Outcome};
use http::{Method, Request, Response};
use shared::{
    http::{CallbackHosts, Http, Origin},
    queue::{QueueError, TurnQueue},
    turn::{TurnRef, budget},
};
use skill_webhook::SkillWebhook;
use turn_worker::TurnWorker;

use crate::{
    agent::ScriptedAgent,
    proxy::{Mode, Proxy},
    world::{ECHO, OPEN, SKILL_KEY, World, callback_screen, document, screen},
};

const SECOND: Duration = Duration::from_secs(1);

async fn world_behind_proxy(document: &str) -> (World, Proxy) {
    let proxy = Proxy::start().await;
    let world = World::on(document, Store::At(proxy.url.clone())).await;
    proxy.take_seen();
    (world, proxy)
}

/// A queue that does with a turn what the test wants.
#[derive(Clone)]
struct TestQueue {
    sent: Arc<AtomicUsize>,
    behaviour: Behaviour,
}

#[derive(Clone, Copy)]
enum Behaviour {
    Keep,
    Fail,
    Hang,
    Panic,
}

impl TurnQueue for TestQueue {
    async fn send(&self, _: &TurnRef, _: Duration) -> Result<(), QueueError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        match self.behaviour {
            Behaviour::Keep => Ok(()),
            Behaviour::Fail => Err(QueueError::timed_out()),
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Panic => panic!("the queue panics"),
        }
    }
}

/// The function on its own, with the tables of `world`.
fn webhook(world: &World, behaviour: Behaviour) -> (SkillWebhook<TestQueue>, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let webhook = SkillWebhook {
        config: world.live.clone(),
        keys: Arc::clone(&world.keys),
        access: world.stack.access.clone(),
        turns: world.stack.turns.clone(),
        queue: TestQueue {
            sent: Arc::clone(&sent),
            behaviour,
        },
        callback_hosts: CallbackHosts::default(),
        extra_origins: Vec::new(),
        clock: world.clock(),
        refusals: Arc::default(),
        backlog: Arc::default(),
    };
    (webhook, sent)
}

fn with_callback(request_id: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri("/kakao/webhook")
        .header("x-dari-skill-key", SKILL_KEY)
        .header("x-request-id", request_id)
        .body(Bytes::from_static(include_bytes!(
            "../samples/skill/04-callback-enabled.json"
        )))
        .unwrap()
}

fn is_acknowledged(response: &Response<String>) -> bool {
    response.status() == 200 && response.body().contains(r#""useCallback":true"#)
}

fn asks_to_try_again(response: &Response<String>) -> bool {
    response.status() == 200 && response.body().contains("다시 보내 주세요")
}

#[tokio::test]
async fn f138_a_known_sender_costs_two_reads_at_once_one_write_and_one_hand_over_before_the_acknowledgement()
 {
    let (world, proxy) = world_behind_proxy(&document("", ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    webhook.handle(&with_callback("first"), world.now()).await;
    world.owner_approves_all().await;
    proxy.take_seen();
    proxy.set(Mode::PairReads);
    let response = webhook.handle(&with_callback("second"), world.now()).await;
    assert!(is_acknowledged(&response), "{response:?}");
    assert_eq!(proxy.take_seen(), ["GetItem", "GetItem", "PutItem"]);
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn f16_a_hung_store_still_leaves_a_valid_answer() {
    let (world, proxy) = world_behind_proxy(&document(OPEN, ECHO)).await;
    proxy.set(Mode::Hang);
    for message in [
        Message::text("alice", "안녕"),
        Message::text("alice", "/상태"),
        Message {
            callback: Some(false),
            ..Message::text("alice", "음")
        },
    ] {
        let exchange = world.sends_message(&message).await;
        assert_eq!(exchange.outcome, Outcome::Answered);
        assert!(screen(&exchange).contains("다시 보내 주세요"));
    }
}

#[tokio::test]
async fn f16_a_hung_queue_still_leaves_a_valid_answer() {
    let world = World::open().await;
    let (webhook, _) = webhook(&world, Behaviour::Hang);
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
}

#[tokio::test]
async fn f16_when_the_time_is_over_a_valid_answer_leaves_whatever_still_hangs() {
    let (world, proxy) = world_behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, _) = webhook(&world, Behaviour::Keep);
    proxy.set(Mode::Hang);
    let (received, request) = (world.now(), with_callback("one"));
    let (response, ()) = tokio::join!(webhook.handle(&request, received), async {
        proxy.until_seen("GetItem", 1).await;
        world.later(budget::HARD_STOP);
    });
    assert!(asks_to_try_again(&response), "{response:?}");
    // The store's own patience has not run out: nobody asked it a second time.
    assert_eq!(proxy.take_seen(), ["GetItem"]);
}

#[tokio::test]
async fn f104_an_opening_that_was_stored_unheard_is_handed_over_all_the_same() {
    let (world, proxy) = world_behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    proxy.set(Mode::LoseFirstAnswers);
    let response = webhook.handle(&with_callback("one"), world.now()).await;
    assert!(is_acknowledged(&response), "{response:?}");
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_turn_that_nobody_holds_is_sent_for_by_the_next_message_whatever_that_is() {
    let world = World::open().await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    assert!(is_acknowledged(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
    world.later(budget::LEASE + SECOND);
    let help = include_str!("../samples/skill/04-callback-enabled.json")
        .replace("제주도 2박 3일 여행 일정 짜줘", "/상태");
    let mut request = with_callback("two");
    *request.body_mut() = Bytes::from(help);
    webhook.handle(&request, world.now()).await;
    assert_eq!(sent.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn f18_a_turn_that_cannot_be_handed_over_is_not_acknowledged_and_can_be_sent_again() {
    let world = World::open().await;
    let (failing, _) = webhook(&world, Behaviour::Fail);
    assert!(asks_to_try_again(
        &failing.handle(&with_callback("one"), world.now()).await
    ));
    let (working, sent) = webhook(&world, Behaviour::Keep);
    assert!(is_acknowledged(
        &working.handle(&with_callback("one"), world.now()).await
    ));
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_panic_inside_still_leaves_a_valid_answer() {
    let world = World::open().await;
    let (webhook, _) = webhook(&world, Behaviour::Panic);
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), world.now()).await
    ));
}

#[tokio::test]
async fn f21_a_request_that_comes_late_is_answered_at_once_and_starts_nothing() {
    let (world, proxy) = world_behind_proxy(&document(OPEN, ECHO)).await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    let received = world.now() - 3 * SECOND;
    assert!(asks_to_try_again(
        &webhook.handle(&with_callback("one"), received).await
    ));
    assert_eq!(
        (proxy.take_seen(), sent.load(Ordering::SeqCst)),
        (Vec::new(), 0)
    );
}

#[tokio::test]
async fn f104_lost_answers_of_the_store_are_recognised_as_our_own_writes() {
    let agent = ScriptedAgent::start().await;
    let (world, proxy) = world_behind_proxy(&document("", &agent.as_openclaw())).await;
    proxy.set(Mode::LoseFirstAnswers);
    assert!(screen(&world.sends("안녕").await).contains("승인 코드"));
    world.owner_approves_all().await;
    for words in ["하나", "둘", "셋"] {
        let exchange = world.sends(words).await;
        agent.asked().await.answers(&format!("{words}의 답"));
        world.later(2 * SECOND);
        assert_eq!(
            callback_screen(&world.after_callback(&exchange).await),
            format!("{words}의 답")
        );
    }
    assert_eq!(agent.times_asked(), 3);
}

#[tokio::test]
async fn f105_a_throttled_store_loses_and_doubles_nothing() {
    let agent = ScriptedAgent::start().await;
    let (world, proxy) = world_behind_proxy(&document(OPEN, &agent.as_openclaw())).await;
    proxy.set(Mode::Throttle);
    for number in 0..6 {
        let exchange = world.sends(&format!("질문 {number}")).await;
        agent.asked().await.answers(&format!("답 {number}"));
        world.later(2 * SECOND);
        assert_eq!(
            callback_screen(&world.after_callback(&exchange).await),
            format!("답 {number}")
        );
    }
    assert_eq!(agent.times_asked(), 6);
}

#[tokio::test]
async fn f32_fifty_identical_requests_at_once_are_one_turn() {
    let world = World::open().await;
    let (webhook, sent) = webhook(&world, Behaviour::Keep);
    let (request, now) = (with_callback("one"), world.now());
    let answers =
        futures_util::future::join_all((0..50).map(|_| webhook.handle(&request, now))).await;
    assert!(
        answers
            .iter()
            .all(|answer| is_acknowledged(answer) || asks_to_try_again(answer)),
        "{answers:?}"
    );
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn f08_a_replayed_request_does_not_reach_the_agent_again() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let first = world.sends("안녕").await;
    agent.asked().await.answers("네");
    world.later(2 * SECOND);
    callback_screen(&world.after_callback(&first).await);
    for seconds in [1, 600, 25 * 3600] {
        world.later(seconds * SECOND);
        world
            .sends_message(&Message {
                repeat: Some(first.id.clone()),
                ..Message::default()
            })
            .await;
        let same_url = Message {
            repeat: Some(first.id.clone()),
            new_request_id: true,
            ..Message::default()
        };
        world.sends_message(&same_url).await;
    }
    assert_eq!(agent.times_asked(), 1);
}

#[tokio::test]
async fn a_double_tap_is_one_turn() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    world.sends("예약해 줘").await;
    agent.asked().await.answers("네");
    assert!(screen(&world.sends("예약해 줘").await).contains("한 번만 받았어요"));
    assert_eq!(agent.times_asked(), 1);
}

/// What the person sees in the end, by how Kakao's callback misbehaves.
#[tokio::test]
async fn f24_f27_whatever_a_callback_does_the_answer_is_shown_once_or_can_be_collected() {
    enum Then {
        /// Shown through the callback after all.
        Shown,
        /// Not shown; comes with the next message by itself.
        Held,
        /// Shown, though nobody told us: not pushed again, but there for who asks.
        Doubtful,
    }
    for (mode, then) in [
        (Callback::Refuse, Then::Held),
        (Callback::ServerError, Then::Held),
        (Callback::FailBody, Then::Held),
        (Callback::Redirect, Then::Held),
        (Callback::AcceptThenCut, Then::Doubtful),
        (Callback::CutBeforeAccept, Then::Doubtful),
        (Callback::BadJson, Then::Doubtful),
        (Callback::Huge, Then::Doubtful),
        (Callback::Ok, Then::Shown),
    ] {
        let agent = ScriptedAgent::start().await;
        let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
        let callback = CallbackFaults {
            mode,
            location: Some("http://127.0.0.1:9/stolen".to_owned()),
            ..CallbackFaults::default()
        };
        let emulator = world.stack.emulator.clone().unwrap();
        emulator
            .set_faults(
                &world.bot(),
                Faults {
                    callback,
                    ..Faults::default()
                },
            )
            .unwrap();
        let exchange = world.sends("질문").await;
        agent.asked().await.answers("소중한 답");
        world.later(2 * SECOND);
        let held = settled(&world).await;
        emulator
            .set_faults(&world.bot(), Faults::default())
            .unwrap();
        let exchange = world.after_a_look(&exchange).await;
        let accepted = exchange
            .callback
            .as_ref()
            .is_some_and(|callback| callback.delivered);
        let collected = screen(&world.sends_without_callback("답변 확인").await);
        assert_eq!(collected, "소중한 답", "{mode:?}");
        match then {
            Then::Shown => assert!(accepted && held == 0, "{mode:?}"),
            Then::Held => assert!(!accepted && held == 1, "{mode:?}"),
            Then::Doubtful => assert_eq!(held, 0, "{mode:?}"),
        }
        assert_eq!(agent.times_asked(), 1, "{mode:?}");
    }
}

/// Waits until no turn is open; how many answers are held then.
async fn settled(world: &World) -> usize {
    loop {
        let unfinished = world.stack.turns.unfinished(world.now()).await.unwrap();
        if unfinished.is_empty() {
            let shown = world.asks("/상태").await;
            return shown
                .rsplit(": ")
                .next()
                .and_then(|count| count.strip_suffix("개"))
                .and_then(|count| count.parse().ok())
                .unwrap();
        }
        world.later(SECOND);
        world.workers_look_around().await;
    }
}

#[tokio::test]
async fn f28_many_workers_with_one_turn_ask_the_agent_once_and_post_once() {
    let agent = ScriptedAgent::start().await;
    let world = World::with(&document(OPEN, &agent.as_openclaw())).await;
    let exchange = world.sends("질문").await;
    let asked = agent.asked().await;
    let turn = world
        .stack
        .turns
        .unfinished(world.now())
        .await
        .unwrap()
        .remove(0);
    let origin = Origin::parse(&world.stack.url).unwrap();
    let worker = TurnWorker {
        config: world.live.clone(),
        turns: world.stack.turns.clone(),
        queue: TestQueue {
            sent: Arc::default(),
            behaviour: Behaviour::Keep,
        },
        http: Http::new(std::slice::from_ref(&origin)).unwrap(),
        callback_hosts: CallbackHosts::new(vec![origin]),
        clock: world.clock(),
    };
    let others = futures_util::future::join_all((0..20).map(|_| worker.work(&turn))).await;
    assert!(others.iter().all(Result::is_ok));
    asked.answers("한 번만");
    world.later(2 * SECOND);
    let exchange = world.after_callback(&exchange).await;
    assert_eq!(callback_screen(&exchange), "한 번만");
    futures_util::future::join_all((0..20).map(|_| worker.work(&turn))).await;
    let callback = world.after_a_look(&exchange).await.callback.unwrap();
    assert_eq!((callback.attempts.len(), agent.times_asked()), (1, 1));
    assert_eq!(callback.state, CallbackState::Used);
}

#[tokio::test]
async fn f25_a_bundle_that_is_killed_goes_on_where_it_stopped() {
    let agent = ScriptedAgent::start().await;
    let folder = tempfile::tempdir().unwrap();
    let document = document("", &agent.as_openclaw());
    let data = || Store::Folder(folder.path().to_owned());
    let world = World::on(&document, data()).await;
    screen(&world.sends("안녕").await);
    world.owner_approves_all().await;
    world.sends("죽기 전의 질문").await;
    let before = agent.asked().await;
    drop(world);
    assert_eq!(before.text(), "죽기 전의 질문");

    let world = World::on(&document, data()).await;
    world.later(21 * SECOND);
    let after = agent.asked().await;
    assert_eq!(
        (after.text(), &after.idempotency_key),
        ("죽기 전의 질문", &before.idempotency_key)
    );
    after.answers("살아난 뒤의 답");
    world.later(3 * SECOND);
    settled(&world).await;
    assert_eq!(
        screen(&world.sends_without_callback("답변 확인").await),
        "살아난 뒤의 답"
    );
}
