//! `dari channels status`: one line per account, and with `--probe` whether its parts answer.

use std::time::Duration;

use agents::{Agent, NoAnswer, ProbeReport};
use outside::Http;
use serde_json::{Value, json};
use shared::{
    config::{Account, AgentKind, KakaoSettings, Policy},
    identity::{Channel, Scope},
};

use crate::{
    args::ChannelsCommand,
    dev,
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
    let mut unknown = None;
    if let (true, Place::Local(running)) = (probe, &operator.place) {
        // A probe needs the agent's token, and so every variable of the document.
        operator.config = running.configuration_with_secrets()?.config;
        if let Some(given) = &running.agent {
            let answered = dev::answer_with(&mut operator.config, given).await;
            unknown = answered.err().map(|failure| failure.to_string());
        }
    }
    let unknown = unknown.as_deref();
    let mut statuses = Vec::new();
    for account in operator.config.accounts.values() {
        statuses.push(match account.kakao() {
            Some(kakao) => operator.status(account, kakao, probe, unknown).await?,
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
    /// `unknown` says why the agent of `dari dev --agent` cannot be told, if it cannot.
    async fn status(
        &self,
        account: &Account,
        kakao: &KakaoSettings,
        probe: bool,
        unknown: Option<&str>,
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
            agent: agent.as_ref().map(|(name, _)| (*name).to_owned()),
            pending,
            probe: match (probe, configured) {
                (false, _) => None,
                (true, false) => Some(Err("every request is refused".to_owned())),
                (true, true) => Some(match unknown {
                    Some(why) => Err(why.to_owned()),
                    None => self.probe(agent.and_then(|(_, kind)| kind)).await,
                }),
            },
            issues,
        })
    }

    /// The agent that answers, and how to reach it if that is known.
    fn agent(&self, scope: &Scope) -> Option<(&str, Option<&AgentKind>)> {
        let configured = self.config.agent_for_anyone(scope);
        let given = match &self.place {
            Place::Local(running) => running.agent.as_deref(),
            Place::Deployed(_) => None,
        };
        match (given, configured) {
            // Only a probe finds out what kind of agent is at the address of `--agent`.
            (Some(given), Some((name, agent))) if given == name => Some((name, Some(&agent.kind))),
            (Some(given), _) => Some((given, None)),
            (None, configured) => configured.map(|(name, agent)| (name, Some(&agent.kind))),
        }
    }

    /// Asks the webhook and the agent whether they are there.
    async fn probe(&self, agent: Option<&AgentKind>) -> Result<(), String> {
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
        let agent = Agent::new(agent.ok_or("no agent is bound")?, &http);
        match tokio::time::timeout(PROBE_TIMEOUT, look_at(&agent)).await {
            Ok(Ok(report)) if report.listed => Ok(()),
            Ok(Ok(report)) => Err(format!("the agent does not list {}", report.target)),
            Ok(Err(none)) => Err(none.to_string()),
            Err(_) => Err("the agent does not answer in 10 s".to_owned()),
        }
    }
}

/// Whether the agent is there and takes our token.
async fn look_at(agent: &Agent) -> Result<ProbeReport, NoAnswer> {
    let report = agent.probe(now()).await?;
    agent.knock().await?;
    Ok(report)
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
