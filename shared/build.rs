//! Tells `telemetry` which crates are ours: those of the lock file that have no source.

use std::{error::Error, fs};

const LOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");

fn main() -> Result<(), Box<dyn Error>> {
    let lock = fs::read_to_string(LOCK)?;
    let ours: Vec<_> = lock
        .split("[[package]]")
        .filter(|package| !package.contains("\nsource = "))
        .filter_map(|package| package.split("\nname = \"").nth(1)?.split('"').next())
        .map(|name| name.replace('-', "_"))
        .collect();
    println!("cargo::rerun-if-changed={LOCK}");
    println!("cargo::rustc-env=OUR_CRATES={}", ours.join(","));
    Ok(())
}
