//! An endpoint of the kind that `OpenAI` defined: its address, its token, and what its refusals
//! mean.

use std::time::Duration;

use outside::{Failure, Http, Method, Request, Response};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    AgentError, ProbeReport,
    broken::Broken,
    complaint::{self, Complaint},
    json, probe,
};

/// Longest response body read in one piece, in bytes: room for the longest text kept, escaped as
/// JSON, and for what surrounds it.
pub const MAX_BODY: usize = 2 * 1024 * 1024;

/// Longest body of a refusal that is read, in bytes, and how long it may take.
const MAX_REFUSAL: usize = 64 * 1024;
const REFUSAL: Duration = Duration::from_secs(5);

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
            token: token.map(without_bearer),
        }
    }

    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// A question, with the id of its turn as `Idempotency-Key`. `body` is already JSON.
    pub fn ask(&self, turn: &str, body: String) -> Request {
        self.request(Method::POST, &self.questions)
            .header("idempotency-key", turn)
            .json(body)
    }

    /// Asks for the list of models, within [`PROBE`], and looks for `target` in it.
    pub async fn probe(&self, target: &str) -> Result<ProbeReport, Broken> {
        let response = send(self.request(Method::GET, &self.models).within(PROBE)).await?;
        let body = response.read_capped(MAX_BODY).await.map_err(unfinished)?;
        let body = json::read(&body).ok_or(AgentError::Unreadable)?;
        match probe::models_in(&body) {
            Some(models) => Ok(ProbeReport::of_list(target, models)),
            None => Err(Broken {
                error: AgentError::Unreadable,
                complaint: complaint::in_response(&body).map(Complaint::of),
                is_internal: false,
            }),
        }
    }

    /// Sends a question in which nothing is asked, within [`PROBE`]. The list of models may be
    /// open to anybody; this is not. A refusal of the question itself says that all is well.
    pub async fn knock(&self, nothing: String) -> Result<(), Broken> {
        let request = self.request(Method::POST, &self.questions).json(nothing);
        match send(request.within(PROBE)).await {
            Err(Broken {
                error:
                    AgentError::Rejected {
                        status: 400 | 409 | 422 | 429,
                    },
                ..
            }) => Ok(()),
            answered => answered.map(drop),
        }
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

/// A token that was copied with the word before it.
fn without_bearer(token: SecretString) -> SecretString {
    let text = token.expose_secret().trim();
    match text.split_once(' ') {
        Some((scheme, bare)) if scheme.eq_ignore_ascii_case("bearer") => bare.trim().into(),
        _ => token,
    }
}

/// Sends the request; any status but 2xx is an error.
pub async fn send(request: Request) -> Result<Response, Broken> {
    accept(request.send().await.map_err(unsent)?).await
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

/// The response if its status is 2xx; otherwise the error that status and body stand for.
pub async fn accept(response: Response) -> Result<Response, Broken> {
    if response.is_success() {
        return Ok(response);
    }
    let status = response.status();
    let body = tokio::time::timeout(REFUSAL, response.read_capped(MAX_REFUSAL)).await;
    let complaint = match body {
        Ok(Ok(body)) => Complaint::in_body(&body),
        _ => None,
    };
    Err(Broken {
        error: Complaint::error(complaint.as_ref(), Some(status)),
        is_internal: status == 500 && complaint.as_ref().is_some_and(Complaint::is_internal),
        complaint,
    })
}
