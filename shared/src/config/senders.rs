//! Reads `allowFrom`, and says where a list and a policy do not go together (openclaw.md §2).

use super::{
    AllowFrom, Policy,
    channels::Written,
    document::Sender,
    problem::{Report, index},
};
use crate::identity::{Channel, SenderId, SenderKind};

pub(super) fn read(
    channel: Channel,
    entries: Option<Vec<Option<Sender>>>,
    written: &Written,
    report: &mut Report,
) -> AllowFrom {
    let mut list = AllowFrom::default();
    for (position, Sender(entry)) in entries
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(n, entry)| Some((n, entry?)))
    {
        let path = index(&written.at("allowFrom"), position);
        if is_everyone(channel, &entry) {
            list.any = true;
        } else if entry.trim().starts_with("accessGroup:") {
            report.warn(
                path,
                "access groups are not known here, so this lets nobody in; list the senders",
            );
        } else if let Some(sender) = SenderId::parse(channel, &entry) {
            warn_of_kind(channel, &sender, &entry, path, report);
            list.ids.insert(sender);
        } else {
            report.problem(path, "is not the id of a sender");
        }
    }
    list
}

pub(super) fn is_everyone(channel: Channel, entry: &str) -> bool {
    let entry = entry.trim();
    entry
        .strip_prefix(channel.as_str())
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(entry)
        .trim()
        == "*"
}

pub(super) fn warn_of_kind(
    channel: Channel,
    sender: &SenderId,
    entry: &str,
    path: String,
    report: &mut Report,
) {
    let of_kakaowork = sender.kind() == SenderKind::KakaoWorkUserId;
    if of_kakaowork != (channel == Channel::KakaoWork) {
        report.warn(
            path,
            format!("senders of {channel} have no such ids, so this lets nobody in"),
        );
    } else if sender.kind() == SenderKind::BotUserKey
        && entry.trim().bytes().all(|b| b.is_ascii_digit())
    {
        report.warn(path, "read as a bot user key, but it looks like a Kakao user id; those are written appUserId:123");
    }
}

pub(super) fn warn_of_policy(
    policy: Policy,
    list: &AllowFrom,
    written: &Written,
    report: &mut Report,
) {
    if list.any && policy != Policy::Open {
        report.warn(
            written.at("allowFrom"),
            "* counts under dmPolicy \"open\" only",
        );
    }
    let listed = !list.ids.is_empty();
    match policy {
        Policy::Open if !list.any && listed => {
            report.warn(
                written.at("dmPolicy"),
                "only the senders in allowFrom get in; add \"*\" to let everyone in",
            );
        }
        Policy::Open if !list.any => {
            report.warn(
                written.at("dmPolicy"),
                "nobody gets in; add \"*\" to allowFrom to let everyone in",
            );
        }
        Policy::Allowlist if !listed => report.warn(
            written.at("dmPolicy"),
            "nobody gets in; list senders in allowFrom",
        ),
        Policy::Pairing | Policy::Allowlist | Policy::Open | Policy::Disabled => {}
    }
}
