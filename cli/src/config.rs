//! `dari config`: checking a configuration, and the schema for an editor.

use std::path::PathBuf;

use shared::config;

use crate::{
    Failure,
    args::ConfigCommand,
    folder::{self, Running},
};

pub(crate) fn run(command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check { file } => check(file),
        ConfigCommand::Schema => {
            println!("{:#}", config::schema());
            Ok(())
        }
    }
}

fn check(file: Option<PathBuf>) -> Result<(), Failure> {
    let file = file
        .or_else(|| Some(Running::read()?.config))
        .unwrap_or_else(folder::own_config);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?;
    match config::load(&text, &config::process_env) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                println!("warning: {warning}");
            }
            println!("{} is valid.", file.display());
            Ok(())
        }
        Err(problems) => {
            for problem in &problems {
                println!("{problem}");
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
