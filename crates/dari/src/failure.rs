//! How a command fails.

use shared::access::ApprovalError;

/// Why a command failed; decides the exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Refused or failed: exit 1.
    #[error("{0}")]
    Failed(String),
    /// Wrong usage, configuration or surroundings: exit 2.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    pub(crate) fn failed(reason: impl ToString) -> Self {
        Self::Failed(reason.to_string())
    }

    pub(crate) fn usage(reason: impl ToString) -> Self {
        Self::Usage(reason.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(format!("{error:#}"))
    }
}

impl From<ApprovalError> for Failure {
    fn from(error: ApprovalError) -> Self {
        Self::failed(error)
    }
}
