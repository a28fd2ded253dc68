//! Cards of words, with a picture (`basicCard`) or without one (`textCard`); what other cards
//! become when they lack what makes them.

use reply::{PlainText, readable, units};
use serde_json::{Map, Value};

use super::{address::Picture, fitting::Fitting, words::Fields};
use crate::skill::response::{AnyCard, BasicCard, Limited, Shape, TextCard, TextCardWords, Title};

pub(super) fn shape(body: &Map<String, Value>, fitting: &mut Fitting<'_>) -> Option<AnyCard> {
    let mut fields = Fields::of(body);
    let title = fields
        .text("title")
        .or_else(|| heading(&mut fields, fitting));
    let description = fields.text("description").or_else(|| fields.text("text"));
    let picture = fitting.picture(&mut fields);
    show(title, description, picture, fields, fitting)
}

/// The heading of a card of rows that has none.
fn heading(fields: &mut Fields<'_>, fitting: &mut Fitting<'_>) -> Option<PlainText> {
    let names = ["header", "head", "imageTitle"];
    let (name, title) = names.into_iter().find_map(|name| {
        let inner = fields.peek(name)?;
        Some((name, readable(inner.get("title").unwrap_or(inner))?))
    })?;
    if let Some(Value::Object(inner)) = fields.value(name) {
        let mut inner = Fields::of(inner);
        inner.value("title");
        fitting.rest.unused(inner);
    }
    Some(title)
}

/// The card of these words, its profile and buttons in `fields`.
pub(super) fn show(
    mut title: Option<PlainText>,
    mut description: Option<PlainText>,
    picture: Option<Picture>,
    mut fields: Fields<'_>,
    fitting: &mut Fitting<'_>,
) -> Option<AnyCard> {
    let is_long = |title: &PlainText| units(title.as_str()) > Title::MAX_UNITS;
    if description.is_none() && title.as_ref().is_some_and(is_long) {
        description = title.take();
    }
    let card = match picture {
        Some(picture) => Some(basic(title, description, picture, &mut fields, fitting)),
        None => text(title, description, &mut fields, fitting),
    };
    fitting.rest.unused(fields);
    card
}

fn basic(
    title: Option<PlainText>,
    description: Option<PlainText>,
    picture: Picture,
    fields: &mut Fields<'_>,
    fitting: &mut Fitting<'_>,
) -> AnyCard {
    let is_square = picture.shape == Shape::Square;
    AnyCard::BasicCard(BasicCard {
        thumbnail: picture.into_thumbnail(),
        title: title.map(|title| in_lines(&title, fitting)),
        description: description.map(|it| in_lines(&it, fitting)),
        profile: fitting.profile(fields),
        buttons: fitting.buttons(fields, is_square),
    })
}

/// A carousel shows two lines of it, and what it hides is said. Breaks after the first become
/// spaces there.
fn in_lines<const MAX: usize>(text: &PlainText, fitting: &mut Fitting<'_>) -> Limited<MAX> {
    if fitting.is_in_carousel() {
        let shown: Limited<MAX, { BasicCard::MAX_LINES_IN_CAROUSEL }> = fitting.rest.limited(text);
        Limited::fit(shown.as_str())
    } else {
        fitting.rest.limited(text)
    }
}

fn text(
    title: Option<PlainText>,
    description: Option<PlainText>,
    fields: &mut Fields<'_>,
    fitting: &mut Fitting<'_>,
) -> Option<AnyCard> {
    let mut name = fitting.speaker(fields).map(|(name, _)| name);
    let title = title.or_else(|| name.take_if(|_| description.is_none()));
    fitting.rest.say_all(name);
    if title.is_none() && description.is_none() {
        fitting.press_none(fields);
        return None;
    }
    let title: Option<Title> = title.map(|title| fitting.rest.limited(&title));
    let description = description.map(|it| described(&it, title.as_ref(), fitting));
    let buttons = fitting.buttons(fields, false);
    TextCard::new(title, description, buttons).map(AnyCard::TextCard)
}

/// Cards and carousels shorten it themselves; this says what they cut.
fn described(text: &PlainText, title: Option<&Title>, fitting: &mut Fitting<'_>) -> TextCardWords {
    let taken = title.map_or(0, |title| units(title.as_str()));
    let beside = TextCard::MAX_UNITS - taken;
    let in_carousel = beside.min(TextCard::MAX_UNITS_IN_CAROUSEL);
    if units(text.as_str()) > fitting.limit(beside, in_carousel) {
        fitting.rest.say(text.clone());
    }
    text.into()
}
