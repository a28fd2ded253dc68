//! What becomes of an event that the function did not answer.

/// Why an event has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// The function answered with an error; its process goes on.
    #[error("{kind}: {message}")]
    Error { kind: String, message: String },
    /// The process was killed when the function's timeout was over.
    #[error("the function timed out")]
    TimedOut,
    /// The process ended before it answered, or had ended before it got the event.
    #[error("the process ended: {0}")]
    Died(String),
    /// The process never asked for an event: why, and all that it printed.
    #[error("the process did not start: {0}")]
    Init(String),
}

impl Failed {
    pub(crate) fn error(kind: &str, message: &str) -> Self {
        Self::Error {
            kind: kind.to_owned(),
            message: message.to_owned(),
        }
    }

    /// The process has ended, before or after its first poll.
    pub(crate) fn ended(was_ready: bool, why: String) -> Self {
        if was_ready {
            Self::Died(why)
        } else {
            Self::Init(why)
        }
    }
}
