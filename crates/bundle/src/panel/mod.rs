//! The operator's panel beside the emulator's chat page: who waits to be let in, who has been, and
//! how far each turn has come. Only in `dari dev`.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use emulator::Emulator;
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::{
    access::{Access, ApprovalError, Approvals, Note, PairingRequest},
    clock::{Clock, Time},
    identity::{AccountId, Channel, Scope, SenderId, SenderKind},
    keys::KeyRing,
    live::LiveConfig,
    turn::{ConversationKey, TurnView, Turns},
};

use crate::bots::bot_id;

/// Path of the script that the emulator's page loads.
pub(crate) const MODULE: &str = "/operator/panel.js";

/// How often the tables are read, because they announce no changes.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Chats whose turns are shown, the newest first.
const CHATS: usize = 20;

/// Turns shown of each chat, the newest first.
const TURNS: usize = 10;

#[derive(Clone)]
pub(crate) struct Panel {
    pub(crate) live: LiveConfig,
    pub(crate) access: Access,
    pub(crate) turns: Turns,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) clock: Clock,
    pub(crate) emulator: Emulator,
}

/// What the panel shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Shown {
    requests: Vec<Request>,
    approved: Vec<Approved>,
    chats: Vec<Chat>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    id: String,
    code: String,
    account: AccountId,
    sender: String,
    /// Name of the emulator's person or room, if the sender is one.
    name: Option<String>,
    created_at: Time,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Approved {
    account: AccountId,
    sender: String,
    /// Name of the emulator's person or room, if the sender is one.
    name: Option<String>,
    note: Option<Note>,
    at: Time,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Chat {
    account: AccountId,
    name: String,
    turns: Vec<TurnView>,
}

/// A person or room of the emulator, as Dari knows it.
struct Known {
    scope: Scope,
    sender: SenderId,
    name: String,
}

pub(crate) fn router(panel: Panel) -> Router {
    Router::new()
        .route(
            MODULE,
            get(async || asset("text/javascript", include_str!("panel.js"))),
        )
        .route(
            "/operator/panel.css",
            get(async || asset("text/css", include_str!("panel.css"))),
        )
        .route("/operator/events", get(events))
        .route("/operator/waiting", get(waiting))
        .route("/operator/approve", post(approve))
        .route("/operator/dismiss", post(dismiss))
        .route("/operator/revoke", post(revoke))
        .with_state(panel)
}

fn asset(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text)
}

