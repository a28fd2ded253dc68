//! The access table: one document of waiting requests per account, and one item per approved
//! sender.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    primitives::Blob,
    types::{AttributeValue, Put},
};

use serde::{Deserialize, Serialize};

use super::{
    Challenge, Code, PairingRequest,
    pairing::{Pending, fresh_code},
};
use crate::{
    clock::Time,
    identity::{Scope, SenderId},
    keys::{KeyRing, SealError},
    store::{self, Documents, Place, StoreError},
    telemetry::{Gauge, gauge},
};

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no pairing code could be made")]
    NoRandomness(#[from] SealError),
    #[error("five wrong codes in a quarter of an hour; wait a while, or dismiss the request")]
    TooManyGuesses,
}

#[derive(Clone, Debug)]
pub struct Access {
    documents: Documents,
    keys: Arc<KeyRing>,
}

impl Access {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        Self {
            documents: Documents::new(client, table, PURPOSE, Arc::clone(&keys)),
            keys,
        }
    }

    /// Whether the owner approved this sender. One read, never from an index or a cache, so that a
    /// revocation counts at once (F-53).
    pub async fn is_approved(&self, scope: &Scope, sender: &SenderId) -> Result<bool, StoreError> {
        let found = self
            .documents
            .client()
            .get_item()
            .table_name(self.documents.table())
            .set_key(Some(self.allow_key(scope, sender)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.documents.unavailable("GetItem", &error))?;
        Ok(found.item.is_some())
    }

    /// Notes that an unknown sender wants in.
    pub async fn challenge(
        &self,
        scope: &Scope,
        sender: &SenderId,
        now: Time,
    ) -> Result<Challenge, AccessError> {
        let place = waiting(scope);
        let read = self.documents.read::<Pending>(&place, now).await?;
        let mut fresh = fresh_code(&read.document)?;
        let changed = self.documents.change_from(read, &place, now, |pending| {
            if pending.has_code(&fresh) {
                fresh = fresh_code(pending)?;
            }
            let challenge = pending.ask(sender, now, &fresh);
            Ok::<_, SealError>((challenge, pending.live(now).len()))
        });
        let (challenge, waiting) = changed.await??;
        if matches!(challenge, Challenge::New(_)) {
            gauge(Gauge::PendingPairings, waiting as u64);
        }
        Ok(challenge)
    }

    /// The waiting requests, oldest first.
    pub async fn pending(
        &self,
        scope: &Scope,
        now: Time,
    ) -> Result<Vec<PairingRequest>, AccessError> {
        Ok(self
            .documents
            .read::<Pending>(&waiting(scope), now)
            .await?
            .document
            .live(now))
    }

    /// Lets the sender of the request with this code in, in one transaction. `None` if no waiting
    /// request has the code.
    pub async fn approve(
        &self,
        scope: &Scope,
        typed: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, AccessError> {
        let code = Code::parse(typed);
        let place = waiting(scope);
        let read = self.documents.read::<Pending>(&place, now).await?;
        let changed = self.documents.change_along(read, &place, now, |pending| {
            let before = pending.clone();
            match pending.take(code.as_ref(), now) {
                Ok(Some(request)) => match self.allow_entry(scope, &request.sender, now) {
                    Ok(allow) => (Ok(Some(request)), Some(allow)),
                    Err(error) => {
                        *pending = before;
                        (Err(error.into()), None)
                    }
                },
                Ok(None) => (Ok(None), None),
                Err(_) => (Err(AccessError::TooManyGuesses), None),
            }
        });
        changed.await?
    }

    /// Drops a request without approving it; its sender may ask again.
    pub async fn dismiss(
        &self,
        scope: &Scope,
        opaque_id: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, AccessError> {
        let dismiss = |pending: &mut Pending| pending.dismiss(opaque_id, scope, now);
        Ok(self.documents.change(&waiting(scope), now, dismiss).await?)
    }

    /// Takes an approval back. Whether there was one.
    pub async fn revoke(&self, scope: &Scope, sender: &SenderId) -> Result<bool, StoreError> {
        let removed = self
            .documents
            .client()
            .delete_item()
            .table_name(self.documents.table())
            .set_key(Some(self.allow_key(scope, sender)))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| self.documents.unavailable("DeleteItem", &error))?;
        Ok(removed.attributes.is_some())
    }

    /// Forgets that this sender was ever here: the approval and any waiting request.
    pub async fn forget(
        &self,
        scope: &Scope,
        sender: &SenderId,
        now: Time,
    ) -> Result<(), StoreError> {
        self.revoke(scope, sender).await?;
        self.documents
            .change(&waiting(scope), now, |pending: &mut Pending| {
                pending.forget(sender);
            })
            .await
    }

    /// Everyone the owner approved, with the time of the approval.
    pub async fn approved(&self, scope: &Scope) -> Result<Vec<(SenderId, Time)>, StoreError> {
        let mut items = self
            .documents
            .client()
            .query()
            .table_name(self.documents.table())
            .key_condition_expression("pk = :pk AND begins_with(sk, :allow)")
            .expression_attribute_values(":pk", AttributeValue::S(partition(scope)))
            .expression_attribute_values(":allow", AttributeValue::S(ALLOW.to_owned()))
            .into_paginator()
            .items()
            .send();
        let mut approved = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| self.documents.unavailable("Query", &error))?;
            approved.push(self.unseal(&partition(scope), &item)?);
        }
        Ok(approved)
    }

    /// The item says nothing about its sender to whoever reads the table.
    fn allow_entry(&self, scope: &Scope, sender: &SenderId, now: Time) -> Result<Put, StoreError> {
        let name = self.allow_name(sender);
        let approval = Approval {
            sender: sender.clone(),
            at: now,
        };
        let unwritable = |reason: String| self.documents.unreadable(reason);
        let plain = serde_json::to_vec(&approval).map_err(|error| unwritable(error.to_string()))?;
        let sealed = self
            .keys
            .seal(&Self::bound(&partition(scope), &name), &plain)
            .map_err(|error| unwritable(error.to_string()))?;
        Put::builder()
            .table_name(self.documents.table())
            .set_item(Some(store::key(&partition(scope), &name)))
            .item("approval", AttributeValue::B(Blob::new(sealed)))
            .build()
            .map_err(|error| unwritable(error.to_string()))
    }

    fn unseal(
        &self,
        partition: &str,
        item: &HashMap<String, AttributeValue>,
    ) -> Result<(SenderId, Time), StoreError> {
        let unreadable = || self.documents.unreadable("an approval");
        let sealed = item.get("approval").and_then(|value| value.as_b().ok());
        let (sealed, name) = sealed
            .zip(store::string(item, "sk"))
            .ok_or_else(unreadable)?;
        let plain = self
            .keys
            .open(&Self::bound(partition, &name), sealed.as_ref());
        let plain = plain.map_err(|_| unreadable())?;
        let approval: Approval = serde_json::from_slice(&plain).map_err(|_| unreadable())?;
        Ok((approval.sender, approval.at))
    }

    fn bound<'a>(partition: &'a str, name: &'a str) -> [&'a str; 3] {
        [PURPOSE, partition, name]
    }

    fn allow_key(&self, scope: &Scope, sender: &SenderId) -> HashMap<String, AttributeValue> {
        store::key(&partition(scope), &self.allow_name(sender))
    }

    fn allow_name(&self, sender: &SenderId) -> String {
        let digest = self.keys.digest(&["allow", &sender.to_string()]);
        format!("{ALLOW}{digest}")
    }
}

const PURPOSE: &str = "access";
const ALLOW: &str = "allow#";

fn partition(scope: &Scope) -> String {
    format!("{}#{}", scope.channel, scope.account)
}

/// Where the waiting requests of an account lie.
fn waiting(scope: &Scope) -> Place {
    Place {
        partition: partition(scope),
        sort: "pending",
    }
}

/// What an approval's item holds, sealed.
#[derive(Serialize, Deserialize)]
struct Approval {
    sender: SenderId,
    at: Time,
}
