//! Addresses that came from outside. They are checked before any name is looked up, and kept
//! exactly as they were written, because the token in a callback address breaks when it is
//! re-encoded (skill.md §5.1).

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Position, Url};

/// Longest address taken, in bytes (skill.md §5.6).
const MAX_BYTES: usize = 2048;

/// Why an address from outside is not used. No variant holds anything of the address.
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

/// A checked address. It may be a credential or lead to a picture of a person, so `Debug` shows
/// only its host.
#[derive(Clone)]
pub struct ReceivedUrl {
    text: SecretString,
    host: String,
}

impl ReceivedUrl {
    /// Checks how `raw` is written, and then with `check` whether such an address may be used at
    /// all. No name is looked up.
    pub fn parse(
        raw: &str,
        check: impl FnOnce(&Url) -> Result<(), RefusedUrl>,
    ) -> Result<Self, RefusedUrl> {
        let url = plainly_written(raw)?;
        check(&url)?;
        Ok(Self {
            text: raw.into(),
            host: url.host_str().unwrap_or_default().to_owned(),
        })
    }

    /// Byte for byte what was received; never for a log.
    pub fn as_secret_str(&self) -> &str {
        self.text.expose_secret()
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn url(&self) -> Option<Url> {
        Url::parse(self.as_secret_str()).ok()
    }
}

impl fmt::Debug for ReceivedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceivedUrl({}/…)", self.host)
    }
}

/// Parses `raw` only if parsing changes nothing but the case of scheme and host and a port that is
/// the default.
///
/// What one parser corrects, the next reads differently. Every trick with backslashes, tabs, dots,
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