/// Sends all that is shown, again whenever it has changed; an event `trouble` means that the tables
/// cannot be read.
async fn events(State(panel): State<Panel>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = stream::unfold((panel, None), async |(panel, last)| {
        loop {
            if last.is_some() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            let shown = panel.shown().await;
            let shown = shown.inspect_err(|error| tracing::warn!(%error, "the panel sees nothing"));
            let shown = shown.ok();
            if last.as_ref() != Some(&shown) {
                let event = match &shown {
                    Some(shown) => Event::default().json_data(shown).unwrap_or_default(),
                    None => Event::default()
                        .event("trouble")
                        .data(r#"{"error":"failed"}"#),
                };
                return Some((Ok(event), (panel, Some(shown))));
            }
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default())
}

/// The id of one request.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// A request that is let in, perhaps with a note.
#[derive(Deserialize)]
struct Wanted {
    id: String,
    note: Option<String>,
}

/// An approval that is taken back.
#[derive(Deserialize)]
struct Unwanted {
    account: AccountId,
    sender: String,
}

/// How many wait to be let in; for the badge, while the panel itself is not seen.
async fn waiting(State(panel): State<Panel>) -> Response {
    let approvals = panel.approvals();
    match approvals.pending(panel.clock.now()).await {
        Ok(pending) => Json(json!({ "waiting": pending.len() })).into_response(),
        Err(error) => done::<()>(Err(error)),
    }
}

async fn approve(State(panel): State<Panel>, Json(Wanted { id, note }): Json<Wanted>) -> Response {
    let note = note.as_deref().and_then(Note::parse);
    done(panel.approve(&id, note.as_ref()).await)
}

async fn revoke(
    State(panel): State<Panel>,
    Json(Unwanted { account, sender }): Json<Unwanted>,
) -> Response {
    let channel = Channel::Kakao;
    let Some(sender) = SenderId::parse(channel, &sender) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let scope = Scope { channel, account };
    let revoked = panel.approvals().revoke_at(&scope, &sender).await;
    done(revoked.map(|was_there| was_there.then_some(())))
}

async fn dismiss(State(panel): State<Panel>, Json(Named { id }): Json<Named>) -> Response {
    let now = panel.clock.now();
    done(panel.approvals().dismiss_request(&id, now).await)
}

/// Nothing if it was done, or one word of what went wrong; the panel has a sentence for each word.
fn done<T>(result: Result<Option<T>, ApprovalError>) -> Response {
    let (status, error) = match result {
        Ok(Some(_)) => return StatusCode::NO_CONTENT.into_response(),
        Ok(None) => (StatusCode::CONFLICT, "gone"),
        Err(error) => {
            tracing::warn!(%error, "the panel could not do what it was told");
            (StatusCode::SERVICE_UNAVAILABLE, "failed")
        }
    };
    (status, Json(json!({ "error": error }))).into_response()
}

impl Panel {
    fn approvals(&self) -> Approvals<'_> {
        let accounts = self.live.current();
        let scopes = accounts.kakao().map(|(account, _)| account.scope.clone());
        Approvals {
            access: &self.access,
            scopes: scopes.collect(),
        }
    }

    async fn approve(
        &self,
        id: &str,
        note: Option<&Note>,
    ) -> Result<Option<PairingRequest>, ApprovalError> {
        let (approvals, now) = (self.approvals(), self.clock.now());
        let Some((scope, request)) = approvals.approve_request(id, now).await? else {
            return Ok(None);
        };
        if let Some(note) = note {
            approvals.note(&scope, &request.sender, note, now).await?;
        }
        Ok(Some(request))
    }

    async fn shown(&self) -> Result<Shown, ApprovalError> {
        let known = self.known();
        let name_of = |scope: &Scope, sender: &SenderId| {
            let mut known = known.iter();
            let found = known.find(|known| known.scope == *scope && known.sender == *sender);
            found.map(|known| known.name.clone())
        };
        let (approvals, now) = (self.approvals(), self.clock.now());
        let requests = approvals.pending(now).await?.into_iter();
        let requests = requests
            .map(|(scope, request)| Request {
                id: request.opaque_id(&scope),
                code: request.code.expose().to_owned(),
                name: name_of(&scope, &request.sender),
                account: scope.account,
                sender: request.sender.to_string(),
                created_at: request.created_at,
            })
            .collect();
        let approved = approvals.approved(now).await?.into_iter();
        let approved = approved
            .map(|(scope, approval)| Approved {
                name: name_of(&scope, &approval.sender),
                account: scope.account,
                sender: approval.sender.to_string(),
                note: approval.note,
                at: approval.at,
            })
            .collect();
        let mut chats = Vec::new();
        for known in known {
            let key = ConversationKey::new(&self.keys, &known.scope, &known.sender);
            let now = self.clock.now();
            let read = self.turns.read(&key, now).await?;
            let mut turns = read.document.overview(now);
            turns.reverse();
            turns.truncate(TURNS);
            if !turns.is_empty() {
                chats.push(Chat {
                    account: known.scope.account,
                    name: known.name,
                    turns,
                });
            }
        }
        Ok(Shown {
            requests,
            approved,
            chats,
        })
    }

    /// Who has talked in the emulator, the newest first.
    fn known(&self) -> Vec<Known> {
        let config = self.live.current();
        let account_of = |bot: &str| {
            let mut accounts = config.kakao().map(|(account, _)| account);
            accounts.find(|account| bot_id(account) == bot)
        };
        let chats = self.emulator.chatbot().chats(CHATS);
        let known = chats.into_iter().filter_map(|chat| {
            let account = account_of(&chat.bot)?;
            let kind = if chat.is_room {
                SenderKind::BotGroupKey
            } else {
                SenderKind::BotUserKey
            };
            Some(Known {
                scope: account.scope.clone(),
                sender: SenderId::new(kind, &chat.key)?,
                name: chat.name,
            })
        });
        known.collect()
    }
}
