//! The pictures of a message. They are fetched just before the agent is asked and kept no longer
//! than that: neither they nor their addresses are stored or logged (F-116, F-124).

use std::time::Duration;

use agents::{MAX_PICTURE_MB, MAX_PICTURES, MAX_PICTURES_MB, MB, Picture};
use kakao::address::MediaUrl;
use outside::{Failure, Http};
use shared::{
    clock::Clock,
    message::Message,
    telemetry::{Metric, count},
    text::Line,
};

/// Time for all of them, so that the agent begins well before a reply slot closes.
pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

/// Time for one.
const PICTURE_PATIENCE: Duration = Duration::from_secs(10);

/// As many of a message's pictures as could be had.
pub(crate) struct Pictures<'a> {
    addresses: &'a [String],
    /// In MB.
    max: usize,
    fetched: Vec<Picture>,
    /// Why the first missing one is missing, as far as that is known.
    trouble: Option<Trouble>,
}

/// Why a picture is not there. Says nothing of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Trouble {
    #[error("it is too large")]
    TooLarge,
    #[error("there are too many pictures")]
    TooMany,
    #[error("its address is not allowed")]
    Refused,
    #[error("its address has expired or leads to nothing")]
    Gone,
    #[error("it did not come")]
    Unreachable,
    #[error("it is no picture, or of an unknown kind")]
    Unknown,
}

impl<'a> Pictures<'a> {
    /// Nothing is fetched yet. No picture may be larger than `max_mb`.
    pub(crate) fn at(addresses: &'a [String], max_mb: u32) -> Self {
        Self {
            addresses,
            max: usize::try_from(max_mb).map_or(MAX_PICTURE_MB, |max| max.min(MAX_PICTURE_MB)),
            fetched: Vec::new(),
            trouble: None,
        }
    }

    /// Fetches one after the other. May be dropped: what has come until then is kept.
    pub(crate) async fn fetch(&mut self, http: &Http, clock: &Clock) {
        let mut room = MAX_PICTURES_MB * MB;
        for (position, address) in self.addresses.iter().enumerate() {
            let max = room.min(self.max * MB);
            let fetching = async {
                if position < MAX_PICTURES {
                    fetch(http, address, max).await
                } else {
                    Err(Trouble::TooMany)
                }
            };
            let late = clock.now() + PICTURE_PATIENCE;
            let fetched = clock.before(late, fetching).await;
            let trouble = match fetched.unwrap_or(Err(Trouble::Unreachable)) {
                Ok(picture) => {
                    room -= picture.bytes.len();
                    self.fetched.push(picture);
                    continue;
                }
                Err(Trouble::TooLarge) if max < self.max * MB => Trouble::TooMany,
                Err(trouble) => trouble,
            };
            tracing::warn!(%trouble, "a picture is missing");
            self.trouble.get_or_insert(trouble);
        }
    }

    pub(crate) fn fetched(&self) -> &[Picture] {
        &self.fetched
    }

    pub(crate) fn missing(&self) -> usize {
        self.addresses.len() - self.fetched.len()
    }

    /// What is said instead of asking, if nothing is left of the message.
    pub(crate) fn instead_of(&self, message: &Message) -> Option<Line<'static>> {
        let is_left = !message.text.is_empty() || message.tap.is_some();
        if self.missing() == 0 || !self.fetched.is_empty() || is_left {
            return None;
        }
        Some(match self.trouble {
            Some(Trouble::TooLarge) => Line::PictureTooLarge { max: self.max },
            Some(Trouble::Gone) => Line::PictureGone,
            Some(Trouble::Unknown) => Line::UnknownPicture,
            Some(Trouble::TooMany | Trouble::Refused | Trouble::Unreachable) | None => {
                Line::RefusedPicture
            }
        })
    }
}

async fn fetch(http: &Http, address: &str, max: usize) -> Result<Picture, Trouble> {
    // Checked when it came in; the settings may have changed since.
    let Ok(url) = MediaUrl::parse(address, http.local()) else {
        count(Metric::RefusedUrl);
        return Err(Trouble::Refused);
    };
    let response = url.fetch(http).await.map_err(did_not_come)?;
    match response.status() {
        200 => {}
        401 | 403 | 404 | 410 => return Err(Trouble::Gone),
        _ => return Err(Trouble::Unreachable),
    }
    let bytes = response.read_capped(max).await.map_err(did_not_come)?;
    let media_type = media_type(&bytes).ok_or(Trouble::Unknown)?;
    Ok(Picture {
        media_type,
        bytes: bytes.into(),
    })
}

fn did_not_come(failure: Failure) -> Trouble {
    match failure {
        Failure::TooLarge => Trouble::TooLarge,
        Failure::NotSent | Failure::BrokeOff => Trouble::Unreachable,
    }
}

/// By the first bytes: names and headers say what they like. HEIC is not taken: models cannot read
/// it, and a gateway that cannot convert it refuses the whole question.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"GIF87a", Some("image/gif")),
            (b"GIF89a\x01", Some("image/gif")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"", None),
            (b"\xff\xd8", None),
            (b"\x89PNG", None),
            (b"GIF is a format", None),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", None),
            (b"\0\0\0\x18ftypavif", None),
            (b"\0\0\0\x18ftypheic\0\0\0\0", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"%PDF-1.7", None),
            ("그냥 글이에요".as_bytes(), None),
        ] {
            assert_eq!(media_type(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_message_that_says_more_is_asked_without_its_pictures() {
        let images = vec!["https://talk.kakaocdn.net/a".to_owned()];
        let mut pictures = Pictures::at(&images, 2);
        pictures.trouble = Some(Trouble::TooLarge);
        let alone = Message::default();
        let line = pictures.instead_of(&alone);
        assert!(matches!(line, Some(Line::PictureTooLarge { max: 2 })));
        for more in [
            Message {
                text: "이거 봐".to_owned(),
                ..Message::default()
            },
            Message {
                tap: Some(serde_json::json!({ "a": 1 })),
                ..Message::default()
            },
        ] {
            assert!(pictures.instead_of(&more).is_none());
        }
        assert!(Pictures::at(&[], 2).instead_of(&alone).is_none());
    }

    #[test]
    fn no_account_takes_more_than_there_is_room_for() {
        let images = vec![String::new()];
        let mut pictures = Pictures::at(&images, 20);
        pictures.trouble = Some(Trouble::TooLarge);
        let line = pictures.instead_of(&Message::default());
        assert!(matches!(
            line,
            Some(Line::PictureTooLarge {
                max: MAX_PICTURE_MB
            })
        ));
    }
}
