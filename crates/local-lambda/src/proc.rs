//! What the kernel has measured of a process, from `/proc`.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use rustix::process::Pid;

/// The most memory the process has held at once, in KiB.
pub(crate) fn peak_rss_kib(pid: Pid) -> Result<u64> {
    let path = format!("/proc/{}/status", pid.as_raw_nonzero());
    let status = fs::read_to_string(&path).with_context(|| format!("no {path}"))?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("the process has ended: no VmHWM")?;
    let kib = peak.trim().trim_end_matches("kB").trim();
    kib.parse().with_context(|| format!("VmHWM: {peak}"))
}

/// The time its threads have run, to the nanosecond; threads that have ended are not counted.
pub(crate) fn cpu_time(pid: Pid) -> Result<Duration> {
    let mut sum = 0;
    for schedstat in of_threads(pid, "schedstat")? {
        let nanos = schedstat.split_whitespace().next();
        sum += nanos.context("an empty schedstat")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}

/// Whether every thread is stopped by a signal.
pub(crate) fn is_stopped(pid: Pid) -> Result<bool> {
    let is_stopped = |status: &String| status.lines().any(|line| line.starts_with("State:\tT"));
    Ok(of_threads(pid, "status")?.iter().all(is_stopped))
}

/// A thread that ends meanwhile is left out.
fn of_threads(pid: Pid, name: &str) -> Result<Vec<String>> {
    let tasks = format!("/proc/{}/task", pid.as_raw_nonzero());
    let threads = fs::read_dir(&tasks).with_context(|| format!("no {tasks}"))?;
    Ok(threads
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join(name)).ok())
        .collect())
}
