//! Callback URLs: issued with a request, good for a while and for one answer (skill.md §5).
//!
//! Where the reference is silent: a body that breaks a rule spends the URL; a callback that comes
//! before the acknowledgement does not.

use serde_json::Value;

use super::{
    callback::{Attempt, Callback, CallbackState},
    exchange::json_or_text,
    keys, render,
    rules::{self, BrokenRule, Setting, Slot, refused},
    verdict::{BAD_BODY, BAD_TOKEN, NOT_ACKNOWLEDGED, TESTING, Verdict},
};

const LIFETIME_MS: i64 = 60_000;
const GROUP_LIFETIME_MS: i64 = 300_000;

/// So many attempts are kept.
const KEPT_ATTEMPTS: usize = 100;

/// An issued callback URL.
pub(crate) struct Token {
    pub(crate) bot: String,
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

    /// Takes what was posted, which is `None` if it is too long to be read.
    pub(crate) fn accept(&mut self, body: Option<&[u8]>, settle_ms: i64, now: i64) -> Verdict {
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

    pub(crate) fn write_down(
        &mut self,
        status: Option<u16>,
        body: Option<&[u8]>,
        message: &str,
        now: i64,
    ) {
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
