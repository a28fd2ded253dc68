//! The control API, the chat page on top of it, and the paths that the skill sees of Kakao.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, Request, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Emulator,
    bot::Bot,
    callback,
    conversation::Refusal,
    events,
    exchange::Exchange,
    faults::Faults,
    keys::{self, UserKeys},
    message::Message,
    page,
};

/// A photo in base64 may be so large.
const MAX_REQUEST: usize = 40 << 20;

type Answer<T> = Result<Json<T>, Refusal>;
type Body<T> = Result<Json<T>, JsonRejection>;

pub(crate) fn router(emulator: Emulator) -> Router {
    Router::new()
        .route("/", get(page::root))
        .route("/chat", get(page::chat))
        .route("/page/{name}", get(page::asset))
        .route("/health", get(health))
        .route("/api/page", get(page::setup))
        .route("/api/events", get(events::events))
        .route("/api/bots", get(bots))
        .route("/api/bots/{bot}", get(bot).put(put_bot))
        .route("/api/bots/{bot}/users/{user}", get(user))
        .route("/api/bots/{bot}/messages", post(send))
        .route(
            "/api/bots/{bot}/faults",
            get(faults).put(put_faults).delete(clear_faults),
        )
        .route("/api/exchanges", get(exchanges))
        .route("/api/exchanges/{id}", get(exchange))
        .route("/api/clock", get(clock).post(advance))
        .route("/bot-api/v1/bots/{*rest}", any(callback::post))
        .route("/media/{*rest}", get(media))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(emulator)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::UnknownBot | Self::UnknownExchange => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Invalid(rejection.body_text())
    }
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn unknown() -> impl IntoResponse {
    let error = json!({"error": "there is no such path"});
    (StatusCode::NOT_FOUND, Json(error))
}

async fn bots(State(emulator): State<Emulator>) -> Json<Vec<Bot>> {
    Json(emulator.state().bots().map(Bot::shown).collect())
}

async fn bot(State(emulator): State<Emulator>, Path(id): Path<String>) -> Answer<Bot> {
    let state = emulator.state();
    let bot = state.bot(&id).ok_or(Refusal::UnknownBot)?;
    Ok(Json(bot.shown()))
}

async fn put_bot(
    State(emulator): State<Emulator>,
    Path(id): Path<String>,
    body: Body<Bot>,
) -> Answer<Bot> {
    let Json(bot) = body?;
    let bot = Bot { id, ..bot }.completed();
    if bot.id.len() != 24 || !bot.id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Refusal::Invalid("a bot's id is 24 hex digits".into()));
    }
    if url::Url::parse(&bot.skill_url).is_err() {
        return Err(Refusal::Invalid("skillUrl is not a URL".into()));
    }
    let shown = bot.shown();
    emulator.add_bot(bot);
    Ok(Json(shown))
}

async fn user(
    State(emulator): State<Emulator>,
    Path((bot, user)): Path<(String, String)>,
) -> Answer<UserKeys> {
    let state = emulator.state();
    let bot = state.bot(&bot).ok_or(Refusal::UnknownBot)?;
    Ok(Json(keys::user_keys(&bot.id, &user)))
}

async fn send(
    State(emulator): State<Emulator>,
    Path(bot): Path<String>,
    body: Body<Message>,
) -> Answer<Exchange> {
    let Json(message) = body?;
    emulator.say(&bot, message).await.map(Json)
}

async fn faults(State(emulator): State<Emulator>, Path(bot): Path<String>) -> Answer<Faults> {
    let state = emulator.state();
    let bot = state.bot(&bot).ok_or(Refusal::UnknownBot)?;
    Ok(Json(state.faults(&bot.id)))
}

async fn put_faults(
    State(emulator): State<Emulator>,
    Path(bot): Path<String>,
    body: Body<Faults>,
) -> Answer<Faults> {
    let Json(faults) = body?;
    emulator.set_faults(&bot, faults).map(Json)
}

async fn clear_faults(State(emulator): State<Emulator>, Path(bot): Path<String>) -> Answer<Faults> {
    emulator.set_faults(&bot, Faults::default()).map(Json)
}

impl Emulator {
    /// Replaces the faults of the bot.
    pub fn set_faults(&self, bot: &str, faults: Faults) -> Result<Faults, Refusal> {
        let mut state = self.state();
        let bot = state.bot(bot).ok_or(Refusal::UnknownBot)?.id.clone();
        state.faults_mut(&bot).clone_from(&faults);
        drop(state);
        self.inner.changed.notify_waiters();
        Ok(faults)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    bot: Option<String>,
    user: Option<String>,
}

async fn exchanges(
    State(emulator): State<Emulator>,
    Query(filter): Query<Filter>,
) -> Json<Vec<Exchange>> {
    let now = emulator.inner.clock.now_ms();
    let wanted = |exchange: &Exchange| {
        let bot = filter.bot.as_deref().map(|bot| bot.trim_end_matches('!'));
        bot.is_none_or(|bot| exchange.bot == bot)
            && filter
                .user
                .as_ref()
                .is_none_or(|user| exchange.user == *user)
    };
    Json(emulator.state().views(now).filter(wanted).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wait {
    wait: Option<String>,
    timeout_ms: Option<u64>,
}

async fn exchange(
    State(emulator): State<Emulator>,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
) -> Answer<Exchange> {
    match wait.wait.as_deref() {
        None => emulator.exchange(&id).map(Json),
        Some("callback") => {
            let timeout = wait.timeout_ms.map_or(Duration::MAX, Duration::from_millis);
            emulator.settled(&id, timeout).await.map(Json)
        }
        Some(_) => Err(Refusal::Invalid("wait is callback or nothing".into())),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_ms: u32,
}

async fn clock(State(emulator): State<Emulator>) -> Json<Value> {
    Json(json!({"nowMs": emulator.inner.clock.now_ms()}))
}

async fn advance(State(emulator): State<Emulator>, body: Body<Advance>) -> Answer<Value> {
    let Json(Advance { advance_ms }) = body?;
    emulator.advance(Duration::from_millis(advance_ms.into()));
    Ok(clock(State(emulator)).await)
}

async fn media(State(emulator): State<Emulator>, request: Request) -> Response {
    let now = emulator.inner.clock.now_ms();
    let uri = request.uri();
    emulator.state().album.serve(uri.path(), uri.query(), now)
}
