//! One row of a table, as documents and items both store it: a sealed body under a primary key, and
//! beside it the name of the write that put it there and the time when it expires.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    primitives::Blob,
    types::{
        AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        builders::PutBuilder,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use super::error::StoreError;
use crate::{
    aws::reason,
    clock::Time,
    keys::{KeyRing, random_id},
};

pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
pub(super) const BODY: &str = "body";
pub(super) const REVISION: &str = "revision";
/// In seconds, as DynamoDB's TTL wants it. Rows without it stay until they are deleted.
pub(super) const EXPIRES: &str = "expires";

/// How often something is tried again because somebody else's change came first.
pub(super) const MAX_CONFLICTS: u32 = 20;

pub(super) type Row = HashMap<String, AttributeValue>;

/// Where a document or an item lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryKey {
    pub partition: String,
    pub sort: String,
}

/// The name of one write. Not a counter: what was deleted and made anew must not be taken for the
/// old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

/// A write that is sealed, named and ready to go.
#[derive(Debug)]
pub struct Write {
    put: Put,
    revision: Revision,
}

/// The rows of one kind in one table.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) client: Client,
    pub(super) table: String,
    /// Names the kind. Bodies are sealed to it and not to the table's name, so that a table
    /// restored under another name still opens.
    pub(super) purpose: &'static str,
    pub(super) keys: Arc<KeyRing>,
}

impl PrimaryKey {
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }

    pub(super) fn attributes(&self) -> Row {
        [(PARTITION, &self.partition), (SORT, &self.sort)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .into()
    }
}

impl Revision {
    pub(super) fn of(row: &Row) -> Option<Self> {
        string(row, REVISION).map(Self)
    }

    pub(super) fn value(&self) -> AttributeValue {
        AttributeValue::S(self.0.clone())
    }
}

impl Write {
    pub(super) fn revision(&self) -> &Revision {
        &self.revision
    }
}

impl Rows {
    pub(super) async fn get(&self, key: &PrimaryKey) -> Result<Option<Row>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.unavailable("GetItem", &error))?;
        Ok(got.item)
    }

    /// Seals `body`. `add` adds plain attributes and the condition.
    pub(super) fn write(
        &self,
        key: &PrimaryKey,
        version: u8,
        body: &impl Serialize,
        expires: Option<Time>,
        add: impl FnOnce(PutBuilder) -> PutBuilder,
    ) -> Result<Write, StoreError> {
        let revision = Revision(random_id()?);
        let mut plain = vec![version];
        serde_json::to_writer(&mut plain, body).map_err(|error| self.unwritable(error))?;
        let sealed = self.keys.seal(&self.bound_to(key), &plain)?;
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key.attributes()))
            .item(BODY, AttributeValue::B(Blob::new(sealed)))
            .item(REVISION, revision.value());
        if let Some(expires) = expires {
            put = put.item(EXPIRES, AttributeValue::N(expires.as_secs().to_string()));
        }
        let put = add(put).build().map_err(|error| self.unwritable(error))?;
        Ok(Write { put, revision })
    }

    pub(super) fn open<T: DeserializeOwned>(
        &self,
        key: &PrimaryKey,
        version: u8,
        row: &Row,
    ) -> Result<T, StoreError> {
        let sealed = row
            .get(BODY)
            .and_then(|value| value.as_b().ok())
            .ok_or_else(|| self.unreadable("it has no body"))?;
        let plain = self
            .keys
            .open(&self.bound_to(key), sealed.as_ref())
            .map_err(|error| self.unreadable(error))?;
        match plain.split_first() {
            Some((&stored, body)) if stored == version => serde_json::from_slice(body)
                .map_err(|error| self.unreadable(format!("{:?} in it", error.classify()))),
            Some((stored, _)) => Err(self.unreadable(format!(
                "it is of version {stored}, and this release reads version {version}"
            ))),
            None => Err(self.unreadable("it is empty")),
        }
    }

    /// Whether the condition held and the row is stored.
    pub(super) async fn put(&self, write: Write) -> Result<bool, StoreError> {
        let Write { put, revision } = write;
        let saved = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = saved else { return Ok(true) };
        match error.as_service_error() {
            // Our own write stands there if its response was lost and the SDK has tried again.
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(failed.item().and_then(Revision::of) == Some(revision))
            }
            Some(PutItemError::TransactionConflictException(_)) => Err(self.contended()),
            _ => Err(self.unavailable("PutItem", &error)),
        }
    }

    /// Whether both conditions held and both rows are stored.
    pub(super) async fn put_both(&self, one: Write, other: Write) -> Result<bool, StoreError> {
        let puts = [one, other].map(|it| TransactWriteItem::builder().put(it.put).build());
        self.transact(puts.into()).await
    }

    /// Whether it was there. A transaction, because a plain `DeleteItem` whose response was lost
    /// would find nothing when the SDK tries again.
    pub(super) async fn delete(&self, key: &PrimaryKey) -> Result<bool, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .condition_expression(format!("attribute_exists({PARTITION})"))
            .build()
            .map_err(|error| self.unwritable(error))?;
        let delete = TransactWriteItem::builder().delete(delete).build();
        for _ in 0..MAX_CONFLICTS {
            match self.transact(vec![delete.clone()]).await {
                Err(StoreError::Contended { .. }) => {}
                done => return done,
            }
        }
        Err(self.contended())
    }

    /// Whether every condition held, and so everything was done. The SDK names a transaction once
    /// and keeps the name when it tries again: DynamoDB does it once, and a lost response does no
    /// harm.
    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<bool, StoreError> {
        let done = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        let Err(error) = done else { return Ok(true) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            let reasons = cancelled.cancellation_reasons();
            let codes = || reasons.iter().filter_map(|reason| reason.code());
            if codes().any(|code| code == "ConditionalCheckFailed") {
                return Ok(false);
            }
            if codes().any(|code| code == "TransactionConflict") {
                return Err(self.contended());
            }
        }
        Err(self.unavailable("TransactWriteItems", &error))
    }

    fn bound_to<'a>(&'a self, key: &'a PrimaryKey) -> [&'a str; 3] {
        [self.purpose, &key.partition, &key.sort]
    }

    pub(super) fn unavailable<E: ProvideErrorMetadata, R>(
        &self,
        action: &'static str,
        error: &SdkError<E, R>,
    ) -> StoreError {
        StoreError::Unavailable {
            table: self.table.clone(),
            action,
            reason: reason(error),
        }
    }

    pub(super) fn unreadable(&self, reason: impl ToString) -> StoreError {
        StoreError::Unreadable {
            table: self.table.clone(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn unwritable(&self, reason: impl ToString) -> StoreError {
        StoreError::Unwritable {
            table: self.table.clone(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn contended(&self) -> StoreError {
        StoreError::Contended {
            table: self.table.clone(),
        }
    }
}

/// DynamoDB deletes expired rows when it comes to it, up to days later: every read looks for
/// itself.
pub(super) fn is_expired(row: &Row, now: Time) -> bool {
    number(row, EXPIRES).is_some_and(|expires| expires <= now.as_secs())
}

pub(super) fn string(row: &Row, name: &str) -> Option<String> {
    row.get(name)?.as_s().ok().cloned()
}

fn number(row: &Row, name: &str) -> Option<u64> {
    row.get(name)?.as_n().ok()?.parse().ok()
}
