//! The function behind a KakaoTalk chatbot's skill: every authenticated message gets a valid answer
//! inside the platform's deadline.

mod authenticate;
mod backlog;
pub mod budget;
mod converse;
mod hear;
mod serve;
mod take;

use std::{panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use kakao::{
    address::CallbackHosts,
    skill::{
        payload::{self, Call, ParseError},
        response::ValidationResponse,
    },
};
use outside::Origin;
use shared::{
    access::{Access, AccessError},
    clock::{Clock, Time},
    config::{Account, Config, KakaoSettings, Locale},
    env::Need,
    identity::Sender,
    keys::{KeyRing, NoRandomness},
    live::LiveConfig,
    queue::{SqsTurnQueue, TurnQueue},
    startup::{self, StartError},
    store::StoreError,
    telemetry::{Metric, Sampler, Timing, count, count_many, time},
    text::Line,
    turn::Turns,
};
use tracing::{Instrument, field::Empty};

use crate::authenticate::Refused;

pub use crate::backlog::Backlog;

/// Larger bodies are refused unread (contract.md §2); real ones have 1 to 4 KB.
pub const MAX_BODY: usize = 256 * 1024;

/// What happened inside; the person is asked to try again.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("no random name could be made")]
    NoRandomness(#[from] NoRandomness),
}

/// The function, with what it needs.
#[derive(Clone)]
pub struct SkillWebhook<Q> {
    pub config: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub access: Access,
    pub turns: Turns,
    pub queue: Q,
    pub callback_hosts: CallbackHosts,
    pub extra_origins: Vec<Origin>,
    pub clock: Clock,
    pub refusals: Arc<Sampler>,
    pub backlog: Arc<Backlog>,
}

/// One request of the platform, past authentication.
struct Incoming<'a> {
    account: &'a Account,
    kakao: &'a KakaoSettings,
    received: Time,
    /// `X-Request-Id`: another one for every message and tap (skill.md §2).
    request_id: Option<&'a str>,
}

impl SkillWebhook<SqsTurnQueue> {
    /// As it is deployed.
    pub async fn from_env() -> Result<Self, StartError> {
        let parts = startup::start(&[Need::AccessTable, Need::TurnsTable, Need::TurnQueue]).await?;
        Ok(Self {
            access: parts.access()?,
            turns: parts.turns()?,
            queue: parts.queue()?,
            config: parts.config,
            keys: parts.keys,
            callback_hosts: kakao_channel::callback_hosts(&parts.hosts),
            extra_origins: parts.hosts.extra_origins,
            clock: Clock::System,
            refusals: Arc::default(),
            backlog: Arc::default(),
        })
    }
}

impl<Q: TurnQueue> SkillWebhook<Q> {
    /// `received` is when the gateway had the request.
    pub async fn handle(&self, request: &Request<Bytes>, received: Time) -> Response<String> {
        let named = match Route::of(request.uri().path()) {
            Route::Webhook { account } if request.method() == Method::POST => account,
            _ => return without_dependencies(request).unwrap_or_else(not_ready),
        };
        let config = self.config_for(request.headers(), named).await;
        let (account, kakao) = match authenticate::account(&config, request.headers(), named) {
            Ok(found) => found,
            Err(refused) => return self.turn_away(refused),
        };
        if request.body().len() > MAX_BODY {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 256 KiB");
        }
        let request_id = request.headers().get("x-request-id");
        let incoming = Incoming {
            account,
            kakao,
            received,
            request_id: request_id.and_then(|id| id.to_str().ok()),
        };
        let span = tracing::info_span!(
            "message",
            kakao_request_id = incoming.request_id,
            account = %account.id(),
            sender = Empty,
            outcome = "told",
        );
        count(Metric::Message);
        let answering = async {
            let read = AssertUnwindSafe(self.read(request.body(), incoming)).catch_unwind();
            let response = read.await.unwrap_or_else(|_| {
                tracing::error!("a panic outside a conversation");
                json(canned(account.locale))
            });
            time(Timing::Ack, self.clock.now().since(received));
            response
        };
        answering.instrument(span).await
    }

    /// The configuration in force. Before anyone is turned away it is read again, if that may be:
    /// their key can be newer than what we know.
    async fn config_for(&self, headers: &HeaderMap, named: Option<&str>) -> Arc<Config> {
        let now = self.clock.now();
        let config = self.config.fresh(now).await;
        match authenticate::account(&config, headers, named) {
            Err(_) if self.config.reread(now).await => self.config.current(),
            _ => config,
        }
    }

