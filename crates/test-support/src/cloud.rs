//! A `Cloud` is AWS and Kakao around the functions' real binaries, one for each test: gateway,
//! sandboxes, queue and poller, tables, secret, emulator, agent. A fault proxy stands before each
//! AWS service that a function calls, and before Kakao. When the cloud is dropped, it looks for
//! canaries in all that was logged, queued and stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use emulator::{Bot, Bubble, Emulator, Exchange, Message};
use local_lambda::{
    fault::Proxy,
    function::Function,
    gateway::{self, Gateway},
    poller::Poller,
    sandbox::Program,
    sqs::Queue,
};
use shared::{
    access::Access,
    clock::{Clock, Time},
    config,
    keys::KeyRing,
    store,
    turn::Turns,
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};

use crate::{
    agent::ScriptedAgent,
    canary::{AGENT_TOKEN, Canaries, SKILL_KEY},
    keys::KEYS,
    servers::{binary, client, create_secret, moto},
};

/// The numbers of `template.yaml`.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);
pub const WORKER_TIMEOUT: Duration = Duration::from_secs(330);
const VISIBILITY: &str = "360";
const MAX_RECEIVES: u32 = 30;

const BOT: &str = "6f1a0c5e9d2b7348a1c0de01";
const ROUTES: [&str; 3] = [
    "ANY /kakao/webhook",
    "ANY /kakao/webhook/{account}",
    "GET /health",
];

/// What a test may want to be otherwise.
pub struct Setup {
    pub store: Store,
    /// More settings of the account, in JSON5.
    pub account: &'static str,
    pub skill_key: &'static str,
    /// More settings of the agent, in JSON5.
    pub agent: &'static str,
    /// The agent's address, if it is not [`Cloud::agent`].
    pub agent_url: Option<String>,
    /// How many processes of the webhook may run at once.
    pub webhooks: usize,
    /// How many workers may run at once.
    pub workers: usize,
    /// Variables that are added to the functions' environment, or replace some of it.
    pub env: Vec<(&'static str, String)>,
    /// Whether the poller takes turns from the queue; otherwise it is paused until the test resumes
    /// it.
    pub polls: bool,
    pub worker_timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// The engine of `dari dev`. Its conditional writes are atomic, as on AWS; those of moto are
    /// not.
    Engine,
    Moto,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            store: Store::Engine,
            account: r#"dmPolicy: "open", allowFrom: ["*"]"#,
            skill_key: SKILL_KEY,
            agent: "timeoutSeconds: 300",
            agent_url: None,
            webhooks: 1,
            workers: 2,
            env: Vec::new(),
            polls: true,
            worker_timeout: WORKER_TIMEOUT,
        }
    }
}

/// The proxies between one function and AWS.
pub struct Wires {
    pub store: Proxy,
    pub queue: Proxy,
    pub secrets: Proxy,
}

/// All of it, running; it ends when dropped.
pub struct Cloud {
    pub emulator: Emulator,
    pub agent: ScriptedAgent,
    pub webhook: Function,
    pub worker: Function,
    pub gateway: Gateway,
    pub poller: Poller,
    pub queue: Queue,
    pub dead_letters: Queue,
    /// The proxies between the webhook and AWS.
    pub at_webhook: Wires,
    /// The proxies between the worker and AWS.
    pub at_worker: Wires,
    /// The proxy before the emulator, which the worker's callback posts and fetches of pictures
    /// pass.
    pub kakao: Proxy,
    pub access: Access,
    pub turns: Turns,
    /// The configuration, as it is in the secret.
    pub document: String,
    canaries: Canaries,
    tables: aws_sdk_dynamodb::Client,
    names: Names,
    _tasks: JoinSet<()>,
}

/// Names of this test's own: other tests use the same moto server.
#[derive(Clone)]
pub struct Names {
    pub access: String,
    pub turns: String,
    pub secret: String,
}

