//! Receipt-like cards: names and values, with head, picture and sum.

use reply::{Card, CardKind, Image, Part, PlainText, readable, units};
use serde_json::{Map, Value, json};

use super::{
    fitting::Fitting,
    plain,
    words::{Fields, is_cut},
};
use crate::skill::response::{
    Alignment, Amount, AnyCard, ImageTitle, Item, ItemCard, ItemCardWords, ItemProfile,
    ItemThumbnail, Shape, Summary, Top,
};

pub(super) fn shape(body: &Map<String, Value>, fitting: &mut Fitting<'_>) -> Option<AnyCard> {
    let max = fitting.rows(ItemCard::MAX_ITEMS, ItemCard::MAX_ITEMS_IN_CAROUSEL);
    let mut fields = Fields::of(body);
    let mut rows = Vec::new();
    let mut beyond = Vec::new();
    for value in fields.list("itemList") {
        if rows.len() == max {
            beyond.push(value);
        } else {
            rows.extend(row(value, fitting));
        }
    }
    if rows.is_empty() {
        return plain::shape(body, fitting);
    }
    let sum = fields
        .object("itemListSummary")
        .and_then(|it| summary(it, fitting));
    let continues = beyond.iter().any(|value| pair(value).is_some());
    if !continues {
        for value in beyond.drain(..) {
            row(value, fitting);
        }
    }
    let mut rest: Vec<_> = beyond.into_iter().cloned().collect();
    let mut amount = None;
    match &sum {
        // The sum stands below the last row, which comes later.
        Some(_) if continues => {}
        Some((name, value)) => match Amount::parse(value.as_str()) {
            Some(value) => amount = Some((name.clone(), value)),
            None if rows.len() < max => rows.push(item(name, value, fitting)),
            None => rest.push(json!({"title": name, "description": value})),
        },
        None => {}
    }
    let mut card = ItemCard::new(rows).ok()?;
    card.item_list_summary = amount.map(|(name, amount)| Summary {
        title: fitting.rest.limited(&name),
        description: amount,
    });
    if !rest.is_empty() {
        let sum = sum.filter(|_| continues);
        fitting.rest.continue_with([further(rest, sum, &fields)]);
    }
    card.item_list_alignment = match fields.code("itemListAlignment") {
        Some("right") => Some(Alignment::Right),
        Some("left") => Some(Alignment::Left),
        _ => None,
    };
    card.thumbnail = thumbnail(&mut fields, fitting);
    card.top = top(&mut fields, fitting);
    card.image_title = image_title(&mut fields, fitting);
    words(&mut card, &mut fields, fitting);
    card.buttons = fitting.buttons(&mut fields, false);
    fitting.rest.unused(fields);
    Some(AnyCard::ItemCard(card))
}

/// The card of the rows that had no room.
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
    let of = |names: [&str; 2]| names.iter().find_map(|name| readable(value.get(name)?));
    match (of(["title", "label"]), of(["description", "text"])) {
        (Some(name), Some(value)) => Some((name, value)),
        (one, other) => {
            let words = one.or(other).or_else(|| readable(value))?;
            Some((PlainText::literal("·")?, words))
        }
    }
}

fn row(value: &Value, fitting: &mut Fitting<'_>) -> Option<Item> {
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
                    fitting.rest.say_all(text);
                }
            }
            fitting.rest.unused(fields);
        }
        (Some(_), _) => {}
        (None, value) => fitting.rest.unused_value(value),
    }
    let (name, value) = pair?;
    Some(item(&name, &value, fitting))
}

/// If either half is cut, the pair is said as a whole.
fn item(name: &PlainText, value: &PlainText, fitting: &mut Fitting<'_>) -> Item {
    let item = Item {
        title: name.into(),
        description: value.into(),
    };
    if is_cut(name, item.title.as_str()) || is_cut(value, item.description.as_str()) {
        fitting.rest.say_pair(name, value.as_str());
    }
    item
}

fn summary(mut fields: Fields<'_>, fitting: &mut Fitting<'_>) -> Option<(PlainText, PlainText)> {
    let (name, value) = (fields.text("title"), fields.text("description"));
    fitting.rest.unused(fields);
    match (name, value) {
        (Some(name), Some(value)) => Some((name, value)),
        (None, Some(value)) => Some((PlainText::literal("·")?, value)),
        (name, None) => {
            fitting.rest.say_all(name);
            None
        }
    }
}

/// Title and description below the rows. The card shortens them; this says what it cuts.
fn words(card: &mut ItemCard, fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) {
    let description = fields.text("description");
    let (title, description) = match (fields.text("title"), description) {
        (Some(title), description) => (title, description),
        (None, Some(description)) => (description, None),
        (None, None) => return,
    };
    let max = fitting.limit(ItemCard::MAX_UNITS, ItemCard::MAX_UNITS_IN_CAROUSEL);
    let shown = ItemCardWords::from(&title);
    let taken = units(title.as_str());
    if taken > max {
        fitting.rest.say(title);
    }
    if let Some(description) = &description {
        let has_room = taken + units(description.as_str()) <= max;
        if !has_room || shown.as_str().lines().count() == ItemCard::MAX_LINES {
            fitting.rest.say(description.clone());
        }
    }
    card.set_words(shown, description.map(ItemCardWords::from));
}

fn thumbnail(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> Option<ItemThumbnail> {
    let size = |name: &str| fields.peek("thumbnail")?.get(name)?.as_f64();
    let shape = match (size("width"), size("height")) {
        _ if fitting.is_in_carousel() => Shape::Wide,
        (Some(width), Some(height)) if width > height => Shape::Wide,
        _ => Shape::Square,
    };
    let picture = fitting.picture(fields)?;
    let (alt, link) = (picture.alt, picture.link);
    Some(ItemThumbnail::new(picture.url, shape, alt, link))
}

/// A head, else a profile; where there are both, the profile is left out.
fn top(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> Option<Top> {
    let head = titled(fields, "head", fitting);
    let profile = fitting.speaker(fields);
    let Some(title) = head else {
        let (name, image_url) = profile?;
        let title = fitting.rest.limited(&name);
        return Some(Top::Profile(ItemProfile { title, image_url }));
    };
    fitting.rest.say_all(profile.map(|(name, _)| name));
    Some(Top::Head {
        title: fitting.rest.limited(&title),
    })
}

/// The title in an object, or a text in its place.
fn titled(
    fields: &mut Fields<'_>,
    name: &'static str,
    fitting: &mut Fitting<'_>,
) -> Option<PlainText> {
    let Some(mut inner) = fields.object(name) else {
        return fields.text(name);
    };
    let title = inner.text("title");
    fitting.rest.unused(inner);
    title
}

fn image_title(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> Option<ImageTitle> {
    let Some(mut inner) = fields.object("imageTitle") else {
        return fields.text("imageTitle").map(|title| ImageTitle {
            title: fitting.rest.limited(&title),
            description: None,
            image_url: None,
        });
    };
    let image_url = fitting.address_in(&inner, "imageUrl");
    let (title, description) = (inner.text("title"), inner.text("description"));
    fitting.rest.unused(inner);
    let (title, description) = match (title, description) {
        (Some(title), description) => (title, description),
        (None, Some(description)) => (description, None),
        (None, None) => {
            if let Some(url) = image_url {
                let url = url.as_str().to_owned();
                fitting.rest.show([Image { url, alt: None }]);
            }
            return None;
        }
    };
    Some(ImageTitle {
        title: fitting.rest.limited(&title),
        description: description.map(|it| fitting.rest.limited(&it)),
        image_url,
    })
}
