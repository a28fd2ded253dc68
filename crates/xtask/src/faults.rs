//! `faults`: which lines of docs/faults.md are proven, and by what.
//!
//! A test names the lines it proves at the beginning of its name (`f16_f17_a_store_…`). What else
//! proves a line, and which lines wait for a part that is not there yet, the document says itself
//! (§8.1 and §8.2). From these its last table is written.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use anyhow::{Context, Result, bail, ensure};

use crate::repo::{self, Source};

const DOCUMENT: &str = "docs/faults.md";
const OTHERWISE: &str = "### 8.1 ";
const WAITING: &str = "### 8.2 ";
const BEGIN: &str = "<!-- proven -->\n";
const END: &str = "<!-- end -->\n";
/// Tests below it run the functions' real binaries.
const REAL_BINARIES: &str = "tests/aws/";
/// What plays the outside world proves nothing of ours.
const PLAYED: &str = "emulator/";
/// Characters of a situation in the table.
const SITUATION: usize = 80;

/// A line of the document: what happens, and what must come of it.
#[derive(Debug, PartialEq)]
struct Fault<'a> {
    id: &'a str,
    priority: &'a str,
    situation: &'a str,
}

/// By line: what proves it besides tests, or for what it waits.
type Remarks<'a> = BTreeMap<&'a str, &'a str>;

/// By line: the names of the tests that prove it.
type Proofs = BTreeMap<String, BTreeSet<String>>;

/// Writes the table anew, or only says whether that would change anything.
pub fn run(check: bool) -> Result<()> {
    let file = repo::root()?.join(DOCUMENT);
    let document = fs::read_to_string(&file).context(DOCUMENT)?;
    let written = rewritten(&document, &repo::sources(&["rs"])?)?;
    if !check {
        return fs::write(&file, written).context(DOCUMENT);
    }
    ensure!(
        written == document,
        "{DOCUMENT} is not what the tests say; `cargo xtask faults` writes it anew"
    );
    Ok(())
}

fn rewritten(document: &str, sources: &[Source]) -> Result<String> {
    let faults = faults(document);
    let otherwise = remarks(document, OTHERWISE, &faults)?;
    let waiting = remarks(document, WAITING, &faults)?;
    let proofs = proofs(sources, &faults)?;
    for id in waiting.keys() {
        ensure!(
            !proofs.contains_key(*id) && !otherwise.contains_key(id),
            "{id} is proven, so it does not wait any more: take it out of {WAITING}of {DOCUMENT}"
        );
    }
    let (before, rest) = document
        .split_once(BEGIN)
        .with_context(|| format!("{DOCUMENT} has no {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("{DOCUMENT} has no {END}"))?;
    let table = table(&faults, &proofs, &otherwise, &waiting);
    Ok(format!("{before}{BEGIN}{table}{END}{after}"))
}

/// The lines in their order.
fn faults(document: &str) -> Vec<Fault<'_>> {
    document.lines().filter_map(fault).collect()
}

fn fault(line: &str) -> Option<Fault<'_>> {
    let (id, rest) = line.strip_prefix("- **")?.split_once(" (")?;
    let (priority, rest) = rest.split_once(")** ")?;
    let situation = rest.split(" → ").next()?;
    id.starts_with("F-").then_some(Fault {
        id,
        priority,
        situation,
    })
}

/// The two-column table under a heading. The column that names lines may come first or last, and
/// may name ranges in the order of the document (`F-55–F-66`).
fn remarks<'a>(document: &'a str, heading: &str, faults: &[Fault<'a>]) -> Result<Remarks<'a>> {
    let place = document
        .find(&format!("\n{heading}"))
        .with_context(|| format!("{DOCUMENT} has no {heading}"))?;
    let rows = document
        .get(place + 1..)
        .unwrap_or_default()
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| {
            line.strip_prefix("| ")?
                .strip_suffix(" |")?
                .split_once(" | ")
        });
    let mut remarks = Remarks::new();
    for (left, right) in rows {
        let (named, remark) = if left.starts_with("F-") {
            (left, right)
        } else {
            (right, left)
        };
        if !named.starts_with("F-") {
            continue;
        }
        for range in named.split(", ") {
            let (first, last) = range.split_once('–').unwrap_or((range, range));
            for id in between(first, last, faults)? {
                let twice = remarks.insert(id, remark).is_some();
                ensure!(!twice, "{id} stands twice under {heading}");
            }
        }
    }
    Ok(remarks)
}

fn between<'a>(first: &str, last: &str, faults: &[Fault<'a>]) -> Result<Vec<&'a str>> {
    let place = |id: &str| {
        let place = faults.iter().position(|fault| fault.id == id);
        place.with_context(|| format!("{DOCUMENT} has no line {id}"))
    };
    let (first, last) = (place(first)?, place(last)?);
    ensure!(first <= last, "a range of {DOCUMENT} runs backwards");
    let named = faults.get(first..=last).unwrap_or_default();
    Ok(named.iter().map(|fault| fault.id).collect())
}

