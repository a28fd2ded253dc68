//! Origins: places that were configured, as opposed to addresses that came from outside.

use std::fmt;

use url::{Host, Position, Url};

/// Scheme, host and port of a configured place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(url::Origin);

impl Origin {
    /// Parses `http://127.0.0.1:9911` and the like. `None` for another scheme, and for a text with
    /// a path, query or user. Spelling is normalised.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let bare = &url[Position::BeforePath..] == "/";
        let plain = url.username().is_empty() && url.password().is_none();
        (matches!(url.scheme(), "http" | "https") && bare && plain).then(|| Self(url.origin()))
    }

    /// The origin that `url` is at.
    pub fn of(url: &Url) -> Self {
        Self(url.origin())
    }

    /// Whether `url` is at this place.
    pub fn is_of(&self, url: &Url) -> bool {
        self.0 == url.origin()
    }

    pub(crate) fn domain(&self) -> Option<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (text, shown) in [
            ("http://127.0.0.1:9911", Some("http://127.0.0.1:9911")),
            (" HTTP://LocalHost:80/ ", Some("http://localhost")),
            ("https://a.example:443", Some("https://a.example")),
            ("http://[::1]:1", Some("http://[::1]:1")),
            ("http://a.example/path", None),
            ("http://a.example?x", None),
            ("http://a.example#x", None),
            ("http://u@a.example", None),
            ("ftp://a.example", None),
            ("a.example:80", None),
            ("", None),
        ] {
            assert_eq!(
                Origin::parse(text)
                    .map(|origin| origin.to_string())
                    .as_deref(),
                shown,
                "{text}"
            );
        }
    }
}
