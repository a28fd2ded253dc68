//! The tables' clients and shape: how long a call may take, and what `template.yaml` makes.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{
    Client,
    config::Credentials,
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};

use super::{Lack, StoreError, key, reason};

/// The SDK's settings for every client of ours: a dated behaviour, and the timeouts it does not have by itself.
///
/// Budgets of the skill path (faults.md §1): one call at most 700 ms, tries included. A second try and no third: while something is down it
/// gets at most twice what it is asked for (F-136).
pub fn sdk_settings() -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts(Duration::from_millis(700)))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(2)
                .with_initial_backoff(Duration::from_millis(20)),
        )
}

/// For calls that take `longest` with both their tries. The SDK has no limits of its own.
pub fn timeouts(longest: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(longest * 3 / 7)
        .read_timeout(longest * 5 / 7)
        .operation_attempt_timeout(longest * 5 / 7)
        .operation_timeout(longest)
        .build()
}

/// A client for the embedded engine at `endpoint`; its credentials are not looked at.
pub async fn embedded_client(endpoint: &str) -> Client {
    let settings = sdk_settings()
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
        .endpoint_url(endpoint)
        .load()
        .await;
    Client::new(&settings)
}

/// Whether the table is there and may be read; warms a connection besides.
pub async fn check_table(client: &Client, table: &str) -> Result<(), Lack> {
    let asked = client
        .get_item()
        .table_name(table)
        .set_key(Some(key("nobody", "nothing")))
        .send()
        .await;
    match asked {
        Ok(_) => Ok(()),
        Err(error) => Err(Lack::of("dynamodb:GetItem", &error)),
    }
}

/// Makes the table as `template.yaml` does, unless it is there.
pub async fn create_table(client: &Client, table: &str) -> Result<(), StoreError> {
    let unavailable = |action, reason| StoreError::Unavailable {
        table: table.to_owned(),
        action,
        reason,
    };
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
    };
    let schema = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    let malformed = |_| unavailable("CreateTable", "malformed".to_owned());
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk").map_err(malformed)?)
        .attribute_definitions(attribute("sk").map_err(malformed)?)
        .key_schema(schema("pk", KeyType::Hash).map_err(malformed)?)
        .key_schema(schema("sk", KeyType::Range).map_err(malformed)?)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error) if error.code() == Some("ResourceInUseException") => return Ok(()),
        Err(error) => return Err(unavailable("CreateTable", reason(&error))),
    }
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name("expires")
        .enabled(true)
        .build()
        .map_err(malformed)?;
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(ttl)
        .send()
        .await
        .map_err(|error| unavailable("UpdateTimeToLive", reason(&error)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn f17_every_client_has_its_four_timeouts_and_tries_twice() {
        let millis = |millis| Some(Duration::from_millis(millis));
        let sdk = sdk_settings()
            .region(Region::from_static("local"))
            .load()
            .await;
        let dynamodb = Client::new(&sdk);
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
            assert_eq!(timeouts.connect_timeout(), millis(300));
            assert_eq!(timeouts.read_timeout(), millis(500));
            assert_eq!(timeouts.operation_attempt_timeout(), millis(500));
            assert_eq!(timeouts.operation_timeout(), millis(700));
            assert_eq!(retries.unwrap().max_attempts(), 2);
        }
    }
}
