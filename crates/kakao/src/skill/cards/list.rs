//! Cards with a heading and rows.

use reply::{Card, CardKind, Image, Part, PlainText};
use serde_json::{Map, Value, json};

use super::{
    Work, plain,
    tap::Talk,
    words::{Fields, text},
};
use crate::skill::response::{Link, ListCard, ListItem, Output, WebUrl};

const MAX_ROWS: usize = 5;
const MAX_ROWS_IN_CAROUSEL: usize = 4;

pub(super) fn shape(body: &Map<String, Value>, work: &mut Work<'_>) -> Option<Output> {
    let max = match work.in_carousel() {
        true => MAX_ROWS_IN_CAROUSEL,
        false => MAX_ROWS,
    };
    let max = max.min(work.rows);
    let mut fields = Fields::of(body);
    let mut rows = Vec::new();
    let mut beyond = Vec::new();
    for value in fields.list("items") {
        if rows.len() < max {
            rows.extend(row(value, work));
        } else {
            beyond.push(value);
        }
    }
    if rows.is_empty() {
        return plain::shape(body, work);
    }
    let (title, link) = header(&mut fields, work);
    if beyond.iter().any(|value| title_of(value).is_some()) {
        let header = json!({"title": title.as_str(), "link": link.as_ref().map(WebUrl::as_str)});
        let body = Map::from_iter([
            ("header".to_owned(), header),
            ("items".to_owned(), beyond.into_iter().cloned().collect()),
        ]);
        let kind = CardKind::ListCard;
        work.left.continue_with([Part::Card(Card { kind, body })]);
    } else {
        for value in beyond {
            row(value, work);
        }
    }
    let mut card = ListCard::new(work.left.limited(&title), rows).ok()?;
    if let Some(url) = link {
        card = card.with_link(Link::web(url));
    }
    if let Some(buttons) = work.buttons(&mut fields, false) {
        card = card.with_buttons(buttons);
    }
    work.left.unused(fields);
    Some(card.into())
}

/// A heading is needed: "…" stands for one that is missing.
fn header(fields: &mut Fields<'_>, work: &mut Work<'_>) -> (PlainText, Option<WebUrl>) {
    if let Some(mut header) = fields.object("header") {
        let title = header.text("title").or_else(|| header.text("description"));
        let link = work.link(&mut header);
        let title = title.or_else(|| fields.text("title"));
        if let Some(picture) = work.address_in(&header, "imageUrl") {
            work.left.show([image(&picture)]);
        }
        work.left.unused(header);
        return (title.unwrap_or_default(), link);
    }
    let title = fields.text("header").or_else(|| fields.text("title"));
    (title.unwrap_or_default(), None)
}

/// What a row would have as its title.
fn title_of(value: &Value) -> Option<PlainText> {
    let names = ["title", "description", "label", "messageText"];
    text(value).or_else(|| names.iter().find_map(|name| text(value.get(name)?)))
}

fn row(value: &Value, work: &mut Work<'_>) -> Option<ListItem> {
    let Value::Object(body) = value else {
        match text(value) {
            Some(title) => return Some(ListItem::new(work.left.limited(&title))),
            None => work.left.unused_value(value),
        }
        return None;
    };
    let mut fields = Fields::of(body);
    let picture = work.address_in(&fields, "imageUrl");
    let title = ["title", "description", "label"]
        .into_iter()
        .find_map(|name| fields.text(name))
        .or_else(|| fields.text("messageText"));
    let Some(title) = title else {
        work.left.show(picture.as_ref().map(image));
        work.left.unused(fields);
        return None;
    };
    let shown = work.left.limited::<100, { usize::MAX }>(&title);
    let shown_title = shown.as_str().to_owned();
    let mut item = ListItem::new(shown);
    if let Some(description) = fields.text("description").filter(|it| *it != title) {
        item = item.with_description(work.left.limited(&description));
    }
    if let Some(url) = picture {
        item = item.with_image(url);
    }
    let link = work.link(&mut fields);
    let link = link.or_else(|| work.address_in(&fields, "webLinkUrl"));
    if let Some(talk) = Talk::read(&mut fields) {
        item = item.tapping(talk.tap(&title, &shown_title));
        if let Some(url) = link {
            work.left.say_pair(&title, url.as_str());
        }
    } else if let Some(url) = link {
        item = item.opening(Link::web(url));
    }
    if let Some(number) = fields.text("phoneNumber") {
        work.left.say_pair(&title, number.as_str());
    }
    work.left.unused(fields);
    Some(item)
}

fn image(url: &WebUrl) -> Image {
    Image {
        url: url.as_str().to_owned(),
        alt: None,
    }
}
