//! Photos in a payload: found in the order of skill.md §3.7 and handed on as raw addresses, whose
//! hosts the caller checks before anything is fetched.

use serde_json::{Map, Value};
use url::Url;

use super::json::{at, unwrapped};

/// The secure plugin's own maximum (skill.md §3.7).
pub(super) const MAX_IMAGES: usize = 10;
const MAX_URL_BYTES: usize = 2_048;

pub(super) enum Media {
    Absent,
    /// Raw addresses, at least one.
    Photos(Vec<String>),
    /// Video or a kind we do not know: its type word.
    Other(String),
}

/// Looks for photos; `text` is the trimmed utterance.
pub(super) fn find(root: &Value, text: &str) -> Media {
    if let Some(media) = at(root, &["userRequest", "params", "media"]) {
        let kind = at(media, &["type"])
            .and_then(Value::as_str)
            .map_or("", str::trim);
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("image") {
            return Media::Other(word(kind));
        }
        if let Some(url) = at(media, &["url"])
            .and_then(Value::as_str)
            .and_then(address)
        {
            return Media::Photos(vec![url.to_owned()]);
        }
    }
    let uploaded =
        at(root, &["flow", "trigger", "type"]).is_some_and(|trigger| trigger == "IMAGE_UPLOAD");
    if uploaded && web_host(text).is_some() {
        return Media::Photos(vec![text.to_owned()]);
    }
    let secured = secured(root);
    if !secured.is_empty() {
        return Media::Photos(secured);
    }
    if is_on_kakao_cdn(text) {
        return Media::Photos(vec![text.to_owned()]);
    }
    Media::Absent
}

/// Whether `text` is one web address on Kakao's media hosts and nothing else.
pub(super) fn is_on_kakao_cdn(text: &str) -> bool {
    web_host(text).is_some_and(|host| host.ends_with(".kakaocdn.net"))
}

/// The secure image plugin's pictures in one parameter; absent if the parameter is something else.
fn secure_urls(parameter: &Value) -> Option<Vec<String>> {
    let photos = unwrapped(parameter);
    Some(match photos.get("secureUrls")? {
        Value::String(list) => unlist(list),
        Value::Array(urls) => urls
            .iter()
            .filter_map(|url| address(url.as_str()?))
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    })
}

fn secured(root: &Value) -> Vec<String> {
    let entries = |name| {
        at(root, &["action", name])
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::values)
    };
    let mut found: Vec<String> = Vec::new();
    let mut add = |parameter: &Value| {
        for url in secure_urls(parameter).unwrap_or_default() {
            if found.len() < MAX_IMAGES && !found.contains(&url) {
                found.push(url);
            }
        }
    };
    entries("params").for_each(&mut add);
    for detail in entries("detailParams") {
        ["value", "origin"]
            .iter()
            .filter_map(|name| at(detail, &[name]))
            .for_each(&mut add);
    }
    found
}

