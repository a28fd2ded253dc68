//! Cards with a heading and rows.

use reply::{Card, CardKind, Image, Part, PlainText, readable};
use serde_json::{Map, Value, json};

use super::{fitting::Fitting, plain, tap::Talk, words::Fields};
use crate::skill::response::{AnyCard, Header, Link, ListCard, ListItem, OnTap, RowText, WebUrl};

pub(super) fn shape(body: &Map<String, Value>, fitting: &mut Fitting<'_>) -> Option<AnyCard> {
    let max = fitting.rows(ListCard::MAX_ITEMS, ListCard::MAX_ITEMS_IN_CAROUSEL);
    let mut fields = Fields::of(body);
    let mut rows = Vec::new();
    let mut beyond = Vec::new();
    for value in fields.list("items") {
        if rows.len() < max {
            rows.extend(row(value, fitting));
        } else {
            beyond.push(value);
        }
    }
    if rows.is_empty() {
        return plain::shape(body, fitting);
    }
    let (title, link) = header(&mut fields, fitting);
    if beyond.iter().any(|value| title_of(value).is_some()) {
        let header = json!({"title": title.as_str(), "link": link.as_ref().map(WebUrl::as_str)});
        let body = Map::from_iter([
            ("header".to_owned(), header),
            ("items".to_owned(), beyond.into_iter().cloned().collect()),
        ]);
        let kind = CardKind::ListCard;
        fitting
            .rest
            .continue_with([Part::Card(Card { kind, body })]);
    } else {
        for value in beyond {
            row(value, fitting);
        }
    }
    let header = Header {
        title: fitting.rest.limited(&title),
        link: link.map(Link::web),
    };
    let mut card = ListCard::new(header, rows).ok()?;
    card.buttons = fitting.buttons(&mut fields, false);
    fitting.rest.unused(fields);
    Some(AnyCard::ListCard(card))
}

/// A heading is needed: "…" stands for one that is missing.
fn header(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> (PlainText, Option<WebUrl>) {
    if let Some(mut header) = fields.object("header") {
        let title = header.text("title").or_else(|| header.text("description"));
        let link = fitting.link(&mut header);
        let title = title.or_else(|| fields.text("title"));
        if let Some(picture) = fitting.address_in(&header, "imageUrl") {
            fitting.rest.show([image(&picture)]);
        }
        fitting.rest.unused(header);
        return (title.unwrap_or_default(), link);
    }
    let title = fields.text("header").or_else(|| fields.text("title"));
    (title.unwrap_or_default(), None)
}

/// What a row would have as its title.
fn title_of(value: &Value) -> Option<PlainText> {
    let names = ["title", "description", "label", "messageText"];
    readable(value).or_else(|| names.iter().find_map(|name| readable(value.get(name)?)))
}

fn row(value: &Value, fitting: &mut Fitting<'_>) -> Option<ListItem> {
    let Value::Object(body) = value else {
        match readable(value) {
            Some(title) => return Some(ListItem::new(fitting.rest.limited(&title))),
            None => fitting.rest.unused_value(value),
        }
        return None;
    };
    let mut fields = Fields::of(body);
    let picture = fitting.address_in(&fields, "imageUrl");
    let title = ["title", "description", "label"]
        .into_iter()
        .find_map(|name| fields.text(name))
        .or_else(|| fields.text("messageText"));
    let Some(title) = title else {
        fitting.rest.show(picture.as_ref().map(image));
        fitting.rest.unused(fields);
        return None;
    };
    let shown: RowText = fitting.rest.limited(&title);
    let description = fields.text("description").filter(|it| *it != title);
    let description = description.map(|it| fitting.rest.limited(&it));
    let link = fitting.link(&mut fields);
    let link = link.or_else(|| fitting.address_in(&fields, "webLinkUrl"));
    let on_tap = match (Talk::read(&mut fields), link) {
        (Some(talk), link) => {
            if let Some(url) = link {
                fitting.rest.say_pair(&title, url.as_str());
            }
            Some(OnTap::Tap(talk.tap(&title, shown.as_str())))
        }
        (None, Some(url)) => {
            let link = Link::web(url);
            Some(OnTap::Link { link })
        }
        (None, None) => None,
    };
    if let Some(number) = fields.text("phoneNumber") {
        fitting.rest.say_pair(&title, number.as_str());
    }
    fitting.rest.unused(fields);
    Some(ListItem {
        title: shown,
        description,
        image_url: picture,
        on_tap,
    })
}

fn image(url: &WebUrl) -> Image {
    Image {
        url: url.as_str().to_owned(),
        alt: None,
    }
}
