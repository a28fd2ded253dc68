//! What every function does before its first event: settings, configuration, clients, all at once.
//! Whatever is missing is said by name.

mod standby;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use futures_util::future::join_all;
use outside::{Http, SetupError};

use crate::{
    access::Access,
    aws::{self, Lack},
    clock::Clock,
    config::{self, Config, Problems},
    env::{ConfigSource, Hosts, Need, Settings, process_env},
    keys::KeyRing,
    live::LiveConfig,
    queue::SqsTurnQueue,
    secrets::ConfigSecret,
    store,
    turn::Turns,
};

pub use self::standby::Standby;

/// For the configuration at start: without it nothing else counts, and a first connection takes its
/// time.
const FIRST_READ: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the environment is incomplete:\n{0}")]
    Settings(Problems),
    #[error("the configuration cannot be used:\n{0}")]
    Config(Problems),
    #[error("the configuration has no `keys`; `dari config push` adds them")]
    NoKeys,
    /// Everything that is missing, a line each.
    #[error("{0}")]
    Lacking(String),
    /// The configuration cannot be read at the moment.
    #[error("{0}")]
    Unavailable(String),
    #[error(transparent)]
    Http(#[from] SetupError),
}

impl StartError {
    /// Whether it stays so until somebody mends it.
    pub fn is_lasting(&self) -> bool {
        !matches!(self, Self::Unavailable(_))
    }
}

/// What functions are made of.
pub struct Parts {
    pub config: LiveConfig,
    pub keys: Arc<KeyRing>,
    pub http: Http,
    pub hosts: Hosts,
    sdk: Clients,
    places: BTreeMap<Need, String>,
}

#[derive(Clone)]
struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
}

/// Reads the configuration and looks whether every need is there, all at once. Tables and queue are
/// asked through the clients that will be used: that warms their connections.
pub async fn start(needs: &[Need]) -> Result<Parts, StartError> {
    let settings = Settings::from_env(needs, &process_env).map_err(StartError::Settings)?;
    let hosts = settings.hosts;
    let http = Http::new(&hosts.extra_origins)?;
    let settings_of_sdk = aws::sdk_settings().load().await;
    let sdk = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&settings_of_sdk),
        sqs: aws_sdk_sqs::Client::new(&settings_of_sdk),
    };
    let source = Source::new(settings.config_source, &settings_of_sdk);
    let checks = settings
        .places
        .iter()
        .map(|(need, place)| sdk.check(*need, place));
    let (document, lacking) = tokio::join!(source.read(), join_all(checks));
    let document = match (document, lacking.concat()) {
        (Ok(document), lacking) if lacking.is_empty() => document,
        (Err(unread), lacking) if lacking.is_empty() && !unread.is_lasting => {
            return Err(StartError::Unavailable(unread.line));
        }
        (document, mut lacking) => {
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
        http,
        hosts,
        sdk,
        places: settings.places,
    })
}

impl Parts {
    pub fn access(&self) -> Result<Access, StartError> {
        let table = self.place(Need::AccessTable)?;
        let client = self.sdk.dynamodb.clone();
        Ok(Access::new(client, table, Arc::clone(&self.keys)))
    }

    pub fn turns(&self) -> Result<Turns, StartError> {
        let table = self.place(Need::TurnsTable)?;
        let client = self.sdk.dynamodb.clone();
        Ok(Turns::new(client, table, Arc::clone(&self.keys)))
    }

    pub fn queue(&self) -> Result<SqsTurnQueue, StartError> {
        let url = self.place(Need::TurnQueue)?;
        Ok(SqsTurnQueue::new(self.sdk.sqs.clone(), url))
    }

    fn place(&self, need: Need) -> Result<String, StartError> {
        let not_named = || StartError::Lacking(format!("{need:?} is not among the needs"));
        self.places.get(&need).cloned().ok_or_else(not_named)
    }
}

impl Clients {
    /// A line about what is wrong with it, if something is. What may pass is left to each event: it
    /// has an answer for that.
    async fn check(&self, need: Need, place: &str) -> Vec<String> {
        let (kind, checked) = match need {
            Need::AccessTable | Need::TurnsTable => {
                ("table", store::check_table(&self.dynamodb, place).await)
            }
            Need::TurnQueue => {
                let queue = SqsTurnQueue::new(self.sqs.clone(), place.to_owned());
                ("queue", queue.check().await)
            }
        };
        match checked {
            Ok(()) => Vec::new(),
            Err(lack) if lack.is_lasting() => {
                let variable = need.variable();
                let mend = mend(&lack, need.resource());
                vec![format!("{variable}: the {kind} {place}: {lack}; {mend}")]
            }
            Err(lack) => {
                tracing::warn!(%lack, place, "not to be had at start");
                Vec::new()
            }
        }
    }
}

fn mend(lack: &Lack, resource: &str) -> String {
    match lack {
        Lack::Denied { .. } => {
            "the function's role in template.yaml allows it (docs/permissions.md)".to_owned()
        }
        Lack::Missing | Lack::Unavailable { .. } => {
            format!("{resource} of template.yaml provides it")
        }
    }
}

/// Where the configuration comes from.
enum Source {
    File(PathBuf),
    Secret {
        first: ConfigSecret,
        later: ConfigSecret,
    },
}

struct Unread {
    line: String,
    is_lasting: bool,
}

impl Source {
    fn new(source: ConfigSource, sdk: &SdkConfig) -> Self {
        match source {
            ConfigSource::File(file) => Self::File(file),
            ConfigSource::Secret(name) => {
                let later = aws_sdk_secretsmanager::Client::new(sdk);
                let patient = aws_sdk_secretsmanager::config::Builder::from(sdk)
                    .timeout_config(aws::timeouts(FIRST_READ))
                    .build();
                let first = aws_sdk_secretsmanager::Client::from_conf(patient);
                Self::Secret {
                    first: ConfigSecret::new(first, name.clone()),
                    later: ConfigSecret::new(later, name),
                }
            }
        }
    }

    async fn read(&self) -> Result<String, Unread> {
        match self {
            Self::File(file) => std::fs::read_to_string(file).map_err(|error| Unread {
                line: format!("DARI_CONFIG_FILE: {}: {error}", file.display()),
                is_lasting: true,
            }),
            Self::Secret { first, .. } => first.read().await.map_err(|lack| {
                let mend = match lack {
                    Lack::Missing => "`dari config push` fills the ConfigSecret of template.yaml",
                    Lack::Denied { .. } | Lack::Unavailable { .. } => &mend(&lack, "ConfigSecret"),
                };
                Unread {
                    line: format!(
                        "DARI_CONFIG_SECRET: the secret {}: {lack}; {mend}",
                        first.name()
                    ),
                    is_lasting: lack.is_lasting(),
                }
            }),
        }
    }

    fn live(self, config: Config, keys: &Arc<KeyRing>) -> LiveConfig {
        match self {
            Self::File(_) => LiveConfig::new(config),
            Self::Secret { later, .. } => {
                LiveConfig::from_secret(config, later, Arc::clone(keys), Clock::System.now())
            }
        }
    }
}
