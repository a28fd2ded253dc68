//! Receipt-like cards: names and values, with head, picture and sum.

use reply::{Card, CardKind, Image, Part, PlainText, units};
use serde_json::{Map, Value, json};

use super::{
    Work, plain,
    words::{Fields, is_cut, text},
};
use crate::skill::response::{
    Alignment, Amount, ImageTitle, Item, ItemCard, ItemProfile, ItemThumbnail, Limited, Output,
    Shape, Top,
};

const MAX_ROWS: usize = 10;
const MAX_ROWS_IN_CAROUSEL: usize = 5;
const MAX_WORDS: usize = 200;
const MAX_WORDS_IN_CAROUSEL: usize = 100;
const MAX_LINES: usize = 12;

pub(super) fn shape(body: &Map<String, Value>, work: &mut Work<'_>) -> Option<Output> {
    let max = match work.in_carousel() {
        true => MAX_ROWS_IN_CAROUSEL,
        false => MAX_ROWS,
    };
    let max = max.min(work.rows);
    let mut fields = Fields::of(body);
    let mut rows = Vec::new();
    let mut beyond = Vec::new();
    for value in fields.list("itemList") {
        if rows.len() == max {
            beyond.push(value);
        } else {
            rows.extend(row(value, work));
        }
    }
    if rows.is_empty() {
        return plain::shape(body, work);
    }
    let sum = fields
        .object("itemListSummary")
        .and_then(|it| summary(it, work));
    let continues = beyond.iter().any(|value| pair(value).is_some());
    if !continues {
        for value in beyond.drain(..) {
            row(value, work);
        }
    }
    let mut rest: Vec<_> = beyond.into_iter().cloned().collect();
    let mut amount = None;
    match &sum {
        // It stands below the last row.
        Some(_) if continues => {}
        Some((name, value)) => match Amount::parse(value.as_str()) {
            Some(value) => amount = Some((name.clone(), value)),
            None if rows.len() < max => rows.push(item(name, value, work)),
            None => rest.push(json!({"title": name, "description": value})),
        },
        None => {}
    }
    let mut card = ItemCard::new(rows).ok()?;
    if let Some((name, amount)) = amount {
        card = card.with_summary(work.left.limited(&name), amount);
    }
    if !rest.is_empty() {
        let sum = sum.filter(|_| continues);
        work.left.continue_with([further(rest, sum, &fields)]);
    }
    match fields.code("itemListAlignment") {
        Some("right") => card = card.with_alignment(Alignment::Right),
        Some("left") => card = card.with_alignment(Alignment::Left),
        _ => {}
    }
    card = with_parts(card, &mut fields, work);
    if let Some(buttons) = work.buttons(&mut fields, false) {
        card = card.with_buttons(buttons);
    }
    work.left.unused(fields);
    Some(card.into())
}

