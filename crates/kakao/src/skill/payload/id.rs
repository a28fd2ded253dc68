//! Ids as the platform types them. Ids of different kinds are never the same person, whatever their
//! letters.

use std::fmt;

/// What an id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// One user in one bot.
    BotUserKey,
    /// One user of one channel.
    PlusfriendUserKey,
    /// Kakao Login's member number in the app linked to the bot.
    AppUserId,
    /// A group chat room; everyone in it.
    BotGroupKey,
}

impl IdKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BotUserKey => "botUserKey",
            Self::PlusfriendUserKey => "plusfriendUserKey",
            Self::AppUserId => "appUserId",
            Self::BotGroupKey => "botGroupKey",
        }
    }
}

/// The id of a person or of a room. Shown as `kind:id`.
#[derive(Clone, PartialEq, Eq)]
pub struct Id {
    kind: IdKind,
    id: String,
}

impl Id {
    /// `None` if `id` is blank, has control characters, or is longer than 128 bytes (real ones have
    /// at most 70, skill.md §3.4).
    pub(super) fn new(kind: IdKind, id: &str) -> Option<Self> {
        let id = id.trim();
        (!id.is_empty() && id.len() <= 128 && !id.contains(char::is_control)).then(|| Self {
            kind,
            id: id.to_owned(),
        })
    }

    pub fn kind(&self) -> IdKind {
        self.kind
    }

    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.id)
    }
}

/// Without the id: it must not reach a log by way of `{:?}`.
impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({}:…)", self.kind.as_str())
    }
}

/// Whose conversation a call belongs to: the person, or the room of a group chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub id: Id,
    /// Other ids that the platform gave for the same person.
    pub aliases: Vec<Id>,
}
