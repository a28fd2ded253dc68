//! Whether a table is there, and how the embedded engine gets one as `template.yaml` describes it.

use std::{collections::BTreeMap, time::Duration};

use aws_config::Region;
use aws_sdk_dynamodb::{
    Client,
    config::Credentials,
    error::{BuildError, ProvideErrorMetadata},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
    },
};

use super::{
    error::StoreError,
    index::Index,
    rows::{EXPIRES, PARTITION, PrimaryKey, SORT},
};
use crate::aws::{Lack, reason, sdk_settings};

/// The engine is on the same machine: what takes longer does not come.
const PATIENCE: Duration = Duration::from_millis(700);

/// A client for the embedded engine at `endpoint`; its credentials are not looked at. The SDK's own
/// HTTP client would go through a proxy that the environment names; the engine is on this machine.
pub async fn embedded_client(endpoint: &str) -> Client {
    let settings = sdk_settings(PATIENCE)
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("local", "local", None, None, "embedded"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await;
    Client::new(&settings)
}

/// Whether the table is there and may be read. It also opens the connection that later calls use.
pub async fn check_table(client: &Client, table: &str) -> Result<(), Lack> {
    let asked = client
        .get_item()
        .table_name(table)
        .set_key(Some(PrimaryKey::new("nobody", "nothing").attributes()))
        .send()
        .await;
    match asked {
        Ok(_) => Ok(()),
        Err(error) => Err(Lack::of("dynamodb:GetItem", &error)),
    }
}

/// Makes the table with these indexes, as `template.yaml` does, unless it is there.
pub async fn create_table(
    client: &Client,
    table: &str,
    indexes: &[Index],
) -> Result<(), StoreError> {
    let unavailable = |action, reason| StoreError::Unavailable {
        table: table.to_owned(),
        action,
        reason,
    };
    let malformed = |_| unavailable("CreateTable", "malformed".to_owned());
    let mut attributes = BTreeMap::from([
        (PARTITION, ScalarAttributeType::S),
        (SORT, ScalarAttributeType::S),
    ]);
    for index in indexes {
        attributes.insert(index.partition, ScalarAttributeType::S);
        attributes.insert(index.sort.name(), index.sort.scalar());
    }
    let attributes: Result<_, _> = attributes
        .into_iter()
        .map(|(name, scalar)| attribute(name, scalar))
        .collect();
    let indexes: Result<Vec<_>, _> = indexes.iter().map(index).collect();
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.map_err(malformed)?))
        .set_key_schema(Some(key_schema(PARTITION, SORT).map_err(malformed)?))
        .set_global_secondary_indexes(
            Some(indexes.map_err(malformed)?).filter(|indexes| !indexes.is_empty()),
        )
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error) if error.code() == Some("ResourceInUseException") => return Ok(()),
        Err(error) => return Err(unavailable("CreateTable", reason(&error))),
    }
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(EXPIRES)
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

fn attribute(name: &str, scalar: ScalarAttributeType) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(scalar)
        .build()
}

fn key_schema(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    [(partition, KeyType::Hash), (sort, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
        })
        .collect()
}

fn index(index: &Index) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = Projection::builder().projection_type(ProjectionType::All);
    GlobalSecondaryIndex::builder()
        .index_name(index.name)
        .set_key_schema(Some(key_schema(index.partition, index.sort.name())?))
        .projection(projection.build())
        .build()
}
