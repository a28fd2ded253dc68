//! Addresses and pictures.

use outside::Origin;
use serde::Serialize;
use url::{Host, Url};

use super::Limited;

/// What a picture shows, for those who cannot see it.
pub type AltText = Limited<50, 1>;

/// An `http` or `https` address that the platform or the person's browser opens, at most 2,048
/// bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebUrl(String);

impl WebUrl {
    const MAX_BYTES: usize = 2048;

    /// An address from outside. `None` unless it names a public host: no bare address or local
    /// name, no user info.
    pub fn parse(url: &str) -> Option<Self> {
        let url = Url::parse(url.trim()).ok()?;
        let is_public = match url.host()? {
            Host::Domain(name) => is_public_name(name),
            Host::Ipv4(_) | Host::Ipv6(_) => false,
        };
        (is_public && !has_user(&url)).then(|| Self::new(&url))?
    }

    /// As [`Self::parse`], and whatever is at one of the `local` origins.
    pub fn parse_or_local(url: &str, local: &[Origin]) -> Option<Self> {
        Self::parse(url).or_else(|| {
            let url = Url::parse(url.trim()).ok()?;
            let is_local = local.iter().any(|origin| origin.is_of(&url));
            (is_local && !has_user(&url)).then(|| Self::new(&url))?
        })
    }

    /// An address of our own, a local one too. `None` if it is not a web address or too long.
    pub fn new(url: &Url) -> Option<Self> {
        // Braces could open a template.
        let text = url.as_str().replace('{', "%7B").replace('}', "%7D");
        (matches!(url.scheme(), "http" | "https") && text.len() <= Self::MAX_BYTES)
            .then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_public_name(name: &str) -> bool {
    let Some((_, top)) = name.trim_end_matches('.').rsplit_once('.') else {
        return false;
    };
    !matches!(
        top.to_ascii_lowercase().as_str(),
        "local" | "localhost" | "internal" | "lan" | "home" | "arpa"
    )
}

/// Where a tap on a card or list item leads. Only `web` is written: it wins over the others
/// (skill.md §4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    web: WebUrl,
}

impl Link {
    pub fn web(url: WebUrl) -> Self {
        Self { web: url }
    }
}

/// The picture of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Thumbnail {
    image_url: WebUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<AltText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    fixed_ratio: bool,
}

impl Thumbnail {
    /// Fills an area of 2:1, cropped around its centre.
    pub fn new(image_url: WebUrl) -> Self {
        Self {
            image_url,
            alt_text: None,
            link: None,
            fixed_ratio: false,
        }
    }

    /// Whole in an area of 1:1.
    #[must_use]
    pub fn with_fixed_ratio(mut self) -> Self {
        self.fixed_ratio = true;
        self
    }

    #[must_use]
    pub fn with_alt_text(mut self, alt_text: AltText) -> Self {
        self.alt_text = Some(alt_text);
        self
    }

    #[must_use]
    pub fn with_link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    pub(super) fn has_fixed_ratio(&self) -> bool {
        self.fixed_ratio
    }
}

/// Who speaks on a basic or commerce card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    nickname: Limited<50, 1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<WebUrl>,
}

impl Profile {
    /// The picture is best 180 × 180.
    pub fn new(nickname: Limited<50, 1>, image_url: Option<WebUrl>) -> Self {
        Self {
            nickname,
            image_url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_taken_as_they_are() {
        for url in [
            "https://img.example.com/a.jpg?b=1#c",
            "http://example.co.kr/",
        ] {
            assert_eq!(WebUrl::parse(url).unwrap().as_str(), url);
        }
    }

    #[test]
    fn f115_private_and_strange_addresses_are_refused() {
        for url in [
            "http://169.254.169.254/latest/meta-data",
            "http://2130706433/",
            "http://[::1]/",
            "https://localhost/",
            "https://printer.local./",
            "https://intranet/",
            "https://a:b@example.com/",
            "javascript:alert(1)",
            "ftp://example.com/",
            "/relative",
            "",
        ] {
            assert_eq!(WebUrl::parse(url), None, "{url}");
        }
        assert_eq!(
            WebUrl::parse(&format!("https://example.com/{}", "a".repeat(2048))),
            None
        );
    }

    #[test]
    fn f115_addresses_cannot_open_a_template() {
        assert_eq!(
            WebUrl::parse("https://example.com/?a={{#b}}")
                .unwrap()
                .as_str(),
            "https://example.com/?a=%7B%7B#b%7D%7D"
        );
    }

    #[test]
    fn our_own_address_may_be_local() {
        let url = Url::parse("http://127.0.0.1:8788/login").unwrap();
        assert_eq!(
            WebUrl::new(&url).unwrap().as_str(),
            "http://127.0.0.1:8788/login"
        );
        assert_eq!(
            WebUrl::new(&Url::parse("file:///etc/passwd").unwrap()),
            None
        );
    }
}
