//! Everything the emulator serves: the chat page, the control API, and the paths that the code
//! under test sees of Kakao.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{emulator::Emulator, events, page, refusal::Refusal};

/// A message may carry photos in base64.
const MAX_REQUEST: usize = 40 << 20;

impl Emulator {
    /// Everything the emulator serves, with paths relative to [`Options::public_url`]; nested with
    /// `nest_service`, the prefix with and without a slash leads to the chat page at `chat`.
    ///
    /// [`Options::public_url`]: crate::Options::public_url
    pub fn router(&self) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/api/events", get(events::events))
            .route("/api/clock", get(clock).post(advance))
            .route("/media/{*rest}", get(media))
            .with_state(self.clone())
            .merge(page::router(Arc::clone(&self.ground)))
            .merge(self.chatbot().router())
            .fallback(unknown)
            .layer(DefaultBodyLimit::max(MAX_REQUEST))
    }
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn unknown() -> impl IntoResponse {
    let error = json!({"error": "there is no such path"});
    (StatusCode::NOT_FOUND, Json(error))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_ms: u32,
}

async fn clock(State(emulator): State<Emulator>) -> Json<Value> {
    Json(json!({"nowMs": emulator.ground.clock.now_ms()}))
}

async fn advance(
    State(emulator): State<Emulator>,
    body: Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>, Refusal> {
    let Json(Advance { advance_ms }) = body?;
    emulator.advance(Duration::from_millis(advance_ms.into()));
    Ok(clock(State(emulator)).await)
}

async fn media(State(emulator): State<Emulator>, request: Request) -> Response {
    let now = emulator.ground.clock.now_ms();
    let uri = request.uri();
    emulator.ground.album().serve(uri.path(), uri.query(), now)
}
