//! What `openclaw` and `openai-chat` have in common: the chat completions endpoint, streamed or not
//! (openclaw.md §1.2).

use std::{borrow::Cow, time::Duration};

use reqwest::Method;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{AgentError, ProbeReport, Question, sse::Events};
use crate::http::{Failure, Http, Request, Response};

/// Longest text kept, in bytes; far more than a channel shows.
const MAX_TEXT: usize = 256 * 1024;

/// Longest answer in one piece, in bytes: the text as JSON may write it, and what comes around it.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// Time for a call that asks nothing.
const PROBE: Duration = Duration::from_secs(10);

/// Where an endpoint is and what opens it.
pub struct Endpoint {
    http: Http,
    completions: Url,
    models: Url,
    token: Option<SecretString>,
}

impl Endpoint {
    /// `base` is what `chat/completions` is below; it may end with a slash, or with
    /// `chat/completions` itself.
    pub fn new(http: &Http, base: &Url, token: Option<SecretString>) -> Self {
        let base = without_suffix(base, &["chat", "completions"]);
        Self {
            http: http.clone(),
            completions: below(&base, &["chat", "completions"]),
            models: below(&base, &["models"]),
            token,
        }
    }

    pub fn ask(&self, turn: &str, body: &Body<'_>) -> Request {
        let body = serde_json::to_string(body).unwrap_or_default();
        self.request(Method::POST, &self.completions)
            .header("idempotency-key", turn)
            .json(body)
    }

    pub async fn probe(&self, target: &str) -> Result<ProbeReport, AgentError> {
        let response = send(self.request(Method::GET, &self.models).within(PROBE)).await?;
        let body = response.read_capped(MAX_BODY).await.map_err(unfinished)?;
        let body: Value = serde_json::from_slice(&body).map_err(|_| AgentError::Unreadable)?;
        let models = body
            .get("data")
            .and_then(Value::as_array)
            .ok_or(AgentError::Unreadable)?;
        let ids = models
            .iter()
            .filter_map(|model| model.get("id").and_then(Value::as_str));
        let models: Vec<_> = ids.map(str::to_owned).collect();
        Ok(ProbeReport {
            target: target.to_owned(),
            listed: models.iter().any(|model| model == target),
            models,
        })
    }

    fn request(&self, method: Method, url: &Url) -> Request {
        let request = self.http.agent(method, url.clone());
        match &self.token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}

/// `url` without these last segments, if it has them, and without a slash at the end.
pub fn without_suffix(url: &Url, suffix: &[&str]) -> Url {
    let mut url = url.clone();
    let path = url.path().trim_end_matches('/');
    let suffix: String = suffix.iter().flat_map(|segment| ["/", segment]).collect();
    let path = path.strip_suffix(&suffix).unwrap_or(path).to_owned();
    url.set_path(&path);
    url
}

pub fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// What is sent. Nothing else leaves (F-124).
#[derive(Serialize)]
pub struct Body<'a> {
    pub model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<&'a str>,
    pub stream: bool,
    pub messages: Vec<Said<'a>>,
}

#[derive(Serialize)]
pub struct Said<'a> {
    role: &'static str,
    content: Cow<'a, str>,
}

impl<'a> Said<'a> {
    pub fn by_system(content: &'a str) -> Self {
        Self {
            role: "system",
            content: content.into(),
        }
    }

    pub fn by_user(content: &'a str) -> Self {
        Self {
            role: "user",
            content: content.into(),
        }
    }

    pub fn by_assistant(content: &'a str) -> Self {
        Self {
            role: "assistant",
            content: content.into(),
        }
    }

    pub fn now(question: &Question<'_>) -> Self {
        Self {
            role: "user",
            content: super::prompt(question.message, question.missing).into(),
        }
    }
}

/// Sends, and lets only a good status through.
pub async fn send(request: Request) -> Result<Response, AgentError> {
    accept(request.send().await.map_err(unsent)?)
}

