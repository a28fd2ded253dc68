//! The function behind a KakaoTalk chatbot's skill: every authenticated message gets a valid answer
//! inside the platform's deadline.
//!
//! A request is authenticated (`authenticate`) and parsed here; `hear` says in our words who wrote,
//! and what. `converse` admits the sender. `serve` obeys commands and shows held answers; `take`
//! opens a turn for everything else and hands it over. The answer leaves from here, in time
//! whatever happens in between; `progress` knows what is true of a message then.
//!
//! `budget` has the times all of this must fit into. `backlog` notices that no worker takes turns,
//! so that people are told at once instead of waiting for nothing.

mod authenticate;
mod backlog;
pub mod budget;
mod converse;
mod hear;
mod progress;
mod serve;
mod take;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use kakao::{
    address::CallbackHosts,
    skill::{
        payload::{self, Call, ParseError, SkillCall},
        response::ValidationResponse,
    },
};
use outside::Origin;
use shared::{
    access::{Access, AccessError},
    clock::{Clock, Time},
    config::{Account, KakaoSettings, Locale},
    edge::{self, HttpFunction, Route},
    env::Need,
    identity::Sender,
    keys::{KeyRing, NoRandomness},
    live::LiveConfig,
    queue::{SqsTurnQueue, TurnQueue},
    startup::{self, Parts, StartError},
    store::StoreError,
    telemetry::{Metric, Sampler, Timing, count, count_many, time},
    text::Line,
    turn::Turns,
};
use tracing::{Instrument, field::Empty};

pub use crate::backlog::Backlog;
use crate::{authenticate::Refused, progress::Progress};

/// The route without an account: the key that was sent decides.
pub const PATH: &str = "/kakao/webhook";

const NEEDS: [Need; 3] = [Need::AccessTable, Need::TurnsTable, Need::TurnQueue];

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

impl Failure {
    /// Another function may have sealed it with a key that is newer than our configuration.
    fn is_unreadable(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Unreadable { .. })
                | Self::Access(AccessError::Store(StoreError::Unreadable { .. }))
        )
    }
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
        let parts = startup::start(&NEEDS, budget::PATIENCE).await?;
        Self::new(&parts, parts.queue()?)
    }
}

impl<Q> SkillWebhook<Q> {
    pub fn new(parts: &Parts, queue: Q) -> Result<Self, StartError> {
        Ok(Self {
            config: parts.config.clone(),
            keys: Arc::clone(&parts.keys),
            access: parts.access()?,
            turns: parts.turns()?,
            queue,
            callback_hosts: kakao_channel::callback_hosts(&parts.hosts),
            extra_origins: parts.hosts.extra_origins.clone(),
            clock: parts.clock.clone(),
            refusals: Arc::default(),
            backlog: Arc::default(),
        })
    }
}

impl<Q: TurnQueue> HttpFunction for SkillWebhook<Q> {
    const ROUTES: &'static [Route] = &[
        Route {
            methods: &[Method::POST],
            path: PATH,
        },
        Route {
            methods: &[Method::POST],
            path: "/kakao/webhook/{account}",
        },
    ];

    async fn handle(&self, request: &Request<Bytes>, received: Time) -> Response<String> {
        let headers = request.headers();
        let named = edge::segments(request.uri().path()).nth(2);
        let now = self.clock.now();
        let mut config = self.config.fresh(now).await;
        let known = match authenticate::account(&config, headers, named) {
            // Their key may be newer than the configuration.
            Err(_) if self.config.reread(now).await => {
                config = self.config.current();
                authenticate::account(&config, headers, named)
            }
            known => known,
        };
        let (account, kakao) = match known {
            Ok(found) => found,
            Err(refused) => return self.turn_away(refused),
        };
        if request.body().len() > edge::MAX_BODY {
            return edge::refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 256 KiB");
        }
        let incoming = Incoming {
            account,
            kakao,
            received,
            request_id: request_id(headers),
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
            let read = edge::guarded(self.parse_and_answer(request.body(), incoming)).await;
            let response = read.unwrap_or_else(|| {
                tracing::error!("a panic outside a conversation");
                count(Metric::CannedAnswer);
                edge::json(canned(account.locale))
            });
            time(Timing::Ack, self.clock.now().since(received));
            response
        };
        answering.instrument(span).await
    }
}

impl<Q: TurnQueue> SkillWebhook<Q> {
    /// Anyone can knock, so it is noted once a second, with the number of those before it (F-07).
    fn turn_away(&self, refused: Refused) -> Response<String> {
        let status = refused.status();
        if let Some(times) = self.refusals.one_more(self.clock.now()) {
            count_many(Metric::AuthFailed, times);
            let (status, reason) = (status.as_u16(), refused.reason());
            tracing::warn!(status, times, reason, "requests were turned away");
        }
        edge::bare(status)
    }

    async fn parse_and_answer(&self, body: &[u8], incoming: Incoming<'_>) -> Response<String> {
        let locale = incoming.account.locale;
        match payload::parse(body) {
            Ok(Call::Skill(call)) => match hear::sender(&call.caller) {
                Some(sender) => self.answer_in_time(call, sender, incoming).await,
                None => no_sender(locale),
            },
            Ok(Call::Validation(call)) => {
                edge::json(ValidationResponse::success(call.value).to_json())
            }
            Err(ParseError::NoSender) => no_sender(locale),
            Err(error) => edge::refuse(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    /// Total: whatever hangs, fails or panics inside, a valid answer leaves in time.
    async fn answer_in_time(
        &self,
        call: Box<SkillCall>,
        sender: Sender,
        incoming: Incoming<'_>,
    ) -> Response<String> {
        let locale = incoming.account.locale;
        let stop = incoming.received + budget::HARD_STOP;
        if self.clock.now() + budget::LEAST_LEFT > stop {
            tracing::error!("a message came too late, and got the canned answer");
            count(Metric::CannedAnswer);
            return edge::json(canned(locale));
        }
        let progress = Progress::default();
        let conversing = self.converse(&call, &sender, &incoming, &progress);
        let conversing = edge::guarded(Box::pin(conversing));
        let why = match self.clock.before(stop, conversing).await {
            Some(Some(Ok(response))) => return edge::json(response.to_json()),
            Some(Some(Err(failure))) => {
                if failure.is_unreadable() {
                    // The next message will know the new key.
                    let now = self.clock.now();
                    self.clock.before(stop, self.config.reread(now)).await;
                }
                failure.to_string()
            }
            Some(None) => "a panic".to_owned(),
            None => "out of time".to_owned(),
        };
        tracing::error!(%why, account = %incoming.account.id(), "a message got the canned answer");
        count(Metric::CannedAnswer);
        let line = kakao_channel::line(progress.line(), incoming.account, call.surface);
        edge::json(line.to_json())
    }
}

fn request_id(headers: &http::HeaderMap) -> Option<&str> {
    headers.get("x-request-id")?.to_str().ok()
}

fn no_sender(locale: Locale) -> Response<String> {
    count(Metric::UnknownKind);
    tracing::warn!("a request without a sender got an apology");
    edge::json(canned(locale))
}

fn canned(locale: Locale) -> String {
    kakao_channel::sentence(&Line::TryAgain.in_language(locale)).to_json()
}
