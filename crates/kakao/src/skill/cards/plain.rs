//! Cards of words, with a picture (`basicCard`) or without one (`textCard`); what other cards
//! become when they lack what makes them.

use reply::{PlainText, units};
use serde_json::{Map, Value};

use super::{
    Work,
    address::Picture,
    words::{self, Fields, Left},
};
use crate::skill::response::{BasicCard, Limited, Output, TextCard};

const MAX_TITLE: usize = 50;
const MAX_WORDS: usize = 400;
const MAX_IN_CAROUSEL: usize = 128;

pub(super) fn shape(body: &Map<String, Value>, work: &mut Work<'_>) -> Option<Output> {
    let mut fields = Fields::of(body);
    let title = fields
        .text("title")
        .or_else(|| heading(&mut fields, &mut work.left));
    let description = fields.text("description").or_else(|| fields.text("text"));
    let picture = work.picture(&mut fields);
    show(title, description, picture, fields, work)
}

/// The heading of a card of rows that has none.
fn heading(fields: &mut Fields<'_>, left: &mut Left) -> Option<PlainText> {
    let names = ["header", "head", "imageTitle"];
    let (name, title) = names.into_iter().find_map(|name| {
        let inner = fields.peek(name)?;
        Some((name, words::text(inner.get("title").unwrap_or(inner))?))
    })?;
    if let Some(Value::Object(inner)) = fields.value(name) {
        let mut inner = Fields::of(inner);
        inner.value("title");
        left.unused(inner);
    }
    Some(title)
}

/// The card of these words, its profile and buttons in `fields`.
pub(super) fn show(
    mut title: Option<PlainText>,
    mut description: Option<PlainText>,
    picture: Option<Picture>,
    mut fields: Fields<'_>,
    work: &mut Work<'_>,
) -> Option<Output> {
    if description.is_none()
        && title
            .as_ref()
            .is_some_and(|it| units(it.as_str()) > MAX_TITLE)
    {
        description = title.take();
    }
    let output = match picture {
        Some(picture) => Some(basic(title, description, picture, &mut fields, work)),
        None => text(title, description, &mut fields, work),
    };
    work.left.unused(fields);
    output
}

fn basic(
    title: Option<PlainText>,
    description: Option<PlainText>,
    picture: Picture,
    fields: &mut Fields<'_>,
    work: &mut Work<'_>,
) -> Output {
    let square = picture.square;
    let mut card = BasicCard::new(picture.into_thumbnail());
    if let Some(title) = title {
        card = card.with_title(two_lines(&title, work));
    }
    if let Some(description) = description {
        card = card.with_description(two_lines(&description, work));
    }
    if let Some(profile) = work.profile(fields) {
        card = card.with_profile(profile);
    }
    match work.buttons(fields, square) {
        Some(buttons) => card.with_buttons(buttons).into(),
        None => card.into(),
    }
}

/// In a carousel each has two lines, so breaks beyond the first become spaces.
fn two_lines<const MAX: usize>(text: &PlainText, work: &mut Work<'_>) -> Limited<MAX> {
    match work.in_carousel() {
        true => Limited::fit(work.left.limited::<MAX, 2>(text).as_str()),
        false => work.left.limited(text),
    }
}

fn text(
    title: Option<PlainText>,
    description: Option<PlainText>,
    fields: &mut Fields<'_>,
    work: &mut Work<'_>,
) -> Option<Output> {
    let mut name = work.speaker(fields).map(|(name, _)| name);
    let title = title.or_else(|| name.take_if(|_| description.is_none()));
    work.left.say_all(name);
    let title: Option<Limited<MAX_TITLE>> = title.map(|title| work.left.limited(&title));
    let card = match (title, description) {
        (Some(title), Some(description)) => {
            let beside = MAX_WORDS - units(title.as_str());
            TextCard::described(described(&description, beside, work)).with_title(title)
        }
        (None, Some(description)) => TextCard::described(described(&description, MAX_WORDS, work)),
        (Some(title), None) => TextCard::titled(title),
        (None, None) => {
            work.press_none(fields);
            return None;
        }
    };
    Some(match work.buttons(fields, false) {
        Some(buttons) => card.with_buttons(buttons).into(),
        None => card.into(),
    })
}

/// Cards and carousels shorten it themselves; this says what they cut.
fn described(text: &PlainText, room: usize, work: &mut Work<'_>) -> Limited<MAX_WORDS> {
    let room = match work.in_carousel() {
        true => room.min(MAX_IN_CAROUSEL),
        false => room,
    };
    if units(text.as_str()) > room {
        work.left.say(text.clone());
    }
    text.into()
}
