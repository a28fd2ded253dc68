//! Documents: changed in memory, saved by compare-and-swap.

use std::{marker::PhantomData, sync::Arc};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    error::StoreError,
    rows::{
        MAX_CONFLICTS, PARTITION, PrimaryKey, REVISION, Revision, Rows, SORT, Write, is_expired,
        string,
    },
};
use crate::{clock::Time, keys::KeyRing};

/// Something that is always read and changed as a whole. The default is what an absent one counts
/// as.
pub trait Document: Clone + Default + PartialEq + Serialize + DeserializeOwned {
    /// The name of the kind, that what is stored is sealed to. No two kinds have the same.
    const PURPOSE: &'static str;
    /// Of the stored form. Stored documents of another version are unreadable.
    const VERSION: u8 = 1;

    /// When it is no longer worth keeping; from then on it counts as absent.
    fn expires(&self) -> Time;
}

/// A document as it was read, to be saved only over that very state.
#[derive(Clone, Debug)]
pub struct Read<D> {
    pub document: D,
    /// Of the write that stored it, if it is stored.
    revision: Option<Revision>,
}

/// The documents of one kind in one table.
#[derive(Clone, Debug)]
pub struct Documents<D> {
    rows: Rows,
    kind: PhantomData<fn() -> D>,
}

impl<D: Document> Documents<D> {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        let rows = Rows {
            client,
            table,
            purpose: D::PURPOSE,
            keys,
        };
        let kind = PhantomData;
        Self { rows, kind }
    }

    /// Documents of another kind in the same table.
    #[must_use]
    pub fn beside<E: Document>(&self) -> Documents<E> {
        let rows = Rows {
            purpose: E::PURPOSE,
            ..self.rows.clone()
        };
        let kind = PhantomData;
        Documents { rows, kind }
    }

    /// The document, or an empty one if there is none or it has expired.
    pub async fn read(&self, key: &PrimaryKey, now: Time) -> Result<Read<D>, StoreError> {
        let row = self.rows.get(key).await?;
        let revision = row.as_ref().and_then(Revision::of);
        let document = match row {
            Some(row) if !is_expired(&row, now) => self.rows.open(key, D::VERSION, &row)?,
            _ => D::default(),
        };
        Ok(Read { document, revision })
    }

    /// Reads the document, makes the change, and saves it if anything changed. `change` runs again
    /// whenever somebody else's change came first.
    pub async fn change<T>(
        &self,
        key: &PrimaryKey,
        now: Time,
        change: impl FnMut(&mut D) -> T,
    ) -> Result<T, StoreError> {
        let read = self.read(key, now).await?;
        self.change_from(read, key, now, change).await
    }

    /// The same, on a document that was just read.
    pub async fn change_from<T>(
        &self,
        read: Read<D>,
        key: &PrimaryKey,
        now: Time,
        mut change: impl FnMut(&mut D) -> T,
    ) -> Result<T, StoreError> {
        self.change_along(read, key, now, |document| Ok((change(document), None)))
            .await
    }

    /// The same, with the write of an item that the change asks for: both are stored, or neither.
    /// Nothing is stored if the change fails.
    pub async fn change_along<T, E: From<StoreError>>(
        &self,
        mut read: Read<D>,
        key: &PrimaryKey,
        now: Time,
        mut change: impl FnMut(&mut D) -> Result<(T, Option<Write>), E>,
    ) -> Result<T, E> {
        for _ in 0..MAX_CONFLICTS {
            let mut document = read.document.clone();
            let (output, along) = change(&mut document)?;
            if document == read.document && along.is_none() {
                return Ok(output);
            }
            match self.save(key, &document, read.revision, along).await {
                Ok(true) => return Ok(output),
                Ok(false) | Err(StoreError::Contended { .. }) => read = self.read(key, now).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(self.rows.contended().into())
    }

    pub async fn delete(&self, key: &PrimaryKey) -> Result<(), StoreError> {
        self.rows
            .client
            .delete_item()
            .table_name(&self.rows.table)
            .set_key(Some(key.attributes()))
            .send()
            .await
            .map_err(|error| self.rows.unavailable("DeleteItem", &error))?;
        Ok(())
    }

    /// Every partition that has a document under `sort`. Reads the whole table: for the command on
    /// a laptop, not for functions.
    pub async fn partitions(&self, sort: &str) -> Result<Vec<String>, StoreError> {
        let mut pages = self
            .rows
            .client
            .scan()
            .table_name(&self.rows.table)
            .projection_expression(PARTITION)
            .filter_expression(format!("{SORT} = :sk"))
            .expression_attribute_values(":sk", AttributeValue::S(sort.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut partitions = Vec::new();
        while let Some(row) = pages.next().await {
            let row = row.map_err(|error| self.rows.unavailable("Scan", &error))?;
            partitions.extend(string(&row, PARTITION));
        }
        Ok(partitions)
    }

    /// Whether it was saved; `false` if the document is no longer what it was when it was read.
    async fn save(
        &self,
        key: &PrimaryKey,
        document: &D,
        over: Option<Revision>,
        along: Option<Write>,
    ) -> Result<bool, StoreError> {
        let expires = Some(document.expires());
        let write = self
            .rows
            .write(key, D::VERSION, document, expires, |put| match over {
                None => put.condition_expression(format!("attribute_not_exists({PARTITION})")),
                Some(over) => put
                    .condition_expression(format!("{REVISION} = :over"))
                    .expression_attribute_values(":over", over.value()),
            })?;
        match along {
            None => self.rows.put(write).await,
            Some(along) => self.rows.put_both(write, along).await,
        }
    }
}
