//! The secret of a deployed stack, which holds its configuration: the version in force and the one
//! before.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::{asked::Asked, failure::Failure};

const NOT_FOUND: &str = "ResourceNotFoundException";

pub(crate) struct Secret {
    client: Client,
    arn: String,
    region: String,
}

/// The configuration as it is stored.
pub(crate) struct Stored {
    pub(crate) text: String,
    pub(crate) version: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Stage {
    Current,
    Previous,
}

impl Secret {
    pub(crate) fn new(sdk: &SdkConfig, arn: String, region: String) -> Self {
        Self {
            client: Client::new(sdk),
            arn,
            region,
        }
    }

    /// The last part of the ARN: the name of the secret, and the characters that AWS appends to it.
    pub(crate) fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or(&self.arn)
    }

    /// `None` if no such version was ever stored.
    pub(crate) async fn read(&self, stage: Stage) -> Result<Option<Stored>, Failure> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.arn)
            .version_stage(stage.label())
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            // AWS has one code for a secret without this version and for a secret that is not
            // there, so look whether it is there.
            Err(error) if error.code() == Some(NOT_FOUND) => {
                return self.look().await.map(|()| None);
            }
            Err(error) => return Err(self.failed("secretsmanager:GetSecretValue", &error)),
        };
        match (answer.secret_string, answer.version_id) {
            (Some(text), Some(version)) => Ok(Some(Stored { text, version })),
            _ => Err(Failure::failed(format!(
                "the secret {} holds bytes and no text: Dari did not store them",
                self.name()
            ))),
        }
    }

    pub(crate) async fn store(&self, text: &str) -> Result<(), Failure> {
        let stored = self
            .client
            .put_secret_value()
            .secret_id(&self.arn)
            .secret_string(text)
            .send()
            .await;
        match stored {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed("secretsmanager:PutSecretValue", &error)),
        }
    }

    /// Fails unless the secret is there.
    async fn look(&self) -> Result<(), Failure> {
        let found = self.client.describe_secret().secret_id(&self.arn).send();
        match found.await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed("secretsmanager:DescribeSecret", &error)),
        }
    }

    fn failed<E: ProvideErrorMetadata, R>(
        &self,
        action: &'static str,
        error: &SdkError<E, R>,
    ) -> Failure {
        let (name, region) = (self.name(), &self.region);
        match error.code() {
            Some(NOT_FOUND) => Failure::failed(format!(
                "the secret {name} is gone from {region}, and the keys with it: what was stored cannot be read any more; deploy a new stack"
            )),
            Some("InvalidRequestException") => Failure::failed(format!(
                "the secret {name} is marked for deletion: `aws secretsmanager restore-secret --secret-id {} --region {region}` brings it back",
                self.arn
            )),
            _ => Asked {
                action,
                resource: &format!("the secret {name}"),
                region,
            }
            .refused(error),
        }
    }
}

impl Stage {
    fn label(self) -> &'static str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Previous => "AWSPREVIOUS",
        }
    }
}
