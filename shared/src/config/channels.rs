//! From the sections of the channels to one map of accounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    account::{self, Account},
    dev::Dev,
    kakao::{self, KakaoSettings},
    kakaowork,
    read::{
        parse::Env,
        problem::{Report, did_you_mean, key},
        section::{Entry, Section, Split},
    },
};
use crate::identity::{AccountId, Channel, Scope};

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Channels")]
pub(super) struct Written {
    /// KakaoTalk, through the skill of a chatbot.
    kakao: Option<Section<account::Written<kakao::Written>>>,
    /// KakaoWork, through a bot.
    kakaowork: Option<Section<account::Written<kakaowork::Written>>>,
}

#[derive(Default)]
pub(super) struct Accounts {
    /// Disabled ones included; channels that are switched off have none.
    pub(super) all: BTreeMap<Scope, Account>,
    pub(super) defaults: BTreeMap<Channel, AccountId>,
    pub(super) dev: Dev,
    /// Where every account is written, those of switched-off channels included.
    pub(super) places: BTreeMap<Scope, Place>,
}

/// Where an account is written.
pub(super) struct Place {
    /// The channel whose section it is in.
    pub(super) section: Channel,
    pub(super) path: String,
}

impl Written {
    pub(super) fn read(self, env: Env<'_>, report: &mut Report) -> Accounts {
        let mut accounts = Accounts::default();
        let may_be_kakaowork = self.kakaowork.is_none();
        if let Some(section) = self.kakao {
            let section = section.split("channels.kakao", report);
            accounts.add(Channel::Kakao, section, may_be_kakaowork, env, report);
        }
        if let Some(section) = self.kakaowork {
            let section = section.split("channels.kakaowork", report);
            accounts.add(Channel::KakaoWork, section, false, env, report);
        }
        accounts.choose_defaults();
        accounts
    }
}

/// The original document on KakaoWork writes its accounts under `kakao`: they hold settings of
/// KakaoWork and none, not even in the environment, that KakaoTalk alone has.
fn is_kakaowork(entry: &Entry, env: Env<'_>) -> bool {
    let known = |name| kakaowork::SETTINGS.contains(&name) || account::SETTINGS.contains(&name);
    kakaowork::SETTINGS.iter().any(|name| entry.has(name))
        && entry
            .clone()
            .completed(kakao::VARIABLES, env)
            .names()
            .all(known)
}

impl Accounts {
    /// Takes in the accounts of a section; `may_be_kakaowork` if it is the only one, so that an
    /// account of KakaoWork may be written in it.
    fn add(
        &mut self,
        section: Channel,
        written: Split,
        may_be_kakaowork: bool,
        env: Env<'_>,
        report: &mut Report,
    ) {
        let mut inner = Report::default();
        for entry in written.accounts {
            let mut channel = section;
            if may_be_kakaowork && is_kakaowork(&entry, env) {
                channel = Channel::KakaoWork;
                inner.warn(
                    entry.path.clone(),
                    "holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork",
                );
            }
            let variables = match channel {
                Channel::Kakao => kakao::VARIABLES,
                Channel::KakaoWork => kakaowork::VARIABLES,
            };
            let entry = entry.completed(variables, env);
            let (scope, path) = (entry.scope(channel), entry.path.clone());
            self.places.insert(scope.clone(), Place { section, path });
            let read = account::read(channel, &entry, &mut inner);
            let Some((account, dev)) = read.filter(|_| written.enabled) else {
                continue;
            };
            if account.enabled {
                self.refuse_a_shared_key(&account, &entry, &mut inner);
                self.dev = std::mem::take(&mut self.dev).or(dev);
            }
            self.all.insert(scope, account);
        }
        report.absorb(inner, written.enabled);
        if let Some(name) = written.default {
            self.set_default(section, written.path, &name, report);
        }
    }

    fn refuse_a_shared_key(&self, account: &Account, entry: &Entry, report: &mut Report) {
        let Some(kakao) = account.kakao() else { return };
        for other in self.all.values().filter(|other| other.enabled) {
            let has_same = |other: &KakaoSettings| other.skill.keys.overlap(&kakao.skill.keys);
            if other.kakao().is_some_and(has_same) {
                let message = format!(
                    "the account {} has the same key; each account needs its own",
                    other.id()
                );
                report.problem(entry.at("skillKey"), message);
            }
        }
    }

    fn set_default(&mut self, section: Channel, path: &str, name: &str, report: &mut Report) {
        let id = AccountId::parse(name);
        let known = self
            .places
            .iter()
            .find(|(scope, place)| place.section == section && Some(&scope.account) == id.as_ref());
        if let Some((scope, _)) = known {
            self.defaults.insert(scope.channel, scope.account.clone());
        } else {
            let known = self.places.keys().map(|scope| scope.account.as_str());
            let message = format!("there is no account {name:?}{}", did_you_mean(name, known));
            report.problem(key(path, "defaultAccount"), message);
        }
    }

    /// `default`, or the first one in use, or the first one.
    fn choose_defaults(&mut self) {
        let mut candidates: Vec<_> = self.all.values().collect();
        candidates.sort_by_key(|account| (account.id().as_str() != "default", !account.enabled));
        for Account { scope, .. } in candidates {
            self.defaults
                .entry(scope.channel)
                .or_insert_with(|| scope.account.clone());
        }
    }
}
