//! Who wants in, who is in, and the owner's decisions about them (openclaw.md §3–4). The commands
//! use it, and the panel of `dari dev`.

use std::collections::BTreeSet;

use shared::{
    access::{Access, PairingRequest},
    clock::Time,
    identity::{Scope, SenderId},
};

use crate::{failure::Failure, operator::now};

/// The approvals of some accounts.
pub(crate) struct Approvals<'a> {
    pub(crate) access: &'a Access,
    pub(crate) scopes: Vec<Scope>,
}

impl Approvals<'_> {
    pub(crate) async fn pending(&self) -> Result<Vec<(Scope, PairingRequest)>, Failure> {
        let mut pending = Vec::new();
        for scope in &self.scopes {
            let requests = self.access.pending(scope, now()).await;
            let requests = requests.map_err(Failure::failed)?;
            pending.extend(requests.into_iter().map(|request| (scope.clone(), request)));
        }
        Ok(pending)
    }

    pub(crate) async fn approved(&self) -> Result<Vec<(Scope, SenderId, Time)>, Failure> {
        let mut approved = Vec::new();
        for scope in &self.scopes {
            let senders = self.access.approved(scope).await.map_err(Failure::failed)?;
            approved.extend(
                senders
                    .into_iter()
                    .map(|(sender, at)| (scope.clone(), sender, at)),
            );
        }
        Ok(approved)
    }

    pub(crate) async fn approve(&self, code: &str) -> Result<(Scope, PairingRequest), Failure> {
        // A code belongs to one account. It is not tried at the others, which would count it as a
        // wrong guess.
        let pending = self.pending().await?;
        let owner = pending
            .into_iter()
            .find(|(_, request)| request.code.matches(code))
            .map(|(scope, _)| scope);
        let scope = owner
            .as_ref()
            .or(self.scopes.first())
            .ok_or_else(|| Failure::failed("no account is configured"))?;
        let approved = self.access.approve(scope, code, now()).await;
        let request = approved.map_err(Failure::failed)?.ok_or_else(|| {
            Failure::failed("no waiting request has this code; see `dari pairing list`")
        })?;
        Ok((scope.clone(), request))
    }

    /// Lets in the sender of the request with this id; `None` if the request does not wait any
    /// more. This does not count as a guess at a code.
    pub(crate) async fn approve_request(
        &self,
        id: &str,
    ) -> Result<Option<PairingRequest>, Failure> {
        let mut pending = self.pending().await?;
        pending.retain(|(scope, request)| request.opaque_id(scope) == id);
        let Some((scope, request)) = pending.first() else {
            return Ok(None);
        };
        let approved = self
            .access
            .approve(scope, request.code.expose(), now())
            .await;
        approved.map_err(Failure::failed)
    }

    /// Drops the request with this id; `None` if it does not wait any more.
    pub(crate) async fn dismiss_request(
        &self,
        id: &str,
    ) -> Result<Option<PairingRequest>, Failure> {
        for scope in &self.scopes {
            let dismissed = self.access.dismiss(scope, id, now()).await;
            if let Some(request) = dismissed.map_err(Failure::failed)? {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    /// Drops one request. `id` is the id of the request, the id of its sender, or its code; of an
    /// id, the first six characters are enough.
    pub(crate) async fn dismiss(&self, id: &str) -> Result<PairingRequest, Failure> {
        let fits = |scope: &Scope, request: &PairingRequest| {
            is_named(&request.sender, id)
                || request.code.matches(id)
                || (id.len() >= 6 && request.opaque_id(scope).starts_with(id))
        };
        let mut fitting = self.pending().await?;
        fitting.retain(|(scope, request)| fits(scope, request));
        let [(scope, request)] = fitting.as_slice() else {
            let why = if fitting.is_empty() {
                "no waiting request has this ID"
            } else {
                "more than one request begins so"
            };
            return Err(Failure::failed(format!("{why}; see `dari pairing list`")));
        };
        let id = request.opaque_id(scope);
        let dismissed = self.access.dismiss(scope, &id, now()).await;
        dismissed
            .map_err(Failure::failed)?
            .ok_or_else(|| Failure::failed("the request is gone already"))
    }

    /// Takes back every approval of one sender. Returns the accounts, each with the sender.
    pub(crate) async fn revoke(&self, named: &str) -> Result<Vec<(Scope, SenderId)>, Failure> {
        let mut fitting = self.approved().await?;
        fitting.retain(|(_, sender, _)| is_named(sender, named));
        let people: BTreeSet<_> = fitting.iter().map(|(_, sender, _)| sender).collect();
        if people.len() != 1 {
            let why = match people.len() {
                0 => "nobody approved is called so",
                _ => "more than one sender begins so",
            };
            return Err(Failure::failed(format!(
                "{why}; see `dari pairing list --approved`"
            )));
        }
        let mut revoked = Vec::new();
        for (scope, sender, _) in fitting {
            let gone = self.access.revoke(&scope, &sender).await;
            gone.map_err(Failure::failed)?;
            revoked.push((scope, sender));
        }
        Ok(revoked)
    }
}

/// Whether `named` means this sender: its whole id, or the first six characters or more, with or
/// without its kind.
fn is_named(sender: &SenderId, named: &str) -> bool {
    let named = named.trim_end_matches('…');
    let whole = sender.to_string();
    let begins = |id: &str| {
        id == named
            || (named.rsplit(':').next().unwrap_or_default().len() >= 6 && id.starts_with(named))
    };
    begins(&whole) || begins(sender.id())
}
