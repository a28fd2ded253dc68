//! What every part needs of this machine: an address, a client, the time, and tasks.

use std::{
    future::Future,
    net::{Ipv4Addr, TcpListener as StdListener},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use tokio::{net::TcpListener, task::JoinHandle};

/// A listener on a free port and its address, `127.0.0.1:port`.
pub(crate) fn loopback() -> Result<(TcpListener, String)> {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no loopback port")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    Ok((TcpListener::from_std(listener)?, address))
}

/// A client for loopback only: without proxy, redirects, or kept connections, which the other side
/// may have closed meanwhile.
#[expect(
    clippy::disallowed_methods,
    reason = "the guarded client refuses loopback, and this one speaks to nothing else"
)]
pub(crate) fn http_client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()?)
}

/// Milliseconds since 1970, as gateways stamp events.
#[expect(
    clippy::disallowed_methods,
    reason = "plays the machines outside the functions, whose time is the real one"
)]
pub fn epoch_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Runs the work to its end even if nobody waits for it any more, as another machine would.
#[expect(
    clippy::disallowed_methods,
    reason = "no function: nothing freezes this process"
)]
pub(crate) fn detached<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(work)
}

/// Lets this process make one SQS request at a time: moto loses a message when a send and a receive
/// overlap.
pub(crate) async fn alone_with_sqs() -> tokio::sync::MutexGuard<'static, ()> {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

/// Locks even after a panic: what is guarded is whole, and the panic is reported elsewhere.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
