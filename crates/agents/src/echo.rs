//! The agent that repeats every message, for trying out everything around an agent.

use shared::message::Message;

/// The text as it was typed, a line with the number of pictures, and a line with the data of a
/// tapped button.
pub fn answer(message: &Message) -> String {
    let mut lines = Vec::new();
    if !message.text.is_empty() {
        lines.push(literal(&message.text));
    }
    if !message.images.is_empty() {
        lines.push(format!("사진 {}장을 받았어요.", message.images.len()));
    }
    if let Some(tap) = &message.tap {
        lines.push(format!(
            "버튼 데이터를 받았어요: {}",
            literal(&tap.to_string())
        ));
    }
    lines.join("\n\n")
}

/// Markdown that shows `text` unchanged.
fn literal(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            markdown.push('\\');
        }
        markdown.push(c);
    }
    markdown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser};
    use serde_json::json;

    use super::*;

    fn shown(markdown: &str) -> String {
        Parser::new(markdown)
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.to_string()),
                Event::SoftBreak => Some("\n".to_owned()),
                Event::Start(_) | Event::End(_) => None,
                other => Some(format!("{other:?}")),
            })
            .collect()
    }

    #[test]
    fn pictures_and_taps_get_a_line() {
        let message = Message {
            text: "2*3*4 = 24".to_owned(),
            images: vec![String::new(); 3],
            tap: Some(json!({"a": 1})),
            ..Message::default()
        };
        insta::assert_snapshot!(answer(&message), @r#"
        2\*3\*4 \= 24

        사진 3장을 받았어요.

        버튼 데이터를 받았어요: \{\"a\"\:1\}
        "#);
    }

    proptest! {
        #[test]
        fn text_is_shown_as_it_was_typed(
            text in "[!-~가-힣]([ -~가-힣]{0,9}[!-~가-힣])?(\n[!-~가-힣]([ -~가-힣]{0,9}[!-~가-힣])?){0,3}",
        ) {
            let message = Message { text: text.clone(), ..Message::default() };
            prop_assert_eq!(shown(&answer(&message)), text);
        }
    }
}
