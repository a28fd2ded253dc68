//! The course of one message: build the request, call the skill, judge and show its answer.

use std::time::Duration;

use serde_json::Value;

use super::{
    callback::Callback,
    compose::compose,
    exchange::{Exchange, Outcome, json_or_text},
    faults::SkillFaults,
    keys,
    message::Message,
    platform::{Chatbot, NO_BOT, NO_EXCHANGE},
    render,
    rules::{self, BrokenRule, Kind},
    skill::{Call, Called},
    state::{EXCHANGE, Sent},
};
use crate::{changes::Subject, clock::millis, refusal::Refusal};

const LONGEST_WAIT: Duration = Duration::from_mins(10);

impl Chatbot {
    /// Sends the message to the bot's skill and returns once it has answered or its time is up;
    /// does not wait for a callback.
    pub async fn say(&self, bot: &str, message: Message) -> Result<Exchange, Refusal> {
        let (id, call, faults) = self.prepare(bot, &message)?;
        let chatbot = self.clone();
        let calling = id.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "the emulator is a server: a skill call goes on when its watcher has left"
        )]
        let conversation = tokio::spawn(async move {
            let started = tokio::time::Instant::now();
            let called = chatbot.caller.call(call).await;
            chatbot.conclude(&calling, called, started.elapsed(), &faults);
        });
        // Fails only if the runtime is shutting down, and then nobody waits for the exchange.
        let _ = conversation.await;
        self.exchange(&id)
    }

    /// The exchange as it is now.
    pub fn exchange(&self, id: &str) -> Result<Exchange, Refusal> {
        let now = self.ground.clock.now_ms();
        self.state().view(id, now).ok_or(NO_EXCHANGE)
    }

    /// The exchange once its callback was used, became unusable or expired, or at the latest after
    /// `timeout` or ten minutes.
    pub async fn settled(&self, id: &str, timeout: Duration) -> Result<Exchange, Refusal> {
        let until = tokio::time::Instant::now() + timeout.min(LONGEST_WAIT);
        loop {
            let mut changed = std::pin::pin!(self.ground.changes.next());
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
        let at = self.state().expiry(id);
        self.ground.clock.until(at)
    }

    /// Records a new exchange. Returns its id, the call to make, and what is to go wrong with it.
    fn prepare(
        &self,
        bot: &str,
        message: &Message,
    ) -> Result<(String, Call, SkillFaults), Refusal> {
        let now = self.ground.clock.now_ms();
        let mut state = self.state();
        let bot = state.bot(bot).cloned().ok_or(NO_BOT)?;
        let (user, room, sent, request_id) = if let Some(id) = &message.repeat {
            let earlier = state.get(id).filter(|record| record.exchange.bot == bot.id);
            let earlier = earlier.ok_or(NO_EXCHANGE)?;
            let (exchange, sent) = (earlier.exchange.clone(), earlier.sent.clone());
            let request_id = (!message.new_request_id).then_some(exchange.request_id);
            (exchange.user, exchange.room, sent, request_id)
        } else {
            let sent = compose(&mut state, &bot, message, now);
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
            deadline: self.ground.options.skill_deadline,
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

    /// Records how the call ended and what the person sees of it.
    fn conclude(&self, id: &str, called: Called, elapsed: Duration, faults: &SkillFaults) {
        let now = self.ground.clock.now_ms();
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
                let limit = millis(self.ground.options.skill_deadline);
                let detail = format!("no answer within {limit} ms (code 1001)");
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
                show(exchange, &record.sent, &body, is_json);
            }
        }
        let acknowledged = exchange.outcome == Outcome::Waiting;
        let target = record.sent.callback.clone();
        if let Some(token) = target.and_then(|target| state.tokens.get_mut(&target)) {
            token.skill_answered(acknowledged, now);
        }
        state.mark(Subject::one(EXCHANGE, id));
    }
}

/// Decides what the person sees of an answer that arrived in time.
fn show(exchange: &mut Exchange, sent: &Sent, body: &[u8], is_json: bool) {
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
        exchange.bubbles = told.map(render::plain_bubble).into_iter().collect();
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
