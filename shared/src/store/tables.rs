//! The tables' shape, as `template.yaml` makes it, and whether they are there.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_dynamodb::{
    Client,
    config::Credentials,
    error::ProvideErrorMetadata,
    types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};

use super::{StoreError, key};
use crate::aws::{Lack, reason, sdk_settings};

/// The webhook's: what is slow in `dari dev` or in a test would be too slow on AWS.
const PATIENCE: Duration = Duration::from_millis(700);

/// A client for the embedded engine at `endpoint`; its credentials are not looked at.
pub async fn embedded_client(endpoint: &str) -> Client {
    let settings = sdk_settings(PATIENCE)
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
