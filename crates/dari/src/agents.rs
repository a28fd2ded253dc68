//! `dari agents test`: asks an agent one question, as a person's message would, and prints what
//! came of it.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use agents::{Agent, AgentError, NoAnswer, ProbeReport, Question, Said};
use outside::Http;
use reply::Part;
use serde_json::{Value, json};
use shared::{
    config::{AgentKind, Config, Locale},
    env::process_env,
    identity::{AccountId, Channel, Scope},
    keys::random_id,
    message::Message,
};
use url::Url;

use crate::{
    args::{AgentTestArgs, AgentsCommand},
    deployed, dev,
    failure::Failure,
    folder::{self, Running},
    operator::{Operator, now},
    place::{Place, Wanted},
};

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Most entries of an endpoint's list of models that are printed.
const MAX_LISTED: usize = 12;

pub(crate) async fn run(command: AgentsCommand, wanted: Wanted) -> Result<(), Failure> {
    let AgentsCommand::Test(args) = command;
    let (settings, config) = find(wanted).await?;
    let subject = Subject::choose(&config, args.name.as_deref())?;
    subject.test(&args, &settings).await
}

/// The configuration, and the name of the place it was read from. If no `dari dev` runs and nobody
/// can mean a stack on AWS, the configuration file alone will do.
async fn find(wanted: Wanted) -> Result<(String, Config), Failure> {
    let file_will_do = match wanted {
        Wanted::Local => true,
        Wanted::Stack(_) => false,
        Wanted::Any => {
            process_env("DARI_STACK").is_none_or(|name| name.is_empty())
                && deployed::region().await.is_none()
        }
    };
    match wanted.find().await {
        Ok(Place::Local(running)) => of_running(running).await,
        Ok(Place::Deployed(stack)) => {
            let place = format!("the secret {}", stack.secret.name());
            Ok((place, Operator::of(stack).await?.config))
        }
        Err(nothing_there) => {
            let file = process_env("DARI_CONFIG_FILE").filter(|file| !file.is_empty());
            let file = file.map_or_else(folder::own_config, PathBuf::from);
            if !file_will_do || !file.exists() {
                return Err(nothing_there);
            }
            let config = folder::load(&file)?.config;
            Ok((file.display().to_string(), config))
        }
    }
}

async fn of_running(running: Running) -> Result<(String, Config), Failure> {
    let mut config = running.configuration_with_secrets()?.config;
    match &running.agent {
        None => Ok((running.config.display().to_string(), config)),
        Some(given) => {
            let answered = dev::answer_with(&mut config, given).await;
            answered.map_err(Failure::failed)?;
            Ok((format!("--agent {given} of the running `dari dev`"), config))
        }
    }
}

/// The agent that is asked.
struct Subject<'a> {
    name: &'a str,
    kind: &'a AgentKind,
    timeout: Duration,
    account: AccountId,
}

/// An answered question; without `said`, the agent chose to stay silent.
struct Answered {
    said: Option<Said>,
    took: Duration,
}

impl<'a> Subject<'a> {
    fn choose(config: &'a Config, name: Option<&str>) -> Result<Self, Failure> {
        let known: Vec<_> = config.agents.keys().map(String::as_str).collect();
        let known = if known.is_empty() {
            "none is configured: add one under `agents`".to_owned()
        } else {
            format!("configured are: {}", known.join(", "))
        };
        let default = [Channel::Kakao, Channel::KakaoWork]
            .into_iter()
            .find_map(|channel| {
                let account = config.default_account.get(&channel)?.clone();
                Some(Scope { channel, account })
            });
        let default = default.unwrap_or_else(|| Scope {
            channel: Channel::Kakao,
            account: AccountId::default(),
        });
        let chosen = match name {
            Some(name) => {
                let chosen = config.agents.get_key_value(name);
                chosen.map(|(name, agent)| (name.as_str(), agent))
            }
            None => config.agent_for_anyone(&default),
        };
        let (name, agent) = chosen.ok_or_else(|| {
            Failure::usage(match name {
                Some(name) => format!("there is no agent {name:?}; {known}"),
                None => format!("say which agent to test; {known}"),
            })
        })?;
        Ok(Self {
            name,
            kind: &agent.kind,
            timeout: agent.timeout,
            account: default.account,
        })
    }

