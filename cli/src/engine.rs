//! The embedded DynamoDB engine, over loopback HTTP like the real one.

use std::path::Path;

use anyhow::{Context, Result};
use dynoxide::Database;
use tokio::{net::TcpListener, task::JoinSet};

/// Starts the engine, in memory or on a file in `data`; returns its address.
pub async fn start(data: Option<&Path>, tasks: &mut JoinSet<()>) -> Result<String> {
    let database =
        match data {
            None => Database::memory(),
            Some(folder) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{} cannot be made", folder.display()))?;
                let file = folder.join("dari.sqlite");
                Database::new(file.to_str().with_context(|| {
                    format!("{} is not a name the engine can use", file.display())
                })?)
            }
        };
    let database = database.context("the embedded database cannot be opened")?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .context("no port for the embedded database")?;
    let url = format!("http://{}", listener.local_addr()?);
    tasks.spawn(dynoxide::server::serve_on(listener, database));
    Ok(url)
}
