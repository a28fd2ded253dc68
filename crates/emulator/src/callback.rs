//! Callback URLs: issued with a request, good for a while and for one answer (skill.md §5).
//!
//! Where the reference is silent: a refused token gives status 400; a body that breaks a rule
//! spends the token; a callback that comes before the acknowledgement does not.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Emulator,
    conversation::json_or_text,
    exchange::{Bubble, QuickReply},
    faults::{Mode, Reaction},
    keys, render,
    rules::{self, BrokenRule, Setting, Slot, refused},
};

const LIFETIME_MS: i64 = 60_000;
const GROUP_LIFETIME_MS: i64 = 300_000;

/// Longer bodies are not read.
const MAX_BODY: usize = 1 << 20;

/// So many attempts are written down.
const KEPT_ATTEMPTS: usize = 100;

const TESTING: &str = "Invalid callback token for testing purposes.";
const BAD_TOKEN: &str = "Invalid callback token. Check your callback token.";
const NOT_ACKNOWLEDGED: &str =
    "The skill server settings are incorrect. Use callback true setting required.";
const BAD_BOT: &str = "Invalid bot ID. Check your Bot ID.";
const BAD_BODY: &str = "Invalid json response from bot-skill.";
const INTERNAL_ERROR: &str = "Internal server error occured. code: 501";

/// The callback of an exchange. Times are milliseconds since the exchange's `sentAt`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    pub state: CallbackState,
    /// When the attempt came that spent the URL.
    pub posted_at_ms: Option<i64>,
    /// When the skill's `useCallback: true` arrived.
    pub ack_at_ms: Option<i64>,
    /// When the URL stops being good.
    pub expires_at_ms: i64,
    pub attempts: Vec<Attempt>,
    /// What the person sees of it.
    pub bubbles: Vec<Bubble>,
    pub quick_replies: Vec<QuickReply>,
    pub broken_rules: Vec<BrokenRule>,
    /// Whether the person sees it.
    pub delivered: bool,
}

/// What has become of a callback URL.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CallbackState {
    /// Good, as soon as the skill has acknowledged.
    Open,
    /// Spent, be it on an answer that was not delivered.
    Used,
    Expired,
    /// The skill's answer did not carry `useCallback: true`, so it cannot be used.
    RefusedAck,
    /// From the bot test, never usable.
    Testing,
}

/// One request to a callback URL.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub at_ms: i64,
    /// The status answered; null when the connection was cut instead.
    pub status: Option<u16>,
    /// The body that came: JSON, or a string when it was none.
    pub body: Value,
    /// The message answered; empty for a success.
    pub message: String,
}

impl Callback {
    /// Whether nothing more can come of it.
    pub(crate) fn is_settled(&self) -> bool {
        match self.state {
            CallbackState::Open => false,
            CallbackState::Testing => !self.attempts.is_empty(),
            CallbackState::Used | CallbackState::Expired | CallbackState::RefusedAck => true,
        }
    }
}

/// An issued callback URL.
pub(crate) struct Token {
    bot: String,
    /// The path after the public URL.
    pub(crate) target: String,
    pub(crate) expires_at: i64,
    testing: bool,
    setting: Setting,
    acknowledged_at: Option<i64>,
    /// The skill has answered otherwise than with an acknowledgement.
    refused_ack: bool,
    spent_at: Option<i64>,
    /// The answer that spent it.
    answer: Value,
    broken_rules: Vec<BrokenRule>,
    attempts: Vec<(i64, Attempt)>,
}

/// What is answered to a callback.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) status: u16,
    kind: &'static str,
    pub(crate) message: &'static str,
}

impl Verdict {
    const ACCEPTED: Self = Self {
        status: 200,
        kind: "SUCCESS",
        message: "",
    };

    const fn fail(message: &'static str) -> Self {
        Self {
            status: 400,
            kind: "FAIL",
            message,
        }
    }

    /// The documented body (skill.md §5.4).
    pub(crate) fn body(self, now: i64) -> Value {
        json!({
            "taskId": keys::task_id(),
            "status": self.kind,
            "message": self.message,
            "timestamp": now,
        })
    }

    /// What is answered instead of dealing with the callback.
    fn of_fault(mode: Mode) -> Self {
        match mode {
            Mode::ServerError => Self {
                status: 500,
                kind: "ERROR",
                message: INTERNAL_ERROR,
            },
            Mode::FailBody => Self {
                status: 200,
                ..Self::fail(BAD_TOKEN)
            },
            _ => Self::fail(BAD_TOKEN),
        }
    }
}

impl Token {
    pub(crate) fn issue(
        bot: &str,
        development: bool,
        testing: bool,
        setting: &Setting,
        now: i64,
    ) -> Self {
        let channel = if development { "!" } else { "" };
        let token = keys::callback_token(development && !setting.group);
        let lifetime = if setting.group {
            GROUP_LIFETIME_MS
        } else {
            LIFETIME_MS
        };
        Self {
            bot: bot.to_owned(),
            target: format!("/bot-api/v1/bots/{bot}{channel}/callback/{token}"),
            expires_at: now + lifetime,
            testing,
            setting: Setting {
                slot: Slot::Filling,
                ..setting.clone()
            },
            acknowledged_at: None,
            refused_ack: false,
            spent_at: None,
            answer: Value::Null,
            broken_rules: Vec::new(),
            attempts: Vec::new(),
        }
    }