/// `List(<url>, <url>)`. A comma only separates where an address follows: addresses may hold
/// commas.
fn unlist(list: &str) -> Vec<String> {
    let list = list.trim();
    let inside = list
        .strip_prefix("List(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(list);
    let mut urls: Vec<String> = Vec::new();
    for piece in inside.split(',') {
        match urls.last_mut() {
            Some(url) if !piece.trim_start().starts_with("http") => {
                url.push(',');
                url.push_str(piece);
            }
            _ => urls.push(piece.to_owned()),
        }
    }
    urls.iter()
        .filter_map(|url| address(url))
        .filter(|url| url.starts_with("http"))
        .map(str::to_owned)
        .collect()
}

/// A text that may be an address: short, without white space and control characters.
fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= MAX_URL_BYTES;
    (fits && !text.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(text)
}

fn web_host(text: &str) -> Option<String> {
    // The parser would skip white space inside; such a text is no bare address.
    let url = Url::parse(address(text)?).ok()?;
    matches!(url.scheme(), "http" | "https")
        .then(|| url.host_str().map(str::to_owned))
        .flatten()
}

fn word(kind: &str) -> String {
    let fits = kind.len() <= 16
        && kind
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if fits {
        kind.to_ascii_lowercase()
    } else {
        "unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PHOTO: &str =
        "https://talk.kakaocdn.net/dna/a/i_1.png?credential=a&expires=1&signature=b%3D";

    fn photos(root: &Value, text: &str) -> Vec<String> {
        match find(root, text) {
            Media::Photos(urls) => urls,
            Media::Absent | Media::Other(_) => Vec::new(),
        }
    }

    #[test]
    fn a_media_address_comes_first() {
        let root = json!({
            "userRequest": {"params": {"media": {"type": "image", "url": "https://a.example/1"}}},
            "flow": {"trigger": {"type": "IMAGE_UPLOAD"}},
            "action": {"params": {"p": {"secureUrls": "List(https://b.example/2)"}}},
        });
        assert_eq!(photos(&root, PHOTO), ["https://a.example/1"]);
    }

    #[test]
    fn an_uploaded_address_may_be_anywhere_for_the_caller_to_judge() {
        let root = json!({"flow": {"trigger": {"type": "IMAGE_UPLOAD"}}});
        assert_eq!(
            photos(&root, "http://dn-m.talk.kakao.com/x.jpg"),
            ["http://dn-m.talk.kakao.com/x.jpg"]
        );
        assert!(photos(&root, "사진").is_empty());
        assert!(photos(&root, "file:///etc/passwd").is_empty());
    }

    #[test]
    fn only_a_bare_kakao_address_is_a_photo_without_a_trigger() {
        assert_eq!(photos(&json!({}), PHOTO), [PHOTO]);
        for text in [
            "https://talk.kakaocdn.net/a 이거 봐",
            "https://talk.kakaocdn.net/a\nhttps://talk.kakaocdn.net/b",
            "https://kakaocdn.net/a",
            "https://evilkakaocdn.net/a",
            "https://talk.kakaocdn.net.evil.example/a",
            "https://talk.kakaocdn.net@evil.example/a",
            "https://evil.example/talk.kakaocdn.net",
            "ftp://talk.kakaocdn.net/a",
            "talk.kakaocdn.net/a",
            "https://",
        ] {
            assert!(photos(&json!({}), text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_secure_list_is_split_with_and_without_a_space() {
        let expected = [
            "http://s.kakaocdn.net/1?a=b,c&d=%2B",
            "https://s.kakaocdn.net/2",
        ];
        for separator in [",", ", ", ",  "] {
            let answer = json!({"secureUrls": format!("List({})", expected.join(separator))});
            assert_eq!(secure_urls(&answer).unwrap(), expected);
            assert_eq!(secure_urls(&json!(answer.to_string())).unwrap(), expected);
        }
        assert_eq!(
            secure_urls(&json!({"secureUrls": expected})).unwrap(),
            expected
        );
        assert_eq!(
            secure_urls(&json!({"secureUrls": expected[1]})).unwrap(),
            [expected[1]]
        );
        for empty in ["", "List()", "List(,)", "List( )"] {
            assert!(
                secure_urls(&json!({"secureUrls": empty}))
                    .unwrap()
                    .is_empty(),
                "{empty}"
            );
        }
        assert_eq!(secure_urls(&json!("홍대")), None);
    }

    #[test]
    fn secure_photos_are_counted_once_and_capped() {
        let urls: Vec<String> = (0..30)
            .map(|n| format!("http://s.kakaocdn.net/{n}"))
            .collect();
        let answer = json!({"secureUrls": format!("List({})", urls.join(", "))}).to_string();
        let detail = json!({"value": answer, "origin": answer});
        let root = json!({"action": {"params": {"a": answer, "b": answer}, "detailParams": {"a": detail}}});
        assert_eq!(photos(&root, ""), urls[..MAX_IMAGES]);
        assert_eq!(
            photos(&json!({"action": {"detailParams": {"a": detail}}}), "").len(),
            MAX_IMAGES
        );
    }

    #[test]
    fn other_media_is_named_by_a_harmless_word() {
        let named = |kind: Value| match find(
            &json!({"userRequest": {"params": {"media": {"type": kind}}}}),
            "",
        ) {
            Media::Other(word) => Some(word),
            Media::Absent | Media::Photos(_) => None,
        };
        assert_eq!(named(json!("Video")).as_deref(), Some("video"));
        for odd in [
            json!("<b>x</b>"),
            json!("a\nb"),
            json!("영상"),
            json!("a".repeat(17)),
        ] {
            assert_eq!(named(odd).as_deref(), Some("unknown"));
        }
        for absent in [json!(null), json!(""), json!(5), json!("image")] {
            assert_eq!(named(absent), None);
        }
    }
}
