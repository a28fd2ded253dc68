//! A response judged from its JSON alone: by the emulator, which knows the platform's rules and
//! none of our code, and by what we promise besides.

use serde_json::{Value, from_str};

use super::super::super::response::Surface;

pub(in crate::skill) fn check(response: &str, surface: Surface) {
    let response: Value = from_str(response).unwrap();
    let broken = emulator::chatbot::rules::judge(&response, surface == Surface::Group);
    assert_eq!(broken, [], "{response}");
    strings(&response);
    fields("response", &response);
    let outputs = response["template"]["outputs"].as_array();
    for (kind, body) in outputs
        .into_iter()
        .flatten()
        .flat_map(|output| output.as_object().unwrap())
    {
        match kind.as_str() {
            "simpleText" | "simpleImage" => {}
            "carousel" => carousel(body),
            kind => card(kind, body, false),
        }
    }
}

fn carousel(body: &Value) {
    let items = body["items"].as_array().unwrap();
    assert!(items.len() > 1, "one card");
    let kind = body["type"].as_str().unwrap();
    for item in items {
        card(kind, item, true);
    }
    words(body.pointer("/header/title"), 50, 2);
    words(body.pointer("/header/description"), 100, 3);
}

/// What the platform would cut off, refuse or leave out without a word.
fn card(kind: &str, body: &Value, in_carousel: bool) {
    let at = |pointer: &str| body.pointer(pointer);
    let two_lines = if in_carousel { 2 } else { ANY };
    match kind {
        "textCard" => {
            words(at("/title"), 50, ANY);
            words(at("/description"), if in_carousel { 128 } else { 400 }, ANY);
        }
        "basicCard" => {
            words(at("/title"), 50, two_lines);
            words(at("/description"), 230, two_lines);
        }
        "commerceCard" => {
            words(at("/title"), 30, ANY);
            words(at("/description"), 40, ANY);
            assert_eq!(body["currency"], "won");
            let both = [at("/discount"), at("/discountedPrice")];
            assert!(both.iter().any(Option::is_none), "{body}");
        }
        "listCard" => {
            words(at("/header/title"), 100, ANY);
            for row in body["items"].as_array().unwrap() {
                words(row.get("title"), 100, ANY);
                words(row.get("description"), 100, ANY);
                tap(row);
            }
        }
        "itemCard" => item_card(body, in_carousel),
        kind => panic!("{kind}"),
    }
    if kind != "itemCard" {
        words(at("/profile/nickname"), 50, 1);
    }
    words(at("/thumbnail/altText"), 50, 1);
    words(at("/thumbnails/0/altText"), 50, 1);
    buttons(body);
}

fn item_card(body: &Value, in_carousel: bool) {
    let at = |pointer: &str| body.pointer(pointer);
    if let Some(picture) = body.get("thumbnail") {
        let size = (picture["width"].as_u64(), picture["height"].as_u64());
        let is_square = size == (Some(800), Some(800)) && !in_carousel;
        assert!(is_square || size == (Some(800), Some(400)), "{picture}");
    }
    words(at("/head/title"), 50, 1);
    words(at("/profile/title"), 15, 1);
    words(at("/imageTitle/title"), 50, 2);
    words(at("/imageTitle/description"), 50, 1);
    for row in body["itemList"].as_array().unwrap() {
        words(row.get("title"), 6, 1);
        words(row.get("description"), 100, 2);
    }
    words(at("/itemListSummary/title"), 6, 1);
    words(at("/itemListSummary/description"), 14, 1);
    if let Some(sum) = at("/itemListSummary/description") {
        let has_digit = sum.as_str().unwrap().contains(|c: char| c.is_ascii_digit());
        assert!(has_digit, "{sum}");
    }
}

fn buttons(body: &Value) {
    let Some(buttons) = body.get("buttons").and_then(Value::as_array) else {
        return assert!(body.get("buttonLayout").is_none());
    };
    assert!(!buttons.is_empty(), "{body}");
    let max_label = match body["buttonLayout"].as_str().unwrap() {
        "horizontal" if buttons.len() > 1 => 8,
        "horizontal" | "vertical" => 14,
        layout => panic!("{layout}"),
    };
    for button in buttons {
        words(button.get("label"), max_label, 1);
        tap(button);
        if matches!(button["action"].as_str(), Some("share" | "operator")) {
            assert_eq!(button.as_object().unwrap().len(), 2);
        }
    }
}

/// Of a button, or of a row of a list.
fn tap(value: &Value) {
    match value.get("action").and_then(Value::as_str) {
        Some("message") => {
            words(value.get("messageText"), 1000, ANY);
            assert!(value.get("messageText").is_some() && value.get("blockId").is_none());
        }
        Some("block") => {
            let id = value["blockId"].as_str().unwrap();
            assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()));
        }
        _ => {}
    }
    assert!(value.get("extra").is_none_or(Value::is_object), "{value}");
}

const ANY: usize = usize::MAX;

/// Text of at most so many UTF-16 code units and lines, if it is there.
fn words(text: Option<&Value>, units: usize, lines: usize) {
    let Some(text) = text.map(|text| text.as_str().unwrap()) else {
        return;
    };
    assert!(text.encode_utf16().count() <= units, "{text:?}: {units}");
    assert!(text.lines().count() <= lines, "{text:?}: {lines} lines");
}

/// What people see, and where it leads.
fn fields(name: &str, value: &Value) {
    match value {
        Value::Object(object) => {
            let shown = object.iter().filter(|(name, _)| *name != "extra");
            shown.for_each(|(name, value)| fields(name, value));
        }
        Value::Array(values) => values.iter().for_each(|value| fields(name, value)),
        value => leaf(name, value),
    }
}

fn leaf(name: &str, value: &Value) {
    let text = value.as_str().unwrap_or("-");
    assert!(!text.trim().is_empty(), "{name} is blank");
    match name {
        "imageUrl" | "web" | "webLinkUrl" => address(text),
        "label" | "altText" | "nickname" => assert!(!text.contains('\n'), "{name} on two lines"),
        "phoneNumber" => {
            let is_dialled = |b: u8| b.is_ascii_digit() || b"+-".contains(&b);
            assert!(text.bytes().all(is_dialled), "{text}");
        }
        "discountRate" => assert!((1..=100).contains(&value.as_u64().unwrap())),
        _ => {}
    }
}

/// Nothing private and nothing with a password: on a public host, or at the origin of the test.
fn address(url: &str) {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    assert!(is_web && url.len() <= 2048, "{url}");
    let host = url.split('/').nth(2).unwrap();
    let is_local = host == "127.0.0.1:8788";
    assert!(is_local || host.contains('.') && !host.starts_with(|c: char| c.is_ascii_digit()));
    assert!(host != "printer.local" && !host.contains('@'), "{url}");
}

/// Nothing that controls or opens a template, anywhere.
fn strings(value: &Value) {
    match value {
        Value::String(text) => {
            assert!(
                !text.chars().any(|c| c.is_control() && c != '\n'),
                "{text:?}"
            );
            let mut braces = text
                .match_indices("{{")
                .map(|(at, _)| text.split_at(at + 2).1);
            assert!(
                !braces.any(|after| after.trim_start().starts_with('#')),
                "{text:?}"
            );
        }
        Value::Array(values) => values.iter().for_each(strings),
        Value::Object(values) => values.values().for_each(strings),
        _ => {}
    }
}
