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
    for carousel in outputs
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("carousel"))
    {
        assert!(carousel["items"].as_array().unwrap().len() > 1, "one card");
    }
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
