//! The chatbot platform's part of the control API, and the path where skills post callbacks.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    routing::{any, get, post},
};
use serde::Deserialize;

use super::{
    bot::Bot,
    bot_api,
    exchange::Exchange,
    faults::Faults,
    keys::{self, UserKeys},
    message::Message,
    platform::{Chatbot, NO_BOT},
};
use crate::refusal::Refusal;

type Answer<T> = Result<Json<T>, Refusal>;
type Body<T> = Result<Json<T>, JsonRejection>;

impl Chatbot {
    pub(crate) fn router(&self) -> Router {
        Router::new()
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
            .route("/bot-api/v1/bots/{*rest}", any(bot_api::post))
            .with_state(self.clone())
    }
}

async fn bots(State(chatbot): State<Chatbot>) -> Json<Vec<Bot>> {
    Json(chatbot.state().bots().map(Bot::shown).collect())
}

async fn bot(State(chatbot): State<Chatbot>, Path(id): Path<String>) -> Answer<Bot> {
    let state = chatbot.state();
    let bot = state.bot(&id).ok_or(NO_BOT)?;
    Ok(Json(bot.shown()))
}

async fn put_bot(
    State(chatbot): State<Chatbot>,
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
    chatbot.add_bot(bot);
    Ok(Json(shown))
}

async fn user(
    State(chatbot): State<Chatbot>,
    Path((bot, user)): Path<(String, String)>,
) -> Answer<UserKeys> {
    let state = chatbot.state();
    let bot = state.bot(&bot).ok_or(NO_BOT)?;
    Ok(Json(keys::user_keys(&bot.id, &user)))
}

async fn send(
    State(chatbot): State<Chatbot>,
    Path(bot): Path<String>,
    body: Body<Message>,
) -> Answer<Exchange> {
    let Json(message) = body?;
    chatbot.say(&bot, message).await.map(Json)
}

async fn faults(State(chatbot): State<Chatbot>, Path(bot): Path<String>) -> Answer<Faults> {
    let state = chatbot.state();
    let bot = state.bot(&bot).ok_or(NO_BOT)?;
    Ok(Json(state.faults(&bot.id)))
}

async fn put_faults(
    State(chatbot): State<Chatbot>,
    Path(bot): Path<String>,
    body: Body<Faults>,
) -> Answer<Faults> {
    let Json(faults) = body?;
    chatbot.set_faults(&bot, faults).map(Json)
}

async fn clear_faults(State(chatbot): State<Chatbot>, Path(bot): Path<String>) -> Answer<Faults> {
    chatbot.set_faults(&bot, Faults::default()).map(Json)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    bot: Option<String>,
    user: Option<String>,
}

async fn exchanges(
    State(chatbot): State<Chatbot>,
    Query(filter): Query<Filter>,
) -> Json<Vec<Exchange>> {
    let now = chatbot.ground.clock.now_ms();
    let wanted = |exchange: &Exchange| {
        let bot = filter.bot.as_deref().map(|bot| bot.trim_end_matches('!'));
        bot.is_none_or(|bot| exchange.bot == bot)
            && filter
                .user
                .as_ref()
                .is_none_or(|user| exchange.user == *user)
    };
    Json(chatbot.state().views(now).filter(wanted).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wait {
    wait: Option<String>,
    timeout_ms: Option<u64>,
}

async fn exchange(
    State(chatbot): State<Chatbot>,
    Path(id): Path<String>,
    Query(wait): Query<Wait>,
) -> Answer<Exchange> {
    match wait.wait.as_deref() {
        None => chatbot.exchange(&id).map(Json),
        Some("callback") => {
            let timeout = wait.timeout_ms.map_or(Duration::MAX, Duration::from_millis);
            chatbot.settled(&id, timeout).await.map(Json)
        }
        Some(_) => Err(Refusal::Invalid("wait is callback or nothing".into())),
    }
}
