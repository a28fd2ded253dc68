//! The crash matrix of the callback task (faults.md §6): the skill function or the worker dies
//! between any two steps, and another one goes on. Here both are futures in this process, and to
//! die is to be dropped; `tests/aws/crash.rs` kills real processes.
//!
//! The steps: S1 authenticated → S2 turn stored → S3 queued → S4 acknowledged ‖ W1 received → W2
//! claimed → W3 answer stored, W4 marked as being posted (one write) → W5 accepted by Kakao → W6
//! noted → W7 queue message deleted.

use std::time::Duration;

use axum::{Router, body::Bytes, extract::State, http::Request, response::Response, routing::post};
use bundle::Store;
use emulator::{Bot, Exchange, Message, Outcome};
use local_lambda::fault::{Fault, Gate, Proxy, Seen, When};
use outside::Origin;
use shared::{
    edge::{self, HttpFunction},
    queue::{QueueError, TurnQueue},
    turn::{TurnRef, budget},
};
use skill_webhook::SkillWebhook;
use test_support::{
    agent::ScriptedAgent,
    keys::SKILL_KEY,
    world::{OPEN, World, callback_screen, document, screen},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use turn_worker::TurnWorker;

/// A queue whose messages the test takes out by hand.
#[derive(Clone)]
struct HandQueue(mpsc::UnboundedSender<TurnRef>);

impl TurnQueue for HandQueue {
    async fn send(&self, turn: &TurnRef, _: Duration) -> Result<(), QueueError> {
        self.0
            .send(turn.clone())
            .map_err(|_| QueueError::timed_out())
    }
}

/// The two functions with nothing between them but the test, which carries turns from one to the
/// other. A fault proxy stands before their tables, and the emulator calls the webhook.
struct Bench {
    world: World,
    proxy: Proxy,
    agent: ScriptedAgent,
    webhook: SkillWebhook<HandQueue>,
    worker: TurnWorker<HandQueue>,
    queued: Mutex<mpsc::UnboundedReceiver<TurnRef>>,
    _tasks: JoinSet<()>,
}

impl Bench {
    async fn new() -> Self {
        let agent = ScriptedAgent::start().await;
        let (world, proxy) = World::behind_proxy(&document(OPEN, &agent.as_openclaw())).await;
        let origin = Origin::parse(&world.stack.url).unwrap();
        let (sender, receiver) = mpsc::unbounded_channel();
        let parts = world.parts(&[origin]);
        let queue = HandQueue(sender);
        let webhook = SkillWebhook::new(&parts, queue.clone()).unwrap();
        let worker = TurnWorker::new(&parts, queue).unwrap();
        // The emulator calls this webhook instead of the bundle's own.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/kakao/webhook", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/kakao/webhook", post(skill))
            .with_state(webhook.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let key = ("x-dari-skill-key".to_owned(), SKILL_KEY.to_owned());
        let emulator = world.stack.emulator.as_ref().unwrap();
        emulator
            .chatbot()
            .add_bot(Bot::new(world.bot(), url, Some(key)));
        Self {
            world,
            proxy,
            agent,
            webhook,
            worker,
            queued: Mutex::new(receiver),
            _tasks: tasks,
        }
    }

    async fn queued(&self) -> TurnRef {
        self.queued.lock().await.recv().await.unwrap()
    }

    /// Alice sends a message and it is acknowledged; returns what the function put into the queue.
    async fn asked(&self) -> (Exchange, TurnRef) {
        let exchange = self.world.sends("질문").await;
        assert_eq!(exchange.outcome, Outcome::Waiting);
        (exchange, self.queued().await)
    }

    async fn unfinished(&self) -> Vec<TurnRef> {
        let (turns, now) = (&self.world.stack.turns, self.world.now());
        turns.unfinished(now).await.unwrap()
    }

    /// Holds the next request of this operation on its way to the tables.
    fn gate(&self, operation: &'static str, when: When) -> Gate {
        let is_next = move |seen: &Seen| seen.operation == operation;
        self.proxy.gate(is_next, when)
    }

    /// A worker asks the agent and stores the answer. It is dropped while it waits until the
    /// callback may be posted.
    async fn stores_the_answer(&self, turn: &TurnRef) {
        let working = self.worker.work(turn);
        tokio::select! {
            done = working => panic!("it should still wait: {done:?}"),
            () = self.agent_answers() => {}
        }
    }

    /// Answers the agent's next question, and returns once the worker has stored the answer.
    async fn agent_answers(&self) {
        let asked = self.agent.asked().await;
        let stored = self.gate("PutItem", When::After);
        asked.answers("소중한 답");
        stored.reached().await;
        stored.release();
        self.world.workers_look_around().await;
        self.proxy.take_seen();
    }

    /// The lease of the dead worker runs out, and another worker gets the same turn.
    async fn another_takes_over(&self, turn: &TurnRef) {
        self.world.later(budget::LEASE + Duration::from_secs(1));
        self.worker.work(turn).await.unwrap();
    }

    fn accepted(exchange: &Exchange) -> usize {
        let attempts = &exchange.callback.as_ref().unwrap().attempts;
        attempts
            .iter()
            .filter(|attempt| attempt.status == Some(200))
            .count()
    }

    async fn collects(&self) -> String {
        screen(&self.world.sends_without_callback("답변 확인").await)
    }
}

async fn skill(
    State(webhook): State<SkillWebhook<HandQueue>>,
    request: Request<axum::body::Body>,
) -> Response<String> {
    let received = webhook.clock.now();
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, edge::MAX_BODY).await.unwrap();
    webhook
        .handle(&Request::from_parts(parts, body), received)
        .await
}

fn request() -> http::Request<Bytes> {
    http::Request::post("/kakao/webhook")
        .header("x-dari-skill-key", SKILL_KEY)
        .header("x-request-id", "one")
        .body(Bytes::from_static(include_bytes!(
            "../samples/skill/04-callback-enabled.json"
        )))
        .unwrap()
}

#[tokio::test]
async fn f25_killed_before_the_turn_is_stored_nothing_is_and_the_request_can_come_again() {
    let bench = Bench::new().await;
    bench.proxy.set(Fault::Hang);
    let request = request();
    tokio::select! {
        answer = bench.webhook.handle(&request, bench.world.now()) => panic!("{answer:?}"),
        () = bench.proxy.until(|seen| !seen.is_empty()) => {}
    }
    bench.proxy.heal();
    assert_eq!(bench.unfinished().await, []);
    let answer = bench.webhook.handle(&request, bench.world.now()).await;
    assert!(answer.body().contains("useCallback"), "{answer:?}");
    bench.queued().await;
}

#[tokio::test]
async fn f25_killed_between_storing_and_queueing_a_repeat_queues_the_turn() {
    let bench = Bench::new().await;
    let mut dying = bench.webhook.clone();
    let (nobody, _) = mpsc::unbounded_channel();
    dying.queue = HandQueue(nobody);
    let stored = bench.gate("PutItem", When::After);
    let request = request();
    // The queue refuses the turn, and the function dies before it can take the turn back from the
    // table.
    tokio::select! {
        answer = dying.handle(&request, bench.world.now()) => panic!("{answer:?}"),
        () = async {
            stored.reached().await;
            let taken_back = bench.gate("GetItem", When::Before);
            stored.release();
            taken_back.reached().await;
        } => {}
    }
    let stored = bench.unfinished().await;
    bench
        .world
        .later(skill_webhook::budget::HARD_STOP + Duration::from_secs(1));
    bench.webhook.handle(&request, bench.world.now()).await;
    assert_eq!(bench.queued().await.turn, stored[0].turn);
}

#[tokio::test]
async fn f25_killed_before_the_acknowledgement_the_turn_runs_and_its_refused_answer_is_held() {
    let bench = Bench::new().await;
    // The skill's answer never reaches Kakao, so the callback was never acknowledged.
    let emulator = bench.world.stack.emulator.clone().unwrap();
    let mut faults = emulator::Faults::default();
    faults.skill.drop_answer = true;
    emulator
        .chatbot()
        .set_faults(&bench.world.bot(), faults)
        .unwrap();
    let exchange = bench.world.sends("질문").await;
    assert_eq!(exchange.outcome, Outcome::Failed);
    emulator
        .chatbot()
        .set_faults(&bench.world.bot(), emulator::Faults::default())
        .unwrap();
    let turn = bench.queued().await;
    bench.stores_the_answer(&turn).await;
    bench.another_takes_over(&turn).await;
    let exchange = bench.world.after_a_look(&exchange).await;
    assert!(!exchange.callback.as_ref().unwrap().delivered);
    assert_eq!(bench.collects().await, "소중한 답");
    assert_eq!(bench.agent.times_asked(), 1);
}

#[tokio::test]
async fn f25_killed_while_the_agent_thinks_another_asks_it_under_the_same_name() {
    let bench = Bench::new().await;
    let (exchange, turn) = bench.asked().await;
    let first = tokio::select! {
        done = bench.worker.work(&turn) => panic!("{done:?}"),
        asked = bench.agent.asked() => asked,
    };
    bench.world.later(budget::LEASE + Duration::from_secs(1));
    let (done, ()) = tokio::join!(bench.worker.work(&turn), async {
        let second = bench.agent.asked().await;
        assert_eq!(second.idempotency_key, first.idempotency_key);
        second.answers("소중한 답");
    });
    done.unwrap();
    let exchange = bench.world.after_callback(&exchange).await;
    assert_eq!(
        (
            callback_screen(&exchange).as_str(),
            Bench::accepted(&exchange)
        ),
        ("소중한 답", 1)
    );
}

#[tokio::test]
async fn f25_killed_before_the_post_another_posts_the_stored_answer() {
    let bench = Bench::new().await;
    let (exchange, turn) = bench.asked().await;
    bench.stores_the_answer(&turn).await;
    bench.another_takes_over(&turn).await;
    let exchange = bench.world.after_callback(&exchange).await;
    assert_eq!(
        (
            callback_screen(&exchange).as_str(),
            Bench::accepted(&exchange)
        ),
        ("소중한 답", 1)
    );
    assert_eq!(bench.agent.times_asked(), 1);
}

#[tokio::test]
async fn f25_killed_after_the_post_the_answer_is_not_shown_twice_and_can_be_asked_for() {
    let bench = Bench::new().await;
    let (exchange, turn) = bench.asked().await;
    let dying = async {
        tokio::join!(bench.worker.work(&turn), async {
            bench.agent_answers().await;
            // From here on the tables do not answer: the worker can post the answer, but cannot
            // note the result.
            bench.proxy.set(Fault::Hang);
            bench.world.later(Duration::from_secs(2));
        })
    };
    let posted = async {
        let exchange = bench.world.after_callback(&exchange).await;
        bench.proxy.until(|seen| !seen.is_empty()).await;
        exchange
    };
    let exchange = tokio::select! {
        _ = dying => panic!("it should hang"),
        exchange = posted => exchange,
    };
    assert_eq!(callback_screen(&exchange), "소중한 답");
    bench.proxy.heal();
    bench.another_takes_over(&turn).await;
    let exchange = bench.world.after_a_look(&exchange).await;
    assert_eq!(
        (Bench::accepted(&exchange), bench.agent.times_asked()),
        (1, 1)
    );
    assert!(
        bench
            .world
            .asks("/상태")
            .await
            .contains("확인하지 않은 답변 0개")
    );
    assert_eq!(bench.collects().await, "소중한 답");
}

#[tokio::test]
async fn f25_redelivered_after_the_end_a_turn_does_nothing() {
    let bench = Bench::new().await;
    let (exchange, turn) = bench.asked().await;
    let (done, ()) = tokio::join!(bench.worker.work(&turn), async {
        bench.agent.asked().await.answers("소중한 답");
        bench.world.later(Duration::from_secs(2));
    });
    done.unwrap();
    for _ in 0..3 {
        bench.another_takes_over(&turn).await;
    }
    let exchange = bench.world.after_callback(&exchange).await;
    assert_eq!(exchange.callback.unwrap().attempts.len(), 1);
    assert_eq!(bench.agent.times_asked(), 1);
}

#[tokio::test]
async fn a_queue_message_for_somebody_who_left_is_harmless() {
    let bench = Bench::new().await;
    let (_, turn) = bench.asked().await;
    assert!(
        screen(
            &bench
                .world
                .sends_message(&Message::text("alice", "/내정보삭제"))
                .await
        )
        .contains("모두 지웠어요")
    );
    bench.worker.work(&turn).await.unwrap();
    assert_eq!(bench.agent.times_asked(), 0);
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
    world.later(Duration::from_secs(21));
    let after = agent.asked().await;
    assert_eq!(
        (after.text(), &after.idempotency_key),
        ("죽기 전의 질문", &before.idempotency_key)
    );
    after.answers("살아난 뒤의 답");
    world.later(Duration::from_secs(3));
    world.settled().await;
    assert_eq!(
        screen(&world.sends_without_callback("답변 확인").await),
        "살아난 뒤의 답"
    );
}
