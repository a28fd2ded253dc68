//! A `dari dev` of the load's own, and the place where its callbacks arrive.

use std::{
    fs,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use axum::{Json, Router};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::Notify,
    task::JoinSet,
};

const CONFIGURATION: &str = r#"{
    channels: { kakao: { skillKey: "example-skill-key-not-a-secret-000", dmPolicy: "open", allowFrom: ["*"] } },
    agents: { main: { kind: "echo" } },
}"#;

/// A `dari dev` that runs in a directory of its own; it is killed when dropped.
pub struct Dev {
    /// Without a slash at the end.
    pub url: String,
    process: Child,
    _folder: TempDir,
}

impl Dev {
    pub async fn start(dari: &Path, callbacks: &Callbacks) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("dari.json5"), CONFIGURATION)?;
        let mut process = Command::new(dari)
            .args([
                "dev",
                "--no-emulator",
                "--port",
                "0",
                "--config",
                "dari.json5",
            ])
            .current_dir(folder.path())
            .env("DARI_BOT_API_URL", &callbacks.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| dari.display().to_string())?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.strip_prefix("ready ") {
                return Ok(Self {
                    url: url.to_owned(),
                    process,
                    _folder: folder,
                });
            }
        }
        bail!("`dari dev` ended before it was ready")
    }

    /// What it occupies now, in MiB.
    pub fn rss_mib(&self) -> Result<f64> {
        let id = self.process.id().context("`dari dev` has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.context("`dari dev` has ended")?;
        let kib: u32 = resident.trim().trim_end_matches(" kB").parse()?;
        Ok(f64::from(kib) / 1024.0)
    }
}

/// Takes the answers of the agent as Kakao would, and counts them.
pub struct Callbacks {
    /// Without a slash at the end.
    pub url: String,
    arrived: Arc<Arrived>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Arrived {
    count: AtomicU32,
    one_more: Notify,
}

impl Callbacks {
    pub async fn listen() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let arrived = Arc::<Arrived>::default();
        let counted = Arc::clone(&arrived);
        let take = async move || {
            counted.count.fetch_add(1, Ordering::Relaxed);
            counted.one_more.notify_one();
            Json(json!({ "taskId": "load", "status": "SUCCESS", "message": "SUCCESS" }))
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // Ends with the load; there is nobody to tell.
            let _ = axum::serve(listener, Router::new().fallback(take)).await;
        });
        Ok(Self {
            url,
            arrived,
            _tasks: tasks,
        })
    }

    pub fn count(&self) -> u32 {
        self.arrived.count.load(Ordering::Relaxed)
    }

    /// Waits until so many have arrived.
    pub async fn until(&self, count: u32) {
        while self.count() < count {
            self.arrived.one_more.notified().await;
        }
    }
}
