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

use super::{StoreError, reason};

/// The SDK's settings for every client of ours: a dated behaviour, and the timeouts it does not have by itself.
///
/// Budgets of the skill path (faults.md §1): one call to the store or the queue at most 700 ms, tries included.
pub fn sdk_settings() -> aws_config::ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(300))
        .read_timeout(Duration::from_millis(500))
        .operation_attempt_timeout(Duration::from_millis(500))
        .operation_timeout(Duration::from_millis(700))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(20)),
        )
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
