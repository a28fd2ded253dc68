//! `load`: a fixed number of messages, each of somebody else, over connections that stay open.
//! Every one must be acknowledged, and every answer of the agent must arrive.
//!
//! The sender runs on the same machine and takes its share of the CPU, so `dari dev` alone does at
//! least what is measured.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, StatusCode, header};
use serde_json::Value;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    binaries::{Binaries, Profile},
    dev::{Callbacks, Dev},
    programs::{self, is_acknowledgement},
    sample::Sample,
};

/// How long answers may take after the last acknowledgement: a callback is good for a minute.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the platform sends; each message of it comes from another person.
struct Template(Value);

impl Template {
    fn of_the_sample_event() -> Result<Self> {
        let event = programs::event(programs::MESSAGE)?;
        let body = event.get("body").and_then(Value::as_str);
        let body = body.context("the sample event has no body")?;
        Ok(Self(serde_json::from_str(body)?))
    }

    fn message(&self, number: u32, callbacks: &str) -> Result<String> {
        let mut message = self.0.clone();
        let person = format!("{number:066x}");
        let callback = format!("{callbacks}/v1/bots/6f1a0c5e9d2b7348a1c0de01/callback/{number}");
        let places = [
            ("/userRequest/user/id", &person),
            ("/userRequest/user/properties/botUserKey", &person),
            ("/userRequest/user/properties/bot_user_key", &person),
            ("/userRequest/callbackUrl", &callback),
        ];
        for (place, value) in places {
            let found = message.pointer_mut(place);
            *found.with_context(|| format!("the sample event has no {place}"))? =
                value.as_str().into();
        }
        Ok(message.to_string())
    }
}

pub async fn run(prebuilt: Option<PathBuf>, requests: u32, connections: u32) -> Result<()> {
    let binaries = Binaries::of(&["dari"], Profile::Bench, prebuilt)?;
    let callbacks = Callbacks::listen().await?;
    let dev = Dev::start(binaries.path("dari")?, &callbacks).await?;
    let template = Arc::new(Template::of_the_sample_event()?);
    let next = Arc::<AtomicU32>::default();
    let before = dev.rss_mib()?;
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let connection = Connection {
            client: client()?,
            url: format!("{}/kakao/webhook/default", dev.url),
            callbacks: callbacks.url.clone(),
            template: Arc::clone(&template),
            next: Arc::clone(&next),
        };
        tasks.spawn(connection.send_all(requests));
    }
    let (mut times, mut errors) = (Vec::new(), Vec::new());
    while let Some(sent) = tasks.join_next().await {
        for outcome in sent? {
            match outcome {
                Ok(time) => times.push(time),
                Err(error) => errors.push(error),
            }
        }
    }
    let acknowledged = begun.elapsed();
    let count = u32::try_from(times.len())?;
    let settled = timeout(PATIENCE, callbacks.until(count)).await;
    let answered = begun.elapsed();
    let sample: Sample = times.into_iter().collect();
    println!(
        "{requests} messages over {connections} connections in {:.1} s: {:.0} a second",
        acknowledged.as_secs_f64(),
        f64::from(requests) / acknowledged.as_secs_f64()
    );
    println!(
        "acknowledgement: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms; errors {}",
        sample.median(),
        sample.percentile(99),
        sample.max(),
        errors.len()
    );
    println!(
        "answers by callback: {} after {:.1} s",
        callbacks.count(),
        answered.as_secs_f64()
    );
    println!(
        "resident: {before:.1} MiB before, {:.1} MiB after",
        dev.rss_mib()?
    );
    if let Some(error) = errors.first() {
        bail!(
            "{} messages were not acknowledged, such as: {error:#}",
            errors.len()
        );
    }
    settled.context("an answer is missing")
}

/// Sends one message after the other.
struct Connection {
    client: Client,
    url: String,
    callbacks: String,
    template: Arc<Template>,
    next: Arc<AtomicU32>,
}

impl Connection {
    async fn send_all(self, requests: u32) -> Vec<Result<Duration>> {
        let mut sent = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= requests {
                return sent;
            }
            sent.push(self.send(number).await);
        }
    }

    async fn send(&self, number: u32) -> Result<Duration> {
        let body = self.template.message(number, &self.callbacks)?;
        let begun = Instant::now();
        let answer = self
            .client
            .post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-dari-skill-key", "example-skill-key-not-a-secret-000")
            .header("x-request-id", format!("chp-{number:032x}"))
            .body(body)
            .send()
            .await?;
        let (status, body) = (answer.status(), answer.bytes().await?);
        let time = begun.elapsed();
        let response: Value = serde_json::from_slice(&body).unwrap_or_default();
        ensure!(
            status == StatusCode::OK && is_acknowledgement(&response),
            "{status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(time)
    }
}

/// Keeps one connection: requests of one task never overlap.
#[expect(
    clippy::disallowed_methods,
    reason = "the guarded client refuses loopback, and this one speaks to nothing else"
)]
fn client() -> Result<Client> {
    let builder = Client::builder().no_proxy().tcp_nodelay(true);
    Ok(builder.pool_max_idle_per_host(1).build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_of_somebody_else_and_answered_elsewhere() {
        let template = Template::of_the_sample_event().unwrap();
        let [one, other] = [1, 2].map(|number| {
            let message = template.message(number, "http://127.0.0.1:1").unwrap();
            serde_json::from_str::<Value>(&message).unwrap()
        });
        let callback = one["userRequest"]["callbackUrl"].as_str().unwrap();
        assert!(callback.starts_with("http://127.0.0.1:1/"));
        assert_ne!(one["userRequest"]["user"], other["userRequest"]["user"]);
        assert_ne!(callback, other["userRequest"]["callbackUrl"]);
        assert_eq!(
            one["userRequest"]["utterance"],
            other["userRequest"]["utterance"]
        );
    }
}
