//! Where the configuration comes from: a secret, or a file on a laptop.

use std::{path::PathBuf, sync::Arc, time::Duration};

use aws_config::SdkConfig;

use super::error::mend;
use crate::{
    aws::{self, Lack},
    clock::Clock,
    config::Config,
    env::ConfigSource,
    keys::KeyRing,
    live::LiveConfig,
    secrets::ConfigSecret,
};

/// For the configuration at start: without it nothing else counts, and a first connection takes its
/// time.
const FIRST_READ: Duration = Duration::from_secs(2);

pub(super) enum Source {
    File(PathBuf),
    Secret {
        first: ConfigSecret,
        later: ConfigSecret,
    },
}

/// Why the configuration is not there.
pub(super) struct Unread {
    pub(super) line: String,
    pub(super) is_lasting: bool,
}

impl Source {
    pub(super) fn new(source: ConfigSource, sdk: &SdkConfig) -> Self {
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

    pub(super) async fn read(&self) -> Result<String, Unread> {
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

    pub(super) fn live(self, config: Config, keys: &Arc<KeyRing>) -> LiveConfig {
        match self {
            Self::File(_) => LiveConfig::new(config),
            Self::Secret { later, .. } => {
                LiveConfig::from_secret(config, later, Arc::clone(keys), Clock::System.now())
            }
        }
    }
}