    async fn read(&self, body: &[u8], incoming: Incoming<'_>) -> Response<String> {
        match payload::parse(body) {
            Ok(Call::Skill(call)) => match hear::sender(&call.caller) {
                Some(sender) => self.answer(call, sender, incoming).await,
                None => no_sender(incoming.account.locale),
            },
            Ok(Call::Validation(call)) => json(ValidationResponse::success(call.value).to_json()),
            Err(ParseError::NoSender) => no_sender(incoming.account.locale),
            Err(error) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    /// Anyone can knock, so it is noted once a second, with the number of those before it (F-07).
    fn turn_away(&self, refused: Refused) -> Response<String> {
        let status = refused.status();
        if let Some(times) = self.refusals.one_more(self.clock.now()) {
            count_many(Metric::AuthFailed, times);
            let (status, reason) = (status.as_u16(), refused.reason());
            tracing::warn!(status, times, reason, "requests were turned away");
        }
        bare(status)
    }

    /// Total: whatever hangs, fails or panics inside, a valid answer leaves in time.
    async fn answer(
        &self,
        call: Box<payload::SkillCall>,
        sender: Sender,
        incoming: Incoming<'_>,
    ) -> Response<String> {
        let locale = incoming.account.locale;
        let stop = incoming.received + budget::HARD_STOP;
        if self.clock.now() + budget::LEAST_LEFT > stop {
            tracing::error!("a message came too late, and got the canned answer");
            count(Metric::CannedAnswer);
            return json(canned(locale));
        }
        let conversing =
            AssertUnwindSafe(Box::pin(self.converse(&call, &sender, &incoming))).catch_unwind();
        let why = match self.clock.before(stop, conversing).await {
            Some(Ok(Ok(response))) => return json(response.to_json()),
            Some(Ok(Err(failure))) => {
                if let Failure::Store(StoreError::Unreadable { .. })
                | Failure::Access(AccessError::Store(StoreError::Unreadable { .. })) = failure
                {
                    // Another function may have sealed it with a key that is newer than our
                    // configuration: the next message will know.
                    let now = self.clock.now();
                    self.clock.before(stop, self.config.reread(now)).await;
                }
                failure.to_string()
            }
            Some(Err(_)) => "a panic".to_owned(),
            None => "out of time".to_owned(),
        };
        tracing::error!(%why, account = %incoming.account.id(), "a message got the canned answer");
        count(Metric::CannedAnswer);
        json(canned(locale))
    }
}

/// The routes of this function (contract.md §2).
enum Route<'a> {
    Health,
    Webhook { account: Option<&'a str> },
    Unknown,
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Self {
        match path.strip_prefix("/kakao/webhook") {
            Some("" | "/") => Self::Webhook { account: None },
            Some(rest) => rest
                .strip_prefix('/')
                .map_or(Self::Unknown, |account| Self::Webhook {
                    account: Some(account),
                }),
            None if path == "/health" => Self::Health,
            None => Self::Unknown,
        }
    }
}

/// The answer to whatever is not a call of the platform: no secret, table or queue has a part in
/// it.
pub fn without_dependencies(request: &Request<Bytes>) -> Option<Response<String>> {
    let method = request.method();
    match Route::of(request.uri().path()) {
        Route::Webhook { .. } if method == Method::POST => None,
        Route::Health if method == Method::GET || method == Method::HEAD => {
            Some(json(r#"{"status":"ok"}"#.to_owned()))
        }
        Route::Webhook { .. } | Route::Health => Some(bare(StatusCode::METHOD_NOT_ALLOWED)),
        Route::Unknown => Some(bare(StatusCode::NOT_FOUND)),
    }
}

/// The answer while something is missing without which nobody can be told from a stranger.
pub fn not_ready() -> Response<String> {
    bare(StatusCode::SERVICE_UNAVAILABLE)
}

fn no_sender(locale: Locale) -> Response<String> {
    count(Metric::UnknownKind);
    tracing::warn!("a request without a sender got an apology");
    json(canned(locale))
}

fn canned(locale: Locale) -> String {
    kakao_channel::sentence(&Line::TryAgain.in_language(locale)).to_json()
}

fn json(body: String) -> Response<String> {
    let mut response = Response::new(body);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

/// Somebody with the key sent what cannot be read.
fn refuse(status: StatusCode, reason: &str) -> Response<String> {
    tracing::warn!(status = status.as_u16(), reason, "a request was refused");
    bare(status)
}

fn bare(status: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response
}
