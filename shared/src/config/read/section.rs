//! From the section of a channel to the settings of its accounts: what is written at the top is the
//! account `default`, or what every account inherits.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
};

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    parse::Env,
    problem::{Report, key},
    values,
};
use crate::identity::{AccountId, Channel, Scope};

/// Settings written here are the account `default` or, if there are `accounts`, what those do not say themselves.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{A}Channel", bound = "A: JsonSchema")]
pub(crate) struct Section<A> {
    #[serde(flatten)]
    #[schemars(with = "A")]
    shared: Map<String, Value>,
    /// The account that commands mean when they name none.
    default_account: Option<String>,
    /// One entry per bot, under a name of letters, digits, `-` and `_`; upper case is folded.
    #[schemars(with = "Option<BTreeMap<String, A>>")]
    accounts: Option<BTreeMap<String, Option<Map<String, Value>>>>,
    #[serde(skip)]
    _account: PhantomData<fn() -> A>,
}

/// A section, taken apart.
pub(crate) struct Split {
    pub(crate) path: &'static str,
    /// Whether the channel is used at all.
    pub(crate) enabled: bool,
    /// What `defaultAccount` says.
    pub(crate) default: Option<String>,
    /// At least one.
    pub(crate) accounts: Vec<Entry>,
}

/// The settings of one account, its own and inherited, before they are read.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) id: AccountId,
    settings: Map<String, Value>,
    /// Where the account is.
    pub(crate) path: String,
    /// Where its section is, and the names of what is inherited from there.
    section: &'static str,
    inherited: BTreeSet<String>,
}

impl<A> Section<A> {
    /// `path` is where the section is.
    pub(crate) fn split(self, path: &'static str, report: &mut Report) -> Split {
        let shared = self.shared;
        let enabled = shared
            .get("enabled")
            .and_then(Value::as_bool)
            .unwrap_or(true);
        let mut accounts: Vec<Entry> = Vec::new();
        for (name, own) in self.accounts.into_iter().flatten() {
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
            accounts.push(Entry {
                id,
                settings,
                path: path_of_account,
                section: path,
                inherited,
            });
        }
        if accounts.is_empty() {
            accounts.push(Entry {
                id: AccountId::default(),
                settings: shared,
                path: path.to_owned(),
                section: path,
                inherited: BTreeSet::new(),
            });
        }
        Split {
            path,
            enabled,
            default: self.default_account,
            accounts,
        }
    }
}

impl Entry {
    /// Of an account of this channel.
    pub(crate) fn scope(&self, channel: Channel) -> Scope {
        Scope {
            channel,
            account: self.id.clone(),
        }
    }

    /// Where a setting is written, or would be. A setting inside another has a dotted name.
    pub(crate) fn at(&self, name: &str) -> String {
        let outer = name.split('.').next().unwrap_or_default();
        let place = if self.inherited.contains(outer) {
            self.section
        } else {
            &self.path
        };
        format!("{place}.{name}")
    }

    /// Whether a setting is written, and not as null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.settings
            .get(name)
            .is_some_and(|value| !value.is_null())
    }

    /// The settings that are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    /// With what the environment says about the account `default`, as in the original documents.
    /// The document goes first. `variables` are settings, with the name of the variable of each.
    #[must_use]
    pub(crate) fn completed(mut self, variables: &[(&str, &str)], env: Env<'_>) -> Self {
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
    pub(crate) fn typed<A: DeserializeOwned>(&self, report: &mut Report) -> Option<A> {
        values::typed(&self.settings, &self.path, report)
    }
}
