//! What an account of KakaoTalk adds: the skill of its chatbot, and what its channel can show.

use std::collections::BTreeSet;

use http::HeaderName;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    dev::{self, Dev},
    kakaowork,
    login::{self, Login},
    outbound::{self, Outbound},
    read::{
        problem::Report,
        section::Entry,
        values::{Secret, text},
    },
    senders::{self, AllowFrom, Sender},
};
use crate::identity::Channel;

/// Variables of the original documents, for what the account `default` does not say.
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("appKey", "KAKAO_APP_KEY"),
    ("restApiKey", "KAKAO_REST_API_KEY"),
    ("adminKey", "KAKAO_ADMIN_KEY"),
    ("channelId", "KAKAO_CHANNEL_ID"),
];

/// Shorter skill keys are as good as none (contract.md §2).
const SKILL_KEY_MIN_BYTES: usize = 24;

/// Said of a skill key, before what follows from it.
const UNFIT: &str = "shorter than 24 characters, or with characters that a header cannot carry";

const DEFAULT_SKILL_HEADER: &str = "x-dari-skill-key";
const DEFAULT_TEXT_CHUNK_LIMIT: u16 = 900;
const DEFAULT_MEDIA_MAX_MB: u32 = 2;

/// What only an account of KakaoTalk has.
#[derive(Clone, Debug)]
pub struct KakaoSettings {
    pub skill: Skill,
    pub channel_id: Option<String>,
    /// Characters per bubble, 100 to 1000.
    pub text_chunk_limit: u16,
    pub media_max_mb: u32,
    pub login: Login,
    pub outbound: Outbound,
}

/// How requests of the bot are told from others.
#[derive(Clone, Debug)]
pub struct Skill {
    pub keys: SkillKeys,
    /// The header that carries the key: a valid name, in lower case.
    pub header: String,
    /// Without the `!` that the console's test appends.
    pub bot_id: Option<String>,
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
    /// The keys to compare with, in constant time; none if the account refuses every request.
    pub fn candidates(&self) -> impl Iterator<Item = &SecretString> {
        let (current, previous) = match self {
            Self::Missing | Self::Unfit => (None, None),
            Self::Ready { current, previous } => (Some(current), previous.as_ref()),
        };
        current.into_iter().chain(previous)
    }

    /// Whether one request could be for either of two accounts.
    pub(super) fn overlap(&self, other: &Self) -> bool {
        let keys = |keys: &Self| -> BTreeSet<String> {
            keys.candidates()
                .map(|key| key.expose_secret().to_owned())
                .collect()
        };
        !keys(self).is_disjoint(&keys(other))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Kakao")]
pub(super) struct Written {
    /// Who always may: bot user keys, or `kind:id` with the kinds botUserKey, plusfriendUserKey, appUserId and botGroupKey. `*` lets everyone in, under `open` only.
    #[schemars(with = "Option<Vec<Sender>>")]
    allow_from: Option<Vec<Option<Sender>>>,
    /// The secret that the skill of the bot sends in a header of your choice. At least 24 characters; without it every request is refused.
    skill_key: Option<Secret>,
    /// The secret before the present one; both are accepted while you change it.
    skill_key_previous: Option<Secret>,
    /// The header that carries the secret. Default: `X-Dari-Skill-Key`.
    skill_header: Option<String>,
    /// The id of the bot. If it is set, requests of other bots are refused.
    bot_id: Option<String>,
    /// The id of the KakaoTalk channel: the end of its pf.kakao.com address, such as `_abc123`.
    channel_id: Option<String>,
    /// The longest bubble, in characters. Default: 900; KakaoTalk allows 1000.
    #[schemars(range(min = 100, max = 1000))]
    text_chunk_limit: Option<u16>,
    /// The largest picture, in MB of 1,000,000 bytes; all pictures of a message may have 14 MB together. Default: 2.
    #[schemars(range(min = 1, max = 20))]
    media_max_mb: Option<u32>,
    #[serde(flatten)]
    login: login::Written,
    #[serde(flatten)]
    outbound: outbound::Written,
    #[serde(flatten)]
    dev: dev::Written,
    #[serde(flatten)]
    misplaced: kakaowork::Misplaced,
}

impl Written {
    pub(super) fn read(
        self,
        entry: &Entry,
        report: &mut Report,
    ) -> (AllowFrom, KakaoSettings, Dev) {
        self.misplaced.warn(entry, report);
        if self
            .channel_id
            .as_deref()
            .is_some_and(|id| !id.trim().starts_with('_'))
        {
            report.warn(
                entry.at("channelId"),
                "a channel id starts with _: it is the end of the channel's address at pf.kakao.com",
            );
        }
        let settings = KakaoSettings {
            skill: Skill {
                header: skill_header(self.skill_header, entry, report),
                keys: skill_keys(self.skill_key, self.skill_key_previous, entry, report),
                bot_id: text(self.bot_id).map(|id| id.trim_end_matches('!').to_owned()),
            },
            channel_id: text(self.channel_id),
            text_chunk_limit: self.text_chunk_limit.unwrap_or(DEFAULT_TEXT_CHUNK_LIMIT),
            media_max_mb: self.media_max_mb.unwrap_or(DEFAULT_MEDIA_MAX_MB),
            login: self.login.read(entry, report),
            outbound: self.outbound.read(entry, report),
        };
        let allow_from = senders::read(Channel::Kakao, self.allow_from, entry, report);
        (allow_from, settings, self.dev.read(entry, report))
    }
}

fn skill_header(name: Option<String>, entry: &Entry, report: &mut Report) -> String {
    let Some(name) = text(name) else {
        return DEFAULT_SKILL_HEADER.to_owned();
    };
    if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
        // In lower case, however it was written.
        return name.as_str().to_owned();
    }
    report.problem(
        entry.at("skillHeader"),
        "is not a possible name of a header",
    );
    String::new()
}

fn skill_keys(
    current: Option<Secret>,
    previous: Option<Secret>,
    entry: &Entry,
    report: &mut Report,
) -> SkillKeys {
    let previous = previous.and_then(Secret::read).filter(|previous| {
        let fits = is_skill_key(previous);
        if !fits {
            report.warn(
                entry.at("skillKeyPrevious"),
                format!("{UNFIT}, so it is not accepted"),
            );
        }
        fits
    });
    let Some(current) = current.and_then(Secret::read) else {
        report.warn(entry.at("skillKey"), "not set, so every request of the bot is refused; choose at least 24 random characters, and let the skill send them in a header");
        return SkillKeys::Missing;
    };
    if is_skill_key(&current) {
        return SkillKeys::Ready { current, previous };
    }
    report.warn(
        entry.at("skillKey"),
        format!("{UNFIT}, so every request of the bot is refused"),
    );
    SkillKeys::Unfit
}

/// Long enough, and the same after it went through a header.
fn is_skill_key(key: &SecretString) -> bool {
    let key = key.expose_secret();
    key.len() >= SKILL_KEY_MIN_BYTES && key.bytes().all(|b| (b' '..=b'~').contains(&b))
}
