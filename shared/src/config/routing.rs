//! Which agent answers where.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Agent, Config,
    channels::Accounts,
    document::{self, Sender},
    problem::{Report, did_you_mean, index, key},
    senders,
};
use crate::identity::{AccountId, Channel, SenderId, SenderKind};

/// Sends the messages of a channel, or of some in it, to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub channel: Channel,
    /// All accounts of the channel if none is named.
    pub account: Option<AccountId>,
    /// Everyone if none are named.
    pub senders: Option<Vec<SenderId>>,
    /// A key of [`Config::agents`], unless no agents are configured at all.
    pub agent: String,
}

impl Binding {
    fn fits(
        &self,
        channel: Channel,
        account: &AccountId,
        is_sender: impl FnMut(&SenderId) -> bool,
    ) -> bool {
        let of_account = self.account.as_ref().is_none_or(|named| named == account);
        let mut senders = self.senders.iter().flatten();
        self.channel == channel && of_account && (self.senders.is_none() || senders.any(is_sender))
    }
}

impl Config {
    /// The agent that answers a sender of this account, with its name; `is_sender` knows the sender
    /// by its id. The binding that names more decides: sender and account, then the sender, then
    /// the account, then the channel alone; among equals the first. Without any binding it is
    /// `main`, or the only agent.
    pub fn agent_for(
        &self,
        channel: Channel,
        account: &AccountId,
        is_sender: impl Fn(&SenderId) -> bool,
    ) -> Option<(&str, &Agent)> {
        let name = if self.bindings.is_empty() {
            let only = self.agents.keys().next().filter(|_| self.agents.len() == 1);
            only.map_or("main", String::as_str)
        } else {
            let fitting = self.bindings.iter();
            let fitting = fitting.filter(|binding| binding.fits(channel, account, &is_sender));
            let best = |binding: &&Binding| (binding.senders.is_none(), binding.account.is_none());
            &fitting.min_by_key(best)?.agent
        };
        self.agents
            .get_key_value(name)
            .map(|(name, agent)| (name.as_str(), agent))
    }

    /// The agent that answers whoever no binding names.
    pub fn agent_for_anyone(
        &self,
        channel: Channel,
        account: &AccountId,
    ) -> Option<(&str, &Agent)> {
        self.agent_for(channel, account, |_| false)
    }
}

/// `names` are all agents that are written, wrong ones included.
pub(super) fn resolve(
    routing: document::Routing,
    accounts: &Accounts,
    names: &BTreeSet<String>,
    report: &mut Report,
) -> Vec<Binding> {
    let mut resolved = Vec::new();
    let written = routing.bindings.into_iter().flatten().enumerate();
    for (position, binding) in written.filter_map(|(position, binding)| Some((position, binding?)))
    {
        let path = index("routing.bindings", position);
        let (Some(channel), Some(agent)) = (binding.channel, binding.agent) else {
            continue;
        };
        if names.is_empty() {
            let message = format!(
                "there is no agent {agent:?} under agents, so these messages get no answer"
            );
            report.warn(key(&path, "agent"), message);
        } else if !names.contains(&agent) {
            let suggestion = did_you_mean(&agent, names.iter().map(String::as_str));
            report.problem(
                key(&path, "agent"),
                format!("there is no agent {agent:?} under agents{suggestion}"),
            );
        }
        let channels = channels_of(channel, binding.account.as_deref(), accounts);
        let senders = binding.senders.map(|entries| {
            let channel = channels.first().copied().unwrap_or(channel);
            read_senders(channel, entries, &key(&path, "senders"), report)
        });
        for channel in channels {
            let account = binding
                .account
                .as_deref()
                .map(|name| account(channel, name, accounts, &path, report));
            resolved.push(Binding {
                channel,
                account: account.flatten(),
                senders: senders.clone(),
                agent: agent.clone(),
            });
        }
    }
    resolved
}

/// Bindings to `kakao` follow the accounts of KakaoWork that are written there.
fn channels_of(channel: Channel, account: Option<&str>, accounts: &Accounts) -> Vec<Channel> {
    let misplaced = match account.map(AccountId::parse) {
        None => !accounts.misplaced.is_empty(),
        Some(id) => id.is_some_and(|id| accounts.misplaced.contains(&id)),
    };
    match (channel, account) {
        (Channel::Kakao, Some(_)) if misplaced => vec![Channel::KakaoWork],
        (Channel::Kakao, None) if misplaced => vec![Channel::Kakao, Channel::KakaoWork],
        _ => vec![channel],
    }
}

fn account(
    channel: Channel,
    name: &str,
    accounts: &Accounts,
    path: &str,
    report: &mut Report,
) -> Option<AccountId> {
    let id = AccountId::parse(name);
    let known = || {
        accounts
            .places
            .keys()
            .filter(|(known, _)| *known == channel)
            .map(|(_, id)| id)
    };
    if !known().any(|known| Some(known) == id.as_ref()) {
        let suggestion = did_you_mean(name, known().map(AccountId::as_str));
        report.problem(
            key(path, "account"),
            format!("there is no account {name:?} of {channel}{suggestion}"),
        );
    }
    id
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

/// Accounts in use that no agent answers, or not everyone's messages.
pub(super) fn warn_of_silence(
    config: &Config,
    places: &BTreeMap<(Channel, AccountId), String>,
    report: &mut Report,
) {
    let kakao = config
        .kakao
        .values()
        .filter(|account| account.enabled)
        .map(|account| (Channel::Kakao, &account.id));
    let kakaowork = config.kakaowork.values().filter(|account| account.enabled);
    let used: Vec<_> = kakao
        .chain(kakaowork.map(|account| (Channel::KakaoWork, &account.id)))
        .collect();
    if config.agents.is_empty() {
        // Bindings have been warned of one by one.
        if config.bindings.is_empty() && !used.is_empty() {
            report.warn("agents", "there is no agent, so messages get no answer");
        }
        return;
    }
    for (channel, id) in used {
        if config.agent_for_anyone(channel, id).is_none() {
            let place = places
                .get(&(channel, id.clone()))
                .map_or("", String::as_str);
            let wrong = match config.agent_for(channel, id, |_| true) {
                None => "no binding in routing leads to an agent, so messages get no answer",
                Some(_) => {
                    "routing leads only the senders it names to an agent, so others get no answer"
                }
            };
            report.warn(place, wrong);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, load};
    use crate::identity::{AccountId, Channel, SenderId};

    fn config(agents: &str, bindings: &str) -> Config {
        let document = format!(
            r"{{
                channels: {{ kakao: {{ accounts: {{ shop: {{}}, home: {{}} }} }} }},
                agents: {{ {agents} }}, routing: {{ bindings: [{bindings}] }},
            }}"
        );
        load(&document, &|_| None).unwrap().config
    }

    fn agent(agents: &str, bindings: &str, account: &str) -> Option<String> {
        config(agents, bindings)
            .agent_for_anyone(Channel::Kakao, &AccountId::parse(account).unwrap())
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
                let account = AccountId::parse(account).unwrap();
                let sender = SenderId::parse(Channel::Kakao, sender).unwrap();
                let found = config.agent_for(Channel::Kakao, &account, |id| *id == sender);
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
