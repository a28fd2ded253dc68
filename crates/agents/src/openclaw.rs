//! An `OpenClaw` gateway (openclaw.md §1.2). The gateway remembers the conversation under the
//! session we name, so only the new message is sent.

use std::time::{Duration, Instant};

use outside::{Http, Request};
use secrecy::SecretString;
use url::Url;

use super::{
    AgentError, Picture, ProbeReport, Question,
    broken::Broken,
    completion::{self, Body, ChatMessage, Completion},
    endpoint::{self, Endpoint},
    picture::{self, MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB},
    wording,
};

/// What the gateway answers when its agent said nothing (openclaw.md §1.2).
const NOTHING: &str = "No response from OpenClaw.";

/// When two first calls of a session meet, the gateway fails one of them within this time: with
/// status 500 or, if it streams, with 200 and an error as its first event (openclaw.md §1.2). A
/// later error comes from the agent.
const RACE: Duration = Duration::from_secs(5);

/// Pause before the second try, in which the call that won the race makes the session.
const RACE_PAUSE: Duration = Duration::from_millis(300);

pub struct OpenClaw {
    endpoint: Endpoint,
    target: String,
}

impl OpenClaw {
    /// `url` is the gateway's, with or without `/v1` or `/v1/chat/completions`.
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

    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<String, Broken> {
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
            NOTHING => Err(AgentError::Empty.into()),
            text => Ok(text.to_owned()),
        }
    }

    async fn ask_once(&self, question: &Question<'_>) -> Result<String, Broken> {
        let response = endpoint::send(self.request(question)).await?;
        wording::read::<Completion>(response).await
    }

    fn request(&self, question: &Question<'_>) -> Request {
        let pictures = fitting(question.pictures);
        let body = Body {
            model: &self.target,
            user: Some(question.session),
            stream: true,
            messages: vec![ChatMessage::now(
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

    pub(super) fn token(&self) -> Option<&SecretString> {
        self.endpoint.token()
    }

    pub(super) async fn probe(&self) -> Result<ProbeReport, Broken> {
        self.endpoint.probe(&self.target).await
    }
}

/// The first pictures that are within the gateway's limits. A picture beyond them would make it
/// refuse the whole question.
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
