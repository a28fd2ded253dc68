//! `dari config`: checking a configuration, storing it on AWS and fetching it from there, and the
//! schema for an editor.

use std::path::{Path, PathBuf};

use shared::{
    config::{self, Config, Loaded, Problems},
    env::process_env,
    identity::Channel,
};

use crate::{
    args::ConfigCommand,
    document::{self, KeysFrom, Refusal},
    failure::Failure,
    folder::{self, Running},
    place::Wanted,
    secret::Stage,
};

pub(crate) async fn run(command: ConfigCommand, wanted: Wanted) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check { file, .. } => {
            wanted.only_here("config check")?;
            check(file)
        }
        ConfigCommand::Push {
            file,
            drop_old_keys,
            force,
        } => push(file, drop_old_keys, force, wanted).await,
        ConfigCommand::Pull {
            file,
            previous,
            force,
        } => {
            let stage = if previous {
                Stage::Previous
            } else {
                Stage::Current
            };
            pull(file, stage, force, wanted).await
        }
        ConfigCommand::Schema { .. } => {
            wanted.only_here("config schema")?;
            show!("{:#}", config::schema());
            Ok(())
        }
    }
}

fn check(file: Option<PathBuf>) -> Result<(), Failure> {
    let (file, text) = read(file)?;
    let loaded =
        config::load(&text, &process_env).map_err(|problems| count(&file, &problems, ""))?;
    warn(&loaded);
    show!("{} is valid.", file.display());
    Ok(())
}

async fn push(
    file: Option<PathBuf>,
    drop_old_keys: bool,
    force: bool,
    wanted: Wanted,
) -> Result<(), Failure> {
    let (file, text) = read(file)?;
    // An empty variable is a slip of the shell; with it, the secret would hold an empty key.
    let env = &|name: &str| process_env(name).filter(|value| !value.is_empty());
    let refused = |problems: &Problems| count(&file, problems, "; nothing was stored");
    // Mistakes are told before anybody is asked for credentials.
    config::load(&text, env).map_err(|problems| refused(&problems))?;
    let stack = wanted.deployed().await?;
    let stored = stack.secret.read(Stage::Current).await?;
    let old = stored.as_ref().map(|stored| stored.text.as_str());
    let ready =
        document::prepare(&text, env, old, drop_old_keys).map_err(|refusal| match refusal {
            Refusal::Problems(problems) => refused(&problems),
            refusal => Failure::failed(format!("{} was not stored: {refusal}", file.display())),
        })?;
    warn(&ready.loaded);
    let silent = document::silent(&ready.loaded.config);
    if !force && !silent.is_empty() {
        return Err(Failure::failed(format!(
            "{} was not stored: {}; --force stores it all the same",
            file.display(),
            silent.join("; ")
        )));
    }
    let place = format!(
        "the secret {} of the stack {} in {}",
        stack.secret.name(),
        stack.name,
        stack.region
    );
    if !ready.is_new {
        show!("Nothing to do: {place} holds this already.");
        return Ok(());
    }
    stack.secret.store(&ready.text).await?;
    show!("Stored {} in {place}.", file.display());
    match ready.keys {
        KeysFrom::Document => {}
        KeysFrom::Stored => show!("The keys that were stored stay."),
        KeysFrom::Made => show!(
            "It has no keys, so they were made. They are in the secret and nowhere else: what Dari stores can be read only with them."
        ),
    }
    if let Some(stored) = stored {
        let previous = stack.secret.read(Stage::Previous).await?;
        if previous.is_some_and(|previous| previous.version == stored.version) {
            show!(
                "It replaces the version {}; `dari config pull --previous` shows that one.",
                stored.version
            );
        } else {
            show!(
                "warning: somebody stored another one at the same time, and this replaces it: see `dari config pull --previous`"
            );
        }
    }
    show!("In force within 60 s.");
    Ok(())
}

async fn pull(
    file: Option<PathBuf>,
    stage: Stage,
    force: bool,
    wanted: Wanted,
) -> Result<(), Failure> {
    if let Some(file) = file.as_ref().filter(|file| !force && file.exists()) {
        return Err(Failure::failed(format!(
            "{} is there already: name another file, or write over it with --force",
            file.display()
        )));
    }
    let stack = wanted.deployed().await?;
    let stored = stack.secret.read(stage).await?.ok_or_else(|| {
        let name = stack.secret.name();
        Failure::failed(match stage {
            Stage::Current => {
                format!("nothing has been stored in the secret {name} yet: `dari config push FILE`")
            }
            Stage::Previous => format!("the secret {name} has no previous version"),
        })
    })?;
    match file {
        None => show!("{}", stored.text),
        Some(file) => {
            folder::private_file(&file, &format!("{}\n", stored.text))?;
            show!(
                "Wrote the version {} to {}. Keep it to yourself: the keys and tokens in it are real.",
                stored.version,
                file.display()
            );
        }
    }
    Ok(())
}

/// The document to work on: the file named, else that of the running `dari dev`, else the one that
/// `dari dev` would make.
fn read(file: Option<PathBuf>) -> Result<(PathBuf, String), Failure> {
    let file = file
        .or_else(|| Some(Running::read()?.config))
        .unwrap_or_else(folder::own_config);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::failed(format!("{} cannot be read: {error}", file.display())))?;
    Ok((file, text))
}

fn warn(loaded: &Loaded) {
    for warning in &loaded.warnings {
        show!("warning: {warning}");
    }
    for notice in not_served(&loaded.config) {
        show!("warning: {notice}");
    }
}

/// Prints every problem; the failure says how many there are.
fn count(file: &Path, problems: &Problems, so: &str) -> Failure {
    for problem in problems {
        show!("{problem}");
    }
    let count = problems.iter().count();
    let noun = if count == 1 { "problem" } else { "problems" };
    Failure::failed(format!("{} has {count} {noun}{so}", file.display()))
}

/// What a configuration asks for that this release does not do yet, and whether nobody would be
/// answered.
pub(crate) fn not_served(config: &Config) -> Vec<String> {
    let nobody = config.kakao().next().is_none();
    let nothing =
        nobody.then(|| "channels.kakao: no account is enabled, so nobody is answered".to_owned());
    let kakaowork = config
        .of_channel(Channel::KakaoWork)
        .filter(|account| account.enabled);
    let kakaowork = kakaowork.map(|account| {
        format!(
            "KakaoWork account {}: KakaoWork is not served yet",
            account.id()
        )
    });
    nothing.into_iter().chain(kakaowork).collect()
}
