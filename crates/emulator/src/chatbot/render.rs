//! Turns an answer that may be shown into what the person sees.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::utf16_len;

/// Longer texts are folded behind "전체 보기" (skill.md §4.2).
const FOLDED_BEYOND: usize = 500;

/// One bubble in the chat.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bubble {
    /// `simpleText`, `simpleImage`, `textCard`, `basicCard`, `commerceCard`, `listCard`, `itemCard`
    /// or `carousel`.
    pub kind: String,
    /// What a terminal can print of it.
    pub text: String,
    /// Whether the text is folded behind "전체 보기".
    pub folded: bool,
    /// The component's body as the skill sent it.
    pub body: Value,
}

/// One quick reply under the last bubble.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuickReply {
    pub label: String,
    /// `message` or `block`.
    pub action: String,
    pub message_text: Option<String>,
    pub block_id: Option<String>,
    pub extra: Option<Value>,
}

/// The bubbles of an answer.
pub(crate) fn bubbles(answer: &Value) -> Vec<Bubble> {
    let outputs = answer
        .pointer("/template/outputs")
        .and_then(Value::as_array);
    let components = outputs.into_iter().flatten().filter_map(Value::as_object);
    components
        .filter_map(|component| component.iter().next())
        .map(bubble)
        .collect()
}

/// The quick replies of an answer.
pub(crate) fn quick_replies(answer: &Value) -> Vec<QuickReply> {
    let replies = answer
        .pointer("/template/quickReplies")
        .and_then(Value::as_array);
    let replies = replies.into_iter().flatten();
    replies
        .filter_map(|reply| serde_json::from_value(reply.clone()).ok())
        .collect()
}

/// The block's waiting message with `{{#webhook.…}}` filled from the skill's `data` (skill.md
/// §5.2); what has no value becomes empty.
pub(crate) fn waiting_message(message: &str, data: Option<&Value>) -> String {
    let mut parts = message.split("{{#webhook.");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once("}}") else {
            filled.push_str("{{#webhook.");
            filled.push_str(part);
            continue;
        };
        match data.and_then(|data| data.get(name.trim())) {
            Some(Value::String(text)) => filled.push_str(text),
            Some(Value::Null) | None => {}
            Some(value) => filled.push_str(&value.to_string()),
        }
        filled.push_str(rest);
    }
    filled
}

/// A bubble with nothing but text.
pub(crate) fn plain_bubble(text: String) -> Bubble {
    Bubble {
        kind: "simpleText".into(),
        body: serde_json::json!({ "text": text }),
        folded: false,
        text,
    }
}

fn bubble((kind, body): (&String, &Value)) -> Bubble {
    let text = match kind.as_str() {
        "carousel" => carousel(body),
        kind => component(kind, body),
    };
    Bubble {
        kind: kind.clone(),
        folded: kind == "simpleText" && utf16_len(&text) > FOLDED_BEYOND,
        text,
        body: body.clone(),
    }
}

fn carousel(body: &Value) -> String {
    let kind = text(body, "type").unwrap_or_default();
    let mut cards = Vec::new();
    if let Some(header) = body.get("header") {
        cards.push(lines([text(header, "title"), text(header, "description")]));
    }
    cards.extend(list(body, "items").map(|item| component(&kind, item)));
    cards.join("\n---\n")
}

fn component(kind: &str, body: &Value) -> String {
    let title = text(body, "title");
    let description = text(body, "description");
    match kind {
        "simpleText" => text(body, "text").unwrap_or_default(),
        "simpleImage" => image(text(body, "altText"), text(body, "imageUrl")),
        "basicCard" if title.is_none() && description.is_none() => {
            let thumbnail = body.get("thumbnail").unwrap_or(&Value::Null);
            let image = image(text(thumbnail, "altText"), text(thumbnail, "imageUrl"));
            lines([Some(image), buttons(body)])
        }
        "commerceCard" => lines([title, description, price(body), buttons(body)]),
        "listCard" => {
            let header = body.get("header").and_then(|header| text(header, "title"));
            let items = list(body, "items").map(|item| Some(format!("- {}", pair(item))));
            lines([header].into_iter().chain(items).chain([buttons(body)]))
        }
        "itemCard" => {
            let inner = |name: &str| body.get(name).map(pair);
            let head = inner("head").or_else(|| inner("profile"));
            let items = list(body, "itemList").map(|item| Some(pair(item)));
            lines([head, inner("imageTitle")].into_iter().chain(items).chain([
                inner("itemListSummary"),
                title,
                description,
                buttons(body),
            ]))
        }
        _ => lines([title, description, buttons(body)]),
    }
}

