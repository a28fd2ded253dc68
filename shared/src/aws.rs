//! What all clients of AWS share: how long a call may take, and what its failures mean.

use std::time::Duration;

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The SDK's settings for clients whose calls may take `patience`, both tries included: a dated
/// behaviour, and the timeouts it does not have by itself.
///
/// A second try and no third: while something is down it gets at most twice what it is asked for
/// (F-136).
pub fn sdk_settings(patience: Duration) -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts(patience))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(2)
                .with_initial_backoff(Duration::from_millis(20)),
        )
}

/// For calls that may take `patience`: most of it for the first try, what is left for the second.
pub fn timeouts(patience: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(patience * 3 / 7)
        .read_timeout(patience * 5 / 7)
        .operation_attempt_timeout(patience * 5 / 7)
        .operation_timeout(patience)
        .build()
}

/// Why something that a function needs cannot be used; tells its reader what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    #[error("it is not there")]
    Missing,
    #[error("{action} on it is not allowed")]
    Denied { action: &'static str },
    /// This may pass by itself.
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

/// The kind of failure and AWS's code for it; never a request or a response.
pub(crate) fn reason<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        SdkError::DispatchFailure(_) => "not reachable".to_owned(),
        SdkError::ServiceError(service) => service.err().code().unwrap_or("refused").to_owned(),
        _ => "failed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[tokio::test]
    async fn f17_every_client_has_its_four_timeouts_and_tries_twice() {
        // The webhook's patience, and the worker's.
        for (patience, connect, attempt) in [(700, 300, 500), (1_400, 600, 1_000)] {
            let millis = |millis| Some(Duration::from_millis(millis));
            let sdk = sdk_settings(Duration::from_millis(patience))
                .region(Region::from_static("local"))
                .load()
                .await;
            let dynamodb = aws_sdk_dynamodb::Client::new(&sdk);
            let sqs = aws_sdk_sqs::Client::new(&sdk);
            let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
            let settings = [
                (
                    dynamodb.config().timeout_config(),
                    dynamodb.config().retry_config(),
                ),
                (sqs.config().timeout_config(), sqs.config().retry_config()),
                (
                    secrets.config().timeout_config(),
                    secrets.config().retry_config(),
                ),
            ];
            for (timeouts, retries) in settings {
                let timeouts = timeouts.unwrap();
                assert_eq!(timeouts.connect_timeout(), millis(connect));
                assert_eq!(timeouts.read_timeout(), millis(attempt));
                assert_eq!(timeouts.operation_attempt_timeout(), millis(attempt));
                assert_eq!(timeouts.operation_timeout(), millis(patience));
                assert_eq!(retries.unwrap().max_attempts(), 2);
            }
        }
    }
}
