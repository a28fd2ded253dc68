//! The whole bundle in one process: every function behind its real route, the embedded DynamoDB, a
//! queue in memory, and Kakao's emulator. `dari dev` runs it, and so do the tests.

use std::{io::ErrorKind, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{RawQuery, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect},
    routing::{any, get},
};
use bytes::Bytes;
use emulator::Emulator;
use http::{HeaderMap, Request, Response, StatusCode, Uri, header, uri::Authority};
use outside::{Http, Origin};
use shared::{
    access::Access,
    clock::Clock,
    config::Config,
    env::Hosts,
    keys::KeyRing,
    live::LiveConfig,
    queue::{LocalTurnQueue, TurnQueue},
    store,
    turn::{TurnRef, Turns, budget},
};
use skill_webhook::SkillWebhook;
use tokio::{net::TcpListener, task::JoinSet};
use turn_worker::TurnWorker;

use crate::{
    bots::add_bots,
    engine,
    panel::{self, Panel},
    sqs, tables,
};

/// How the bundle is started.
pub struct Options {
    /// On 127.0.0.1; 0 for any that is free.
    pub port: u16,
    pub store: Store,
    pub emulator: bool,
    pub clock: Clock,
    /// Where the platforms are; the emulator's origin is added to what callbacks and media may use.
    pub hosts: Hosts,
}

/// Where the tables are.
pub enum Store {
    /// In an engine of our own, gone with the process.
    Memory,
    /// In an engine of our own, kept in this directory.
    Folder(PathBuf),
    /// In an engine that runs already, at this address.
    At(String),
}

/// A running bundle. It ends when it is dropped.
pub struct Stack {
    pub url: String,
    pub dynamodb: String,
    pub access: Access,
    pub turns: Turns,
    pub emulator: Option<Emulator>,
    live: LiveConfig,
    tasks: JoinSet<()>,
}

type Webhook = SkillWebhook<LocalTurnQueue>;

impl Stack {
    pub async fn start(live: LiveConfig, keys: Arc<KeyRing>, options: Options) -> Result<Self> {
        let listener = listen(options.port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut tasks = JoinSet::new();
        let dynamodb = match options.store {
            Store::Memory => engine::start(None, &mut tasks).await?,
            Store::Folder(folder) => engine::start(Some(&folder), &mut tasks).await?,
            Store::At(address) => address,
        };
        let client = store::embedded_client(&dynamodb).await;
        for table in [tables::ACCESS, tables::TURNS] {
            store::create_table(&client, table, &[]).await?;
        }
        let access = Access::new(client.clone(), tables::ACCESS.to_owned(), Arc::clone(&keys));
        let turns = Turns::new(client, tables::TURNS.to_owned(), Arc::clone(&keys));

        let emulator = options.emulator.then(|| {
            Emulator::new(emulator::Options {
                panel: Some(panel::MODULE.to_owned()),
                ..emulator::Options::new(format!("{url}/emulator"))
            })
        });
        let mut hosts = options.hosts;
        hosts
            .extra_origins
            .extend(Origin::parse(&url).filter(|_| options.emulator));
        let callback_hosts = kakao_channel::callback_hosts(&hosts);
        let (queue, local_turns) = LocalTurnQueue::new(options.clock.clone());
        let worker = TurnWorker {
            config: live.clone(),
            turns: turns.clone(),
            queue: queue.clone(),
            http: Http::new(&hosts.extra_origins)?,
            callback_hosts: callback_hosts.clone(),
            clock: options.clock.clone(),
        };
        tasks.spawn(local_turns.run(budget::LEASE, move |turn: TurnRef| {
            let worker = worker.clone();
            async move {
                worker
                    .work(&turn)
                    .await
                    .inspect_err(|error| tracing::warn!(%error, "a turn is tried again"))
            }
        }));
        // The turns that an earlier run left unfinished go back into the queue.
        for turn in turns.unfinished(options.clock.now()).await? {
            queue.send(&turn, Duration::ZERO).await?;
        }

        let webhook = Webhook {
            config: live.clone(),
            keys: Arc::clone(&keys),
            access: access.clone(),
            turns: turns.clone(),
            queue: queue.clone(),
            callback_hosts,
            extra_origins: hosts.extra_origins,
            clock: options.clock.clone(),
            refusals: Arc::default(),
            backlog: Arc::default(),
        };
        let config = live.current();
        let mut router = Router::new()
            .route("/health", any(skill))
            .route("/kakao/webhook", any(skill))
            .route("/kakao/webhook/{account}", any(skill));
        if let Some(path) = config
            .dev
            .webhook_path
            .as_deref()
            .filter(|path| !path.starts_with("/kakao/webhook"))
        {
            router = router.route(path, any(skill_elsewhere));
        }
        let mut router = router.with_state(Arc::new(webhook));
        if let Some(emulator) = &emulator {
            add_bots(emulator, &config, &url);
            let panel = Panel {
                live: live.clone(),
                access: access.clone(),
                turns: turns.clone(),
                keys,
                clock: options.clock,
                emulator: emulator.clone(),
            };
            router = router.merge(for_here(panel, queue));
        }
        tasks.spawn(async move {
            // The server ends with the process, so there is nobody to tell of an error.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url,
            dynamodb,
            access,
            turns,
            emulator,
            live,
            tasks,
        })
    }

    /// Puts another configuration in force, and a bot for each of its accounts into the emulator.
    pub fn reconfigure(&self, config: Config) {
        if let Some(emulator) = &self.emulator {
            add_bots(emulator, &config, &self.url);
        }
        self.live.replace(config);
    }

    /// Waits until a task that must keep running has stopped.
    pub async fn ended(&mut self) {
        self.tasks.join_next().await;
    }
}

async fn listen(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken; choose another with --port")
        }
        Err(error) => bail!("port {port} cannot be used: {error}"),
    }
}

