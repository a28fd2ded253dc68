//! `bench` and `check-growth`: every program in turn, round after round, so that a busy moment of
//! the machine hits all alike.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use local_lambda::sandbox::Program;

use crate::{
    binaries::{Binaries, Profile, zip_size},
    process::{self, Cold, WarmProcess},
    programs::Measured,
    recorded::{Figures, Grown, Recorded},
    report::{self, Row},
    sample::Sample,
    stand_in::StandIn,
};

/// Events for a warm process before it is another's turn.
const BLOCK: u32 = 25;

/// What many fresh processes of one program took; times in milliseconds.
pub struct Starts {
    pub poll_wall: Sample,
    pub poll_cpu: Sample,
    pub answer_wall: Sample,
    pub answer_cpu: Sample,
    pub peak_rss_mib: Sample,
}

/// What one more event took a process that had had many; times in milliseconds.
pub struct Warm {
    /// The averages of the blocks.
    pub cpu: Sample,
    pub wall: Sample,
}

impl Starts {
    fn of(colds: &[Cold]) -> Self {
        let kib = |cold: &Cold| u32::try_from(cold.peak_rss_kib).unwrap_or(u32::MAX);
        Self {
            poll_wall: colds.iter().map(|cold| cold.poll_wall).collect(),
            poll_cpu: colds.iter().map(|cold| cold.poll_cpu).collect(),
            answer_wall: colds.iter().map(|cold| cold.answer_wall).collect(),
            answer_cpu: colds.iter().map(|cold| cold.answer_cpu).collect(),
            peak_rss_mib: colds
                .iter()
                .map(|cold| f64::from(kib(cold)) / 1024.0)
                .collect(),
        }
    }
}

pub async fn bench(prebuilt: Option<PathBuf>, runs: u32, events: u32, record: bool) -> Result<()> {
    let binaries = Binaries::of(&Measured::PACKAGES, Profile::Release, prebuilt)?;
    let aws = StandIn::start().await?;
    let programs = programs(&Measured::ALL, &binaries, &aws)?;
    let starts = starts(&programs, runs).await?;
    let warm = warm(&programs, events).await?;
    let mut rows = Vec::new();
    for (((measured, program), starts), warm) in programs.iter().zip(starts).zip(warm) {
        rows.push(Row {
            name: measured.name(),
            starts,
            warm,
            zip_bytes: zip_size(&program.path)?,
        });
    }
    println!("{}", report::markdown(&rows, runs, events)?);
    if record {
        let mut recorded = Recorded::read()?;
        let bare = row(&rows, Measured::Bare)?.starts.poll_cpu.median();
        for function in Measured::FUNCTIONS {
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
    let binaries = Binaries::of(&Measured::PACKAGES, Profile::Release, prebuilt)?;
    let aws = StandIn::start().await?;
    let [webhook, worker] = Measured::FUNCTIONS;
    let programs = programs(&[Measured::Bare, webhook, worker], &binaries, &aws)?;
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
    programs: &[(Measured, Program)],
    zips: &[u64],
    runs: u32,
) -> Result<Vec<(&'static str, Grown)>> {
    let starts = starts(programs, runs).await?;
    let first_polls = starts.iter().map(|starts| starts.poll_cpu.median());
    let mut measured = programs.iter().zip(zips).zip(first_polls);
    let (_, bare) = measured.next().context("nothing was measured")?;
    let mut all = Vec::new();
    for (((function, _), zip_bytes), first_poll) in measured {
        let name = function.name();
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

fn programs(
    measured: &[Measured],
    binaries: &Binaries,
    aws: &StandIn,
) -> Result<Vec<(Measured, Program)>> {
    let program = |it: &Measured| Ok((*it, it.program(binaries, aws)?));
    measured.iter().map(program).collect()
}

fn row(rows: &[Row], measured: Measured) -> Result<&Row> {
    let found = rows.iter().find(|row| row.name == measured.name());
    found.context("not measured")
}

/// One round more than asked for: in the first, the files are read from the disk.
async fn starts(programs: &[(Measured, Program)], runs: u32) -> Result<Vec<Starts>> {
    let mut colds = vec![Vec::new(); programs.len()];
    for round in 0..=runs {
        for ((measured, program), colds) in programs.iter().zip(&mut colds) {
            let cold = process::cold(*measured, program).await?;
            if round > 0 {
                colds.push(cold);
            }
        }
    }
    Ok(colds.iter().map(|colds| Starts::of(colds)).collect())
}

/// One process of each, and a block of events for each in turn.
async fn warm(programs: &[(Measured, Program)], events: u32) -> Result<Vec<Warm>> {
    let mut processes = Vec::new();
    for (measured, program) in programs {
        let process = WarmProcess::start(*measured, program).await?;
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
