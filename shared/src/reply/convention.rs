//! How an agent writes cards: its whole message is one JSON object in the words of `KakaoTalk`'s skill responses (openclaw.md §5.4).

use serde_json::{Map, Value};

use super::{Card, CardKind, Image, Part, PlainText, Suggestion, part::words_in};

const OUTPUTS: &str = "outputs";
const QUICK_REPLIES: &str = "quickReplies";
const SIMPLE_TEXT: &str = "simpleText";
const SIMPLE_IMAGE: &str = "simpleImage";

/// `None` if `said` is anything else than such an object: it is shown as it stands then. Models like to put JSON into a fence; that is
/// looked through.
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
    let replies = object.get(QUICK_REPLIES).and_then(Value::as_array);
    let suggestions: Vec<_> = replies
        .into_iter()
        .flatten()
        .filter_map(Suggestion::read)
        .collect();
    if parts.is_empty() && !suggestions.is_empty() {
        parts.push(Part::Text(PlainText::default()));
    }
    (!parts.is_empty()).then_some((parts, suggestions))
}

/// One output: an object that names its component. Anything else keeps its words.
pub(crate) fn output(value: &Value) -> Vec<Part> {
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
    if let Some(text) = body(SIMPLE_TEXT) {
        parts.extend(words(text));
    }
    if let Some(image) = body(SIMPLE_IMAGE) {
        let text = |name: &str| image.get(name).and_then(Value::as_str);
        let shown = text("imageUrl").and_then(|url| Image::parse(url, text("altText")));
        parts.extend(shown.map(Part::Image).or_else(|| words(image)));
    }
    for kind in CardKind::ALL {
        if let Some(body) = body(kind.as_str()) {
            let body = body.clone();
            parts.push(Part::Card(Card { kind, body }));
        }
    }
    parts
}

fn words(body: &Map<String, Value>) -> Option<Part> {
    PlainText::literal(&words_in(body)).map(Part::Text)
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
    use crate::reply::Reply;

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
        let said = r#"{"outputs":[{"listCard":{}},{"simpleText":{"text":"하나"}},
            {"simpleImage":{"imageUrl":"https://a.example.com/1.png"}},{"carousel":{}}]}"#;
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
            r#"{"outputs":[]}"#,
        ] {
            assert_eq!(read(said), None, "{said}");
        }
        let shown = Reply::read(r#"{"name":"값"}"#).unwrap();
        assert_eq!(shown.words(), r#"{"name":"값"}"#);
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
    fn an_unknown_component_keeps_its_words() {
        let said =
            r#"{"outputs":[{"hologram":{"title":"제목","items":[{"description":"설명"}]}}]}"#;
        assert_eq!(Reply::read(said).unwrap().words(), "제목\n설명");
    }
}
