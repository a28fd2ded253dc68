//! From the section of a channel to its accounts: what is written at the top is the account
//! `default`, or what every account inherits.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Dev, Env, KakaoAccount, KakaoWorkAccount, document,
    document::Section,
    problem::{Report, did_you_mean, key},
    read, talk, work,
};
use crate::identity::{AccountId, Channel};

/// The settings of one account, its own and inherited, before they are read.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) id: AccountId,
    settings: Map<String, Value>,
    /// Where the account is.
    pub(super) path: String,
    /// Where its section is, and what is inherited from there.
    section: &'static str,
    inherited: BTreeSet<String>,
}

impl Written {
    /// Where a setting is written, or would be. A setting inside another has a dotted name.
    pub(super) fn at(&self, name: &str) -> String {
        let outer = name.split('.').next().unwrap_or_default();
        let place = if self.inherited.contains(outer) {
            self.section
        } else {
            &self.path
        };
        format!("{place}.{name}")
    }

    fn has(&self, name: &str) -> bool {
        self.settings
            .get(name)
            .is_some_and(|value| !value.is_null())
    }

    /// What the environment says about the account `default`, as in the original documents. The
    /// document goes first.
    #[must_use]
    fn completed(mut self, variables: &[(&str, &str)], env: Env<'_>) -> Self {
        for (name, variable) in variables.iter().filter(|_| self.id == AccountId::default()) {
            if let Some(value) =
                env(variable).filter(|value| !value.trim().is_empty() && !self.has(name))
            {
                self.settings.insert((*name).to_owned(), value.into());
            }
        }
        self
    }

    /// The typed settings. They fit: the checker saw to it.
    pub(super) fn settings<A: for<'de> Deserialize<'de>>(&self, report: &mut Report) -> Option<A> {
        read(Value::Object(self.settings.clone()), &self.path, report)
    }

    /// The original document on KakaoWork writes its accounts under `kakao`: they hold nothing that
    /// KakaoTalk alone has.
    fn is_misplaced(&self) -> bool {
        [
            "appKey",
            "keyFile",
            "callbackToken",
            "callbackUrl",
            "callbackPath",
            "proxy",
        ]
        .into_iter()
        .any(|name| self.has(name))
            && self
                .settings
                .keys()
                .all(|name| work::SETTINGS.contains(&name.as_str()))
    }
}

/// The accounts of all channels, disabled ones included; channels that are switched off have none.
#[derive(Default)]
pub(super) struct Accounts {
    pub(super) kakao: BTreeMap<AccountId, KakaoAccount>,
    pub(super) kakaowork: BTreeMap<AccountId, KakaoWorkAccount>,
    pub(super) defaults: BTreeMap<Channel, AccountId>,
    pub(super) dev: Dev,
    /// Where every account is written, those of switched-off channels included.
    pub(super) places: BTreeMap<(Channel, AccountId), String>,
    /// Accounts of KakaoWork that are written under `kakao`.
    pub(super) misplaced: BTreeSet<AccountId>,
}

pub(super) fn resolve(channels: document::Channels, env: Env<'_>, report: &mut Report) -> Accounts {
    let mut accounts = Accounts::default();
    let may_move = channels.kakaowork.is_none();
    if let Some(section) = channels.kakao {
        let mut section = split(section, "channels.kakao", report);
        for written in std::mem::take(&mut section.accounts) {
            let completed = written.clone().completed(talk::VARIABLES, env);
            if may_move && written.is_misplaced() && completed.is_misplaced() {
                section.report.warn(
                    written.path.clone(),
                    "holds settings of KakaoWork only, so it is read as a KakaoWork account; write it under channels.kakaowork",
                );
                accounts.misplaced.insert(written.id.clone());
                accounts.add_work(&written.completed(work::VARIABLES, env), &mut section);
            } else {
                accounts.add_talk(&completed, &mut section);
            }
        }
        accounts.close(section, report);
    }
    if let Some(section) = channels.kakaowork {
        let mut section = split(section, "channels.kakaowork", report);
        for written in std::mem::take(&mut section.accounts) {
            accounts.add_work(&written.completed(work::VARIABLES, env), &mut section);
        }
        accounts.close(section, report);
    }
    accounts.choose_defaults();
    accounts
}

/// A section on its way to accounts.
struct Split {
    path: &'static str,
    enabled: bool,
    default: Option<String>,
    accounts: Vec<Written>,
    /// Of the accounts; its warnings are nothing if the channel is switched off.
    report: Report,
}

