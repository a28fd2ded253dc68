//! The tables of docs/numbers.md: what was measured, and whether it is within the budgets.

use std::{env::consts::ARCH, fmt::Write, fs, path::Path, process::Command, thread};

use anyhow::{Context, Result};

use crate::{
    programs::{BARE, FUNCTIONS},
    repo,
    runs::{Starts, Warm},
    sample::Sample,
};

/// CPU, milliseconds.
const FIRST_POLL: f64 = 8.0;
/// Milliseconds.
const FIRST_ANSWER: f64 = 15.0;
const TO_BARE: f64 = 1.3;
const RSS_MIB: f64 = 20.0;
const ZIP_MB: f64 = 4.5;

/// One program, measured.
pub struct Row {
    pub name: &'static str,
    pub starts: Starts,
    pub warm: Warm,
    pub zip_bytes: u64,
}

struct Budget {
    what: String,
    limit: f64,
    unit: &'static str,
    measured: f64,
}

impl Row {
    fn zip_mb(&self) -> f64 {
        let kilobytes = u32::try_from(self.zip_bytes / 1_000).unwrap_or(u32::MAX);
        f64::from(kilobytes) / 1_000.0
    }

    fn budgets(&self, bare: &Self) -> Vec<Budget> {
        let budget = |what: &str, limit, unit, measured| Budget {
            what: format!("{}, {what}", self.name),
            limit,
            unit,
            measured,
        };
        let ratio = |of: fn(&Self) -> f64| of(self) / of(bare);
        let poll: fn(&Self) -> f64 = |row| row.starts.poll_cpu.median();
        let answer: fn(&Self) -> f64 = |row| row.starts.answer_cpu.median();
        let answer_wall = self.starts.answer_wall.median();
        vec![
            budget("exec to first poll, CPU", FIRST_POLL, "ms", poll(self)),
            budget("the same, to `bare`", TO_BARE, "×", ratio(poll)),
            budget("exec to first answer", FIRST_ANSWER, "ms", answer_wall),
            budget("its CPU, to `bare`", TO_BARE, "×", ratio(answer)),
            budget("peak RSS", RSS_MIB, "MiB", self.starts.peak_rss_mib.max()),
            budget("zip", ZIP_MB, "MB", self.zip_mb()),
        ]
    }
}

impl Budget {
    fn verdict(&self) -> &'static str {
        if self.measured <= self.limit {
            "ok"
        } else {
            "over"
        }
    }
}

pub fn markdown(rows: &[Row], runs: u32, events: u32) -> Result<String> {
    let bare = rows.iter().find(|row| row.name == BARE.name);
    let bare = bare.context("the yardstick was not measured")?;
    let mut text = conditions()?;
    write!(
        text,
        "\n\n{runs} fresh processes of each, {events} events for a warm one. Medians, with p90 and maximum in brackets; then the ratio to `bare`.\n\n|"
    )?;
    for heading in rows.iter().map(|row| row.name) {
        write!(text, " | `{heading}`")?;
    }
    write!(text, " |\n|---{}|", "|---".repeat(rows.len()))?;
    let mut line = |what: &str, cell: &dyn Fn(&Row) -> String| -> Result<()> {
        write!(text, "\n| {what} |")?;
        for row in rows {
            write!(text, " {} |", cell(row))?;
        }
        Ok(())
    };
    let spread = |of: fn(&Row) -> &Sample| {
        move |row: &Row| {
            let (sample, bare) = (of(row), of(bare).median());
            let ratio = sample.median() / bare;
            let (median, p90, max) = (sample.median(), sample.percentile(90), sample.max());
            format!("{median:.2} ({p90:.2}, {max:.2}); {ratio:.2} ×")
        }
    };
    line(
        "exec to first poll, CPU, ms",
        &spread(|row| &row.starts.poll_cpu),
    )?;
    line(
        "exec to first poll, ms",
        &spread(|row| &row.starts.poll_wall),
    )?;
    line(
        "exec to first answer, CPU, ms",
        &spread(|row| &row.starts.answer_cpu),
    )?;
    line(
        "exec to first answer, ms",
        &spread(|row| &row.starts.answer_wall),
    )?;
    line("peak RSS, MiB", &spread(|row| &row.starts.peak_rss_mib))?;
    line("zip, MB", &|row| {
        let (zip, of_bare) = (row.zip_mb(), bare.zip_mb());
        format!("{zip:.2}; {:.2} ×", zip / of_bare)
    })?;
    line("warm event, CPU, ms", &spread(|row| &row.warm.cpu))?;
    line("warm event, p50 and p99, ms", &|row| {
        let wall = &row.warm.wall;
        format!("{:.2}, {:.2}", wall.median(), wall.percentile(99))
    })?;
    text.push_str("\n\n| what | budget | measured | |\n|---|---|---|---|");
    let functions = rows
        .iter()
        .filter(|row| FUNCTIONS.iter().any(|it| it.name == row.name));
    for budget in functions.flat_map(|row| row.budgets(bare)) {
        let (limit, unit, measured) = (budget.limit, budget.unit, budget.measured);
        write!(
            text,
            "\n| {} | ≤ {limit} {unit} | {measured:.2} {unit} | {} |",
            budget.what,
            budget.verdict()
        )?;
    }
    Ok(text)
}

/// The machine, compiler and commit, without which figures say nothing.
fn conditions() -> Result<String> {
    let cpus = thread::available_parallelism()?;
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| {
        model.trim_start_matches([' ', '\t', ':'])
    });
    let root = &repo::root()?;
    let rustc = output(root, "rustc", &["--version"])?;
    let commit = output(
        root,
        "git",
        &["describe", "--always", "--dirty", "--abbrev=7"],
    )?;
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d");
    Ok(format!(
        "{cpus} CPUs ({model}), {ARCH}, {rustc}, commit {commit}, {date}."
    ))
}

fn output(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let run = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output();
    let run = run.with_context(|| format!("{program} does not start"))?;
    Ok(String::from_utf8(run.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &'static str, time: f64, zip_bytes: u64) -> Row {
        let sample = || [time].into_iter().collect::<Sample>();
        Row {
            name,
            starts: Starts {
                poll_wall: sample(),
                poll_cpu: sample(),
                answer_wall: sample(),
                answer_cpu: sample(),
                peak_rss_mib: sample(),
            },
            warm: Warm {
                cpu: sample(),
                wall: sample(),
            },
            zip_bytes,
        }
    }

    #[test]
    fn each_function_is_held_against_every_budget() {
        let rows = [
            row("bare", 7.0, 2_000_000),
            row("skill-webhook", 8.0, 4_500_000),
            row("turn-worker", 16.0, 4_501_000),
        ];
        let verdicts = |row: &Row| -> Vec<_> {
            let budgets = row.budgets(&rows[0]);
            budgets.iter().map(Budget::verdict).collect()
        };
        assert_eq!(verdicts(&rows[1]), ["ok"; 6]);
        assert_eq!(
            verdicts(&rows[2]),
            ["over", "over", "over", "over", "ok", "over"]
        );
        let text = markdown(&rows, 1, 1).unwrap();
        assert!(
            text.contains("| turn-worker, zip | ≤ 4.5 MB | 4.50 MB | over |"),
            "{text}"
        );
        assert!(!text.contains("| bare, zip"), "{text}");
    }

    #[test]
    fn without_the_yardstick_there_is_no_table() {
        assert!(markdown(&[row("hello", 1.0, 1)], 1, 1).is_err());
    }
}
