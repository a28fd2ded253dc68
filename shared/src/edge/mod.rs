//! The HTTP edge of every function behind the gateway: events become requests, what is not on the
//! function's routes is turned away.

mod event;
mod response;
mod route;
#[cfg(test)]
mod tests;

use std::{panic::AssertUnwindSafe, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};
use lambda_http::{
    Error, LambdaEvent,
    lambda_runtime::{self, service_fn},
};
use serde_json::value::RawValue;

use self::event::Unreadable;
pub use self::{
    response::{bare, health, json, refuse},
    route::{HEALTH, Route, segments},
};
use crate::{
    clock::{Clock, Time},
    startup::{Standby, StartError},
    telemetry::{self, Sampler},
};

/// A larger body is refused unread (contract.md §2); those of the platforms have 1 to 4 KB.
pub const MAX_BODY: usize = 256 * 1024;

/// A function behind the gateway.
pub trait HttpFunction: Send + Sync {
    /// All that it answers, besides [`HEALTH`].
    const ROUTES: &'static [Route];

    /// Answers a request on one of the routes. `received` is when the gateway had it: a cold start
    /// counts against a deadline.
    fn handle(
        &self,
        request: &Request<Bytes>,
        received: Time,
    ) -> impl Future<Output = Response<String>> + Send;
}

/// Runs a function as it is deployed. Until `start` succeeds it is tried again now and then, and
/// requests get 503.
pub async fn run<F, S, R>(start: S) -> Result<(), Error>
where
    F: HttpFunction,
    S: Fn() -> R,
    R: Future<Output = Result<F, StartError>>,
{
    let deployed = Deployed {
        standby: Standby::start(start).await,
        unreadable: Sampler::default(),
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let responding = deployed.respond(event.payload.get());
        let response = telemetry::invocation(responding).await?;
        Ok::<_, Error>(response::for_gateway(response))
    }))
    .await
}

/// Answers a request that a server in this process has read.
pub async fn respond<F: HttpFunction>(
    function: &F,
    request: &Request<Bytes>,
    received: Time,
) -> Response<String> {
    match route::away(F::ROUTES, request) {
        Some(response) => response,
        None => guarded(function.handle(request, received))
            .await
            .unwrap_or_else(|| {
                Panicked::noted();
                bare(StatusCode::INTERNAL_SERVER_ERROR)
            }),
    }
}

/// A fault of our own. Lambda counts it as an error of the function, so that an alarm rings; the
/// gateway answers it with 500.
#[derive(Debug, thiserror::Error)]
#[error("a request ended in a panic")]
struct Panicked;

impl Panicked {
    fn noted() -> Self {
        tracing::error!("{Self}");
        Self
    }
}

/// What `work` comes to, or `None` if it panics.
pub fn guarded<T>(work: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
    AssertUnwindSafe(work).catch_unwind().map(Result::ok)
}

struct Deployed<F, S> {
    standby: Standby<F, S>,
    unreadable: Sampler,
}

impl<F, S, R> Deployed<F, S>
where
    F: HttpFunction,
    S: Fn() -> R,
    R: Future<Output = Result<F, StartError>>,
{
    /// Whatever is in the event, it is no error of the function: strangers could ring an alarm with
    /// it.
    async fn respond(&self, event: &str) -> Result<Response<String>, Panicked> {
        let responding = async {
            match event::read(event) {
                Ok((request, received)) => self.respond_to(&request, received).await,
                Err(why) => self.turn_away(why),
            }
        };
        guarded(responding).await.ok_or_else(Panicked::noted)
    }

    async fn respond_to(
        &self,
        request: &Request<Bytes>,
        received: Option<Time>,
    ) -> Response<String> {
        if let Some(response) = route::away(F::ROUTES, request) {
            return response;
        }
        // A gateway whose clock is ahead must not make a deadline later.
        let now = Clock::System.now();
        let received = received.map_or(now, |received| received.min(now));
        match self.standby.ready(Duration::ZERO).await {
            Some(function) => function.handle(request, received).await,
            // Something is missing without which nobody can be told from a stranger.
            None => bare(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// Anyone can send one, so it is noted once a second (F-07).
    fn turn_away(&self, why: Unreadable) -> Response<String> {
        if let Some(times) = self.unreadable.one_more(Clock::System.now()) {
            tracing::warn!(times, %why, "events could not be read as requests");
        }
        bare(StatusCode::BAD_REQUEST)
    }
}
