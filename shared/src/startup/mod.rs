//! What every function does before its first event: settings, configuration, clients, all at once.
//! Whatever is missing is said by name.

mod error;
mod parts;
mod source;
mod standby;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;

pub use self::{error::StartError, parts::Parts, standby::Standby};
use self::{parts::Clients, source::Source};
use crate::{
    aws,
    clock::Clock,
    config,
    env::{Need, Settings, process_env},
    keys::KeyRing,
};

/// Reads the configuration and checks that every need is there, all at once. Tables and queues are
/// asked through the clients that will be used, which warms their connections. One call to AWS may
/// take `patience`, both its tries included.
pub async fn start(needs: &[Need], patience: Duration) -> Result<Parts, StartError> {
    let settings = Settings::from_env(needs, &process_env).map_err(StartError::Settings)?;
    let sdk = aws::sdk_settings(patience).load().await;
    let clients = Clients::new(needs, &sdk);
    let source = Source::new(settings.config_source, &sdk);
    let checks = settings
        .places
        .iter()
        .map(|(need, place)| clients.check(*need, place));
    let (document, checked) = tokio::join!(source.read(), join_all(checks));
    let mut lacking: Vec<_> = checked.into_iter().flatten().collect();
    let document = match document {
        Ok(document) if lacking.is_empty() => document,
        Err(unread) if lacking.is_empty() && !unread.is_lasting => {
            return Err(StartError::Unavailable(unread.line));
        }
        document => {
            lacking.extend(document.err().map(|unread| unread.line));
            return Err(StartError::Lacking(lacking.join("\n")));
        }
    };
    let loaded = config::load(&document, &process_env).map_err(StartError::Config)?;
    for warning in &loaded.warnings {
        tracing::warn!(%warning, "the configuration");
    }
    let keys = loaded.config.keys.clone().ok_or(StartError::NoKeys)?;
    let keys = Arc::new(KeyRing::new(keys));
    Ok(Parts {
        config: source.live(loaded.config, &keys),
        keys,
        hosts: settings.hosts,
        clock: Clock::System,
        clients,
        places: settings.places,
    })
}
