//! What produces answers: one file per kind of agent. All of them get the same question and give
//! the same reply; how they are spoken to, and what they remember, is their own.

mod answer;
mod completion;
mod echo;
mod endpoint;
mod openai_chat;
mod openai_responses;
mod openclaw;
mod picture;
mod prompt;
mod sse;
mod webhook;

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

pub use self::{
    openai_chat::OpenAiChat,
    openai_responses::OpenAiResponses,
    openclaw::OpenClaw,
    picture::{MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB},
    prompt::prompt,
    webhook::Webhook,
};
use crate::{
    clock::Time,
    config::{AgentKind, Locale},
    http::Http,
    message::Message,
    reply::Reply,
    turn::Exchange,
};

/// An agent that can be asked.
pub enum Agent {
    Echo,
    OpenClaw(OpenClaw),
    OpenAiChat(OpenAiChat),
    OpenAiResponses(OpenAiResponses),
    Webhook(Webhook),
}

/// One turn, as an agent sees it. Nothing in it names the person (F-124).
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Stable id of the turn, sent as `Idempotency-Key`: a second try can be recognised.
    pub turn: &'a str,
    /// Names the conversation since it was last begun anew, in lower case: `OpenClaw` folds it
    /// (openclaw.md §1.2).
    pub session: &'a str,
    pub channel: &'a str,
    pub account: &'a str,
    /// A digest that names the conversation for good.
    pub conversation: &'a str,
    /// A digest of the person; in a group not the same as the conversation.
    pub sender: &'a str,
    /// The language of the account.
    pub locale: Locale,
    /// When the message came.
    pub received: Time,
    /// When it is asked: signatures hold for minutes only.
    pub now: Time,
    pub message: &'a Message,
    /// The pictures of the message, as far as they could be fetched.
    pub pictures: &'a [Picture],
    /// How many more the message had.
    pub missing: usize,
    /// Earlier turns, oldest first. Only agents that do not remember look at it.
    pub history: &'a [Exchange],
}

impl<'a> Question<'a> {
    /// The end of the history.
    fn last_turns(&self, turns: u16) -> &'a [Exchange] {
        let forgotten = self.history.len().saturating_sub(turns.into());
        self.history.get(forgotten..).unwrap_or_default()
    }

    /// How many pictures the agent does not get if these are handed to it.
    fn missing_beside(&self, handed: &[&Picture]) -> usize {
        self.missing + self.pictures.len().saturating_sub(handed.len())
    }
}

/// A picture on its way to an agent; kept no longer than the question.
#[derive(Clone)]
pub struct Picture {
    /// Found in the bytes, such as `image/png`.
    pub media_type: &'static str,
    pub bytes: Bytes,
}

/// How large it is, and not what it shows.
impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Picture({}, {} bytes)",
            self.media_type,
            self.bytes.len()
        )
    }
}

/// What an agent answered.
#[derive(Clone)]
pub struct Said {
    /// Word for word: what an agent without memory is reminded of.
    pub words: String,
    pub reply: Reply,
}

/// Nothing of what was said.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({:?})", self.reply)
    }
}

/// Why there is no reply. Says nothing of what was asked or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    #[error("the agent cannot be reached")]
    Unreachable,
    #[error("the agent does not accept our token")]
    Unauthorized,
    #[error("the agent refused the question with status {status}")]
    Rejected { status: u16 },
    /// It started to answer and gave up, or the connection broke.
    #[error("the agent failed while answering")]
    Failed,
    #[error("the agent had nothing to say")]
    Empty,
    /// The address is probably not that of an agent.
    #[error("the agent's answer cannot be understood")]
    Unreadable,
}

/// Whose turn it is after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The person can ask differently.
    PersonsMistake,
    /// The same question may be answered later.
    TryAgain,
    /// The owner has to change something.
    Permanent,
}

