//! Why an agent gave no answer, and who can do something about it.

use std::fmt;

/// Why there is no answer. No variant holds anything of the question or of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    #[error("the agent cannot be reached")]
    Unreachable,
    #[error("the agent does not accept our token")]
    Unauthorized,
    #[error("the agent refused the question with status {status}")]
    Rejected { status: u16 },
    /// The message alone is more than the agent takes.
    #[error("the message is too long for the agent")]
    MessageTooLong,
    /// The message and what was said before it are more than the agent takes.
    #[error("the conversation is too long for the agent")]
    ConversationTooLong,
    /// The model or its provider does not speak about this.
    #[error("the agent's filter refused the question or the answer")]
    Filtered,
    /// The agent started to answer and gave up, or the connection broke.
    #[error("the agent failed while answering")]
    Failed,
    #[error("the agent had nothing to say")]
    Empty,
    /// The address is probably not that of an agent.
    #[error("the agent's answer cannot be understood")]
    Unreadable,
}

/// Who can do something about an error.
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
    /// A status that means "later" or a failure of the server is worth another try; any other
    /// refusal needs the owner.
    pub fn class(self) -> ErrorClass {
        match self {
            Self::MessageTooLong | Self::ConversationTooLong | Self::Filtered => {
                ErrorClass::PersonsMistake
            }
            Self::Rejected {
                status: 408 | 409 | 425 | 429 | 500..,
            }
            | Self::Unreachable
            | Self::Failed
            | Self::Empty => ErrorClass::TryAgain,
            Self::Rejected { .. } | Self::Unauthorized | Self::Unreadable => ErrorClass::Permanent,
        }
    }

    pub(crate) fn is_too_long(self) -> bool {
        matches!(self, Self::MessageTooLong | Self::ConversationTooLong)
    }
}

/// An error, and what the endpoint itself says about it, fit for a log: at most 200 characters,
/// without secrets and without anything that the person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    pub error: AgentError,
    /// Empty if the endpoint says nothing.
    pub words: String,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, words } = self;
        if words.is_empty() {
            write!(f, "{error}")
        } else {
            write!(f, "{error}: {words}")
        }
    }
}

impl std::error::Error for NoAnswer {}

impl From<AgentError> for NoAnswer {
    fn from(error: AgentError) -> Self {
        Self {
            error,
            words: String::new(),
        }
    }
}
