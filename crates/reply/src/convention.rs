//! How an agent writes cards: its whole message is one JSON object in the words of `KakaoTalk`'s
//! skill responses (openclaw.md §5.4).

use serde_json::{Map, Value};

use super::{Card, CardKind, Image, Part, PlainText, Suggestion, part::words_of};

const OUTPUTS: &str = "outputs";
const QUICK_REPLIES: &str = "quickReplies";
const SIMPLE_TEXT: &str = "simpleText";
const SIMPLE_IMAGE: &str = "simpleImage";

/// `None` if `said` is anything else than such an object; it is shown as it stands then. A code
/// fence around the object is ignored: models like to write one.
pub(super) fn read(said: &str) -> Option<(Vec<Part>, Vec<Suggestion>)> {
    let said = without_fence(said.trim());
    if !said.starts_with('{') {
        return None;
    }
    let mut object: Map<String, Value> = serde_json::from_str(said).ok()?;
    // A whole skill response is understood, too.
    if let Some(Value::Object(template)) = object.remove("template") {
        object = template;
    }
    let mut is_known = false;
    for (name, value) in &object {
        let fits = match name.as_str() {
            OUTPUTS | QUICK_REPLIES => value.is_array(),
            name if is_component(name) => value.is_object(),
            _ => continue,
        };
        if !fits {
            return None;
        }
        is_known = true;
    }
    if !is_known {
        return None;
    }
    let outputs = object.get(OUTPUTS).and_then(Value::as_array);
    let mut parts = components(&object);
    parts.extend(outputs.into_iter().flatten().flat_map(output));
    let mut suggestions = Vec::new();
    let replies = object.get(QUICK_REPLIES).and_then(Value::as_array);
    for reply in replies.into_iter().flatten() {
        match where_to(reply) {
            Some(line) => parts.extend(PlainText::literal(&line).map(Part::Text)),
            None => suggestions.extend(Suggestion::read(reply)),
        }
    }
    if parts.is_empty() && !suggestions.is_empty() {
        parts.push(Part::Text(PlainText::default()));
    }
    Some((parts, suggestions))
}

