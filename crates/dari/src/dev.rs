//! `dari dev`: the whole bundle on this machine, until Ctrl-C.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use agents::Agent;
use bundle::{Options, Stack, Store, engine, sqs, tables};
use outside::Http;
use secrecy::SecretString;
use shared::{
    clock::Clock,
    config::{self, Account, AgentKind, Config, OpenAi, Policy},
    env::{Hosts, process_env},
    keys::KeyRing,
    live::LiveConfig,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use url::Url;

use crate::{
    args::DevArgs,
    config::not_served,
    failure::Failure,
    folder::{self, Running},
    kept::Kept,
    log,
};

/// How often the configuration file is checked for a change.
const LOOK_AT_CONFIG: Duration = Duration::from_secs(1);
const DEFAULT_PORT: u16 = 8788;

pub(crate) async fn run(args: DevArgs) -> Result<(), Failure> {
    log::start(&["dynoxide"]);
    folder::hide_from_git()?;
    let (file, loaded) = folder::load_or_make(args.config)?;
    for warning in &loaded.warnings {
        eprintln!("dari: {}: {warning}", file.display());
    }
    for notice in not_served(&loaded.config) {
        eprintln!("dari: {}: {notice}", file.display());
    }
    let mut config = loaded.config;
    if let Some(agent) = &args.agent {
        answer_with(&mut config, agent).await?;
    }
    let keys = folder::keys(&config)?;
    let written_keys = folder::written(&keys);
    let keys = Arc::new(KeyRing::new(keys));
    let mut engine = JoinSet::new();
    let kept = Kept::choose(args.data, args.fresh, &keys).await?;
    let store = match (args.dynamodb_port, kept.folder()) {
        (None, None) => Store::Memory,
        (None, Some(folder)) => Store::Folder(folder.to_owned()),
        (Some(port), folder) => {
            let started = engine::start_on(port, folder, &mut engine).await;
            Store::At(started.map_err(|error| Failure::usage(format!("{error:#}")))?)
        }
    };
    let options = Options {
        port: args
            .port
            .or(config.dev.webhook_port)
            .unwrap_or(DEFAULT_PORT),
        store,
        emulator: !args.no_emulator,
        clock: Clock::System,
        hosts: Hosts::from_env(&process_env)
            .map_err(|problems| Failure::usage(problems.to_string().replace('\n', "; ")))?,
    };
    let given_agent = args.agent.is_some().then(|| config.agents.clone());
    let live = LiveConfig::new(config);
    let mut stack = Stack::start(live.clone(), keys, options)
        .await
        .map_err(|error| Failure::usage(format!("{error:#}")))?;
    kept.shut();
    let mut running = Running {
        url: stack.url.clone(),
        dynamodb: stack.dynamodb.clone(),
        config: std::path::absolute(&file).unwrap_or(file),
        emulator: !args.no_emulator,
        agent: args.agent,
        keys: written_keys,
        rejected: None,
    };
    // The signals are caught before anybody is told that we are ready.
    let listen = |kind| signal(kind).map_err(Failure::failed);
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let other = running.take_over().await?;
    show!(
        "{}",
        welcome(
            &live.current(),
            &running,
            &kept,
            args.dynamodb_port.is_some()
        )
    );
    let mut watched = Watched {
        seen: modified(&running.config),
        in_force: folder::text_of(&running.config)?,
        given_agent,
    };
    let ended = loop {
        tokio::select! {
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
            () = stack.ended() => break Err(stopped()),
            Some(_) = engine.join_next() => break Err(stopped()),
            () = tokio::time::sleep(LOOK_AT_CONFIG) => {}
        }
        watched.look(&stack, &mut running);
    };
    running.give_back(other).await;
    show!("{}", kept.farewell());
    ended
}

/// The configuration's file, and what came into force of it.
struct Watched {
    seen: Option<SystemTime>,
    in_force: String,
    /// The agent of `--agent`, which stays.
    given_agent: Option<BTreeMap<String, config::Agent>>,
}

impl Watched {
    /// Puts what was changed into force if it can be used, and notes it if it cannot.
    fn look(&mut self, stack: &Stack, running: &mut Running) {
        let now = modified(&running.config);
        if now == self.seen {
            return;
        }
        self.seen = now;
        let text = folder::text_of(&running.config);
        let read = text.and_then(|text| {
            let config = folder::parse(&running.config, &text, &process_env)?.config;
            Ok((text, config))
        });
        match read {
            Ok((text, mut config)) => {
                if let Some(agents) = &self.given_agent {
                    config.agents.clone_from(agents);
                    config.bindings.clear();
                }
                stack.reconfigure(config);
                self.in_force = text;
                running.note(None);
                eprintln!("dari: the configuration was read again");
            }
            Err(failure) => {
                eprintln!("dari: {failure}; what was in force before stays so");
                running.note(Some((failure.to_string(), &self.in_force)));
            }
        }
    }
}

fn stopped() -> Failure {
    Failure::failed("a part of the bundle stopped; please report this")
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).ok()?.modified().ok()
}

