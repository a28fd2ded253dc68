//! Where the platform takes callbacks: everything under `/bot-api/v1/bots/` (skill.md §5.3).
//!
//! Where the reference is silent: a refusal has status 400.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;

use super::{
    faults::Mode,
    platform::Chatbot,
    reaction::Reaction,
    verdict::{BAD_BOT, BAD_TOKEN, Verdict},
};

/// Longer bodies are not read.
const MAX_BODY: usize = 1 << 20;

/// Whatever is sent to a path under `/bot-api/v1/bots/`.
pub(crate) async fn post(State(chatbot): State<Chatbot>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    let Ok(body) = read(body).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let (reaction, latency) = chatbot.receive(target, body.as_deref());
    tokio::time::sleep(latency).await;
    reaction.into_response()
}

/// The body; `None` if it is too long, an error if the connection broke.
async fn read(body: Body) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(chunk) = chunks.next().await {
        read.extend_from_slice(&chunk?);
        if read.len() > MAX_BODY {
            return Ok(None);
        }
    }
    Ok(Some(read))
}

impl Chatbot {
    /// Deals with a callback; says how to answer it, and after what time.
    fn receive(&self, target: &str, body: Option<&[u8]>) -> (Reaction, Duration) {
        let now = self.ground.clock.now_ms();
        let mut state = self.state();
        let Some(bot) = state.tokens.get(target).map(|token| token.bot.clone()) else {
            let named = target.strip_prefix("/bot-api/v1/bots/").unwrap_or_default();
            let known = state.bots().any(|bot| named.starts_with(&bot.id));
            let verdict = Verdict::fail(if known { BAD_TOKEN } else { BAD_BOT });
            return (Reaction::documented(verdict, now), Duration::ZERO);
        };
        let faults = state.faults(&bot).callback;
        let mode = faults.active();
        let Some(token) = state.tokens.get_mut(target) else {
            let verdict = Verdict::fail(BAD_TOKEN);
            return (Reaction::documented(verdict, now), Duration::ZERO);
        };
        let settle_ms = i64::try_from(faults.settle_ms).unwrap_or(i64::MAX / 2);
        let verdict = if mode.accepts() {
            token.accept(body, settle_ms, now)
        } else {
            Verdict::of_fault(mode)
        };
        // A mode that accepts spoils the answer of what was accepted only: a callback that is
        // refused anyway gets its documented refusal and does not use the fault up.
        let is_hit = !mode.accepts() || verdict == Verdict::ACCEPTED;
        let reaction = if is_hit {
            Reaction::faulty(&faults, verdict, now)
        } else {
            Reaction::documented(verdict, now)
        };
        token.write_down(reaction.status(), body, reaction.message(), now);
        state.callback_changed(target);
        if is_hit && mode != Mode::Ok {
            state.faults_mut(&bot).callback.use_up();
        }
        (reaction, Duration::from_millis(faults.latency_ms))
    }
}
