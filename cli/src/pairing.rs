//! `dari pairing`: who wants in, and the owner's word on it (openclaw.md §3–4).

use std::collections::BTreeSet;

use serde_json::json;
use shared::{
    access::{PairingRequest, Scope},
    identity::{Channel, SenderId},
};

use crate::{
    Failure,
    args::PairingCommand,
    operator::{Operator, now},
    place::Wanted,
    table::{iso, local, table},
};

pub(crate) async fn run(command: PairingCommand, wanted: Wanted) -> Result<(), Failure> {
    let operator = Operator::find(wanted).await?;
    match command {
        PairingCommand::List {
            channel,
            account,
            approved,
            json,
        } => {
            let scopes = operator.scopes(channel.as_deref(), account.as_deref())?;
            match approved {
                true => operator.list_approved(&scopes, json).await,
                false => {
                    operator
                        .list_pending(channel.as_deref(), &scopes, json)
                        .await
                }
            }
        }
        PairingCommand::Approve {
            channel_and_code,
            account,
            notify,
        } => {
            let (channel, code) = match channel_and_code.as_slice() {
                [channel, code] => (Some(channel.as_str()), code),
                [channel] if Channel::parse(channel).is_some() => {
                    return Err(Failure::usage(
                        "the code is missing: dari pairing approve CHANNEL CODE",
                    ));
                }
                [code] => (None, code),
                _ => return Err(Failure::usage("a channel and a code are wanted")),
            };
            let scopes = operator.scopes(channel, account.as_deref())?;
            operator.approve(&scopes, code, notify).await
        }
        PairingCommand::Dismiss {
            channel,
            id,
            account,
        } => {
            let scopes = operator.scopes(Some(&channel), account.as_deref())?;
            operator.dismiss(&scopes, &id).await
        }
        PairingCommand::Revoke {
            channel,
            sender,
            account,
        } => {
            let scopes = operator.scopes(Some(&channel), account.as_deref())?;
            operator.revoke(&scopes, &sender).await
        }
    }
}

impl Operator {
    async fn pending(&self, scopes: &[Scope]) -> Result<Vec<(Scope, PairingRequest)>, Failure> {
        let mut pending = Vec::new();
        for scope in scopes {
            let requests = self
                .access
                .pending(scope, now())
                .await
                .map_err(Failure::failed)?;
            pending.extend(requests.into_iter().map(|request| (scope.clone(), request)));
        }
        Ok(pending)
    }

    async fn list_pending(
        &self,
        channel: Option<&str>,
        scopes: &[Scope],
        json: bool,
    ) -> Result<(), Failure> {
        let pending = self.pending(scopes).await?;
        if json {
            let requests: Vec<_> = pending
                .iter()
                .map(|(scope, request)| {
                    json!({
                        "id": request.sender.to_string(),
                        "requestId": request.opaque_id(scope),
                        "channel": scope.channel,
                        "code": request.code.expose(),
                        "createdAt": iso(request.created_at),
                        "lastSeenAt": iso(request.last_seen_at),
                        "meta": { "accountId": scope.account },
                    })
                })
                .collect();
            show!("{:#}", json!({ "channel": channel, "requests": requests }));
            return Ok(());
        }
        if pending.is_empty() {
            show!("Nobody is waiting to be let in.");
            return Ok(());
        }
        let rows = pending.iter().map(|(scope, request)| {
            let id: String = request.opaque_id(scope).chars().take(8).collect();
            let account = format!("{} {}", scope.channel, scope.account);
            [
                request.code.expose().to_owned(),
                id,
                account,
                short(&request.sender),
                local(request.created_at),
            ]
        });
        show!(
            "{}",
            table(["CODE", "ID", "ACCOUNT", "SENDER", "REQUESTED"], rows)
        );
        Ok(())
    }

