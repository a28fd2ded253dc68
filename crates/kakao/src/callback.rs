//! The one-use callback of a skill request. An answer is posted once, and only a clear yes from
//! Kakao counts as success (skill.md §5.3–5.5).

use std::time::Duration;

use outside::{Failure, Http};
use serde_json::Value;

use crate::address::CallbackUrl;

/// Time limit of one post, response included; connecting alone may take 2 s of it.
pub const TOTAL: Duration = Duration::from_secs(3);

/// Longest response read, in bytes. Real ones have about 200.
const MAX_BODY: usize = 64 * 1024;

/// What became of one post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kakao took the answer. `task` is the id to quote to Kakao's support (skill.md §5.4).
    Accepted { task: Option<String> },
    /// Kakao got the post and did not take it.
    Refused(Refusal),
    /// Nothing left this machine: the address can still be used.
    NotSent,
    /// The post may have arrived, but no readable response came back. The address takes a second
    /// post only if the first did not arrive, and the answer must not be sent any other way (F-27).
    Unconfirmed,
}

/// Why Kakao did not take an answer (skill.md §5.4). Whether the address can be used again is known
/// for [`NotAcknowledged`](Self::NotAcknowledged) only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is wrong, used, or older than a minute.
    InvalidToken,
    /// Our `useCallback` has not been processed yet; posting once more after a second is safe.
    NotAcknowledged,
    /// The call came from the console's test, where callbacks do not work.
    TestToken,
    BadBot,
    /// The body is not a skill response.
    BadBody,
    /// A bubble is of a kind that is not allowed here.
    BadFormat,
    /// A failure on Kakao's side.
    Kakao,
    Other,
}

impl Refusal {
    /// How Kakao's messages begin; the first match counts.
    const MESSAGES: [(&'static str, Self); 7] = [
        ("invalid callback token for testing", Self::TestToken),
        ("invalid callback token", Self::InvalidToken),
        (
            "the skill server settings are incorrect",
            Self::NotAcknowledged,
        ),
        ("invalid bot id", Self::BadBot),
        ("invalid json response", Self::BadBody),
        ("invalid skill-json format", Self::BadFormat),
        ("internal server error", Self::Kakao),
    ];

    fn read(status: u16, message: Option<&str>) -> Self {
        let message = message.unwrap_or_default().trim().to_ascii_lowercase();
        let known = Self::MESSAGES
            .iter()
            .find(|(start, _)| message.starts_with(start));
        match known {
            Some((_, refusal)) => *refusal,
            None if status >= 500 => Self::Kakao,
            None => Self::Other,
        }
    }
}

/// Posts `body`, a skill response, within [`TOTAL`]. Never tries twice.
pub async fn post(http: &Http, url: &CallbackUrl, body: String) -> Outcome {
    post_within(TOTAL, http, url, body).await
}

async fn post_within(total: Duration, http: &Http, url: &CallbackUrl, body: String) -> Outcome {
    let response = match http
        .post_alone(url.received())
        .json(body)
        .within(total)
        .send()
        .await
    {
        Ok(response) => response,
        Err(failure) => {
            let outcome = match failure {
                Failure::NotSent => Outcome::NotSent,
                Failure::BrokeOff | Failure::TooLarge => Outcome::Unconfirmed,
            };
            tracing::warn!(?outcome, "a callback was not accepted");
            return outcome;
        }
    };
    let status = response.status();
    let body = response.read_capped(MAX_BODY).await.unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let outcome = judge(status, &body);
    if !matches!(outcome, Outcome::Accepted { .. }) {
        let task = task(&body);
        tracing::warn!(status, task, ?outcome, "a callback was not accepted");
    }
    outcome
}

/// Accepted only if both the status code and the body say so. A 2xx code whose body has no readable
/// `status` is unconfirmed; everything else is a refusal.
fn judge(status: u16, body: &Value) -> Outcome {
    let text = |name| body.get(name).and_then(Value::as_str);
    match text("status") {
        Some("SUCCESS") if is_success(status) => Outcome::Accepted {
            task: task(body).map(str::to_owned),
        },
        None if is_success(status) => Outcome::Unconfirmed,
        _ => Outcome::Refused(Refusal::read(status, text("message"))),
    }
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// The id of the task, if it looks like an id: it goes to the log.
fn task(body: &Value) -> Option<&str> {
    let task = body.get("taskId")?.as_str()?;
    let plain = task.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (plain && (1..=64).contains(&task.len())).then_some(task)
}

#[cfg(test)]
mod tests;
