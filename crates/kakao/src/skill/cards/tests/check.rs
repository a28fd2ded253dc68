//! The rules of skill.md §4 and §8, checked from the JSON alone.

use serde_json::Value;

use super::super::Surface;

pub(super) fn check(output: &Value, surface: Surface) {
    assert!(output.to_string().len() <= 30_720, "too large");
    strings(output);
    let object = output.as_object().unwrap();
    assert_eq!(object.len(), 1, "{output}");
    let (kind, body) = object.iter().next().unwrap();
    if surface == Surface::Group {
        assert!(!matches!(kind.as_str(), "carousel" | "commerceCard"));
    }
    match kind.as_str() {
        "carousel" => carousel(body),
        kind => card(kind, body, false),
    }
}

fn carousel(body: &Value) {
    known(body, &["type", "items", "header"]);
    let kind = body["type"].as_str().unwrap();
    let items = body["items"].as_array().unwrap();
    let max = if kind == "listCard" { 5 } else { 10 };
    assert!((2..=max).contains(&items.len()), "{} cards", items.len());
    for item in items {
        card(kind, item, true);
    }
    let ratio = |item: &Value| item.pointer("/thumbnail/fixedRatio").is_some();
    let many = |item: &Value| item.pointer("/thumbnails/0/fixedRatio").is_some();
    for item in items {
        assert_eq!(ratio(item), ratio(&items[0]));
        assert_eq!(many(item), many(&items[0]));
        for part in ["thumbnail", "head", "profile", "imageTitle"] {
            let same = item.get(part).is_some() == items[0].get(part).is_some();
            assert!(kind != "itemCard" || same, "{part} on some cards only");
        }
    }
    if let Some(header) = body.get("header") {
        assert!(!matches!(kind, "textCard" | "listCard"), "header");
        known(header, &["title", "description", "thumbnail"]);
        words(&header["title"], 50, 2);
        words(&header["description"], 100, 3);
        known(&header["thumbnail"], &["imageUrl"]);
        address(&header["thumbnail"]["imageUrl"]);
    }
}

fn card(kind: &str, body: &Value, in_carousel: bool) {
    let optional = |name: &str, max, lines| {
        if let Some(text) = body.get(name) {
            words(text, max, lines);
        }
    };
    let all = usize::MAX;
    let (own, sum): (&[&str], usize) = match kind {
        "textCard" => {
            optional("title", 50, all);
            optional("description", if in_carousel { 128 } else { 400 }, all);
            assert!(body.get("title").or(body.get("description")).is_some());
            (&["title", "description"], 400)
        }
        "basicCard" => {
            let lines = if in_carousel { 2 } else { all };
            optional("title", 50, lines);
            optional("description", 230, lines);
            thumbnail(&body["thumbnail"]);
            (&["title", "description", "thumbnail", "profile"], all)
        }
        "commerceCard" => {
            optional("title", 30, all);
            optional("description", 40, all);
            commerce(body);
            (
                &[
                    "title",
                    "description",
                    "price",
                    "currency",
                    "discount",
                    "discountRate",
                    "discountedPrice",
                    "thumbnails",
                    "profile",
                ],
                all,
            )
        }
        "listCard" => {
            list(body, in_carousel);
            (&["header", "items"], all)
        }
        "itemCard" => {
            items(body, in_carousel);
            (
                &[
                    "thumbnail",
                    "head",
                    "profile",
                    "imageTitle",
                    "itemList",
                    "itemListAlignment",
                    "itemListSummary",
                    "title",
                    "description",
                ],
                if in_carousel { 100 } else { 200 },
            )
        }
        kind => panic!("{kind}"),
    };
    known(body, &[own, &["buttons", "buttonLayout"]].concat());
    let both = ["title", "description"].map(|name| body.get(name).map_or(0, units));
    assert!(both.iter().sum::<usize>() <= sum, "words of {kind}");
    if let Some(profile) = body.get("profile").filter(|_| kind != "itemCard") {
        known(profile, &["nickname", "imageUrl"]);
        words(&profile["nickname"], 50, 1);
        profile.get("imageUrl").into_iter().for_each(address);
    }
    buttons(body);
}

fn commerce(body: &Value) {
    let won = |name: &str| body.get(name).map(|price| price.as_u64().unwrap());
    assert!(won("price").is_some());
    assert_eq!(body["currency"], "won");
    assert!(won("discount").is_none() || won("discountedPrice").is_none());
    if let Some(rate) = won("discountRate") {
        assert!((1..=100).contains(&rate) && won("discountedPrice").is_some());
    }
    let thumbnails = body["thumbnails"].as_array().unwrap();
    assert_eq!(thumbnails.len(), 1);
    thumbnail(&thumbnails[0]);
}

fn list(body: &Value, in_carousel: bool) {
    known(&body["header"], &["title", "link"]);
    words(&body["header"]["title"], 100, usize::MAX);
    body["header"].get("link").into_iter().for_each(link);
    let rows = body["items"].as_array().unwrap();
    assert!((1..=if in_carousel { 4 } else { 5 }).contains(&rows.len()));
    for row in rows {
        words(&row["title"], 100, usize::MAX);
        row.get("description")
            .into_iter()
            .for_each(|it| words(it, 100, usize::MAX));
        row.get("imageUrl").into_iter().for_each(address);
        row.get("link").into_iter().for_each(link);
        if row.get("action").is_some() {
            assert!(row.get("link").is_none());
            tap(row);
        }
        let own = ["title", "description", "imageUrl", "link"];
        let of_tap = ["action", "messageText", "blockId", "extra"];
        known(row, &[&own[..], &of_tap[..]].concat());
    }
}

