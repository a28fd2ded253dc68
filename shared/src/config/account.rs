//! One account: what every channel has, with every default filled in, and what its own adds.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    dev::Dev,
    kakao::{self, KakaoSettings},
    kakaowork::{self, KakaoWorkSettings},
    read::{problem::Report, section::Entry, values::text},
    senders::{self, AllowFrom, Policy},
};
use crate::identity::{AccountId, Channel, Scope};

const DEFAULT_HELD_ANSWER: Duration = Duration::from_hours(24);

/// One configured bot of a channel.
#[derive(Clone, Debug)]
pub struct Account {
    pub scope: Scope,
    pub name: Option<String>,
    pub enabled: bool,
    pub policy: Policy,
    pub allow_from: AllowFrom,
    /// The limit of an agent's run for this account; if none, the agent's own.
    pub timeout: Option<Duration>,
    pub concurrency: Concurrency,
    /// How long a held answer can be collected, 1 to 168 hours.
    pub held_answer: Duration,
    pub locale: Locale,
    /// Of the channel in `scope`.
    pub settings: ChannelSettings,
}

/// What the channel of an account adds to it.
#[derive(Clone, Debug)]
pub enum ChannelSettings {
    Kakao(Box<KakaoSettings>),
    KakaoWork(KakaoWorkSettings),
}

impl Account {
    pub fn id(&self) -> &AccountId {
        &self.scope.account
    }

    /// Its settings, if it is one of KakaoTalk.
    pub fn kakao(&self) -> Option<&KakaoSettings> {
        match &self.settings {
            ChannelSettings::Kakao(kakao) => Some(kakao),
            ChannelSettings::KakaoWork(_) => None,
        }
    }
}

/// What happens to a message that comes while the agent answers another one of the same conversation.
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

// `C` are the settings that a channel adds.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{C}")]
pub(super) struct Written<C> {
    /// Whether it is used at all. Default: true.
    enabled: Option<bool>,
    /// A name for people.
    name: Option<String>,
    /// Who may talk to the agent. Default: `pairing`.
    dm_policy: Option<Policy>,
    /// How long the agent may think for this account. Default: what the agent says.
    #[schemars(range(min = 5, max = 900))]
    timeout_seconds: Option<u64>,
    /// What happens to a message that comes while the agent answers another one of the same sender. Default: `queue`.
    concurrency: Option<Concurrency>,
    /// How long an answer that came too late can be collected, in hours. Default: 24.
    #[schemars(range(min = 1, max = 168))]
    held_answer_hours: Option<u64>,
    /// The language of Dari's own sentences. Default: `ko`.
    locale: Option<Locale>,
    #[serde(flatten)]
    added: C,
}

/// The names of the settings that every channel has. What ids `allowFrom` takes is the channel's
/// own.
pub(super) const SETTINGS: &[&str] = &[
    "allowFrom",
    "concurrency",
    "dmPolicy",
    "enabled",
    "heldAnswerHours",
    "locale",
    "name",
    "timeoutSeconds",
];

/// The account, and what it says to `dari dev`. Nothing if it cannot be read; then that is
/// reported.
pub(super) fn read(channel: Channel, entry: &Entry, report: &mut Report) -> Option<(Account, Dev)> {
    let kakao = |written: kakao::Written, report: &mut Report| {
        let (allow_from, settings, dev) = written.read(entry, report);
        (allow_from, ChannelSettings::Kakao(Box::new(settings)), dev)
    };
    let kakaowork = |written: kakaowork::Written, report: &mut Report| {
        let (allow_from, settings) = written.read(entry, report);
        let settings = ChannelSettings::KakaoWork(settings);
        (allow_from, settings, Dev::default())
    };
    match channel {
        Channel::Kakao => read_as(channel, entry, report, kakao),
        Channel::KakaoWork => read_as(channel, entry, report, kakaowork),
    }
}

fn read_as<C: DeserializeOwned>(
    channel: Channel,
    entry: &Entry,
    report: &mut Report,
    read_added: impl FnOnce(C, &mut Report) -> (AllowFrom, ChannelSettings, Dev),
) -> Option<(Account, Dev)> {
    let written: Written<C> = entry.typed(report)?;
    let enabled = written.enabled.unwrap_or(true);
    let policy = written.dm_policy.unwrap_or(Policy::Pairing);
    let mut inner = Report::default();
    let (allow_from, settings, dev) = read_added(written.added, &mut inner);
    senders::warn_of_policy(policy, &allow_from, entry, &mut inner);
    report.absorb(inner, enabled);
    let account = Account {
        scope: entry.scope(channel),
        name: text(written.name),
        enabled,
        policy,
        allow_from,
        timeout: written.timeout_seconds.map(Duration::from_secs),
        concurrency: written.concurrency.unwrap_or(Concurrency::Queue),
        held_answer: written
            .held_answer_hours
            .map_or(DEFAULT_HELD_ANSWER, Duration::from_hours),
        locale: written.locale.unwrap_or(Locale::Ko),
        settings,
    };
    Some((account, dev))
}
