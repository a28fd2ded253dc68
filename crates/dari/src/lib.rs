//! The operator's command. It is a library too, so that its tests can look inside.
//!
//! `args` is the command line, and every command has a file of its own: `dev`, `say`, `config`,
//! `pairing`, `channels`, `agents`. `place` decides what a command works on: the `dari dev` of this
//! directory (`folder`) or a stack on AWS (`deployed`, `secret`). Either way `operator` is what the
//! commands get: the accounts and approvals there. The bundle that `dari dev` runs is a crate of
//! its own, `bundle`.
//!
//! `kept` is what `dari dev` keeps between runs, and `log` what it says meanwhile.
//!
//! `document` makes what `dari config push` stores. `asked` says what to do when AWS refuses a
//! request, `failure` how a command fails, and `table` prints lists.

#![allow(
    clippy::print_stderr,
    reason = "a command says through it what went wrong"
)]

/// Prints a line. Errors are ignored: in `dari … | head` the reader may be gone already.
macro_rules! show {
    ($($line:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod agents;
mod args;
mod asked;
mod channels;
mod config;
mod deployed;
mod dev;
mod document;
mod failure;
mod folder;
mod kept;
mod log;
mod operator;
mod pairing;
mod place;
mod say;
mod secret;
mod table;

use std::{ffi::OsString, process::ExitCode};

use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    args::{Args, Command, SecretCommand},
    failure::Failure,
    place::Wanted,
};

/// Runs one command line. The exit code is 0 if it is done, 1 if it was refused or failed, 2 for
/// wrong usage.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => return explain(&error),
    };
    match Box::pin(execute(args)).await {
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
        Command::Secret(SecretCommand::New { webhook, .. }) => {
            wanted.only_here("secret new")?;
            let secret = if webhook {
                folder::fresh_webhook_secret()?
            } else {
                folder::fresh_secret()?
            };
            show!("{secret}");
            Ok(())
        }
        Command::Completions { shell, .. } => {
            clap_complete::generate(shell, &mut Args::command(), "dari", &mut std::io::stdout());
            Ok(())
        }
    }
}

/// Prints what clap has to say: help as it is, a mistake as one line.
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
    let what = what.strip_prefix("error: ").unwrap_or(&what);
    let meant = meant(error).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
    eprintln!("dari: {what}{meant} (see --help)");
    ExitCode::from(2)
}

/// What was probably meant by an unknown command or flag: what it resembles, or where the verb is.
fn meant(error: &clap::Error) -> Option<String> {
    if let Some(ContextValue::String(verb)) = error.get(ContextKind::InvalidSubcommand) {
        let groups = Args::command();
        let mut verbs = groups.get_subcommands().flat_map(|group| {
            let verbs = group.get_subcommands();
            verbs.map(move |it| (group.get_name(), it.get_name()))
        });
        if let Some((group, verb)) = verbs.find(|(_, it)| it == verb) {
            return Some(format!("`dari {group} {verb}`"));
        }
    }
    let alike = error
        .get(ContextKind::SuggestedSubcommand)
        .or_else(|| error.get(ContextKind::SuggestedArg))?;
    match alike {
        ContextValue::String(one) => Some(format!("`{one}`")),
        ContextValue::Strings(several) => several.first().map(|one| format!("`{one}`")),
        _ => None,
    }
}
