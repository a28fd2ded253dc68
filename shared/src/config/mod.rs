//! The configuration: one JSON5 document that says which channels, accounts and agents there are
//! (contract.md §3). It is read whole: every problem is reported at once, with its place.
//!
//! A file here is a concern: what can be written about it, how that is read, and what comes out.
//! The machinery they share is in `read`.

mod account;
mod agents;
mod channels;
mod dev;
mod document;
mod kakao;
mod kakaowork;
mod keys;
mod login;
mod outbound;
pub(crate) mod read;
mod routing;
#[cfg(test)]
mod samples_tests;
mod senders;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::{
    account::{Account, ChannelSettings, Concurrency, Locale},
    agents::{Agent, AgentKind, OpenAi},
    dev::Dev,
    document::schema,
    kakao::{KakaoSettings, Skill, SkillKeys},
    kakaowork::{AppKey, KakaoWorkSettings},
    login::Login,
    outbound::Outbound,
    read::{
        parse::Env,
        problem::{Problem, Problems},
    },
    routing::Binding,
    senders::{AllowFrom, Policy},
};
use self::{
    document::{Document, written_schema},
    read::{check, parse, problem::Report, values},
};
use crate::{
    identity::{AccountId, Channel, Scope, SenderId},
    keys::Keys,
};

/// What a document says, with every default filled in.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Disabled ones included; a channel that is switched off has none.
    pub accounts: BTreeMap<Scope, Account>,
    /// The account that a command means when it names none; there for every channel that has
    /// accounts.
    pub default_account: BTreeMap<Channel, AccountId>,
    pub agents: BTreeMap<String, Agent>,
    pub bindings: Vec<Binding>,
    /// The functions cannot do without; `dari dev` makes its own.
    pub keys: Option<Keys>,
    pub dev: Dev,
}

impl Config {
    pub fn account(&self, channel: Channel, id: &AccountId) -> Option<&Account> {
        self.of_channel(channel).find(|account| account.id() == id)
    }

    pub fn of_channel(&self, channel: Channel) -> impl Iterator<Item = &Account> {
        let all = self.accounts.values();
        all.filter(move |account| account.scope.channel == channel)
    }

    /// The accounts of KakaoTalk, with what only they have.
    pub fn kakao(&self) -> impl Iterator<Item = (&Account, &KakaoSettings)> {
        let all = self.accounts.values();
        all.filter_map(|account| Some((account, account.kakao()?)))
    }

    /// The agent that answers a sender of this account, with its name; `is_sender` knows the sender
    /// by its id. The binding that names more decides: sender and account, then the sender, then
    /// the account, then the channel alone; among equals the first. Without any binding it is
    /// `main`, or the only agent.
    pub fn agent_for(
        &self,
        scope: &Scope,
        is_sender: impl Fn(&SenderId) -> bool,
    ) -> Option<(&str, &Agent)> {
        routing::choose(&self.agents, &self.bindings, scope, is_sender)
    }

    /// The agent that answers whoever no binding names.
    pub fn agent_for_anyone(&self, scope: &Scope) -> Option<(&str, &Agent)> {
        self.agent_for(scope, |_| false)
    }
}

/// A document that can be used, and what its owner should know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<Problem>,
}

/// Reads a JSON5 document; `env` answers for `${NAME}`, and for a few settings of the accounts
/// `default` that are not in the document: `KAKAO_APP_KEY`, `KAKAO_REST_API_KEY`,
/// `KAKAO_ADMIN_KEY`, `KAKAO_CHANNEL_ID` and `KAKAOWORK_APP_KEY`.
pub fn load(text: &str, env: Env<'_>) -> Result<Loaded, Problems> {
    let mut value = parse::parse(text)?;
    let mut report = Report::default();
    parse::substitute(&mut value, "", env, &mut report);
    check::check(&written_schema(), &mut value, &mut report);
    let config = if value.is_object() {
        let document = values::typed(value, "", &mut report);
        document.map(|document| resolve(document, env, &mut report))
    } else {
        // The checker has reported it.
        None
    };
    let (config, warnings) = report.finish(config)?;
    Ok(Loaded { config, warnings })
}

fn resolve(document: Document, env: Env<'_>, report: &mut Report) -> Config {
    let accounts = document
        .channels
        .map(|channels| channels.read(env, report))
        .unwrap_or_default();
    let written = document.agents.unwrap_or_default();
    let names = written.keys().cloned().collect();
    let agents = agents::read(written, report);
    let bindings = document
        .routing
        .map(|routing| routing.read(&accounts, &names, report))
        .unwrap_or_default();
    let keys = document.keys.and_then(|keys| keys.read(report));
    routing::warn_of_silence(&accounts, &agents, &bindings, report);
    Config {
        accounts: accounts.all,
        default_account: accounts.defaults,
        agents,
        bindings,
        keys,
        dev: accounts.dev,
    }
}

/// The document with its variables filled in. It stands alone: whoever loads it needs no
/// environment, and reads what this one would.
pub fn standalone(text: &str, env: Env<'_>) -> Result<Value, Problems> {
    let mut value = parse::parse(text)?;
    let mut report = Report::default();
    parse::substitute(&mut value, "", env, &mut report);
    parse::escape(&mut value);
    Ok(report.finish(Some(value))?.0)
}

/// The `keys` of a document, as they are written and as they are; everything else in it may be
/// wrong.
pub fn keys_of(text: &str) -> Result<Option<(Value, Keys)>, Problems> {
    let document = parse::parse(text)?;
    let Some(keys) = document.get("keys").filter(|keys| !keys.is_null()) else {
        return Ok(None);
    };
    let alone = serde_json::json!({ "keys": keys }).to_string();
    let loaded = load(&alone, &|_| None)?;
    Ok(loaded.config.keys.map(|read| (keys.clone(), read)))
}
