//! Which agent answers where.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    agents::Agent,
    channels::{Accounts, Place},
    read::problem::{Report, did_you_mean, index, key},
    senders::{self, Sender},
};
use crate::identity::{AccountId, Channel, Scope, SenderId, SenderKind};

/// Sends the messages of a channel, or of some in it, to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub channel: Channel,
    /// All accounts of the channel if none is named.
    pub account: Option<AccountId>,
    /// Everyone if none are named.
    pub senders: Option<Vec<SenderId>>,
    /// The name of an agent, unless no agents are configured at all.
    pub agent: String,
}

impl Binding {
    fn fits(&self, scope: &Scope, is_sender: impl FnMut(&SenderId) -> bool) -> bool {
        let account = self.account.as_ref();
        let of_account = account.is_none_or(|named| *named == scope.account);
        let mut senders = self.senders.iter().flatten();
        self.channel == scope.channel
            && of_account
            && (self.senders.is_none() || senders.any(is_sender))
    }
}

/// As `Config::agent_for` says.
pub(super) fn choose<'a>(
    agents: &'a BTreeMap<String, Agent>,
    bindings: &'a [Binding],
    scope: &Scope,
    is_sender: impl Fn(&SenderId) -> bool,
) -> Option<(&'a str, &'a Agent)> {
    let name = if bindings.is_empty() {
        let only = agents.keys().next().filter(|_| agents.len() == 1);
        only.map_or("main", String::as_str)
    } else {
        let fitting = bindings.iter();
        let fitting = fitting.filter(|binding| binding.fits(scope, &is_sender));
        let best = |binding: &&Binding| (binding.senders.is_none(), binding.account.is_none());
        &fitting.min_by_key(best)?.agent
    };
    let (name, agent) = agents.get_key_value(name)?;
    Some((name, agent))
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Routing")]
pub(super) struct Written {
    /// The one that fits best decides: one that names the sender and the account, then one that names the sender, then the account, then the channel alone; among equals the first.
    #[schemars(with = "Option<Vec<WrittenBinding>>")]
    bindings: Option<Vec<Option<WrittenBinding>>>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Binding")]
struct WrittenBinding {
    /// The channel.
    #[schemars(required, with = "ChannelName")]
    channel: Option<Channel>,
    /// The account. Default: every account of the channel.
    account: Option<String>,
    /// The senders, as `allowFrom` writes them: bot user keys, or rooms as `botGroupKey:id`. Default: everyone.
    #[schemars(with = "Option<Vec<Sender>>")]
    senders: Option<Vec<Option<Sender>>>,
    /// The name of an agent.
    #[schemars(required)]
    agent: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the names of `Channel`, for the schema")]
enum ChannelName {
    Kakao,
    KakaoWork,
}

impl Written {
    /// `names` are all agents that are written, wrong ones included.
    pub(super) fn read(
        self,
        accounts: &Accounts,
        names: &BTreeSet<String>,
        report: &mut Report,
    ) -> Vec<Binding> {
        let mut bindings = Vec::new();
        for (position, binding) in self.bindings.into_iter().flatten().enumerate() {
            let path = index("routing.bindings", position);
            let read = binding.and_then(|binding| binding.read(&path, accounts, names, report));
            bindings.extend(read.into_iter().flatten());
        }
        bindings
    }
}

impl WrittenBinding {
    /// One binding for each channel whose accounts it means.
    fn read(
        self,
        path: &str,
        accounts: &Accounts,
        names: &BTreeSet<String>,
        report: &mut Report,
    ) -> Option<Vec<Binding>> {
        let (channel, agent) = (self.channel?, self.agent?);
        if names.is_empty() {
            let message = format!(
                "there is no agent {agent:?} under agents, so these messages get no answer"
            );
            report.warn(key(path, "agent"), message);
        } else if !names.contains(&agent) {
            let suggestion = did_you_mean(&agent, names.iter().map(String::as_str));
            report.problem(
                key(path, "agent"),
                format!("there is no agent {agent:?} under agents{suggestion}"),
            );
        }
        let account = self.account.as_deref();
        let mut channels = channels_of(channel, account, &accounts.places);
        if channels.is_empty() {
            channels.insert(channel);
            if let Some(name) = account {
                let known = meant_by(channel, &accounts.places);
                let suggestion = did_you_mean(name, known.map(|scope| scope.account.as_str()));
                let message = format!("there is no account {name:?} of {channel}{suggestion}");
                report.problem(key(path, "account"), message);
            }
        }
        let senders = self.senders.map(|senders| {
            let channel = channels.first().copied().unwrap_or(channel);
            read_senders(channel, senders, &key(path, "senders"), report)
        });
        let binding = |channel| Binding {
            channel,
            account: account.and_then(AccountId::parse),
            senders: senders.clone(),
            agent: agent.clone(),
        };
        Some(channels.into_iter().map(binding).collect())
    }
}

/// The channels of the accounts that a binding means, or of the one that it names.
fn channels_of(
    channel: Channel,
    account: Option<&str>,
    places: &BTreeMap<Scope, Place>,
) -> BTreeSet<Channel> {
    let named = account.map(AccountId::parse);
    let is_named = |id| {
        named
            .as_ref()
            .is_none_or(|named| named.as_ref() == Some(id))
    };
    meant_by(channel, places)
        .filter(|scope| is_named(&scope.account))
        .map(|scope| scope.channel)
        .collect()
}

/// The accounts of a channel, and those that are only written in its section.
fn meant_by(channel: Channel, places: &BTreeMap<Scope, Place>) -> impl Iterator<Item = &Scope> {
    places
        .iter()
        .filter(move |(scope, place)| scope.channel == channel || place.section == channel)
        .map(|(scope, _)| scope)
}

fn read_senders(
    channel: Channel,
    entries: Vec<Option<Sender>>,
    path: &str,
    report: &mut Report,
) -> Vec<SenderId> {
    if entries.is_empty() {
        report.problem(path, "names nobody; leave it out to mean everyone");
    }
    let mut read = Vec::new();
    for (position, entry) in entries.into_iter().enumerate() {
        let path = index(path, position);
        let Some(Sender(entry)) = entry else { continue };
        if senders::is_everyone(channel, &entry) {
            report.problem(path, "leave `senders` out to mean everyone");
        } else if entry.trim().starts_with("accessGroup:") {
            report.warn(path, "access groups are not known here, so this is nobody");
        } else if let Some(sender) = SenderId::parse(channel, &entry) {
            match sender.kind() {
                SenderKind::PlusfriendUserKey | SenderKind::AppUserId
                    if channel == Channel::Kakao =>
                {
                    report.warn(path, "routing knows people by their bot user key and rooms by botGroupKey, so this is nobody");
                }
                _ => senders::warn_of_kind(channel, &sender, &entry, path, report),
            }
            read.push(sender);
        } else {
            report.problem(path, "is not the id of a sender");
        }
    }
    read
}

/// Warns of accounts in use that no agent answers, or not everyone's messages.
pub(super) fn warn_of_silence(
    accounts: &Accounts,
    agents: &BTreeMap<String, Agent>,
    bindings: &[Binding],
    report: &mut Report,
) {
    let mut used = accounts.all.values().filter(|account| account.enabled);
    if agents.is_empty() {
        // Bindings have been warned of one by one.
        if bindings.is_empty() && used.next().is_some() {
            report.warn("agents", "there is no agent, so messages get no answer");
        }
        return;
    }
    for scope in used.map(|account| &account.scope) {
        if choose(agents, bindings, scope, |_| false).is_none() {
            let place = accounts.places.get(scope);
            let wrong = match choose(agents, bindings, scope, |_| true) {
                None => "no binding in routing leads to an agent, so messages get no answer",
                Some(_) => {
                    "routing leads only the senders it names to an agent, so others get no answer"
                }
            };
            report.warn(place.map_or("", |place| &place.path), wrong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, load};
    use crate::identity::{AccountId, Channel, Scope, SenderId};

    fn config(agents: &str, bindings: &str) -> Config {
        let document = format!(
            r"{{
                channels: {{ kakao: {{ accounts: {{ shop: {{}}, home: {{}} }} }} }},
                agents: {{ {agents} }}, routing: {{ bindings: [{bindings}] }},
            }}"
        );
        load(&document, &|_| None).unwrap().config
    }

    fn kakao(account: &str) -> Scope {
        Scope {
            channel: Channel::Kakao,
            account: AccountId::parse(account).unwrap(),
        }
    }

    fn agent(agents: &str, bindings: &str, account: &str) -> Option<String> {
        config(agents, bindings)
            .agent_for_anyone(&kakao(account))
            .map(|(name, _)| name.to_owned())
    }

    const TWO: &str = "a: { kind: 'echo' }, b: { kind: 'echo' }";

    #[test]
    fn without_bindings_main_or_the_only_agent_answers() {
        assert_eq!(
            agent("a: { kind: 'echo' }", "", "shop").as_deref(),
            Some("a")
        );
        assert_eq!(
            agent("a: { kind: 'echo' }, main: { kind: 'echo' }", "", "shop").as_deref(),
            Some("main")
        );
        assert_eq!(agent(TWO, "", "shop"), None);
        assert_eq!(agent("", "", "shop"), None);
    }

    #[test]
    fn a_binding_that_names_the_account_goes_first() {
        let bindings = "{ channel: 'kakao', agent: 'a' }, { channel: 'kakao', account: 'Shop', agent: 'b' }, { channel: 'kakao', agent: 'b' }";
        assert_eq!(agent(TWO, bindings, "shop").as_deref(), Some("b"));
        assert_eq!(agent(TWO, bindings, "home").as_deref(), Some("a"));
    }

    #[test]
    fn the_binding_that_names_more_decides_and_among_equals_the_first() {
        let channel = "{ channel: 'kakao', agent: 'channel' }";
        let account = "{ channel: 'kakao', account: 'shop', agent: 'account' }";
        let sender =
            "{ channel: 'kakao', senders: ['alice', 'botGroupKey:room'], agent: 'sender' }";
        let both = "{ channel: 'kakao', account: 'shop', senders: ['kakao:alice'], agent: 'both' }";
        let late = "{ channel: 'kakao', senders: ['alice', 'bob'], agent: 'late' }";
        let other = "{ channel: 'kakaowork', senders: ['alice'], agent: 'late' }";
        let agents = ["channel", "account", "sender", "both", "late"]
            .map(|name| format!("{name}: {{ kind: 'echo' }}"))
            .join(", ");
        // In whatever order they are written, as long as `late` comes after `sender`.
        for bindings in [
            [other, channel, account, sender, both, late],
            [sender, late, both, account, channel, other],
        ] {
            let config = config(&agents, &bindings.join(", "));
            let asked = |account: &str, sender: &str| {
                let sender = SenderId::parse(Channel::Kakao, sender).unwrap();
                let found = config.agent_for(&kakao(account), |id| *id == sender);
                found.unwrap().0.to_owned()
            };
            assert_eq!(asked("shop", "alice"), "both");
            assert_eq!(asked("home", "alice"), "sender");
            assert_eq!(asked("shop", "botGroupKey:room"), "sender");
            assert_eq!(asked("shop", "bob"), "late");
            assert_eq!(asked("shop", "room"), "account");
            assert_eq!(asked("home", "carol"), "channel");
        }
    }

    #[test]
    fn senders_are_checked() {
        for (senders, said) in [
            (
                "[]",
                "routing.bindings[0].senders: names nobody; leave it out to mean everyone",
            ),
            (
                "['a', '*']",
                "routing.bindings[0].senders[1]: leave `senders` out to mean everyone",
            ),
            (
                "['']",
                "routing.bindings[0].senders[0]: is not the id of a sender",
            ),
            (
                "'a'",
                "routing.bindings[0].senders: must be a list, not a string",
            ),
            (
                "['appUserId:7']",
                "routing.bindings[0].senders[0]: routing knows people by their bot user key and rooms by botGroupKey, so this is nobody",
            ),
            (
                "['accessGroup:a']",
                "routing.bindings[0].senders[0]: access groups are not known here, so this is nobody",
            ),
            (
                "[1234]",
                "routing.bindings[0].senders[0]: read as a bot user key, but it looks like a Kakao user id; those are written appUserId:123",
            ),
        ] {
            let document = format!(
                "{{ agents: {{ a: {{ kind: 'echo' }} }}, routing: {{ bindings: [{{ channel: 'kakao', senders: {senders}, agent: 'a' }}] }} }}"
            );
            let all = match load(&document, &|_| None) {
                Ok(loaded) => loaded.warnings.iter().map(ToString::to_string).collect(),
                Err(problems) => vec![problems.to_string()],
            };
            assert!(all.iter().any(|line| line == said), "{senders}: {all:?}");
        }
        let misspelt =
            "{ routing: { bindings: [{ channel: 'kakao', sender: ['a'], agent: 'a' }] } }";
        let problem = load(misspelt, &|_| None).unwrap_err().to_string();
        assert!(problem.contains("did you mean \"senders\"?"), "{problem}");
    }

    #[test]
    fn an_account_outside_all_bindings_gets_no_agent_and_a_warning() {
        let bindings = "{ channel: 'kakao', account: 'shop', agent: 'a' }";
        assert_eq!(agent("a: { kind: 'echo' }", bindings, "home"), None);
        for (bindings, expected) in [
            (
                "",
                "channels.kakao: no binding in routing leads to an agent, so messages get no answer",
            ),
            (
                "{ channel: 'kakao', senders: ['alice'], agent: 'a' }",
                "channels.kakao: routing leads only the senders it names to an agent, so others get no answer",
            ),
        ] {
            let document = format!(
                "{{ channels: {{ kakao: {{ dmPolicy: 'disabled' }} }}, agents: {{ {TWO} }}, routing: {{ bindings: [{bindings}] }} }}"
            );
            let warnings = load(&document, &|_| None).unwrap().warnings;
            assert!(
                warnings
                    .iter()
                    .any(|warning| warning.to_string() == expected),
                "{warnings:?}"
            );
        }
    }
}
