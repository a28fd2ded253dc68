//! DynamoDB, as we use it: sealed documents with a revision, changed by compare-and-swap.
//!
//! A conversation, or an account's waiting requests, is one document. Code changes it in memory;
//! the write lands only if nobody else's came between, otherwise the change is made again on what
//! is there now. Each write carries a name of its own, so that one whose answer was lost is
//! recognised as ours. Expiry is checked on every read; the table's TTL only cleans up.

mod tables;

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    primitives::Blob,
    types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use serde::{Serialize, de::DeserializeOwned};

pub use self::tables::{check_table, create_table, embedded_client};
use crate::{
    aws::reason,
    clock::Time,
    keys::{KeyRing, random_id},
};

/// How often a change is made again because somebody else's came first.
const MAX_CONFLICTS: u32 = 20;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later.
    #[error("the table {table} did not do `{action}`: {reason}")]
    Unavailable {
        table: String,
        action: &'static str,
        reason: String,
    },
    /// What is stored cannot be read: other keys, or not written by us.
    #[error("an item of the table {table} cannot be read: {reason}")]
    Unreadable { table: String, reason: String },
    /// Others kept changing the same document.
    #[error("a document of the table {table} is changed by too many at once")]
    Contended { table: String },
}

/// A document that knows how long it is worth keeping.
pub trait Document: Clone + Default + PartialEq + Serialize + DeserializeOwned {
    fn expires(&self) -> Time;
}

/// Where a document lies: partition and sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub partition: String,
    pub sort: &'static str,
}

/// A document as it was read, to be saved only over that very state.
#[derive(Clone, Debug)]
pub struct Read<D> {
    pub document: D,
    /// The name of the write that stored it, if it is stored.
    revision: Option<String>,
}

/// The sealed documents of one table.
#[derive(Clone, Debug)]
pub struct Documents {
    client: Client,
    table: String,
    /// What the documents are sealed to besides their place: a table restored from a backup has
    /// another name.
    purpose: &'static str,
    keys: Arc<KeyRing>,
}

enum SaveError {
    Conflict,
    Store(StoreError),
}

impl Documents {
    pub fn new(client: Client, table: String, purpose: &'static str, keys: Arc<KeyRing>) -> Self {
        Self {
            client,
            table,
            purpose,
            keys,
        }
    }

