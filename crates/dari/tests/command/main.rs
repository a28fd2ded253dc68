//! The command as a person types it: the real binary, in a directory of its own. `bundle` is
//! `dari dev` and the commands for it, `agents` is `dari agents test`, `deployed` the commands for
//! AWS, `mistakes` wrong usage and help, and `privacy` what must never be printed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agents;
mod bundle;
mod deployed;
mod mistakes;
mod privacy;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

const DARI: &str = env!("CARGO_BIN_EXE_dari");

fn dari(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// A command on a machine that is not set up for AWS, whether or not the machine of the tests is.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(DARI);
    command
        .args(args)
        .current_dir(folder)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    for name in [
        "RUST_LOG",
        "DARI_STACK",
        "DARI_CONFIG_FILE",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        command.env_remove(name);
    }
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What went wrong, which must be one line.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.starts_with("dari: "), "{text}");
    text
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A running `dari dev`, killed at the end whatever happens.
struct Dev {
    child: Child,
    said: Vec<String>,
}

impl Dev {
    fn start(folder: &Path, args: &[&str]) -> Self {
        Self::start_logging(folder, args, "warn", Stdio::null())
    }

    fn start_with(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Self::command(folder, args, "warn", Stdio::null());
        command.envs(environment.iter().copied());
        Self::ready(command)
    }

    fn start_logging(folder: &Path, args: &[&str], level: &str, stderr: Stdio) -> Self {
        Self::ready(Self::command(folder, args, level, stderr))
    }

    fn command(folder: &Path, args: &[&str], level: &str, stderr: Stdio) -> Command {
        let mut command = Command::new(DARI);
        command
            .args([&["dev", "--port", "0"], args].concat())
            .current_dir(folder)
            .env("RUST_LOG", level)
            .stdout(Stdio::piped())
            .stderr(stderr);
        command
    }

    fn ready(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while said
            .last()
            .is_none_or(|last: &String| !last.starts_with("ready"))
        {
            said.push(
                lines
                    .next()
                    .unwrap_or_else(|| panic!("it ended: {said:?}"))
                    .unwrap(),
            );
        }
        Self { child, said }
    }

    /// Whether this stands in what it printed at its start.
    fn says(&self, text: &str) -> bool {
        self.said.iter().any(|line| line.contains(text))
    }

    fn url(&self) -> &str {
        self.said.last().unwrap().strip_prefix("ready ").unwrap()
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The code that a stranger reads: eight letters and digits.
fn code_in(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| word.len() == 8).unwrap().to_owned()
}
