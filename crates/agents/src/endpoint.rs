//! An endpoint of the kind that `OpenAI` defined: its address, its token, and what its refusals
//! mean.

use std::time::Duration;

use outside::{Failure, Http, Method, Request, Response};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{AgentError, ProbeReport};

/// Longest response body read in one piece, in bytes: room for the longest text kept, escaped as
/// JSON, and for what surrounds it.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// Time limit of a probe, response included.
pub const PROBE: Duration = Duration::from_secs(10);

/// The addresses of an endpoint, and its token.
pub struct Endpoint {
    http: Http,
    questions: Url,
    models: Url,
    token: Option<SecretString>,
}

impl Endpoint {
    /// `base` is the address that `path` is below; it may end with a slash, or with `path` itself.
    pub fn new(http: &Http, base: &Url, path: &[&str], token: Option<SecretString>) -> Self {
        let base = without_suffix(base, path);
        Self {
            http: http.clone(),
            questions: below(&base, path),
            models: below(&base, &["models"]),
            token,
        }
    }

    /// A question, with the id of its turn as `Idempotency-Key`. `body` is already JSON.
    pub fn ask(&self, turn: &str, body: String) -> Request {
        self.request(Method::POST, &self.questions)
            .header("idempotency-key", turn)
            .json(body)
    }

    /// Asks for the list of models, within [`PROBE`], and looks for `target` in it.
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
            status: None,
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

/// `url` without `suffix` as its last segments, if it has them, and without a slash at the end.
pub fn without_suffix(url: &Url, suffix: &[&str]) -> Url {
    let mut url = url.clone();
    let path = url.path().trim_end_matches('/');
    let suffix: String = suffix.iter().flat_map(|segment| ["/", segment]).collect();
    let path = path.strip_suffix(&suffix).unwrap_or(path).to_owned();
    url.set_path(&path);
    url
}

/// `url` with `segments` appended to its path.
pub fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// Sends the request; any status but 2xx is an error.
pub async fn send(request: Request) -> Result<Response, AgentError> {
    accept(request.send().await.map_err(unsent)?)
}

/// The error for a request that got no response.
pub fn unsent(failure: Failure) -> AgentError {
    match failure {
        Failure::NotSent => AgentError::Unreachable,
        Failure::BrokeOff | Failure::TooLarge => AgentError::Failed,
    }
}

/// The error for a response whose body could not be read to its end.
pub fn unfinished(failure: Failure) -> AgentError {
    match failure {
        Failure::TooLarge => AgentError::Unreadable,
        Failure::NotSent | Failure::BrokeOff => AgentError::Failed,
    }
}

/// The response if its status is 2xx; otherwise the error that the status stands for.
pub fn accept(response: Response) -> Result<Response, AgentError> {
    match response.status() {
        401 | 403 => Err(AgentError::Unauthorized),
        status if !response.is_success() => Err(AgentError::Rejected { status }),
        _ => Ok(response),
    }
}
