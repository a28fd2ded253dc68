//! How an agent writes cards: a JSON object in the words of `KakaoTalk`'s skill responses
//! (openclaw.md §5.4), alone or with words around it. It need not be sound JSON.

use serde_json::{Map, Value};

use super::{
    Card, CardKind, Image, Part, PlainText, Suggestion,
    fence::Fences,
    loose_json,
    part::{self, words_of},
    plain,
};

const OUTPUTS: &str = "outputs";
const QUICK_REPLIES: &str = "quickReplies";
const SIMPLE_TEXT: &str = "simpleText";
const SIMPLE_IMAGE: &str = "simpleImage";

/// How many bytes are read as JSON, however often: most `{` begin nothing.
const PATIENCE: usize = 1 << 20;

type Said = (Vec<Part>, Vec<Suggestion>);

/// `None` if nothing in `said` is a card; it is Markdown then. Words before, between and after
/// cards are Markdown, too; code fences around cards go.
pub(super) fn read(said: &str) -> Option<Said> {
    let mut fences = Fences::of(said);
    let mut found: Option<Said> = None;
    let mut at = 0;
    let mut patience = PATIENCE;
    let begins = |byte: &u8| matches!(byte, b'{' | b'[');
    while let Some(next) = said.as_bytes().get(at..)?.iter().position(begins) {
        let start = at + next;
        at = start + 1;
        let text = said.get(start..)?;
        if !may_be_card(text) || fences.is_code(start) {
            continue;
        }
        let (value, taken) = loose_json::read(text);
        let Some(left) = patience.checked_sub(taken) else {
            break;
        };
        patience = left;
        let Some(card) = value.and_then(cards) else {
            continue;
        };
        let (before, after) = (fences.words_before(start), said.get(start + taken..)?);
        let is_alone = is_nothing(&before) && is_nothing(after);
        let is_spoken_of = before.ends_with('`') && after.starts_with('`');
        if !is_alone && (is_spoken_of || !card.is_sure) {
            continue;
        }
        (at, patience) = (start + taken, PATIENCE);
        fences.tell(at);
        let (all, suggestions) = found.get_or_insert_default();
        all.extend(words_around(&before));
        all.extend(card.parts);
        suggestions.extend(card.suggestions);
    }
    let (mut parts, suggestions) = found?;
    parts.extend(words_around(&fences.last_words()));
    if parts.is_empty() && !suggestions.is_empty() {
        parts.push(Part::Text(PlainText::default()));
    }
    Some((parts, suggestions))
}

/// Whether an object follows, or a list of objects. Links are none.
fn may_be_card(text: &str) -> bool {
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    inner.starts_with('{')
}

fn words_around(text: &str) -> Vec<Part> {
    if is_nothing(text) {
        return Vec::new();
    }
    plain::parts(text)
}

/// White space, and marks of code around it.
fn is_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '`')
}

struct Found {
    parts: Vec<Part>,
    suggestions: Vec<Suggestion>,
    /// Among words, too, it is a card. One that shows nothing, or nothing known, must stand alone.
    is_sure: bool,
}

/// What an object says, or each of a list. `None` if it is no card.
fn cards(value: Value) -> Option<Found> {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(outputs) => {
            let is_card = |it: &Value| {
                it.as_object()
                    .is_some_and(|it| it.keys().any(|name| is_component(name)))
            };
            if !outputs.iter().any(is_card) {
                return None;
            }
            Map::from_iter([(OUTPUTS.to_owned(), outputs.into())])
        }
        _ => return None,
    };
    let (mut parts, object) = unwrapped(object)?;
    parts.extend(components(&object));
    let outputs = object.get(OUTPUTS).map(each).unwrap_or_default();
    let has_component = !parts.is_empty() || outputs.iter().any(is_named);
    parts.extend(outputs.iter().flat_map(output));
    let mut suggestions = Vec::new();
    for reply in object.get(QUICK_REPLIES).map(each).unwrap_or_default() {
        match where_to(reply) {
            Some(line) => parts.extend(PlainText::literal(&line).map(Part::Text)),
            None => suggestions.extend(Suggestion::read(reply)),
        }
    }
    let is_sure = has_component || !suggestions.is_empty();
    Some(Found {
        parts,
        suggestions,
        is_sure,
    })
}

/// The object that names cards, which may stand in others (`template`), and the words beside it.
fn unwrapped(mut object: Map<String, Value>) -> Option<(Vec<Part>, Map<String, Value>)> {
    let mut beside = Vec::new();
    while !is_known(&object) {
        let inner = object.iter().find_map(|(name, value)| {
            let is_wrapper = value.as_object().is_some_and(holds_cards);
            is_wrapper.then(|| name.clone())
        })?;
        let value = object.remove(&inner);
        beside.extend(words(&object));
        object = match value {
            Some(Value::Object(inner)) => inner,
            _ => return None,
        };
    }
    Some((beside, object))
}

fn holds_cards(object: &Map<String, Value>) -> bool {
    is_known(object)
        || object
            .values()
            .filter_map(Value::as_object)
            .any(holds_cards)
}

