//! A worker that gets its turns one by one from the test, in this process or in one of its own, to
//! measure what a picture costs it.

use std::{io::Write, process::Command, sync::Arc, time::Duration};

use base64::Engine;
use bytes::Bytes;
use http::{Method, Request, Response};
use outside::Origin;
use serde_json::{Value, json};
use shared::{
    clock::Clock,
    config,
    edge::HttpFunction,
    env::{Hosts, Need},
    keys::KeyRing,
    live::LiveConfig,
    queue::{QueueError, TurnQueue},
    startup::Parts,
    store,
    turn::TurnRef,
};
use skill_webhook::SkillWebhook;
use test_support::{
    agent::ScriptedAgent,
    keys::SKILL_KEY,
    world::{OPEN, World, document},
};
use tokio::sync::mpsc;
use turn_worker::TurnWorker;

use super::{CANARY, PNG, Place, STANDARD, data_uri, png};

/// A queue whose turns the test takes out by hand.
#[derive(Clone)]
struct HandQueue(mpsc::UnboundedSender<TurnRef>);

impl TurnQueue for HandQueue {
    async fn send(&self, turn: &TurnRef, _: Duration) -> Result<(), QueueError> {
        // In a process of its own the worker has no queue behind it.
        let _ = self.0.send(turn.clone());
        Ok(())
    }
}

/// The skill function by itself on the tables of a world, and the turns that it queues.
struct Apart {
    world: World,
    webhook: SkillWebhook<HandQueue>,
    queued: mpsc::UnboundedReceiver<TurnRef>,
}

impl Apart {
    async fn new(document: &str, place: &Place) -> Self {
        let world = World::with(document).await;
        let (sender, queued) = mpsc::unbounded_channel();
        let parts = world.parts(&[Origin::parse(&place.url).unwrap()]);
        let webhook = SkillWebhook::new(&parts, HandQueue(sender)).unwrap();
        Self {
            world,
            webhook,
            queued,
        }
    }

    /// Sends a photo at `url`, and runs `work` on the turn that it opens; returns the response and
    /// the turn.
    async fn shows(
        &mut self,
        url: &str,
        work: impl AsyncFnOnce(TurnRef),
    ) -> (Response<String>, TurnRef) {
        let mut body: Value = serde_json::from_str(include_str!(
            "../../samples/skill/05-image-upload-plain.json"
        ))
        .unwrap();
        body["userRequest"]["params"]["media"]["url"] = json!(url);
        body["userRequest"]["utterance"] = json!(url);
        body["userRequest"]["callbackUrl"] = Value::Null;
        let request = Request::builder()
            .method(Method::POST)
            .uri("/kakao/webhook")
            .header("x-dari-skill-key", SKILL_KEY)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let handled = self.webhook.handle(&request, self.world.now());
        let worked = async {
            let turn = self.queued.recv().await.unwrap();
            work(turn.clone()).await;
            turn
        };
        tokio::join!(handled, worked)
    }
}

#[tokio::test]
async fn f23_an_address_that_is_no_longer_allowed_is_not_dialled() {
    let place = Place::answering("");
    let agent = ScriptedAgent::start().await;
    let mut apart = Apart::new(&document(OPEN, &agent.as_openclaw()), &place).await;
    let worker = TurnWorker::new(&apart.world.parts(&[]), apart.webhook.queue.clone()).unwrap();
    let url = format!("{}/a.png", place.url);
    let work = async |turn| worker.work(&turn).await.unwrap();
    let (response, _) = apart.shows(&url, work).await;
    assert!(
        response.body().contains("사진을 열 수 없어요"),
        "{}",
        response.body()
    );
    assert_eq!((place.times_asked(), agent.times_asked()), (0, 0));
}

/// What a worker in a process of its own printed, and how much memory it took.
struct Worked {
    output: String,
    peak_kib: u64,
    /// The size of what the tables held afterwards, in bytes of its debug text.
    left: usize,
}

