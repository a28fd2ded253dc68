//! Files people have sent, behind signed addresses that expire (skill.md §3.7).

use std::collections::VecDeque;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;

use crate::{clock::iso, keys, message::Photo};

/// How long an address is good: what is stated for the secure image plugin.
const LIFETIME_MS: i64 = 600_000;

/// So many files are kept; the oldest make room.
const KEPT: usize = 64;

#[derive(Default)]
pub(crate) struct Album {
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
    /// Keeps a photo or video sent in the chat and returns its address.
    pub(crate) fn keep(
        &mut self,
        public_url: &str,
        photo: &Photo,
        now: i64,
    ) -> Result<String, String> {
        let name = format!("i_{}.{}", keys::file_token(), extension(&photo.media_type));
        self.store(public_url, photo, &name, "", now)
    }

    /// Keeps the photos and returns the secure image plugin's parameter: JSON in a string.
    pub(crate) fn keep_secure(
        &mut self,
        public_url: &str,
        photos: &[Photo],
        now: i64,
    ) -> Result<String, String> {
        if photos.len() > 10 {
            return Err("the secure image plugin takes at most 10 photos".into());
        }
        let mut urls = Vec::new();
        for photo in photos {
            let name = format!("img_org.{}", extension(&photo.media_type));
            urls.push(self.store(public_url, photo, &name, "&allow_ip=&allow_referer=", now)?);
        }
        let parameter = json!({
            "privacyAgreement": "Y",
            "imageQuantity": photos.len().to_string(),
            "secureUrls": format!("List({})", urls.join(", ")),
            "expire": iso(now + LIFETIME_MS),
        });
        Ok(parameter.to_string())
    }

    fn store(
        &mut self,
        public_url: &str,
        photo: &Photo,
        name: &str,
        between: &str,
        now: i64,
    ) -> Result<String, String> {
        let bytes = STANDARD
            .decode(&photo.base64)
            .map_err(|_| "a photo is not standard base64")?;
        let expires_at = now + LIFETIME_MS;
        let file = File {
            path: format!("/media/dna/{}/{name}", keys::file_token()),
            query: format!(
                "credential={}&expires={}{between}&signature={}",
                keys::file_token(),
                expires_at / 1000,
                keys::signature(),
            ),
            bytes: bytes.into(),
            media_type: photo.media_type.clone(),
            expires_at,
        };
        let url = format!("{public_url}{}?{}", file.path, file.query);
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

/// What a video is when none is given.
pub(crate) fn invented_video() -> Photo {
    Photo {
        media_type: "video/mp4".into(),
        base64: STANDARD.encode(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
    }
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "video/mp4" => "mp4",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png() -> Photo {
        Photo {
            media_type: "image/png".into(),
            base64: STANDARD.encode(b"png"),
        }
    }

    #[test]
    fn a_signed_address_is_good_until_it_expires() {
        let mut album = Album::default();
        let url = album.keep("http://here", &png(), 1_000).unwrap();
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
    fn the_plugin_lists_its_addresses_inside_a_string() {
        let parameter = Album::default()
            .keep_secure("http://here", &[png(), png()], 0)
            .unwrap();
        let parameter: serde_json::Value = serde_json::from_str(&parameter).unwrap();
        assert_eq!(parameter["imageQuantity"], "2");
        assert_eq!(parameter["expire"], "1970-01-01T00:10:00+0000");
        let list = parameter["secureUrls"].as_str().unwrap();
        assert!(list.starts_with("List(http://here/media/") && list.ends_with(')'));
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        let photo = Photo {
            media_type: "image/png".into(),
            base64: "%%%".into(),
        };
        assert!(Album::default().keep("http://here", &photo, 0).is_err());
    }

    #[test]
    fn only_the_newest_files_are_kept() {
        let mut album = Album::default();
        for _ in 0..=KEPT {
            album.keep("http://here", &png(), 0).unwrap();
        }
        assert_eq!(album.files.len(), KEPT);
    }
}
