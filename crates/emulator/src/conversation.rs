//! The course of one message: build the request, call the skill, judge and show its answer.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::{
    Emulator,
    bot::{Block, Bot},
    callback::{Callback, Token},
    changes::Subject,
    clock::millis,
    exchange::{Bubble, Exchange, Outcome},
    faults::SkillFaults,
    keys,
    media::invented_video,
    message::{Console, Message},
    payload::{self, Scene},
    render,
    rules::{self, BrokenRule, Kind, Setting, Slot},
    skill::{Call, Called},
    state::State,
};

const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Why the control API did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such bot")]
    UnknownBot,
    #[error("there is no such exchange")]
    UnknownExchange,
    /// The request makes no sense; the text says why.
    #[error("{0}")]
    Invalid(String),
}

/// What was sent for an exchange, and how its answer is to be read.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) body: Bytes,
    pub(crate) block: Option<Block>,
    /// Where the callback is to be posted: the right path, byte for byte.
    pub(crate) callback: Option<String>,
    setting: Setting,
    /// A parameter validation call.
    validation: bool,
}

impl Emulator {
    /// Sends the message to the bot's skill and returns once it has answered or its time is up;
    /// does not wait for a callback.
    pub async fn say(&self, bot: &str, message: Message) -> Result<Exchange, Refusal> {
        let (id, call, faults) = self.prepare(bot, &message)?;
        self.inner.changed.notify_waiters();
        let emulator = self.clone();
        let calling = id.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the emulator is a server: a skill call goes on when its watcher has left"
        )]
        let conversation = tokio::spawn(async move {
            let started = tokio::time::Instant::now();
            let called = emulator.inner.caller.call(call).await;
            emulator.conclude(&calling, called, started.elapsed(), &faults);
            emulator.inner.changed.notify_waiters();
        });
        // It does not panic, and if the runtime is shutting down there is nobody to tell.
        let _ = conversation.await;
        self.exchange(&id)
    }

    /// The exchange as it is now.
    pub fn exchange(&self, id: &str) -> Result<Exchange, Refusal> {
        let now = self.inner.clock.now_ms();
        self.state().view(id, now).ok_or(Refusal::UnknownExchange)
    }

    /// The exchange once its callback was used, became unusable or expired, or at the latest after
    /// `timeout` or ten minutes.
    pub async fn settled(&self, id: &str, timeout: Duration) -> Result<Exchange, Refusal> {
        let until = tokio::time::Instant::now() + timeout.min(LONGEST_WAIT);
        loop {
            let mut changed = std::pin::pin!(self.inner.changed.notified());
            changed.as_mut().enable();
            let exchange = self.exchange(id)?;
            let pending = exchange.outcome == Outcome::Pending;
            let settled = exchange.callback.as_ref().is_none_or(Callback::is_settled);
            let now = tokio::time::Instant::now();
            if (!pending && settled) || now >= until {
                return Ok(exchange);
            }
            let wait = if pending {
                until - now
            } else {
                self.until_expiry(id).min(until - now)
            };
            let _ = tokio::time::timeout(wait, changed).await;
        }
    }

    fn until_expiry(&self, id: &str) -> Duration {
        let now = self.inner.clock.now_ms();
        let left = self.state().expiry(id).map_or(i64::MAX, |at| at - now);
        Duration::from_millis(u64::try_from(left).unwrap_or_default().max(1))
    }

    fn prepare(
        &self,
        bot: &str,
        message: &Message,
    ) -> Result<(String, Call, SkillFaults), Refusal> {
        let now = self.inner.clock.now_ms();
        let mut state = self.state();
        let bot = state.bot(bot).cloned().ok_or(Refusal::UnknownBot)?;
        let (user, room, sent, request_id) = if let Some(id) = &message.repeat {
            let earlier = state.get(id).filter(|record| record.exchange.bot == bot.id);
            let earlier = earlier.ok_or(Refusal::UnknownExchange)?;
            let (exchange, sent) = (earlier.exchange.clone(), earlier.sent.clone());
            let request_id = (!message.new_request_id).then_some(exchange.request_id);
            (exchange.user, exchange.room, sent, request_id)
        } else {
            let public_url = &self.inner.options.public_url;
            let sent = compose(&mut state, public_url, &bot, message, now);
            let sent = sent.map_err(Refusal::Invalid)?;
            (message.user.clone(), message.room.clone(), sent, None)
        };
        let request_id = message
            .request_id
            .clone()
            .or(request_id)
            .unwrap_or_else(keys::request_id);
        let faults = state.faults(&bot.id).skill;
        let call = Call {
            url: bot.skill_url,
            header: bot.header,
            request_id: request_id.clone(),
            body: sent.body.clone(),
            latency: Duration::from_millis(faults.latency_ms),
            deadline: self.inner.options.skill_deadline,
        };
        let exchange = Exchange {
            id: String::new(),
            bot: bot.id,
            user,
            room,
            block: sent.block.as_ref().map(|block| block.name.clone()),
            sent_at: now,
            request: json_or_text(&sent.body),
            request_id,
            status: None,
            elapsed_ms: None,
            response: Value::Null,
            outcome: Outcome::Pending,
            error: None,
            broken_rules: Vec::new(),
            bubbles: Vec::new(),
            quick_replies: Vec::new(),
            waiting_message: None,
            callback: None,
        };
        Ok((state.record(exchange, sent), call, faults))
    }

    /// Writes down how the call ended and what the person sees of it.
    fn conclude(&self, id: &str, called: Called, elapsed: Duration, faults: &SkillFaults) {
        let now = self.inner.clock.now_ms();
        let mut state = self.state();
        let Some(record) = state.get_mut(id) else {
            return;
        };
        let exchange = &mut record.exchange;
        exchange.elapsed_ms = u64::try_from(millis(elapsed)).ok();
        let called = match called {
            Called::Answered { .. } if faults.drop_answer => {
                Called::Failed("the answer was lost (a fault that was asked for)".into())
            }
            called => called,
        };
        match called {
            Called::TimedOut => {
                exchange.outcome = Outcome::Timeout;
                let detail = format!("no answer within {} ms (code 1001)", call_limit(self));
                exchange
                    .broken_rules
                    .push(BrokenRule::refusing("deadline", detail));
            }
            Called::Failed(why) => {
                exchange.outcome = Outcome::Failed;
                exchange.error = Some(why);
            }
            Called::Answered {
                status,
                is_json,
                body,
            } => {
                exchange.status = Some(status);
                exchange.response = json_or_text(&body);
                judge(exchange, &record.sent, &body, is_json);
            }
        }
        let acknowledged = exchange.outcome == Outcome::Waiting;
        let target = record.sent.callback.clone();
        if let Some(token) = target.and_then(|target| state.tokens.get_mut(&target)) {
            token.skill_answered(acknowledged, now);
        }
        state.changes.mark(Subject::Exchange(id.to_owned()));
    }
}