/// The parts of one output, an object that names its component. Of anything else the words are
/// kept.
pub fn output(value: &Value) -> Vec<Part> {
    let Some(object) = value.as_object() else {
        let text = value.as_str().and_then(PlainText::literal);
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
    let body = |name: &str| object.get(name)?.as_object();
    let mut parts = Vec::new();
    let is_component = object.keys().any(|name| is_component(name));
    if is_component {
        // What is written beside a component belongs before it.
        let mut beside = object.clone();
        beside.retain(|_, value| value.is_string());
        parts.extend(words(&beside));
    }
    if let Some(text) = body(SIMPLE_TEXT) {
        parts.extend(words(text));
    }
    if let Some(image) = body(SIMPLE_IMAGE) {
        let text = |name: &str| image.get(name).and_then(Value::as_str);
        let shown = text("imageUrl").and_then(|url| Image::parse(url, text("altText")));
        parts.extend(shown.map(Part::Image).or_else(|| words(image)));
    }
    for kind in CardKind::ALL {
        if let Some(body) = body(kind.as_str()).filter(|body| has_content(body)) {
            let body = body.clone();
            parts.push(Part::Card(Card { kind, body }));
        }
    }
    parts
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
    PlainText::all(&words_of(body, &[]), "\n").map(Part::Text)
}

fn without_fence(said: &str) -> &str {
    let inner = said
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"));
    let Some((info, inner)) = inner.and_then(|inner| inner.split_once('\n')) else {
        return said;
    };
    match info.trim() {
        "" | "json" | "JSON" | "json5" => inner.trim(),
        _ => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reply;

    fn kinds(said: &str) -> Option<Vec<&'static str>> {
        let kind = |part: &Part| match part {
            Part::Text(_) => "text",
            Part::Image(_) => "image",
            Part::Card(card) => card.kind.as_str(),
        };
        let (parts, _) = read(said)?;
        Some(parts.iter().map(kind).collect())
    }

    #[test]
    fn one_object_with_a_component_is_a_card() {
        let card = r#"{"textCard":{"title":"안녕"}}"#;
        assert_eq!(kinds(card).unwrap(), ["textCard"]);
        assert_eq!(
            kinds(&format!("```json\n{card}\n```")).unwrap(),
            ["textCard"]
        );
        assert_eq!(kinds(&format!("  {card}\n")).unwrap(), ["textCard"]);
    }

    #[test]
    fn outputs_come_in_their_order() {
        let said = r#"{"outputs":[{"listCard":{"header":{"title":"목록"}}},{"simpleText":{"text":"하나"}},
            {"simpleImage":{"imageUrl":"https://a.example.com/1.png"}},{"carousel":{"items":[{"title":"하나"}]}}]}"#;
        let shown = ["listCard", "text", "image", "carousel"];
        assert_eq!(kinds(said).unwrap(), shown);
        let whole = format!(r#"{{"version":"2.0","template":{said}}}"#);
        assert_eq!(kinds(&whole).unwrap(), shown);
    }

    #[test]
    fn anything_else_is_text() {
        for said in [
            "안녕하세요",
            r#"{"name":"값"}"#,
            r#"{"textCard":"제목"}"#,
            r#"{"textCard":{"title":"a"},"quickReplies":{}}"#,
            r#"[{"textCard":{"title":"a"}}]"#,
            r#"{"textCard":{"title":"a"}} 그리고 더"#,
            "```json\n{\"a\":1}\n```",
            "```rust\n{\"textCard\":{}}\n```",
        ] {
            assert_eq!(read(said), None, "{said}");
        }
        let shown = Reply::read(r#"{"name":"값"}"#).unwrap();
        assert_eq!(shown.words(), r#"{"name":"값"}"#);
    }

    #[test]
    fn nothing_to_show_is_no_reply() {
        for said in [
            r#"{"outputs":[]}"#,
            r#"{"basicCard":{}}"#,
            r#"{"carousel":{"type":"basicCard","items":[]}}"#,
            r#"{"textCard":{"title":" ","buttons":[]}}"#,
        ] {
            assert_eq!(Reply::read(said), None, "{said}");
        }
    }

    #[test]
    fn quick_replies_are_suggestions() {
        let said = r#"{"simpleText":{"text":"골라요"},"quickReplies":[
            {"label":"하나","action":"message","messageText":"첫째","extra":{"n":1}},
            {"label":"블록","action":"block","blockId":"6f1a"}, "둘", {"action":"message"}, 3]}"#;
        let (_, suggestions) = read(said).unwrap();
        let labels: Vec<_> = suggestions.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels, ["하나", "블록", "둘"]);
        assert_eq!(suggestions[0].message_text.as_deref(), Some("첫째"));
        assert_eq!(suggestions[1].block_id.as_deref(), Some("6f1a"));
        assert_eq!(suggestions[0].extra.as_ref().unwrap()["n"], 1);
    }

    #[test]
    fn what_is_no_card_and_no_suggestion_is_said() {
        let said = r#"{"text":"설명 먼저","textCard":{"title":"제목"},"quickReplies":[
            {"label":"지도","action":"webLink","webLinkUrl":"https://map.example.com/1"}]}"#;
        let reply = Reply::read(said).unwrap();
        assert_eq!(
            reply.words(),
            "설명 먼저\n\n제목\n\n지도: https://map.example.com/1"
        );
        assert_eq!(reply.suggestions(), []);
    }

    #[test]
    fn an_unknown_component_keeps_its_words() {
        let said =
            r#"{"outputs":[{"hologram":{"title":"제목","items":[{"description":"설명"}]}}]}"#;
        assert_eq!(Reply::read(said).unwrap().words(), "제목\n설명");
    }
}
