//! What the operator's commands work on: the `dari dev` of this directory, or else the deployed tables.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use shared::{
    access::{Access, Scope},
    clock::{Clock, Time},
    config::{Config, KakaoAccount, process_env},
    identity::{AccountId, Channel},
    keys::KeyRing,
    store,
};

use crate::{
    Failure,
    folder::{self, Running},
    stack,
};

pub(crate) struct Operator {
    pub(crate) config: Config,
    pub(crate) access: Access,
    /// The address of the local bundle.
    pub(crate) local: Option<Running>,
}

impl Operator {
    /// The local bundle if it runs; else, unless only that is wanted, the deployed tables the environment names.
    pub(crate) async fn find(local: bool) -> Result<Self, Failure> {
        let noted = Running::read();
        if let Some(running) = &noted
            && running.is_there().await
        {
            let config = folder::load_without_secrets(&running.config)?.config;
            let keys = running.key_ring()?;
            let client = store::embedded_client(&running.dynamodb).await;
            let access = Access::new(client, stack::ACCESS_TABLE.to_owned(), Arc::new(keys));
            return Ok(Self {
                config,
                access,
                local: noted,
            });
        }
        let deployed = (
            process_env("DARI_ACCESS_TABLE"),
            process_env("DARI_CONFIG_FILE"),
        );
        let (false, (Some(table), Some(file))) = (local, deployed) else {
            return Err(Failure::failed(match noted {
                Some(_) => {
                    "the `dari dev` of this directory is not running any more: start it again"
                }
                None => "no `dari dev` runs in this directory: start it in another terminal",
            }));
        };
        let config = folder::load(Path::new(&file))?.config;
        let keys = config
            .keys
            .clone()
            .ok_or_else(|| Failure::usage(format!("{file} has no keys")))?;
        let client = aws_sdk_dynamodb::Client::new(&store::sdk_settings().load().await);
        Ok(Self {
            access: Access::new(client, table, Arc::new(KeyRing::new(keys))),
            config,
            local: None,
        })
    }

    /// The accounts of a channel, or the one that is named.
    pub(crate) fn scopes(
        &self,
        channel: Option<&str>,
        account: Option<&str>,
    ) -> Result<Vec<Scope>, Failure> {
        let channel = channel.map(parse_channel).transpose()?;
        let wanted = account.map(parse_account).transpose()?;
        let kakao = self
            .config
            .kakao
            .keys()
            .map(|account| (Channel::Kakao, account));
        let kakaowork = self
            .config
            .kakaowork
            .keys()
            .map(|account| (Channel::KakaoWork, account));
        let scopes: Vec<_> = kakao
            .chain(kakaowork)
            .filter(|(of, _)| channel.is_none_or(|channel| channel == *of))
            .filter(|(_, account)| wanted.as_ref().is_none_or(|wanted| wanted == *account))
            .map(|(channel, account)| Scope {
                channel,
                account: account.clone(),
            })
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

    pub(crate) fn accounts(&self) -> &BTreeMap<AccountId, KakaoAccount> {
        &self.config.kakao
    }

    fn known(&self) -> String {
        let kakao = self
            .config
            .kakao
            .keys()
            .map(|account| format!("kakao {account}"));
        let kakaowork = self
            .config
            .kakaowork
            .keys()
            .map(|account| format!("kakaowork {account}"));
        kakao.chain(kakaowork).collect::<Vec<_>>().join(", ")
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