pub fn unsent(failure: Failure) -> AgentError {
    match failure {
        Failure::NotSent => AgentError::Unreachable,
        Failure::BrokeOff | Failure::TooLarge => AgentError::Failed,
    }
}

fn unfinished(failure: Failure) -> AgentError {
    match failure {
        Failure::TooLarge => AgentError::Unreadable,
        Failure::NotSent | Failure::BrokeOff => AgentError::Failed,
    }
}

pub fn accept(response: Response) -> Result<Response, AgentError> {
    match response.status() {
        401 | 403 => Err(AgentError::Unauthorized),
        status if !response.is_success() => Err(AgentError::Rejected { status }),
        _ => Ok(response),
    }
}

/// The text of the first choice, trimmed. Half an answer is none: a stream that ends before it says
/// so is an error, and so is an error inside a good status. An endpoint that was asked to stream
/// and does not is understood too.
pub async fn read(response: Response) -> Result<String, AgentError> {
    let text = if response.is_event_stream() {
        read_stream(response).await?
    } else {
        read_whole(response).await?
    };
    let text = text.trim();
    if text.is_empty() {
        Err(AgentError::Empty)
    } else {
        Ok(text.to_owned())
    }
}

async fn read_whole(response: Response) -> Result<String, AgentError> {
    let body = response.read_capped(MAX_BODY).await.map_err(unfinished)?;
    let body: Value = serde_json::from_slice(&body).map_err(|_| AgentError::Unreadable)?;
    if has_error(&body) {
        return Err(AgentError::Failed);
    }
    let message = choice(&body)
        .and_then(|choice| choice.get("message"))
        .ok_or(AgentError::Unreadable)?;
    let mut text = String::new();
    append(&mut text, message.get("content"));
    Ok(text)
}

async fn read_stream(mut response: Response) -> Result<String, AgentError> {
    let mut stream = Stream::default();
    let mut events = Events::default();
    let mut out = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => {
                out.extend(events.finish());
                stream.take_all(&mut out)?;
                return stream.end();
            }
            Err(_) => return stream.end(),
        };
        events
            .push(&chunk, &mut out)
            .map_err(|_| AgentError::Failed)?;
        if stream.take_all(&mut out)? {
            return stream.end();
        }
    }
}

/// A streamed answer so far.
#[derive(Default)]
struct Stream {
    text: String,
    finished: bool,
}

impl Stream {
    /// Whether nothing more is needed.
    fn take_all(&mut self, events: &mut Vec<String>) -> Result<bool, AgentError> {
        for data in events.drain(..) {
            if data.trim() == "[DONE]" {
                self.finished = true;
                return Ok(true);
            }
            let event: Value = serde_json::from_str(&data).map_err(|_| AgentError::Failed)?;
            if has_error(&event) {
                return Err(AgentError::Failed);
            }
            let choice = choice(&event);
            let full = append(
                &mut self.text,
                choice
                    .and_then(|choice| choice.get("delta"))
                    .and_then(|delta| delta.get("content")),
            );
            self.finished |= full
                || choice.is_some_and(|choice| {
                    choice.get("finish_reason").is_some_and(Value::is_string)
                });
            if full {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn end(self) -> Result<String, AgentError> {
        if self.finished {
            Ok(self.text)
        } else {
            Err(AgentError::Failed)
        }
    }
}

fn has_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
}

fn choice(body: &Value) -> Option<&Value> {
    let choices = body.get("choices")?.as_array()?;
    choices
        .iter()
        .find(|choice| choice.get("index").is_none_or(|index| index == 0))
}

/// Adds `content`, a string or a list of text parts; whether the text is full now. What is cut off
/// leaves "…" behind.
fn append(text: &mut String, content: Option<&Value>) -> bool {
    let parts = match content {
        Some(Value::String(part)) => vec![part.as_str()],
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
        _ => vec![],
    };
    for part in parts {
        let room = MAX_TEXT - text.len();
        text.push_str(
            part.get(..part.floor_char_boundary(room))
                .unwrap_or_default(),
        );
        if part.len() > room {
            text.push('…');
            return true;
        }
    }
    false
}