    async fn test(&self, args: &AgentTestArgs, settings: &str) -> Result<(), Failure> {
        let http = Http::new(&[]).map_err(Failure::failed)?;
        let agent = Agent::new(self.kind, &http);
        let timeout = args.timeout.map_or(self.timeout, Duration::from_secs);
        let probe = tokio::time::timeout(PROBE_TIMEOUT, agent.probe(now())).await;
        let probe = probe.unwrap_or(Err(AgentError::Failed.into()));
        if !args.json {
            self.introduce(settings, &probe);
        }
        let outcome = match &probe {
            // The question would fail in the same way.
            Err(
                none @ NoAnswer {
                    error: AgentError::Unreachable | AgentError::Unauthorized,
                    ..
                },
            ) => Err(self.advice(none, false)),
            _ => {
                let asked = self.ask(&agent, &args.message, timeout).await;
                asked.map_err(|wrong| match wrong {
                    Wrong::NoAnswer(none) => self.advice(&none, probe.is_ok()),
                    Wrong::Other(why) => why,
                })
            }
        };
        match (&outcome, args.json) {
            (_, true) => show!("{:#}", self.json(settings, &probe, &outcome)),
            (Ok(answered), false) => show!("{answered}"),
            (Err(_), false) => {}
        }
        outcome.map(drop).map_err(Failure::Failed)
    }

    async fn ask(&self, agent: &Agent, text: &str, timeout: Duration) -> Result<Answered, Wrong> {
        let message = Message {
            text: text.to_owned(),
            ..Message::default()
        };
        // The conversation and the sender are made up, so that what the agent remembers of people
        // stays as it is.
        let id = random_id().map_err(|error| Wrong::Other(error.to_string()))?;
        let question = Question {
            turn: &id,
            session: &id,
            channel: Channel::Kakao.as_str(),
            account: self.account.as_str(),
            conversation: &id,
            sender: &id,
            locale: Locale::Ko,
            received: now(),
            now: now(),
            message: &message,
            pictures: &[],
            missing: 0,
            history: &[],
        };
        let start = Instant::now();
        match tokio::time::timeout(timeout, agent.ask(&question)).await {
            Ok(Ok(said)) => Ok(Answered {
                said,
                took: start.elapsed(),
            }),
            Ok(Err(none)) => Err(Wrong::NoAnswer(none)),
            Err(_) => Err(Wrong::Other(format!(
                "{} did not answer in {} s: wait longer with --timeout; `timeoutSeconds` is how long people wait",
                self.place(),
                timeout.as_secs()
            ))),
        }
    }

