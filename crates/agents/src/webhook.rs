//! A server of the owner's own. It is called with a signed event, as Standard Webhooks describe,
//! and replies in its response (contract.md §5). What it remembers is up to the server.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use outside::{Http, Method, Request};
use reply::{self, Part, PlainText, Reply, Suggestion};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use serde_json::{Map, Value};
use shared::{clock::Time, config::Locale};
use url::Url;

use super::{
    AgentError, ProbeReport, Question, asides,
    broken::Broken,
    endpoint::{MAX_BODY, PROBE, accept, send, unfinished, unsent},
    json,
    picture::{self, DataUri},
};

pub struct Webhook {
    http: Http,
    url: Url,
    secret: SecretSlice<u8>,
}

#[derive(Serialize)]
struct Event<D> {
    r#type: &'static str,
    data: D,
}

/// The event of a message: everything about the person and the message that leaves (F-124).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    turn: &'a str,
    channel: &'a str,
    account: &'a str,
    conversation: &'a str,
    /// Changes with `/new`.
    session: &'a str,
    sender: &'a str,
    text: &'a str,
    images: Vec<DataUri<'a>>,
    /// How many more pictures the message had.
    #[serde(skip_serializing_if = "is_zero")]
    missing_images: usize,
    tap: Option<&'a Value>,
    /// What the platform recognised, such as block parameters.
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: &'a Map<String, Value>,
    locale: &'static str,
    /// RFC 3339 in UTC.
    received_at: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it out so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Webhook {
    pub(super) fn new(http: &Http, url: Url, secret: SecretSlice<u8>) -> Self {
        Self {
            http: http.clone(),
            url,
            secret,
        }
    }

    /// Asks and reads the reply; `None` if the server chose to stay silent.
    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<Option<Reply>, Broken> {
        let message = question.message;
        let data = Data {
            turn: question.turn,
            channel: question.channel,
            account: question.account,
            conversation: question.conversation,
            session: question.session,
            sender: question.sender,
            text: &message.text,
            images: question.pictures.iter().map(DataUri).collect(),
            missing_images: question.missing,
            tap: message.tap.as_ref(),
            details: &message.details,
            locale: match question.locale {
                Locale::Ko => "ko",
                Locale::En => "en",
            },
            received_at: rfc3339(question.received),
        };
        let event = Event {
            r#type: "message",
            data,
        };
        let body = picture::to_json(&event, question.pictures);
        let response = send(self.request(question.turn, question.now, body)).await?;
        if response.status() == 204 {
            return Ok(None);
        }
        let body = response.read_capped(MAX_BODY).await.map_err(unfinished)?;
        let body = json::read(&body).ok_or(AgentError::Unreadable)?;
        Ok(read(&body)?)
    }

    /// Sends a signed event that no receiver acts on. The probe fails if the status refuses the
    /// signature (401, 403), says that nobody takes events at this address (3xx, 404, 405, 410), or
    /// is 5xx.
    pub(super) async fn probe(&self, now: Time) -> Result<ProbeReport, Broken> {
        let event = Event {
            r#type: "ping",
            data: Map::new(),
        };
        let id = format!("ping_{}", now.as_millis());
        let request = self.request(&id, now, picture::to_json(&event, []));
        let response = request.within(PROBE).send().await.map_err(unsent)?;
        let status = response.status();
        if !matches!(status, 400 | 402 | 406..=409 | 411..=499) {
            accept(response).await?;
        }
        Ok(ProbeReport {
            target: "webhook".to_owned(),
            listed: true,
            models: Vec::new(),
            status: Some(status),
        })
    }

    fn request(&self, id: &str, now: Time, body: String) -> Request {
        let timestamp = now.as_secs().to_string();
        let signature = signature(self.secret.expose_secret(), id, &timestamp, body.as_bytes());
        self.http
            .agent(Method::POST, self.url.clone())
            .header("webhook-id", id)
            .header("webhook-timestamp", &timestamp)
            .header("webhook-signature", &signature)
            .json(body)
    }
}

/// The header `webhook-signature`, as Standard Webhooks define it.
fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        context.update(part);
    }
    format!("v1,{}", BASE64_STANDARD.encode(context.sign()))
}

fn rfc3339(time: Time) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{time:.3}")
}

/// The reply in an answer: text first, then pictures, then cards. `None` if there is nothing to
/// show.
fn read(body: &Value) -> Result<Option<Reply>, AgentError> {
    let reply = match body.get("reply") {
        Some(Value::Null) => return Ok(None),
        Some(Value::Object(reply)) => reply,
        _ => return Err(AgentError::Unreadable),
    };
    // A single value counts as a list of one.
    let list = |name: &str| match reply.get(name) {
        None | Some(Value::Null) => [].as_slice(),
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
    };
    let text = match reply.get("text") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let meant = asides::without(&json::joined(text)).into_owned();
            // Thoughts alone are no answer, and not the silence that a server may choose.
            if meant.is_empty() && !text.trim().is_empty() {
                return Err(AgentError::Empty);
            }
            Reply::read(&meant)
        }
        Some(_) => return Err(AgentError::Unreadable),
    };
    let (mut parts, mut suggestions) = text.map(Reply::into_parts).unwrap_or_default();
    for image in list("images") {
        match reply::picture(image) {
            Some(picture) => parts.push(picture),
            None => tracing::warn!("a picture of the agent has no web address and is left out"),
        }
    }
    parts.extend(list("cards").iter().flat_map(reply::output));
    suggestions.extend(list("suggestions").iter().filter_map(Suggestion::read));
    if parts.is_empty() && !suggestions.is_empty() {
        parts.push(Part::Text(PlainText::default()));
    }
    Ok(Reply::new(parts, suggestions))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected value was made by the reference implementation for Rust, `standardwebhooks`
    /// 1.0.1.
    #[test]
    fn the_signature_is_the_one_of_standard_webhooks() {
        let secret = BASE64_STANDARD
            .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .unwrap();
        assert_eq!(
            signature(
                &secret,
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "1614265330",
                br#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn times_are_written_in_utc() {
        let time = Time::from_millis(1_767_323_045_070);
        assert_eq!(rfc3339(time), "2026-01-02T03:04:05.070Z");
    }
}
