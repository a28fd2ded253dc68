//! What many runs of one program took.

use crate::{process::Cold, sample::Sample};

/// What many fresh processes of one program took; times in milliseconds.
pub struct Starts {
    pub poll_wall: Sample,
    pub poll_cpu: Sample,
    pub answer_wall: Sample,
    pub answer_cpu: Sample,
    pub peak_rss_mib: Sample,
}

/// What events took a process that had had many before; times in milliseconds.
pub struct Warm {
    /// The averages of the blocks.
    pub cpu: Sample,
    pub wall: Sample,
}

impl Starts {
    pub fn of(colds: &[Cold]) -> Self {
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
