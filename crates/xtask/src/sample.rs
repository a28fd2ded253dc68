//! Many measurements of the same thing, and what is said of them.

use std::time::Duration;

/// Measurements in ascending order; every figure of an empty sample is NaN.
#[derive(Clone, Debug, Default)]
pub struct Sample(Vec<f64>);

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(measured: I) -> Self {
        let mut measured: Vec<f64> = measured.into_iter().collect();
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }
}

/// In milliseconds.
impl FromIterator<Duration> for Sample {
    fn from_iter<I: IntoIterator<Item = Duration>>(measured: I) -> Self {
        measured.into_iter().map(millis).collect()
    }
}

impl Sample {
    /// The smallest measurement that `percent` of all do not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100);
        let found = self.0.get(rank.saturating_sub(1));
        found.copied().unwrap_or(f64::NAN)
    }

    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    pub fn max(&self) -> f64 {
        self.percentile(100)
    }
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measurements_themselves() {
        let sample: Sample = [5.0, 1.0, 4.0, 2.0, 3.0].into_iter().collect();
        let percentile = |percent| sample.percentile(percent).to_string();
        let percentiles = [0, 20, 21, 50, 80, 90, 100].map(percentile);
        assert_eq!(percentiles, ["1", "1", "2", "3", "4", "5", "5"]);
    }

    #[test]
    fn times_are_in_milliseconds() {
        let sample: Sample = [Duration::from_micros(1_500)].into_iter().collect();
        assert!((sample.median() - 1.5).abs() < 1e-9);
        assert!(Sample::default().median().is_nan());
    }
}
