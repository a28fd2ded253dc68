//! The numbers of docs/numbers.md: `cargo bench -p dari`, on a quiet machine;
//! `taskset -c 0 cargo bench -p dari` for one core.
//!
//! The store is the embedded engine in a process of its own, so that its CPU time is not counted as
//! ours.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement stops by panicking, and times with the system's clock"
)]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Request;
use shared::{
    clock::{Clock, ClockAhead},
    config,
    edge::HttpFunction,
    env::{Hosts, Need},
    identity::{AccountId, Channel, Scope},
    keys::KeyRing,
    live::LiveConfig,
    queue::{QueueError, TurnQueue},
    startup::Parts,
    store,
    turn::{TurnRef, budget},
};
use skill_webhook::SkillWebhook;
use tokio::task::JoinSet;

const REQUESTS: usize = 2_000;
const WARM_UP: usize = 200;
const DEV_STARTS: usize = 10;
const ENGINE: &str = "DARI_BENCH_ENGINE";

const TABLES: [(Need, &str); 2] = [(Need::AccessTable, "access"), (Need::TurnsTable, "turns")];

const DOCUMENT: &str = r#"{
    channels: { kakao: { enabled: true, skillKey: "bench-skill-key-0123456789abcdef" } },
    agents: { main: { kind: "echo" } },
    keys: {
        digest: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        sealing: { "1": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8" },
    },
}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::var_os(ENGINE).is_some() {
        return engine().await;
    }
    // `cargo test --benches` only wants to know that it builds and starts.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    skill_requests().await;
    dev_starts();
}

async fn engine() {
    let mut tasks = JoinSet::new();
    println!("{}", bundle::engine::start(None, &mut tasks).await.unwrap());
    tasks.join_next().await;
}

/// A queue that does nothing, because the hand-over is not what is measured.
#[derive(Clone)]
struct Nowhere;

impl TurnQueue for Nowhere {
    async fn send(&self, _: &TurnRef, _: Duration) -> Result<(), QueueError> {
        Ok(())
    }
}

async fn skill_requests() {
    let (mut process, mut lines) =
        started(Command::new(std::env::current_exe().unwrap()).env(ENGINE, "1"));
    let endpoint = line(&mut lines);
    let loaded = config::load(DOCUMENT, &|_| None).unwrap();
    let keys = Arc::new(KeyRing::new(loaded.config.keys.clone().unwrap()));
    let client = store::embedded_client(&endpoint).await;
    for (_, table) in TABLES {
        store::create_table(&client, table, &[]).await.unwrap();
    }
    let clock = ClockAhead::default();
    let parts = Parts::local(
        LiveConfig::new(loaded.config),
        keys,
        Hosts::from_env(&|_| None).unwrap(),
        Clock::Ahead(clock.clone()),
        client,
        &TABLES,
    );
    let webhook = SkillWebhook::new(&parts, Nowhere).unwrap();
    let scope = Scope {
        channel: Channel::Kakao,
        account: AccountId::default(),
    };
    webhook.handle(&request(0), webhook.clock.now()).await;
    for request in webhook
        .access
        .pending(&scope, webhook.clock.now())
        .await
        .unwrap()
    {
        webhook
            .access
            .approve(&scope, request.code.expose(), webhook.clock.now())
            .await
            .unwrap()
            .unwrap();
    }

    let mut walls = Vec::with_capacity(REQUESTS);
    let mut cpus = Vec::with_capacity(REQUESTS);
    for number in 1..=WARM_UP + REQUESTS {
        let request = request(number);
        let (cpu, wall) = (cpu_time(), Instant::now());
        let response = webhook.handle(&request, webhook.clock.now()).await;
        let (wall, cpu) = (wall.elapsed(), cpu_time().saturating_sub(cpu));
        assert!(
            response.body().contains("useCallback"),
            "{}",
            response.body()
        );
        if number > WARM_UP {
            walls.push(wall);
            cpus.push(cpu);
        }
        // No worker answers here. The turn is abandoned, so that the next one does not wait behind
        // it.
        let now = webhook.clock.now();
        for turn in webhook.turns.unfinished(now).await.unwrap() {
            webhook
                .turns
                .abandon(&turn.conversation, &turn.turn, now)
                .await
                .unwrap();
        }
        clock.advance(budget::PACE);
    }
    process.kill().unwrap();
    process.wait().unwrap();
    println!(
        "skill requests of a known sender, callback acknowledged ({REQUESTS} after {WARM_UP} to warm up)"
    );
    print_row("  acknowledgement, wall", &mut walls);
    print_row("  CPU of the function, SDK included", &mut cpus);
}