impl Cloud {
    /// Everyone is let in; one webhook process and two workers.
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        // One cloud starts at a time: moto fails when two queues are made at once, and two cores
        // are too slow when many clouds start.
        static BEGINNING: Semaphore = Semaphore::const_new(1);
        let _turn = BEGINNING.acquire().await.unwrap();
        let mut tasks = JoinSet::new();
        let moto = moto();
        let database = match setup.store {
            Store::Moto => moto.clone(),
            Store::Engine => bundle::engine::start(None, &mut tasks).await.unwrap(),
        };
        let names = Names::new();
        let tables = client(&database).await;
        for table in [&names.access, &names.turns] {
            store::create_table(&tables, table, &[]).await.unwrap();
        }
        let dead = format!("dead-{}", names.turns);
        let dead_letters = Queue::create(&moto, &dead, &[]).await.unwrap();
        let queue = Queue::create_with_dead_letters(
            &moto,
            &names.turns,
            &dead_letters,
            MAX_RECEIVES,
            &[("VisibilityTimeout", VISIBILITY)],
        )
        .await
        .unwrap();
        let agent = ScriptedAgent::start().await;
        let document = document(&setup, setup.agent_url.as_ref().unwrap_or(&agent.url));
        create_secret(&moto, &names.secret, &document).await;
        let keys = config::load(&document, &|_| None).unwrap().config.keys;
        let keys = Arc::new(KeyRing::new(keys.unwrap()));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let kakao = Proxy::before(&address).unwrap();
        let emulator = Emulator::new(emulator::Options::new(kakao.url.clone()));
        let router = emulator.router();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });

        let wires = || Wires {
            store: Proxy::before(&database).unwrap(),
            queue: Proxy::before(&moto).unwrap(),
            secrets: Proxy::before(&moto).unwrap(),
        };
        let (at_webhook, at_worker) = (wires(), wires());
        let program = |name: &str, timeout, wires: &Wires| {
            let mut program = Program::new(binary(name), timeout);
            let queue_url = queue.url.clone();
            for (name, value) in environment(&names, queue_url, wires, &kakao.url) {
                program = program.with_env(name, value);
            }
            for (name, value) in &setup.env {
                program = program.with_env(*name, value.clone());
            }
            program
        };
        let webhook_program = program("skill-webhook", WEBHOOK_TIMEOUT, &at_webhook);
        let worker_program = program("turn-worker", setup.worker_timeout, &at_worker);
        let webhook = Function::new(webhook_program, setup.webhooks);
        let worker = Function::new(worker_program, setup.workers);
        let gateway = gateway::serve(webhook.clone(), &ROUTES).unwrap();
        let poller = Poller::start(worker.clone(), queue.clone(), setup.workers);
        if !setup.polls {
            poller.pause().await;
        }
        let header = ("X-Dari-Skill-Key".to_owned(), setup.skill_key.to_owned());
        let skill = format!("{}/kakao/webhook", gateway.url);
        emulator
            .chatbot()
            .add_bot(Bot::new(BOT, skill, Some(header)));
        Self {
            access: Access::new(tables.clone(), names.access.clone(), Arc::clone(&keys)),
            turns: Turns::new(tables.clone(), names.turns.clone(), keys),
            emulator,
            agent,
            webhook,
            worker,
            gateway,
            poller,
            queue,
            dead_letters,
            at_webhook,
            at_worker,
            kakao,
            document,
            canaries: Canaries::default(),
            tables,
            names,
            _tasks: tasks,
        }
    }

    /// Somebody writes to a bot with callbacks; returns the exchange when the skill has answered.
    pub async fn says(&self, user: &str, text: &str) -> Exchange {
        let message = Message::text(user, text);
        self.emulator.chatbot().say(BOT, message).await.unwrap()
    }

    /// Somebody writes to a bot without callbacks.
    pub async fn says_without_callback(&self, user: &str, text: &str) -> Exchange {
        let message = Message {
            callback: Some(false),
            ..Message::text(user, text)
        };
        self.emulator.chatbot().say(BOT, message).await.unwrap()
    }

    pub async fn sends(&self, message: Message) -> Exchange {
        self.emulator.chatbot().say(BOT, message).await.unwrap()
    }

    /// Lets a process of the webhook answer once; a new one starts if none is idle.
    pub async fn warms_up(&self, person: usize) {
        let exchange = self.says(&format!("early-{person}"), "/help").await;
        assert_eq!(exchange.status, Some(200), "{exchange:?}");
    }

    /// Posts a body that is no JSON with this key; returns the status.
    pub async fn knocks(&self, key: &str) -> u16 {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{}/kakao/webhook", self.gateway.url))
            .header("x-dari-skill-key", key)
            .body("knock knock");
        request.send().await.unwrap().status().as_u16()
    }

    /// The exchange once its callback was used or has expired; waits at most 70 s.
    pub async fn after_callback(&self, exchange: &Exchange) -> Exchange {
        let patience = Duration::from_secs(70);
        self.emulator
            .chatbot()
            .settled(&exchange.id, patience)
            .await
            .unwrap()
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Waits until no conversation has an unfinished turn, and the queue is empty.
    pub async fn until_idle(&self) {
        let is_idle = async || {
            let unfinished = self.turns.unfinished(now()).await.unwrap();
            let depth = self.queue.depth().await.unwrap();
            unfinished.is_empty() && depth.visible + depth.in_flight + depth.delayed == 0
        };
        while !is_idle().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that the two tables hold, as it is stored.
    pub async fn dump(&self) -> String {
        let mut dump = String::new();
        for table in [&self.names.access, &self.names.turns] {
            let scanned = self.tables.scan().table_name(table).send().await.unwrap();
            let items: BTreeSet<_> = scanned
                .items()
                .iter()
                .map(|item| format!("{:?}", item.iter().collect::<BTreeMap<_, _>>()))
                .collect();
            write!(dump, "{items:?}").unwrap();
        }
        dump
    }

    /// Adds a canary: the end of the test looks for it, too.
    pub fn secret(&self, what: &str) {
        self.canaries.add(what);
    }
}

/// Whatever the test was about, no secret and nothing personal may have been printed, queued or
/// stored (F-79).
impl Drop for Cloud {
    fn drop(&mut self) {
        for seen in self.kakao.seen() {
            if let Some((_, token)) = seen.path.split_once("/callback/") {
                self.canaries.add(token);
            }
        }
        let mut places = vec![
            ("the webhook's log", self.webhook.output()),
            ("the worker's log", self.worker.output()),
        ];
        for wires in [&self.at_webhook, &self.at_worker] {
            for proxy in [&wires.store, &wires.queue] {
                let bodies = proxy.bodies();
                let text = bodies.iter().map(|body| String::from_utf8_lossy(body));
                places.push(("what went to and from AWS", text.collect()));
            }
        }
        for (place, text) in places {
            if let Some(canary) = self.canaries.find(&text)
                && !std::thread::panicking()
            {
                panic!("{canary:?} is in {place}");
            }
        }
    }
}

impl Names {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{}-{count}", std::process::id());
        Self {
            access: format!("access-{unique}"),
            turns: format!("turns-{unique}"),
            secret: format!("config-{unique}"),
        }
    }
}