    /// Documents of another kind in the same table.
    #[must_use]
    pub fn beside(&self, purpose: &'static str) -> Self {
        Self {
            purpose,
            ..self.clone()
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn table(&self) -> &str {
        &self.table
    }

    /// The document, or an empty one if there is none or it has expired.
    pub async fn read<D: Document>(&self, place: &Place, now: Time) -> Result<Read<D>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(place.key()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.unavailable("GetItem", &error))?;
        let Some(item) = answer.item else {
            return Ok(Read {
                document: D::default(),
                revision: None,
            });
        };
        self.unseal(place, &item, now)
    }

    /// Reads the document, makes the change, and saves it if anything changed.
    pub async fn change<D: Document, T>(
        &self,
        place: &Place,
        now: Time,
        change: impl FnMut(&mut D) -> T,
    ) -> Result<T, StoreError> {
        let read = self.read(place, now).await?;
        self.change_from(read, place, now, change).await
    }

    /// The same, on a document that was just read.
    pub async fn change_from<D: Document, T>(
        &self,
        read: Read<D>,
        place: &Place,
        now: Time,
        mut change: impl FnMut(&mut D) -> T,
    ) -> Result<T, StoreError> {
        self.change_along(read, place, now, |document| (change(document), None))
            .await
    }

    /// The same, writing another item in the same transaction if the change asks for one.
    pub async fn change_along<D: Document, T>(
        &self,
        mut read: Read<D>,
        place: &Place,
        now: Time,
        mut change: impl FnMut(&mut D) -> (T, Option<Put>),
    ) -> Result<T, StoreError> {
        for _ in 0..MAX_CONFLICTS {
            let mut document = read.document.clone();
            let (output, along) = change(&mut document);
            if document == read.document && along.is_none() {
                return Ok(output);
            }
            match self
                .save(place, &document, read.revision.as_deref(), along)
                .await
            {
                Ok(()) => return Ok(output),
                Err(SaveError::Conflict) => read = self.read(place, now).await?,
                Err(SaveError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Contended {
            table: self.table.clone(),
        })
    }

    pub async fn delete(&self, place: &Place) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(place.key()))
            .send()
            .await
            .map_err(|error| self.unavailable("DeleteItem", &error))?;
        Ok(())
    }

    /// Every partition that has a document under `sort`. Reads the whole table: for the command on
    /// a laptop, not for functions.
    pub async fn partitions(&self, sort: &str) -> Result<Vec<String>, StoreError> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.table)
            .projection_expression("pk")
            .filter_expression("sk = :sk")
            .expression_attribute_values(":sk", AttributeValue::S(sort.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut partitions = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| self.unavailable("Scan", &error))?;
            partitions.extend(string(&item, "pk"));
        }
        Ok(partitions)
    }

    async fn save<D: Document>(
        &self,
        place: &Place,
        document: &D,
        over: Option<&str>,
        along: Option<Put>,
    ) -> Result<(), SaveError> {
        let write = random_id().map_err(|error| SaveError::Store(self.unreadable(error)))?;
        let put = self
            .put(place, document, over, &write)
            .map_err(SaveError::Store)?;
        let Some(along) = along else {
            return self.save_alone(put, &write).await;
        };
        // The SDK names a transaction once and keeps the name when it tries again, so a lost answer
        // does no harm here.
        let transaction = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .transact_items(TransactWriteItem::builder().put(along).build());
        match transaction.send().await {
            Ok(_) => Ok(()),
            Err(error) if lost_a_race(&error) => Err(SaveError::Conflict),
            Err(error) => Err(SaveError::Store(
                self.unavailable("TransactWriteItems", &error),
            )),
        }
    }

    async fn save_alone(&self, put: Put, write: &str) -> Result<(), SaveError> {
        let saved = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_values(put.expression_attribute_values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match saved {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let ours = failed
                        .item()
                        .and_then(|item| string(item, "revision"))
                        .is_some_and(|stored| stored == write);
                    if ours {
                        Ok(())
                    } else {
                        Err(SaveError::Conflict)
                    }
                }
                Some(PutItemError::TransactionConflictException(_)) => Err(SaveError::Conflict),
                _ => Err(SaveError::Store(self.unavailable("PutItem", &error))),
            },
        }
    }

    fn put<D: Document>(
        &self,
        place: &Place,
        document: &D,
        over: Option<&str>,
        write: &str,
    ) -> Result<Put, StoreError> {
        let plain = serde_json::to_vec(document).map_err(|error| self.unreadable(error))?;
        let sealed = self
            .keys
            .seal(&self.bound(place), &plain)
            .map_err(|error| self.unreadable(error))?;
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(place.key()))
            .item("document", AttributeValue::B(Blob::new(sealed)))
            .item("revision", AttributeValue::S(write.to_owned()))
            .item(
                "expires",
                AttributeValue::N(document.expires().as_secs().to_string()),
            );
        // Not a counter: a document that was deleted and made anew must not be taken for the old
        // one.
        let put = match over {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(over) => put
                .condition_expression("revision = :over")
                .expression_attribute_values(":over", AttributeValue::S(over.to_owned())),
        };
        put.build().map_err(|error| self.unreadable(error))
    }

    fn unseal<D: Document>(
        &self,
        place: &Place,
        item: &HashMap<String, AttributeValue>,
        now: Time,
    ) -> Result<Read<D>, StoreError> {
        let revision = string(item, "revision");
        if number(item, "expires").is_none_or(|expires| expires <= now.as_secs()) {
            return Ok(Read {
                document: D::default(),
                revision,
            });
        }
        let sealed = item
            .get("document")
            .and_then(|value| value.as_b().ok())
            .ok_or_else(|| self.unreadable("it has no document"))?;
        let plain = self
            .keys
            .open(&self.bound(place), sealed.as_ref())
            .map_err(|error| self.unreadable(error))?;
        let document = serde_json::from_slice(&plain)
            .map_err(|error| self.unreadable(format!("{:?} in it", error.classify())))?;
        Ok(Read { document, revision })
    }

    /// What a sealed document is bound to.
    fn bound<'a>(&'a self, place: &'a Place) -> [&'a str; 3] {
        [self.purpose, &place.partition, place.sort]
    }

    pub(crate) fn unavailable<E: ProvideErrorMetadata, R>(
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

    pub(crate) fn unreadable(&self, reason: impl ToString) -> StoreError {
        StoreError::Unreadable {
            table: self.table.clone(),
            reason: reason.to_string(),
        }
    }
}

impl Place {
    fn key(&self) -> HashMap<String, AttributeValue> {
        key(&self.partition, self.sort)
    }
}

pub(crate) fn key(partition: &str, sort: &str) -> HashMap<String, AttributeValue> {
    [("pk", partition), ("sk", sort)]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
        .into()
}

pub(crate) fn string(item: &HashMap<String, AttributeValue>, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

pub(crate) fn number(item: &HashMap<String, AttributeValue>, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Whether a transaction was cancelled because somebody else's write came first, and not for a
/// reason that stays.
fn lost_a_race<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return false;
    };
    cancelled.cancellation_reasons().iter().any(|reason| {
        matches!(
            reason.code(),
            Some("ConditionalCheckFailed" | "TransactionConflict")
        )
    })
}
