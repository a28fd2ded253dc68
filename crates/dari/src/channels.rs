//! `dari channels status`: one line per account, and with `--probe` whether its parts answer.

use std::time::Duration;

use agents::Agent;
use outside::Http;
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::{
    config::{Account, AgentKind, KakaoSettings, Policy},
    env::process_env,
    identity::{Channel, Scope},
};

use crate::{
    args::ChannelsCommand,
    failure::Failure,
    operator::{Operator, now},
    place::{Place, Wanted},
};

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

struct Status {
    channel: Channel,
    account: String,
    name: Option<String>,
    enabled: bool,
    configured: bool,
    running: bool,
    policy: Option<Policy>,
    agent: Option<String>,
    pending: usize,
    probe: Option<Result<(), String>>,
    issues: Vec<String>,
}

pub(crate) async fn run(command: ChannelsCommand, wanted: Wanted) -> Result<(), Failure> {
    let ChannelsCommand::Status { probe, json } = command;
    let mut operator = Operator::find(wanted).await?;
    if let (true, Place::Local(running)) = (probe, &operator.place) {
        // A probe needs the agent's token, and so every variable of the document.
        operator.config = running.configuration_with_secrets()?.config;
    }
    let mut statuses = Vec::new();
    for account in operator.config.accounts.values() {
        statuses.push(match account.kakao() {
            Some(kakao) => operator.status(account, kakao, probe).await?,
            None => not_served(account),
        });
    }
    let rejected = match &operator.place {
        Place::Local(running) => running.rejected_edit(),
        Place::Deployed(_) => None,
    };
    if json {
        let statuses: Vec<_> = statuses.iter().map(Status::json).collect();
        show!(
            "{:#}",
            json!({ "channels": statuses, "rejectedEdit": rejected })
        );
    } else if statuses.is_empty() {
        show!("No account is configured.");
    } else {
        for status in &statuses {
            show!("{status}");
        }
    }
    if !json && let Some(why) = &rejected {
        show!("! The edited configuration is not in force: {why}");
    }
    if statuses
        .iter()
        .any(|status| matches!(status.probe, Some(Err(_))))
    {
        Err(Failure::failed("a probe failed"))
    } else {
        Ok(())
    }
}

fn not_served(account: &Account) -> Status {
    Status {
        channel: account.scope.channel,
        account: account.id().to_string(),
        name: account.name.clone(),
        enabled: account.enabled,
        configured: false,
        running: false,
        policy: None,
        agent: None,
        pending: 0,
        probe: None,
        issues: vec!["KakaoWork is not served yet".to_owned()],
    }
}

impl Operator {
    async fn status(
        &self,
        account: &Account,
        kakao: &KakaoSettings,
        probe: bool,
    ) -> Result<Status, Failure> {
        let pending = self
            .access
            .pending(&account.scope, now())
            .await
            .map_err(Failure::failed)?
            .len();
        let configured = kakao.skill.keys.candidates().next().is_some();
        let agent = self.agent(&account.scope);
        let mut issues = Vec::new();
        if !configured {
            issues.push("no skillKey of 24 characters or more: every request is refused; set one here and in Kakao's console".to_owned());
        }
        if agent.is_none() {
            issues.push("no agent is bound: people are told so; add one under `agents`".to_owned());
        }
        Ok(Status {
            channel: account.scope.channel,
            account: account.id().to_string(),
            name: account.name.clone(),
            enabled: account.enabled,
            configured,
            running: account.enabled && configured,
            policy: Some(account.policy),
            agent: agent.as_ref().map(|(name, _)| name.clone()),
            pending,
            probe: match (probe, configured) {
                (false, _) => None,
                (true, false) => Some(Err("every request is refused".to_owned())),
                (true, true) => Some(self.probe(agent).await),
            },
            issues,
        })
    }

    fn agent(&self, scope: &Scope) -> Option<(String, AgentKind)> {
        let given = match &self.place {
            Place::Local(running) => running.agent.as_deref(),
            Place::Deployed(_) => None,
        };
        match given {
            Some("echo") => Some(("echo".to_owned(), AgentKind::Echo)),
            Some(url) => {
                // The probe asks every endpoint for its list of models in the same way, so any kind
                // will do.
                let token = process_env("DARI_AGENT_TOKEN").map(SecretString::from);
                Some((
                    url.to_owned(),
                    AgentKind::OpenClaw {
                        url: url.parse().ok()?,
                        token,
                        agent_id: None,
                    },
                ))
            }
            None => {
                let (name, agent) = self.config.agent_for_anyone(scope)?;
                Some((name.to_owned(), agent.kind.clone()))
            }
        }
    }

    /// Asks the webhook and the agent whether they are there.
    async fn probe(&self, agent: Option<(String, AgentKind)>) -> Result<(), String> {
        let http = Http::new(&[]).map_err(|error| error.to_string())?;
        let health = match &self.place {
            Place::Local(running) => format!("{}/health", running.url),
            Place::Deployed(stack) => stack.health_url.clone(),
        };
        let health = health
            .parse()
            .map_err(|_| "the webhook has no usable address".to_owned())?;
        let answer = http
            .agent(reqwest::Method::GET, health)
            .within(PROBE_TIMEOUT)
            .send()
            .await;
        match answer {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => return Err(format!("the webhook answers with {}", answer.status())),
            Err(failure) => return Err(format!("the webhook does not answer: {failure}")),
        }
        let (_, kind) = agent.ok_or("no agent is bound")?;
        let agent = Agent::new(&kind, &http);
        match tokio::time::timeout(PROBE_TIMEOUT, agent.probe(now())).await {
            Ok(Ok(report)) if report.listed => Ok(()),
            Ok(Ok(report)) => Err(format!("the agent does not list {}", report.target)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the agent does not answer in 10 s".to_owned()),
        }
    }
}

impl Status {
    fn json(&self) -> Value {
        json!({
            "channel": self.channel,
            "accountId": self.account,
            "name": self.name,
            "enabled": self.enabled,
            "configured": self.configured,
            "running": self.running,
            "dmPolicy": self.policy.map(Policy::as_str),
            "agent": self.agent,
            "pendingPairings": self.pending,
            "probe": self.probe.as_ref().map(|probe| json!({ "ok": probe.is_ok(), "error": probe.as_ref().err() })),
            "issues": self.issues,
        })
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.channel, self.account)?;
        if let Some(name) = &self.name {
            write!(f, " ({name})")?;
        }
        write!(f, ": {}", if self.enabled { "enabled" } else { "disabled" })?;
        write!(
            f,
            ", {}",
            if self.configured {
                "configured"
            } else {
                "not configured"
            }
        )?;
        write!(
            f,
            ", {}",
            if self.running {
                "running"
            } else {
                "not running"
            }
        )?;
        if let Some(policy) = self.policy {
            write!(f, ", {}", policy.as_str())?;
        }
        if let Some(agent) = &self.agent {
            write!(f, ", agent {agent}")?;
        }
        if self.pending > 0 {
            write!(f, ", {} waiting to be let in", self.pending)?;
        }
        match &self.probe {
            Some(Ok(())) => write!(f, ", works")?,
            Some(Err(why)) => write!(f, ", probe failed: {why}")?,
            None => {}
        }
        for issue in &self.issues {
            write!(f, "\n  ! {issue}")?;
        }
        Ok(())
    }
}
