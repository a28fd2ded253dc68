//! A function: as many sandboxes as its events need at once, up to its concurrency.
//!
//! A warm sandbox is used before a new one is started; one that died or timed out is not used
//! again.

use std::{
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{
    failed::Failed,
    machine::{detached, lock},
    sandbox::{Program, Sandbox},
};

/// A handle on the function; its processes are killed with the last handle.
#[derive(Clone)]
pub struct Function(Arc<Pool>);

struct Pool {
    program: Program,
    free: Arc<Semaphore>,
    sandboxes: Mutex<Sandboxes>,
}

#[derive(Default)]
struct Sandboxes {
    idle: Vec<Sandbox>,
    busy: Vec<Sandbox>,
    /// The output of sandboxes that have ended.
    past: Vec<String>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        for sandbox in lock(&self.sandboxes).every() {
            sandbox.kill();
        }
    }
}

impl Function {
    /// Starts nothing before the first event.
    pub fn new(program: Program, concurrency: usize) -> Self {
        Self(Arc::new(Pool {
            program,
            free: Arc::new(Semaphore::new(concurrency)),
            sandboxes: Mutex::default(),
        }))
    }

    /// The function's timeout.
    pub fn timeout(&self) -> Duration {
        self.0.program.timeout
    }

    /// Answers the event once a sandbox is free. The event is worked on even if this future is
    /// dropped.
    pub async fn invoke(&self, event: Value) -> Result<Value, Failed> {
        let gone = |_| Failed::Died("the runtime of this test has ended".to_owned());
        let turn = Arc::clone(&self.0.free).acquire_owned().await;
        let turn = turn.map_err(|_| Failed::Died("the function was dropped".to_owned()))?;
        let sandbox = self
            .0
            .checkout()
            .map_err(|error| Failed::Init(format!("{error:#}")))?;
        let pool = Arc::downgrade(&self.0);
        detached(async move {
            let answer = sandbox.invoke(event).await;
            give_back(&pool, sandbox);
            drop(turn);
            answer
        })
        .await
        .map_err(gone)?
    }

    /// The sandboxes that have a process, busy ones last.
    pub fn sandboxes(&self) -> Vec<Sandbox> {
        let sandboxes = lock(&self.0.sandboxes);
        sandboxes.every().filter(Sandbox::has_process).collect()
    }

    /// The sandboxes that work on an event.
    pub fn busy(&self) -> Vec<Sandbox> {
        lock(&self.0.sandboxes).busy.clone()
    }

    /// Kills the idle sandboxes, so that the next event meets a cold start.
    pub fn cool(&self) {
        let mut sandboxes = lock(&self.0.sandboxes);
        for sandbox in std::mem::take(&mut sandboxes.idle) {
            sandbox.kill();
            sandboxes.past.push(sandbox.output());
        }
    }

    /// All that the function has ever printed, one sandbox after the other.
    pub fn output(&self) -> String {
        let sandboxes = lock(&self.0.sandboxes);
        let mut output = sandboxes.past.concat();
        output.extend(sandboxes.every().map(|it| it.output()));
        output
    }
}

impl Sandboxes {
    fn every(&self) -> impl Iterator<Item = Sandbox> {
        self.idle.iter().chain(&self.busy).cloned()
    }
}

impl Pool {
    fn checkout(&self) -> anyhow::Result<Sandbox> {
        let mut sandboxes = lock(&self.sandboxes);
        while let Some(sandbox) = sandboxes.idle.pop() {
            if sandbox.has_process() {
                sandboxes.busy.push(sandbox.clone());
                return Ok(sandbox);
            }
            sandboxes.past.push(sandbox.output());
        }
        let sandbox = Sandbox::start(&self.program)?;
        sandboxes.busy.push(sandbox.clone());
        Ok(sandbox)
    }
}

fn give_back(pool: &Weak<Pool>, sandbox: Sandbox) {
    let Some(pool) = pool.upgrade() else { return };
    let mut sandboxes = lock(&pool.sandboxes);
    sandboxes.busy.retain(|busy| busy.pid() != sandbox.pid());
    if sandbox.has_process() {
        sandboxes.idle.push(sandbox);
    } else {
        sandboxes.past.push(sandbox.output());
    }
}
