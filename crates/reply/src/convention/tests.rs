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
        "```json\n{\"a\":1}\n```",
        "```rust\n{\"textCard\":{\"title\":\"a\"}}\n```",
        r#"카드는 `{"textCard":{"title":"a"}}`처럼 적어요"#,
        r#"{"carousel":{"interval":3}}"#,
        r#"결과: {"outputs":[{"text":"3"}]}"#,
    ] {
        assert_eq!(read(said), None, "{said}");
    }
    let shown = Reply::read(r#"{"name":"값"}"#).unwrap();
    assert_eq!(shown.words(), r#"{"name":"값"}"#);
}

#[test]
fn words_stand_around_cards() {
    let card = r#"{"textCard":{"title":"a"}}"#;
    for said in [
        format!("**먼저**\n\n{card}\n그리고"),
        format!("먼저\n```json\n{card}\n```\n그리고"),
        format!("먼저 {card} 그리고"),
        format!("먼저\n{{\"reply\":{{\"text\":\"먼저\",\"card\":{card}}}}}\n그리고")
            .replacen("먼저\n", "", 1),
    ] {
        let words: Vec<_> = read(&said).unwrap().0.iter().map(Part::words).collect();
        assert_eq!(words, ["먼저", "a", "그리고"], "{said}");
    }
    let two = format!("```json\n{card}\n{card}\n```\n다음\n```\n{card}\n```");
    assert_eq!(
        kinds(&two).unwrap(),
        ["textCard", "textCard", "text", "textCard"]
    );
    let list = format!("[{card}, {card}]");
    assert_eq!(kinds(&list).unwrap(), ["textCard", "textCard"]);
    assert_eq!(kinds(&format!("`{card}`")).unwrap(), ["textCard"]);
}

#[test]
fn what_is_plainly_meant_is_understood() {
    for said in [
        "{\"textCard\":{\"title\":\"a\",\"description\":\"첫\n둘\",},}",
        "{\"textCard\":{\"title\":\"a\",\"description\":\"**첫**\n둘\"}",
        "{'textCard':{'title':'a','description':'첫\\n둘'}} ```",
        "{\"textCard\":{\"title\":\"a\",\"description\":\"첫\n둘",
    ] {
        let (parts, _) = read(said).unwrap();
        let [Part::Card(card)] = parts.as_slice() else {
            panic!("{said}: {parts:?}")
        };
        assert_eq!(
            Value::from(card.body.clone()),
            serde_json::json!({"title": "a", "description": "첫\n둘"})
        );
    }
    assert_eq!(
        kinds(r#"{"textCard":"제목","quickReplies":{}}"#).unwrap(),
        ["text"]
    );
    assert_eq!(
        Reply::read(r#"{"simpleText":{"text":12345}}"#)
            .unwrap()
            .words(),
        "12345"
    );
    let twice = r#"{"simpleText":{"text":"가"},"simpleText":{"text":"나"}}"#;
    assert_eq!(Reply::read(twice).unwrap().words(), "가\n\n나");
}

#[test]
fn what_machines_read_in_a_card_stays_as_it_is() {
    let said = r#"{"textCard":{"title":"*a*_b","buttons":[{"label":"**가**","action":"message","messageText":"**가**","extra":{"title":"**가**"}}]}}"#;
    let (parts, _) = read(said).unwrap();
    let [Part::Card(card)] = parts.as_slice() else {
        panic!("{parts:?}")
    };
    let button = serde_json::json!({"label":"가","action":"message","messageText":"**가**","extra":{"title":"**가**"}});
    assert_eq!(card.body["buttons"], serde_json::json!([button]));
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
    let said = r#"{"outputs":[{"hologram":{"title":"제목","items":[{"description":"설명"}]}}]}"#;
    assert_eq!(Reply::read(said).unwrap().words(), "제목\n설명");
}
