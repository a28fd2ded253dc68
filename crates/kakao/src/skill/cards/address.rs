//! Addresses on a card: which of them may be shown, and the pictures, profiles and links they make.

use reply::{Image, PlainText, readable};
use serde_json::Value;

use super::{fitting::Fitting, words::Fields};
use crate::skill::response::{AltText, Link, NOT_PUBLIC, Profile, Shape, Thumbnail, WebUrl};

/// A picture that may be shown.
pub(super) struct Picture {
    pub(super) url: WebUrl,
    pub(super) alt: Option<AltText>,
    pub(super) link: Option<Link>,
    pub(super) shape: Shape,
    /// The same for a bubble of its own.
    pub(super) image: Image,
}

impl Picture {
    pub(super) fn into_thumbnail(self) -> Thumbnail {
        Thumbnail {
            image_url: self.url,
            alt_text: self.alt,
            link: self.link,
            fixed_ratio: self.shape == Shape::Square,
        }
    }
}

impl Fitting<'_> {
    /// An address that may be shown: on a public host, or on an origin that local runs have.
    pub(super) fn address(&self, url: &str) -> Option<WebUrl> {
        WebUrl::parse_or_local(url, self.local)
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
        self.rest.unused(inner);
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
                    (Some(_), Some(picture)) => self.rest.show([picture.image]),
                    (Some(_), None) => {}
                }
            }
        }
        first
    }

    fn picture_in(&mut self, value: &Value) -> Option<Picture> {
        let Value::Object(body) = value else {
            return self.addressed(value.as_str()?, None, None, Shape::Wide);
        };
        let mut fields = Fields::of(body);
        let (url, alt) = (fields.code("imageUrl"), fields.text("altText"));
        let is_square = fields.value("fixedRatio") == Some(&Value::Bool(true));
        let shape = if is_square {
            Shape::Square
        } else {
            Shape::Wide
        };
        let link = self.link(&mut fields).map(Link::web);
        self.rest.unused(fields);
        let picture = url.and_then(|url| self.addressed(url, alt.clone(), link, shape));
        if picture.is_none() {
            self.rest.say_all(alt);
        }
        picture
    }

    fn addressed(
        &mut self,
        url: &str,
        alt: Option<PlainText>,
        link: Option<Link>,
        shape: Shape,
    ) -> Option<Picture> {
        let Some(url) = self.address(url) else {
            tracing::warn!("{NOT_PUBLIC}");
            return None;
        };
        Some(Picture {
            image: Image {
                url: url.as_str().to_owned(),
                alt: alt.clone(),
            },
            url,
            alt: alt.map(|alt| self.rest.limited(&alt)),
            link,
            shape: self.shape(shape),
        })
    }

    /// Who speaks: a name, under either of the fields that cards have for it, and a picture.
    pub(super) fn speaker(
        &mut self,
        fields: &mut Fields<'_>,
    ) -> Option<(PlainText, Option<WebUrl>)> {
        let value = fields.value("profile")?;
        let Value::Object(body) = value else {
            return Some((readable(value)?, None));
        };
        let mut profile = Fields::of(body);
        let name = profile.text("nickname").or_else(|| profile.text("title"));
        let url = self.address_in(&profile, "imageUrl");
        self.rest.unused(profile);
        Some((name?, url))
    }

    pub(super) fn profile(&mut self, fields: &mut Fields<'_>) -> Option<Profile> {
        let (name, image_url) = self.speaker(fields)?;
        Some(Profile {
            nickname: self.rest.limited(&name),
            image_url,
        })
    }
}
