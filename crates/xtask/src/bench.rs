//! `bench` and `check-growth`: every program in turn, round after round, so that a busy moment of
//! the machine hits all alike.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use local_lambda::sandbox::Program;

use crate::{
    binaries::{Binaries, Profile, zip_size},
    process::{self, WarmProcess},
    programs::{self, BARE, FUNCTIONS, Measured},
    recorded::{Figures, Grown, Recorded},
    report::{self, Row},
    runs::{Starts, Warm},
    stand_in::StandIn,
};

/// How many events a warm process gets before the next process has its turn.
const BLOCK: u32 = 25;

pub async fn bench(prebuilt: Option<PathBuf>, runs: u32, events: u32, record: bool) -> Result<()> {
    let binaries = Binaries::of(&programs::packages(), Profile::Release, prebuilt)?;
    let aws = StandIn::start().await?;
    let programs = set_up(programs::all(), &binaries, &aws)?;
    let starts = starts(&programs, runs).await?;
    let warm = warm(&programs, events).await?;
    let mut rows = Vec::new();
    for (((measured, program), starts), warm) in programs.iter().zip(starts).zip(warm) {
        rows.push(Row {
            name: measured.name,
            starts,
            warm,
            zip_bytes: zip_size(&program.path)?,
        });
    }
    println!("{}", report::markdown(&rows, runs, events)?);
    if record {
        let mut recorded = Recorded::read()?;
        let bare = row(&rows, &BARE)?.starts.poll_cpu.median();
        for function in FUNCTIONS {
            let row = row(&rows, function)?;
            let figures = Figures {
                zip_bytes: row.zip_bytes,
                first_poll_to_bare: row.starts.poll_cpu.median() / bare,
            };
            recorded.set(row.name, figures);
        }
        println!("\nrecorded in {}", recorded.write()?.display());
    }
    Ok(())
}

pub async fn check_growth(prebuilt: Option<PathBuf>, runs: u32) -> Result<()> {
    let recorded = Recorded::read()?;
    let binaries = Binaries::of(&programs::packages(), Profile::Release, prebuilt)?;
    let aws = StandIn::start().await?;
    let programs = set_up([&BARE].into_iter().chain(FUNCTIONS), &binaries, &aws)?;
    let zips = programs.iter().map(|(_, program)| zip_size(&program.path));
    let zips = zips.collect::<Result<Vec<_>>>()?;
    let mut grown = growth(&recorded, &programs, &zips, runs).await?;
    if grown
        .iter()
        .any(|(_, what)| matches!(what, Grown::FirstPoll { .. }))
    {
        println!("measured again, in case something else kept the machine busy");
        grown = growth(&recorded, &programs, &zips, runs).await?;
    }
    if grown.is_empty() {
        return Ok(());
    }
    for (name, what) in &grown {
        println!("{name}: {what}");
    }
    bail!(
        "more than 20 % over crates/xtask/recorded.json; if that is meant, `cargo xtask bench --record`"
    )
}

async fn growth(
    recorded: &Recorded,
    programs: &[Runnable],
    zips: &[u64],
    runs: u32,
) -> Result<Vec<(&'static str, Grown)>> {
    let starts = starts(programs, runs).await?;
    let first_polls = starts.iter().map(|starts| starts.poll_cpu.median());
    let mut measured = programs.iter().zip(zips).zip(first_polls);
    let (_, bare) = measured.next().context("nothing was measured")?;
    let mut all = Vec::new();
    for (((function, _), zip_bytes), first_poll) in measured {
        let name = function.name;
        let figures = Figures {
            zip_bytes: *zip_bytes,
            first_poll_to_bare: first_poll / bare,
        };
        println!(
            "{name}: {} bytes zipped, exec to first poll {:.2} × bare",
            figures.zip_bytes, figures.first_poll_to_bare
        );
        let grown = recorded.figures(name)?.grown_to(figures);
        all.extend(grown.into_iter().map(|what| (name, what)));
    }
    Ok(all)
}

/// A program that is measured, with how it is run.
type Runnable = (&'static Measured, Program);

fn set_up(
    measured: impl Iterator<Item = &'static Measured>,
    binaries: &Binaries,
    aws: &StandIn,
) -> Result<Vec<Runnable>> {
    measured
        .map(|it| Ok((it, it.program(binaries, aws)?)))
        .collect()
}

fn row<'r>(rows: &'r [Row], measured: &Measured) -> Result<&'r Row> {
    let found = rows.iter().find(|row| row.name == measured.name);
    found.context("not measured")
}

/// One round more than asked for: in the first, the files are read from the disk.
async fn starts(programs: &[Runnable], runs: u32) -> Result<Vec<Starts>> {
    let mut colds = vec![Vec::new(); programs.len()];
    for round in 0..=runs {
        for ((measured, program), colds) in programs.iter().zip(&mut colds) {
            let cold = process::cold(measured, program).await?;
            if round > 0 {
                colds.push(cold);
            }
        }
    }
    Ok(colds.iter().map(|colds| Starts::of(colds)).collect())
}

/// One process of each, and a block of events for each in turn.
async fn warm(programs: &[Runnable], events: u32) -> Result<Vec<Warm>> {
    let mut processes = Vec::new();
    for (measured, program) in programs {
        let process = WarmProcess::start(measured, program).await?;
        processes.push((process, Vec::new(), Vec::new()));
    }
    for block in 0..events.div_ceil(BLOCK) {
        let size = BLOCK.min(events - block * BLOCK);
        for (process, cpus, walls) in &mut processes {
            let (cpu, wall) = process.block(size).await?;
            cpus.push(cpu);
            walls.extend(wall);
        }
    }
    let samples = processes.into_iter().map(|(_, cpus, walls)| Warm {
        cpu: cpus.into_iter().collect(),
        wall: walls.into_iter().collect(),
    });
    Ok(samples.collect())
}
