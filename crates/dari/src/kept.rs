//! What `dari dev` keeps between runs: the folder with its tables, which is nobody else's to read.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use bundle::engine;
use shared::keys::KeyRing;

use crate::{failure::Failure, folder};

/// Where this run keeps its tables.
pub(crate) enum Kept {
    /// In the folder `of`, or one below it.
    In { of: PathBuf, folder: PathBuf },
    /// Nowhere: another `dari dev` of this directory keeps its own in the usual place.
    Nowhere,
}

impl Kept {
    /// `chosen` is the folder that was asked for. The usual one has a folder for each set of keys:
    /// what was sealed with others could not be read, and would only be in the way.
    pub(crate) async fn choose(
        chosen: Option<PathBuf>,
        fresh: bool,
        keys: &KeyRing,
    ) -> Result<Self, Failure> {
        let kept = match chosen {
            Some(folder) => Self::In {
                of: folder.clone(),
                folder,
            },
            None => {
                let of = folder::usual_data();
                let name: String = keys.digest(&["data folder"]).chars().take(8).collect();
                let folder = of.join(name);
                if is_in_use(&folder).await {
                    return Ok(Self::Nowhere);
                }
                Self::In { of, folder }
            }
        };
        if let Self::In { of, folder } = &kept {
            if fresh {
                if is_in_use(folder).await {
                    return Err(Failure::usage(format!(
                        "--fresh: another `dari dev` keeps its conversations in {}; stop it first",
                        folder.display()
                    )));
                }
                clear(folder).map_err(|error| {
                    cannot("what is kept there cannot be deleted", folder, error)
                })?;
            }
            for folder in [of, folder] {
                shut(folder).map_err(|error| cannot("it cannot be made private", folder, error))?;
            }
        }
        Ok(kept)
    }

    /// The folder for the engine.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::In { folder, .. } => Some(folder),
            Self::Nowhere => None,
        }
    }

    /// Makes private what the engine made meanwhile.
    pub(crate) fn shut(&self) {
        if let Self::In { folder, .. } = self {
            // The folder is private already.
            let _ = shut(folder);
        }
    }

    /// For the start.
    pub(crate) fn notice(&self) -> String {
        match self {
            Self::In { of, .. } => format!(
                "{}: conversations and approvals stay; --fresh starts anew",
                of.display()
            ),
            Self::Nowhere => {
                "nothing: another `dari dev` keeps its own here; --data DIR keeps this one's"
                    .to_owned()
            }
        }
    }

    /// For the end.
    pub(crate) fn farewell(&self) -> String {
        match self {
            Self::In { of, .. } => format!(
                "Stopped. Conversations and approvals stay in {}; `dari dev --fresh` starts anew.",
                of.display()
            ),
            Self::Nowhere => {
                "Stopped. Conversations and approvals of this run are gone.".to_owned()
            }
        }
    }
}

fn cannot(what: &str, folder: &Path, error: io::Error) -> Failure {
    Failure::usage(format!("{}: {what}: {error}", folder.display()))
}

/// Whether another engine runs on this folder. One that is just ending is waited for.
async fn is_in_use(folder: &Path) -> bool {
    for _ in 0..20 {
        let Ok(lock) = File::open(folder.join(engine::LOCK)) else {
            return false;
        };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(()) | Err(TryLockError::Error(_)) => return false,
        }
    }
    true
}

/// The files of the engine in a folder: the database, what belongs to it, and the lock.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let ours = [engine::DATABASE, engine::LOCK];
        if ours
            .iter()
            .any(|ours| name.to_string_lossy().starts_with(ours))
        {
            files.push(entry.path());
        }
    }
    Ok(files)
}

fn clear(folder: &Path) -> io::Result<()> {
    files(folder)?.iter().try_for_each(fs::remove_file)
}

/// Takes everybody else's rights away, from a folder that was there before, too.
fn shut(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    for file in files(folder)? {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_folder_that_was_open_to_others_is_shut_and_nobody_elses_file_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        for name in ["dari.sqlite", "dari.sqlite-wal", "letter.txt"] {
            fs::write(of(name), "text").unwrap();
            fs::set_permissions(of(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        shut(folder.path()).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&of("dari.sqlite")), 0o600);
        assert_eq!(mode(&of("dari.sqlite-wal")), 0o600);
        assert_eq!(mode(&of("letter.txt")), 0o644);
        clear(folder.path()).unwrap();
        assert!(!of("dari.sqlite").exists() && !of("dari.sqlite-wal").exists());
        assert!(of("letter.txt").exists());
    }

    #[tokio::test]
    async fn a_folder_is_in_use_while_its_lock_is_held() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_in_use(folder.path()).await);
        let lock = File::create(folder.path().join(engine::LOCK)).unwrap();
        assert!(!is_in_use(folder.path()).await);
        lock.lock().unwrap();
        assert!(is_in_use(folder.path()).await);
        drop(lock);
        assert!(!is_in_use(folder.path()).await);
    }
}
