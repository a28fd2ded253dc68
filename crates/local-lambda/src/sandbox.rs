//! One process of a function, as Lambda keeps it: started with a Runtime API of its own, given one
//! event at a time, frozen between events, and killed when an event takes too long.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    sync::Notify,
    task::JoinSet,
    time::{sleep_until, timeout},
};

pub use crate::failed::Failed;
use crate::{
    ACCOUNT, REGION,
    capture::Capture,
    machine::{detached, lock, loopback},
    proc,
    runtime_api::{Event, Life, Runtime, State},
};

/// How long a process may take until it asks for its first event: 10 s on Lambda.
pub const INIT_LIMIT: Duration = Duration::from_secs(10);

/// What to run, and how Lambda is set up to run it.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    /// The function's own environment. Of ours only `PATH` and `HOME` are passed on.
    ///
    /// `lambda_runtime` does not start without `AWS_LAMBDA_FUNCTION_NAME`, so it is always set: to
    /// the name of the file, unless it is here. `LAMBDA_TASK_ROOT`, which the real Lambda always
    /// sets, is set only if it is here.
    pub env: Vec<(String, String)>,
    /// The function's timeout: a process that takes longer for an event is killed.
    pub timeout: Duration,
    /// Whether the process is frozen between events.
    pub freezes: bool,
}

impl Program {
    /// With an empty environment, frozen between events.
    pub fn new(path: impl Into<PathBuf>, timeout: Duration) -> Self {
        Self {
            path: path.into(),
            env: Vec::new(),
            timeout,
            freezes: true,
        }
    }

    #[must_use]
    pub fn with_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub fn never_frozen(mut self) -> Self {
        self.freezes = false;
        self
    }

    fn name(&self) -> String {
        let file = self.path.file_stem().unwrap_or_default();
        self.set("AWS_LAMBDA_FUNCTION_NAME")
            .unwrap_or_else(|| file.to_string_lossy().into_owned())
    }

    fn set(&self, name: &str) -> Option<String> {
        let mut of_name = self.env.iter().rev().filter(|(key, _)| key == name);
        of_name.next().map(|(_, value)| value.clone())
    }

    fn arn(&self) -> String {
        let region = self.set("AWS_REGION").unwrap_or_else(|| REGION.to_owned());
        format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{}", self.name())
    }

    fn command(&self, runtime_api: &str, output: &Capture) -> Result<Command> {
        let mut command = Command::new(&self.path);
        command
            .env_clear()
            .envs(inherited())
            .env("TZ", ":UTC")
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            .env("AWS_LAMBDA_FUNCTION_NAME", self.name())
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env(
                "AWS_LAMBDA_LOG_GROUP_NAME",
                format!("/aws/lambda/{}", self.name()),
            )
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.stdio()?)
            .stderr(output.stdio()?)
            .kill_on_drop(true);
        Ok(command)
    }
}

fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "HOME"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)))
}

/// How long the first steps took, from just before the process was started; none if they have not
/// been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub exec_to_first_poll: Option<Duration>,
    pub exec_to_first_answer: Option<Duration>,
}

/// A handle on a process; the process is killed with the last handle.
#[derive(Clone)]
pub struct Sandbox {
    runtime: Arc<Runtime>,
    turn: Arc<tokio::sync::Mutex<()>>,
    output: Arc<Capture>,
    _process: Arc<Process>,
}

struct Process {
    runtime: Arc<Runtime>,
    _tasks: JoinSet<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.runtime.kill("its sandbox was dropped");
        // The task that waits for the exit is dropped as well, so the exit is recorded here.
        self.runtime.gone("its sandbox was dropped".to_owned());
    }
}

