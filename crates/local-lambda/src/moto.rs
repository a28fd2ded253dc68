//! The AWS services that a run needs, played by moto's server, a Python package.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{capture::Capture, machine::http_client};

/// How long the server may take to start; it loads a lot of Python.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A server that is up; it is killed when dropped, and all that it holds is gone.
pub struct Moto {
    /// The endpoint of every service, without a slash at the end.
    pub url: String,
    client: reqwest::Client,
    output: Capture,
    _process: Child,
}

impl Moto {
    /// Starts this `moto_server` on a free port and waits until it answers.
    pub async fn start(server: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let output = Capture::new()?;
        let mut process = Command::new(server)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(output.stdio()?)
            .stderr(output.stdio()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", server.display()))?;
        let url = format!("http://127.0.0.1:{port}");
        let client = http_client()?;
        let limit = Instant::now() + START_LIMIT;
        while client.get(format!("{url}/moto-api/")).send().await.is_err() {
            if let Some(status) = process.try_wait()? {
                bail!("moto has ended: {status}\n{}", output.text());
            }
            if Instant::now() > limit {
                bail!("moto does not answer\n{}", output.text());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self {
            url,
            client,
            output,
            _process: process,
        })
    }

    /// Forgets everything that was stored.
    pub async fn reset(&self) -> Result<()> {
        let url = format!("{}/moto-api/reset", self.url);
        self.client.post(url).send().await?.error_for_status()?;
        Ok(())
    }

    /// All that the server has printed: a line for each request.
    pub fn output(&self) -> String {
        self.output.text()
    }
}