    async fn list_approved(&self, scopes: &[Scope], json: bool) -> Result<(), Failure> {
        let mut approved = Vec::new();
        for scope in scopes {
            let senders = self.access.approved(scope).await.map_err(Failure::failed)?;
            approved.extend(senders.into_iter().map(|(sender, at)| (scope, sender, at)));
        }
        if json {
            let approved: Vec<_> = approved
                .iter()
                .map(|(scope, sender, at)| json!({ "id": sender, "channel": scope.channel, "approvedAt": iso(*at), "meta": { "accountId": scope.account } }))
                .collect();
            show!("{:#}", json!({ "approved": approved }));
            return Ok(());
        }
        if approved.is_empty() {
            show!("Nobody has been approved yet.");
            return Ok(());
        }
        let rows = approved.iter().map(|(scope, sender, at)| {
            [
                format!("{} {}", scope.channel, scope.account),
                short(sender),
                local(*at),
            ]
        });
        show!("{}", table(["ACCOUNT", "SENDER", "APPROVED"], rows));
        Ok(())
    }

    async fn approve(&self, scopes: &[Scope], code: &str, notify: bool) -> Result<(), Failure> {
        // A code belongs to one account: the others must not count it as a wrong guess.
        let owner = self
            .pending(scopes)
            .await?
            .into_iter()
            .find(|(_, request)| request.code.matches(code))
            .map(|(scope, _)| scope);
        let scope = owner
            .as_ref()
            .or(scopes.first())
            .ok_or_else(|| Failure::failed("no account is configured"))?;
        let approved = self
            .access
            .approve(scope, code, now())
            .await
            .map_err(Failure::failed)?;
        let request = approved.ok_or_else(|| {
            Failure::failed("no waiting request has this code; see `dari pairing list`")
        })?;
        show!(
            "Approved {} for {} {}. Their next message reaches the agent.",
            request.sender,
            scope.channel,
            scope.account
        );
        if notify {
            eprintln!("dari: they were not told: Dari cannot write first on KakaoTalk yet");
        }
        Ok(())
    }

    async fn dismiss(&self, scopes: &[Scope], id: &str) -> Result<(), Failure> {
        let fits = |scope: &Scope, request: &PairingRequest| {
            is_named(&request.sender, id)
                || request.code.matches(id)
                || (id.len() >= 6 && request.opaque_id(scope).starts_with(id))
        };
        let fitting: Vec<_> = self
            .pending(scopes)
            .await?
            .into_iter()
            .filter(|(scope, request)| fits(scope, request))
            .collect();
        let [(scope, request)] = fitting.as_slice() else {
            let why = if fitting.is_empty() {
                "no waiting request has this ID"
            } else {
                "more than one request begins so"
            };
            return Err(Failure::failed(format!("{why}; see `dari pairing list`")));
        };
        let dismissed = self
            .access
            .dismiss(scope, &request.opaque_id(scope), now())
            .await
            .map_err(Failure::failed)?;
        dismissed.ok_or_else(|| Failure::failed("the request is gone already"))?;
        show!("Dismissed {}. They may ask again.", request.sender);
        Ok(())
    }

    async fn revoke(&self, scopes: &[Scope], named: &str) -> Result<(), Failure> {
        let mut fitting = Vec::new();
        for scope in scopes {
            let approved = self.access.approved(scope).await.map_err(Failure::failed)?;
            let named = approved
                .into_iter()
                .filter(|(sender, _)| is_named(sender, named));
            fitting.extend(named.map(|(sender, _)| (scope, sender)));
        }
        let people: BTreeSet<_> = fitting.iter().map(|(_, sender)| sender).collect();
        if people.len() != 1 {
            let why = match people.len() {
                0 => "nobody approved is called so",
                _ => "more than one sender begins so",
            };
            return Err(Failure::failed(format!(
                "{why}; see `dari pairing list --approved`"
            )));
        }
        for (scope, sender) in &fitting {
            self.access
                .revoke(scope, sender)
                .await
                .map_err(Failure::failed)?;
            show!("Revoked {sender} for {} {}.", scope.channel, scope.account);
        }
        Ok(())
    }
}

/// As wide as a terminal has room for; the beginning is enough to name it by.
fn short(sender: &SenderId) -> String {
    let id: String = sender.id().chars().take(12).collect();
    let more = if id.len() < sender.id().len() {
        "…"
    } else {
        ""
    };
    format!("{}:{id}{more}", sender.kind().as_str())
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
