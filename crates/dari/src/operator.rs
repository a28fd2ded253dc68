//! What the operator's commands work on: the accounts and approvals of one bundle.

use std::sync::Arc;

use bundle::tables;
use shared::{
    access::Access,
    clock::{Clock, Time},
    config::{self, Config},
    identity::{AccountId, Channel, Scope},
    keys::KeyRing,
    store,
};

use crate::{
    deployed::Deployed,
    failure::Failure,
    folder::Running,
    place::{Place, Wanted},
    secret::Stage,
};

pub(crate) struct Operator {
    pub(crate) config: Config,
    pub(crate) access: Access,
    pub(crate) place: Place,
}

impl Operator {
    pub(crate) async fn find(wanted: Wanted) -> Result<Self, Failure> {
        match wanted.find().await? {
            Place::Local(running) => Self::here(running).await,
            Place::Deployed(stack) => Self::of(stack).await,
        }
    }

    async fn here(mut running: Running) -> Result<Self, Failure> {
        let config = running.configuration().await?.config;
        let keys = Arc::new(running.key_ring()?);
        let client = store::embedded_client(&running.dynamodb).await;
        Ok(Self {
            access: Access::new(client, tables::ACCESS.to_owned(), keys),
            config,
            place: Place::Local(running),
        })
    }

    pub(crate) async fn of(stack: Deployed) -> Result<Self, Failure> {
        let name = stack.secret.name();
        let unusable = |why: &str| {
            Failure::failed(format!(
                "the configuration in the secret {name} {why}: `dari config push FILE`"
            ))
        };
        let stored = stack.secret.read(Stage::Current).await?;
        let stored = stored.ok_or_else(|| unusable("has not been stored yet"))?;
        let config = config::load(&stored.text, &|_| None)
            .map_err(|problems| {
                let problems = problems.to_string().replace('\n', "; ");
                unusable(&format!("cannot be used ({problems})"))
            })?
            .config;
        let keys = config.keys.clone().ok_or_else(|| unusable("has no keys"))?;
        let keys = Arc::new(KeyRing::new(keys));
        let (client, table) = (stack.dynamodb.clone(), stack.access_table.clone());
        Ok(Self {
            access: Access::new(client, table, keys),
            config,
            place: Place::Deployed(stack),
        })
    }

    /// The configured accounts: only those of `channel`, and only the one named `account`, if these
    /// are given. Finding none is a mistake in the command line.
    pub(crate) fn scopes(
        &self,
        channel: Option<&str>,
        account: Option<&str>,
    ) -> Result<Vec<Scope>, Failure> {
        let channel = channel.map(parse_channel).transpose()?;
        let wanted = account.map(parse_account).transpose()?;
        let scopes: Vec<_> = self
            .config
            .accounts
            .keys()
            .filter(|scope| channel.is_none_or(|channel| channel == scope.channel))
            .filter(|scope| {
                wanted
                    .as_ref()
                    .is_none_or(|wanted| *wanted == scope.account)
            })
            .cloned()
            .collect();
        if scopes.is_empty() {
            let what = match (account, channel) {
                (Some(account), _) => format!("there is no account {account:?}"),
                (None, Some(channel)) => format!("no account of {channel} is configured"),
                (None, None) => "no account is configured".to_owned(),
            };
            let known = match self.known() {
                known if known.is_empty() => "add one under channels.kakao".to_owned(),
                known => format!("configured are: {known}"),
            };
            return Err(Failure::usage(format!("{what}; {known}")));
        }
        Ok(scopes)
    }

    fn known(&self) -> String {
        let scopes = self.config.accounts.keys();
        scopes
            .map(|scope| format!("{} {}", scope.channel, scope.account))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

pub(crate) fn now() -> Time {
    Clock::System.now()
}

pub(crate) fn parse_channel(name: &str) -> Result<Channel, Failure> {
    Channel::parse(name).ok_or_else(|| {
        Failure::usage(format!(
            "{name:?} is no channel; there are kakao and kakaowork"
        ))
    })
}

fn parse_account(name: &str) -> Result<AccountId, Failure> {
    AccountId::parse(name).ok_or_else(|| {
        Failure::usage(format!(
            "{name:?} is no account name: letters, digits, - and _"
        ))
    })
}
