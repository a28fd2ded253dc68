//! The owner's word on who is let in, over several accounts at once (openclaw.md §3–4).

use std::collections::BTreeSet;

use super::{
    pairing::PairingRequest,
    store::{Access, AccessError},
};
use crate::{
    clock::Time,
    identity::{Scope, SenderId},
    store::StoreError,
};

/// What the owner is told.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("no account is configured")]
    NoAccount,
    #[error("no waiting request has this code; see `dari pairing list`")]
    UnknownCode,
    #[error("no waiting request has this ID; see `dari pairing list`")]
    UnknownRequest,
    #[error("more than one request begins so; see `dari pairing list`")]
    SeveralRequests,
    #[error("the request is gone already")]
    RequestGone,
    #[error("nobody approved is called so; see `dari pairing list --approved`")]
    UnknownSender,
    #[error("more than one sender begins so; see `dari pairing list --approved`")]
    SeveralSenders,
}

impl From<StoreError> for ApprovalError {
    fn from(error: StoreError) -> Self {
        Self::Access(error.into())
    }
}

/// The requests and approvals of some accounts.
#[derive(Clone, Debug)]
pub struct Approvals<'a> {
    pub access: &'a Access,
    pub scopes: Vec<Scope>,
}

impl Approvals<'_> {
    /// The waiting requests, account by account, the oldest first.
    pub async fn pending(&self, now: Time) -> Result<Vec<(Scope, PairingRequest)>, ApprovalError> {
        let mut pending = Vec::new();
        for scope in &self.scopes {
            let requests = self.access.pending(scope, now).await?;
            pending.extend(requests.into_iter().map(|request| (scope.clone(), request)));
        }
        Ok(pending)
    }

    /// Everyone who was let in, and when.
    pub async fn approved(&self, now: Time) -> Result<Vec<(Scope, SenderId, Time)>, ApprovalError> {
        let mut approved = Vec::new();
        for scope in &self.scopes {
            let senders = self.access.approved(scope, now).await?;
            approved.extend(
                senders
                    .into_iter()
                    .map(|(sender, at)| (scope.clone(), sender, at)),
            );
        }
        Ok(approved)
    }

    /// Lets the sender of the request with this code in, whichever account it waits at.
    pub async fn approve(
        &self,
        code: &str,
        now: Time,
    ) -> Result<(Scope, PairingRequest), ApprovalError> {
        // A code belongs to one account: the others must not count it as a wrong guess.
        let pending = self.pending(now).await?;
        let owner = pending
            .into_iter()
            .find(|(_, request)| request.code.matches(code))
            .map(|(scope, _)| scope);
        let scope = owner
            .as_ref()
            .or(self.scopes.first())
            .ok_or(ApprovalError::NoAccount)?;
        let approved = self.access.approve(scope, code, now).await?;
        let request = approved.ok_or(ApprovalError::UnknownCode)?;
        Ok((scope.clone(), request))
    }

    /// Lets the sender of the request with this id in; `None` if it does not wait any more. Counts
    /// as no guess.
    pub async fn approve_request(
        &self,
        id: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, ApprovalError> {
        let mut pending = self.pending(now).await?;
        pending.retain(|(scope, request)| request.opaque_id(scope) == id);
        let Some((scope, request)) = pending.first() else {
            return Ok(None);
        };
        let code = request.code.expose();
        Ok(self.access.approve(scope, code, now).await?)
    }

    /// Drops the request with this id; `None` if it does not wait any more.
    pub async fn dismiss_request(
        &self,
        id: &str,
        now: Time,
    ) -> Result<Option<PairingRequest>, ApprovalError> {
        for scope in &self.scopes {
            if let Some(request) = self.access.dismiss(scope, id, now).await? {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    /// Drops the one request that is named: by its own id or its sender's, of which the beginning
    /// is enough, or by its code.
    pub async fn dismiss(&self, named: &str, now: Time) -> Result<PairingRequest, ApprovalError> {
        let fits = |scope: &Scope, request: &PairingRequest| {
            is_named(&request.sender, named)
                || request.code.matches(named)
                || (named.len() >= 6 && request.opaque_id(scope).starts_with(named))
        };
        let mut fitting = self.pending(now).await?;
        fitting.retain(|(scope, request)| fits(scope, request));
        let (scope, request) = match fitting.as_slice() {
            [] => return Err(ApprovalError::UnknownRequest),
            [only] => only,
            _ => return Err(ApprovalError::SeveralRequests),
        };
        let id = request.opaque_id(scope);
        let dismissed = self.access.dismiss(scope, &id, now).await?;
        dismissed.ok_or(ApprovalError::RequestGone)
    }

    /// Takes every approval of one sender back; where from, and whose.
    pub async fn revoke(
        &self,
        named: &str,
        now: Time,
    ) -> Result<Vec<(Scope, SenderId)>, ApprovalError> {
        let mut fitting = self.approved(now).await?;
        fitting.retain(|(_, sender, _)| is_named(sender, named));
        let people: BTreeSet<_> = fitting.iter().map(|(_, sender, _)| sender).collect();
        match people.len() {
            0 => return Err(ApprovalError::UnknownSender),
            1 => {}
            _ => return Err(ApprovalError::SeveralSenders),
        }
        let mut revoked = Vec::new();
        for (scope, sender, _) in fitting {
            self.access.revoke(&scope, &sender).await?;
            revoked.push((scope, sender));
        }
        Ok(revoked)
    }
}

/// By the whole id, with or without its kind, or by six characters of it and more.
fn is_named(sender: &SenderId, named: &str) -> bool {
    let named = named.trim_end_matches('…');
    let whole = sender.to_string();
    let begins = |id: &str| {
        id == named
            || (named.rsplit(':').next().unwrap_or_default().len() >= 6 && id.starts_with(named))
    };
    begins(&whole) || begins(sender.id())
}
