//! `cargo xtask`: measurements that take whole processes, on Linux. The figures are those of
//! docs/numbers.md.
//!
//! `bench` and `check-growth` run the functions' release binaries as Lambda does, beside two
//! programs that do less: `programs` is the table of them, `binaries` builds them, `process` runs
//! one and `stand_in` is the AWS they talk to. `report` prints what came out, `recorded` compares
//! it with an earlier run. `built` looks at what is about to be deployed. `load` sends requests to
//! a `dari dev`. `faults` writes into docs/faults.md which test proves which line.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what is measured is printed"
)]

mod bench;
mod binaries;
mod built;
mod dev;
mod faults;
mod load;
mod process;
mod programs;
mod recorded;
mod repo;
mod report;
mod runs;
mod sample;
mod stand_in;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
enum Command {
    /// Measure cold starts, warm requests and sizes, and print them as docs/numbers.md has them
    Bench {
        #[command(flatten)]
        prebuilt: Prebuilt,
        /// Fresh processes of each program
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
        /// Events for the one process of each program that is kept warm
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
        events: u32,
        /// Write down what `check-growth` compares with, in crates/xtask/recorded.json
        #[arg(long)]
        record: bool,
    },
    /// Fail if a function's zip or its start grew by more than 20 % over crates/xtask/recorded.json
    CheckGrowth {
        #[command(flatten)]
        prebuilt: Prebuilt,
        /// Fresh processes of each program
        #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
    },
    /// Send skill requests of different people to a `dari dev` with the echo agent
    Load {
        #[command(flatten)]
        prebuilt: Prebuilt,
        #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..))]
        requests: u32,
        /// Connections that are kept open, each with one request at a time
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
        connections: u32,
    },
    /// Fail unless what `sam build` left runs where `sam deploy` puts it
    CheckBuild {
        #[arg(long, value_name = "DIR", default_value = ".aws-sam/build")]
        folder: PathBuf,
    },
    /// Write into docs/faults.md which tests prove which of its lines
    Faults {
        /// Fail if that would change anything
        #[arg(long)]
        check: bool,
    },
    /// Be the AWS that the measured functions talk to
    #[command(hide = true)]
    StandIn,
}

#[derive(Args)]
struct Prebuilt {
    /// Take the programs from this directory instead of building them
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Bench {
            prebuilt,
            runs,
            events,
            record,
        } => bench::bench(prebuilt.binaries, runs, events, record).await,
        Command::CheckGrowth { prebuilt, runs } => {
            bench::check_growth(prebuilt.binaries, runs).await
        }
        Command::Load {
            prebuilt,
            requests,
            connections,
        } => load::run(prebuilt.binaries, requests, connections).await,
        Command::CheckBuild { folder } => built::check(&folder),
        Command::Faults { check } => faults::run(check),
        Command::StandIn => stand_in::serve().await,
    }
}
