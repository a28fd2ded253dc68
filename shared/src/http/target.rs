//! Where requests of ours may go: addresses that came from outside, checked before anything is
//! looked up. A checked address is kept exactly as it was written, because a callback's token
//! breaks when it is re-encoded (skill.md §5.1).

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Position, Url};

/// Longest address taken, in bytes (skill.md §5.6).
const MAX_BYTES: usize = 2048;

const CALLBACK_HOST: &str = "bot-api.kakao.com";

/// What Kakao's media hosts end with (skill.md §3.7).
const MEDIA_SUFFIXES: [&str; 2] = [".kakaocdn.net", ".talk.kakao.com"];

/// Why an address from outside is not used. Says nothing of the address itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedUrl {
    /// Too long, or not spelled the way a parser would spell it.
    #[error("the address is not plainly written")]
    Form,
    #[error("the address names a user")]
    UserInfo,
    #[error("the address has the wrong scheme")]
    Scheme,
    #[error("the address has a host that is not allowed")]
    Host,
    #[error("the address has an unusual port")]
    Port,
}

/// Scheme, host and port of a place that was configured, not received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl Origin {
    /// `http://127.0.0.1:9911` and the like, without path, query or user. Spelling is normalised.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let bare = &url[Position::BeforePath..] == "/";
        let plain = url.username().is_empty() && url.password().is_none();
        (matches!(url.scheme(), "http" | "https") && bare && plain).then(|| Self(url.origin()))
    }

    pub fn of(url: &Url) -> Self {
        Self(url.origin())
    }

    pub(crate) fn is_of(&self, url: &Url) -> bool {
        self.0 == url.origin()
    }

    pub(super) fn domain(&self) -> Option<&str> {
        match &self.0 {
            url::Origin::Tuple(_, Host::Domain(name), _) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

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

    /// As the environment says: `origins`, and every host below `domain` if there is one.
    pub fn configured(origins: &[Origin], domain: Option<&str>) -> Self {
        let hosts = Self::new(origins.to_vec());
        match domain {
            Some(domain) => hosts.and_below(domain),
            None => hosts,
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

/// A one-use callback address. Whoever knows it can answer, so it is shown by its host only.
#[derive(Clone)]
pub struct CallbackUrl(Checked);

impl CallbackUrl {
    /// skill.md §5.6; nothing is looked up.
    pub fn parse(raw: &str, hosts: &CallbackHosts) -> Result<Self, RefusedUrl> {
        let url = plainly_written(raw)?;
        hosts.check(&url)?;
        Ok(Self(Checked::new(raw, &url)))
    }

    /// Byte for byte what was received; for sealing and posting, never for a log.
    pub fn as_secret_str(&self) -> &str {
        self.0.text.expose_secret()
    }
}

impl fmt::Debug for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackUrl({}/…)", self.0.host)
    }
}

/// The address of a picture someone sent. Whoever knows it can see the picture, so it is shown by
/// its host only.
#[derive(Clone)]
pub struct MediaUrl(Checked);

impl MediaUrl {
    /// skill.md §3.7; nothing is looked up. `extra` are origins that local runs and tests need.
    pub fn parse(raw: &str, extra: &[Origin]) -> Result<Self, RefusedUrl> {
        let url = plainly_written(raw)?;
        let host = url.host_str().unwrap_or_default();
        if extra.iter().any(|origin| origin.is_of(&url)) {
            Ok(Self(Checked::new(raw, &url)))
        } else if !matches!(url.scheme(), "http" | "https") {
            Err(RefusedUrl::Scheme)
        } else if !MEDIA_SUFFIXES.iter().any(|suffix| is_below(host, suffix)) {
            Err(RefusedUrl::Host)
        } else if url.port().is_some() {
            Err(RefusedUrl::Port)
        } else {
            Ok(Self(Checked::new(raw, &url)))
        }
    }

    /// Byte for byte what was received.
    pub fn as_secret_str(&self) -> &str {
        self.0.text.expose_secret()
    }
}

impl fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaUrl({}/…)", self.0.host)
    }
}

#[derive(Clone)]
struct Checked {
    text: SecretString,
    host: String,
}

impl Checked {
    fn new(raw: &str, url: &Url) -> Self {
        Self {
            text: raw.into(),
            host: url.host_str().unwrap_or_default().to_owned(),
        }
    }
}

fn is_below(host: &str, suffix: &str) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|name| name.split('.').all(|label| !label.is_empty()))
}

/// Parses `raw` only if parsing changes nothing but the case of scheme and host and a port that
/// goes without saying.
///
/// What one parser corrects, the next reads differently; every trick with backslashes, tabs, dots,
/// look-alike letters and numbers in odd bases needs such a correction.
fn plainly_written(raw: &str) -> Result<Url, RefusedUrl> {
    let usual = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&b);
    if raw.len() > MAX_BYTES || !raw.bytes().all(usual) {
        return Err(RefusedUrl::Form);
    }
    let (_, rest) = raw.split_once("://").ok_or(RefusedUrl::Form)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(RefusedUrl::UserInfo);
    }

    let url = Url::parse(raw).map_err(|_| RefusedUrl::Form)?;
    let host = url.host_str().ok_or(RefusedUrl::Form)?;
    let port = url.port_or_known_default().ok_or(RefusedUrl::Form)?;
    let written = authority.to_ascii_lowercase();
    let same_place = written == host || written == format!("{host}:{port}");
    let same_path = rest.strip_prefix(authority) == Some(&url[Position::BeforePath..]);
    if same_place && same_path {
        Ok(url)
    } else {
        Err(RefusedUrl::Form)
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
