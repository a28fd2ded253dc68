//! What every function does before its first event: settings, configuration, clients. Whatever is missing is said by name.

use std::sync::Arc;

use crate::{
    access::Access,
    config::{self, ConfigSource, LiveConfig, Problems, Settings},
    http::{CallbackHosts, Http, Origin, SetupError},
    keys::KeyRing,
    queue::SqsTurnQueue,
    store,
    turn::Turns,
};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the environment is incomplete:\n{0}")]
    Settings(Problems),
    #[error("the configuration cannot be used:\n{0}")]
    Config(Problems),
    #[error("the configuration {0} cannot be read")]
    Unreadable(String),
    #[error(
        "the configuration has no `keys`; `dari dev` shows how they look in .dari/config.json5"
    )]
    NoKeys,
    #[error(transparent)]
    Http(#[from] SetupError),
}

/// What the functions are made of.
pub struct Parts {
    pub config: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub access: Access,
    pub turns: Turns,
    pub queue: SqsTurnQueue,
    pub http: Http,
    pub callback_hosts: CallbackHosts,
    pub extra_origins: Vec<Origin>,
}

pub async fn start() -> Result<Parts, StartError> {
    let settings = Settings::from_env(&config::process_env).map_err(StartError::Settings)?;
    let loaded = config::load(&document(&settings.config_source)?, &config::process_env)
        .map_err(StartError::Config)?;
    for warning in &loaded.warnings {
        tracing::warn!(%warning, "the configuration");
    }
    let keys = loaded.config.keys.clone().ok_or(StartError::NoKeys)?;
    let keys = Arc::new(KeyRing::new(keys));
    let sdk = store::sdk_settings().load().await;
    let dynamodb = aws_sdk_dynamodb::Client::new(&sdk);
    let hosts = settings.hosts;
    Ok(Parts {
        config: LiveConfig::new(loaded.config),
        access: Access::new(dynamodb.clone(), settings.access_table, Arc::clone(&keys)),
        turns: Turns::new(dynamodb, settings.turns_table, Arc::clone(&keys)),
        keys,
        queue: SqsTurnQueue::new(aws_sdk_sqs::Client::new(&sdk), settings.turn_queue_url),
        http: Http::new(&hosts.extra_origins)?,
        callback_hosts: hosts.for_callbacks(),
        extra_origins: hosts.extra_origins,
    })
}

fn document(source: &ConfigSource) -> Result<String, StartError> {
    match source {
        ConfigSource::File(file) => std::fs::read_to_string(file)
            .map_err(|_| StartError::Unreadable(file.display().to_string())),
        ConfigSource::Secret(name) => Err(StartError::Unreadable(format!("in the secret {name}"))),
    }
}
