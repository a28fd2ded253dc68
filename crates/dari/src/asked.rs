//! A request to AWS that failed: what the operator can do about it.

use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

use crate::failure::Failure;

/// A request to AWS, as the operator knows it.
pub(crate) struct Asked<'a> {
    pub(crate) action: &'static str,
    pub(crate) resource: &'a str,
    pub(crate) region: &'a str,
}

impl Asked<'_> {
    /// The failure to show. It never quotes AWS, whose response may repeat what was sent.
    pub(crate) fn refused<E: ProvideErrorMetadata, R>(&self, error: &SdkError<E, R>) -> Failure {
        let Self {
            action,
            resource,
            region,
        } = self;
        Failure::failed(match error {
            SdkError::TimeoutError(_) => {
                format!("AWS in {region} did not answer {action} in time: is this machine online?")
            }
            SdkError::DispatchFailure(_) => {
                format!(
                    "AWS in {region} cannot be reached for {action}: is this machine online, and is there such a region?"
                )
            }
            SdkError::ServiceError(service) => {
                match service.err().code().unwrap_or("it gave no reason") {
                    code if code.starts_with("AccessDenied") => format!(
                        "AWS refuses {action} on {resource} in {region}: allow it to the user or role of your credentials"
                    ),
                    code @ ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
                        format!("your AWS credentials have expired ({code}): sign in again")
                    }
                    code @ ("InvalidClientTokenId"
                    | "UnrecognizedClientException"
                    | "SignatureDoesNotMatch"
                    | "InvalidSignatureException"
                    | "IncompleteSignature"
                    | "AuthFailure") => {
                        format!(
                            "AWS does not accept your credentials ({code}): sign in again, or choose others with AWS_PROFILE"
                        )
                    }
                    code => format!("AWS failed at {action} on {resource} in {region}: {code}"),
                }
            }
            _ => format!("{action} on {resource} in {region} failed: AWS was not understood"),
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::{
        error::ErrorMetadata, operation::describe_stacks::DescribeStacksError,
    };

    use super::*;

    #[test]
    fn what_aws_refuses_is_told_with_what_to_do() {
        for (code, expected) in [
            (
                "AccessDenied",
                "AWS refuses cloudformation:DescribeStacks on the stack dari in ap-northeast-2: allow it to the user or role of your credentials",
            ),
            (
                "AccessDeniedException",
                "AWS refuses cloudformation:DescribeStacks on the stack dari in ap-northeast-2: allow it to the user or role of your credentials",
            ),
            (
                "ExpiredToken",
                "your AWS credentials have expired (ExpiredToken): sign in again",
            ),
            (
                "InvalidClientTokenId",
                "AWS does not accept your credentials (InvalidClientTokenId): sign in again, or choose others with AWS_PROFILE",
            ),
            (
                "Throttling",
                "AWS failed at cloudformation:DescribeStacks on the stack dari in ap-northeast-2: Throttling",
            ),
        ] {
            let error = ErrorMetadata::builder()
                .code(code)
                .message("secret")
                .build();
            let error = SdkError::service_error(DescribeStacksError::generic(error), ());
            let asked = Asked {
                action: "cloudformation:DescribeStacks",
                resource: "the stack dari",
                region: "ap-northeast-2",
            };
            assert_eq!(asked.refused(&error).to_string(), expected);
        }
    }
}
