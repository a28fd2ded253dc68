//! Files people have sent, behind signed addresses that expire (skill.md §3.7).

use std::collections::VecDeque;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::keys::{fresh, fresh_token};

/// How long an address is good: what is stated for the secure image plugin.
pub(crate) const LIFETIME_MS: i64 = 600_000;

/// So many files are kept; the oldest make room.
const KEPT: usize = 64;

/// A file that a person sends.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Photo {
    /// Served as the file's content type, true or not.
    pub media_type: String,
    /// The bytes, in standard base64.
    pub base64: String,
}

impl Photo {
    /// How the name of such a file ends.
    pub(crate) fn extension(&self) -> &'static str {
        match self.media_type.as_str() {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            "image/webp" => "webp",
            "video/mp4" => "mp4",
            _ => "bin",
        }
    }
}

pub(crate) struct Album {
    public_url: String,
    files: VecDeque<File>,
}

struct File {
    path: String,
    query: String,
    bytes: Bytes,
    media_type: String,
    expires_at: i64,
}

impl Album {
    pub(crate) fn new(public_url: String) -> Self {
        Self {
            public_url,
            files: VecDeque::new(),
        }
    }

    /// Keeps the file under the name and returns its address, whose query has `parameters` before
    /// the signature.
    pub(crate) fn keep(
        &mut self,
        photo: &Photo,
        name: &str,
        parameters: &str,
        now: i64,
    ) -> Result<String, String> {
        let bytes = STANDARD
            .decode(&photo.base64)
            .map_err(|_| "a photo is not standard base64")?;
        let expires_at = now + LIFETIME_MS;
        let file = File {
            path: format!("/media/dna/{}/{name}", fresh_token()),
            query: format!(
                "credential={}&expires={}{parameters}&signature={}",
                fresh_token(),
                expires_at / 1000,
                signature(),
            ),
            bytes: bytes.into(),
            media_type: photo.media_type.clone(),
            expires_at,
        };
        let url = format!("{}{}?{}", self.public_url, file.path, file.query);
        if self.files.len() >= KEPT {
            self.files.pop_front();
        }
        self.files.push_back(file);
        Ok(url)
    }

    /// Serves a file: 404 if unknown, 403 if the query is not the signed one or has expired.
    pub(crate) fn serve(&self, path: &str, query: Option<&str>, now: i64) -> Response {
        let Some(file) = self.files.iter().find(|file| file.path == path) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if query != Some(&file.query) || now >= file.expires_at {
            return StatusCode::FORBIDDEN.into_response();
        }
        Response::builder()
            .header(header::CONTENT_TYPE, file.media_type.as_str())
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::CONTENT_SECURITY_POLICY, "sandbox")
            .body(Body::from(file.bytes.clone()))
            .unwrap_or_else(|_| StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response())
    }
}

/// A random signature, percent-encoded as in a query; it usually contains `%`.
fn signature() -> String {
    let signature = format!("{}=", STANDARD.encode(fresh::<21>()));
    url::form_urlencoded::byte_serialize(signature.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn album() -> Album {
        Album::new("http://here".into())
    }

    fn png() -> Photo {
        Photo {
            media_type: "image/png".into(),
            base64: STANDARD.encode(b"png"),
        }
    }

    #[test]
    fn a_signed_address_is_good_until_it_expires() {
        let mut album = album();
        let url = album.keep(&png(), "a.png", "", 1_000).unwrap();
        let (path, query) = url
            .strip_prefix("http://here")
            .unwrap()
            .split_once('?')
            .unwrap();
        let status = |query, now| album.serve(path, query, now).status().as_u16();
        assert_eq!(status(Some(query), 600_999), 200);
        assert_eq!(status(Some(query), 601_000), 403);
        assert_eq!(status(None, 1_000), 403);
        assert_eq!(status(Some("credential=x"), 1_000), 403);
        assert_eq!(
            album
                .serve("/media/none", Some(query), 1_000)
                .status()
                .as_u16(),
            404
        );
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        let photo = Photo {
            media_type: "image/png".into(),
            base64: "%%%".into(),
        };
        assert!(album().keep(&photo, "a.png", "", 0).is_err());
    }

    #[test]
    fn only_the_newest_files_are_kept() {
        let mut album = album();
        for _ in 0..=KEPT {
            album.keep(&png(), "a.png", "", 0).unwrap();
        }
        assert_eq!(album.files.len(), KEPT);
    }
}
