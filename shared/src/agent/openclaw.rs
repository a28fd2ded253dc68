//! An `OpenClaw` gateway (openclaw.md §1.2). It remembers the conversation under the session we
//! name, so only the new message goes there.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{
    AgentError, Picture, ProbeReport, Question,
    answer::{self, Broken},
    completion::{self, Body, Completion, Said},
    endpoint::{self, Endpoint},
    picture::{self, MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB},
};
use crate::http::{Http, Request, Response};

/// What it says when its agent said nothing.
const NOTHING: &str = "No response from OpenClaw.";

/// The gateway fails this fast when two first calls of a session meet, with status 500 or, if it
/// streams, with 200 and an error for its first event; a later error is one of the agent.
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
        let gateway =
            endpoint::without_suffix(&endpoint::without_suffix(url, completion::PATH), &["v1"]);
        let base = endpoint::below(&gateway, &["v1"]);
        Self {
            endpoint: Endpoint::new(http, &base, completion::PATH, token),
            target: agent_id.map_or_else(|| "openclaw".to_owned(), |id| format!("openclaw/{id}")),
        }
    }

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, AgentError> {
        let start = Instant::now();
        let mut answered = self.ask_once(question).await;
        if let Err(broken) = &answered
            && broken.is_internal
            && start.elapsed() < RACE
        {
            tokio::time::sleep(RACE_PAUSE).await;
            answered = self.ask_once(question).await;
        }
        match answered?.as_str() {
            NOTHING => Err(AgentError::Empty),
            text => Ok(text.to_owned()),
        }
    }

    async fn ask_once(&self, question: &Question<'_>) -> Result<String, Broken> {
        let sent = self.request(question).send().await;
        let response = sent.map_err(endpoint::unsent)?;
        if response.status() == 500 {
            return Err(Broken {
                error: AgentError::Rejected { status: 500 },
                is_internal: names_internal_error(response).await,
            });
        }
        answer::read::<Completion>(endpoint::accept(response)?).await
    }

    fn request(&self, question: &Question<'_>) -> Request {
        let pictures = fitting(question.pictures);
        let body = Body {
            model: &self.target,
            user: Some(question.session),
            stream: true,
            messages: vec![Said::now(
                question,
                &pictures,
                question.missing_beside(&pictures),
            )],
        };
        let body = picture::to_json(&body, pictures.iter().copied());
        self.endpoint
            .ask(question.turn, body)
            .header("x-openclaw-message-channel", question.channel)
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, AgentError> {
        self.endpoint.probe(&self.target).await
    }
}

/// The first pictures that a gateway does not refuse; it would refuse the whole question with them.
pub(super) fn fitting(pictures: &[Picture]) -> Vec<&Picture> {
    let mut room = MAX_PICTURES_MB * MB;
    let fits = |picture: &&Picture| {
        let size = picture.bytes.len();
        let fits = size <= room.min(MAX_PICTURE_MB * MB);
        room -= if fits { size } else { 0 };
        fits
    };
    pictures.iter().filter(fits).take(MAX_PICTURES).collect()
}

async fn names_internal_error(response: Response) -> bool {
    let body = tokio::time::timeout(RACE, response.read_capped(4096)).await;
    let Ok(Ok(body)) = body else { return false };
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    body.get("error").is_some_and(answer::is_internal)
}