    fn introduce(&self, settings: &str, probe: &Result<ProbeReport, NoAnswer>) {
        show!("agent     {} ({})", self.name, self.kind.name());
        show!("settings  {settings}");
        if let Some(address) = self.address() {
            show!("address   {address}");
        }
        match probe {
            Ok(ProbeReport {
                status: Some(status),
                ..
            }) => show!("ping      answered with {status}"),
            Ok(report) => {
                let listed = match (report.listed, report.models.is_empty()) {
                    (true, _) => "",
                    (false, true) => " (its list is empty)",
                    (false, false) => " (not in its list)",
                };
                show!("target    {}{listed}", report.target);
                let more = report.models.len().saturating_sub(MAX_LISTED);
                let listed = report.models.iter().take(MAX_LISTED);
                let listed: Vec<_> = listed.map(String::as_str).collect();
                let more = match more {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                show!("lists     {}{more}", listed.join(", "));
            }
            Err(error) => show!("lists     nothing: {error}"),
        }
    }

    /// The agent's address without its query, which may hold a secret.
    fn address(&self) -> Option<Url> {
        let url = match self.kind {
            AgentKind::Echo => return None,
            AgentKind::OpenClaw { url, .. } | AgentKind::Webhook { url, .. } => url,
            AgentKind::OpenAiChat(settings) | AgentKind::OpenAiResponses(settings) => &settings.url,
        };
        let mut url = url.clone();
        url.set_query(None);
        Some(url)
    }

    fn place(&self) -> String {
        self.address()
            .map_or_else(|| self.name.to_owned(), |address| address.to_string())
    }

    /// What went wrong, what to do about it, and what the endpoint itself says. A list that was
    /// found says that the address is right.
    fn advice(&self, none: &NoAnswer, has_list: bool) -> String {
        let advice = self.own_advice(none.error, has_list);
        match none.words.as_str() {
            "" => advice,
            words => format!("{advice} (it says: {words})"),
        }
    }

    fn own_advice(&self, error: AgentError, has_list: bool) -> String {
        let (place, name) = (self.place(), self.name);
        let what = match self.kind {
            AgentKind::Echo => return error.to_string(),
            AgentKind::OpenClaw { .. } => What {
                refused: format!("check agents.{name}.token: it is the gateway's own token"),
                missing: "switch chat completions on there: gateway.http.endpoints.chatCompletions.enabled".to_owned(),
                wrong: format!("is there an agent as agents.{name}.agentId says?"),
                other: "it is probably not the address of a gateway".to_owned(),
            },
            AgentKind::OpenAiChat(settings) | AgentKind::OpenAiResponses(settings) => {
                let (kind, model) = (self.kind.name(), &settings.model);
                let address = format!("does /v1 belong to the end of agents.{name}.url, and does the endpoint speak {kind}?");
                What {
                    refused: format!("check agents.{name}.token"),
                    missing: if has_list {
                        format!("is there a model {model:?}, and does the endpoint speak {kind}?")
                    } else {
                        address.clone()
                    },
                    wrong: format!("is there a model {model:?}, and does it take pictures if it is sent any?"),
                    other: if has_list {
                        "it is probably not the address of an endpoint as OpenAI defines it".to_owned()
                    } else {
                        address
                    },
                }
            }
            AgentKind::Webhook { .. } => What {
                refused: format!(
                    "agents.{name}.secret must be the secret it checks signatures with, and the clocks of both machines right"
                ),
                missing: "is this the path that takes the events, with POST?".to_owned(),
                wrong: "see its log".to_owned(),
                other: r#"it has to answer with 200 and {"reply":{"text":"…"}}, or {"reply":null}"#.to_owned(),
            },
        };
        match error {
            AgentError::Unreachable => {
                format!("{place} cannot be reached: is it running, and is the address right?")
            }
            AgentError::Unauthorized => format!("{place} refuses us: {}", what.refused),
            AgentError::Unreadable => {
                format!(
                    "{place} answers something that cannot be understood: {}",
                    what.other
                )
            }
            AgentError::Failed if has_list => {
                format!("{place} began to answer and gave up: see its log")
            }
            AgentError::Failed => format!("{place} answers with an error: {}", what.other),
            AgentError::MessageTooLong | AgentError::ConversationTooLong => {
                format!(
                    "the question, with agents.{name}.instructions if it has any, is too long for {place}"
                )
            }
            AgentError::Filtered => {
                format!("{place} does not speak about this: ask something else")
            }
            AgentError::Empty => format!("{place} answered without a word: see its log"),
            AgentError::Rejected { status } => {
                let then = match status {
                    300..=399 => {
                        "it sends elsewhere, which is not followed: configure the address it means"
                            .to_owned()
                    }
                    404 | 405 | 410 => what.missing,
                    429 => "it has been asked too much: wait, or see to its quota".to_owned(),
                    400..=499 => what.wrong,
                    _ => "see its log".to_owned(),
                };
                format!("{place} refuses the question with status {status}: {then}")
            }
        }
    }

    fn json(
        &self,
        settings: &str,
        probe: &Result<ProbeReport, NoAnswer>,
        outcome: &Result<Answered, String>,
    ) -> Value {
        let answered = outcome.as_ref().ok();
        let reply = answered
            .and_then(|answered| answered.said.as_ref())
            .map(|said| &said.reply);
        json!({
            "ok": outcome.is_ok(),
            "agent": self.name,
            "kind": self.kind.name(),
            "settings": settings,
            "address": self.address().map(String::from),
            "probe": probe.as_ref().ok(),
            "probeError": probe.as_ref().err().map(ToString::to_string),
            "milliseconds": answered.map(|answered| answered.took.as_millis()),
            "silent": answered.map(|answered| answered.said.is_none()),
            "answer": reply.map(reply::Reply::words),
            "cards": reply.map(|reply| cards(reply.parts())),
            "suggestions": reply.map(|reply| {
                reply.suggestions().iter().map(|it| it.label.as_str()).collect::<Vec<_>>()
            }),
            "error": outcome.as_ref().err(),
        })
    }
}

/// Why a question was not answered.
enum Wrong {
    NoAnswer(NoAnswer),
    Other(String),
}

/// What to do about a failure, for one kind of agent.
struct What {
    /// If the agent does not accept our token or signature.
    refused: String,
    /// If nothing takes questions at the address.
    missing: String,
    /// If the agent refuses this question.
    wrong: String,
    /// If what answers does not speak as this kind of agent does.
    other: String,
}

fn cards(parts: &[Part]) -> Vec<&'static str> {
    let card = |part: &Part| match part {
        Part::Card(card) => Some(card.kind.as_str()),
        Part::Text(_) | Part::Image(_) => None,
    };
    parts.iter().filter_map(card).collect()
}

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.said {
            None => writeln!(f, "\n(it chose to stay silent)")?,
            Some(said) => {
                writeln!(f, "\n{}", said.reply.words())?;
                let labels = said.reply.suggestions().iter();
                let labels: Vec<_> = labels.map(|it| format!("[{}]", it.label)).collect();
                if !labels.is_empty() {
                    writeln!(f, "\n{}", labels.join(" "))?;
                }
                let cards = cards(said.reply.parts());
                if !cards.is_empty() {
                    writeln!(f, "\ncards: {}", cards.join(", "))?;
                }
            }
        }
        write!(f, "\nanswered in {} ms", self.took.as_millis())
    }
}
