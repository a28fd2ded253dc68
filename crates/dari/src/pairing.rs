//! `dari pairing`: lists who wants in and who is in, and carries out the owner's decisions
//! (openclaw.md §3–4).

use serde_json::json;
use shared::{
    access::{Approvals, Note},
    identity::{AccountId, Channel, Scope, SenderId},
};

use crate::{
    args::PairingCommand,
    failure::Failure,
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
            let approvals = operator.approvals(channel.as_deref(), account.as_deref())?;
            if approved {
                list_approved(&approvals, json).await
            } else {
                list_pending(&approvals, channel.as_deref(), json).await
            }
        }
        PairingCommand::Approve {
            channel_and_code,
            account,
            note,
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
            let note = note.as_deref().map(parse_note).transpose()?;
            let approvals = operator.approvals(channel, account.as_deref())?;
            approve(&approvals, code, note.as_ref(), notify).await
        }
        PairingCommand::Dismiss {
            channel,
            id,
            account,
        } => {
            let approvals = operator.approvals(Some(&channel), account.as_deref())?;
            let dismissed = approvals.dismiss(&id, now()).await?;
            show!("Dismissed {}. They may ask again.", dismissed.sender);
            Ok(())
        }
        PairingCommand::Revoke {
            channel,
            sender,
            account,
        } => {
            let approvals = operator.approvals(Some(&channel), account.as_deref())?;
            for (scope, sender) in approvals.revoke(&sender, now()).await? {
                show!("Revoked {sender} for {} {}.", scope.channel, scope.account);
            }
            Ok(())
        }
    }
}

impl Operator {
    fn approvals(
        &self,
        channel: Option<&str>,
        account: Option<&str>,
    ) -> Result<Approvals<'_>, Failure> {
        Ok(Approvals {
            scopes: self.scopes(channel, account)?,
            access: &self.access,
        })
    }
}

async fn list_pending(
    approvals: &Approvals<'_>,
    channel: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let pending = approvals.pending(now()).await?;
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
    show!("\nTo let somebody in:");
    for (scope, request) in &pending {
        show!("  {}", approve_command(request.code.expose(), scope));
    }
    Ok(())
}

async fn list_approved(approvals: &Approvals<'_>, json: bool) -> Result<(), Failure> {
    let approved = approvals.approved(now()).await?;
    if json {
        let approved: Vec<_> = approved
            .iter()
            .map(|(scope, it)| {
                json!({
                    "id": it.sender,
                    "channel": scope.channel,
                    "note": it.note,
                    "approvedAt": iso(it.at),
                    "meta": { "accountId": scope.account },
                })
            })
            .collect();
        show!("{:#}", json!({ "approved": approved }));
        return Ok(());
    }
    if approved.is_empty() {
        show!("Nobody has been approved yet.");
        return Ok(());
    }
    let rows = approved.iter().map(|(scope, it)| {
        let note = it.note.as_ref().map_or("", Note::as_str);
        [
            format!("{} {}", scope.channel, scope.account),
            short(&it.sender),
            note.to_owned(),
            local(it.at),
        ]
    });
    show!("{}", table(["ACCOUNT", "SENDER", "NOTE", "APPROVED"], rows));
    Ok(())
}

async fn approve(
    approvals: &Approvals<'_>,
    code: &str,
    note: Option<&Note>,
    notify: bool,
) -> Result<(), Failure> {
    let (scope, request) = approvals.approve(code, now()).await?;
    if let Some(note) = note {
        let noted = approvals.note(&scope, &request.sender, note, now()).await;
        noted.map_err(|error| {
            Failure::failed(format!("they are approved, but without the note: {error}"))
        })?;
    }
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

fn parse_note(typed: &str) -> Result<Note, Failure> {
    Note::parse(typed)
        .ok_or_else(|| Failure::usage("--note: one line of at most 80 characters is wanted"))
}

/// What the owner types to let the sender with this code in.
fn approve_command(code: &str, scope: &Scope) -> String {
    let Scope { channel, account } = scope;
    let account = if *account == AccountId::default() {
        String::new()
    } else {
        format!(" --account {account}")
    };
    format!("dari pairing approve {channel} {code}{account}")
}

/// The kind and the first 12 characters of an id: a terminal has room for these, and they are
/// enough to name the sender by.
fn short(sender: &SenderId) -> String {
    let id: String = sender.id().chars().take(12).collect();
    let more = if id.len() < sender.id().len() {
        "…"
    } else {
        ""
    };
    format!("{}:{id}{more}", sender.kind().as_str())
}
