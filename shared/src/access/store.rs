//! The access table: one document of waiting requests per account, and one item per approved
//! sender.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use serde::{Deserialize, Serialize};

use super::{
    note::Note,
    pairing::{Challenge, Code, PairingRequest, Pending, TooManyGuesses, fresh_code},
};
use crate::{
    clock::Time,
    identity::{Scope, SenderId},
    keys::{KeyRing, NoRandomness},
    store::{Documents, Item, Items, Over, PrimaryKey, PutOutcome, Query, StoreError},
    telemetry::{Gauge, gauge},
};

/// What the sort key of every approval begins with.
const ALLOW: &str = "allow#";

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no pairing code could be made")]
    NoRandomness(#[from] NoRandomness),
    #[error("five wrong codes in a quarter of an hour; wait a while, or dismiss the request")]
    TooManyGuesses,
}

/// Who waits for the owner of each account, and whom the owner has let in.
#[derive(Clone, Debug)]
pub struct Access {
    waiting: Documents<Pending>,
    approvals: Items<Approval>,
    keys: Arc<KeyRing>,
}

/// The owner let this sender in. Nobody learns from the table who it is: its sort key holds a
/// digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    pub sender: SenderId,
    pub at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

impl Item for Approval {
    const PURPOSE: &'static str = "approvals";

    /// It stays until the owner revokes it or its sender asks to be forgotten.
    fn expires(&self) -> Option<Time> {
        None
    }
}

impl Access {
    pub fn new(client: Client, table: String, keys: Arc<KeyRing>) -> Self {
        let (same_client, same_table) = (client.clone(), table.clone());
        Self {
            waiting: Documents::new(client, table, Arc::clone(&keys)),
            approvals: Items::new(same_client, same_table, Arc::clone(&keys)),
            keys,
        }
    }

    /// Whether the owner approved this sender. Never from an index or a cache, so that a revocation
    /// counts at once (F-53). That there is an approval is enough: who was let in stays so when the
    /// key that sealed it is gone.
    pub async fn is_approved(
        &self,
        scope: &Scope,
        sender: &SenderId,
        now: Time,
    ) -> Result<bool, StoreError> {
        let key = self.approval(scope, sender);
        self.approvals.exists(&key, now).await
    }

    /// Notes that an unknown sender wants in.
    pub async fn challenge(
        &self,
        scope: &Scope,
        sender: &SenderId,
        now: Time,
    ) -> Result<Challenge, AccessError> {
        let key = waiting(scope);
        let read = self.waiting.read(&key, now).await?;
        let mut fresh = fresh_code(&read.document)?;
        let changed = self.waiting.change_from(read, &key, now, |pending| {
            if pending.has_code(&fresh) {
                fresh = fresh_code(pending)?;
            }
            let challenge = pending.ask(sender, now, &fresh);
            Ok::<_, NoRandomness>((challenge, pending.live(now).len()))
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
        let read = self.waiting.read(&waiting(scope), now).await?;
        Ok(read.document.live(now))
    }

    /// Lets the sender of the request with this code in: the request goes and the approval comes in
    /// one transaction. `None` if no waiting request has the code.
    pub async fn approve(
        &self,
        scope: &Scope,
        typed: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, AccessError> {
        let code = Code::parse(typed);
        let key = waiting(scope);
        let read = self.waiting.read(&key, now).await?;
        let approve = |pending: &mut Pending| {
            let request = pending
                .take(code.as_ref(), now)
                .map_err(|TooManyGuesses| AccessError::TooManyGuesses)?;
            let Some(request) = request else {
                return Ok((None, None));
            };
            let approval = Approval {
                sender: request.sender.clone(),
                at: now,
                note: None,
            };
            let allow = self.approval(scope, &request.sender);
            let allow = self.approvals.write(&allow, &approval)?;
            Ok((Some(request), Some(allow)))
        };
        self.waiting.change_along(read, &key, now, approve).await
    }

    /// Drops a request without approving it; its sender may ask again.
    pub async fn dismiss(
        &self,
        scope: &Scope,
        opaque_id: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, AccessError> {
        let dismiss = |pending: &mut Pending| pending.dismiss(opaque_id, scope, now);
        Ok(self.waiting.change(&waiting(scope), now, dismiss).await?)
    }

    /// Takes an approval back. Whether there was one.
    pub async fn revoke(&self, scope: &Scope, sender: &SenderId) -> Result<bool, StoreError> {
        self.approvals.delete(&self.approval(scope, sender)).await
    }

    /// Forgets that this sender was ever here: the approval and any waiting request.
    pub async fn forget(
        &self,
        scope: &Scope,
        sender: &SenderId,
        now: Time,
    ) -> Result<(), StoreError> {
        self.revoke(scope, sender).await?;
        let forget = |pending: &mut Pending| pending.forget(sender);
        self.waiting.change(&waiting(scope), now, forget).await
    }

    /// Writes a note beside an approval, in place of the one that is there. Whether there is such
    /// an approval.
    pub async fn note(
        &self,
        scope: &Scope,
        sender: &SenderId,
        note: Option<&Note>,
        now: Time,
    ) -> Result<bool, StoreError> {
        let key = self.approval(scope, sender);
        loop {
            let Some(stored) = self.approvals.get(&key, now).await? else {
                return Ok(false);
            };
            let noted = Approval {
                note: note.cloned(),
                ..stored.item
            };
            let over = Over::Revision(&stored.revision);
            // Refused: somebody wrote it meanwhile, or took the approval back. Look again.
            if let PutOutcome::Stored(_) = self.approvals.put(&key, &noted, over, now).await? {
                return Ok(true);
            }
        }
    }

    /// Everyone the owner approved. An approval that cannot be read hides nobody else.
    pub async fn approved(&self, scope: &Scope, now: Time) -> Result<Vec<Approval>, StoreError> {
        let mut approved = Vec::new();
        let mut query = Query::partition(partition(scope)).prefix(ALLOW);
        loop {
            let page = self.approvals.page(&query, now).await?;
            for stored in page.items {
                match stored {
                    Ok(stored) => approved.push(stored.item),
                    Err(error) => tracing::warn!(%error, "an approval is not listed"),
                }
            }
            match page.next {
                Some(next) => query = query.after(next),
                None => return Ok(approved),
            }
        }
    }

    /// Where the approval of a sender lies.
    fn approval(&self, scope: &Scope, sender: &SenderId) -> PrimaryKey {
        let digest = self.keys.digest(&["allow", &sender.to_string()]);
        PrimaryKey::new(partition(scope), format!("{ALLOW}{digest}"))
    }
}

/// Where the waiting requests of an account lie.
fn waiting(scope: &Scope) -> PrimaryKey {
    PrimaryKey::new(partition(scope), "pending")
}

fn partition(scope: &Scope) -> String {
    format!("{}#{}", scope.channel, scope.account)
}
