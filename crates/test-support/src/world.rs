//! A `World` is a whole bundle with the emulator in front, one for each test. Its methods are what
//! people do (`sends`, `asks`, `owner_approves`) and what time does (`later`); `screen` and
//! `callback_screen` read what a person sees afterwards.

use std::{sync::Arc, time::Duration};

use bundle::{Options, Stack, Store, bot_id};
use emulator::{CallbackFaults, Exchange, Faults, Message};
use local_lambda::fault::Proxy;
use outside::Origin;
use shared::{
    access::{AccessError, PairingRequest},
    clock::{Clock, ClockAhead, Time},
    config::{self, Config},
    env::Hosts,
    identity::{AccountId, Channel},
    keys::KeyRing,
    live::LiveConfig,
    startup::Parts,
};
use tokio::task::JoinSet;

use crate::{
    cloud::texts,
    keys::{KEYS, SKILL_KEY, scope},
};

pub struct World {
    pub stack: Stack,
    pub config: Arc<Config>,
    pub live: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub client: reqwest::Client,
    clock: ClockAhead,
    _engine: JoinSet<()>,
}

/// A configuration with one KakaoTalk account. `account` adds settings to that account, such as
/// [`OPEN`]; `agents` are the entries of `agents`, such as [`ECHO`].
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
    /// Strangers are paired, and the agent echoes: the defaults of `dari dev`.
    pub async fn new() -> Self {
        Self::with(&document("", ECHO)).await
    }

    /// Everyone is let in, and the agent echoes.
    pub async fn open() -> Self {
        Self::with(&document(OPEN, ECHO)).await
    }

    pub async fn with(document: &str) -> Self {
        Self::on(document, Store::Memory).await
    }

    /// With a fault proxy between the bundle and its tables. What the proxy saw while the bundle
    /// started is forgotten.
    pub async fn behind_proxy(document: &str) -> (Self, Proxy) {
        let mut engine = JoinSet::new();
        let tables = bundle::engine::start(None, &mut engine).await.unwrap();
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

    /// Callback URLs and pictures may also be at these `origins`, separated by commas.
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
        // As at Kakao, a callback is accepted from one second after its acknowledgement.
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
                .chatbot()
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

    /// Moves the clocks of the bundle and of the emulator ahead. Nothing sleeps.
    pub fn later(&self, by: Duration) {
        self.clock.advance(by);
        self.stack.emulator.as_ref().unwrap().advance(by);
    }

    /// Gives workers that a step in time has woken the chance to do their next store calls, by
    /// reading from the same engine ten times.
    pub async fn workers_look_around(&self) {
        for _ in 0..10 {
            self.stack.turns.unfinished(self.now()).await.unwrap();
        }
    }

    /// Lets time pass until no turn is unfinished, and returns how many held answers `/상태` then
    /// counts.
    pub async fn settled(&self) -> usize {
        loop {
            let unfinished = self.stack.turns.unfinished(self.now()).await.unwrap();
            if unfinished.is_empty() {
                let shown = self.asks("/상태").await;
                return shown
                    .rsplit(' ')
                    .next()
                    .and_then(|count| count.strip_suffix("개"))
                    .and_then(|count| count.parse().ok())
                    .unwrap();
            }
            self.later(Duration::from_secs(1));
            self.workers_look_around().await;
        }
    }

    /// Everything that a table holds, as text, to search for what must not be there.
    pub async fn dump(&self, table: &str) -> String {
        let client = shared::store::embedded_client(&self.stack.dynamodb).await;
        let scanned = client.scan().table_name(table).send().await.unwrap();
        format!("{:?}", scanned.items())
    }

    /// What the functions of this bundle are made of, for one that a test makes by itself. Callback
    /// URLs and pictures may be at `origins`, and on no other host of this machine.
    pub fn parts(&self, origins: &[Origin]) -> Parts {
        let mut parts = self.stack.parts.clone();
        parts.hosts.extra_origins = origins.to_vec();
        parts
    }

    pub fn bot(&self) -> String {
        let account = self.config.account(Channel::Kakao, &AccountId::default());
        bot_id(account.unwrap())
    }

    pub fn webhook(&self) -> String {
        format!("{}/kakao/webhook", self.stack.url)
    }

    /// Sends a message, and returns the exchange when the skill has answered.
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

    /// The exchange once its callback was used or has expired; waits for it at most 20 s of real
    /// time.
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

    /// Alice writes; returns the answer, whether it is in the response or comes through the
    /// callback.
    pub async fn asks(&self, text: &str) -> String {
        self.answer_to(&Message::text("alice", text)).await
    }

    /// The same for any message of anybody.
    pub async fn answer_to(&self, message: &Message) -> String {
        let exchange = self.sends_message(message).await;
        if exchange.callback.is_none() || exchange.waiting_message.is_none() {
            return screen(&exchange);
        }
        // Kakao takes the callback only a second after the acknowledgement.
        self.later(Duration::from_secs(2));
        callback_screen(&self.after_callback(&exchange).await)
    }

    /// The pairing requests that wait for the owner.
    pub async fn waiting(&self) -> Vec<PairingRequest> {
        self.stack
            .access
            .pending(&scope(), self.now())
            .await
            .unwrap()
    }

    /// The owner approves a code; `None` if no pairing request has it.
    pub async fn owner_approves(&self, code: &str) -> Result<Option<PairingRequest>, AccessError> {
        self.stack.access.approve(&scope(), code, self.now()).await
    }

    /// The owner approves everyone who waits.
    pub async fn owner_approves_all(&self) {
        for request in self.waiting().await {
            self.owner_approves(request.code.expose())
                .await
                .unwrap()
                .unwrap();
        }
    }
}

/// The text of the skill's response, with `---` between bubbles. Panics if the response breaks a
/// rule of the platform or shows nothing.
pub fn screen(exchange: &Exchange) -> String {
    assert!(
        exchange.broken_rules.is_empty(),
        "{:?} {}",
        exchange.broken_rules,
        exchange.response
    );
    assert!(
        !exchange.bubbles.is_empty(),
        "nothing is shown: {:?} {:?} {}",
        exchange.outcome,
        exchange.error,
        exchange.response
    );
    texts(&exchange.bubbles)
}

/// The text of what came through the callback. Panics unless Kakao took it, at the right time and
/// without a broken rule.
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
    texts(&callback.bubbles)
}

/// The labels of the quick replies under the response.
pub fn labels(exchange: &Exchange) -> Vec<String> {
    exchange
        .quick_replies
        .iter()
        .map(|reply| reply.label.clone())
        .collect()
}

/// The operations that passed the proxy since the last call.
pub fn take_operations(proxy: &Proxy) -> Vec<String> {
    let seen = proxy.take_seen().into_iter();
    seen.map(|seen| seen.operation).collect()
}
