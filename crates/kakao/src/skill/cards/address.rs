//! Addresses on a card: which may be shown, and the pictures, profiles and links made of them.

use reply::{Image, PlainText};
use serde_json::Value;

use super::{
    Place, Work,
    words::{Fields, text},
};
use crate::skill::response::{AltText, Link, Profile, Thumbnail, WebUrl};

/// A picture that may be shown.
pub(super) struct Picture {
    pub(super) url: WebUrl,
    pub(super) alt: Option<AltText>,
    pub(super) link: Option<Link>,
    /// Whole, in an area of 1:1.
    pub(super) square: bool,
    /// The same without the rest of a card.
    pub(super) image: Image,
}

impl Picture {
    pub(super) fn into_thumbnail(self) -> Thumbnail {
        let mut thumbnail = Thumbnail::new(self.url);
        if self.square {
            thumbnail = thumbnail.with_fixed_ratio();
        }
        if let Some(alt) = self.alt {
            thumbnail = thumbnail.with_alt_text(alt);
        }
        match self.link {
            Some(link) => thumbnail.with_link(link),
            None => thumbnail,
        }
    }
}

impl Work<'_> {
    /// An address on a public host, or on an origin that local runs have.
    pub(super) fn address(&self, url: &str) -> Option<WebUrl> {
        WebUrl::parse_or_local(url, self.rules.local)
    }

    pub(super) fn address_in(&self, fields: &Fields<'_>, name: &str) -> Option<WebUrl> {
        self.address(fields.code(name)?)
    }

    /// `{web, pc, mobile}` or a bare address.
    pub(super) fn link(&mut self, fields: &mut Fields<'_>) -> Option<WebUrl> {
        let Some(inner) = fields.object("link") else {
            return self.address_in(fields, "link");
        };
        let names = ["web", "mobile", "pc"];
        let url = names.iter().find_map(|name| self.address_in(&inner, name));
        self.left.unused(inner);
        url
    }

    /// The card's picture: the first that may be shown. Others follow the card.
    pub(super) fn picture(&mut self, fields: &mut Fields<'_>) -> Option<Picture> {
        let mut first = None;
        for name in ["thumbnail", "thumbnails"] {
            for value in fields.list(name) {
                let picture = self.picture_in(value);
                match (&first, picture) {
                    (None, picture) => first = picture,
                    (Some(_), Some(picture)) => self.left.show([picture.image]),
                    (Some(_), None) => {}
                }
            }
        }
        first
    }

    fn picture_in(&mut self, value: &Value) -> Option<Picture> {
        let Value::Object(body) = value else {
            let url = value.as_str()?;
            return self.addressed(url, None, None, None);
        };
        let mut fields = Fields::of(body);
        let (url, alt) = (fields.code("imageUrl"), fields.text("altText"));
        let ratio = fields.value("fixedRatio").and_then(Value::as_bool);
        let link = self.link(&mut fields).map(Link::web);
        self.left.unused(fields);
        let alt_unless_shown = alt.clone();
        let picture = url.and_then(|url| self.addressed(url, alt, link, ratio));
        if let (None, Some(alt)) = (&picture, alt_unless_shown) {
            self.left.say(alt);
        }
        picture
    }

    fn addressed(
        &mut self,
        url: &str,
        alt: Option<PlainText>,
        link: Option<Link>,
        ratio: Option<bool>,
    ) -> Option<Picture> {
        let url = self.address(url)?;
        Some(Picture {
            image: Image {
                url: url.as_str().to_owned(),
                alt: alt.clone(),
            },
            url,
            alt: alt.map(|alt| self.left.limited(&alt)),
            link,
            square: match self.place {
                Place::Alone => ratio.unwrap_or_default(),
                Place::Carousel { square } => square,
            },
        })
    }

    /// Who speaks: a name and a picture, the name under either of the names that cards give it.
    pub(super) fn speaker(
        &mut self,
        fields: &mut Fields<'_>,
    ) -> Option<(PlainText, Option<WebUrl>)> {
        let value = fields.value("profile")?;
        let Value::Object(body) = value else {
            return Some((text(value)?, None));
        };
        let mut profile = Fields::of(body);
        let name = profile.text("nickname").or_else(|| profile.text("title"));
        let url = self.address_in(&profile, "imageUrl");
        self.left.unused(profile);
        Some((name?, url))
    }

    pub(super) fn profile(&mut self, fields: &mut Fields<'_>) -> Option<Profile> {
        let (name, url) = self.speaker(fields)?;
        Some(Profile::new(self.left.limited(&name), url))
    }
}
