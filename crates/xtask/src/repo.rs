//! The repository's own files, as text.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders with nothing of ours in them.
const FOREIGN: [&str; 6] = [
    ".aws-sam",
    ".dari",
    ".git",
    ".venv",
    "node_modules",
    "target",
];

/// A file of the repository.
pub struct Source {
    /// From the root, with `/` between folders.
    pub path: String,
    pub text: String,
}

/// Where `Cargo.lock` is.
pub fn root() -> io::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .map(Path::to_owned)
        .ok_or_else(|| io::Error::other("no Cargo.lock above xtask"))
}

/// The paths of all files, from the root and in order.
pub fn paths() -> io::Result<Vec<String>> {
    let root = root()?;
    let mut paths = Vec::new();
    collect(&root, "", &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// The text of all files with these extensions; `""` stands for files without one.
pub fn sources(extensions: &[&str]) -> io::Result<Vec<Source>> {
    let root = root()?;
    let mut sources = Vec::new();
    for path in paths()? {
        if extensions.contains(&extension(&path)) {
            let bytes = fs::read(root.join(&path))?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            sources.push(Source { path, text });
        }
    }
    if sources.is_empty() {
        let message = format!("no file ends in any of {extensions:?}");
        return Err(io::Error::other(message));
    }
    Ok(sources)
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

fn collect(root: &Path, folder: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_file() {
            paths.push(path);
        } else if kind.is_dir() && !FOREIGN.contains(&name.as_str()) {
            collect(root, &path, paths)?;
        }
    }
    Ok(())
}
