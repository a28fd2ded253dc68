//! The agents of a configuration: what kind they are, and where.

use std::{collections::BTreeMap, fmt, time::Duration};

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use url::{Host, Url};

use super::read::{
    problem::{Report, key},
    values::{self, Secret, text},
};

/// How long an agent may think unless it says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(5);

const DEFAULT_MEMORY_TURNS: u16 = 20;

/// Lengths of a signing secret in bytes, as Standard Webhooks want them.
const SIGNING_SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What produces answers.
#[derive(Clone, Debug)]
pub struct Agent {
    pub kind: AgentKind,
    /// How long it may think, 5 to 900 seconds.
    pub timeout: Duration,
}

/// The kinds of agents, with what it takes to speak to them. Addresses are http or https and hold
/// no user or password.
#[derive(Clone)]
pub enum AgentKind {
    Echo,
    OpenClaw {
        url: Url,
        token: Option<SecretString>,
        agent_id: Option<String>,
    },
    OpenAiChat(OpenAi),
    OpenAiResponses(OpenAi),
    Webhook {
        url: Url,
        /// The key of the signature, decoded: 24 to 64 bytes.
        secret: SecretSlice<u8>,
    },
}

/// An endpoint as `OpenAI` defines it, which remembers nothing.
#[derive(Clone)]
pub struct OpenAi {
    pub url: Url,
    pub token: Option<SecretString>,
    pub model: String,
    pub instructions: Option<String>,
    /// How many of the last turns it is reminded of, at most 100.
    pub memory_turns: u16,
    /// Whether the model takes pictures.
    pub images: bool,
}

impl AgentKind {
    /// As it is written in a configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::OpenClaw { .. } => "openclaw",
            Self::OpenAiChat(_) => "openai-chat",
            Self::OpenAiResponses(_) => "openai-responses",
            Self::Webhook { .. } => "webhook",
        }
    }
}

