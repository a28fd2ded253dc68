//! Addresses and pictures.

use outside::Origin;
use reply::Image;
use serde::Serialize;
use url::{Host, Url};

use super::Limited;

/// What a picture shows, for those who cannot see it.
pub type AltText = Limited<50, 1>;

/// An `http` or `https` address that the platform or the person's browser opens, not longer than a
/// picture's may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebUrl(String);

/// What the log says of a picture that is left out.
pub const NOT_PUBLIC: &str = "a picture of the agent is not at a public http or https address that \
    KakaoTalk could fetch, and is left out; in local runs DARI_EXTRA_ORIGINS names origins that are \
    let through";

impl WebUrl {
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

    /// Any web address, a local one too. `None` if it is too long.
    fn new(url: &Url) -> Option<Self> {
        // Braces could open a template.
        let text = url.as_str().replace('{', "%7B").replace('}', "%7D");
        (matches!(url.scheme(), "http" | "https") && text.len() <= Image::MAX_URL)
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

/// Where a tap on a card or a row leads. Only `web` is written: it wins over the others (skill.md
/// §4.4).
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
    pub image_url: WebUrl,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<AltText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Whole in an area of 1:1; else it fills an area of 2:1, cropped around its centre.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fixed_ratio: bool,
}

impl Thumbnail {
    pub fn new(image_url: WebUrl) -> Self {
        Self {
            image_url,
            alt_text: None,
            link: None,
            fixed_ratio: false,
        }
    }
}

/// Who speaks on a basic or commerce card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub nickname: Limited<50, 1>,
    /// Best 180 × 180.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<WebUrl>,
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
    fn a_local_address_is_a_web_address() {
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
