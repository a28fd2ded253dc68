//! Who may talk to the agent. Reads `allowFrom`, and says where a list and a policy do not go
//! together (openclaw.md §2).

use std::{borrow::Cow, collections::BTreeSet, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

use super::read::{
    problem::{Report, index},
    section::Entry,
};
use crate::identity::{Channel, SenderId, SenderKind};

/// Who may talk to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Strangers get a code, and are let in when the owner approves it.
    Pairing,
    /// Only who is listed in `allowFrom`; everyone else gets no answer.
    Allowlist,
    /// Who is listed in `allowFrom`; everyone if `*` is.
    Open,
    /// Nobody.
    Disabled,
}

impl Policy {
    /// As it is written in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pairing => "pairing",
            Self::Allowlist => "allowlist",
            Self::Open => "open",
            Self::Disabled => "disabled",
        }
    }
}

/// The senders of `allowFrom`.
#[derive(Clone, Default)]
pub struct AllowFrom {
    any: bool,
    ids: BTreeSet<SenderId>,
}

impl AllowFrom {
    /// Whether this sender is listed by its id.
    pub fn contains(&self, sender: &SenderId) -> bool {
        self.ids.contains(sender)
    }

    /// Whether `*` is listed. It counts under [`Policy::Open`] only.
    pub fn any(&self) -> bool {
        self.any
    }

    pub fn iter(&self) -> impl Iterator<Item = &SenderId> {
        self.ids.iter()
    }
}

/// Without the ids: they stand for people.
impl fmt::Debug for AllowFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "AllowFrom({}{} listed)",
            if self.any { "everyone, " } else { "" },
            self.ids.len()
        )
    }
}

/// An entry of `allowFrom` or `senders`; the original documents do not say whether ids are texts or
/// numbers.
#[derive(Deserialize)]
#[serde(from = "Value")]
pub(super) struct Sender(pub(super) String);

impl From<Value> for Sender {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self(text),
            other => Self(other.to_string()),
        }
    }
}

impl JsonSchema for Sender {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Sender".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"] })
    }
}

pub(super) fn read(
    channel: Channel,
    senders: Option<Vec<Option<Sender>>>,
    entry: &Entry,
    report: &mut Report,
) -> AllowFrom {
    let mut list = AllowFrom::default();
    for (position, Sender(sender)) in senders
        .into_iter()
        .flatten()
        .enumerate()
        .filter_map(|(position, sender)| Some((position, sender?)))
    {
        let path = index(&entry.at("allowFrom"), position);
        if is_everyone(channel, &sender) {
            list.any = true;
        } else if sender.trim().starts_with("accessGroup:") {
            report.warn(
                path,
                "access groups are not known here, so this lets nobody in; list the senders",
            );
        } else if let Some(id) = SenderId::parse(channel, &sender) {
            warn_of_kind(channel, &id, &sender, path, report);
            list.ids.insert(id);
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

pub(super) fn warn_of_policy(policy: Policy, list: &AllowFrom, entry: &Entry, report: &mut Report) {
    if list.any && policy != Policy::Open {
        report.warn(
            entry.at("allowFrom"),
            "* counts under dmPolicy \"open\" only",
        );
    }
    let listed = !list.ids.is_empty();
    match policy {
        Policy::Open if !list.any && listed => {
            report.warn(
                entry.at("dmPolicy"),
                "only the senders in allowFrom get in; add \"*\" to let everyone in",
            );
        }
        Policy::Open if !list.any => {
            report.warn(
                entry.at("dmPolicy"),
                "nobody gets in; add \"*\" to allowFrom to let everyone in",
            );
        }
        Policy::Allowlist if !listed => report.warn(
            entry.at("dmPolicy"),
            "nobody gets in; list senders in allowFrom",
        ),
        Policy::Pairing | Policy::Allowlist | Policy::Open | Policy::Disabled => {}
    }
}
