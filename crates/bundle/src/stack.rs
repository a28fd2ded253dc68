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
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header, uri::Authority};
use outside::Origin;
use shared::{
    access::Access,
    clock::Clock,
    config::Config,
    edge::{self, HttpFunction},
    env::{Hosts, Need},
    keys::KeyRing,
    live::LiveConfig,
    queue::{LocalTurnQueue, TurnQueue},
    startup::Parts,
    store,
    turn::Turns,
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

const TABLES: [(Need, &str); 2] = [
    (Need::AccessTable, tables::ACCESS),
    (Need::TurnsTable, tables::TURNS),
];

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
    /// What its functions are made of.
    pub parts: Parts,
    pub access: Access,
    pub turns: Turns,
    pub emulator: Option<Emulator>,
    live: LiveConfig,
    tasks: JoinSet<()>,
}

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
        for (_, table) in TABLES {
            store::create_table(&client, table, &[]).await?;
        }
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
        let clock = options.clock;
        let parts = Parts::local(
            live.clone(),
            Arc::clone(&keys),
            hosts,
            clock.clone(),
            client,
            &TABLES,
        );
        let (access, turns) = (parts.access()?, parts.turns()?);
        let (queue, local_turns) = LocalTurnQueue::new(clock.clone());

        // The functions: behind their routes, and behind their queues.
        let webhook = Served::new(SkillWebhook::new(&parts, queue.clone())?, &clock);
        let mut router = Router::new()
            .route(edge::HEALTH, any(health))
            .merge(webhook.behind_its_routes());
        tasks.spawn(TurnWorker::new(&parts, queue.clone())?.serve(local_turns));

        // What an earlier run left behind goes on where it stopped.
        for turn in turns.unfinished(clock.now()).await? {
            queue.send(&turn, Duration::ZERO).await?;
        }
        let config = live.current();
        let elsewhere = config.dev.webhook_path.as_deref();
        if let Some(path) = elsewhere.filter(|path| !path.starts_with(skill_webhook::PATH)) {
            router = router.merge(webhook.also_at(path, skill_webhook::PATH));
        }
        if let Some(emulator) = &emulator {
            add_bots(emulator, &config, &url);
            let panel = Panel {
                live: live.clone(),
                access: access.clone(),
                turns: turns.clone(),
                keys,
                clock,
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
            parts,
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

/// What a proxy or a tunnel adds to a request that it passes on, whatever it makes of the host.
const PASSED_ON: [&str; 8] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
    "cf-ray",
];

/// Refuses requests that were passed on, or do not name this machine as their host and, if they
/// name one, as their origin. The emulator lets anyone be anyone, the panel lets anyone in, and the
/// queue takes whatever comes: neither a tunnel to the webhook nor another site in the owner's
/// browser may reach them.
async fn only_from_here(request: Request<Body>, next: Next) -> axum::response::Response {
    if is_from_here(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
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
    let passed_on = PASSED_ON.iter().any(|name| headers.contains_key(*name));
    host && origin && !passed_on
}

async fn health(method: Method) -> Response<String> {
    edge::health(&method)
}

/// One of the functions, and the clock by which its requests are received.
struct Served<F> {
    function: Arc<F>,
    clock: Clock,
}

impl<F: HttpFunction + 'static> Served<F> {
    fn new(function: F, clock: &Clock) -> Self {
        Self {
            function: Arc::new(function),
            clock: clock.clone(),
        }
    }

    /// A slash at the end of a path counts for nothing.
    fn behind_its_routes(&self) -> Router {
        let paths = F::ROUTES.iter().map(|route| route.path);
        paths
            .flat_map(|path| [path.to_owned(), format!("{path}/")])
            .fold(Router::new(), |router, path| {
                router.route(&path, any(Self::respond))
            })
            .with_state(self.clone())
    }

    /// As if requests for `path` were for `route`: at another address, on a laptop only.
    fn also_at(&self, path: &str, route: &'static str) -> Router {
        let as_if = async move |served: State<Self>, mut request: Request<Body>| {
            *request.uri_mut() = Uri::from_static(route);
            Self::respond(served, request).await
        };
        Router::new()
            .route(path, any(as_if))
            .with_state(self.clone())
    }

    async fn respond(State(served): State<Self>, request: Request<Body>) -> Response<String> {
        static TOO_LARGE: [u8; edge::MAX_BODY + 1] = [0; edge::MAX_BODY + 1];
        let received = served.clock.now();
        let (parts, body) = request.into_parts();
        // One byte more than a function takes is enough for it to refuse; the rest is not read.
        let body = match to_bytes(body, edge::MAX_BODY).await {
            Ok(body) => body,
            Err(_) => Bytes::from_static(&TOO_LARGE),
        };
        let request = Request::from_parts(parts, body);
        edge::respond(&*served.function, &request, received).await
    }
}

impl<F> Clone for Served<F> {
    fn clone(&self) -> Self {
        Self {
            function: Arc::clone(&self.function),
            clock: self.clock.clone(),
        }
    }
}
