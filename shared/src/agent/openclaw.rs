//! An `OpenClaw` gateway (openclaw.md §1.2). It remembers the conversation under the session we
//! name, so only the new message goes there.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{
    AgentError, ProbeReport, Question,
    completion::{self, Body, Endpoint, Said},
};
use crate::http::{Http, Request, Response};

/// What it says when its agent said nothing.
const NOTHING: &str = "No response from OpenClaw.";

/// The gateway fails this fast when two first calls of a session meet; a later error is one of the
/// agent.
const RACE: Duration = Duration::from_secs(5);

/// Time for the call that won the race to make the session.
const RACE_PAUSE: Duration = Duration::from_millis(300);

pub struct OpenClaw {
    endpoint: Endpoint,
    target: String,
}

impl OpenClaw {
    /// `url` is the gateway's, with or without `/v1`.
    pub(super) fn new(
        http: &Http,
        url: &Url,
        token: Option<SecretString>,
        agent_id: Option<&str>,
    ) -> Self {
        let gateway = completion::without_suffix(
            &completion::without_suffix(url, &["chat", "completions"]),
            &["v1"],
        );
        Self {
            endpoint: Endpoint::new(http, &completion::below(&gateway, &["v1"]), token),
            target: agent_id.map_or_else(|| "openclaw".to_owned(), |id| format!("openclaw/{id}")),
        }
    }

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, AgentError> {
        let start = Instant::now();
        let response = self
            .request(question)
            .send()
            .await
            .map_err(completion::unsent)?;
        let response = if response.status() == 500 && start.elapsed() < RACE {
            if !lost_the_race(response).await {
                return Err(AgentError::Rejected { status: 500 });
            }
            tokio::time::sleep(RACE_PAUSE).await;
            completion::send(self.request(question)).await?
        } else {
            completion::accept(response)?
        };
        let text = completion::read(response).await?;
        if text == NOTHING {
            Err(AgentError::Empty)
        } else {
            Ok(text)
        }
    }

    fn request(&self, question: &Question<'_>) -> Request {
        let body = Body {
            model: &self.target,
            user: Some(question.session),
            stream: true,
            messages: vec![Said::now(question)],
        };
        self.endpoint
            .ask(question.turn, &body)
            .header("x-openclaw-message-channel", question.channel)
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, AgentError> {
        self.endpoint.probe(&self.target).await
    }
}

async fn lost_the_race(response: Response) -> bool {
    let body = tokio::time::timeout(RACE, response.read_capped(4096)).await;
    let Ok(Ok(body)) = body else { return false };
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    body.pointer("/error/message").and_then(Value::as_str) == Some("internal error")
}
