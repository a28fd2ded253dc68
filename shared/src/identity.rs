//! Who is who: channels, accounts and typed sender ids.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Kakao,
    KakaoWork,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kakao => "kakao",
            Self::KakaoWork => "kakaowork",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "kakao" => Some(Self::Kakao),
            "kakaowork" => Some(Self::KakaoWork),
            _ => None,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One configured bot of a channel; lower case, `default` unless named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Letters, digits, `-` and `_`, 1 to 64 of them; upper case is folded.
    pub fn parse(name: &str) -> Option<Self> {
        let fits = (1..=64).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        fits.then(|| Self(name.to_ascii_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for AccountId {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One account of one channel: what approvals, conversations and limits belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub channel: Channel,
    pub account: AccountId,
}

/// What a sender's id is. Ids of different kinds are never the same person, whatever their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SenderKind {
    /// KakaoTalk: one user in one bot.
    BotUserKey,
    /// KakaoTalk: one user of one channel.
    PlusfriendUserKey,
    /// Kakao Login's member number in the app linked to the bot.
    AppUserId,
    /// KakaoTalk: a group chat room; everyone in it.
    BotGroupKey,
    /// KakaoWork: a member of the workspace.
    KakaoWorkUserId,
}

impl SenderKind {
    const ALL: [Self; 5] = [
        Self::BotUserKey,
        Self::PlusfriendUserKey,
        Self::AppUserId,
        Self::BotGroupKey,
        Self::KakaoWorkUserId,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::BotUserKey => "botUserKey",
            Self::PlusfriendUserKey => "plusfriendUserKey",
            Self::AppUserId => "appUserId",
            Self::BotGroupKey => "botGroupKey",
            Self::KakaoWorkUserId => "kakaoWorkUserId",
        }
    }
}

/// Who wrote to us. Shown and written as `kind:id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SenderId {
    kind: SenderKind,
    id: String,
}

impl SenderId {
    /// `None` if `id` is blank or longer than 128 bytes (Kakao's are at most 70, skill.md §3.4).
    pub fn new(kind: SenderKind, id: &str) -> Option<Self> {
        let id = id.trim();
        (!id.is_empty() && id.len() <= 128 && !id.contains(char::is_control)).then(|| Self {
            kind,
            id: id.to_owned(),
        })
    }

    /// An entry of `allowFrom` or an argument of the command: `kind:id`, or a bare id of the
    /// channel's usual kind. A prefix with the channel's name is dropped, as `OpenClaw` writes it.
    /// `*` is not an id.
    pub fn parse(channel: Channel, entry: &str) -> Option<Self> {
        let entry = entry.trim();
        let entry = entry
            .strip_prefix(channel.as_str())
            .and_then(|rest| rest.strip_prefix(':'))
            .unwrap_or(entry)
            .trim();
        if entry == "*" {
            return None;
        }
        let typed = SenderKind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, entry.strip_prefix(kind.as_str())?.strip_prefix(':')?)));
        let (kind, id) = typed.unwrap_or((
            match channel {
                Channel::Kakao => SenderKind::BotUserKey,
                Channel::KakaoWork => SenderKind::KakaoWorkUserId,
            },
            entry,
        ));
        Self::new(kind, id)
    }

    pub fn kind(&self) -> SenderKind {
        self.kind
    }

    /// Whether this is a group chat, and so everyone in it.
    pub fn is_room(&self) -> bool {
        self.kind == SenderKind::BotGroupKey
    }

    /// The platform's own id, for a call to the platform.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for SenderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.id)
    }
}

/// Without the id: it must not reach a log by way of `{:?}`.
impl fmt::Debug for SenderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SenderId({}:…)", self.kind.as_str())
    }
}

impl From<SenderId> for String {
    fn from(sender: SenderId) -> Self {
        sender.to_string()
    }
}

impl TryFrom<String> for SenderId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        SenderKind::ALL
            .into_iter()
            .find_map(|kind| Self::new(kind, text.strip_prefix(kind.as_str())?.strip_prefix(':')?))
            .ok_or("not a sender id")
    }
}

/// The sender of one message: the id that names the conversation, and others the platform vouches
/// for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub id: SenderId,
    pub aliases: Vec<SenderId>,
}

impl Sender {
    pub fn ids(&self) -> impl Iterator<Item = &SenderId> {
        std::iter::once(&self.id).chain(&self.aliases)
    }
}
