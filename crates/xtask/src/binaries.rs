//! The programs that are measured: built by cargo as they are deployed, and found where cargo says
//! it put them.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::repo;

/// What surrounds one file named `bootstrap` in a zip: local header, entry of the directory, end of
/// the directory.
const ZIP_OVERHEAD: u64 = (30 + 9) + (46 + 9) + 22;

/// How cargo builds them; the profile `bench` is `dari dev` without the long link of `release`.
#[derive(Clone, Copy)]
pub enum Profile {
    Release,
    Bench,
}

/// Programs by name.
pub struct Binaries(BTreeMap<String, PathBuf>);

impl Binaries {
    /// Builds the packages, unless their programs are in `prebuilt` already.
    pub fn of(packages: &[&str], profile: Profile, prebuilt: Option<PathBuf>) -> Result<Self> {
        match prebuilt {
            Some(folder) => Self::in_folder(&folder),
            None => build(packages, profile).map(Self),
        }
    }

    fn in_folder(folder: &Path) -> Result<Self> {
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut found = BTreeMap::new();
        for entry in entries {
            let path = std::path::absolute(entry?.path())?;
            if let (true, Some(name)) = (path.is_file(), path.file_name().and_then(OsStr::to_str)) {
                found.insert(name.to_owned(), path);
            }
        }
        Ok(Self(found))
    }

    pub fn path(&self, name: &str) -> Result<&Path> {
        let path = self.0.get(name);
        Ok(path.with_context(|| format!("there is no program {name}"))?)
    }
}

fn build(packages: &[&str], profile: Profile) -> Result<BTreeMap<String, PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--locked",
            "--bins",
            "--message-format=json-render-diagnostics",
        ])
        .args(match profile {
            Profile::Release => ["--profile", "release"],
            Profile::Bench => ["--profile", "bench"],
        })
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .current_dir(repo::root()?)
        .stderr(Stdio::inherit());
    let built = command.output().context("cargo does not start")?;
    ensure!(built.status.success(), "cargo build: {}", built.status);
    let mut found = BTreeMap::new();
    for line in built.stdout.split(|byte| *byte == b'\n') {
        let message: Value = serde_json::from_slice(line).unwrap_or_default();
        let Some(executable) = message.get("executable").and_then(Value::as_str) else {
            continue;
        };
        let name = message.pointer("/target/name").and_then(Value::as_str);
        let name = name.context("cargo does not say what it built")?;
        found.insert(name.to_owned(), executable.into());
    }
    if found.is_empty() {
        bail!("cargo built no program");
    }
    Ok(found)
}

/// How many bytes a program has as `bootstrap` in a zip, deflated as hard as zip does.
pub fn zip_size(program: &Path) -> Result<u64> {
    let bytes = fs::read(program).with_context(|| program.display().to_string())?;
    let deflated = miniz_oxide::deflate::compress_to_vec(&bytes, 9);
    Ok(u64::try_from(deflated.len())? + ZIP_OVERHEAD)
}