fn split<A>(section: Section<A>, path: &'static str, report: &mut Report) -> Split {
    let shared = section.shared;
    let enabled = shared
        .get("enabled")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let mut accounts: Vec<Written> = Vec::new();
    for (name, own) in section.accounts.into_iter().flatten() {
        let path_of_account = key(&key(path, "accounts"), &name);
        let Some(id) = AccountId::parse(&name) else {
            report.problem(
                path_of_account,
                "the name of an account has 1 to 64 letters, digits, - and _",
            );
            continue;
        };
        if accounts.iter().any(|known| known.id == id) {
            report.problem(
                path_of_account,
                format!("there is another account {id}: upper and lower case are the same"),
            );
            continue;
        }
        let own = own.unwrap_or_default();
        let inherited = shared
            .keys()
            .filter(|name| !own.contains_key(*name))
            .cloned()
            .collect();
        let settings = shared.clone().into_iter().chain(own).collect();
        accounts.push(Written {
            id,
            settings,
            path: path_of_account,
            section: path,
            inherited,
        });
    }
    if accounts.is_empty() {
        let (id, path_of_account) = (AccountId::default(), path.to_owned());
        accounts.push(Written {
            id,
            settings: shared,
            path: path_of_account,
            section: path,
            inherited: BTreeSet::new(),
        });
    }
    Split {
        path,
        enabled,
        default: section.default_account,
        accounts,
        report: Report::default(),
    }
}

impl Accounts {
    fn add_talk(&mut self, written: &Written, section: &mut Split) {
        self.places
            .insert((Channel::Kakao, written.id.clone()), written.path.clone());
        let Some((account, dev)) = talk::read(written, &mut section.report) else {
            return;
        };
        if !section.enabled {
            return;
        }
        if account.enabled {
            for other in self.kakao.values().filter(|other| other.enabled) {
                if share_a_key(&account, other) {
                    let message = format!(
                        "the account {} has the same key; each account needs its own",
                        other.id
                    );
                    section.report.problem(written.at("skillKey"), message);
                }
            }
            self.dev = Dev {
                webhook_port: self.dev.webhook_port.or(dev.webhook_port),
                webhook_path: self.dev.webhook_path.take().or(dev.webhook_path),
            };
        }
        self.kakao.insert(written.id.clone(), account);
    }

    fn add_work(&mut self, written: &Written, section: &mut Split) {
        self.places.insert(
            (Channel::KakaoWork, written.id.clone()),
            written.path.clone(),
        );
        let account = work::read(written, &mut section.report).filter(|_| section.enabled);
        self.kakaowork
            .extend(account.map(|account| (written.id.clone(), account)));
    }

    fn close(&mut self, section: Split, report: &mut Report) {
        report.absorb(section.report, section.enabled);
        let Some(name) = section.default else { return };
        let known = AccountId::parse(&name).and_then(|id| {
            self.places
                .iter()
                .find(|((_, known), path)| *known == id && path.starts_with(section.path))
        });
        if let Some(((channel, id), _)) = known {
            self.defaults.insert(*channel, id.clone());
        } else {
            let suggestion = did_you_mean(&name, self.places.keys().map(|(_, id)| id.as_str()));
            let message = format!("there is no account {name:?}{suggestion}");
            report.problem(key(section.path, "defaultAccount"), message);
        }
    }

    /// `default`, or the first one in use, or the first one.
    fn choose_defaults(&mut self) {
        let kakao = self
            .kakao
            .values()
            .map(|account| (Channel::Kakao, &account.id, account.enabled));
        let kakaowork = self
            .kakaowork
            .values()
            .map(|account| (Channel::KakaoWork, &account.id, account.enabled));
        let mut candidates: Vec<_> = kakao.chain(kakaowork).collect();
        candidates.sort_by_key(|(_, id, enabled)| (id.as_str() != "default", !enabled));
        for (channel, id, _) in candidates {
            self.defaults.entry(channel).or_insert_with(|| id.clone());
        }
    }
}

fn share_a_key(account: &KakaoAccount, other: &KakaoAccount) -> bool {
    let keys = |account: &KakaoAccount| -> BTreeSet<String> {
        account
            .skill_keys
            .candidates()
            .map(|key| key.expose_secret().to_owned())
            .collect()
    };
    !keys(account).is_disjoint(&keys(other))
}