/// The text of the skill's response, with `---` between bubbles.
pub fn screen(exchange: &Exchange) -> String {
    assert!(exchange.broken_rules.is_empty(), "{exchange:?}");
    texts(&exchange.bubbles)
}

/// The text of what came through the callback. Panics unless Kakao took it.
pub fn delivered(exchange: &Exchange) -> String {
    let callback = exchange.callback.as_ref().unwrap();
    assert!(callback.delivered, "{callback:?}");
    assert!(callback.broken_rules.is_empty(), "{callback:?}");
    texts(&callback.bubbles)
}

pub fn texts(bubbles: &[Bubble]) -> String {
    let texts: Vec<_> = bubbles.iter().map(|bubble| bubble.text.as_str()).collect();
    texts.join("\n---\n")
}

pub fn now() -> Time {
    Clock::System.now()
}

fn document(setup: &Setup, agent: &str) -> String {
    let Setup {
        account,
        skill_key,
        agent: settings,
        ..
    } = setup;
    format!(
        r#"{{
            channels: {{ kakao: {{ skillKey: "{skill_key}", {account} }} }},
            agents: {{ main: {{ kind: "openclaw", url: "{agent}", token: "{AGENT_TOKEN}", {settings} }} }},
            {KEYS},
        }}"#
    )
}

fn environment(
    names: &Names,
    queue: String,
    wires: &Wires,
    kakao: &str,
) -> Vec<(&'static str, String)> {
    vec![
        // Empty means "not on Lambda". On Lambda the functions would refuse DARI_EXTRA_ORIGINS, and
        // with it an emulator without TLS.
        ("AWS_LAMBDA_FUNCTION_NAME", String::new()),
        ("AWS_REGION", local_lambda::REGION.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", wires.store.url.clone()),
        ("AWS_ENDPOINT_URL_SQS", wires.queue.url.clone()),
        (
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            wires.secrets.url.clone(),
        ),
        ("DARI_CONFIG_SECRET", names.secret.clone()),
        ("DARI_ACCESS_TABLE", names.access.clone()),
        ("DARI_TURNS_TABLE", names.turns.clone()),
        ("DARI_TURN_QUEUE_URL", queue),
        ("DARI_EXTRA_ORIGINS", kakao.to_owned()),
        ("DARI_METRICS_NAMESPACE", "Dari/test".to_owned()),
        ("RUST_LOG", "trace".to_owned()),
    ]
}
