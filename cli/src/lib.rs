//! The operator's command, and the whole bundle on a laptop. A library too, so that the tests run
//! the very same bundle.

#![allow(
    clippy::print_stderr,
    reason = "a command says through it what went wrong"
)]

/// Prints a line. Whoever reads may have seen enough: `dari … | head` is no mistake.
macro_rules! show {
    ($($line:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod agents;
mod args;
mod channels;
mod config;
mod deployed;
mod dev;
mod document;
pub mod engine;
mod folder;
mod operator;
mod pairing;
mod panel;
mod place;
mod say;
mod secret;
mod sqs;
pub mod stack;
mod table;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory, Parser, error::ErrorKind};
use shared::access::ApprovalError;

use crate::{
    args::{Args, Command},
    place::Wanted,
};

/// What a command failed with; decides the exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Refused or failed: exit 1.
    #[error("{0}")]
    Failed(String),
    /// Wrong usage, configuration or surroundings: exit 2.
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    fn failed(reason: impl ToString) -> Self {
        Self::Failed(reason.to_string())
    }

    fn usage(reason: impl ToString) -> Self {
        Self::Usage(reason.to_string())
    }
}

impl From<ApprovalError> for Failure {
    fn from(error: ApprovalError) -> Self {
        Self::failed(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(format!("{error:#}"))
    }
}

/// Runs one command line; 0 done, 1 refused or failed, 2 wrong usage.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => return explain(&error),
    };
    match execute(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dari: {failure}");
            match failure {
                Failure::Failed(_) => ExitCode::from(1),
                Failure::Usage(_) => ExitCode::from(2),
            }
        }
    }
}

async fn execute(args: Args) -> Result<(), Failure> {
    let wanted = Wanted::new(args.local, args.stack)?;
    match args.command {
        Command::Dev(args) => {
            wanted.only_here("dev")?;
            dev::run(args).await
        }
        Command::Say(args) => {
            wanted.only_here("say")?;
            say::run(args).await
        }
        Command::Config(command) => config::run(command, wanted).await,
        Command::Pairing(command) => pairing::run(command, wanted).await,
        Command::Channels(command) => channels::run(command, wanted).await,
        Command::Agents(command) => agents::run(command, wanted).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "dari", &mut std::io::stdout());
            Ok(())
        }
    }
}

/// Help is printed whole; a mistake as one line.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        show!("{error}");
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        eprint!("{error}");
        return ExitCode::from(2);
    }
    // The first paragraph says what is wrong; tips and usage follow it.
    let text = error.to_string();
    let what: Vec<_> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let what = what.join(" ");
    eprintln!(
        "dari: {} (see --help)",
        what.strip_prefix("error: ").unwrap_or(&what)
    );
    ExitCode::from(2)
}
