//! How large the functions are and how long they take to start, as crates/xtask/recorded.json has
//! it, and whether that has grown.

use std::{
    collections::BTreeMap,
    env::consts::ARCH,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What a figure may be, in percent of what was recorded.
const LIMIT: u32 = 120;

/// By architecture and function.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recorded(BTreeMap<String, BTreeMap<String, Figures>>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    pub zip_bytes: u64,
    /// The CPU time from exec to the first poll, divided by that of `bare` in the same run:
    /// machines differ.
    pub first_poll_to_bare: f64,
}

/// A figure that is more than 20 % over what was recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Grown {
    Zip { recorded: u64, measured: u64 },
    FirstPoll { recorded: f64, measured: f64 },
}

impl fmt::Display for Grown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zip { recorded, measured } => {
                write!(f, "zip: {recorded} bytes recorded, {measured} measured")
            }
            Self::FirstPoll { recorded, measured } => write!(
                f,
                "exec to first poll, CPU: {recorded:.2} × bare recorded, {measured:.2} × measured"
            ),
        }
    }
}

impl Figures {
    pub fn grown_to(self, measured: Self) -> Vec<Grown> {
        let zip = Grown::Zip {
            recorded: self.zip_bytes,
            measured: measured.zip_bytes,
        };
        let poll = Grown::FirstPoll {
            recorded: self.first_poll_to_bare,
            measured: measured.first_poll_to_bare,
        };
        let is_larger = measured.zip_bytes * 100 > self.zip_bytes * u64::from(LIMIT);
        let is_slower =
            measured.first_poll_to_bare * 100.0 > self.first_poll_to_bare * f64::from(LIMIT);
        let grown = [(is_larger, zip), (is_slower, poll)];
        grown
            .into_iter()
            .filter_map(|(is_grown, what)| is_grown.then_some(what))
            .collect()
    }
}

impl Recorded {
    /// Nothing, if nothing has been recorded.
    pub fn read() -> Result<Self> {
        let file = file();
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        serde_json::from_str(&text).with_context(|| file.display().to_string())
    }

    pub fn write(&self) -> Result<PathBuf> {
        let file = file();
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&file, text).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    /// What was recorded of a function on an architecture such as this machine's.
    pub fn figures(&self, function: &str) -> Result<Figures> {
        let of_arch = self.0.get(ARCH).and_then(|of_arch| of_arch.get(function));
        of_arch.copied().with_context(|| {
            format!("nothing is recorded of {function} on {ARCH}: `cargo xtask bench --record`")
        })
    }

    pub fn set(&mut self, function: &str, figures: Figures) {
        let of_arch = self.0.entry(ARCH.to_owned()).or_default();
        of_arch.insert(function.to_owned(), figures);
    }
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recorded.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: Figures = Figures {
        zip_bytes: 1_000_000,
        first_poll_to_bare: 1.1,
    };

    #[test]
    fn a_fifth_more_is_let_through_and_anything_beyond_is_not() {
        let grown = |zip_bytes, first_poll_to_bare| {
            RECORDED.grown_to(Figures {
                zip_bytes,
                first_poll_to_bare,
            })
        };
        assert_eq!(grown(1_200_000, 1.31), []);
        assert_eq!(grown(500_000, 0.5), []);
        let zip = Grown::Zip {
            recorded: 1_000_000,
            measured: 1_200_001,
        };
        let poll = Grown::FirstPoll {
            recorded: 1.1,
            measured: 1.33,
        };
        assert_eq!(grown(1_200_001, 1.33), [zip, poll.clone()]);
        assert_eq!(grown(1_200_000, 1.33), [poll]);
        assert_eq!(grown(1_200_001, 1.1).len(), 1);
    }

    #[test]
    fn what_is_set_is_found_again_and_nothing_else() {
        let mut recorded = Recorded::default();
        recorded.set("skill-webhook", RECORDED);
        let text = serde_json::to_string(&recorded).unwrap();
        let recorded: Recorded = serde_json::from_str(&text).unwrap();
        assert_eq!(recorded.figures("skill-webhook").unwrap(), RECORDED);
        assert!(recorded.figures("turn-worker").is_err());
    }
}
