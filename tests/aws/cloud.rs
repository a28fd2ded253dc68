//! AWS and Kakao around the real binaries, one of each for every test: gateway, sandboxes, queue
//! and poller, tables, secret; and a proxy before each that can misbehave.

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
    identity::{AccountId, Channel, Scope},
    keys::KeyRing,
    store,
    turn::Turns,
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};

use crate::{
    agent::ScriptedAgent,
    canary::{AGENT_TOKEN, Canaries, DIGEST_KEY, SEALING_KEY, SKILL_KEY},
    servers::{binary, client, create_secret, moto},
};

/// As in `template.yaml`.
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

/// What a test wants otherwise.
pub struct Setup {
    pub store: Store,
    /// Settings of the account.
    pub account: &'static str,
    pub skill_key: &'static str,
    /// Of the agent, besides its address.
    pub agent: &'static str,
    /// Where the agent is instead of at [`Cloud::agent`].
    pub agent_url: Option<String>,
    pub webhooks: usize,
    pub workers: usize,
    /// What the functions find in their environment besides, or instead.
    pub env: Vec<(&'static str, String)>,
    /// Whether the queue is emptied.
    pub polls: bool,
    pub worker_timeout: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// The engine of `dari dev`: conditional writes are atomic, as on AWS.
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

/// What stands between one function and AWS.
pub struct Wires {
    pub store: Proxy,
    pub queue: Proxy,
    pub secrets: Proxy,
}

pub struct Cloud {
    pub emulator: Emulator,
    pub agent: ScriptedAgent,
    pub webhook: Function,
    pub worker: Function,
    pub gateway: Gateway,
    pub poller: Poller,
    pub queue: Queue,
    pub dead_letters: Queue,
    /// Before the webhook's stores.
    pub at_webhook: Wires,
    /// Before the worker's stores.
    pub at_worker: Wires,
    /// Where callbacks pass.
    pub kakao: Proxy,
    pub access: Access,
    pub turns: Turns,
    /// The configuration in the secret.
    pub document: String,
    canaries: Canaries,
    tables: aws_sdk_dynamodb::Client,
    names: Names,
    _tasks: JoinSet<()>,
}

/// Of things in a server that other tests use, too.
#[derive(Clone)]
pub struct Names {
    pub access: String,
    pub turns: String,
    pub secret: String,
}

impl Cloud {
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        // moto stumbles when two queues are made at once, and two cores when many worlds begin.
        static BEGINNING: Semaphore = Semaphore::const_new(1);
        let _turn = BEGINNING.acquire().await.unwrap();
        let mut tasks = JoinSet::new();
        let moto = moto();
        let database = match setup.store {
            Store::Moto => moto.clone(),
            Store::Engine => dari::engine::start(None, &mut tasks).await.unwrap(),
        };
        let names = Names::new();
        let tables = client(&database).await;
        for table in [&names.access, &names.turns] {
            store::create_table(&tables, table).await.unwrap();
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

    /// Somebody writes to a bot that has callbacks; returns what is on the screen when the skill
    /// has answered.
    pub async fn says(&self, user: &str, text: &str) -> Exchange {
        let message = Message::text(user, text);
        self.emulator.chatbot().say(BOT, message).await.unwrap()
    }

    /// The same to a bot that has none.
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

    /// Starts a process, if none is idle, and lets it answer once.
    pub async fn warms_up(&self, person: usize) {
        let exchange = self.says(&format!("early-{person}"), "/help").await;
        assert_eq!(exchange.status, Some(200), "{exchange:?}");
    }

    /// Somebody with this key and nothing to say; returns the status.
    pub async fn knocks(&self, key: &str) -> u16 {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{}/kakao/webhook", self.gateway.url))
            .header("x-dari-skill-key", key)
            .body("knock knock");
        request.send().await.unwrap().status().as_u16()
    }

    /// The exchange once its callback was used or is over.
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

    /// Everything in the two tables, as it is stored.
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

    /// Something that must never be seen outside of where it belongs.
    pub fn secret(&self, what: &str) {
        self.canaries.add(what);
    }
}

/// Whatever a test was about: nothing personal and no secret was printed, queued or stored (F-79).
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

/// What the skill's own answer shows.
pub fn screen(exchange: &Exchange) -> String {
    assert!(exchange.broken_rules.is_empty(), "{exchange:?}");
    texts(&exchange.bubbles)
}

/// What the callback showed.
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

pub fn scope() -> Scope {
    Scope {
        channel: Channel::Kakao,
        account: AccountId::default(),
    }
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
            keys: {{ digest: "{DIGEST_KEY}", sealing: {{ "1": "{SEALING_KEY}" }} }},
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
        // Empty is not on Lambda: there, an emulator without TLS would be refused.
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
