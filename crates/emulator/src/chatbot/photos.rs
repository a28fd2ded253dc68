//! Photos and videos that people send to a bot: in the chat, and through the secure image plugin
//! (skill.md §3.7).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    clock::iso,
    keys::fresh_token,
    media::{Album, LIFETIME_MS, Photo},
};

/// Keeps a photo or video sent in the chat and returns its address.
pub(super) fn in_chat(album: &mut Album, photo: &Photo, now: i64) -> Result<String, String> {
    let name = format!("i_{}.{}", fresh_token(), photo.extension());
    album.keep(photo, &name, "", now)
}

/// Keeps the photos and returns the secure image plugin's parameter: JSON in a string.
pub(super) fn through_plugin(
    album: &mut Album,
    photos: &[Photo],
    now: i64,
) -> Result<String, String> {
    if photos.len() > 10 {
        return Err("the secure image plugin takes at most 10 photos".into());
    }
    let mut urls = Vec::new();
    for photo in photos {
        let name = format!("img_org.{}", photo.extension());
        urls.push(album.keep(photo, &name, "&allow_ip=&allow_referer=", now)?);
    }
    let parameter = json!({
        "privacyAgreement": "Y",
        "imageQuantity": photos.len().to_string(),
        "secureUrls": format!("List({})", urls.join(", ")),
        "expire": iso(now + LIFETIME_MS),
    });
    Ok(parameter.to_string())
}

/// What a video is when the message has none: the first bytes of an MP4 file.
pub(super) fn invented_video() -> Photo {
    Photo {
        media_type: "video/mp4".into(),
        base64: STANDARD.encode(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_lists_its_addresses_inside_a_string() {
        let png = Photo {
            media_type: "image/png".into(),
            base64: STANDARD.encode(b"png"),
        };
        let mut album = Album::new("http://here".into());
        let parameter = through_plugin(&mut album, &[png.clone(), png], 0).unwrap();
        let parameter: serde_json::Value = serde_json::from_str(&parameter).unwrap();
        assert_eq!(parameter["imageQuantity"], "2");
        assert_eq!(parameter["expire"], "1970-01-01T00:10:00+0000");
        let list = parameter["secureUrls"].as_str().unwrap();
        assert!(list.starts_with("List(http://here/media/") && list.ends_with(')'));
    }
}
