//! Why an agent gave no reply, and who can do something about it.

/// Why there is no reply. No variant holds anything of the question or of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    #[error("the agent cannot be reached")]
    Unreachable,
    #[error("the agent does not accept our token")]
    Unauthorized,
    #[error("the agent refused the question with status {status}")]
    Rejected { status: u16 },
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
    /// A status that means "later" or a failure of the server is worth another try; 413 means that
    /// the message is too long; any other refusal needs the owner.
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