/// The kind alone: an address can hold a secret in its query.
impl fmt::Debug for AgentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind")]
#[schemars(rename = "Agent")]
pub(super) enum Written {
    /// Says what it was told, to try things out.
    #[serde(rename = "echo")]
    Echo(Timeout),
    /// An OpenClaw gateway. It remembers the conversation itself.
    #[serde(rename = "openclaw")]
    OpenClaw(WrittenOpenClaw),
    /// Any endpoint with `/chat/completions`, as OpenAI defines it. Dari sends the last turns with each question.
    #[serde(rename = "openai-chat")]
    OpenAiChat(WrittenOpenAi),
    /// Any endpoint with `/responses`, as OpenAI defines it. Nothing is stored there; Dari sends the last turns with each question.
    #[serde(rename = "openai-responses")]
    OpenAiResponses(WrittenOpenAi),
    /// A server of your own, called as Standard Webhooks describe; its answer is the reply.
    #[serde(rename = "webhook")]
    Webhook(WrittenWebhook),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct Timeout {
    /// How long it may think. Default: 300.
    #[schemars(range(min = 5, max = 900))]
    timeout_seconds: Option<u64>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct WrittenOpenClaw {
    /// The address of the gateway, such as `http://127.0.0.1:18789`.
    #[schemars(required)]
    url: Option<String>,
    /// The token of the gateway.
    token: Option<Secret>,
    /// The agent behind the gateway. Default: the gateway's own choice.
    agent_id: Option<String>,
    #[serde(flatten)]
    timeout: Timeout,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct WrittenOpenAi {
    /// The base address, up to `/v1`.
    #[schemars(required)]
    url: Option<String>,
    /// The API key.
    token: Option<Secret>,
    /// The name of the model.
    #[schemars(required)]
    model: Option<String>,
    /// What the model is told before every conversation.
    instructions: Option<String>,
    /// How many of the last turns it is reminded of. Default: 20.
    #[schemars(range(min = 0, max = 100))]
    memory_turns: Option<u16>,
    /// Whether the model takes pictures; if not, it is only told how many came. Default: true.
    images: Option<bool>,
    #[serde(flatten)]
    timeout: Timeout,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct WrittenWebhook {
    /// The address that is called.
    #[schemars(required)]
    url: Option<String>,
    /// The secret that signs the calls: `whsec_` and 24 to 64 bytes in base64.
    #[schemars(required)]
    secret: Option<Secret>,
    #[serde(flatten)]
    timeout: Timeout,
}

/// Agents that are wrong in some way are reported and left out.
pub(super) fn read(
    agents: BTreeMap<String, Option<Written>>,
    report: &mut Report,
) -> BTreeMap<String, Agent> {
    let mut resolved = BTreeMap::new();
    for (name, agent) in agents {
        let path = key("agents", &name);
        if let Some(agent) = agent.and_then(|agent| read_one(agent, &path, report)) {
            resolved.insert(name, agent);
        }
    }
    resolved
}

fn read_one(agent: Written, path: &str, report: &mut Report) -> Option<Agent> {
    let (kind, timeout) = match agent {
        Written::Echo(timeout) => (AgentKind::Echo, timeout),
        Written::OpenClaw(agent) => {
            let url = address(agent.url.as_deref(), path, report)?;
            let token = agent.token.and_then(Secret::read);
            let agent_id = text(agent.agent_id);
            (
                AgentKind::OpenClaw {
                    url,
                    token,
                    agent_id,
                },
                agent.timeout,
            )
        }
        Written::OpenAiChat(agent) => {
            let (settings, timeout) = open_ai(agent, path, report)?;
            (AgentKind::OpenAiChat(settings), timeout)
        }
        Written::OpenAiResponses(agent) => {
            let (settings, timeout) = open_ai(agent, path, report)?;
            (AgentKind::OpenAiResponses(settings), timeout)
        }
        Written::Webhook(agent) => {
            let url = address(agent.url.as_deref(), path, report);
            let secret = signing_secret(agent.secret, path, report);
            (
                AgentKind::Webhook {
                    url: url?,
                    secret: secret?,
                },
                agent.timeout,
            )
        }
    };
    Some(Agent {
        kind,
        timeout: timeout
            .timeout_seconds
            .map_or(DEFAULT_TIMEOUT, Duration::from_secs),
    })
}

fn open_ai(agent: WrittenOpenAi, path: &str, report: &mut Report) -> Option<(OpenAi, Timeout)> {
    let url = address(agent.url.as_deref(), path, report);
    let model = text(agent.model);
    if model.is_none() {
        report.problem(key(path, "model"), "must not be empty");
    }
    let settings = OpenAi {
        url: url?,
        token: agent.token.and_then(Secret::read),
        model: model?,
        instructions: agent.instructions,
        memory_turns: agent.memory_turns.unwrap_or(DEFAULT_MEMORY_TURNS),
        images: agent.images.unwrap_or(true),
    };
    Some((settings, agent.timeout))
}

/// A missing one was reported already.
fn address(text: Option<&str>, path: &str, report: &mut Report) -> Option<Url> {
    let path = key(path, "url");
    match values::address(text?) {
        Ok(url) => {
            if url.scheme() == "http" && !is_loopback(&url) {
                report.warn(path, "http to another machine: everyone on the way can read the token and the messages; use https");
            }
            Some(url)
        }
        Err(wrong) => {
            report.problem(path, wrong);
            None
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn signing_secret(
    secret: Option<Secret>,
    path: &str,
    report: &mut Report,
) -> Option<SecretSlice<u8>> {
    let secret = secret?.read();
    let decoded = secret.and_then(|secret| {
        let text = secret.expose_secret();
        values::base64(text.strip_prefix("whsec_").unwrap_or(text))
    });
    let fitting =
        decoded.filter(|bytes| SIGNING_SECRET_BYTES.contains(&bytes.expose_secret().len()));
    if fitting.is_none() {
        report.problem(
            key(path, "secret"),
            "must be whsec_ and 24 to 64 bytes in base64",
        );
    }
    fitting
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::{
        super::{Loaded, load},
        *,
    };

    fn loaded(agent: &str) -> Result<Loaded, String> {
        load(&format!("{{ agents: {{ a: {{ {agent} }} }} }}"), &|_| None)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn an_agent_gets_its_defaults() {
        let agent = loaded("kind: 'openai-chat', url: 'https://api.example.com/v1', model: 'm'")
            .unwrap()
            .config
            .agents
            .remove("a")
            .unwrap();
        assert_eq!(agent.timeout, Duration::from_mins(5));
        assert!(matches!(
            agent.kind,
            AgentKind::OpenAiChat(OpenAi {
                memory_turns: 20,
                token: None,
                instructions: None,
                images: true,
                ..
            })
        ));
        assert_eq!(format!("{:?}", agent.kind), "openai-chat");
    }

    #[test]
    fn addresses_that_cannot_be_called_are_refused() {
        for (url, wrong) in [
            (
                "agent.example.com",
                "must be a whole address, such as https://agent.example.com",
            ),
            (
                "",
                "must be a whole address, such as https://agent.example.com",
            ),
            ("localhost:18789", "must start with https:// or http://"),
            ("file:///etc/passwd", "must start with https:// or http://"),
            (
                "https://user@example.com",
                "must not hold a user or password",
            ),
            ("https://example.com/#a", "must not have a part after #"),
        ] {
            let problem = loaded(&format!("kind: 'openclaw', url: '{url}'")).unwrap_err();
            assert_eq!(problem, format!("agents.a.url: {wrong}"), "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for (url, warned) in [
            ("http://127.0.0.1:18789", false),
            ("http://localhost:18789", false),
            ("http://[::1]:18789", false),
            ("https://agent.example.com", false),
            ("http://agent.example.com", true),
            ("http://10.0.0.7", true),
            ("http://127.0.0.1.example.com", true),
        ] {
            let warnings = loaded(&format!("kind: 'openclaw', url: '{url}'"))
                .unwrap()
                .warnings;
            assert_eq!(warnings.len(), usize::from(warned), "{url}");
        }
    }

    #[test]
    fn a_signing_secret_has_24_to_64_bytes() {
        for (bytes, fits) in [(23, false), (24, true), (64, true), (65, false)] {
            let secret = base64::engine::general_purpose::STANDARD.encode(vec![0xfb; bytes]);
            for secret in [format!("whsec_{secret}"), secret] {
                let loaded = loaded(&format!(
                    "kind: 'webhook', url: 'https://example.com', secret: '{secret}'"
                ));
                match loaded {
                    Ok(loaded) => {
                        assert!(fits);
                        let AgentKind::Webhook { secret, .. } = &loaded.config.agents["a"].kind
                        else {
                            panic!("not a webhook")
                        };
                        assert_eq!(secret.expose_secret(), vec![0xfb; bytes]);
                    }
                    Err(problem) => {
                        assert!(!fits);
                        assert_eq!(
                            problem,
                            "agents.a.secret: must be whsec_ and 24 to 64 bytes in base64"
                        );
                    }
                }
            }
        }
    }
}
