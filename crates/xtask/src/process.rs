//! One process of a program, measured: from its start to its first answer, or over many events.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use local_lambda::sandbox::{Program, Sandbox};
use serde_json::Value;
use tokio::task::yield_now;

use crate::programs::Measured;

/// Events that a warm process has had before it is measured.
const WARM_UP: u32 = 50;

/// The first steps of a fresh process, each from just before it was started.
#[derive(Clone, Copy, Debug)]
pub struct Cold {
    pub poll_wall: Duration,
    pub poll_cpu: Duration,
    /// Start and first event, without the time between them, when the process was frozen.
    pub answer_wall: Duration,
    pub answer_cpu: Duration,
    pub peak_rss_kib: u64,
}

pub async fn cold(measured: &'static Measured, program: &Program) -> Result<Cold> {
    let event = measured.event()?;
    let sandbox = Sandbox::start(program)?;
    sandbox.ready().await?;
    let poll_cpu = cpu_time(&sandbox).await?;
    let poll_wall = sandbox.timing().exec_to_first_poll;
    let poll_wall = poll_wall.context("no first poll")?;
    let asked = Instant::now();
    let answer = sandbox.invoke(event).await;
    let answer_wall = poll_wall + asked.elapsed();
    measured
        .check(&answer.with_context(|| sandbox.output())?)
        .with_context(|| sandbox.output())?;
    Ok(Cold {
        poll_wall,
        poll_cpu,
        answer_wall,
        answer_cpu: cpu_time(&sandbox).await?,
        peak_rss_kib: sandbox.peak_rss_kib()?,
    })
}

/// Waits until the process is frozen, because the kernel counts a running thread late.
async fn cpu_time(sandbox: &Sandbox) -> Result<Duration> {
    while !sandbox.is_frozen()? {
        yield_now().await;
    }
    sandbox.cpu_time()
}

/// A process that has had its first events already.
pub struct WarmProcess {
    measured: &'static Measured,
    event: Value,
    sandbox: Sandbox,
}

impl WarmProcess {
    /// It runs on between events: freezing costs time of its own.
    pub async fn start(measured: &'static Measured, program: &Program) -> Result<Self> {
        let sandbox = Sandbox::start(&program.clone().never_frozen())?;
        sandbox.ready().await?;
        let process = Self {
            measured,
            event: measured.event()?,
            sandbox,
        };
        process.block(WARM_UP).await?;
        Ok(process)
    }

    /// So many events, one after the other: the CPU time of one on average, and how long each took.
    pub async fn block(&self, events: u32) -> Result<(Duration, Vec<Duration>)> {
        let mut walls = Vec::new();
        let before = self.cpu_time().await?;
        for _ in 0..events {
            let asked = Instant::now();
            let answer = self.sandbox.invoke(self.event.clone()).await?;
            walls.push(asked.elapsed());
            self.measured.check(&answer)?;
        }
        let cpu = self.cpu_time().await?.saturating_sub(before) / events;
        Ok((cpu, walls))
    }

    async fn cpu_time(&self) -> Result<Duration> {
        self.sandbox.freeze();
        let time = cpu_time(&self.sandbox).await;
        self.sandbox.thaw();
        time
    }
}
