//! Which agent answers where.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Agent, Config,
    channels::Accounts,
    document,
    problem::{Report, did_you_mean, index, key},
};
use crate::identity::{AccountId, Channel};

/// Sends the messages of a channel, or of one account of it, to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub channel: Channel,
    /// All accounts of the channel if none is named.
    pub account: Option<AccountId>,
    /// A key of [`Config::agents`], unless no agents are configured at all.
    pub agent: String,
}

impl Config {
    /// The agent that answers this account, with its name. The first binding that fits decides; one that names the account goes before one
    /// that does not. Without any binding it is `main`, or the only agent.
    pub fn agent_for(&self, channel: Channel, account: &AccountId) -> Option<(&str, &Agent)> {
        let name = if self.bindings.is_empty() {
            let only = self.agents.keys().next().filter(|_| self.agents.len() == 1);
            only.map_or("main", String::as_str)
        } else {
            let of_channel = || {
                self.bindings
                    .iter()
                    .filter(|binding| binding.channel == channel)
            };
            let named = of_channel().find(|binding| binding.account.as_ref() == Some(account));
            &named
                .or_else(|| of_channel().find(|binding| binding.account.is_none()))?
                .agent
        };
        self.agents
            .get_key_value(name)
            .map(|(name, agent)| (name.as_str(), agent))
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
        for channel in channels_of(channel, binding.account.as_deref(), accounts) {
            let account = binding
                .account
                .as_deref()
                .map(|name| account(channel, name, accounts, &path, report));
            resolved.push(Binding {
                channel,
                account: account.flatten(),
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

/// Accounts in use that no agent answers.
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
        if config.agent_for(channel, id).is_none() {
            let place = places
                .get(&(channel, id.clone()))
                .map_or("", String::as_str);
            report.warn(
                place,
                "no binding in routing leads to an agent, so messages get no answer",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use crate::identity::{AccountId, Channel};

    fn agent(agents: &str, bindings: &str, account: &str) -> Option<String> {
        let document = format!(
            r"{{
                channels: {{ kakao: {{ accounts: {{ shop: {{}}, home: {{}} }} }} }},
                agents: {{ {agents} }}, routing: {{ bindings: [{bindings}] }},
            }}"
        );
        let config = load(&document, &|_| None).unwrap().config;
        config
            .agent_for(Channel::Kakao, &AccountId::parse(account).unwrap())
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
    fn an_account_outside_all_bindings_gets_no_agent_and_a_warning() {
        let bindings = "{ channel: 'kakao', account: 'shop', agent: 'a' }";
        assert_eq!(agent("a: { kind: 'echo' }", bindings, "home"), None);
        let document = "{ channels: { kakao: { dmPolicy: 'disabled' } }, agents: { a: { kind: 'echo' }, b: { kind: 'echo' } } }";
        let warnings = load(document, &|_| None).unwrap().warnings;
        let expected =
            "channels.kakao: no binding in routing leads to an agent, so messages get no answer";
        assert!(
            warnings
                .iter()
                .any(|warning| warning.to_string() == expected)
        );
    }
}
