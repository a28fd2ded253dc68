//! The configuration in force, which may change while a process runs: a laptop is told, a function
//! looks into its secret now and then.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    clock::Time,
    config::{self, Config},
    env::process_env,
    keys::KeyRing,
    secrets::ConfigSecret,
    telemetry::{Metric, count},
};

/// What was read longer ago than this is read again before it is used: a change counts within a
/// minute (F-74).
const REREAD_AFTER: Duration = Duration::from_secs(55);
/// The secret is not asked again sooner than this, whatever happens: a flood of wrong keys costs
/// nothing (F-75).
const REREAD_PAUSE: Duration = Duration::from_secs(30);

/// Clones share one configuration; whoever begins something takes what is current then, and keeps
/// it to the end.
#[derive(Clone, Debug)]
pub struct LiveConfig {
    current: Arc<RwLock<Arc<Config>>>,
    source: Option<Arc<Source>>,
}

#[derive(Debug)]
struct Source {
    secret: ConfigSecret,
    keys: Arc<KeyRing>,
    /// Milliseconds since the epoch, as [`Time`].
    read: AtomicU64,
    tried: AtomicU64,
}

impl LiveConfig {
    pub fn new(config: Config) -> Self {
        Self {
            current: Arc::new(RwLock::new(Arc::new(config))),
            source: None,
        }
    }

    /// A configuration that was read from its secret just now, and will be again; `keys` are kept
    /// in step with it.
    pub fn from_secret(
        config: Config,
        secret: ConfigSecret,
        keys: Arc<KeyRing>,
        now: Time,
    ) -> Self {
        Self {
            source: Some(Arc::new(Source {
                secret,
                keys,
                read: AtomicU64::new(now.as_millis()),
                tried: AtomicU64::new(now.as_millis()),
            })),
            ..Self::new(config)
        }
    }

    pub fn current(&self) -> Arc<Config> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn replace(&self, config: Config) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// The configuration, not older than a minute. If its secret cannot be read, what was in force
    /// goes on.
    pub async fn fresh(&self, now: Time) -> Arc<Config> {
        let due = self.source.as_ref().is_some_and(|source| {
            let read = Time::from_millis(source.read.load(Ordering::Relaxed));
            now.since(read) >= REREAD_AFTER
        });
        if due {
            self.reread(now).await;
        }
        self.current()
    }

    /// Whether there is somewhere to read a newer one.
    pub fn has_source(&self) -> bool {
        self.source.is_some()
    }

    /// Reads the secret again, at most once per `REREAD_PAUSE`; true if a new one was loaded.
    pub async fn reread(&self, now: Time) -> bool {
        let Some(source) = &self.source else {
            return false;
        };
        let tried = Time::from_millis(source.tried.load(Ordering::Relaxed));
        if now.since(tried) < REREAD_PAUSE {
            return false;
        }
        source.tried.store(now.as_millis(), Ordering::Relaxed);
        match source.read_again().await {
            Ok(config) => {
                source.read.store(now.as_millis(), Ordering::Relaxed);
                self.replace(config);
                true
            }
            Err(why) => {
                count(Metric::ConfigStale);
                tracing::error!(%why, secret = source.secret.name(), "the configuration could not be read again; the old one goes on");
                false
            }
        }
    }
}

impl Source {
    async fn read_again(&self) -> Result<Config, String> {
        let document = self.secret.read().await.map_err(|lack| lack.to_string())?;
        let loaded =
            config::load(&document, &process_env).map_err(|problems| problems.to_string())?;
        let keys = loaded.config.keys.clone().ok_or("it has no `keys`")?;
        self.keys.replace(keys).map_err(|error| error.to_string())?;
        Ok(loaded.config)
    }
}

#[cfg(test)]
mod tests {
    use aws_config::Region;
    use aws_sdk_secretsmanager::{Client, config::Credentials};
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

    use super::*;
    use crate::{
        aws,
        test_keys::{DIGEST, SEALING},
    };