fn call_limit(emulator: &Emulator) -> i64 {
    millis(emulator.inner.options.skill_deadline)
}

/// Builds the request, and issues the URLs in it.
fn compose(
    state: &mut State,
    public_url: &str,
    bot: &Bot,
    message: &Message,
    now: i64,
) -> Result<Sent, String> {
    if message.user.is_empty() {
        return Err("user is missing".into());
    }
    let mut setting = Setting {
        group: message.room.is_some(),
        event: message.event.is_some(),
        blocks: Some(bot.blocks.iter().map(|block| block.id.clone()).collect()),
        ..Setting::default()
    };
    let validation = message.validation.is_some();
    if let Some(raw) = &message.raw {
        let url = raw.pointer("/userRequest/callbackUrl");
        if url.is_some_and(|url| !url.is_null()) {
            setting.slot = Slot::Given;
        }
        return Ok(Sent {
            body: bytes_of(raw),
            block: None,
            callback: None,
            setting,
            validation,
        });
    }
    check_said(message)?;
    let block = payload::block_for(bot, message)?;
    let testing = message.console == Some(Console::BotTest);
    let development = message.dev_channel.unwrap_or(bot.dev_channel) || testing;
    let photo = match &message.photo {
        None if message.video => Some(invented_video()),
        photo => photo.clone(),
    };
    let photo = photo
        .map(|photo| state.album.keep(public_url, &photo, now))
        .transpose()?;
    let images = &message.secure_images;
    let images = (!images.is_empty()).then(|| state.album.keep_secure(public_url, images, now));
    let can_call_back = message.console != Some(Console::SkillTest) && !validation;
    let callback = can_call_back && message.callback.unwrap_or(block.callback);
    if callback {
        setting.slot = Slot::Given;
    }
    let token = callback.then(|| Token::issue(&bot.id, development, testing, &setting, now));
    let last_block = state.last_block(&bot.id, &message.user, message.room.as_deref());
    let body = payload::build(&Scene {
        bot,
        message,
        block: &block,
        last_block: last_block.as_ref(),
        development,
        callback_url: token
            .as_ref()
            .map(|token| format!("{public_url}{}", token.target)),
        media_url: photo,
        secure_images: images.transpose()?,
    });
    let target = token.as_ref().map(|token| token.target.clone());
    state
        .tokens
        .extend(token.map(|token| (token.target.clone(), token)));
    Ok(Sent {
        body: bytes_of(&body),
        block: Some(block),
        callback: target,
        setting,
        validation,
    })
}