fn proofs(sources: &[Source], faults: &[Fault<'_>]) -> Result<Proofs> {
    let known: BTreeSet<&str> = faults.iter().map(|fault| fault.id).collect();
    let mut proofs = Proofs::new();
    let mut wrong = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !source.path.contains(PLAYED))
    {
        for function in functions(&source.text) {
            let name = function.name;
            for id in named(name) {
                if !function.is_test {
                    wrong.push(format!("{}: {name} names {id} and is no test", source.path));
                } else if known.contains(id.as_str()) {
                    let mark = if source.path.contains(REAL_BINARIES) {
                        " †"
                    } else {
                        ""
                    };
                    let shown = format!("`{name}`{mark}");
                    proofs.entry(id).or_default().insert(shown);
                } else {
                    wrong.push(format!(
                        "{}: there is no {id} that {name} could prove",
                        source.path
                    ));
                }
            }
        }
    }
    if wrong.is_empty() {
        return Ok(proofs);
    }
    bail!("{}", wrong.join("\n"))
}

struct Function<'a> {
    name: &'a str,
    is_test: bool,
}

/// The functions of a file, by their first line, as rustfmt leaves it.
fn functions(text: &str) -> Vec<Function<'_>> {
    let mut functions = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = function_name(line) {
            functions.push(Function { name, is_test });
            is_test = false;
        } else if line.starts_with('}') {
            is_test = false;
        }
    }
    functions
}

fn function_name(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let is_declared = before
        .split_whitespace()
        .all(|word| word.starts_with("pub") || matches!(word, "async" | "const"));
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    is_declared.then(|| rest.get(..end)).flatten()
}

/// The lines that a function's name names: `f16_f21b_…` is F-16 and F-21b.
fn named(function: &str) -> impl Iterator<Item = String> + '_ {
    function.split('_').map_while(|word| {
        let rest = word.strip_prefix('f')?;
        let letter = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: u32 = rest.strip_suffix(letter)?.parse().ok()?;
        let is_letter = letter.len() < 2 && letter.chars().all(|c| c.is_ascii_lowercase());
        is_letter.then(|| format!("F-{number:02}{letter}"))
    })
}

fn table(
    faults: &[Fault<'_>],
    proofs: &Proofs,
    otherwise: &Remarks<'_>,
    waiting: &Remarks<'_>,
) -> String {
    let mut rows = String::new();
    let mut open = Vec::new();
    let (mut by_tests, mut by_other_means) = (0, 0);
    for Fault {
        id,
        priority,
        situation,
    } in faults
    {
        let mut proof: Vec<String> = Vec::new();
        proof.extend(otherwise.get(id).map(|means| (*means).to_owned()));
        if let Some(tests) = proofs.get(*id) {
            proof.extend(tests.iter().cloned());
            by_tests += 1;
        } else if !proof.is_empty() {
            by_other_means += 1;
        } else if let Some(part) = waiting.get(id) {
            proof.push(format!("waits for {part}"));
        } else {
            proof.push("**open**".to_owned());
            open.push((*id, *priority));
        }
        let proof = proof.join("<br>");
        let situation = shortened(situation);
        // Writing into a string does not fail.
        let _ = writeln!(rows, "| {id} | {priority} | {situation} | {proof} |");
    }
    let list = |wanted: &str| {
        let ids: Vec<&str> = open
            .iter()
            .filter(|(_, priority)| *priority == wanted)
            .map(|(id, _)| *id)
            .collect();
        format!(
            "{wanted}: {}",
            if ids.is_empty() {
                "none".to_owned()
            } else {
                ids.join(", ")
            }
        )
    };
    let lines = faults.len();
    let waits = waiting.len();
    let opens = open.len();
    let lists = ["P0", "P1", "P2"].map(list).join("; ");
    format!(
        "Of {lines} lines {by_tests} are proven by tests that name them, {by_other_means} by other \
         means, {waits} wait for a part that is not there yet.\n{opens} are **open**: the part is \
         there, and no test names the line. {lists}.\n\n| line | | situation | proven by |\n\
         |---|---|---|---|\n{rows}"
    )
}

/// As much as fits into a table, cut between words.
fn shortened(situation: &str) -> String {
    if situation.chars().count() <= SITUATION {
        return situation.replace('|', "\\|");
    }
    let mut short = String::new();
    for word in situation.split(' ') {
        if short.chars().count() + word.chars().count() >= SITUATION {
            break;
        }
        short.push_str(word);
        short.push(' ');
    }
    let mut short = short.trim_end_matches([' ', ',', '(']).replace('|', "\\|");
    if short.matches('`').count() % 2 == 1 {
        short.push('`');
    }
    short + " …"
}
