//! `dari config`: checking a configuration, and the schema for an editor.

use std::path::PathBuf;

use shared::config::{self, AgentKind, Config};

use crate::{
    Failure,
    args::ConfigCommand,
    folder::{self, Running},
};

pub(crate) fn run(command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check { file } => check(file),
        ConfigCommand::Schema => {
            show!("{:#}", config::schema());
            Ok(())
        }
    }
}

fn check(file: Option<PathBuf>) -> Result<(), Failure> {
    let file = file
        .or_else(|| Some(Running::read()?.config))
        .unwrap_or_else(folder::own_config);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::failed(format!("{} cannot be read: {error}", file.display())))?;
    match config::load(&text, &config::process_env) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                show!("warning: {warning}");
            }
            for notice in not_served(&loaded.config) {
                show!("warning: {notice}");
            }
            show!("{} is valid.", file.display());
            Ok(())
        }
        Err(problems) => {
            for problem in &problems {
                show!("{problem}");
            }
            let count = problems.iter().count();
            let noun = if count == 1 { "problem" } else { "problems" };
            Err(Failure::failed(format!(
                "{} has {count} {noun}",
                file.display()
            )))
        }
    }
}

/// What a configuration may hold and this release does not do yet.
pub(crate) fn not_served(config: &Config) -> Vec<String> {
    let agents = config
        .agents
        .iter()
        .filter_map(|(name, agent)| match agent.kind {
            AgentKind::OpenAiResponses { .. } | AgentKind::Webhook { .. } => Some(format!(
                "agents.{name}: agents of the kind {} are not served yet",
                agent.kind.name()
            )),
            AgentKind::Echo | AgentKind::OpenClaw { .. } | AgentKind::OpenAiChat { .. } => None,
        });
    let nothing = config
        .kakao
        .is_empty()
        .then(|| "channels.kakao: no account is enabled, so nobody is answered".to_owned());
    let kakaowork = config.kakaowork.values().filter(|account| account.enabled);
    let kakaowork = kakaowork.map(|account| {
        format!(
            "KakaoWork account {}: KakaoWork is not served yet",
            account.id
        )
    });
    nothing.into_iter().chain(agents).chain(kakaowork).collect()
}