    const OLD: &str = "old-key-old-key-old-key-old";
    const NEW: &str = "new-key-new-key-new-key-new";

    fn document(skill_key: &str, digest: &str) -> String {
        json!({
            "channels": { "kakao": { "skillKey": skill_key } },
            "agents": { "main": { "kind": "echo" } },
            "keys": { "digest": digest, "sealing": { "1": SEALING } },
        })
        .to_string()
    }

    fn at(seconds: u64) -> Time {
        Time::from_millis(1_800_000_000_000 + seconds * 1_000)
    }

    /// A configuration with the old key, read at 0, and the server that answers for its secret from
    /// then on.
    async fn started() -> (LiveConfig, MockServer) {
        let server = MockServer::start().await;
        let sdk = aws::sdk_settings(Duration::from_millis(700))
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(server.uri())
            .load()
            .await;
        let secret = ConfigSecret::new(Client::new(&sdk), "dari/config".to_owned());
        let config = config::load(&document(OLD, DIGEST), &|_| None)
            .unwrap()
            .config;
        let keys = Arc::new(KeyRing::new(config.keys.clone().unwrap()));
        let live = LiveConfig::from_secret(config, secret, keys, at(0));
        (live, server)
    }

    async fn holds(server: &MockServer, document: &str) {
        server.reset().await;
        let answer = ResponseTemplate::new(200).set_body_json(json!({ "SecretString": document }));
        Mock::given(method("POST"))
            .respond_with(answer)
            .mount(server)
            .await;
    }

    fn accepts(config: &Config, key: &str) -> bool {
        use secrecy::ExposeSecret;
        let mut keys = config
            .kakao()
            .flat_map(|(_, kakao)| kakao.skill.keys.candidates());
        keys.any(|known| known.expose_secret() == key)
    }

    async fn asked(server: &MockServer) -> usize {
        server.received_requests().await.unwrap().len()
    }

    #[tokio::test]
    async fn f74_a_changed_secret_counts_within_a_minute_and_is_not_asked_for_before() {
        let (live, server) = started().await;
        holds(&server, &document(NEW, DIGEST)).await;
        assert!(accepts(&*live.fresh(at(54)).await, OLD));
        assert_eq!(asked(&server).await, 0);
        let config = live.fresh(at(60)).await;
        assert!(accepts(&config, NEW) && !accepts(&config, OLD));
        live.fresh(at(114)).await;
        assert_eq!(asked(&server).await, 1);
        live.fresh(at(115)).await;
        assert_eq!(asked(&server).await, 2);
    }

    #[tokio::test]
    async fn f75_ten_thousand_wrong_keys_in_a_minute_ask_for_the_secret_once() {
        let (live, server) = started().await;
        holds(&server, &document(NEW, DIGEST)).await;
        for request in 0..10_000_u64 {
            live.fresh(at(request * 60 / 10_000)).await;
            live.reread(at(request * 60 / 10_000)).await;
        }
        assert_eq!(asked(&server).await, 1, "at 30 s; the next may be at 60 s");
        assert!(accepts(&live.current(), NEW));
    }

    #[tokio::test]
    async fn what_cannot_be_used_leaves_the_old_configuration_in_force() {
        let (live, server) = started().await;
        let unusable = ["{ channels: 7 }".to_owned(), document(NEW, SEALING)];
        for (attempt, document) in (1..).zip(&unusable) {
            holds(&server, document).await;
            assert!(accepts(&*live.fresh(at(attempt * 60)).await, OLD));
            assert_eq!(asked(&server).await, 1);
        }
        server.reset().await;
        assert!(accepts(&*live.fresh(at(300)).await, OLD));
        assert!(asked(&server).await > 0);
        holds(&server, &document(NEW, DIGEST)).await;
        assert!(
            accepts(&*live.fresh(at(310)).await, OLD),
            "it has just failed"
        );
        assert!(accepts(&*live.fresh(at(330)).await, NEW));
    }
}