/// The routes that only this machine may reach: the emulator, the panel and the queue.
fn for_here(panel: Panel, queue: LocalTurnQueue) -> Router {
    Router::new()
        .route("/", get(to_the_page))
        .nest_service("/emulator", panel.emulator.router())
        .merge(panel::router(panel))
        .merge(sqs::router(queue))
        .layer(from_fn(only_from_here))
}

async fn to_the_page(RawQuery(query): RawQuery) -> Redirect {
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Redirect::temporary(&format!("/emulator/chat{query}"))
}

/// Refuses requests that do not name this machine as their host and, if they name one, as their
/// origin. The emulator lets anyone be anyone, the panel lets anyone in, and the queue takes
/// whatever comes: neither a tunnel to the webhook nor another site in the owner's browser may
/// reach them.
async fn only_from_here(request: Request<Body>, next: Next) -> axum::response::Response {
    match is_from_here(request.headers()) {
        true => next.run(request).await,
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let is_here = |authority: &str| {
        let authority = authority.parse::<Authority>();
        authority.is_ok_and(|it| matches!(it.host(), "127.0.0.1" | "localhost" | "[::1]"))
    };
    let text = |name| Some(headers.get(name)?.to_str().unwrap_or_default());
    let host = text(header::HOST).is_some_and(is_here);
    let origin = text(header::ORIGIN)
        .is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_here));
    host && origin
}

static TOO_LARGE: [u8; skill_webhook::MAX_BODY + 1] = [0; skill_webhook::MAX_BODY + 1];

async fn skill(State(webhook): State<Arc<Webhook>>, request: Request<Body>) -> Response<String> {
    let received = webhook.clock.now();
    let (parts, body) = request.into_parts();
    // One byte more than the function takes is enough for it to refuse; the rest is not read.
    let body = match to_bytes(body, skill_webhook::MAX_BODY).await {
        Ok(body) => body,
        Err(_) => Bytes::from_static(&TOO_LARGE),
    };
    webhook
        .handle(&Request::from_parts(parts, body), received)
        .await
}

/// `webhookPath` of the configuration: the same function at another address, on a laptop only.
async fn skill_elsewhere(
    webhook: State<Arc<Webhook>>,
    mut request: Request<Body>,
) -> Response<String> {
    *request.uri_mut() = Uri::from_static("/kakao/webhook");
    skill(webhook, request).await
}