impl AgentError {
    pub fn class(self) -> ErrorClass {
        match self {
            Self::Rejected { status: 413 } => ErrorClass::PersonsMistake,
            Self::Rejected {
                status: 408 | 409 | 425 | 429 | 500..,
            }
            | Self::Unreachable
            | Self::Failed
            | Self::Empty => ErrorClass::TryAgain,
            Self::Rejected { .. } | Self::Unauthorized | Self::Unreadable => ErrorClass::Permanent,
        }
    }
}

/// What a live check of an agent found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProbeReport {
    /// The model or agent that would be asked.
    pub target: String,
    /// Whether the endpoint lists it. Some endpoints list less than they answer for.
    pub listed: bool,
    /// What the endpoint lists, as far as it does.
    pub models: Vec<String>,
    /// What an endpoint without a list answered: the status of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

impl Agent {
    pub fn new(kind: &AgentKind, http: &Http) -> Self {
        match kind {
            AgentKind::Echo => Self::Echo,
            AgentKind::OpenClaw {
                url,
                token,
                agent_id,
            } => Self::OpenClaw(OpenClaw::new(http, url, token.clone(), agent_id.as_deref())),
            AgentKind::OpenAiChat(settings) => {
                Self::OpenAiChat(OpenAiChat::new(http, settings.clone()))
            }
            AgentKind::OpenAiResponses(settings) => {
                Self::OpenAiResponses(OpenAiResponses::new(http, settings.clone()))
            }
            AgentKind::Webhook { url, secret } => {
                Self::Webhook(Webhook::new(http, url.clone(), secret.clone()))
            }
        }
    }

    /// Asks and waits for the whole answer; `None` if the agent chose to stay silent. Sets no limit
    /// for thinking: the caller does, and dropping the future closes the connection, which makes
    /// the agent stop.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Option<Said>, AgentError> {
        let words = match self {
            Self::Echo => echo::answer(question.message),
            Self::OpenClaw(agent) => agent.ask(question).await?,
            Self::OpenAiChat(agent) => agent.ask(question).await?,
            Self::OpenAiResponses(agent) => agent.ask(question).await?,
            Self::Webhook(agent) => {
                let reply = agent.ask(question).await?;
                return Ok(reply.map(|reply| Said {
                    words: reply.words(),
                    reply,
                }));
            }
        };
        let reply = Reply::read(&words).ok_or(AgentError::Empty)?;
        Ok(Some(Said { words, reply }))
    }

    /// How many earlier turns it wants as [`Question::history`]; `None` if it remembers them
    /// itself.
    pub fn memory_turns(&self) -> Option<usize> {
        match self {
            Self::Echo | Self::OpenClaw(_) | Self::Webhook(_) => None,
            Self::OpenAiChat(agent) => Some(agent.settings().memory_turns.into()),
            Self::OpenAiResponses(agent) => Some(agent.settings().memory_turns.into()),
        }
    }

    /// Whether it looks at [`Question::pictures`]; otherwise nobody need fetch them.
    pub fn takes_pictures(&self) -> bool {
        match self {
            Self::Echo => false,
            Self::OpenClaw(_) | Self::Webhook(_) => true,
            Self::OpenAiChat(agent) => agent.settings().images,
            Self::OpenAiResponses(agent) => agent.settings().images,
        }
    }

    /// Checks address and token with a cheap call that asks nothing.
    pub async fn probe(&self, now: Time) -> Result<ProbeReport, AgentError> {
        match self {
            Self::Echo => Ok(ProbeReport {
                target: "echo".to_owned(),
                listed: true,
                models: vec!["echo".to_owned()],
                status: None,
            }),
            Self::OpenClaw(agent) => agent.probe().await,
            Self::OpenAiChat(agent) => agent.probe().await,
            Self::OpenAiResponses(agent) => agent.probe().await,
            Self::Webhook(agent) => agent.probe(now).await,
        }
    }
}

#[cfg(test)]
mod tests;