/// Whether the object names a component or a list of them, in a shape that has something in it.
fn is_known(object: &Map<String, Value>) -> bool {
    object.iter().any(|(name, value)| match name.as_str() {
        OUTPUTS | QUICK_REPLIES => value.is_array(),
        name => is_component(name) && is_body(name, value),
    })
}

/// The body of a component: an object, or several where its name stands more than once.
fn is_body(name: &str, value: &Value) -> bool {
    match value {
        Value::Object(body) => name != CardKind::Carousel.as_str() || body.contains_key("items"),
        Value::Array(bodies) => bodies.iter().any(|body| is_body(name, body)),
        Value::String(_) => name != CardKind::Carousel.as_str(),
        _ => false,
    }
}

fn is_named(output: &Value) -> bool {
    output.as_object().is_some_and(is_known)
}

/// The values of a list; a single value counts as a list of one.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// The parts of one output, an object that names its component. Of anything else the words are
/// kept.
pub fn output(value: &Value) -> Vec<Part> {
    let Some(object) = value.as_object() else {
        let text = part::readable(value);
        return text.map(Part::Text).into_iter().collect();
    };
    let parts = components(object);
    if parts.is_empty() {
        return words(object).into_iter().collect();
    }
    parts
}

fn is_component(name: &str) -> bool {
    matches!(name, SIMPLE_TEXT | SIMPLE_IMAGE) || CardKind::parse(name).is_some()
}

/// The components of an object that names them: words first, then pictures, then cards.
fn components(object: &Map<String, Value>) -> Vec<Part> {
    let bodies = |name: &str| object.get(name).map(each).unwrap_or_default();
    let mut parts = Vec::new();
    let is_component = object.keys().any(|name| is_component(name));
    if is_component {
        // What is written beside a component belongs before it.
        let mut beside = object.clone();
        beside.retain(|_, value| value.is_string());
        parts.extend(words(&beside));
    }
    for text in bodies(SIMPLE_TEXT) {
        match text {
            Value::Object(text) => parts.extend(words(text)),
            text => parts.extend(said(text)),
        }
    }
    for image in bodies(SIMPLE_IMAGE) {
        parts.extend(picture(image));
    }
    for kind in CardKind::ALL {
        for body in bodies(kind.as_str()) {
            match body {
                Value::Object(body) if has_content(body) => {
                    let body = in_plain_words(body);
                    parts.push(Part::Card(Card { kind, body }));
                }
                Value::Object(_) => {}
                body => parts.extend(said(body)),
            }
        }
    }
    parts
}

/// A picture: its address, or an object with it. Of anything else the words are kept.
pub fn picture(value: &Value) -> Option<Part> {
    let Value::Object(image) = value else {
        let image = value.as_str().and_then(|url| Image::parse(url, None));
        return image.map(Part::Image);
    };
    let text = |names: &[&str]| names.iter().find_map(|name| image.get(*name)?.as_str());
    let url = match image.get("image_url") {
        Some(Value::Object(inner)) => inner.get("url").and_then(Value::as_str),
        _ => text(&["imageUrl", "url", "src", "image_url"]),
    };
    let alt = text(&["altText", "alt"]);
    let shown = url.and_then(|url| Image::parse(url, alt));
    shown.map(Part::Image).or_else(|| words(image))
}

/// A card's words are Markdown, too. What machines read stays as it is.
fn in_plain_words(body: &Map<String, Value>) -> Map<String, Value> {
    let plain = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) if part::is_for_people(name) => plain::words(text).into(),
            Value::Object(inner) if name != "extra" => in_plain_words(inner).into(),
            Value::Array(values) => values.iter().map(item_in_plain_words).collect(),
            value => value.clone(),
        };
        (name.clone(), value)
    };
    body.iter().map(plain).collect()
}

fn item_in_plain_words(value: &Value) -> Value {
    match value {
        Value::String(text) if !text.contains("://") => plain::words(text).into(),
        Value::Object(inner) => in_plain_words(inner).into(),
        value => value.clone(),
    }
}

/// A line for a quick reply that should open an address or dial a number, which quick replies
/// cannot.
fn where_to(reply: &Value) -> Option<String> {
    let text = |name: &str| reply.get(name).and_then(Value::as_str);
    let there = text("webLinkUrl").filter(|url| Image::parse(url, None).is_some());
    let there = there.or_else(|| text("phoneNumber"))?;
    Some(format!("{}: {there}", text("label").unwrap_or_default()))
}

/// Whether there is something to read or to look at.
fn has_content(body: &Map<String, Value>) -> bool {
    let is_shown = |value: &Value| match value {
        Value::Object(inner) => has_content(inner),
        Value::Array(values) => values.iter().filter_map(Value::as_object).any(has_content),
        _ => false,
    };
    words(body).is_some() || body.contains_key("imageUrl") || body.values().any(is_shown)
}

fn words(body: &Map<String, Value>) -> Option<Part> {
    PlainText::all(&words_of(&in_plain_words(body), &[]), "\n").map(Part::Text)
}

/// A text where an object belongs.
fn said(value: &Value) -> Option<Part> {
    let text = part::readable(value)?;
    PlainText::literal(&plain::words(text.as_str())).map(Part::Text)
}

#[cfg(test)]
mod tests;
