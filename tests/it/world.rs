//! A bundle of one's own for each test, and verbs for what people do with it.

use std::{sync::Arc, time::Duration};

use dari::stack::{Options, Stack, Store, bot_id};
use emulator::{CallbackFaults, Exchange, Faults, Message};
use local_lambda::fault::Proxy;
use shared::{
    access::{AccessError, PairingRequest},
    clock::{Clock, ClockAhead, Time},
    config::{self, Config},
    env::Hosts,
    identity::{AccountId, Channel, Scope},
    keys::KeyRing,
    live::LiveConfig,
};
use tokio::task::JoinSet;

pub const SKILL_KEY: &str = "test-skill-key-0123456789abcdef";
pub const KEYS: &str = r#"keys: {
    digest: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    sealing: { "1": "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8" },
}"#;

pub struct World {
    pub stack: Stack,
    pub config: Arc<Config>,
    pub live: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub client: reqwest::Client,
    clock: ClockAhead,
    _engine: JoinSet<()>,
}

/// A configuration with one KakaoTalk account; `account` adds settings to it, `agents` are the
/// agents.
pub fn document(account: &str, agents: &str) -> String {
    format!(
        r#"{{
            channels: {{ kakao: {{ enabled: true, skillKey: "{SKILL_KEY}", {account} }} }},
            agents: {{ {agents} }},
            {KEYS},
        }}"#
    )
}

pub const ECHO: &str = r#"main: { kind: "echo" }"#;
pub const OPEN: &str = r#"dmPolicy: "open", allowFrom: ["*"]"#;

impl World {
    /// Pairing and an echo, as `dari dev` makes them.
    pub async fn new() -> Self {
        Self::with(&document("", ECHO)).await
    }

    /// Everyone is let in.
    pub async fn open() -> Self {
        Self::with(&document(OPEN, ECHO)).await
    }

    pub async fn with(document: &str) -> Self {
        Self::on(document, Store::Memory).await
    }

    /// With a proxy between it and its tables, which has seen nothing yet.
    pub async fn behind_proxy(document: &str) -> (Self, Proxy) {
        let mut engine = JoinSet::new();
        let tables = dari::engine::start(None, &mut engine).await.unwrap();
        let proxy = Proxy::before(&tables).unwrap();
        let world = Self::on(document, Store::At(proxy.url.clone())).await;
        proxy.take_seen();
        let world = Self {
            _engine: engine,
            ..world
        };
        (world, proxy)
    }

    pub async fn on(document: &str, store: Store) -> Self {
        Self::reaching(document, store, "").await
    }