/// There must be something to send.
fn check_said(message: &Message) -> Result<(), String> {
    let said = message.text.is_some()
        || message.tap.is_some()
        || message.photo.is_some()
        || message.video
        || !message.secure_images.is_empty()
        || message.event.is_some()
        || message.block.is_some()
        || message.knowledge.is_some()
        || message.validation.is_some()
        || message.console.is_some();
    let wanted = "say something: text, tap, photo, video, secureImages, event, block, knowledge, \
                  validation, console, raw or repeat";
    said.then_some(()).ok_or_else(|| wanted.into())
}

/// Decides what the person sees of an answer that arrived in time.
fn judge(exchange: &mut Exchange, sent: &Sent, body: &[u8], is_json: bool) {
    let status = exchange.status.unwrap_or_default();
    if !(200..300).contains(&status) {
        exchange.outcome = Outcome::Failed;
        exchange.error = Some(format!("the skill answered with status {status}"));
        return;
    }
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        exchange.outcome = Outcome::Failed;
        exchange.error = Some("the skill's answer is not JSON".into());
        return;
    };
    if !is_json {
        let detail = "the Content-Type is not application/json";
        exchange
            .broken_rules
            .push(BrokenRule::displaying("content-type", detail));
    }
    if sent.validation {
        let (told, broken) = rules::read_validation(&answer);
        exchange.outcome = shown_unless_refused(&broken);
        exchange.broken_rules.extend(broken);
        exchange.bubbles = told.map(plain_bubble).into_iter().collect();
        return;
    }
    let (kind, broken) = rules::read(&answer, &sent.setting);
    exchange.outcome = shown_unless_refused(&broken);
    exchange.broken_rules.extend(broken);
    match (exchange.outcome, kind) {
        (Outcome::Refused, _) => {}
        (_, Kind::Bubbles) => {
            exchange.bubbles = render::bubbles(&answer);
            exchange.quick_replies = render::quick_replies(&answer);
        }
        (_, Kind::Acknowledgement) => {
            exchange.outcome = Outcome::Waiting;
            let message = sent
                .block
                .as_ref()
                .map(|block| block.waiting_message.as_str());
            let data = answer.get("data");
            exchange.waiting_message = message.map(|text| render::waiting_message(text, data));
        }
    }
}

fn shown_unless_refused(broken: &[BrokenRule]) -> Outcome {
    if rules::refused(broken) {
        Outcome::Refused
    } else {
        Outcome::Answered
    }
}

fn plain_bubble(text: String) -> Bubble {
    Bubble {
        kind: "simpleText".into(),
        body: serde_json::json!({ "text": text }),
        folded: false,
        text,
    }
}

/// A string's text as it is, anything else serialised.
fn bytes_of(value: &Value) -> Bytes {
    match value {
        Value::String(text) => text.clone().into(),
        value => value.to_string().into(),
    }
}

/// The JSON in the bytes, or else their text.
pub(crate) fn json_or_text(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
