//! The embedded DynamoDB engine, reached over HTTP like the real one, but on this machine.

use std::{
    fs::{File, TryLockError},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use dynoxide::Database;
use tokio::{net::TcpListener, task::JoinSet};

/// The database in its folder; other files of it begin with this name.
pub const DATABASE: &str = "dari.sqlite";
/// Held while an engine runs on the folder.
pub const LOCK: &str = "dari.lock";
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// Starts the engine, in memory or on a file in `data`; returns its address.
pub async fn start(data: Option<&Path>, tasks: &mut JoinSet<()>) -> Result<String> {
    start_on(0, data, tasks).await
}

/// Like [`start`], on a port of choice; 0 for any that is free.
pub async fn start_on(port: u16, data: Option<&Path>, tasks: &mut JoinSet<()>) -> Result<String> {
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken; choose another with --dynamodb-port")
        }
        Err(error) => bail!("port {port} cannot be used for the embedded database: {error}"),
    };
    let mut held = None;
    let database =
        match data {
            None => Database::memory(),
            Some(folder) => {
                // The contents are sealed, but other users of this machine still have no business
                // there.
                std::fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(folder)
                    .with_context(|| format!("{} cannot be made", folder.display()))?;
                held = lock(folder).await?;
                let file = folder.join(DATABASE);
                Database::new(file.to_str().with_context(|| {
                    format!("{} is not a name the engine can use", file.display())
                })?)
            }
        };
    let database = database.context("the embedded database cannot be opened")?;
    let url = format!("http://{}", listener.local_addr()?);
    tasks.spawn(sweep(database.clone(), held));
    tasks.spawn(dynoxide::server::serve_on(listener, database));
    Ok(url)
}

/// Locks the folder, because two engines on one file would each see half of what happens. The lock
/// lasts as long as the file is open. An engine that is just ending is waited for, up to 1 s.
/// `None` if the file system has no locks.
async fn lock(folder: &Path) -> Result<Option<File>> {
    let file = folder.join(LOCK);
    let lock = File::create(&file).with_context(|| format!("{} cannot be made", file.display()))?;
    for _ in 0..20 {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            // Not every file system has locks; without them the engine runs all the same.
            Err(TryLockError::Error(_)) => return Ok(None),
        }
    }
    bail!(
        "another `dari dev` keeps its conversations in {}; stop it or choose another --data",
        folder.display()
    )
}

/// Deletes what has expired, as DynamoDB does by itself.
async fn sweep(database: Database, _held: Option<File>) {
    loop {
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(_)) => {}
            failed => tracing::warn!(?failed, "expired items could not be swept"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
