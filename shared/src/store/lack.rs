//! Why something that a function needs cannot be used: whoever reads it must know what to mend.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::reason;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    #[error("it is not there")]
    Missing,
    #[error("{action} on it is not allowed")]
    Denied { action: &'static str },
    /// It may pass.
    #[error("{action} failed: {reason}")]
    Unavailable {
        action: &'static str,
        reason: String,
    },
}

impl Lack {
    pub fn of<E: ProvideErrorMetadata, R>(action: &'static str, error: &SdkError<E, R>) -> Self {
        let code = error.as_service_error().and_then(|error| error.code());
        match code.unwrap_or_default() {
            "ResourceNotFoundException"
            | "QueueDoesNotExist"
            | "AWS.SimpleQueueService.NonExistentQueue" => Self::Missing,
            code if code.starts_with("AccessDenied")
                || matches!(
                    code,
                    "UnrecognizedClientException" | "InvalidClientTokenId" | "KmsAccessDenied"
                ) =>
            {
                Self::Denied { action }
            }
            _ => Self::Unavailable {
                action,
                reason: reason(error),
            },
        }
    }

    /// Whether it stays so until somebody mends it.
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::Unavailable { .. })
    }
}