const SENDER: &str = "5c0ffee17a9b42d3e8f6041c2b7d59a80e3f61c4d27b958a06e1f3c5d7092b4e6a";

fn request(number: usize) -> Request<Bytes> {
    let body = format!(
        r#"{{"bot":{{"id":"6f1a0c5e9d2b7348a1c0de01","name":"하늘비서"}},
        "intent":{{"id":"6f1a0c5e9d2b7348a1c0f001","name":"폴백 블록","extra":{{"reason":{{"code":1,"message":"OK"}}}}}},
        "action":{{"id":"6f1a0c5e9d2b7348a1c0a001","name":"agent-gateway","params":{{}},"detailParams":{{}},"clientExtra":{{}}}},
        "userRequest":{{"block":{{"id":"6f1a0c5e9d2b7348a1c0f001","name":"폴백 블록"}},
        "user":{{"id":"{SENDER}","type":"botUserKey","properties":{{"botUserKey":"{SENDER}","isFriend":true,"plusfriendUserKey":"Qm4x-T7kZb2a"}}}},
        "utterance":"내일 비 와? 우산을 챙겨야 할지 알려 주세요. {number}","params":{{"surface":"Kakaotalk.plusfriend"}},
        "callbackUrl":"https://bot-api.kakao.com/v1/bots/6f1a0c5e9d2b7348a1c0de01/callback/cbtoken:{number}","lang":"ko","timezone":"Asia/Seoul"}},
        "contexts":[],"flow":{{"trigger":{{"type":"TEXT_INPUT"}}}}}}"#
    );
    Request::post("/kakao/webhook")
        .header("x-dari-skill-key", "bench-skill-key-0123456789abcdef")
        .header("x-request-id", format!("chp-{number:032x}"))
        .body(Bytes::from(body))
        .unwrap()
}

/// Measures `dari dev`: the time from exec to `ready`, and its memory when idle.
fn dev_starts() {
    let mut readies = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..DEV_STARTS {
        let folder = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let mut dev = Command::new(env!("CARGO_BIN_EXE_dari"));
        let (mut process, mut lines) =
            started(dev.args(["dev", "--port", "0"]).current_dir(folder.path()));
        while !line(&mut lines).starts_with("ready") {}
        readies.push(begun.elapsed());
        std::thread::sleep(Duration::from_millis(500));
        let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        resident.push(
            line.split_whitespace()
                .nth(1)
                .unwrap()
                .parse::<f64>()
                .unwrap()
                / 1024.0,
        );
        process.kill().unwrap();
        process.wait().unwrap();
    }
    println!("dari dev ({DEV_STARTS} starts)");
    print_row("  exec to ready", &mut readies);
    println!(
        "  resident when idle: {:.1} MiB at most",
        resident.into_iter().fold(0.0, f64::max)
    );
}

fn started(command: &mut Command) -> (Child, BufReader<ChildStdout>) {
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap());
    (process, lines)
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    assert!(
        lines.read_line(&mut line).unwrap() > 0,
        "it ended before it was ready"
    );
    line.trim_end().to_owned()
}

/// The CPU time of this thread, the only one of the process.
fn cpu_time() -> Duration {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(
        schedstat
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap(),
    )
}

fn print_row(what: &str, values: &mut [Duration]) {
    values.sort();
    let at = |share: usize| values[(values.len() - 1) * share / 100];
    let mean = values.iter().sum::<Duration>() / u32::try_from(values.len()).unwrap();
    println!(
        "{what}: median {:.2?}, p99 {:.2?}, max {:.2?}, mean {mean:.2?}",
        at(50),
        at(99),
        at(100)
    );
}