/// Binds every account to the agent of `--agent`.
pub(crate) async fn answer_with(config: &mut Config, wanted: &str) -> Result<(), Failure> {
    let kind = match wanted {
        "echo" => AgentKind::Echo,
        url => look_at(url).await?,
    };
    config.agents = BTreeMap::from([(
        wanted.to_owned(),
        config::Agent {
            kind,
            timeout: Duration::from_mins(5),
        },
    )]);
    config.bindings.clear();
    Ok(())
}

/// Finds out from its list of models what kind of agent is at an address.
async fn look_at(url: &str) -> Result<AgentKind, Failure> {
    let parsed: Url = url.parse().map_err(|_| {
        Failure::usage(format!(
            "--agent {url}: neither `echo` nor an address such as http://127.0.0.1:18789"
        ))
    })?;
    let token = process_env("DARI_AGENT_TOKEN").map(SecretString::from);
    let http = Http::new(&[]).map_err(Failure::failed)?;
    let probe = AgentKind::OpenClaw {
        url: parsed.clone(),
        token: token.clone(),
        agent_id: None,
    };
    let probed = Agent::new(&probe, &http).probe(Clock::System.now()).await;
    let report = probed.map_err(|error| {
        Failure::usage(format!(
            "--agent {url}: {error} (its token goes into DARI_AGENT_TOKEN)"
        ))
    })?;
    Ok(identify(report, parsed, token))
}

fn identify(report: agents::ProbeReport, url: Url, token: Option<SecretString>) -> AgentKind {
    let is_openclaw = report
        .models
        .iter()
        .any(|model| model.starts_with("openclaw"));
    match report.first_for_chat() {
        Some(model) if !is_openclaw => AgentKind::OpenAiChat(OpenAi {
            url: with_version(url),
            token,
            model: model.to_owned(),
            instructions: None,
            memory_turns: 20,
            images: true,
        }),
        _ => AgentKind::OpenClaw {
            url,
            token,
            agent_id: None,
        },
    }
}

/// The address with `/v1`: the list of models was found below it, so questions go there too.
fn with_version(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/');
    if !path.ends_with("/v1") {
        let path = format!("{path}/v1");
        url.set_path(&path);
    }
    url
}

fn welcome(config: &Config, running: &Running, kept: &Kept, with_tables: bool) -> String {
    let url = &running.url;
    let mut lines = vec![
        format!("Dari answers on {url}"),
        format!("  webhook    {url}/kakao/webhook"),
    ];
    if running.emulator {
        lines.push(format!(
            "  chat page  {url}/ (KakaoTalk, played on this machine)"
        ));
    }
    if with_tables {
        lines.push(format!(
            "  tables     {} (DynamoDB: {}, {})",
            running.dynamodb,
            tables::ACCESS,
            tables::TURNS
        ));
        if running.emulator {
            lines.push(format!("  queue      {url}{} (SQS)", sqs::QUEUE));
        }
    }
    lines.push(format!(
        "  settings   {}",
        relative(&running.config).display()
    ));
    lines.push(format!("  kept       {}", kept.notice()));
    for (account, _) in config.kakao().filter(|(account, _)| account.enabled) {
        let agent = config
            .agent_for_anyone(&account.scope)
            .map_or("none", |(name, _)| name);
        lines.push(format!(
            "  account    {}: {}, agent {agent}",
            account.id(),
            account.policy.as_str()
        ));
    }
    if running.emulator {
        lines.push(format!(
            "\nNext, in another terminal in this directory:\n{}\n",
            next_steps(config)
        ));
    }
    lines.push(format!("ready {url}"));
    lines.join("\n")
}

fn next_steps(config: &Config) -> String {
    // Somebody who starts it through cargo has no `dari` in the path.
    let dari = match process_env("CARGO") {
        Some(_) => "cargo run -q --",
        None => "dari",
    };
    let mut steps = vec![(
        r#"say "안녕하세요""#,
        "             talk to the bot as a KakaoTalk user",
    )];
    let pairs = |account: &Account| account.enabled && account.policy == Policy::Pairing;
    if config.kakao().any(|(account, _)| pairs(account)) {
        steps.push(("pairing list", "                  see who wants in"));
        steps.push(("pairing approve kakao CODE", "    let them in"));
    }
    let lines: Vec<_> = steps
        .iter()
        .map(|(step, what)| format!("  {dari} {step}{what}"))
        .collect();
    lines.join("\n")
}

fn relative(file: &std::path::Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).to_owned()
}
