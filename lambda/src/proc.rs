//! What the kernel has measured of a process, from `/proc`.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use rustix::process::Pid;

/// The most memory the process has held at once, in KiB.
pub(crate) fn peak_rss_kib(pid: Pid) -> Result<u64> {
    let status = read(pid, "status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("the process has ended: no VmHWM")?;
    let kib = peak.trim().trim_end_matches("kB").trim();
    kib.parse().with_context(|| format!("VmHWM: {peak}"))
}

/// The time its threads have run, to the nanosecond; threads that have ended are not counted.
pub(crate) fn cpu_time(pid: Pid) -> Result<Duration> {
    let tasks = format!("/proc/{}/task", pid.as_raw_nonzero());
    let mut sum = 0;
    for task in fs::read_dir(&tasks).with_context(|| format!("no {tasks}"))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat"))?;
        let nanos = schedstat.split_whitespace().next();
        sum += nanos.context("an empty schedstat")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}

/// Whether the process is stopped by a signal.
pub(crate) fn is_stopped(pid: Pid) -> Result<bool> {
    let status = read(pid, "status")?;
    Ok(status.lines().any(|line| line.starts_with("State:\tT")))
}

fn read(pid: Pid, name: &str) -> Result<String> {
    let path = format!("/proc/{}/{name}", pid.as_raw_nonzero());
    fs::read_to_string(&path).with_context(|| format!("no {path}"))
}
