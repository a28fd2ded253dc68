//! What produces answers: one file per kind of agent. Every kind gets a [`Question`] and gives a
//! [`Reply`]; how it is called and what it remembers differ from kind to kind.
//!
//! Read `question` first, which says what an agent is told, and then one kind, such as `openclaw`.
//! What the kinds share: `endpoint` sends, `completion` has the body of chat completions, `wording`
//! and `sse` read a response in one piece or as a stream, `json` what is written in it, and
//! `picture` writes pictures into a body. `asides` takes out of every answer what is not meant for
//! the person. `error` says who can do something about a failure, and `complaint` what the endpoint
//! itself says about it.

mod asides;
mod broken;
mod complaint;
mod completion;
mod echo;
mod endpoint;
mod error;
mod json;
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
use secrecy::ExposeSecret;
use shared::{clock::Time, config::AgentKind};

use self::broken::Broken;
pub use self::{
    error::{AgentError, ErrorClass, NoAnswer},
    openai_chat::OpenAiChat,
    openai_responses::OpenAiResponses,
    openclaw::OpenClaw,
    picture::{MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB, Picture},
    probe::ProbeReport,
    question::Question,
    webhook::Webhook,
};

/// An agent that finds a conversation too long is asked again with one turn in so many.
const KEPT_OF_TOO_MUCH: usize = 4;

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
    /// How many turns to remember, this one included; `None` if the agent remembers them itself or
    /// needs none.
    pub memory_turns: Option<usize>,
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
    ///
    /// An agent that is sent its history and finds the conversation too long is asked once more,
    /// with the newest turns alone.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Option<Said>, NoAnswer> {
        let turns = self.memory_turns();
        let history = question.last_turns(turns.unwrap_or_default());
        let mut answered = self.ask_once(question).await;
        let mut kept = turns;
        if let Err(broken) = &mut answered
            && broken.error.is_too_long()
            && turns.is_some()
        {
            broken.error = AgentError::MessageTooLong;
            if !history.is_empty() {
                let newest = history.len() / KEPT_OF_TOO_MUCH;
                let shorter = Question {
                    // It is another question, with another answer.
                    turn: &format!("{}-shorter", question.turn),
                    history: question.last_turns(newest),
                    ..*question
                };
                kept = Some(newest + 1);
                answered = self.ask_once(&shorter).await;
                if let Err(broken) = &mut answered
                    && broken.error.is_too_long()
                {
                    broken.error = AgentError::ConversationTooLong;
                }
            }
        }
        match answered {
            Ok(said) => Ok(said.map(|said| Said {
                memory_turns: kept,
                ..said
            })),
            Err(broken) => Err(self.cleaned(broken, &told(question))),
        }
    }

    async fn ask_once(&self, question: &Question<'_>) -> Result<Option<Said>, Broken> {
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
                    memory_turns: None,
                }));
            }
        };
        let reply = Reply::read(&words).ok_or(AgentError::Empty)?;
        Ok(Some(Said {
            words,
            reply,
            memory_turns: None,
        }))
    }

    fn cleaned(&self, broken: Broken, told: &[&str]) -> NoAnswer {
        let token = match self {
            Self::Echo | Self::Webhook(_) => None,
            Self::OpenClaw(agent) => agent.token(),
            Self::OpenAiChat(agent) => agent.settings().token.as_ref(),
            Self::OpenAiResponses(agent) => agent.settings().token.as_ref(),
        };
        let secrets: Vec<_> = token.map(ExposeSecret::expose_secret).into_iter().collect();
        broken.cleaned(&secrets, told)
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

    /// Checks the address with a cheap call that asks nothing. Where anybody may list the models,
    /// this says nothing about the token; [`Self::knock`] does.
    pub async fn probe(&self, now: Time) -> Result<ProbeReport, NoAnswer> {
        let probed = match self {
            Self::Echo => Ok(ProbeReport::of_list("echo", vec!["echo".to_owned()])),
            Self::OpenClaw(agent) => agent.probe().await,
            Self::OpenAiChat(agent) => agent.probe().await,
            Self::OpenAiResponses(agent) => agent.probe().await,
            Self::Webhook(agent) => agent.probe(now).await,
        };
        probed.map_err(|broken| self.cleaned(broken, &[]))
    }

    /// Whether questions are taken with our token. Only an endpoint whose list may be open to
    /// anybody is called, with a question that it refuses.
    pub async fn knock(&self) -> Result<(), NoAnswer> {
        let answered = match self {
            Self::Echo | Self::OpenClaw(_) | Self::Webhook(_) => Ok(()),
            Self::OpenAiChat(agent) => agent.knock().await,
            Self::OpenAiResponses(agent) => agent.knock().await,
        };
        answered.map_err(|broken| self.cleaned(broken, &[]))
    }
}

/// What the agent is told of people: nothing of it may come back in an error.
fn told<'a>(question: &Question<'a>) -> Vec<&'a str> {
    let history = question.history.iter();
    let history = history.flat_map(|turn| [turn.question.as_str(), turn.answer.as_str()]);
    history.chain([question.message.text.as_str()]).collect()
}

#[cfg(test)]
mod tests;