    /// Callbacks and pictures may also be at these `origins`, with commas between them.
    pub async fn reaching(document: &str, store: Store, origins: &str) -> Self {
        let live = LiveConfig::new(config::load(document, &|_| None).unwrap().config);
        let config = live.current();
        let keys = Arc::new(KeyRing::new(config.keys.clone().unwrap()));
        let clock = ClockAhead::default();
        let options = Options {
            port: 0,
            store,
            emulator: true,
            clock: Clock::Ahead(clock.clone()),
            hosts: Hosts::from_env(&|name| {
                (name == "DARI_EXTRA_ORIGINS").then(|| origins.to_owned())
            })
            .unwrap(),
        };
        let stack = Stack::start(live.clone(), Arc::clone(&keys), options)
            .await
            .unwrap();
        // As the real one: an acknowledgement counts a second after it was sent.
        let settling = Faults {
            callback: CallbackFaults {
                settle_ms: 1_000,
                ..CallbackFaults::default()
            },
            ..Faults::default()
        };
        let emulator = stack.emulator.as_ref().unwrap();
        for (account, _) in config.kakao() {
            emulator
                .set_faults(&bot_id(account), settling.clone())
                .unwrap();
        }
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            stack,
            config,
            live,
            keys,
            client,
            clock,
            _engine: JoinSet::new(),
        }
    }

    pub fn clock(&self) -> Clock {
        Clock::Ahead(self.clock.clone())
    }

    pub fn now(&self) -> Time {
        self.clock().now()
    }

    /// Time passes, for us and for Kakao.
    pub fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.stack.emulator.as_ref().unwrap().advance(by);
    }

    /// Lets those whom a step in time has woken do what they woke up for: they share the engine
    /// with these reads.
    pub async fn workers_look_around(&self) {
        for _ in 0..10 {
            self.stack.turns.unfinished(self.now()).await.unwrap();
        }
    }

    /// Waits until no turn is open; how many answers are held then.
    pub async fn settled(&self) -> usize {
        loop {
            let unfinished = self.stack.turns.unfinished(self.now()).await.unwrap();
            if unfinished.is_empty() {
                let shown = self.asks("/상태").await;
                return shown
                    .rsplit(": ")
                    .next()
                    .and_then(|count| count.strip_suffix("개"))
                    .and_then(|count| count.parse().ok())
                    .unwrap();
            }
            self.later(Duration::from_secs(1));
            self.workers_look_around().await;
        }
    }

    /// Everything a table holds.
    pub async fn dump(&self, table: &str) -> String {
        let client = shared::store::embedded_client(&self.stack.dynamodb).await;
        let scanned = client.scan().table_name(table).send().await.unwrap();
        format!("{:?}", scanned.items())
    }

    pub fn bot(&self) -> String {
        let account = self.config.account(Channel::Kakao, &AccountId::default());
        bot_id(account.unwrap())
    }

    pub fn webhook(&self) -> String {
        format!("{}/kakao/webhook", self.stack.url)
    }

    /// Sends a message and returns what is on the screen when the skill has answered.
    pub async fn sends_message(&self, message: &Message) -> Exchange {
        let url = format!(
            "{}/emulator/api/bots/{}/messages",
            self.stack.url,
            self.bot()
        );
        let response = self.client.post(url).json(message).send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        assert!(status.is_success(), "{status} {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Alice writes to a bot with callbacks.
    pub async fn sends(&self, text: &str) -> Exchange {
        self.sends_message(&Message::text("alice", text)).await
    }

    /// Alice writes to a bot without callbacks.
    pub async fn sends_without_callback(&self, text: &str) -> Exchange {
        self.sends_message(&Message {
            callback: Some(false),
            ..Message::text("alice", text)
        })
        .await
    }

    /// The exchange once its callback was used or has expired.
    pub async fn after_callback(&self, exchange: &Exchange) -> Exchange {
        self.exchange(&format!("{}?wait=callback&timeoutMs=20000", exchange.id))
            .await
    }

    /// The exchange as it is now.
    pub async fn after_a_look(&self, exchange: &Exchange) -> Exchange {
        self.exchange(&exchange.id).await
    }

    async fn exchange(&self, path: &str) -> Exchange {
        let url = format!("{}/emulator/api/exchanges/{path}", self.stack.url);
        let response = self.client.get(url).send().await.unwrap();
        response.json().await.unwrap()
    }

    /// Sends a message and reads the answer, wherever it arrives.
    pub async fn asks(&self, text: &str) -> String {
        self.answer_to(&Message::text("alice", text)).await
    }

    pub async fn answer_to(&self, message: &Message) -> String {
        let exchange = self.sends_message(message).await;
        if exchange.callback.is_none() || exchange.waiting_message.is_none() {
            return screen(&exchange);
        }
        // Past the moment before which Kakao would not take the callback.
        self.later(Duration::from_secs(2));
        callback_screen(&self.after_callback(&exchange).await)
    }

    pub async fn waiting(&self) -> Vec<PairingRequest> {
        self.stack
            .access
            .pending(&scope(), self.now())
            .await
            .unwrap()
    }

    pub async fn owner_approves(&self, code: &str) -> Result<Option<PairingRequest>, AccessError> {
        self.stack.access.approve(&scope(), code, self.now()).await
    }

    /// Lets everyone in who waits.
    pub async fn owner_approves_all(&self) {
        for request in self.waiting().await {
            self.owner_approves(request.code.expose())
                .await
                .unwrap()
                .unwrap();
        }
    }
}

/// The account that a [`World`] has unless it says otherwise.
pub fn scope() -> Scope {
    Scope {
        channel: Channel::Kakao,
        account: AccountId::default(),
    }
}

/// What the skill's own answer shows; panics if Kakao would have shown nothing.
pub fn screen(exchange: &Exchange) -> String {
    assert!(
        exchange.broken_rules.is_empty(),
        "{:?} {}",
        exchange.broken_rules,
        exchange.response
    );
    let bubbles: Vec<_> = exchange
        .bubbles
        .iter()
        .map(|bubble| bubble.text.as_str())
        .collect();
    assert!(
        !bubbles.is_empty(),
        "nothing is shown: {:?} {:?} {}",
        exchange.outcome,
        exchange.error,
        exchange.response
    );
    bubbles.join("\n---\n")
}

pub fn callback_screen(exchange: &Exchange) -> String {
    let callback = exchange.callback.as_ref().unwrap();
    assert!(callback.delivered, "{callback:?}");
    let settled = callback.ack_at_ms.map(|at| at + 1_000);
    let early = |at: i64| settled.is_none_or(|settled| at < settled);
    assert!(
        !callback.attempts.iter().any(|attempt| early(attempt.at_ms)),
        "posted before the acknowledgement had settled: {callback:?}"
    );
    assert!(
        callback.broken_rules.is_empty(),
        "{:?}",
        callback.broken_rules
    );
    callback
        .bubbles
        .iter()
        .map(|bubble| bubble.text.as_str())
        .collect::<Vec<_>>()
        .join("\n---\n")
}

pub fn labels(exchange: &Exchange) -> Vec<String> {
    exchange
        .quick_replies
        .iter()
        .map(|reply| reply.label.clone())
        .collect()
}

/// What has been asked for since the last look.
pub fn take_operations(proxy: &Proxy) -> Vec<String> {
    let seen = proxy.take_seen().into_iter();
    seen.map(|seen| seen.operation).collect()
}
