//! Why an agent gave no reply, and whose turn it is then.

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
