//! What produces answers: one file per kind of agent. Every kind gets a [`Question`] and gives a
//! [`Reply`]; how it is called and what it remembers differ from kind to kind.
//!
//! Read `question` first, which says what an agent is told, and then one kind, such as `openclaw`.
//! What the kinds share: `endpoint` sends, `completion` has the body of chat completions, `wording`
//! and `sse` read a response in one piece or as a stream, and `picture` writes pictures into a
//! body. `error` says who can do something about a failure.

mod completion;
mod echo;
mod endpoint;
mod error;
mod openai_chat;
mod openai_responses;
mod openclaw;
mod picture;
mod probe;
mod question;
mod sse;
mod webhook;
mod wording;

use std::fmt;

use outside::Http;
use reply::Reply;
use shared::{clock::Time, config::AgentKind};

pub use self::{
    error::{AgentError, ErrorClass},
    openai_chat::OpenAiChat,
    openai_responses::OpenAiResponses,
    openclaw::OpenClaw,
    picture::{MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB, Picture},
    probe::ProbeReport,
    question::Question,
    webhook::Webhook,
};

/// An agent that can be asked.
pub enum Agent {
    Echo,
    OpenClaw(OpenClaw),
    OpenAiChat(OpenAiChat),
    OpenAiResponses(OpenAiResponses),
    Webhook(Webhook),
}

/// What an agent answered.
#[derive(Clone)]
pub struct Said {
    /// The answer word for word, as the history of an agent without memory keeps it.
    pub words: String,
    pub reply: Reply,
}

/// Leaves the words out: they must not reach a log.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({:?})", self.reply)
    }
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

    /// Asks and waits for the whole answer; `None` if the agent chose to stay silent. The caller
    /// limits the time for thinking: dropping the future closes the connection, which makes the
    /// agent stop.
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

    /// How many earlier turns the agent needs as [`Question::history`]; `None` if it remembers them
    /// itself or needs none.
    pub fn memory_turns(&self) -> Option<usize> {
        match self {
            Self::Echo | Self::OpenClaw(_) | Self::Webhook(_) => None,
            Self::OpenAiChat(agent) => Some(agent.settings().memory_turns.into()),
            Self::OpenAiResponses(agent) => Some(agent.settings().memory_turns.into()),
        }
    }

    /// Whether the agent uses [`Question::pictures`]; if not, they need not be fetched.
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
