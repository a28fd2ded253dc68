//! Secrets Manager: the one secret that holds the configuration. How long what was read is good for
//! is the business of [`crate::live::LiveConfig`].

use aws_sdk_secretsmanager::Client;

use crate::aws::Lack;

#[derive(Clone, Debug)]
pub struct ConfigSecret {
    client: Client,
    name: String,
}

impl ConfigSecret {
    /// `name` may be an ARN.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub async fn read(&self) -> Result<String, Lack> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.name)
            .send()
            .await
            .map_err(|error| Lack::of("secretsmanager:GetSecretValue", &error))?;
        answer.secret_string.ok_or(Lack::Missing)
    }
}
