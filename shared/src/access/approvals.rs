//! The owner's word on who is let in, over several accounts at once (openclaw.md §3–4).

use std::collections::BTreeSet;

use super::{
    note::Note,
    pairing::PairingRequest,
    store::{Access, AccessError, Approval},
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
    #[error("ambiguous: more than one request begins so; see `dari pairing list`")]
    SeveralRequests,
    #[error("the request is gone already")]
    RequestGone,
    #[error("nobody approved is called so; see `dari pairing list --approved`")]
    UnknownSender,
    #[error("ambiguous: more than one sender begins so; see `dari pairing list --approved`")]
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

    /// Everyone who was let in, account by account, the latest first.
    pub async fn approved(&self, now: Time) -> Result<Vec<(Scope, Approval)>, ApprovalError> {
        let mut approved = Vec::new();
        for scope in &self.scopes {
            let mut of_scope = self.access.approved(scope, now).await?;
            of_scope.sort_by(|a, b| (b.at, &a.sender).cmp(&(a.at, &b.sender)));
            approved.extend(of_scope.into_iter().map(|it| (scope.clone(), it)));
        }
        Ok(approved)
    }

    /// Writes a note beside the approval of this sender.
    pub async fn note(
        &self,
        scope: &Scope,
        sender: &SenderId,
        note: &Note,
        now: Time,
    ) -> Result<(), ApprovalError> {
        if self.access.note(scope, sender, Some(note), now).await? {
            Ok(())
        } else {
            Err(ApprovalError::UnknownSender)
        }
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

    /// Lets the sender of the request with this id in, whichever account it waits at; `None` if it
    /// does not wait any more. Counts as no guess.
    pub async fn approve_request(
        &self,
        id: &str,
        now: Time,
    ) -> Result<Option<(Scope, PairingRequest)>, ApprovalError> {
        let mut pending = self.pending(now).await?;
        pending.retain(|(scope, request)| request.opaque_id(scope) == id);
        let Some((scope, request)) = pending.first() else {
            return Ok(None);
        };
        let code = request.code.expose();
        let approved = self.access.approve(scope, code, now).await?;
        Ok(approved.map(|request| (scope.clone(), request)))
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
        let pending = self.pending(now).await?;
        let fitting: Vec<_> = pending
            .iter()
            .map(|(scope, request)| {
                let fit = if request.code.matches(named) {
                    Fit::Whole
                } else {
                    let id = Fit::of(&request.opaque_id(scope), named);
                    id.max(Fit::of_sender(&request.sender, named))
                };
                (fit, (scope, request))
            })
            .collect();
        let (scope, request) = match best(&fitting).as_slice() {
            [] => return Err(ApprovalError::UnknownRequest),
            [only] => *only,
            _ => return Err(ApprovalError::SeveralRequests),
        };
        let id = request.opaque_id(scope);
        let dismissed = self.access.dismiss(scope, &id, now).await?;
        dismissed.ok_or(ApprovalError::RequestGone)
    }

    /// Takes every approval of one sender back, who is named by the id, its beginning or the note;
    /// where from, and whose.
    pub async fn revoke(
        &self,
        named: &str,
        now: Time,
    ) -> Result<Vec<(Scope, SenderId)>, ApprovalError> {
        let approved = self.approved(now).await?;
        let fitting: Vec<_> = approved
            .iter()
            .map(|(scope, approval)| {
                let noted = approval.note.as_ref().map(Note::as_str) == Some(named.trim());
                let fit = if noted {
                    Fit::Whole
                } else {
                    Fit::of_sender(&approval.sender, named)
                };
                (fit, (scope, &approval.sender))
            })
            .collect();
        let fitting = best(&fitting);
        let people: BTreeSet<_> = fitting.iter().map(|(_, sender)| sender).collect();
        match people.len() {
            0 => return Err(ApprovalError::UnknownSender),
            1 => {}
            _ => return Err(ApprovalError::SeveralSenders),
        }
        let mut revoked = Vec::new();
        for (scope, sender) in fitting {
            self.access.revoke(scope, sender).await?;
            revoked.push((scope.clone(), sender.clone()));
        }
        Ok(revoked)
    }

    /// Takes one approval back; whether there was one.
    pub async fn revoke_at(&self, scope: &Scope, sender: &SenderId) -> Result<bool, ApprovalError> {
        let known = self.scopes.contains(scope);
        Ok(known && self.access.revoke(scope, sender).await?)
    }
}

/// How well something fits what the owner typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Not,
    /// It begins so, but fewer than six characters name nothing.
    Begins,
    Named,
    Whole,
}

impl Fit {
    fn of(id: &str, typed: &str) -> Self {
        let typed = typed.trim_end_matches('…');
        let own = typed.rsplit(':').next().unwrap_or_default();
        if typed.is_empty() || !id.starts_with(typed) {
            Self::Not
        } else if id == typed {
            Self::Whole
        } else if own.len() >= 6 {
            Self::Named
        } else {
            Self::Begins
        }
    }

    /// By the whole id, with or without its kind, or by six characters of it and more. The
    /// beginning of a kind names nobody.
    fn of_sender(sender: &SenderId, typed: &str) -> Self {
        if typed.contains(':') {
            Self::of(&sender.to_string(), typed)
        } else {
            Self::of(sender.id(), typed)
        }
    }
}

/// Those that fit best. A short beginning names nobody; but if several begin so, these are all
/// returned, and the owner is told that it is ambiguous.
fn best<T: Copy>(fitting: &[(Fit, T)]) -> Vec<T> {
    let best = fitting.iter().map(|(fit, _)| *fit).max();
    let best = best.filter(|fit| *fit != Fit::Not);
    let mut those: Vec<_> = fitting
        .iter()
        .filter(|(fit, _)| Some(*fit) == best)
        .map(|(_, it)| *it)
        .collect();
    if best == Some(Fit::Begins) && those.len() == 1 {
        those.clear();
    }
    those
}
