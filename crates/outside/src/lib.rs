//! The one guarded HTTP client, for platforms and for agents. It dials only where a call may go,
//! follows no redirect, uses no proxy, and reads no more of a response than it was told to. Its
//! errors name no address and quote no response.
//!
//! `origin` is a place that was configured, `received` an address that came from outside, and
//! `address` says which IP addresses may be dialled.

mod address;
mod origin;
mod received;

use std::{collections::HashSet, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
pub use reqwest::Method;
use reqwest::{Client, ClientBuilder, header};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use secrecy::{ExposeSecret, SecretString};
use url::Host;
pub use url::Url;

pub use self::{
    address::is_public,
    origin::Origin,
    received::{ReceivedUrl, RefusedUrl},
};

/// Time limit for connecting to a platform, name and TLS included.
const PLATFORM_CONNECT: Duration = Duration::from_secs(2);

/// Time limit for connecting to an agent, name and TLS included.
const AGENT_CONNECT: Duration = Duration::from_secs(5);

/// Longest time in which nothing arrives from an agent. An agent that thinks sends nothing, so the
/// caller sets the real limit.
const AGENT_SILENCE: Duration = Duration::from_mins(10);

/// Silence after which TCP asks whether an agent's machine is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long an idle connection is kept: not as long as any server on the way keeps it.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// The client; clones share their connections.
#[derive(Clone, Debug)]
pub struct Http {
    platform: Client,
    agents: Client,
    extra: Arc<[Origin]>,
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("tls could not be set up")]
    Tls(#[from] rustls::Error),
    #[error("the http client could not be set up")]
    Client(#[from] reqwest::Error),
}

impl Http {
    /// `extra` are origins that received addresses may also have, whatever their names resolve to;
    /// empty on Lambda (contract.md §4).
    pub fn new(extra: &[Origin]) -> Result<Self, SetupError> {
        Self::with_lookup(extra, address::system)
    }

    fn with_lookup<L, F>(extra: &[Origin], lookup: L) -> Result<Self, SetupError>
    where
        L: Fn(String) -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        let exempt: HashSet<_> = extra
            .iter()
            .filter_map(Origin::domain)
            .map(str::to_owned)
            .collect();
        let tls = tls()?;
        Ok(Self {
            platform: builder(&tls)
                .connect_timeout(PLATFORM_CONNECT)
                .dns_resolver(Arc::new(address::Guarded { lookup, exempt }))
                .build()?,
            agents: builder(&tls)
                .connect_timeout(AGENT_CONNECT)
                .read_timeout(AGENT_SILENCE)
                .tcp_keepalive(KEEPALIVE)
                // No connection is kept: a question lost to a dead one costs more than a handshake.
                .pool_max_idle_per_host(0)
                .build()?,
            extra: extra.into(),
        })
    }

    /// A POST to an address that came from outside, on a connection of its own. A connection from
    /// the pool may be dead without our knowing, and then nobody could tell whether the only try
    /// was used.
    pub fn post_alone(&self, url: &ReceivedUrl) -> Request {
        url.url()
            .map_or(Request(None), |url| self.alone(Method::POST, url))
    }

    /// A GET to an address that came from outside, on a connection of its own; only connecting has
    /// a time limit. An address with `http` is tried with `https` first, unless it is at an extra
    /// origin.
    pub async fn get_alone(&self, url: &ReceivedUrl) -> Result<Response, Failure> {
        let Some(written) = url.url() else {
            return Err(Failure::NotSent);
        };
        let mut safer = written.clone();
        let is_plain = written.scheme() == "http" && !self.is_extra(&written);
        if is_plain && safer.set_scheme("https").is_ok() {
            match self.alone(Method::GET, safer).send().await {
                Err(Failure::NotSent) => {}
                answered => return answered,
            }
        }
        self.alone(Method::GET, written).send().await
    }

    fn alone(&self, method: Method, url: Url) -> Request {
        let close = |url| {
            let request = self.platform.request(method, url);
            request.header(header::CONNECTION, "close")
        };
        Request(self.may_dial(&url).then(|| close(url)))
    }

    /// A request to an agent. The owner configured its address, so it may be anywhere, this machine
    /// included.
    pub fn agent(&self, method: Method, url: Url) -> Request {
        Request(Some(self.agents.request(method, url)))
    }

    /// The extra origins that the client was made with.
    pub fn local(&self) -> &[Origin] {
        &self.extra
    }

    /// Whether the guard lets this address through. IP addresses in a URL are checked here, because
    /// the resolver sees only names.
    fn may_dial(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(ip)) => is_public(ip.into()) || self.is_extra(url),
            Some(Host::Ipv6(ip)) => is_public(ip.into()) || self.is_extra(url),
            None => false,
        }
    }

    fn is_extra(&self, url: &Url) -> bool {
        self.extra.iter().any(|origin| origin.is_of(url))
    }
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    // Built-in roots: reading the system's costs 2 ms of every cold start.
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    Ok(
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}

