//! What produces answers: one file per kind of agent. All of them get the same question and give
//! the same reply; how they are spoken to, and what they remember, is their own.

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
    picture::Picture,
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