impl Sandbox {
    /// Starts the process and does not wait for it.
    pub fn start(program: &Program) -> Result<Self> {
        let (listener, address) = loopback()?;
        let output = Capture::new().context("no file for the output")?;
        let mut command = program.command(&address, &output)?;
        let exec = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} does not start", program.path.display()))?;
        let runtime = Arc::new(Runtime {
            pid: pid_of(&child)?,
            arn: program.arn(),
            timeout: program.timeout,
            freezes: program.freezes,
            exec,
            state: Mutex::new(State {
                life: Life::Starting,
                event: None,
                first_poll: None,
                first_answer: None,
            }),
            changed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        let routes = runtime.routes();
        tasks.spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        tasks.spawn(keep(child, Arc::clone(&runtime)));
        Ok(Self {
            _process: Arc::new(Process {
                runtime: Arc::clone(&runtime),
                _tasks: tasks,
            }),
            runtime,
            turn: Arc::default(),
            output: Arc::new(output),
        })
    }

    /// Waits for the first poll; an error, with all that was printed, if the process ends instead.
    pub async fn ready(&self) -> Result<()> {
        let ended = self
            .runtime
            .until(|state| match &state.life {
                Life::Ready => Some(None),
                Life::Gone(why) => Some(Some(why.clone())),
                Life::Starting | Life::Ending(_) => None,
            })
            .await;
        match ended {
            None => Ok(()),
            Some(why) => bail!("{why}\n{}", self.output()),
        }
    }

    /// Gives the process an event and waits for its answer; a second event waits for its turn.
    ///
    /// The function's timeout runs from when the process has started and can take the event. The
    /// event is worked on even if this future is dropped.
    pub async fn invoke(&self, event: Value) -> Result<Value, Failed> {
        let runtime = Arc::clone(&self.runtime);
        let turn = Arc::clone(&self.turn);
        detached(async move {
            let _turn = turn.lock().await;
            run(&runtime, &event).await
        })
        .await
        .unwrap_or_else(|_| {
            Err(Failed::Died(
                "the runtime of this test has ended".to_owned(),
            ))
        })
        .map_err(|failed| match failed {
            Failed::Init(why) => Failed::Init(format!("{why}\n{}", self.output())),
            failed => failed,
        })
    }

    /// Kills the process, in the middle of an event or not.
    pub fn kill(&self) {
        self.runtime.kill("killed");
    }

    /// Stops the process wherever it is, as if its machine was paused.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets the process run on, until its next answer if it is frozen between events.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Sends SIGTERM, which Lambda does not do: for programs that handle it themselves.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Waits until the process has exited, and says how.
    pub async fn ended(&self) -> String {
        self.runtime
            .until(|state| match &state.life {
                Life::Gone(why) => Some(why.clone()),
                _ => None,
            })
            .await
    }

    /// Whether the process can take events; not after `kill`.
    pub fn has_process(&self) -> bool {
        lock(&self.runtime.state).is_alive()
    }

    /// Whether every thread of the process is stopped.
    pub fn is_frozen(&self) -> Result<bool> {
        proc::is_stopped(self.runtime.pid)
    }

    pub fn pid(&self) -> i32 {
        self.runtime.pid.as_raw_nonzero().get()
    }

    /// All that the process has printed, both streams in their order.
    pub fn output(&self) -> String {
        self.output.text()
    }

    pub fn timing(&self) -> Timing {
        let state = lock(&self.runtime.state);
        let since = |then: Option<Instant>| then.map(|then| then - self.runtime.exec);
        Timing {
            exec_to_first_poll: since(state.first_poll),
            exec_to_first_answer: since(state.first_answer),
        }
    }

    /// The most memory the process has held at once, in KiB; Linux only, while the process lives.
    pub fn peak_rss_kib(&self) -> Result<u64> {
        proc::peak_rss_kib(self.runtime.pid)
    }

    /// The time that its present threads have run, to the nanosecond; as `peak_rss_kib`.
    pub fn cpu_time(&self) -> Result<Duration> {
        proc::cpu_time(self.runtime.pid)
    }

    fn signal(&self, signal: Signal) {
        let state = lock(&self.runtime.state);
        if state.is_alive() {
            self.runtime.signal(signal);
        }
    }
}

async fn run(runtime: &Runtime, payload: &Value) -> Result<Value, Failed> {
    let (event, mut answered) = Event::new(payload);
    let id = event.id.clone();
    runtime.offer(event)?;
    runtime
        .until(|state| (state.life != Life::Starting).then_some(()))
        .await;
    let ended = |_| Err(Failed::Died("its sandbox was dropped".to_owned()));
    match timeout(runtime.timeout, &mut answered).await {
        Ok(answer) => answer.unwrap_or_else(ended),
        Err(_) if runtime.kill_in(&id, "timed out") => {
            let _ = answered.await;
            Err(Failed::TimedOut)
        }
        Err(_) => answered.await.unwrap_or_else(ended),
    }
}

async fn keep(mut child: Child, runtime: Arc<Runtime>) {
    let limit = sleep_until((runtime.exec + INIT_LIMIT).into());
    let status = tokio::select! {
        status = child.wait() => status,
        () = limit => {
            if lock(&runtime.state).first_poll.is_none() {
                runtime.kill("it did not ask for an event within 10 s");
                runtime.signal(Signal::KILL);
            }
            child.wait().await
        }
    };
    runtime.gone(match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    });
}

fn pid_of(child: &Child) -> Result<Pid> {
    let pid = child.id().context("the process has no id")?;
    Pid::from_raw(i32::try_from(pid)?).context("the process has no id")
}
