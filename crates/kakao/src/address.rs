//! Where Kakao's callbacks and pictures may be. Such addresses come from outside and are checked
//! before any name is looked up.

use std::fmt;

use outside::{Failure, Http, Origin, ReceivedUrl, RefusedUrl, Response, Url};

const CALLBACK_HOST: &str = "bot-api.kakao.com";

/// What Kakao's media hosts end with (skill.md §3.7).
const MEDIA_SUFFIXES: [&str; 2] = [".kakaocdn.net", ".talk.kakao.com"];

/// The hosts a callback may be on: Kakao's, and what the owner added.
#[derive(Clone, Debug, Default)]
pub struct CallbackHosts {
    origins: Vec<Origin>,
    suffix: Option<String>,
}

impl CallbackHosts {
    /// Kakao's host and `origins`, which local runs and tests need.
    pub fn new(origins: Vec<Origin>) -> Self {
        Self {
            origins,
            suffix: None,
        }
    }

    /// Also every host below `domain`, such as `kakao.com`.
    #[must_use]
    pub fn and_below(mut self, domain: &str) -> Self {
        self.suffix = Some(format!(
            ".{}",
            domain.trim_start_matches('.').to_ascii_lowercase()
        ));
        self
    }

    fn check(&self, url: &Url) -> Result<(), RefusedUrl> {
        if self.origins.iter().any(|origin| origin.is_of(url)) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        if url.scheme() != "https" {
            Err(RefusedUrl::Scheme)
        } else if host != CALLBACK_HOST && !self.suffix.iter().any(|suffix| is_below(host, suffix))
        {
            Err(RefusedUrl::Host)
        } else if url.port().is_some() {
            Err(RefusedUrl::Port)
        } else {
            Ok(())
        }
    }
}

/// A one-use callback address. Whoever knows it can answer, so `Debug` shows only its host.
#[derive(Clone)]
pub struct CallbackUrl(ReceivedUrl);

impl CallbackUrl {
    /// Checks `raw` by the rules of skill.md §5.6; no name is looked up.
    pub fn parse(raw: &str, hosts: &CallbackHosts) -> Result<Self, RefusedUrl> {
        ReceivedUrl::parse(raw, |url| hosts.check(url)).map(Self)
    }

    /// Byte for byte what was received; never for a log.
    pub fn as_secret_str(&self) -> &str {
        self.0.as_secret_str()
    }

    pub(crate) fn received(&self) -> &ReceivedUrl {
        &self.0
    }
}

impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackUrl({}/…)", self.0.host())
    }
}

/// The address of a picture someone sent. Whoever knows it can see the picture, so `Debug` shows
/// only its host.
#[derive(Clone)]
pub struct MediaUrl(ReceivedUrl);

impl MediaUrl {
    /// Checks `raw` by the rules of skill.md §3.7; no name is looked up. `extra` are origins that
    /// local runs and tests need.
    pub fn parse(raw: &str, extra: &[Origin]) -> Result<Self, RefusedUrl> {
        ReceivedUrl::parse(raw, |url| check_media(url, extra)).map(Self)
    }

    /// Byte for byte what was received.
    pub fn as_secret_str(&self) -> &str {
        self.0.as_secret_str()
    }

    /// Gets the picture; only connecting has a time limit. The plugin for secure pictures sends
    /// addresses of Kakao's hosts with `http`; the client tries them with `https` first (skill.md
    /// §3.7).
    pub async fn fetch(&self, http: &Http) -> Result<Response, Failure> {
        http.get_alone(&self.0).await
    }
}

impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({}/…)", self.0.host())
    }
}

fn check_media(url: &Url, extra: &[Origin]) -> Result<(), RefusedUrl> {
    let host = url.host_str().unwrap_or_default();
    if extra.iter().any(|origin| origin.is_of(url)) {
        Ok(())
    } else if !matches!(url.scheme(), "http" | "https") {
        Err(RefusedUrl::Scheme)
    } else if !MEDIA_SUFFIXES.iter().any(|suffix| is_below(host, suffix)) {
        Err(RefusedUrl::Host)
    } else if url.port().is_some() {
        Err(RefusedUrl::Port)
    } else {
        Ok(())
    }
}

fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|name| name.split('.').all(|label| !label.is_empty()))
}

#[cfg(test)]
mod tests;