fn image(alt: Option<String>, url: Option<String>) -> String {
    let label = alt.map_or_else(|| "[사진]".to_owned(), |alt| format!("[사진: {alt}]"));
    lines([Some(label), url])
}

fn price(card: &Value) -> Option<String> {
    let full = card.get("price").and_then(Value::as_i64)?;
    let off = card
        .get("discount")
        .and_then(Value::as_i64)
        .map(|off| full.saturating_sub(off));
    let now = card.get("discountedPrice").and_then(Value::as_i64).or(off);
    Some(now.map_or_else(|| format!("{full}원"), |now| format!("{now}원 ({full}원)")))
}

fn buttons(card: &Value) -> Option<String> {
    let labels = list(card, "buttons").filter_map(|button| text(button, "label"));
    let labels: Vec<_> = labels.map(|label| format!("[{label}]")).collect();
    (!labels.is_empty()).then(|| labels.join(" "))
}

fn pair(item: &Value) -> String {
    let parts = [text(item, "title"), text(item, "description")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn lines(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(object: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    object
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(component: &Value) -> String {
        let answer = json!({"template": {"outputs": [component]}});
        bubbles(&answer).remove(0).text
    }

    #[test]
    fn a_card_is_printed_with_its_buttons() {
        let card = json!({"textCard": {"title": "연결이 필요해요", "description": "계정을 연결하세요.",
            "buttons": [{"label": "계정 연결"}, {"label": "나중에"}]}});
        assert_eq!(
            printed(&card),
            "연결이 필요해요\n계정을 연결하세요.\n[계정 연결] [나중에]"
        );
    }

    #[test]
    fn lists_items_and_carousels_are_printed_line_by_line() {
        let list = json!({"listCard": {"header": {"title": "카페"},
            "items": [{"title": "달빛", "description": "4분"}, {"title": "오후"}]}});
        assert_eq!(printed(&list), "카페\n- 달빛: 4분\n- 오후");
        let items = json!({"itemCard": {"head": {"title": "영수증"},
            "itemList": [{"title": "커피", "description": "4,000원"}]}});
        assert_eq!(printed(&items), "영수증\n커피: 4,000원");
        let carousel = json!({"carousel": {"type": "textCard",
            "items": [{"title": "1안"}, {"title": "2안"}]}});
        assert_eq!(printed(&carousel), "1안\n---\n2안");
        let goods =
            json!({"commerceCard": {"title": "컵", "price": 9000, "discountedPrice": 8000}});
        assert_eq!(printed(&goods), "컵\n8000원 (9000원)");
    }

    #[test]
    fn a_text_beyond_500_is_folded() {
        for (length, folded) in [(500, false), (501, true)] {
            let text = "가".repeat(length);
            let answer = json!({"template": {"outputs": [{"simpleText": {"text": text}}]}});
            assert_eq!(bubbles(&answer)[0].folded, folded);
        }
    }

    #[test]
    fn the_waiting_message_is_filled_from_data() {
        let data = json!({"text": "생각 중", "seconds": 20});
        let filled = |message| waiting_message(message, Some(&data));
        assert_eq!(filled("{{#webhook.text}}"), "생각 중");
        assert_eq!(
            filled("{{#webhook.seconds}}초 {{#webhook.none}}뒤"),
            "20초 뒤"
        );
        assert_eq!(filled("잠시만요"), "잠시만요");
        assert_eq!(filled("열린 {{#webhook.text"), "열린 {{#webhook.text");
        assert_eq!(waiting_message("{{#webhook.text}}", None), "");
    }
}
