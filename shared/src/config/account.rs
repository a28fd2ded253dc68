//! One account, with every default filled in. The words of a document (openclaw.md §2, contract.md
//! §3) are described for editors.

use std::{collections::BTreeSet, fmt, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::identity::{AccountId, SenderId};

/// Shorter skill keys are as good as none (contract.md §2).
const SKILL_KEY_MIN_BYTES: usize = 24;

/// 256 random bits in base64url.
const CALLBACK_TOKEN_MIN_BYTES: usize = 43;

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

/// What happens to a message that comes while the agent answers another one of the same
/// conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Concurrency {
    /// It waits for its turn.
    Queue,
    /// It replaces the older one.
    Latest,
    /// It is refused with a polite sentence.
    Reject,
}

/// The language of Dari's own sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Korean.
    Ko,
    /// English.
    En,
}

/// A KakaoTalk bot.
#[derive(Clone, Debug)]
pub struct KakaoAccount {
    pub id: AccountId,
    pub name: Option<String>,
    pub enabled: bool,
    pub skill_keys: SkillKeys,
    /// A valid header name, in lower case.
    pub skill_header: String,
    /// Without the `!` that the console's test appends.
    pub bot_id: Option<String>,
    pub channel_id: Option<String>,
    pub policy: Policy,
    pub allow_from: AllowFrom,
    /// Characters per bubble, 100 to 1000.
    pub text_chunk_limit: u16,
    /// The limit of an agent's run for this account; if none, the agent's own.
    pub timeout: Option<Duration>,
    pub media_max_mb: u32,
    pub concurrency: Concurrency,
    /// How long a held answer can be collected, 1 to 168 hours.
    pub held_answer: Duration,
    pub locale: Locale,
    pub rest_api_key: Option<SecretString>,
    pub admin_key: Option<SecretString>,
    pub app_key: Option<SecretString>,
    pub client_secret: Option<SecretString>,
    pub sender_key: Option<SecretString>,
    pub toast_app_key: Option<SecretString>,
    pub toast_secret_key: Option<SecretString>,
    /// The sender key of AlimTalk, if that is enabled and has one.
    pub alimtalk: Option<SecretString>,
    /// Tries in all, 1 to 10, of calls that can be repeated without harm.
    pub attempts: u8,
}

/// A KakaoWork bot.
#[derive(Clone, Debug)]
pub struct KakaoWorkAccount {
    pub id: AccountId,
    pub name: Option<String>,
    pub enabled: bool,
    pub app_key: AppKey,
    /// At least 256 bits; without it every callback is refused.
    pub callback_token: Option<SecretString>,
    pub policy: Policy,
    pub allow_from: AllowFrom,
    /// An address; it may hold a password.
    pub proxy: Option<SecretString>,
    pub timeout: Option<Duration>,
    pub concurrency: Concurrency,
    pub held_answer: Duration,
    pub locale: Locale,
}

/// Where the app key of a KakaoWork bot comes from.
#[derive(Clone, Debug)]
pub enum AppKey {
    Missing,
    Given(SecretString),
    File(PathBuf),
}

/// The secrets that a bot's skill may send.
#[derive(Clone, Debug)]
pub enum SkillKeys {
    /// Every request is refused.
    Missing,
    /// Too short, or unable to travel in a header: every request is refused.
    Unfit,
    Ready {
        current: SecretString,
        previous: Option<SecretString>,
    },
}

impl SkillKeys {
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. })
    }

    /// The keys to compare with, in constant time; none if the account refuses every request.
    pub fn candidates(&self) -> impl Iterator<Item = &SecretString> {
        let (current, previous) = match self {
            Self::Missing | Self::Unfit => (None, None),
            Self::Ready { current, previous } => (Some(current), previous.as_ref()),
        };
        current.into_iter().chain(previous)
    }
}

/// Long enough, and the same after it went through a header.
pub(super) fn is_skill_key(key: &SecretString) -> bool {
    let key = key.expose_secret();
    key.len() >= SKILL_KEY_MIN_BYTES && key.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// Long enough, and the same after it went through an address.
pub(super) fn is_callback_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    token.len() >= CALLBACK_TOKEN_MIN_BYTES
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The senders of `allowFrom`.
#[derive(Clone, Default)]
pub struct AllowFrom {
    pub(super) any: bool,
    pub(super) ids: BTreeSet<SenderId>,
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