/// Starts a worker in a process of its own, logging at `trace`, and lets it pass a picture of this
/// many bytes to the agent.
async fn worked(bytes: usize) -> Worked {
    let picture = png(bytes);
    let served = picture.clone();
    let place = Place::new(move |stream, _| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            served.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &served].concat());
    });
    let agent = ScriptedAgent::start().await;
    let document = document(OPEN, &agent.as_openclaw());
    let mut apart = Apart::new(&document, &place).await;
    let dynamodb = apart.world.stack.dynamodb.clone();
    let origin = place.url.clone();
    let mut output = String::new();
    let url = format!("{}/a.png?signature={CANARY}", place.url);
    let work = async |turn: TurnRef| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args([
                "--ignored",
                "--exact",
                "--nocapture",
                "pictures::apart::a_worker",
            ])
            .env("RUST_LOG", "trace")
            .env("PICTURES_TURN", turn.to_body().unwrap())
            .env("PICTURES_DOCUMENT", &document)
            .env("PICTURES_TABLES", &dynamodb)
            .env("PICTURES_ORIGIN", &origin);
        let mut running = tokio::task::spawn_blocking(move || child.output().unwrap());
        tokio::select! {
            asked = agent.asked() => {
                let body = asked.body.to_string();
                assert!(body.contains(&data_uri("image/png", &picture)));
                asked.answers("잘 봤어요");
            }
            ran = &mut running => panic!("the agent was not asked: {ran:?}"),
        }
        let ran = running.await.unwrap();
        output = [ran.stdout, ran.stderr]
            .map(|it| String::from_utf8_lossy(&it).into_owned())
            .concat();
        assert!(
            ran.status.success() && output.contains("1 passed"),
            "{output}"
        );
    };
    apart.shows(&url, work).await;
    let peak = output.lines().find_map(|line| line.strip_prefix("peak "));
    let mut left = 0;
    for table in [bundle::tables::TURNS, bundle::tables::ACCESS] {
        left += apart.world.dump(table).await.len();
    }
    Worked {
        peak_kib: peak.unwrap().parse().unwrap(),
        output,
        left,
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_megabytes_cost_fifteen_mebibytes_and_leave_nothing_behind() {
    let (without, with) = (worked(PNG.len()).await, worked(2_000_000).await);
    let more = with.peak_kib.saturating_sub(without.peak_kib);
    println!(
        "peak {} KiB without, {} KiB with: {more} KiB",
        without.peak_kib, with.peak_kib
    );
    assert!(more > 2_000_000 / 1024, "measured nothing: {more} KiB");
    assert!(more <= 15 * 1024, "{more} KiB");
    // Sealed or encoded, a stored picture would take at least its own size.
    assert!(
        with.left < without.left + 10_000,
        "{} {}",
        with.left,
        without.left
    );
    for spelling in [
        CANARY.to_owned(),
        STANDARD.encode(png(64))[16..48].to_owned(),
    ] {
        assert!(!with.output.contains(&spelling), "{spelling} is in the log");
    }
    assert!(with.output.contains("agent_ms"), "the log is silent");
}

#[tokio::test]
#[ignore = "run by two_megabytes_cost_fifteen_mebibytes_and_leave_nothing_behind in a process of its own"]
async fn a_worker() {
    shared::telemetry::init();
    let given = |name| std::env::var(name).unwrap();
    let config = config::load(&given("PICTURES_DOCUMENT"), &|_| None)
        .unwrap()
        .config;
    let keys = Arc::new(KeyRing::new(config.keys.clone().unwrap()));
    let client = store::embedded_client(&given("PICTURES_TABLES")).await;
    let parts = Parts::local(
        LiveConfig::new(config),
        keys,
        Hosts::from_env(&|name| (name == "DARI_EXTRA_ORIGINS").then(|| given("PICTURES_ORIGIN")))
            .unwrap(),
        Clock::System,
        client,
        &[(Need::TurnsTable, bundle::tables::TURNS)],
    );
    let worker = TurnWorker::new(&parts, HandQueue(mpsc::unbounded_channel().0)).unwrap();
    let turn = TurnRef::from_body(&given("PICTURES_TURN")).unwrap();
    worker.work(&turn).await.unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    println!("\npeak {peak}");
}
