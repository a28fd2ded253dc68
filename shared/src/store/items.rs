//! Items: one row per thing, with plain attributes to list them by.

use std::{marker::PhantomData, sync::Arc};

use aws_sdk_dynamodb::{Client, types::builders::PutBuilder};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    error::StoreError,
    index::Value,
    query::{Cursor, Query},
    rows::{
        BODY, EXPIRES, PARTITION, PrimaryKey, REVISION, Revision, Row, Rows, SORT, Write,
        is_expired, string,
    },
};
use crate::{clock::Time, keys::KeyRing};

/// One of many things of a kind.
pub trait Item: Serialize + DeserializeOwned {
    /// The name of the kind, that what is stored is sealed to. No two kinds have the same.
    const PURPOSE: &'static str;
    /// Of the stored form. Stored items of another version are unreadable.
    const VERSION: u8 = 1;

    /// When it is no longer worth keeping; from then on it counts as absent. `None`: it is kept
    /// until it is deleted.
    fn expires(&self) -> Option<Time>;

    /// What is stored of it in the open, for indexes and conditions.
    fn attributes(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}

/// An item as it was read.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    pub key: PrimaryKey,
    pub item: T,
    pub revision: Revision,
}

/// Some of the items. It may hold fewer than the limit, even none, though there are more: `next`
/// tells, and nothing else.
#[derive(Debug)]
pub struct Page<T> {
    pub items: Vec<Result<Stored<T>, StoreError>>,
    /// Where the next page begins, unless this is the last.
    pub next: Option<Cursor>,
}

/// What an item may be written over. What has expired counts as absent.
#[derive(Clone, Debug)]
pub enum Over<'a> {
    /// Only if there is none yet.
    Nothing,
    /// Only if nobody has written it since this revision.
    Revision(&'a Revision),
    /// Only while this plain attribute of it has this value: the name of whoever holds a lease on
    /// it, for example.
    Attribute(&'static str, Value),
}

/// What became of a write that has a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "if the condition did not hold, nothing was stored"]
pub enum PutOutcome {
    Stored(Revision),
    /// The condition did not hold.
    Refused,
}

/// The items of one kind in one table.
#[derive(Clone, Debug)]
pub struct Items<T> {
    rows: Rows,
    kind: PhantomData<fn() -> T>,
}

impl<T: Item> Items<T> {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        let rows = Rows {
            client,
            table,
            purpose: T::PURPOSE,
            keys,
        };
        let kind = PhantomData;
        Self { rows, kind }
    }

    /// Never from an index or a cache: what was stored or deleted a moment ago counts.
    pub async fn get(&self, key: &PrimaryKey, now: Time) -> Result<Option<Stored<T>>, StoreError> {
        match self.rows.get(key).await? {
            Some(row) if !is_expired(&row, now) => Ok(Some(self.stored(key.clone(), &row)?)),
            _ => Ok(None),
        }
    }

    /// As [`Self::get`], for an item that says all by being there: it need not be readable.
    pub async fn exists(&self, key: &PrimaryKey, now: Time) -> Result<bool, StoreError> {
        let row = self.rows.get(key).await?;
        Ok(row.is_some_and(|row| !is_expired(&row, now)))
    }

    /// Stores the item if what is there now is what it may be written over.
    pub async fn put(
        &self,
        key: &PrimaryKey,
        item: &T,
        over: Over<'_>,
        now: Time,
    ) -> Result<PutOutcome, StoreError> {
        let write = self.sealed(key, item, |put| over.condition(put, now))?;
        let revision = write.revision().clone();
        Ok(if self.rows.put(write).await? {
            PutOutcome::Stored(revision)
        } else {
            PutOutcome::Refused
        })
    }

    /// For [`Documents::change_along`](super::Documents::change_along): takes the place of whatever
    /// is there.
    pub fn write(&self, key: &PrimaryKey, item: &T) -> Result<Write, StoreError> {
        self.sealed(key, item, |put| put)
    }

    /// Whether it was there, expired or not.
    pub async fn delete(&self, key: &PrimaryKey) -> Result<bool, StoreError> {
        self.rows.delete(key).await
    }

    /// One page of a list. An item that cannot be read does not hide the others.
    pub async fn page(&self, query: &Query, now: Time) -> Result<Page<T>, StoreError> {
        let (mut rows, next) = self.rows.query(query).await?;
        rows.retain(|row| !is_expired(row, now));
        let items = rows.iter().map(|row| self.listed(row)).collect();
        Ok(Page { items, next })
    }

    fn sealed(
        &self,
        key: &PrimaryKey,
        item: &T,
        condition: impl FnOnce(PutBuilder) -> PutBuilder,
    ) -> Result<Write, StoreError> {
        let attributes = item.attributes();
        for (name, _) in &attributes {
            if [PARTITION, SORT, BODY, REVISION, EXPIRES].contains(name) {
                let reason = format!("`{name}` is an attribute of the store's own");
                return Err(self.rows.unwritable(reason));
            }
        }
        self.rows
            .write(key, T::VERSION, item, item.expires(), |put| {
                let put = attributes
                    .into_iter()
                    .fold(put, |put, (name, value)| put.item(name, value.into()));
                condition(put)
            })
    }

    fn listed(&self, row: &Row) -> Result<Stored<T>, StoreError> {
        let key = string(row, PARTITION).zip(string(row, SORT));
        let (partition, sort) = key.ok_or_else(|| self.rows.unreadable("it has no key"))?;
        self.stored(PrimaryKey { partition, sort }, row)
    }

    fn stored(&self, key: PrimaryKey, row: &Row) -> Result<Stored<T>, StoreError> {
        let revision = Revision::of(row);
        Ok(Stored {
            item: self.rows.open(&key, T::VERSION, row)?,
            revision: revision.ok_or_else(|| self.rows.unreadable("it has no revision"))?,
            key,
        })
    }
}

impl Over<'_> {
    fn condition(self, put: PutBuilder, now: Time) -> PutBuilder {
        let live = format!("(attribute_not_exists({EXPIRES}) OR {EXPIRES} > :now)");
        let now = Value::Number(now.as_secs()).into();
        let put = put.expression_attribute_values(":now", now);
        match self {
            Self::Nothing => put.condition_expression(format!(
                "attribute_not_exists({PARTITION}) OR {EXPIRES} <= :now"
            )),
            Self::Revision(revision) => put
                .condition_expression(format!("{REVISION} = :over AND {live}"))
                .expression_attribute_values(":over", revision.value()),
            // By a placeholder: `owner` and many other names mean something to DynamoDB.
            Self::Attribute(name, value) => put
                .condition_expression(format!("#over = :over AND {live}"))
                .expression_attribute_names("#over", name)
                .expression_attribute_values(":over", value.into()),
        }
    }
}