fn items(body: &Value, in_carousel: bool) {
    if let Some(thumbnail) = body.get("thumbnail") {
        known(
            thumbnail,
            &["imageUrl", "altText", "width", "height", "link"],
        );
        address(&thumbnail["imageUrl"]);
        let size = (thumbnail["width"].as_u64(), thumbnail["height"].as_u64());
        let is_square = size == (Some(800), Some(800)) && !in_carousel;
        assert!(is_square || size == (Some(800), Some(400)));
    }
    assert!(body.get("head").is_none() || body.get("profile").is_none());
    body.get("head")
        .into_iter()
        .for_each(|head| words(&head["title"], 50, 1));
    body.get("profile")
        .into_iter()
        .for_each(|it| words(&it["title"], 15, 1));
    if let Some(title) = body.get("imageTitle") {
        words(&title["title"], 50, 2);
        title
            .get("description")
            .into_iter()
            .for_each(|it| words(it, 50, 1));
        title.get("imageUrl").into_iter().for_each(address);
    }
    let rows = body["itemList"].as_array().unwrap();
    assert!((1..=if in_carousel { 5 } else { 10 }).contains(&rows.len()));
    for row in rows {
        known(row, &["title", "description"]);
        words(&row["title"], 6, 1);
        words(&row["description"], 100, 2);
    }
    if let Some(sum) = body.get("itemListSummary") {
        words(&sum["title"], 6, 1);
        words(&sum["description"], 14, 1);
        assert!(
            sum["description"]
                .as_str()
                .unwrap()
                .contains(|c: char| c.is_ascii_digit())
        );
    }
    assert!(body.get("title").is_some() || body.get("description").is_none());
    let lines = |name: &str| {
        body.get(name)
            .map_or(0, |it| it.as_str().unwrap().lines().count())
    };
    assert!(lines("title") + lines("description") <= 12);
}

fn thumbnail(value: &Value) {
    known(value, &["imageUrl", "altText", "link", "fixedRatio"]);
    address(&value["imageUrl"]);
    value
        .get("altText")
        .into_iter()
        .for_each(|alt| words(alt, 50, 1));
    value.get("link").into_iter().for_each(link);
}

fn link(value: &Value) {
    known(value, &["web"]);
    address(&value["web"]);
}

fn buttons(body: &Value) {
    let Some(buttons) = body.get("buttons") else {
        return assert!(body.get("buttonLayout").is_none());
    };
    let buttons = buttons.as_array().unwrap();
    let (max, max_label) = match body["buttonLayout"].as_str().unwrap() {
        "vertical" => (3, 14),
        "horizontal" if buttons.len() == 1 => (2, 14),
        "horizontal" => (2, 8),
        layout => panic!("{layout}"),
    };
    assert!((1..=max).contains(&buttons.len()));
    for button in buttons {
        words(&button["label"], max_label, 1);
        match button["action"].as_str().unwrap() {
            "webLink" => address(&button["webLinkUrl"]),
            "message" | "block" => tap(button),
            "phone" => {
                let number = button["phoneNumber"].as_str().unwrap();
                assert!(
                    number
                        .bytes()
                        .all(|b| b.is_ascii_digit() || b"+-".contains(&b))
                );
            }
            "share" | "operator" => assert_eq!(button.as_object().unwrap().len(), 2),
            action => panic!("{action}"),
        }
    }
}

fn tap(value: &Value) {
    match value["action"].as_str().unwrap() {
        "message" => {
            words(&value["messageText"], 1000, usize::MAX);
            assert!(value.get("blockId").is_none());
        }
        "block" => {
            let id = value["blockId"].as_str().unwrap();
            assert!(!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()));
        }
        action => panic!("{action}"),
    }
    assert!(value.get("extra").is_none_or(Value::is_object));
}

fn words(value: &Value, max: usize, lines: usize) {
    let text = value.as_str().unwrap();
    assert!(!text.trim().is_empty(), "blank");
    assert!(units(value) <= max, "{text:?} of more than {max} units");
    assert!(
        text.lines().count() <= lines,
        "{text:?} on more than {lines} lines"
    );
}

fn units(value: &Value) -> usize {
    value.as_str().unwrap().encode_utf16().count()
}

fn address(value: &Value) {
    let url = value.as_str().unwrap();
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    assert!(is_web && url.len() <= 2048, "{url}");
    let host = url.split('/').nth(2).unwrap();
    let is_local = host == "127.0.0.1:8788";
    assert!(is_local || host.contains('.') && !host.starts_with(|c: char| c.is_ascii_digit()));
    assert!(host != "printer.local" && !host.contains('@'), "{url}");
}

fn known(value: &Value, names: &[&str]) {
    for name in value.as_object().unwrap().keys() {
        assert!(names.contains(&name.as_str()), "{name} in {value}");
    }
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