fn further(rows: Vec<Value>, sum: Option<(PlainText, PlainText)>, fields: &Fields<'_>) -> Part {
    let mut body = Map::from_iter([("itemList".to_owned(), rows.into())]);
    if let Some((name, value)) = sum {
        let sum = json!({"title": name, "description": value});
        body.insert("itemListSummary".to_owned(), sum);
    }
    for name in ["head", "itemListAlignment"] {
        if let Some(value) = fields.peek(name) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    let kind = CardKind::ItemCard;
    Part::Card(Card { kind, body })
}

/// The name and value of a row. A row of words alone has no name.
fn pair(value: &Value) -> Option<(PlainText, PlainText)> {
    let of = |names: [&str; 2]| names.iter().find_map(|name| text(value.get(name)?));
    match (of(["title", "label"]), of(["description", "text"])) {
        (Some(name), Some(value)) => Some((name, value)),
        (one, other) => {
            let words = one.or(other).or_else(|| text(value))?;
            Some((PlainText::literal("·")?, words))
        }
    }
}

fn row(value: &Value, work: &mut Work<'_>) -> Option<Item> {
    let pair = pair(value);
    match (&pair, value) {
        (Some(_), Value::Object(body)) => {
            let mut fields = Fields::of(body);
            for name in ["title", "label", "description", "text"] {
                let text = fields.text(name);
                let is_shown = |(name, value): &(PlainText, PlainText)| {
                    text.as_ref()
                        .is_none_or(|text| text == name || text == value)
                };
                if !pair.as_ref().is_some_and(is_shown) {
                    work.left.say_all(text);
                }
            }
            work.left.unused(fields);
        }
        (Some(_), _) => {}
        (None, value) => work.left.unused_value(value),
    }
    let (name, value) = pair?;
    Some(item(&name, &value, work))
}

/// A pair of which a half is cut is said as a whole.
fn item(name: &PlainText, value: &PlainText, work: &mut Work<'_>) -> Item {
    let item = Item {
        title: name.into(),
        description: value.into(),
    };
    if is_cut(name, item.title.as_str()) || is_cut(value, item.description.as_str()) {
        work.left.say_pair(name, value.as_str());
    }
    item
}

fn summary(mut fields: Fields<'_>, work: &mut Work<'_>) -> Option<(PlainText, PlainText)> {
    let (name, value) = (fields.text("title"), fields.text("description"));
    work.left.unused(fields);
    match (name, value) {
        (Some(name), Some(value)) => Some((name, value)),
        (None, Some(value)) => Some((PlainText::literal("·")?, value)),
        (name, None) => {
            work.left.say_all(name);
            None
        }
    }
}

fn with_parts(mut card: ItemCard, fields: &mut Fields<'_>, work: &mut Work<'_>) -> ItemCard {
    if let Some(thumbnail) = thumbnail(fields, work) {
        card = card.with_thumbnail(thumbnail);
    }
    if let Some(top) = top(fields, work) {
        card = card.with_top(top);
    }
    if let Some(image_title) = image_title(fields, work) {
        card = card.with_image_title(image_title);
    }
    let description = fields.text("description");
    let (title, description) = match fields.text("title") {
        Some(title) => (title, description),
        None => match description {
            Some(description) => (description, None),
            None => return card,
        },
    };
    let max = match work.in_carousel() {
        true => MAX_WORDS_IN_CAROUSEL,
        false => MAX_WORDS,
    };
    let shown: Limited<MAX_WORDS, MAX_LINES> = (&title).into();
    let taken = units(title.as_str());
    if taken > max {
        work.left.say(title);
    }
    if let Some(description) = &description {
        let has_room = taken + units(description.as_str()) <= max;
        if !has_room || shown.as_str().lines().count() == MAX_LINES {
            work.left.say(description.clone());
        }
    }
    card.with_words(shown, description.map(Limited::from))
}

fn thumbnail(fields: &mut Fields<'_>, work: &mut Work<'_>) -> Option<ItemThumbnail> {
    let size = |name: &str| fields.peek("thumbnail")?.get(name)?.as_f64();
    let shape = match (size("width"), size("height")) {
        _ if work.in_carousel() => Shape::Wide,
        (Some(width), Some(height)) if width > height => Shape::Wide,
        _ => Shape::Square,
    };
    let picture = work.picture(fields)?;
    let link = picture.link;
    Some(ItemThumbnail::new(picture.url, shape, picture.alt, link))
}

/// A head, else a profile; where there are both, the profile is left out.
fn top(fields: &mut Fields<'_>, work: &mut Work<'_>) -> Option<Top> {
    let head = titled(fields, "head", work);
    let profile = work.speaker(fields);
    let Some(title) = head else {
        let (name, image_url) = profile?;
        let title = work.left.limited(&name);
        return Some(Top::Profile(ItemProfile { title, image_url }));
    };
    work.left.say_all(profile.map(|(name, _)| name));
    Some(Top::Head {
        title: work.left.limited(&title),
    })
}

/// The title in an object, or a text in its place.
fn titled(fields: &mut Fields<'_>, name: &'static str, work: &mut Work<'_>) -> Option<PlainText> {
    let Some(mut inner) = fields.object(name) else {
        return fields.text(name);
    };
    let title = inner.text("title");
    work.left.unused(inner);
    title
}

fn image_title(fields: &mut Fields<'_>, work: &mut Work<'_>) -> Option<ImageTitle> {
    let Some(mut inner) = fields.object("imageTitle") else {
        return fields.text("imageTitle").map(|title| ImageTitle {
            title: work.left.limited(&title),
            description: None,
            image_url: None,
        });
    };
    let image_url = work.address_in(&inner, "imageUrl");
    let (title, description) = (inner.text("title"), inner.text("description"));
    work.left.unused(inner);
    let (title, description) = match (title, description) {
        (Some(title), description) => (title, description),
        (None, Some(description)) => (description, None),
        (None, None) => {
            if let Some(url) = image_url {
                let url = url.as_str().to_owned();
                work.left.show([Image { url, alt: None }]);
            }
            return None;
        }
    };
    Some(ImageTitle {
        title: work.left.limited(&title),
        description: description.map(|it| work.left.limited(&it)),
        image_url,
    })
}