    /// The skill's answer to the request that carried the URL has arrived, or will not.
    pub(crate) fn skill_answered(&mut self, acknowledged: bool, now: i64) {
        if acknowledged {
            self.acknowledged_at.get_or_insert(now);
        }
        self.refused_ack = self.acknowledged_at.is_none();
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.spent_at.is_some()
    }

    fn accept(&mut self, body: Option<&[u8]>, settle_ms: i64, now: i64) -> Verdict {
        if self.testing {
            return Verdict::fail(TESTING);
        }
        if self.spent_at.is_some() || now >= self.expires_at {
            return Verdict::fail(BAD_TOKEN);
        }
        if self.acknowledged_at.is_none_or(|at| now < at + settle_ms) {
            return Verdict::fail(NOT_ACKNOWLEDGED);
        }
        self.spent_at = Some(now);
        match body.map(serde_json::from_slice::<Value>) {
            None => {
                let rule = BrokenRule::refusing("body-size", "the body is longer than 1 MiB");
                self.broken_rules.push(rule);
            }
            Some(Err(_)) => {
                let rule = BrokenRule::refusing("json", "the body is not JSON");
                self.broken_rules.push(rule);
            }
            Some(Ok(answer)) => {
                (_, self.broken_rules) = rules::read(&answer, &self.setting);
                self.answer = answer;
            }
        }
        if refused(&self.broken_rules) {
            Verdict::fail(BAD_BODY)
        } else {
            Verdict::ACCEPTED
        }
    }

    fn write_down(&mut self, status: Option<u16>, body: Option<&[u8]>, message: &str, now: i64) {
        if self.attempts.len() < KEPT_ATTEMPTS {
            let attempt = Attempt {
                at_ms: 0,
                status,
                body: body.map_or(Value::Null, json_or_text),
                message: message.to_owned(),
            };
            self.attempts.push((now, attempt));
        }
    }

    /// What an exchange sent at the moment shows of it.
    pub(crate) fn view(&self, sent_at: i64, now: i64) -> Callback {
        let delivered = self.spent_at.is_some() && !refused(&self.broken_rules);
        let shown = if delivered {
            &self.answer
        } else {
            &Value::Null
        };
        let attempt = |(at, attempt): &(i64, Attempt)| Attempt {
            at_ms: at - sent_at,
            ..attempt.clone()
        };
        Callback {
            state: self.state(now),
            posted_at_ms: self.spent_at.map(|at| at - sent_at),
            ack_at_ms: self.acknowledged_at.map(|at| at - sent_at),
            expires_at_ms: self.expires_at - sent_at,
            attempts: self.attempts.iter().map(attempt).collect(),
            bubbles: render::bubbles(shown),
            quick_replies: render::quick_replies(shown),
            broken_rules: self.broken_rules.clone(),
            delivered,
        }
    }

    fn state(&self, now: i64) -> CallbackState {
        if self.spent_at.is_some() {
            CallbackState::Used
        } else if self.refused_ack {
            CallbackState::RefusedAck
        } else if now >= self.expires_at {
            CallbackState::Expired
        } else if self.testing {
            CallbackState::Testing
        } else {
            CallbackState::Open
        }
    }
}

/// Whatever is sent to a path under `/bot-api/v1/bots/`.
pub(crate) async fn post(State(emulator): State<Emulator>, request: Request) -> Response {
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
    let (reaction, latency_ms) = emulator.receive(target, body.as_deref());
    emulator.inner.changed.notify_waiters();
    tokio::time::sleep(std::time::Duration::from_millis(latency_ms)).await;
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

impl Emulator {
    /// Deals with a callback and says how to answer it, after how many milliseconds.
    fn receive(&self, target: &str, body: Option<&[u8]>) -> (Reaction, u64) {
        let now = self.inner.clock.now_ms();
        let mut state = self.state();
        let Some(bot) = state.tokens.get(target).map(|token| token.bot.clone()) else {
            let named = target.strip_prefix("/bot-api/v1/bots/").unwrap_or_default();
            let known = state.bots().any(|bot| named.starts_with(&bot.id));
            let message = if known { BAD_TOKEN } else { BAD_BOT };
            return (Reaction::documented(Verdict::fail(message), now), 0);
        };
        let faults = state.faults(&bot).callback;
        let mode = faults.active();
        let Some(token) = state.tokens.get_mut(target) else {
            return (Reaction::documented(Verdict::fail(BAD_TOKEN), now), 0);
        };
        let settle_ms = i64::try_from(faults.settle_ms).unwrap_or(i64::MAX / 2);
        let verdict = if mode.accepts() {
            token.accept(body, settle_ms, now)
        } else {
            Verdict::of_fault(mode)
        };
        // A refusal is answered plainly: only what was accepted can lose its answer.
        let met = !mode.accepts() || verdict == Verdict::ACCEPTED;
        let reaction = if met {
            Reaction::faulty(&faults, verdict, now)
        } else {
            Reaction::documented(verdict, now)
        };
        token.write_down(reaction.status(), body, reaction.message(), now);
        state.callback_changed(target);
        if met && mode != Mode::Ok {
            state.faults_mut(&bot).callback.met();
        }
        (reaction, faults.latency_ms)
    }
}
