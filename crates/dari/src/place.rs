//! Which bundle a command works on: the `dari dev` of this directory, or a stack on AWS.

use shared::env::process_env;

use crate::{
    deployed::{self, Deployed},
    failure::Failure,
    folder::Running,
};

/// What the command line names.
pub(crate) enum Wanted {
    Local,
    Stack(String),
    /// Neither: [`Wanted::find`] and [`Wanted::deployed`] choose.
    Any,
}

pub(crate) enum Place {
    Local(Running),
    Deployed(Deployed),
}

impl Wanted {
    pub(crate) fn new(local: bool, stack: Option<String>) -> Result<Self, Failure> {
        match (local, stack) {
            (true, Some(_)) => Err(Failure::usage("--local and --stack exclude each other")),
            (true, None) => Ok(Self::Local),
            (false, Some(stack)) => Ok(Self::Stack(stack)),
            (false, None) => Ok(Self::Any),
        }
    }

    /// Refuses a stack, for commands that work on this machine only.
    pub(crate) fn only_here(&self, command: &str) -> Result<(), Failure> {
        match self {
            Self::Stack(_) => Err(Failure::usage(format!(
                "--stack: `dari {command}` works on this machine only"
            ))),
            Self::Local | Self::Any => Ok(()),
        }
    }

    /// What was named; `DARI_STACK` names a stack if the command line names nothing. Otherwise the
    /// local bundle if it runs; else, if this machine has an AWS region, the stack `dari` there.
    pub(crate) async fn find(self) -> Result<Place, Failure> {
        match self.or_from_env() {
            Self::Local => Ok(Place::Local(running().await?)),
            Self::Stack(name) => Ok(Place::Deployed(Deployed::find(&name).await?)),
            Self::Any => match running().await {
                Ok(running) => Ok(Place::Local(running)),
                // A killed `dari dev` left its note: whoever works here did not mean AWS.
                Err(not_here) if Running::read().is_some() => Err(not_here),
                Err(not_here) => match deployed::region().await {
                    Some(region) => usual_stack(&region).await,
                    None => Err(not_here),
                },
            },
        }
    }

    /// The stack, for commands that work on AWS only.
    pub(crate) async fn deployed(self) -> Result<Deployed, Failure> {
        match self.or_from_env() {
            Self::Local => Err(Failure::usage(
                "--local: `dari dev` reads its configuration from the file itself",
            )),
            Self::Stack(name) => Deployed::find(&name).await,
            Self::Any => Deployed::find(deployed::USUAL_NAME).await,
        }
    }

    fn or_from_env(self) -> Self {
        let named = process_env("DARI_STACK").filter(|name| !name.is_empty());
        match (self, named) {
            (Self::Any, Some(name)) => Self::Stack(name),
            (wanted, _) => wanted,
        }
    }
}

async fn running() -> Result<Running, Failure> {
    match Running::read() {
        Some(running) if running.is_there().await => Ok(running),
        Some(_) => Err(Failure::failed(
            "the `dari dev` of this directory is not running any more: start it again, or name a deployed stack with --stack",
        )),
        None => Err(Failure::failed(
            "no `dari dev` runs in this directory: start it in another terminal, or name a deployed stack with --stack",
        )),
    }
}

async fn usual_stack(region: &str) -> Result<Place, Failure> {
    let name = deployed::USUAL_NAME;
    match Deployed::find(name).await {
        Ok(stack) => {
            eprintln!(
                "dari: no `dari dev` runs in this directory, so this is the stack {name} in {region}"
            );
            Ok(Place::Deployed(stack))
        }
        Err(failure) => Err(Failure::failed(format!(
            "no `dari dev` runs in this directory (start it in another terminal), and on AWS: {failure}"
        ))),
    }
}