#[expect(clippy::disallowed_methods, reason = "this is the guarded client")]
fn builder(tls: &ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .pool_idle_timeout(POOL_IDLE)
        .user_agent(concat!("dari/", env!("CARGO_PKG_VERSION")))
}

/// Why there is no response, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing left this machine.
    #[error("no connection could be made")]
    NotSent,
    /// The request may have left, and may have been acted on.
    #[error("the connection broke off or the time ran out")]
    BrokeOff,
    #[error("the response is too large")]
    TooLarge,
}

/// A request being put together. What is wrong with it, such as an address that may not be dialled,
/// shows when it is sent.
#[must_use]
pub struct Request(Option<reqwest::RequestBuilder>);

impl Request {
    pub fn header(self, name: &'static str, value: &str) -> Self {
        Self(self.0.map(|request| request.header(name, value)))
    }

    pub fn bearer(self, token: &SecretString) -> Self {
        Self(
            self.0
                .map(|request| request.bearer_auth(token.expose_secret())),
        )
    }

    /// Sets the body, which is already JSON, and its type.
    pub fn json(self, body: String) -> Self {
        Self(self.0.map(|request| {
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
        }))
    }

    /// Limits the time for everything, the last byte of the response included.
    pub fn within(self, total: Duration) -> Self {
        Self(self.0.map(|request| request.timeout(total)))
    }

    /// Sends the request. Returns when the head of the response is there, whatever its status.
    pub async fn send(self) -> Result<Response, Failure> {
        let request = self.0.ok_or(Failure::NotSent)?;
        request.send().await.map(Response).map_err(|error| {
            if error.is_connect() || error.is_builder() {
                Failure::NotSent
            } else {
                Failure::BrokeOff
            }
        })
    }
}

/// A response whose body is still on its way.
pub struct Response(reqwest::Response);

impl Response {
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub fn is_success(&self) -> bool {
        self.0.status().is_success()
    }

    /// Whether the body is a stream of server-sent events.
    pub fn is_event_stream(&self) -> bool {
        let media_type = self
            .0
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        media_type.is_some_and(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .eq_ignore_ascii_case("text/event-stream")
        })
    }

    /// The next piece of the body, `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.0.chunk().await.map_err(|_| Failure::BrokeOff)
    }

    /// The whole body, if it has at most `max` bytes. Reading stops as soon as there are more, and
    /// does not begin if more are announced.
    pub async fn read_capped(mut self, max: usize) -> Result<Vec<u8>, Failure> {
        let announced = self.0.content_length().map(usize::try_from);
        let mut body = match announced {
            None => Vec::new(),
            Some(Ok(length)) if length <= max => Vec::with_capacity(length),
            Some(_) => return Err(Failure::TooLarge),
        };
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > max - body.len() {
                return Err(Failure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests;
