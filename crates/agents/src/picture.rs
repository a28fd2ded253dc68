//! Pictures on their way to an agent, and how they are written into a JSON body. They are encoded
//! straight into the body: memory holds a photo's bytes once and its base64 once.

use std::fmt;

use base64::{display::Base64Display, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Serialize, Serializer};

/// Pictures of one message. The limits are those of an `OpenClaw` gateway, which refuses the whole
/// question with more (openclaw.md §1.2), and hold for every agent.
pub const MAX_PICTURES: usize = 8;

/// MB of one picture.
pub const MAX_PICTURE_MB: usize = 10;

/// MB of all pictures of a message: as base64 they leave room for the rest in a body of 20 MB.
pub const MAX_PICTURES_MB: usize = 14;

pub const MB: usize = 1_000_000;

/// A picture on its way to an agent; kept no longer than the question.
#[derive(Clone)]
pub struct Picture {
    /// The type found in the bytes, such as `image/png`.
    pub media_type: &'static str,
    pub bytes: Bytes,
}

/// Shows the type and the size, not the picture.
impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Picture({}, {} bytes)",
            self.media_type,
            self.bytes.len()
        )
    }
}

/// Room for everything in a body that is not a picture, in bytes: the longest message and history.
const ROOM: usize = 128 * 1024;

/// A picture as a data URI: `data:image/png;base64,…`.
pub struct DataUri<'a>(pub &'a Picture);

/// The base64 of a picture alone.
pub struct Base64<'a>(pub &'a Picture);

impl fmt::Display for DataUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data:{};base64,{}", self.0.media_type, Base64(self.0))
    }
}

impl fmt::Display for Base64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Base64Display::new(&self.0.bytes, &BASE64_STANDARD).fmt(f)
    }
}

impl Serialize for DataUri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `body` as JSON, in one buffer that is large enough from the start for the pictures in it.
pub fn to_json<'a>(
    body: &impl Serialize,
    pictures: impl IntoIterator<Item = &'a Picture>,
) -> String {
    let encoded = |picture: &Picture| picture.bytes.len().div_ceil(3) * 4;
    let size: usize = pictures.into_iter().map(encoded).sum();
    if size == 0 {
        return serde_json::to_string(body).unwrap_or_default();
    }
    let mut json = Vec::with_capacity(size + ROOM);
    match serde_json::to_writer(&mut json, body) {
        Ok(()) => String::from_utf8(json).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_once_into_a_buffer_that_never_grows() {
        let bytes = vec![0xfb; 2_000_001];
        let picture = Picture {
            media_type: "image/jpeg",
            bytes: bytes.clone().into(),
        };
        let json = to_json(&[DataUri(&picture)], [&picture]);
        let encoded = base64::Engine::encode(&BASE64_STANDARD, bytes);
        assert!(json == format!("[\"data:image/jpeg;base64,{encoded}\"]"));
        assert_eq!(json.capacity(), encoded.len() + ROOM);
        assert_eq!(to_json(&Base64(&picture), []).len(), encoded.len() + 2);
    }
}
